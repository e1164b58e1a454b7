//! `clearpipe bench`: how fast it is, beside what can be had at best.
//!
//! | module | about |
//! |---|---|
//! | `scenario`, `scenarios` | what is measured side by side |
//! | `measure`, `figure` | the rounds, and what they say together |
//! | `pipeline`, `baseline`, `blocks`, `child` | ways of doing the work, and parts of it |
//! | `inputs`, `scratch` | files that are made for it |
//! | `report`, `table`, `compare` | the JSON form, the table, an old report beside a new one |
//! | `sweep`, `bottleneck`, `chart` | workers × buffers × batches |

mod baseline;
mod blocks;
mod bottleneck;
mod chart;
mod child;
mod compare;
mod figure;
mod inputs;
mod measure;
mod pipeline;
mod report;
mod scenario;
mod scenarios;
mod scratch;
mod sweep;
mod table;

use crate::args::{BenchArgs, BenchCommand, ChartFile, Global, Measuring, SweepArgs};
use crate::failure::Failure;
use crate::output::{Destination, Unfinished};
use crate::progress::Speaker;
use crate::stop::{Interrupts, Stopper};
use crate::text;
use anyhow::Context;
use compare::Comparison;
use report::Report;
use scenario::{ALL, DEFAULT, Scenario, Setting};
use scratch::Scratch;
use std::io::Write;
use std::path::PathBuf;
use table::Table;

/// The records of a measurement when nothing else is said.
const RECORDS: u64 = 1_000_000;

/// The records of each point of a sweep when nothing else is said; there are many points.
const SWEEP_RECORDS: u64 = 500_000;

/// The names of all scenarios.
pub fn names() -> Vec<&'static str> {
    ALL.iter().map(|scenario| scenario.name).chain([EVERYTHING]).collect()
}

/// In the place of a name: all scenarios.
const EVERYTHING: &str = "all";

/// Does what the command line says. Gives the exit status.
pub fn run(args: &BenchArgs, global: &Global) -> Result<u8, Failure> {
    match &args.command {
        _ if args.list => crate::print(&list(), false)?,
        Some(BenchCommand::Compare { old, new }) => {
            let (old_report, new_report) = (compare::read(old)?, compare::read(new)?);
            let name = &text::name(old);
            crate::print(&Comparison { name, old: &old_report, new: &new_report }.to_string(), false)?;
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
    scenarios.chain([line(EVERYTHING, "all of them, one after the other")]).collect()
}

/// A measurement, with what it reads and leaves. All of it is opened before anything is measured.
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
        // The old report first: it may be in the place of the new one.
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
        let setting = Setting { records, threads: &args.threads, scratch: &scratch, files: &files };
        let mut notes = Vec::new();
        let result = (|| {
            let mut results = Vec::new();
            for scenario in &scenarios {
                let groups = (scenario.prepare)(&setting).with_context(|| scenario.name)?;
                let noted = groups.iter().filter_map(|group| Some((group.title.clone(), group.note.clone()?)));
                notes.extend(noted.map(|(title, note)| (scenario.name.to_owned(), title, note)));
                results.extend(measure::measure(scenario.name, &groups, args.measuring.repeats, self.global.quiet)?);
                scratch.clear();
            }
            let report = Report::new(records, args.measuring.repeats, results);
            let table = Table { report: &report, scenarios: &scenarios, notes: &notes }.to_string();
            self.finish(&report, &table)
        })();
        files.discard();
        result
    }

    /// Those that are named, or else those of the old report, or else the default.
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
            let groups = sweep::groups(args, records)?;
            let results = measure::measure(sweep::NAME, &groups, args.measuring.repeats, self.global.quiet)?;
            let report = Report::new(records, args.measuring.repeats, results);
            let table = sweep::Grid(&report).to_string();
            self.finish(&report, &table)
        })();
        files.discard();
        result
    }

    /// Prints and writes what was measured.
    fn finish(self, report: &Report, table: &str) -> Result<(), Failure> {
        if !self.global.quiet {
            let mut text = table.to_owned();
            if let Some((name, old)) = &self.old {
                text += &Comparison { name, old, new: report }.to_string();
            }
            let outputs = [self.json.as_ref(), self.chart.as_ref().map(|(_, out)| out)];
            crate::print(&text, outputs.into_iter().flatten().any(Destination::is_stdout))?;
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
