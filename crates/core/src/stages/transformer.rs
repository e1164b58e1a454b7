//! The Transformers: compute the results of each record, and write its line for the file.

use super::pool_stage::PoolStage;
use crate::batch::{
    BatchBuilder, BatchPool, Checkout, Group, RecordBatch, Row, SharedFinished, SmallBatches, Traceable,
};
use crate::config::{Config, Injection};
use crate::generator::{Dictionary, RowBuilder};
use crate::panic_guard::{Isolated, catch, isolate};
use crate::records::{
    Encode, JsonLines, Memo, Records, Rejection, Rejections, Scored, Selection, Why, reject_unwritable, split_rejected,
};
use crate::trace::EventKind;
use crate::transforms::{Transform, transforms_of};
use crate::worker::WorkerContext;
use clearpipe_channel::Items;
use clearpipe_codec::jsonl::{LineSuffix, ProcessedSuffix};
use clearpipe_model::random::Purpose;
use clearpipe_model::record::Status;
use clearpipe_model::record_number;
use clearpipe_model::reject::Reason;
use std::ops::Range;
use std::sync::Arc;

/// The settings and buffers that the Transformers share.
#[derive(Debug)]
pub struct Transformer {
    transforms: Vec<Box<dyn Transform>>,
    encode: Box<dyn Encode>,
    panics: Injection,
    seed: u64,
    dictionary: Arc<Dictionary>,
    pool: BatchPool,
}

/// The state that a worker keeps from one batch to the next.
#[derive(Debug)]
pub struct Scratch {
    suffix: ProcessedSuffix,
    worked: WorkedScratch,
}

/// Filled again for each batch, or remembered from the previous one.
#[derive(Debug, Default)]
struct WorkedScratch {
    memos: Vec<Memo>,
    scored: Vec<Scored>,
    builder: RowBuilder,
    small: SmallBatches,
}

/// The processed batches and the failed ones.
type Ends = (Items<SharedFinished>, Items<SharedFinished>);

impl Transformer {
    /// Creates the Transformers of a configuration. They take their batches from the pool.
    pub fn new(config: &Config, pool: &BatchPool) -> Transformer {
        Transformer {
            transforms: transforms_of(&config.transformer),
            encode: Box::new(JsonLines),
            panics: config.faults.transformer_panic,
            seed: config.seed,
            dictionary: Arc::new(Dictionary::new(&config.generator)),
            pool: pool.clone(),
        }
    }

    /// Transforms the records of a batch.
    #[inline]
    fn apply<'r>(&'r self, batch: &RecordBatch, worked: &mut WorkedScratch, worker: &WorkerContext) -> Rejections<'r> {
        let (records, mut rejected) = (Records::of(batch, &self.dictionary), Rejections::new());
        let count = batch.rows.len();
        let faults = self.panics != Injection::Off && batch.rows.iter().any(|row| self.is_to_panic(row));
        let WorkedScratch { memos, scored, .. } = worked;
        scored.clear();
        scored.resize(count, Scored::default());
        isolate(
            count,
            faults,
            &mut Worked { transformer: self, records, memos, scored, rejected: &mut rejected, worker },
        );
        rejected
    }

    /// Writes the lines of a batch's records, which belong to these groups in this order.
    #[inline]
    fn encode(
        &self,
        (batch, groups): (&RecordBatch, &[RecordBatch]),
        mut rejected: Rejections<'_>,
        suffix: &LineSuffix,
        WorkedScratch { scored, builder, .. }: &mut WorkedScratch,
        checkout: &Checkout,
        ends: &mut Ends,
    ) {
        let records = Records::of(batch, &self.dictionary);
        let mut lines = Lines { encode: &*self.encode, records, scored, suffix, builder, checkout };
        let lengths = (ends.0.len(), ends.1.len());
        if catch(|| lines.encode_all(groups, &rejected, ends)).is_err() {
            ends.0.truncate(lengths.0);
            ends.1.truncate(lengths.1);
            reject_unwritable(&mut rejected, 0..batch.rows.len(), panicked, |row, rejection| {
                lines.encode(&Group::default(), row..row + 1, rejection, &mut Ends::default());
            });
            lines.encode_all(groups, &rejected, ends);
        }
    }

    /// Fails all records of a batch for the same reason.
    pub fn reject(
        &self,
        batch: &RecordBatch,
        reason: &Reason,
        scratch: &mut Scratch,
        worker: &WorkerContext,
    ) -> Items<SharedFinished> {
        let Scratch { suffix, worked } = scratch;
        let suffix = suffix.at(worker.time_of_day());
        let checkout = self.pool.checkout(worker.run.runtime.thread(), 1);
        let mut rejected = Rejections::new();
        rejected.extend((0..batch.rows.len()).map(|row| Rejection { row, why: Why::own(reason.clone()) }));
        worked.scored.clear();
        worked.scored.resize(batch.rows.len(), Scored::default());
        let mut ends = Ends::default();
        self.encode((batch, std::slice::from_ref(batch)), rejected, suffix, worked, &checkout, &mut ends);
        ends.1
    }

    fn is_to_panic(&self, row: &Row) -> bool {
        self.panics.hits(self.seed, Purpose::TransformerPanic, record_number::number(row.number))
    }
}

