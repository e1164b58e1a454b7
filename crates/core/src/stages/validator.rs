//! The Validators: data integrity and business rules.
//!
//! A line of an input is decoded here, not in the Producer: there are many Validators.

use super::pool_stage::PoolStage;
use crate::batch::{
    BatchBuilder, BatchPool, Checkout, Content, Group, LineContent, RecordBatch, Row, SharedFinished, Singles,
};
use crate::config::{Config, Injection};
use crate::generator::{Dictionary, RowBuilder};
use crate::records::{Encode, JsonLines, Memo, Records, Refusal, Refusals, Selection, Why, decode, remove_refused};
use crate::rules::{Rule, rules_of};
use crate::trace::{EventKind, Tracer};
use crate::worker::WorkerContext;
use crate::worker::panic_guard::{Isolated, isolate};
use clearpipe_channel::Items;
use clearpipe_codec::{Decoded, LineTemplates};
use clearpipe_model::random::Purpose;
use clearpipe_model::record::{Noted, NotedOfAny, Record, Status};
use clearpipe_model::record_number;
use clearpipe_model::reject::Reason;
use std::ops::Range;
use std::sync::Arc;

/// What the Validators check.
#[derive(Debug)]
pub struct Validator {
    rules: Vec<Box<dyn Rule>>,
    encode: Box<dyn Encode>,
    panics: Injection,
    seed: u64,
    noted: Arc<NotedOfAny>,
    dictionary: Arc<Dictionary>,
    pool: BatchPool,
}

/// What a worker keeps from one batch to the next.
#[derive(Debug)]
pub struct Scratch {
    /// What the lines before looked like.
    templates: LineTemplates,
    memos: Vec<Memo>,
    builder: RowBuilder,
    singles: Singles,
}

/// What is sent on, and what has failed.
type Ends = (Items<RecordBatch>, Items<SharedFinished>);

impl Validator {
    /// The Validators of a configuration, whose batches come from there.
    pub fn new(config: &Config, pool: &BatchPool) -> Validator {
        Validator {
            rules: rules_of(&config.validator),
            encode: Box::new(JsonLines),
            panics: config.faults.validator_panic,
            seed: config.seed,
            noted: Arc::default(),
            dictionary: Arc::new(Dictionary::new(&config.generator)),
            pool: pool.clone(),
        }
    }

    /// What was worth knowing of how the lines were read.
    pub fn noted(&self) -> Arc<NotedOfAny> {
        self.noted.clone()
    }

