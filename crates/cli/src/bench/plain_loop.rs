//! The work of the pipeline in a loop: no channels, no tasks, nothing in order but what is in order anyway. What it
//! needs is what the work itself costs; each thread does a part of the records by itself.

use super::Work;
use clearpipe_core::batch::Group;
use clearpipe_core::config::{Clock, Config};
use clearpipe_core::generator::Generator;
use clearpipe_core::jsonl;
use clearpipe_core::metrics::Totals;
use clearpipe_core::record::{Buffers, Outcome, Record, Status};
use clearpipe_core::stages::transformer::Transformer;
use clearpipe_core::stages::validator::{Refusal, Validator};
use clearpipe_core::time::Timestamp;
use std::io::{self, Write};
use std::ops::Range;
use std::time::{Duration, Instant};

/// How many records are generated at once, as many as the pipeline's largest `auto` batch.
const BATCH: u64 = 1024;

/// The lines are written in blocks of this size, as the pipeline does.
const BLOCK: usize = 256 * 1024;

/// Does the work of a configuration.
pub fn run(config: &Config, threads: usize) -> anyhow::Result<(Duration, Work)> {
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
    Ok((start.elapsed(), all.into_work()))
}

/// What one thread does.
#[derive(Default)]
struct Part {
    totals: Totals,
    processed: Sink,
    failed: Sink,
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
        let (generator, validator, transformer) =
            (Generator::new(config), Validator::new(config), Transformer::new(config));
        let mut processed_at = Vec::new();
        let mut first = records.start;
        while first < records.end {
            let numbers = first..(first + BATCH).min(records.end);
            let group = Group::new(first / BATCH, (numbers.end - numbers.start) as u32);
            let batch = generator.batch(group, numbers, now);
            processed_at.clear();
            now.write(&mut processed_at);
            let buffers = batch.buffers();
            for record in &batch.items {
                self.record(record, buffers, config, &validator, &transformer, &processed_at);
            }
            self.processed.write_if(BLOCK)?;
            self.failed.write_if(BLOCK)?;
            first += BATCH;
        }
        self.processed.write_if(0)?;
        self.failed.write_if(0)?;
        // The sum is a part of the work, though nobody looks at it here.
        std::hint::black_box(self.totals.value.value());
        Ok(self)
    }

    fn record(
        &mut self,
        record: &Record,
        buffers: Buffers<'_>,
        config: &Config,
        validator: &Validator,
        transformer: &Transformer,
        processed_at: &[u8],
    ) {
        let outcome = |status, is_anomaly| Outcome {
            number: record.number,
            value: record.value,
            status,
            is_anomaly,
            line_end: 0,
        };
        let failed = &mut self.failed.block;
        if let Err(refusal) = validator.check(record, buffers) {
            let reason = match refusal {
                Refusal::Rule(reason) => reason,
                Refusal::Missing(field) => format!("required field `{field}` is missing").into(),
            };
            jsonl::write_failed(failed, record, buffers, Status::Invalid, &reason);
            return self.totals.add(&outcome(Status::Invalid, false));
        }
        match transformer.score(record, buffers) {
            Ok(score) => {
                let is_anomaly = score > config.transformer.threshold;
                let processed = &mut self.processed.block;
                jsonl::write_processed(processed, record, buffers, processed_at, score, is_anomaly);
                self.totals.add(&outcome(Status::Processed, is_anomaly));
            }
            Err(reason) => {
                jsonl::write_failed(failed, record, buffers, Status::TransformationError, reason);
                self.totals.add(&outcome(Status::TransformationError, false));
            }
        }
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