impl PoolStage for Transformer {
    type Output = SharedFinished;
    type Scratch = Scratch;
    const FAILED: EventKind = EventKind::TransformationError;

    fn scratch(&self, worker: &WorkerContext) -> Scratch {
        let memos = self.transforms.iter().map(|_| Memo::default()).collect();
        let suffix = ProcessedSuffix::new(worker.time_of_day());
        Scratch { suffix, worked: WorkedScratch { memos, ..WorkedScratch::default() } }
    }

    /// Transforms the records of some batches, all at the same time of day.
    fn process(&self, batches: Items<RecordBatch>, scratch: &mut Scratch, worker: &WorkerContext) -> Ends {
        let Scratch { suffix, worked } = scratch;
        let suffix = suffix.at(worker.time_of_day());
        let checkout = self.pool.checkout(worker.run.runtime.thread(), batches.len());
        // Usually few records fail.
        let mut ends = (Items::with_capacity(batches.len()), Items::with_capacity(batches.len() / 4));
        let mut left = &batches[..];
        while !left.is_empty() {
            let (together, rest) = left.split_at(SmallBatches::count(left));
            if let [batch] = together {
                let rejected = self.apply(batch, worked, worker);
                self.encode((batch, together), rejected, suffix, worked, &checkout, &mut ends);
            } else {
                let merged = worked.small.merge(together);
                let rejected = self.apply(&merged, worked, worker);
                self.encode((&merged, together), rejected, suffix, worked, &checkout, &mut ends);
                worked.small.release(merged);
            }
            left = rest;
        }
        ends
    }

    /// Records whether each record is processed or an anomaly.
    fn done(worker: &WorkerContext, good: Items<SharedFinished>) -> Items<SharedFinished> {
        for batch in &good {
            batch.for_each_traced(|at, record| {
                let is_anomaly = batch.outcomes[at].is_anomaly;
                worker.record(if is_anomaly { EventKind::Anomaly } else { EventKind::Processed }, record);
            });
        }
        worker.record_all(EventKind::WorkEnd, &good);
        good
    }
}

/// A batch whose lines are being written.
struct Lines<'a> {
    encode: &'a dyn Encode,
    records: Records<'a>,
    scored: &'a [Scored],
    suffix: &'a LineSuffix,
    builder: &'a mut RowBuilder,
    checkout: &'a Checkout<'a>,
}