    /// Decodes and checks the records of a batch.
    #[inline]
    fn check<'r>(&'r self, batch: &mut RecordBatch, scratch: &mut Scratch, worker: &WorkerContext) -> Refusals<'r> {
        let (count, mut refused) = (batch.rows.len(), Refusals::new());
        let faults = self.panics != Injection::Off && batch.rows.iter().any(|row| self.is_to_panic(row));
        let Scratch { templates, memos, .. } = scratch;
        isolate(
            count,
            faults,
            &mut Checked { validator: self, batch, templates, memos, refused: &mut refused, worker },
        );
        refused
    }

    /// Parts the valid records of a batch from those that fail.
    fn part(
        &self,
        mut batch: RecordBatch,
        scratch: &mut Scratch,
        checkout: &Checkout,
        worker: &WorkerContext,
        (good, failed): &mut Ends,
    ) {
        let refused = self.check(&mut batch, scratch, worker);
        if let Content::Lines(content) = &batch.content {
            self.note(content, &refused);
            if worker.run.tracer.keeps_ids() && !batch.group.traced().is_empty() {
                keep_ids(&batch.rows, content, &worker.run.tracer);
            }
        }
        if !refused.is_empty() {
            failed.extend(self.encode_refused(&batch, &batch.group, &refused, scratch, checkout));
            remove_refused(&mut batch.rows, &refused);
        }
        if !batch.rows.is_empty() {
            good.push(batch);
        }
    }

    /// The same for several batches of a single record.
    fn part_singles(
        &self,
        batches: &mut smallvec::IntoIter<[RecordBatch; 1]>,
        count: usize,
        scratch: &mut Scratch,
        checkout: &Checkout,
        worker: &WorkerContext,
        (good, failed): &mut Ends,
    ) {
        let mut merged = scratch.singles.merge(&batches.as_slice()[..count]);
        let refused = self.check(&mut merged, scratch, worker);
        let mut left = &refused[..];
        for (at, batch) in batches.take(count).enumerate() {
            match left.split_first() {
                Some((refusal, rest)) if refusal.row == at => {
                    let refusal = std::slice::from_ref(refusal);
                    failed.extend(self.encode_refused(&merged, &batch.group, refusal, scratch, checkout));
                    left = rest;
                }
                _ => good.push(batch),
            }
        }
        scratch.singles.release(merged);
    }

    fn encode_refused(
        &self,
        batch: &RecordBatch,
        group: &Group,
        refused: &[Refusal<'_>],
        Scratch { builder, .. }: &mut Scratch,
        checkout: &Checkout,
    ) -> Option<SharedFinished> {
        let mut failed = BatchBuilder::new(group, Status::Invalid, refused.len(), checkout);
        self.encode.encode_refused(Records::of(batch, &self.dictionary), refused, builder, &mut failed);
        failed.share()
    }

    /// Notes what is worth knowing of how lines were read. Those that are written as they were read are left out.
    fn note(&self, content: &LineContent, refused: &[Refusal<'_>]) {
        let Decoded { records, noted, .. } = &content.decoded;
        if *noted == Noted::NOTHING {
            return;
        }
        let mut raw = refused.iter().filter(|refusal| matches!(refusal.why, Why::Own(_))).peekable();
        for (at, record) in records.iter().enumerate() {
            if raw.next_if(|refusal| refusal.row == at).is_none() && record.noted != Noted::NOTHING {
                self.noted.add(record.noted);
            }
        }
    }

    fn is_to_panic(&self, row: &Row) -> bool {
        self.panics.hits(self.seed, Purpose::ValidatorPanic, record_number::number(row.number))
    }
}

impl PoolStage for Validator {
    type Output = RecordBatch;
    type Scratch = Scratch;
    const FAILED: EventKind = EventKind::Invalid;

    fn scratch(&self, _: &WorkerContext) -> Scratch {
        let memos = self.rules.iter().map(|_| Memo::default()).collect();
        let (templates, builder) = (LineTemplates::default(), RowBuilder::default());
        Scratch { templates, memos, builder, singles: Singles::default() }
    }

    fn process(&self, batches: Items<RecordBatch>, scratch: &mut Scratch, worker: &WorkerContext) -> Ends {
        let checkout = self.pool.checkout(worker.run.runtime.thread(), batches.len());
        // Few fail as a rule.
        let mut ends = (Items::with_capacity(batches.len()), Items::with_capacity(batches.len() / 4));
        let mut batches = batches.into_iter();
        loop {
            match Singles::count(batches.as_slice()) {
                0 => return ends,
                1 => batches.by_ref().take(1).for_each(|batch| self.part(batch, scratch, &checkout, worker, &mut ends)),
                count => self.part_singles(&mut batches, count, scratch, &checkout, worker, &mut ends),
            }
        }
    }

    fn done(worker: &WorkerContext, good: Items<RecordBatch>) -> Items<RecordBatch> {
        worker.done_as(EventKind::Valid, good)
    }
}

/// A batch while it is decoded and checked.
struct Checked<'a, 'r> {
    validator: &'r Validator,
    batch: &'a mut RecordBatch,
    templates: &'a mut LineTemplates,
    memos: &'a mut [Memo],
    refused: &'a mut Refusals<'r>,
    worker: &'a WorkerContext,
}

impl Isolated for Checked<'_, '_> {
    fn work(&mut self, range: Range<usize>) {
        let Checked { validator, batch, templates, memos, refused, worker } = self;
        if validator.panics != Injection::Off
            && let [row] = &batch.rows[range.clone()]
            && validator.is_to_panic(row)
        {
            worker.record(EventKind::Fault, row.number);
            panic!("injected fault");
        }
        let mut selection = Selection::new(range, refused);
        decode(batch, &mut selection, templates);
        let records = Records::of(batch, &validator.dictionary);
        for (rule, memo) in validator.rules.iter().zip(&mut **memos) {
            rule.check(records, &mut selection, memo);
        }
    }

    fn undo(&mut self, first: usize) {
        if let Content::Lines(content) = &mut self.batch.content {
            content.decoded.truncate(first);
        }
        self.refused.retain(|refusal| refusal.row < first);
        self.memos.fill_with(Memo::default);
    }

    fn refuse(&mut self, at: usize, message: String) {
        if let Content::Lines(content) = &mut self.batch.content {
            content.decoded.records.push(Record::empty(self.batch.rows[at].number));
        }
        let why = Why::own(Reason::ValidatorPanicked { message: message.into() });
        self.refused.push(Refusal { row: at, why });
    }
}

/// Keeps the ids of the traced records among lines.
fn keep_ids(rows: &[Row], content: &LineContent, tracer: &Tracer) {
    for row in rows.iter().filter(|row| record_number::is_traced(row.number)) {
        let record = &content.decoded.records[row.entry as usize];
        if !record.id.is_absent() {
            tracer.keep_id(row.number, &content.buffers().decoded(record.id));
        }
    }
}
