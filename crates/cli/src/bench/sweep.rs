//! `clearpipe bench sweep`: throughput over workers, buffers and batches, and what limits it where.

use super::bottleneck::Kind;
use super::pipeline::Pipeline;
use super::report::{Report, Row};
use super::scenario::{Candidate, Group};
use super::table::{DIM, HEADING, measured_how, short};
use crate::args::{RunArgs, SweepArgs};
use crate::flags;
use crate::settings::SettingsError;
use clearpipe_core::config::{Config, RuntimeKind, Service};
use std::collections::BTreeSet;
use std::fmt::{self, Display, Formatter};

/// The name of the rows in a report.
pub const NAME: &str = "sweep";

/// In batches of fewer than this, handing over is most of the work.
const LARGE_BATCH: usize = 16;

/// So many columns of rates fit into 80.
const COLUMNS: usize = 6;

/// All points, a group for each panel of the chart.
pub fn groups(args: &SweepArgs, records: u64) -> Result<Vec<Group>, SettingsError> {
    let mut groups = Vec::new();
    for threads in &args.threads {
        for batch in &args.batch {
            let mut title = format!("batch {batch}");
            if args.threads.len() > 1 {
                title += &format!(", threads {threads}");
            }
            let points =
                args.buffer.iter().flat_map(|buffer| args.workers.iter().map(move |workers| (buffer, workers)));
            let candidates: Result<Vec<Candidate>, SettingsError> = points
                .map(|(buffer, workers)| {
                    let config = config(args, records, [threads, batch, buffer, workers])?;
                    let name = format!("workers {workers}, buffer {buffer}");
                    Ok(candidate(name, args, config, [batch, buffer, workers]))
                })
                .collect();
            groups.push(Group::without_baseline(title, candidates?));
        }
    }
    Ok(groups)
}

/// The settings of a point, as a run with the same flags would have them.
fn config(args: &SweepArgs, records: u64, point: [&String; 4]) -> Result<Config, SettingsError> {
    let [threads, batch, buffer, workers] = point.map(Clone::clone);
    let flags = RunArgs {
        records: Some(records.to_string()),
        clock: Some("fixed:2026-01-01T00:00:00Z".to_owned()),
        threads: Some(threads),
        batch: Some(batch),
        buffer: if buffer == "auto" { Vec::new() } else { vec![buffer] },
        workers: Some(workers),
        wait: args.wait.clone(),
        compute: args.compute.clone(),
        set: args.set.clone(),
        ..RunArgs::default()
    };
    let config = flags::configuration(&flags)?.config;
    if config.runtime.kind != RuntimeKind::Pool {
        let problem = "--set runtime.kind: a sweep measures real threads, so it runs on the pool; leave it out";
        return Err(SettingsError::of(vec![problem.to_owned()]));
    }
    Ok(config)
}

fn candidate(name: String, args: &SweepArgs, config: Config, point: [&String; 3]) -> Candidate {
    let [batch, buffer, workers] = point.map(|text| number_or_text(text));
    let threads = config.runtime.threads.unwrap_or(1);
    let records = records_of(&config);
    let largest_batch = config.largest_batch();
    let of = Pipeline::new(config, threads);
    let mut candidate = Candidate::new(name, records, Box::new(move |records| of.run(records)))
        .with("threads", threads)
        .with("batch", batch)
        .with("largest_batch", largest_batch)
        .with("buffer", buffer)
        .with("workers", workers);
    for (name, texts) in [("wait", &args.wait), ("compute", &args.compute), ("set", &args.set)] {
        if !texts.is_empty() {
            candidate = candidate.with(name, texts.clone());
        }
    }
    candidate
}

/// A tenth where records travel in small batches, which takes so much longer; unless it is for a service time that it
/// takes long, and the number was chosen for that.
fn records_of(config: &Config) -> u64 {
    match config.service == Service::default() && config.largest_batch() < LARGE_BATCH {
        true => (config.records / 10).max(1),
        false => config.records,
    }
}

fn number_or_text(text: &str) -> serde_json::Value {
    text.parse::<u64>().map_or_else(|_| text.into(), Into::into)
}

/// A parameter of a row, as a text.
pub fn parameter(row: &Row, name: &str) -> String {
    match row.parameters.get(name) {
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => String::new(),
    }
}

/// The values of a parameter, in the order in which they appear.
pub fn values<'a>(rows: impl IntoIterator<Item = &'a Row>, name: &str) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    for value in rows.into_iter().map(|row| parameter(row, name)) {
        if !values.contains(&value) {
            values.push(value);
        }
    }
    values
}

/// The kinds of bottlenecks that there are.
pub fn kinds<'a>(rows: impl IntoIterator<Item = &'a Row>) -> BTreeSet<Kind> {
    rows.into_iter().filter_map(|row| Some(row.bottleneck.as_ref()?.kind())).collect()
}

/// A sweep as tables: one for each batch, workers from left to right, buffers from top to bottom.
pub struct Grid<'a>(pub &'a Report);

impl Display for Grid<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let rows: Vec<&Row> = self.0.results.iter().filter(|row| row.scenario == NAME).collect();
        for group in rows.chunk_by(|one, other| one.group == other.group) {
            let workers = values(group.iter().copied(), "workers");
            for workers in workers.chunks(COLUMNS) {
                panel(f, group, workers)?;
            }
        }
        let marks: Vec<String> =
            kinds(rows.iter().copied()).into_iter().map(|kind| format!("{} {}", kind.mark(), kind.name())).collect();
        writeln!(f, "\n  Records a second; the mark says what limits them: {}.", marks.join("  "))?;
        if let Some(best) =
            rows.iter().max_by(|one, other| one.measured.figure().median.total_cmp(&other.measured.figure().median))
        {
            let limit = best.bottleneck.as_ref().map_or_else(String::new, |limit| format!("; limited by {limit}"));
            let rate = short(best, best.measured.figure().median);
            writeln!(f, "  Most: {HEADING}{rate}{HEADING:#} with {}, {}{limit}.", best.group, best.name)?;
        }
        writeln!(f, "  {DIM}{}{DIM:#}", measured_how(self.0))
    }
}

fn panel(f: &mut Formatter<'_>, rows: &[&Row], workers: &[String]) -> fmt::Result {
    let title = rows.first().map_or("", |row| row.group.as_str());
    write!(f, "\n  {HEADING}{title:<18}{HEADING:#}{DIM}")?;
    for (at, workers) in workers.iter().enumerate() {
        let title = if at == 0 { format!("workers {workers}") } else { workers.clone() };
        write!(f, "{title:>10}")?;
    }
    writeln!(f, "{DIM:#}")?;
    for buffer in values(rows.iter().copied(), "buffer") {
        write!(f, "  {:<18}", format!("buffer {buffer}"))?;
        for workers in workers {
            let is_here = |row: &&&Row| parameter(row, "buffer") == buffer && parameter(row, "workers") == *workers;
            match rows.iter().find(is_here) {
                Some(row) => {
                    let mark = row.bottleneck.as_ref().map_or(' ', |limit| limit.kind().mark());
                    write!(f, "{:>8} {DIM}{mark}{DIM:#}", short(row, row.measured.figure().median))?;
                }
                None => write!(f, "{:>10}", "")?,
            }
        }
        writeln!(f)?;
    }
    Ok(())
}
