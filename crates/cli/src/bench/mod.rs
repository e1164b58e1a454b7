//! `clearpipe bench`: what the channels cost.
//!
//! The same work is done by a plain loop and by the pipeline, on the same number of threads: records are generated,
//! checked, transformed, written as JSON Lines and counted; the bytes are thrown away. The measurements alternate, so
//! that a machine that becomes slower meanwhile is slower for all.

mod pipeline;
mod plain_loop;
mod report;

use crate::args::{BenchArgs, Global};
use crate::failure::Failure;
use crate::output::{Destination, Unfinished};
use crate::progress::{self, Speaker};
use crate::stop::{Interrupts, Stopper};
use anyhow::{Context, ensure};
use clearpipe_core::config::{BatchSize, Clock, Config, TraceOptions};
use clearpipe_core::time::Timestamp;
use report::{Measured, Report};
use std::io::Write;
use std::path::Path;
use std::time::Duration;

/// The numbers of threads that are measured.
const THREADS: [usize; 2] = [1, 2];

/// One way of doing the work.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Contender {
    /// Without channels and tasks.
    Loop,
    /// The pipeline, with this batch.
    Pipeline(BatchSize),
    /// The same, with events recorded as the page has them recorded, and read as often.
    Traced(BatchSize),
}

/// About so many records are traced in a second at most: what the page asks for.
const TRACED_A_SECOND: u64 = 2_500;

/// All ways, in the order of the table.
const CONTENDERS: [Contender; 5] = [
    Contender::Loop,
    Contender::Pipeline(BatchSize::Auto),
    Contender::Traced(BatchSize::Auto),
    Contender::Pipeline(BatchSize::Fixed(1)),
    Contender::Traced(BatchSize::Fixed(1)),
];

/// What is left of some work; the same for all contenders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Work {
    processed: u64,
    failed: u64,
    anomalies: u64,
    processed_bytes: u64,
    failed_bytes: u64,
}

/// Measures, and prints the table. Gives the exit status.
pub fn run(args: &BenchArgs, global: &Global) -> Result<u8, Failure> {
    let files = Unfinished::default();
    let speaker = Speaker::new(global.quiet);
    let _interrupts = Interrupts::listen(&Stopper::default(), &files, &speaker)?;
    let json = args.json.as_deref().map(|path| Destination::open(Path::new(path), &files)).transpose()?;
    let result = measure(args, global.quiet).and_then(|report| {
        if !global.quiet {
            let text = report.to_string();
            crate::print(&text, json.as_ref().is_some_and(Destination::is_stdout))?;
        }
        if let Some(mut out) = json {
            let text = serde_json::to_string_pretty(&report)? + "\n";
            out.write_all(text.as_bytes()).and_then(|()| out.flush()).context("the measurements can't be written")?;
        }
        files.finish()
    });
    files.discard();
    result?;
    Ok(0)
}

fn measure(args: &BenchArgs, quiet: bool) -> anyhow::Result<Report> {
    let config = Config {
        records: args.records,
        clock: Clock::Fixed(Timestamp::from_micros(1_767_225_600_000_000)),
        ..Config::default()
    };
    let all = || THREADS.into_iter().flat_map(|threads| CONTENDERS.map(|contender| (threads, contender)));
    let mut measured: Vec<Measured> = all().map(|(threads, contender)| Measured::new(threads, contender)).collect();
    // Not counted: caches, branch predictors and the allocator get to know the work.
    let warm_up = Config { records: (args.records / 10).min(100_000), ..config.clone() };
    for (threads, contender) in all() {
        contender.work(&warm_up, threads)?;
    }
    let mut expected = None;
    let bar = progress::steps(u64::from(args.repeats) * measured.len() as u64, quiet);
    for round in 0..args.repeats {
        for measured in &mut measured {
            bar.set_message(format!("round {} of {}, {}", round + 1, args.repeats, measured.title()));
            let (time, work) = measured.contender.work(&config, measured.threads)?;
            let expected = *expected.get_or_insert(work);
            ensure!(work == expected, "{:?} did other work: {work:?} instead of {expected:?}", measured.contender);
            measured.times.push(time);
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    Ok(Report::new(&config, measured))
}

impl Contender {
    /// Does the work; how long it took, and what was done.
    fn work(self, config: &Config, threads: usize) -> anyhow::Result<(Duration, Work)> {
        match self {
            Contender::Loop => plain_loop::run(config, threads),
            Contender::Pipeline(batch) => pipeline::run(&Config { batch, ..config.clone() }, threads),
            Contender::Traced(batch) => {
                let trace = TraceOptions { enabled: true, rate: Some(TRACED_A_SECOND), ..config.trace.clone() };
                pipeline::run(&Config { batch, trace, ..config.clone() }, threads)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_contenders_do_the_same_work() {
        let config = Config { records: 5_000, clock: Clock::Fixed(Timestamp::from_micros(0)), ..Config::default() };
        let works: Vec<Work> = THREADS
            .into_iter()
            .flat_map(|threads| CONTENDERS.map(|contender| contender.work(&config, threads).unwrap().1))
            .collect();
        assert_eq!((works[0].processed, works[0].failed), (4091, 909));
        assert!(works.iter().all(|work| *work == works[0]), "{works:?}");
    }
}
