//! `clearpipe bench`: how fast it is, beside the best achievable baseline.

use crate::args::{BenchArgs, BenchCommand, ChartFile, Global, Measuring, SweepArgs};
use crate::failure::Failure;
use crate::flags::{self, OtherRunArgs, RunArgs, SettingFlags};
use crate::progress::{self, Speaker};
use crate::settings::SettingsError;
use crate::stop::{Interrupts, Stopper};
use anyhow::Context;
use clearpipe_bench::chart;
use clearpipe_bench::compare::{self, Comparison};
use clearpipe_bench::measure::{self, Step};
use clearpipe_bench::report::{Report, Row};
use clearpipe_bench::scenario::{Group, Scenario, Setting};
use clearpipe_bench::scenarios::{ALL, DEFAULT, EVERYTHING};
use clearpipe_bench::scratch::Scratch;
use clearpipe_bench::sweep::{self, Point, Sweep};
use clearpipe_bench::table::Table;
use clearpipe_core::config::{Config, RuntimeKind};
use clearpipe_io::output::{Destination, Unfinished};
use clearpipe_io::text;
use std::io::Write;
use std::path::PathBuf;

/// The default number of records of a measurement.
const RECORDS: u64 = 1_000_000;

/// The default number of records of each point of a sweep, which has many points.
const SWEEP_RECORDS: u64 = 500_000;

/// Runs `clearpipe bench`. Returns the exit status.
pub fn run(args: &BenchArgs, global: &Global) -> Result<u8, Failure> {
    match &args.command {
        _ if args.list => crate::console::print(&list(), false)?,
        Some(BenchCommand::Compare { old, new }) => {
            let (old_report, new_report) = (compare::read(old)?, compare::read(new)?);
            let name = &text::name(old);
            crate::console::print(&Comparison { name, old: &old_report, new: &new_report }.to_string(), false)?;
        }
        Some(BenchCommand::Sweep(sweep)) => {
            Session::open(&sweep.measuring, sweep.chart.as_ref(), global)?.sweep(sweep)?
        }
        None => Session::open(&args.measuring, None, global)?.scenarios(args)?,
    }
    Ok(0)
}

fn list() -> String {
    let width = ALL.iter().map(|scenario| scenario.name.len()).max().unwrap_or(0) + 2;
    let line = |name: &str, about: &str| format!("  {name:<width$}{about}\n");
    let scenarios = ALL.iter().map(|scenario| line(scenario.name, scenario.about));
    scenarios.chain([line(EVERYTHING, "all of the above")]).collect()
}

/// A measurement with its files, which are all opened before anything is measured.
struct Session<'a> {
    global: &'a Global,
    files: Unfinished,
    json: Option<Destination>,
    chart: Option<(&'a ChartFile, Destination)>,
    old: Option<(String, Report)>,
    _interrupts: Interrupts,
}