impl Lines<'_> {
    /// Writes the records of all groups.
    fn encode_all(&mut self, groups: &[RecordBatch], rejected: &[Rejection<'_>], ends: &mut Ends) {
        let (mut start, mut left) = (0, rejected);
        for RecordBatch { group, rows, .. } in groups {
            let range = start..start + rows.len();
            let (rejected, others) = split_rejected(left, range.end);
            (start, left) = (range.end, others);
            self.encode(group, range, rejected, ends);
        }
    }

    /// Writes the records of a range, which belong to one group.
    #[inline(always)]
    fn encode(&mut self, group: &Group, range: Range<usize>, rejected: &[Rejection<'_>], (good, bad): &mut Ends) {
        let Lines { encode, records, scored, suffix, builder, checkout } = self;
        let mut processed = BatchBuilder::new(group, Status::Processed, range.len() - rejected.len(), checkout);
        let mut failed = BatchBuilder::new(group, Status::TransformationError, rejected.len(), checkout);
        encode.encode(*records, range, rejected, scored, suffix, builder, &mut processed, &mut failed);
        // Faster than `extend`, which checks the size hint.
        processed.share().into_iter().for_each(|batch| good.push(batch));
        failed.share().into_iter().for_each(|batch| bad.push(batch));
    }
}

/// A batch that is being transformed.
struct Worked<'a, 'r> {
    transformer: &'r Transformer,
    records: Records<'a>,
    memos: &'a mut [Memo],
    scored: &'a mut [Scored],
    rejected: &'a mut Rejections<'r>,
    worker: &'a WorkerContext,
}

impl Isolated for Worked<'_, '_> {
    fn inject(&self, at: usize) {
        let row = &self.records.rows[at];
        if self.transformer.panics != Injection::Off && self.transformer.is_to_panic(row) {
            self.worker.record(EventKind::Fault, row.number);
            panic!("injected fault");
        }
    }

    fn work(&mut self, range: Range<usize>) {
        let Worked { transformer, records, memos, scored, rejected, .. } = self;
        let mut selection = Selection::new(range, rejected);
        for (transform, memo) in transformer.transforms.iter().zip(&mut **memos) {
            transform.apply(*records, &mut selection, memo, scored);
        }
    }

    fn undo(&mut self, first: usize) {
        self.rejected.truncate(self.rejected.partition_point(|rejection| rejection.row < first));
        self.memos.fill_with(Memo::default);
    }

    fn reject(&mut self, at: usize, message: String) {
        self.rejected.push(Rejection { row: at, why: Why::own(panicked(message)) });
    }
}

/// Returns the reason for a panic with this message.
fn panicked(message: String) -> Reason {
    Reason::TransformerPanicked { message: message.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generator::Generator;
    use crate::panic_guard::tests::PanicsAt;
    use clearpipe_model::time::Timestamp;

    #[test]
    fn a_panic_while_a_line_is_written_fails_its_record_alone() {
        let config = Config::default();
        let pool = BatchPool::new(1);
        let mut generator = Generator::new(&config);
        let mut batch = |numbers: Range<u64>| {
            let group = Group::new(numbers.start, (numbers.end - numbers.start) as u32);
            generator.batch(group, numbers, Timestamp::default())
        };
        let groups = [batch(0..3), batch(3..4), batch(4..9)];
        let merged = SmallBatches::default().merge(&groups);
        let mut written = Vec::new();
        for panics in [None, Some(5)] {
            let mut transformer = Transformer::new(&config, &pool);
            if let Some(number) = panics {
                transformer.encode = Box::new(PanicsAt(number));
            }
            let mut rejected = Rejections::new();
            rejected.push(Rejection { row: 7, why: Why::own(Reason::NoValue) });
            let mut worked = WorkedScratch { scored: vec![Scored::default(); 9], ..WorkedScratch::default() };
            let mut suffix = ProcessedSuffix::new(Timestamp::default());
            let suffix = suffix.at(Timestamp::default());
            let mut ends = Ends::default();
            let checkout = pool.checkout(None, 3);
            transformer.encode((&merged, &groups), rejected, suffix, &mut worked, &checkout, &mut ends);
            let seen = |ends: &[SharedFinished]| -> Vec<(u64, Vec<u64>)> {
                ends.iter().map(|part| (part.group.index(), part.numbers().collect())).collect()
            };
            written.push((seen(&ends.0), seen(&ends.1)));
            if panics.is_some() {
                let failed = String::from_utf8_lossy(&ends.1[0].lines).into_owned();
                let line = failed.lines().next().unwrap();
                assert!(line.contains("rec-0005") && line.contains("the Transformer panicked: record 5"), "{line}");
            }
        }
        let good = |last: &[u64]| vec![(0, vec![0, 1, 2]), (3, vec![3]), (4, last.to_vec())];
        assert_eq!(written[0], (good(&[4, 5, 6, 8]), vec![(4, vec![7])]));
        assert_eq!(written[1], (good(&[4, 6, 8]), vec![(4, vec![5, 7])]));
    }
}
