//! The measurements, as a table and as JSON.

use super::Contender;
use crate::text;
use anstyle::Style;
use clearpipe_core::config::{BatchSize, Config};
use serde::Serialize;
use std::fmt::{self, Display, Formatter};
use std::time::Duration;

const HEADING: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// How often, and how fast, a contender did the work.
#[derive(Debug)]
pub struct Measured {
    /// On so many threads.
    pub threads: usize,
    /// In this way.
    pub contender: Contender,
    /// The time of each round.
    pub times: Vec<Duration>,
}

/// All that was measured.
#[derive(Debug, Serialize)]
pub struct Report {
    version: &'static str,
    records: u64,
    repeats: usize,
    /// Validators, and Transformers.
    workers: usize,
    cores: usize,
    results: Vec<Line>,
}

/// What the rounds of one contender say together.
#[derive(Debug, Serialize)]
struct Line {
    /// `loop`, `pipeline` or `traced`.
    name: &'static str,
    threads: usize,
    /// Only of the pipeline.
    batch: Option<String>,
    records_per_second: f64,
    lowest: f64,
    highest: f64,
    /// The median in shares of the loop's, on as many threads.
    ratio_to_loop: f64,
    seconds: Vec<f64>,
    #[serde(skip)]
    title: String,
}

impl Measured {
    /// Nothing measured yet.
    pub fn new(threads: usize, contender: Contender) -> Measured {
        Measured { threads, contender, times: Vec::new() }
    }

    /// What is measured, for people.
    pub fn title(&self) -> String {
        format!("{} on {}", title(self.contender), text::plural(self.threads as u64, "thread"))
    }
}

impl Report {
    /// A report of measurements, of which each has at least one time.
    pub fn new(config: &Config, measured: Vec<Measured>) -> Report {
        let mut results: Vec<Line> = measured.iter().map(|measured| Line::new(measured, config.records)).collect();
        let loops: Vec<(usize, f64)> = results
            .iter()
            .filter(|line| line.batch.is_none())
            .map(|line| (line.threads, line.records_per_second))
            .collect();
        for line in &mut results {
            let of_loop = loops.iter().find(|(threads, _)| *threads == line.threads);
            line.ratio_to_loop = of_loop.map_or(f64::NAN, |(_, rate)| line.records_per_second / rate);
        }
        Report {
            version: env!("CARGO_PKG_VERSION"),
            records: config.records,
            repeats: measured.first().map_or(0, |measured| measured.times.len()),
            workers: config.workers,
            cores: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            results,
        }
    }
}

impl Line {
    fn new(measured: &Measured, records: u64) -> Line {
        let mut rates: Vec<f64> = measured.times.iter().map(|time| records as f64 / time.as_secs_f64()).collect();
        rates.sort_by(f64::total_cmp);
        let (name, batch) = match measured.contender {
            Contender::Loop => ("loop", None),
            Contender::Pipeline(batch) => ("pipeline", Some(batch.to_string())),
            Contender::Traced(batch) => ("traced", Some(batch.to_string())),
        };
        Line {
            title: title(measured.contender),
            name,
            threads: measured.threads,
            batch,
            records_per_second: median(&rates),
            lowest: rates.first().copied().unwrap_or(f64::NAN),
            highest: rates.last().copied().unwrap_or(f64::NAN),
            ratio_to_loop: f64::NAN,
            seconds: measured.times.iter().map(Duration::as_secs_f64).collect(),
        }
    }
}

fn title(contender: Contender) -> String {
    match contender {
        Contender::Loop => "loop without channels".to_owned(),
        Contender::Pipeline(BatchSize::Auto) => {
            format!("pipeline, batch auto (up to {})", text::count(BatchSize::LARGEST_AUTO as u64))
        }
        Contender::Pipeline(batch) => format!("pipeline, batch {batch}"),
        Contender::Traced(batch) => format!("  traced, batch {batch}"),
    }
}

fn median(sorted: &[f64]) -> f64 {
    match sorted {
        [] => f64::NAN,
        _ if sorted.len() % 2 == 1 => sorted[sorted.len() / 2],
        _ => (sorted[sorted.len() / 2 - 1] + sorted[sorted.len() / 2]) / 2.0,
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\n  {} through {} Validators and {} Transformers; the lines are thrown away.",
            text::plural(self.records, "generated record"),
            self.workers,
            self.workers
        )?;
        writeln!(
            f,
            "  {DIM}Median of {} on {}.{DIM:#}",
            text::plural(self.repeats as u64, "alternating round"),
            text::plural(self.cores as u64, "core")
        )?;
        let mut threads = 0;
        for line in &self.results {
            if line.threads != threads {
                threads = line.threads;
                let title = text::plural(threads as u64, "thread");
                writeln!(
                    f,
                    "\n  {HEADING}{title:<34}{HEADING:#}{DIM}{:>12}  {:>25}  {:>11}{DIM:#}",
                    "records/s", "lowest – highest", "of the loop"
                )?;
            }
            let spread = format!("{} – {}", text::rate(line.lowest), text::rate(line.highest));
            writeln!(
                f,
                "  {:<34}{:>12}  {DIM}{spread:>25}{DIM:#}  {:>11}",
                line.title,
                text::rate(line.records_per_second),
                text::percent(line.ratio_to_loop, 1.0)
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_stands_beside_the_loop() {
        let measured = |contender, millis: [u64; 3]| Measured {
            times: millis.map(Duration::from_millis).into(),
            ..Measured::new(1, contender)
        };
        let config = Config { records: 1000, ..Config::default() };
        let contenders =
            vec![measured(Contender::Loop, [20, 10, 5]), measured(Contender::Pipeline(BatchSize::Auto), [40, 20, 10])];
        let report = Report::new(&config, contenders);
        let line = &report.results[1];
        assert_eq!((line.records_per_second, line.lowest, line.highest), (50_000.0, 25_000.0, 100_000.0));
        assert_eq!(line.ratio_to_loop, 0.5);
        assert!(report.to_string().contains("50.0 %"));
        assert_eq!(median(&[1.0, 3.0]), 2.0);
    }
}