impl<'a> Session<'a> {
    fn open(
        measuring: &'a Measuring,
        chart: Option<&'a ChartFile>,
        global: &'a Global,
    ) -> Result<Session<'a>, Failure> {
        let files = Unfinished::default();
        let interrupts = Interrupts::listen(&Stopper::default(), &files, &Speaker::new(global.quiet))?;
        // The old report first, because the new one may replace it.
        let read = |path: &PathBuf| anyhow::Ok((text::name(path), compare::read(path)?));
        let old = measuring.compare.as_ref().map(read).transpose()?;
        let opened = (|| {
            let json = measuring.json.as_deref().map(|path| Destination::open(path, &files)).transpose()?;
            let chart = chart.map(|file| anyhow::Ok((file, Destination::open(&file.path, &files)?))).transpose()?;
            anyhow::Ok((json, chart))
        })();
        let (json, chart) = opened.inspect_err(|_| files.discard())?;
        Ok(Session { global, files, json, chart, old, _interrupts: interrupts })
    }

    /// Measures scenarios.
    fn scenarios(self, args: &BenchArgs) -> Result<(), Failure> {
        let scenarios = self.chosen(args);
        let files = self.files.clone();
        let scratch = Scratch::new(args.dir.as_deref(), &files);
        let of_old = self.old.as_ref().map(|(_, old)| old.records);
        let records = args.measuring.records.or(of_old).unwrap_or(RECORDS);
        let program = std::env::current_exe().context("the program can't be started again")?;
        let setting = Setting { records, threads: &args.threads, scratch: &scratch, files: &files, program: &program };
        let mut notes = Vec::new();
        let result = (|| {
            let mut results = Vec::new();
            for scenario in &scenarios {
                let groups = (scenario.prepare)(&setting).with_context(|| scenario.name)?;
                let noted = groups.iter().filter_map(|group| Some((group.title.clone(), group.note.clone()?)));
                notes.extend(noted.map(|(title, note)| (scenario.name.to_owned(), title, note)));
                results.extend(self.measure(scenario.name, &groups, args.measuring.repeats)?);
                scratch.clear();
            }
            let report = Report::new(records, args.measuring.repeats, results);
            let table = Table { report: &report, scenarios: &scenarios, notes: &notes }.to_string();
            self.finish(&report, &table)
        })();
        files.discard();
        result
    }

    /// The scenarios that are named, or else those of the old report, or else the default.
    fn chosen(&self, args: &BenchArgs) -> Vec<&'static Scenario> {
        let named = |name: &str| args.scenarios.iter().any(|other| other == name || other == EVERYTHING);
        let in_old = |name: &str| {
            let rows = self.old.iter().flat_map(|(_, old)| &old.results);
            args.scenarios.is_empty() && rows.into_iter().any(|row| row.scenario == name)
        };
        let chosen: Vec<&Scenario> =
            ALL.iter().filter(|scenario| named(scenario.name) || in_old(scenario.name)).collect();
        match chosen.is_empty() {
            true => ALL.iter().filter(|scenario| scenario.name == DEFAULT).collect(),
            false => chosen,
        }
    }

    /// Measures all points of a sweep.
    fn sweep(self, args: &SweepArgs) -> Result<(), Failure> {
        let files = self.files.clone();
        let of_old = self.old.as_ref().map(|(_, old)| old.records);
        let records = args.measuring.records.or(of_old).unwrap_or(SWEEP_RECORDS);
        let result = (|| {
            let constant = [("wait", &args.wait[..]), ("compute", &args.compute[..]), ("set", &args.set[..])];
            let groups = Sweep {
                threads: &args.threads,
                batch: &args.batch,
                buffer: &args.buffer,
                workers: &args.workers,
                constant: &constant,
                config: &|point| config_of(args, records, point),
            }
            .groups()?;
            let results = self.measure(sweep::NAME, &groups, args.measuring.repeats)?;
            let report = Report::new(records, args.measuring.repeats, results);
            let table = sweep::Grid(&report).to_string();
            self.finish(&report, &table)
        })();
        files.discard();
        result
    }

    /// Measures groups, with a bar on the terminal.
    fn measure(&self, name: &str, groups: &[Group], repeats: u32) -> anyhow::Result<Vec<Row>> {
        let bar = progress::steps(self.global.quiet);
        let rows = measure::measure(name, groups, repeats, |Step { done, total, description }| {
            bar.set_length(total);
            bar.set_position(done);
            bar.set_message(description);
        });
        bar.finish_and_clear();
        rows
    }

    /// Prints and writes the results.
    fn finish(self, report: &Report, table: &str) -> Result<(), Failure> {
        if !self.global.quiet {
            let mut text = table.to_owned();
            if let Some((name, old)) = &self.old {
                text += &Comparison { name, old, new: report }.to_string();
            }
            let outputs = [self.json.as_ref(), self.chart.as_ref().map(|(_, out)| out)];
            crate::console::print(&text, outputs.into_iter().flatten().any(Destination::is_stdout))?;
        }
        if let Some(mut out) = self.json {
            let text = serde_json::to_string_pretty(report).context("the measurements can't be written")? + "\n";
            out.write_all(text.as_bytes()).and_then(|()| out.flush()).context("the measurements can't be written")?;
        }
        if let Some((file, mut out)) = self.chart {
            let text = if file.is_page { chart::page(report) } else { chart::svg(report) };
            out.write_all(text.as_bytes()).and_then(|()| out.flush()).context("the chart can't be written")?;
        }
        Ok(self.files.finish()?)
    }
}

/// The settings of a point of a sweep, as in a run with the same flags.
fn config_of(args: &SweepArgs, records: u64, point: Point<'_>) -> Result<Config, SettingsError> {
    let settings = SettingFlags::default()
        .with("records", [records.to_string()])
        .with("clock", ["fixed:2026-01-01T00:00:00Z"])
        .with("threads", [point.threads])
        .with("batch", [point.batch])
        .with("buffer", Some(point.buffer).filter(|buffer| *buffer != "auto"))
        .with("workers", [point.workers])
        .with("wait", &args.wait)
        .with("compute", &args.compute);
    let flags = RunArgs { settings, other: OtherRunArgs { set: args.set.clone(), ..OtherRunArgs::default() } };
    let config = flags::configuration(&flags)?.settings.config;
    if config.runtime.kind != RuntimeKind::Pool {
        let problem = "--set runtime.kind: a sweep always runs on the pool, because it measures real threads";
        return Err(SettingsError::of(vec![problem.to_owned()]));
    }
    Ok(config)
}
