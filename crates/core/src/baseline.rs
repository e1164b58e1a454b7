//! The work of the pipeline in a loop: no channels, no tasks, no batches, nothing in order but what is in order anyway.
//! What it needs is what the work itself costs; the pipeline is measured beside it.
//!
//! It is written as one would write it by hand for speed. What can be known before, is known before: no record is put
//! together, since nobody but the loop sees it; rules about texts that many records share are looked into once; the line
//! of a record is written straight into the block that is given away.

use crate::batch::BatchPool;
use crate::config::{Clock, Config};
use crate::generator::{Generator, Sequence};
use crate::metrics::Metrics;
use crate::stages::transformer::Transformer;
use crate::stages::validator::Validator;
use clearpipe_codec::jsonl::{self, ProcessedSuffix};
use clearpipe_model::sum::PartialSum;
use clearpipe_model::time::Timestamp;
use std::ops::Range;

/// The lines are given away in blocks of this size, as the pipeline does.
const BLOCK: usize = 256 * 1024;

/// Room behind it for the line that fills it.
const SPARE: usize = 4 * 1024;

/// Work that was done: the same for whoever does it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Records that were processed.
    pub processed: u64,
    /// Records that failed.
    pub failed: u64,
    /// Processed records that are anomalous.
    pub anomalies: u64,
    /// Bytes of the lines of the processed records.
    pub processed_bytes: u64,
    /// Bytes of the lines of those that failed.
    pub failed_bytes: u64,
}

impl Work {
    /// What two have done together.
    pub fn and(self, other: Work) -> Work {
        Work {
            processed: self.processed + other.processed,
            failed: self.failed + other.failed,
            anomalies: self.anomalies + other.anomalies,
            processed_bytes: self.processed_bytes + other.processed_bytes,
            failed_bytes: self.failed_bytes + other.failed_bytes,
        }
    }
}

/// What a run of the pipeline has done.
impl From<&Metrics> for Work {
    fn from(metrics: &Metrics) -> Work {
        Work {
            processed: metrics.processed,
            failed: metrics.failed,
            anomalies: metrics.anomalies,
            processed_bytes: metrics.processed_bytes,
            failed_bytes: metrics.failed_bytes,
        }
    }
}

/// The share of one of several threads in the records of a configuration, as equal as they can be.
pub fn share(config: &Config, thread: usize, threads: usize) -> Range<u64> {
    // Fits into 64 bits again, since no thread is beyond the last one.
    let at = |thread: usize| (u128::from(config.records) * thread as u128 / threads.max(1) as u128) as u64;
    at(thread)..at(thread + 1)
}

/// Generates records, checks, transforms, writes and counts them, on this thread. The lines are thrown away.
pub fn run(config: &Config, records: Range<u64>) -> Work {
    let now = match config.clock {
        Clock::Fixed(time) => time,
        Clock::System => Timestamp::now(),
    };
    let nothing = BatchPool::new(0);
    let (validator, transformer) = (Validator::new(config, &nothing), Transformer::new(config, &nothing));
    let mut suffix = ProcessedSuffix::new(now);
    let mut part = Part {
        rules: Rules { config, validator: &validator, transformer: &transformer, suffix: &mut suffix },
        done: Work::default(),
        sum: PartialSum::default(),
        processed: Sink::default(),
        failed: Sink::default(),
    };
    part.processed.block.reserve(BLOCK + SPARE);
    part.failed.block.reserve(BLOCK + SPARE);
    let generator = Generator::new(config);
    let mut next = generator.sequence(records.start, now);
    let mut left = records.end - records.start;
    while left > 0 {
        // As many as the sum can take, and the clock is read as often as the pipeline reads it.
        let count = left.min(PIPELINE_BATCH);
        part.lines(&mut next, count);
        left -= count;
        // Nobody looks at the sum here, but it is a part of the work.
        std::hint::black_box(std::mem::take(&mut part.sum));
    }
    part.processed.give_away();
    part.failed.give_away();
    Work { processed_bytes: part.processed.bytes, failed_bytes: part.failed.bytes, ..part.done }
}

