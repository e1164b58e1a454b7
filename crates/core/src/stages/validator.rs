//! The Validators: data integrity and business rules.
//!
//! Lines of an input are decoded here and not in the Producer, because there can be many Validators.

use super::pool_stage::PoolStage;
use super::retries::Retries;
use crate::batch::{
    BatchBuilder, BatchPool, Checkout, Content, Group, LineContent, RecordBatch, Row, SharedFinished, SmallBatches,
};
use crate::config::{Config, Injection};
use crate::generator::{Dictionary, RowBuilder};
use crate::panic_guard::{Isolated, catch, isolate};
use crate::records::{
    Encode, JsonLines, Memo, Records, Rejection, Rejections, Selection, Why, decode, reject_unwritable,
    remove_rejected, split_rejected,
};
use crate::rules::{Rule, rules_of};
use crate::trace::{EventKind, Tracer};
use crate::worker::WorkerContext;
use clearpipe_channel::{Items, Weighted};
use clearpipe_codec::{Decoded, LineTemplates};
use clearpipe_model::random::Purpose;
use clearpipe_model::record::{Noted, NotedOfAny, Record, Status};
use clearpipe_model::record_number;
use clearpipe_model::reject::Reason;
use std::ops::Range;
use std::sync::Arc;

/// The rules and buffers that the Validators share.
pub struct Validator {
    rules: Vec<Box<dyn Rule>>,
    encode: Box<dyn Encode>,
    panics: Injection,
    seed: u64,
    /// Present if records can come back from the Transformers.
    retries: Option<Arc<Retries>>,
    noted: Arc<NotedOfAny>,
    dictionary: Arc<Dictionary>,
    pool: BatchPool,
}

/// The state that a worker keeps from one batch to the next.
#[derive(Debug, Default)]
pub struct Scratch {
    /// The templates learned from earlier lines.
    templates: LineTemplates,
    memos: Vec<Memo>,
    builder: RowBuilder,
    small: SmallBatches,
}

/// The batches that are sent on, and the failed ones.
type Ends = (Items<RecordBatch>, Items<SharedFinished>);

impl Validator {
    /// Creates the Validators of a configuration. They take their batches from the pool.
    pub fn new(config: &Config, pool: &BatchPool, retries: Option<&Arc<Retries>>) -> Validator {
        Validator {
            rules: rules_of(&config.validator),
            encode: Box::new(JsonLines),
            panics: config.faults.validator_panic,
            seed: config.seed,
            retries: retries.cloned(),
            noted: Arc::default(),
            dictionary: Arc::new(Dictionary::new(&config.generator)),
            pool: pool.clone(),
        }
    }

    /// Returns the notes about how lines were read.
    pub fn noted(&self) -> Arc<NotedOfAny> {
        self.noted.clone()
    }

