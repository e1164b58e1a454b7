//! The Transformers: what is worked out about a record, and its line for the file.

use super::pool_stage::PoolStage;
use crate::batch::{BatchBuilder, BatchPool, Checkout, Group, RecordBatch, Row, SharedFinished, Singles, Traceable};
use crate::config::{Config, Injection};
use crate::generator::{Dictionary, RowBuilder};
use crate::records::{Encode, JsonLines, Memo, Records, Refusal, Refusals, Scored, Selection, Why};
use crate::trace::EventKind;
use crate::transforms::{Transform, transforms_of};
use crate::worker::WorkerContext;
use crate::worker::panic_guard::{Isolated, isolate};
use clearpipe_channel::Items;
use clearpipe_codec::jsonl::{LineSuffix, ProcessedSuffix};
use clearpipe_model::random::Purpose;
use clearpipe_model::record::Status;
use clearpipe_model::record_number;
use clearpipe_model::reject::Reason;
use std::ops::Range;
use std::sync::Arc;

/// How the Transformers transform.
#[derive(Debug)]
pub struct Transformer {
    transforms: Vec<Box<dyn Transform>>,
    encode: Box<dyn Encode>,
    panics: Injection,
    seed: u64,
    dictionary: Arc<Dictionary>,
    pool: BatchPool,
}

/// What a worker keeps from one batch to the next.
#[derive(Debug)]
pub struct Scratch {
    suffix: ProcessedSuffix,
    worked: WorkedScratch,
}

/// What is filled anew for each batch, or remembered from the one before.
#[derive(Debug)]
struct WorkedScratch {
    memos: Vec<Memo>,
    scored: Vec<Scored>,
    builder: RowBuilder,
    singles: Singles,
}

/// What was processed, and what could not be.
type Ends = (Items<SharedFinished>, Items<SharedFinished>);

impl Transformer {
    /// The Transformers of a configuration, whose batches come from there.
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
    fn apply<'r>(&'r self, batch: &RecordBatch, worked: &mut WorkedScratch, worker: &WorkerContext) -> Refusals<'r> {
        let (records, mut refused) = (Records::of(batch, &self.dictionary), Refusals::new());
        let count = batch.rows.len();
        let faults = self.panics != Injection::Off && batch.rows.iter().any(|row| self.is_to_panic(row));
        let WorkedScratch { memos, scored, .. } = worked;
        scored.clear();
        scored.resize(count, Scored::default());
        isolate(
            count,
            faults,
            &mut Worked { transformer: self, records, memos, scored, refused: &mut refused, worker },
        );
        refused
    }

    /// Writes the lines of the records of a range, which are from one group.
    fn encode(
        &self,
        (batch, range, group): (&RecordBatch, Range<usize>, &Group),
        refused: &[Refusal<'_>],
        suffix: &LineSuffix,
        WorkedScratch { scored, builder, .. }: &mut WorkedScratch,
        checkout: &Checkout,
        (good, bad): &mut Ends,
    ) {
        let records = Records::of(batch, &self.dictionary);
        let mut processed = BatchBuilder::new(group, Status::Processed, range.len() - refused.len(), checkout);
        let mut failed = BatchBuilder::new(group, Status::TransformationError, refused.len(), checkout);
        self.encode.encode(records, range, refused, scored, suffix, builder, &mut processed, &mut failed);
        // Quicker than `extend`, which looks at how many there may be.
        processed.share().into_iter().for_each(|batch| good.push(batch));
        failed.share().into_iter().for_each(|batch| bad.push(batch));
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
        let (scored, builder, singles) = (Vec::new(), RowBuilder::default(), Singles::default());
        let worked = WorkedScratch { memos, scored, builder, singles };
        Scratch { suffix, worked }
    }

    /// Transforms the records of some batches, all at one time of day.
    fn process(&self, batches: Items<RecordBatch>, scratch: &mut Scratch, worker: &WorkerContext) -> Ends {
        let Scratch { suffix, worked } = scratch;
        let suffix = suffix.at(worker.time_of_day());
        let checkout = self.pool.checkout(worker.run.runtime.thread(), batches.len());
        // Few fail as a rule.
        let mut ends = (Items::with_capacity(batches.len()), Items::with_capacity(batches.len() / 4));
        let mut left = &batches[..];
        while !left.is_empty() {
            let (together, rest) = left.split_at(Singles::count(left));
            if let [batch] = together {
                let refused = self.apply(batch, worked, worker);
                let of_batch = (batch, 0..batch.rows.len(), &batch.group);
                self.encode(of_batch, &refused, suffix, worked, &checkout, &mut ends);
            } else {
                let merged = worked.singles.merge(together);
                let refused = self.apply(&merged, worked, worker);
                let mut refused = &refused[..];
                for (at, batch) in together.iter().enumerate() {
                    let (mine, others) = refused.split_at(refused.first().is_some_and(|first| first.row == at).into());
                    self.encode((&merged, at..at + 1, &batch.group), mine, suffix, worked, &checkout, &mut ends);
                    refused = others;
                }
                worked.singles.release(merged);
            }
            left = rest;
        }
        ends
    }

    /// A record is processed or an anomaly.
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

/// A batch while it is transformed.
struct Worked<'a, 'r> {
    transformer: &'r Transformer,
    records: Records<'a>,
    memos: &'a mut [Memo],
    scored: &'a mut [Scored],
    refused: &'a mut Refusals<'r>,
    worker: &'a WorkerContext,
}

impl Isolated for Worked<'_, '_> {
    fn work(&mut self, range: Range<usize>) {
        let Worked { transformer, records, memos, scored, refused, worker } = self;
        if transformer.panics != Injection::Off
            && let [row] = &records.rows[range.clone()]
            && transformer.is_to_panic(row)
        {
            worker.record(EventKind::Fault, row.number);
            panic!("injected fault");
        }
        let mut selection = Selection::new(range, refused);
        for (transform, memo) in transformer.transforms.iter().zip(&mut **memos) {
            transform.apply(*records, &mut selection, memo, scored);
        }
    }

    fn undo(&mut self, first: usize) {
        self.refused.retain(|refusal| refusal.row < first);
        self.memos.fill_with(Memo::default);
    }

    fn refuse(&mut self, at: usize, message: String) {
        let why = Why::own(Reason::TransformerPanicked { message: message.into() });
        self.refused.push(Refusal { row: at, why });
    }
}
