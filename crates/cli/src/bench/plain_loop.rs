//! The work of the pipeline in a loop: no channels, no tasks, no batches, nothing in order but what is in order anyway.
//! What it needs is what the work itself costs; each thread does a part of the records by itself.
//!
//! It is written as one would write it by hand for speed. What can be known before, is known before: no record is put
//! together, since nobody but the loop sees it; rules about texts that many records share are looked into once; the line
//! of a record is written straight into the block that is given away.

use super::scenario::{Sample, Work};
use clearpipe_core::config::{Clock, Config};
use clearpipe_core::generator::{Generator, Sequence};
use clearpipe_core::jsonl::{self, Ending};
use clearpipe_core::metrics::Totals;
use clearpipe_core::stages::transformer::Transformer;
use clearpipe_core::stages::validator::Validator;
use clearpipe_core::time::Timestamp;
use std::io::{self, Write};
use std::ops::Range;
use std::time::Instant;

/// The lines are written in blocks of this size, as the pipeline does.
const BLOCK: usize = 256 * 1024;

/// Room behind it for the line that fills it.
const SPARE: usize = 4 * 1024;

/// Does the work of a configuration.
pub fn run(config: &Config, threads: usize) -> anyhow::Result<Sample> {
    let start = Instant::now();
    let share = config.records.div_ceil(threads as u64);
    let parts: Vec<io::Result<Part>> = std::thread::scope(|scope| {
        let part = |at: u64| (at * share).min(config.records)..((at + 1) * share).min(config.records);
        let workers: Vec<_> =
            (0..threads as u64).map(|at| scope.spawn(move || Part::default().work(config, part(at)))).collect();
        // A panic there is a bug; it goes on here.
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    let mut all = Part::default();
    for part in parts {
        all.add(part?);
    }
    Ok(Sample::rate(config.records, start.elapsed().as_secs_f64(), Some(all.into_work())))
}

/// What one thread does.
#[derive(Default)]
struct Part {
    totals: Totals,
    processed: Sink,
    failed: Sink,
}

/// What is done to the records. The generator leaves out no field, so whether one is missing is no question.
struct Rules<'a> {
    config: &'a Config,
    validator: Validator,
    transformer: Transformer,
    processed: Ending,
}

/// Lines on their way to nowhere.
#[derive(Default)]
struct Sink {
    block: Vec<u8>,
    bytes: u64,
}

impl Part {
    fn work(mut self, config: &Config, records: Range<u64>) -> io::Result<Part> {
        let now = match config.clock {
            Clock::Fixed(time) => time,
            Clock::System => Timestamp::now(),
        };
        let rules = Rules {
            config,
            validator: Validator::new(config),
            transformer: Transformer::new(config, 1),
            processed: Ending::processed(now.to_string().as_bytes()),
        };
        self.processed.block.reserve(BLOCK + SPARE);
        self.failed.block.reserve(BLOCK + SPARE);
        self.lines(&rules, &mut Generator::new(config).sequence(records.start, now), records.end - records.start)?;
        self.processed.write_if(0)?;
        self.failed.write_if(0)?;
        // The sum is a part of the work, though nobody looks at it here.
        std::hint::black_box(self.totals.value.value());
        Ok(self)
    }

    /// Not inlined, so that it has a name in a profile.
    #[inline(never)]
    fn lines(&mut self, rules: &Rules<'_>, next: &mut Sequence<'_>, count: u64) -> io::Result<()> {
        let Config { validator: range, transformer: score, .. } = rules.config;
        let mut unit = next.unit();
        let mut is_unit_valid = rules.transformer.accepts(unit, next.buffers());
        for _ in 0..count {
            if next.unit() != unit {
                unit = next.unit();
                is_unit_valid = rules.transformer.accepts(unit, next.buffers());
            }
            let value = next.value();
            let anomaly_score = value * score.multiplier;
            if value < range.value_min || value > range.value_max {
                self.totals.invalid += 1;
                let ending = rules.validator.out_of_range();
                jsonl::write_pieces_failed(&mut self.failed.block, [next.head(), next.tail()], value, ending);
                self.failed.write_if(BLOCK)?;
            } else if !is_unit_valid {
                self.totals.transformation_errors += 1;
                let ending = rules.transformer.invalid_unit();
                jsonl::write_pieces_failed(&mut self.failed.block, [next.head(), next.tail()], value, ending);
                self.failed.write_if(BLOCK)?;
            } else {
                let is_anomaly = anomaly_score > score.threshold;
                self.totals.processed += 1;
                self.totals.anomalies += u64::from(is_anomaly);
                self.totals.value.add(value);
                let (out, pieces) = (&mut self.processed.block, [next.head(), next.tail()]);
                jsonl::write_pieces_processed(out, pieces, value, &rules.processed, anomaly_score, is_anomaly);
                self.processed.write_if(BLOCK)?;
            }
            next.advance();
        }
        Ok(())
    }

    fn add(&mut self, other: Part) {
        let (totals, others) = (&mut self.totals, &other.totals);
        totals.processed += others.processed;
        totals.invalid += others.invalid;
        totals.transformation_errors += others.transformation_errors;
        totals.anomalies += others.anomalies;
        self.processed.bytes += other.processed.bytes;
        self.failed.bytes += other.failed.bytes;
    }

    fn into_work(self) -> Work {
        Work {
            processed: self.totals.processed,
            failed: self.totals.invalid + self.totals.transformation_errors,
            anomalies: self.totals.anomalies,
            processed_bytes: self.processed.bytes,
            failed_bytes: self.failed.bytes,
        }
    }
}

impl Sink {
    /// Throws the lines away if there are at least so many bytes.
    fn write_if(&mut self, least: usize) -> io::Result<()> {
        if self.block.len() >= least {
            io::sink().write_all(std::hint::black_box(&self.block))?;
            self.bytes += self.block.len() as u64;
            self.block.clear();
        }
        Ok(())
    }
}
