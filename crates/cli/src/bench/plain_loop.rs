//! The work of the pipeline in a loop: no channels, no tasks, nothing in order but what is in order anyway. What it
//! needs is what the work itself costs; each thread does a part of the records by itself.

use super::Work;
use clearpipe_core::batch::Group;
use clearpipe_core::config::{Clock, Config};
use clearpipe_core::generator::Generator;
use clearpipe_core::jsonl::{self, Ending};
use clearpipe_core::metrics::Totals;
use clearpipe_core::record::Status;
use clearpipe_core::stages::transformer::{Transformer, Units};
use clearpipe_core::stages::validator::{Refusal, Validator};
use clearpipe_core::time::Timestamp;
use std::io::{self, Write};
use std::ops::Range;
use std::time::{Duration, Instant};

/// How many records are generated at once: so few that they are still in the fastest cache when they are written.
const BATCH: u64 = 64;

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

/// What is done to the records.
struct Rules {
    generator: Generator,
    validator: Validator,
    transformer: Transformer,
    threshold: f64,
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
        let mut processed_at = Vec::new();
        now.write(&mut processed_at);
        let rules = Rules {
            generator: Generator::new(config),
            validator: Validator::new(config),
            transformer: Transformer::new(config),
            threshold: config.transformer.threshold,
            processed: Ending::processed(&processed_at),
        };
        // Room for a block, and for the batch that fills it.
        self.processed.block.reserve(BLOCK + BLOCK / 4);
        self.failed.block.reserve(BLOCK + BLOCK / 4);
        let mut first = records.start;
        while first < records.end {
            let numbers = first..(first + BATCH).min(records.end);
            first = numbers.end;
            self.batch(&rules, numbers, now);
            self.processed.write_if(BLOCK)?;
            self.failed.write_if(BLOCK)?;
        }
        self.processed.write_if(0)?;
        self.failed.write_if(0)?;
        // The sum is a part of the work, though nobody looks at it here.
        std::hint::black_box(self.totals.value.value());
        Ok(self)
    }

    /// Not inlined, so that it has a name in a profile.
    #[inline(never)]
    fn batch(&mut self, rules: &Rules, numbers: Range<u64>, now: Timestamp) {
        let Part { totals, processed, failed } = self;
        let group = Group::new(0, (numbers.end - numbers.start) as u32);
        let batch = rules.generator.batch(group, numbers, now);
        let buffers = batch.buffers();
        let mut units = Units::default();
        for record in &batch.items {
            let ending = match rules.validator.check(record, buffers) {
                Err(refusal) => {
                    totals.invalid += 1;
                    match refusal {
                        Refusal::Rule(ending) => ending,
                        Refusal::Missing(field) => {
                            let reason = format!("required field `{field}` is missing");
                            &Ending::failed(Status::Invalid, &reason)
                        }
                    }
                }
                Ok(()) => match rules.transformer.score(record, buffers, &mut units) {
                    Err(ending) => {
                        totals.transformation_errors += 1;
                        ending
                    }
                    Ok(score) => {
                        let is_anomaly = score > rules.threshold;
                        totals.processed += 1;
                        totals.anomalies += u64::from(is_anomaly);
                        totals.value.add(record.value);
                        jsonl::write_processed(
                            &mut processed.block,
                            record,
                            buffers,
                            &rules.processed,
                            score,
                            is_anomaly,
                        );
                        continue;
                    }
                },
            };
            jsonl::write_failed(&mut failed.block, record, buffers, ending);
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
