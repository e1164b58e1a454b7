//! The work of the pipeline in a loop: no channels, no tasks, no batches, and no reordering, since a loop keeps the
//! order. Its time is the cost of the work itself, which the pipeline is compared with.
//!
//! The rules and transformations are those of the pipeline. The rest is written as one would write it by hand for
//! speed: it doesn't build records, since only the loop would use them, and it writes a record's line directly into the
//! output block.

use crate::config::{Clock, Config};
use crate::generator::{Dictionary, Generator, Origin, RowBuilder};
use crate::metrics::Metrics;
use crate::records::{Fields, Memo, Records, Rejections, Scored, Selection, Why};
use crate::rules::{Rule, rules_of};
use crate::transforms::{Transform, transforms_of};
use clearpipe_codec::jsonl::{self, LineSuffix, ProcessedSuffix};
use clearpipe_model::sum::PartialSum;
use clearpipe_model::time::Timestamp;
use std::ops::Range;

/// Lines are output in blocks of this size, as in the pipeline.
const BLOCK: usize = 256 * 1024;

/// Room after the block for the line that fills it.
const SPARE: usize = 4 * 1024;

/// The results of the work, which the baseline and the pipeline must have in common.
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
    /// Bytes of the lines of the failed records.
    pub failed_bytes: u64,
}

impl Work {
    /// Adds the results of two threads.
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

/// The work that a run of the pipeline has done.
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

/// Returns one thread's share of the records of a configuration. Shares are as equal as possible.
pub fn share(config: &Config, thread: usize, threads: usize) -> Range<u64> {
    // Fits into 64 bits again, since no thread is beyond the last one.
    let at = |thread: usize| (u128::from(config.records) * thread as u128 / threads.max(1) as u128) as u64;
    at(thread)..at(thread + 1)
}

/// Generates, checks, transforms, writes and counts records on this thread. Discards the lines.
pub fn run(config: &Config, records: Range<u64>) -> Work {
    let now = match config.clock {
        Clock::Fixed(time) => time,
        Clock::System => Timestamp::now(),
    };
    let (rules, transforms) = (rules_of(&config.validator), transforms_of(&config.transformer));
    let memos = (0..rules.len() + transforms.len()).map(|_| Memo::default()).collect();
    let mut part = Part {
        generator: Generator::new(config),
        dictionary: Dictionary::new(&config.generator),
        rules,
        transforms,
        memos,
        builder: RowBuilder::default(),
        suffix: ProcessedSuffix::new(now),
        clock: config.clock,
        produced_at: now,
        scored: Vec::new(),
        done: Work::default(),
        sum: PartialSum::default(),
        processed: Sink::default(),
        failed: Sink::default(),
    };
    part.processed.block.reserve(BLOCK + SPARE);
    part.failed.block.reserve(BLOCK + SPARE);
    let mut next = records.start;
    while next < records.end {
        // As many as the sum can take, and the clock is read as often as in the pipeline.
        let end = records.end.min(next + PIPELINE_BATCH);
        part.lines(next..end);
        next = end;
        // The sum isn't used here, but computing it is part of the work.
        std::hint::black_box(std::mem::take(&mut part.sum));
    }
    part.processed.give_away();
    part.failed.give_away();
    Work { processed_bytes: part.processed.bytes, failed_bytes: part.failed.bytes, ..part.done }
}

/// The largest batch that the pipeline chooses by itself.
const PIPELINE_BATCH: u64 = crate::config::BatchSize::MAX_AUTO as u64;

/// The work of one thread.
struct Part {
    generator: Generator,
    dictionary: Dictionary,
    rules: Vec<Box<dyn Rule>>,
    transforms: Vec<Box<dyn Transform>>,
    /// One for each rule, and then one for each transformation.
    memos: Vec<Memo>,
    builder: RowBuilder,
    suffix: ProcessedSuffix,
    clock: Clock,
    produced_at: Timestamp,
    scored: Vec<Scored>,
    done: Work,
    sum: PartialSum,
    processed: Sink,
    failed: Sink,
}

/// Counts lines and discards them.
#[derive(Default)]
struct Sink {
    block: Vec<u8>,
    bytes: u64,
}

impl Part {
    /// Not inlined, so that it shows up by name in a profile.
    #[inline(never)]
    fn lines(&mut self, numbers: Range<u64>) {
        let Part { generator, dictionary, rules, transforms, memos, builder, suffix, .. } = self;
        let Part { clock, produced_at, scored, done, sum, processed, failed, .. } = self;
        let rows = &generator.rows(numbers);
        let origin = Origin { dictionary, produced_at: *produced_at };
        let records = Records { rows, fields: Fields::Generated(origin) };
        scored.clear();
        scored.resize(rows.len(), Scored::default());
        let mut rejected = Rejections::new();
        let mut selection = Selection::new(0..rows.len(), &mut rejected);
        let (of_rules, of_transforms) = memos.split_at_mut(rules.len());
        for (rule, memo) in rules.iter().zip(of_rules) {
            rule.check(records, &mut selection, memo);
        }
        for (transform, memo) in transforms.iter().zip(of_transforms) {
            transform.apply(records, &mut selection, memo, scored);
        }
        let suffix = suffix.at(match *clock {
            Clock::Fixed(time) => time,
            Clock::System => Timestamp::now(),
        });
        let mut rejected = rejected.iter().peekable();
        for (at, (row, Scored { score, is_anomaly })) in rows.iter().zip(scored).enumerate() {
            let pieces = builder.pieces(origin, row);
            if let Some(rejection) = rejected.next_if(|rejection| rejection.row == at) {
                done.failed += 1;
                match &rejection.why {
                    Why::Shared(shared) => {
                        jsonl::write_pieces_failed(&mut failed.block, pieces, row.value, shared.suffix());
                    }
                    Why::Own(reject) => {
                        let suffix = LineSuffix::failed(&reject.reason);
                        jsonl::write_pieces_failed(&mut failed.block, pieces, row.value, &suffix);
                    }
                }
                failed.give_away_if_full();
            } else {
                done.processed += 1;
                done.anomalies += u64::from(*is_anomaly);
                sum.add(row.value);
                let out = &mut processed.block;
                jsonl::write_pieces_processed(out, pieces, row.value, suffix, *score, *is_anomaly);
                processed.give_away_if_full();
            }
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