/// The largest batch that the pipeline makes by itself.
const PIPELINE_BATCH: u64 = crate::config::BatchSize::LARGEST_AUTO as u64;

/// What one thread does.
struct Part<'a> {
    rules: Rules<'a>,
    done: Work,
    sum: PartialSum,
    processed: Sink,
    failed: Sink,
}

/// What is done to the records. The generator leaves out no field, so whether one is missing is no question.
struct Rules<'a> {
    config: &'a Config,
    validator: &'a Validator,
    transformer: &'a Transformer,
    suffix: &'a mut ProcessedSuffix,
}

/// Lines on their way to nowhere.
#[derive(Default)]
struct Sink {
    block: Vec<u8>,
    bytes: u64,
}

impl Part<'_> {
    /// Not inlined, so that it has a name in a profile.
    #[inline(never)]
    fn lines(&mut self, next: &mut Sequence<'_>, count: u64) {
        let Part { rules: Rules { config, validator, transformer, suffix }, done, sum, processed, failed } = self;
        let Config { validator: range, transformer: score, .. } = config;
        let suffix = suffix.at(match config.clock {
            Clock::Fixed(time) => time,
            Clock::System => Timestamp::now(),
        });
        let mut unit = next.unit();
        let mut is_unit_valid = transformer.accepts(unit, next.buffers());
        for _ in 0..count {
            if next.unit() != unit {
                unit = next.unit();
                is_unit_valid = transformer.accepts(unit, next.buffers());
            }
            let value = next.value();
            let anomaly_score = value * score.multiplier;
            let pieces = [next.prefix(), next.tail()];
            if value < range.value_min || value > range.value_max {
                done.failed += 1;
                jsonl::write_pieces_failed(&mut failed.block, pieces, value, validator.out_of_range().suffix());
                failed.give_away_if_full();
            } else if !is_unit_valid {
                done.failed += 1;
                jsonl::write_pieces_failed(&mut failed.block, pieces, value, transformer.invalid_unit().suffix());
                failed.give_away_if_full();
            } else {
                let is_anomaly = anomaly_score > score.threshold;
                done.processed += 1;
                done.anomalies += u64::from(is_anomaly);
                sum.add(value);
                let out = &mut processed.block;
                jsonl::write_pieces_processed(out, pieces, value, suffix, anomaly_score, is_anomaly);
                processed.give_away_if_full();
            }
            next.advance();
        }
    }
}

impl Sink {
    #[inline]
    fn give_away_if_full(&mut self) {
        if self.block.len() >= BLOCK {
            self.give_away();
        }
    }

    fn give_away(&mut self) {
        self.bytes += std::hint::black_box(&self.block).len() as u64;
        self.block.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_are_all_there_is() {
        let config = Config { records: 10, ..Config::default() };
        let shares = |threads| (0..threads).map(|thread| share(&config, thread, threads)).collect::<Vec<_>>();
        assert_eq!(shares(2), [0..5, 5..10]);
        assert_eq!(shares(3), [0..3, 3..6, 6..10]);
        let sizes: Vec<u64> = shares(7).iter().map(|share| share.end - share.start).collect();
        assert!(sizes.iter().all(|size| (1..=2).contains(size)) && sizes.iter().sum::<u64>() == 10, "{sizes:?}");
    }

    #[test]
    fn parts_do_what_the_whole_does() {
        let config = Config { records: 5_000, clock: Clock::Fixed(Timestamp::from_micros(0)), ..Config::default() };
        let whole = run(&config, 0..5_000);
        assert_eq!((whole.processed, whole.failed), (4091, 909));
        let parts = (0..3).map(|thread| run(&config, share(&config, thread, 3)));
        assert_eq!(parts.fold(Work::default(), Work::and), whole);
    }
}
