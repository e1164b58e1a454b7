//! `clearpipe bench sweep`: throughput by workers, buffers and batches, and what limits it.

use super::bottleneck::Kind;
use super::pipeline::Pipeline;
use super::report::{Report, Row};
use super::scenario::{Candidate, Group};
use super::table::{DIM, HEADING, measured_how, short};
use clearpipe_core::config::{Config, Plan, Service};
use std::collections::BTreeSet;
use std::fmt::{self, Display, Formatter};

/// The name of the rows in a report.
pub const NAME: &str = "sweep";

/// In smaller batches than this, handing over is most of the work.
const LARGE_BATCH: usize = 16;

/// How many columns of rates fit into 80 characters.
const COLUMNS: usize = 6;

/// The parameters that a sweep varies, as written, and how a point becomes a configuration.
pub struct Sweep<'a, E> {
    /// The numbers of threads.
    pub threads: &'a [String],
    /// The sizes of batches, or `auto`.
    pub batch: &'a [String],
    /// The capacities of channels, or `auto`.
    pub buffer: &'a [String],
    /// The numbers of workers.
    pub workers: &'a [String],
    /// Settings that all points share, by name; they are listed in the report.
    pub constant: &'a [(&'static str, &'a [String])],
    /// Returns the configuration of a point.
    pub config: &'a dyn Fn(Point<'_>) -> Result<Config, E>,
}

/// A point of a sweep.
#[derive(Clone, Copy)]
pub struct Point<'a> {
    /// The number of threads.
    pub threads: &'a str,
    /// The size of batches, or `auto`.
    pub batch: &'a str,
    /// The capacity of channels, or `auto`.
    pub buffer: &'a str,
    /// The number of workers.
    pub workers: &'a str,
}

impl<E> Sweep<'_, E> {
    /// Returns all points, a group for each panel of the chart.
    ///
    /// # Errors
    /// If there is no configuration for a point.
    pub fn groups(&self) -> Result<Vec<Group>, E> {
        let mut groups = Vec::new();
        for threads in self.threads {
            for batch in self.batch {
                let mut title = format!("batch {batch}");
                if self.threads.len() > 1 {
                    title += &format!(", threads {threads}");
                }
                let points = self.buffer.iter().flat_map(|buffer| {
                    self.workers.iter().map(move |workers| Point { threads, batch, buffer, workers })
                });
                let candidates: Result<Vec<Candidate>, E> = points.map(|point| self.candidate(point)).collect();
                groups.push(Group::without_baseline(title, candidates?));
            }
        }
        Ok(groups)
    }

    fn candidate(&self, point: Point<'_>) -> Result<Candidate, E> {
        let config = (self.config)(point)?;
        let Point { batch, buffer, workers, .. } = point;
        let name = format!("workers {workers}, buffer {buffer}");
        let threads = config.runtime.threads.unwrap_or(1);
        let records = records_of(&config);
        let largest_batch = Plan::of_generator(&config).batch();
        let of = Pipeline::new(config, threads);
        let mut candidate = Candidate::new(name, records, Box::new(move |records| of.run(records)))
            .with("threads", threads)
            .with("batch", number_or_text(batch))
            .with("largest_batch", largest_batch)
            .with("buffer", number_or_text(buffer))
            .with("workers", number_or_text(workers));
        for (name, texts) in self.constant.iter().filter(|(_, texts)| !texts.is_empty()) {
            candidate = candidate.with(name, texts.to_vec());
        }
        Ok(candidate)
    }
}

/// Returns a tenth of the records if they travel in small batches, which takes much longer; unless the time is due to a
/// service time, for which the number was chosen.
fn records_of(config: &Config) -> u64 {
    match config.service == Service::default() && Plan::of_generator(config).batch() < LARGE_BATCH {
        true => (config.records / 10).max(1),
        false => config.records,
    }
}

fn number_or_text(text: &str) -> serde_json::Value {
    text.parse::<u64>().map_or_else(|_| text.into(), Into::into)
}

/// Returns a parameter of a row as text.
pub fn parameter(row: &Row, name: &str) -> String {
    match row.parameters.get(name) {
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => String::new(),
    }
}

/// Returns the values of a parameter, in the order in which they appear.
pub fn values<'a>(rows: impl IntoIterator<Item = &'a Row>, name: &str) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    for value in rows.into_iter().map(|row| parameter(row, name)) {
        if !values.contains(&value) {
            values.push(value);
        }
    }
    values
}

/// Returns the kinds of bottlenecks that occur.
pub fn kinds<'a>(rows: impl IntoIterator<Item = &'a Row>) -> BTreeSet<Kind> {
    rows.into_iter().filter_map(|row| Some(row.bottleneck.as_ref()?.kind())).collect()
}

/// A sweep as tables: one for each batch size, workers from left to right, buffers from top to bottom.
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
        writeln!(f, "\n  Records per second; the mark shows what limits each: {}.", marks.join("  "))?;
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