    /// Decodes and checks the records of a batch.
    #[inline]
    fn check<'r>(&'r self, batch: &mut RecordBatch, scratch: &mut Scratch, worker: &WorkerContext) -> Rejections<'r> {
        let (count, mut rejected) = (batch.rows.len(), Rejections::new());
        let faults = self.panics != Injection::Off && batch.rows.iter().any(|row| self.is_to_panic(row));
        let Scratch { templates, memos, .. } = scratch;
        isolate(
            count,
            faults,
            &mut Checked { validator: self, batch, templates, memos, rejected: &mut rejected, worker },
        );
        rejected
    }

    /// Separates the valid records of a batch from the failed ones.
    fn part(
        &self,
        mut batch: RecordBatch,
        scratch: &mut Scratch,
        checkout: &Checkout,
        worker: &WorkerContext,
        (good, failed): &mut Ends,
    ) {
        let rejected = self.check(&mut batch, scratch, worker);
        if let Content::Lines(content) = &batch.content {
            self.note(content, &rejected);
            if worker.run.tracer.keeps_ids() && !batch.group.traced().is_empty() {
                keep_ids(&batch.rows, content, &worker.run.tracer);
            }
        }
        if !rejected.is_empty() {
            failed.extend(self.encode_rejected(&batch, &batch.group, &rejected, scratch, checkout));
            remove_rejected(&mut batch.rows, &rejected, 0);
        }
        if !batch.rows.is_empty() {
            good.push(batch);
        }
    }

    /// Separates the records of several small batches that can be processed together.
    fn part_small(
        &self,
        batches: &mut smallvec::IntoIter<[RecordBatch; 1]>,
        count: usize,
        scratch: &mut Scratch,
        checkout: &Checkout,
        worker: &WorkerContext,
        (good, failed): &mut Ends,
    ) {
        let mut merged = scratch.small.merge(&batches.as_slice()[..count]);
        let rejected = self.check(&mut merged, scratch, worker);
        let (mut start, mut left) = (0, &rejected[..]);
        for mut batch in batches.take(count) {
            let end = start + batch.rows.len();
            let (rejected, others) = split_rejected(left, end);
            if !rejected.is_empty() {
                failed.extend(self.encode_rejected(&merged, &batch.group, rejected, scratch, checkout));
                remove_rejected(&mut batch.rows, rejected, start);
            }
            // If no row was removed, the batch isn't empty.
            if rejected.is_empty() || !batch.rows.is_empty() {
                good.push(batch);
            }
            (start, left) = (end, others);
        }
        scratch.small.release(merged);
    }

    /// Writes the rejected records of a batch, all from one group.
    fn encode_rejected(
        &self,
        batch: &RecordBatch,
        group: &Group,
        rejected: &[Rejection<'_>],
        Scratch { builder, .. }: &mut Scratch,
        checkout: &Checkout,
    ) -> Option<SharedFinished> {
        let records = Records::of(batch, &self.dictionary);
        let mut encode = |rejected: &[Rejection<'_>]| {
            let mut failed = BatchBuilder::new(group, Status::Invalid, rejected.len(), checkout);
            self.encode.encode_rejected(records, rejected, builder, &mut failed);
            failed.share()
        };
        catch(|| encode(rejected)).unwrap_or_else(|_| {
            let rows: Vec<usize> = rejected.iter().map(|rejection| rejection.row).collect();
            let mut rejected = Rejections::from(rejected);
            reject_unwritable(&mut rejected, rows, panicked, |_, rejection| drop(encode(rejection)));
            encode(&rejected)
        })
    }

    /// Notes how lines were read, except for lines that are written as they were read.
    fn note(&self, content: &LineContent, rejected: &[Rejection<'_>]) {
        let Decoded { records, noted, .. } = &content.decoded;
        if *noted == Noted::NOTHING {
            return;
        }
        let mut raw = rejected.iter().filter(|rejection| rejection.why.reason().is_written_raw()).peekable();
        for (at, record) in records.iter().enumerate() {
            if raw.next_if(|rejection| rejection.row == at).is_none() && record.noted != Noted::NOTHING {
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
        Scratch { memos, ..Scratch::default() }
    }

    fn process(&self, batches: Items<RecordBatch>, scratch: &mut Scratch, worker: &WorkerContext) -> Ends {
        let checkout = self.pool.checkout(worker.run.runtime.thread(), batches.len());
        // Usually few records fail.
        let mut ends = (Items::with_capacity(batches.len()), Items::with_capacity(batches.len() / 4));
        let mut batches = batches.into_iter();
        loop {
            match SmallBatches::count(batches.as_slice()) {
                0 => break,
                1 => batches.by_ref().take(1).for_each(|batch| self.part(batch, scratch, &checkout, worker, &mut ends)),
                count => self.part_small(&mut batches, count, scratch, &checkout, worker, &mut ends),
            }
        }
        if let Some(retries) = &self.retries {
            retries.resolve(ends.1.iter().map(Weighted::weight).sum());
        }
        ends
    }

    fn done(worker: &WorkerContext, good: Items<RecordBatch>) -> Items<RecordBatch> {
        worker.done_as(EventKind::Valid, good)
    }
}

/// A batch that is being decoded and checked.
struct Checked<'a, 'r> {
    validator: &'r Validator,
    batch: &'a mut RecordBatch,
    templates: &'a mut LineTemplates,
    memos: &'a mut [Memo],
    rejected: &'a mut Rejections<'r>,
    worker: &'a WorkerContext,
}

impl Isolated for Checked<'_, '_> {
    fn inject(&self, at: usize) {
        let row = &self.batch.rows[at];
        if self.validator.panics != Injection::Off && self.validator.is_to_panic(row) {
            self.worker.record(EventKind::Fault, row.number);
            panic!("injected fault");
        }
    }

    fn work(&mut self, range: Range<usize>) {
        let Checked { validator, batch, templates, memos, rejected, .. } = self;
        let mut selection = Selection::new(range, rejected);
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
        self.rejected.truncate(self.rejected.partition_point(|rejection| rejection.row < first));
        self.memos.fill_with(Memo::default);
    }

    fn reject(&mut self, at: usize, message: String) {
        if let Content::Lines(content) = &mut self.batch.content {
            let LineContent { lines, decoded } = &mut **content;
            let line = &lines.lines[at];
            // Decoded alone and without templates from other lines, since its id may be needed.
            let decode = || lines.decoder.decode_line(line, &lines.block, &mut decoded.scratch);
            let record = catch(decode).ok().and_then(Result::ok);
            decoded.records.push(record.unwrap_or_else(|| Record::empty(line.number)));
        }
        self.rejected.push(Rejection { row: at, why: Why::own(panicked(message)) });
    }
}

/// Returns the reason for a panic with this message.
fn panicked(message: String) -> Reason {
    Reason::ValidatorPanicked { message: message.into() }
}

/// Stores the ids of the traced records among lines.
fn keep_ids(rows: &[Row], content: &LineContent, tracer: &Tracer) {
    for row in rows.iter().filter(|row| record_number::is_traced(row.number)) {
        let record = &content.decoded.records[row.entry as usize];
        if !record.id.is_absent() {
            tracer.keep_id(row.number, &content.buffers().decoded(record.id));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panic_guard::tests::PanicsAt;
    use clearpipe_model::time::Timestamp;

    #[test]
    fn a_panic_while_a_line_is_written_fails_its_record_alone() {
        let config = Config::default();
        let pool = BatchPool::new(1);
        let batch = crate::generator::Generator::new(&config).batch(Group::new(0, 9), 0..9, Timestamp::default());
        let mut validator = Validator::new(&config, &pool, None);
        validator.encode = Box::new(PanicsAt(5));
        let mut scratch = Scratch::default();
        let range = || Reason::ValueOutOfRange { min: 0.0, max: 1.0 };
        let rejected = [2, 5, 8].map(|row| Rejection { row, why: Why::own(range()) });
        let failed = validator.encode_rejected(&batch, &batch.group, &rejected, &mut scratch, &pool.checkout(None, 1));
        let failed = failed.unwrap();
        assert_eq!(failed.outcomes.iter().map(|outcome| outcome.number).collect::<Vec<_>>(), [2, 5, 8]);
        let lines = String::from_utf8_lossy(&failed.lines).into_owned();
        let lines: Vec<&str> = lines.lines().collect();
        assert!(lines[0].contains("(0-1)") && lines[2].contains("(0-1)"), "{lines:?}");
        assert!(lines[1].contains("the Validator panicked: record 5"), "{lines:?}");
    }
}
