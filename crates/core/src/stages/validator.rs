//! The Validators: data integrity and business rules.
//!
//! A line of an input file is parsed here, not in the Producer: there are many Validators.

use super::gather;
use super::payload::{LineBatch, Raw, RecordBatch, Valid};
use crate::batch::{Batch, BatchBuilder, Group, InputPlace, SharedFinished, Traceable};
use crate::batch::{BatchPool, Checkout};
use crate::channels::{Receiver, Sender};
use crate::config::{Config, Injection, ValidatorRules};
use crate::generator::{Dictionary, Generated, GeneratedBatch, Origin, RowBuilder};
use crate::trace::{EventKind, Tracer};
use crate::worker::StageError;
use crate::worker::WorkerContext;
use crate::worker::panic_guard::for_each_isolated;
use clearpipe_channel::Items;
use clearpipe_codec::jsonl::{self, FailedSuffix, Position};
use clearpipe_codec::{LineTemplates, Parser};
use clearpipe_model::field::{Field, FieldSet};
use clearpipe_model::input_label::InputLabel;
use clearpipe_model::random::Purpose;
use clearpipe_model::record::{Buffers, Line, Noted, NotedOfAny, Record, Status};
use clearpipe_model::record_number;
use clearpipe_model::reject::{Reason, Reject};
use clearpipe_model::time::is_rfc3339;
use std::sync::Arc;

/// What the Validators check.
#[derive(Clone, Debug)]
pub struct Validator {
    rules: ValidatorRules,
    out_of_range: FailedSuffix,
    invalid_timestamp: FailedSuffix,
    panics: Injection,
    seed: u64,
    noted: Arc<NotedOfAny>,
    dictionary: Arc<Dictionary>,
    pool: BatchPool,
}

/// Why a record is not valid.
#[derive(Clone, Copy, Debug)]
pub enum Rejection<'a> {
    /// Fields that it must have are missing, empty, or have nothing but blanks.
    Missing(FieldSet),
    /// A rule refuses it.
    Rule(&'a FailedSuffix),
}

/// What a worker keeps from one batch to the next.
#[derive(Debug, Default)]
struct WorkerScratch {
    /// What the lines before looked like.
    templates: LineTemplates,
    builder: RowBuilder,
}

/// The records of a batch that are valid, and those that are not.
type Parts = (Option<Valid>, Option<SharedFinished>);

/// Read records while they are parted.
struct Parted<'a> {
    valid: Vec<Record>,
    scratch: Vec<u8>,
    templates: &'a mut LineTemplates,
    label: InputLabel,
    failed: BatchBuilder<'a>,
}

/// Generated records while they are parted.
struct GeneratedParted<'a> {
    items: &'a mut [Generated],
    origin: Origin<'a>,
    /// How many of those that were looked at are valid. They stand in front.
    valid: usize,
    builder: &'a mut RowBuilder,
    failed: BatchBuilder<'a>,
}

impl Validator {
    /// The Validators of a configuration, whose batches come from there.
    pub fn new(config: &Config, pool: &BatchPool) -> Validator {
        let rules = config.validator.clone();
        Validator {
            out_of_range: FailedSuffix::new(Reason::ValueOutOfRange { min: rules.value_min, max: rules.value_max }),
            invalid_timestamp: FailedSuffix::new(Reason::InvalidTimestamp),
            rules,
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

    /// Why a record fails whose value is out of range.
    pub fn out_of_range(&self) -> &FailedSuffix {
        &self.out_of_range
    }

    /// One worker: sends on what is valid, and the rest to the error channel.
    // A worker that waits is little more than this future, and an `async fn` keeps its arguments twice.
    #[allow(clippy::manual_async_fn)]
    pub fn run(
        self: Arc<Self>,
        worker: Arc<WorkerContext>,
        mut data: Receiver<Raw>,
        mut valid: Sender<Valid>,
        mut errors: Sender<SharedFinished>,
    ) -> impl Future<Output = Result<(), StageError>> + Send {
        async move {
            let mut scratch = WorkerScratch::default();
            loop {
                worker.ready().await?;
                let (good, failed) = {
                    let raw = data.receive_some(|| worker.max_take()).await;
                    if raw.is_empty() {
                        return Ok(());
                    }
                    worker.record_all(EventKind::WorkStart, &raw);
                    worker.serve(raw.iter().flat_map(Traceable::numbers)).await;
                    self.part_all(raw, &mut scratch, &worker)
                };
                valid.send_all(worker.done_as(EventKind::Valid, good)).await?;
                errors.send_all(worker.done_as(EventKind::Invalid, failed)).await?;
            }
        }
    }

    fn part_all(
        &self,
        raw: Items<Raw>,
        scratch: &mut WorkerScratch,
        worker: &WorkerContext,
    ) -> (Items<Valid>, Items<SharedFinished>) {
        let checkout = self.pool.checkout(worker.run.runtime.thread(), raw.len());
        gather(raw.into_iter().map(|raw| self.part(raw, scratch, &checkout, worker)))
    }

    /// Parts those that are valid from those that fail.
    fn part(&self, raw: Raw, scratch: &mut WorkerScratch, checkout: &Checkout, worker: &WorkerContext) -> Parts {
        match raw {
            Raw::Generated(batch) => self.part_generated(batch, &mut scratch.builder, checkout, worker),
            Raw::Lines(lines) => self.part_lines(*lines, &mut scratch.templates, checkout, worker),
        }
    }

    /// Parts the valid ones of generated records from those that fail.
    fn part_generated(
        &self,
        mut batch: GeneratedBatch,
        builder: &mut RowBuilder,
        checkout: &Checkout,
        worker: &WorkerContext,
    ) -> Parts {
        let GeneratedBatch { group, items, produced_at } = &mut batch;
        let origin = Origin { dictionary: &self.dictionary, produced_at: *produced_at };
        let count = items.len();
        let mut parted = GeneratedParted { items, origin, valid: 0, builder, failed: failed(group, count, checkout) };
        for_each_isolated(
            count,
            &mut parted,
            |parted, at| {
                self.maybe_panic(parted.items[at].number, worker);
                parted.record(self, at);
            },
            |parted, at, message| {
                parted.failed.forget_unfinished();
                *parted.builder = RowBuilder::default();
                parted.refuse(at, &FailedSuffix::new(panicked(message)));
            },
        );
        let valid = parted.valid;
        let failed = parted.failed.share();
        batch.items.truncate(valid);
        ((valid > 0).then_some(Valid::Generated(batch)), failed)
    }

    /// Makes records of lines, and parts the valid ones from those that fail. `templates` are what the lines before looked like.
    fn part_lines(
        &self,
        LineBatch { batch: Batch { group, items: lines, input, scratch }, parser, label }: LineBatch,
        templates: &mut LineTemplates,
        checkout: &Checkout,
        worker: &WorkerContext,
    ) -> Parts {
        let valid = Vec::with_capacity(lines.len());
        let mut parted = Parted { valid, scratch, templates, label, failed: failed(&group, lines.len(), checkout) };
        for_each_isolated(
            lines.len(),
            &mut parted,
            |parted, at| {
                self.maybe_panic(lines[at].number, worker);
                parted.line(self, &lines[at], &input, &parser);
            },
            |parted, at, message| {
                parted.failed.forget_unfinished();
                parted.malformed(&lines[at], &input, &reject(&lines[at], panicked(message)));
            },
        );
        let Parted { valid, scratch, failed, label, .. } = parted;
        if worker.run.tracer.keeps_ids() && !group.traced().is_empty() {
            keep_ids(&lines, &input, &parser, &worker.run.tracer);
        }
        let failed = failed.share();
        let read = |items| RecordBatch { batch: Batch { group, items, input, scratch }, lines, label };
        ((!valid.is_empty()).then(|| Valid::Read(Box::new(read(valid)))), failed)
    }

    /// The rules, in the order of the specification.
    ///
    /// # Errors
    /// What the first rule that is broken says.
    #[inline]
    pub fn check(&self, record: &Record, buffers: Buffers<'_>) -> Result<(), Rejection<'_>> {
        let rules = &self.rules;
        if self.is_out_of_range(record.value) {
            return Err(Rejection::Rule(&self.out_of_range));
        }
        // Most records have all fields, which is soon seen.
        if !record.is_complete() || record.noted.has(Noted::BLANK) {
            let missing = rules.required.iter().copied().filter(|field| is_missing(record, *field, buffers));
            let missing: FieldSet = missing.collect();
            if !missing.is_empty() {
                return Err(Rejection::Missing(missing));
            }
        }
        if rules.rfc3339_timestamps && !record.timestamp.is_absent() && !is_rfc3339(&buffers.decoded(record.timestamp))
        {
            return Err(Rejection::Rule(&self.invalid_timestamp));
        }
        Ok(())
    }

    #[inline]
    fn is_out_of_range(&self, value: f64) -> bool {
        value < self.rules.value_min || value > self.rules.value_max
    }

    #[inline]
    fn maybe_panic(&self, number: u64, worker: &WorkerContext) {
        if self.panics != Injection::Off
            && self.panics.hits(self.seed, Purpose::ValidatorPanic, record_number::number(number))
        {
            worker.record(EventKind::Fault, number);
            panic!("injected fault");
        }
    }
}

impl GeneratedParted<'_> {
    /// Looks at the record at `at`. If it is valid, it moves up to the other valid ones.
    #[inline]
    fn record(&mut self, rules: &Validator, at: usize) {
        let record = self.items[at];
        // Their timestamps are right, and whether they are complete is known.
        if !rules.is_out_of_range(record.value) && self.origin.dictionary.is_complete(&record) {
            self.is_valid(at);
        } else {
            self.look_closer(rules, at);
        }
    }

    #[inline]
    fn is_valid(&mut self, at: usize) {
        self.items[self.valid] = self.items[at];
        self.valid += 1;
    }

    fn look_closer(&mut self, rules: &Validator, at: usize) {
        let (record, buffers) = self.builder.record(self.origin, &self.items[at]);
        match rules.check(&record, buffers) {
            Ok(()) => self.is_valid(at),
            Err(Rejection::Rule(why)) => self.refuse(at, why),
            Err(Rejection::Missing(fields)) => self.refuse(at, &FailedSuffix::new(Reason::MissingFields { fields })),
        }
    }

    fn refuse(&mut self, at: usize, why: &FailedSuffix) {
        let record = &self.items[at];
        let pieces = self.builder.pieces(self.origin, record);
        self.failed.push_failed(
            record.number,
            why.reason(),
            || None,
            |out| {
                jsonl::write_pieces_failed(out, pieces, record.value, why.suffix());
            },
        );
    }
}

impl Parted<'_> {
    /// A line of an input.
    fn line(&mut self, rules: &Validator, line: &Line, input: &[u8], parser: &Parser) {
        let mut record = match parser.parse_like(self.templates, line, input, &mut self.scratch) {
            Ok(record) => record,
            Err(reject) => return self.malformed(line, input, &reject),
        };
        self.label.add_to(&mut record, input, &mut self.scratch);
        let checked = rules.check(&record, Buffers { input, scratch: &self.scratch });
        // What lacks a field is written as it was read.
        if record.noted != Noted::NOTHING && !matches!(checked, Err(Rejection::Missing(_))) {
            rules.noted.add(record.noted);
        }
        match checked {
            Ok(()) => self.valid.push(record),
            Err(Rejection::Rule(why)) => self.refuse(&record, line, input, why),
            Err(Rejection::Missing(fields)) => {
                self.malformed(line, input, &reject(line, Reason::MissingFields { fields }));
            }
        }
    }

    fn refuse(&mut self, record: &Record, line: &Line, input: &[u8], why: &FailedSuffix) {
        let Parted { scratch, failed, label, .. } = self;
        let place = || Some(InputPlace { label: label.clone(), line: line.line, column: None });
        failed.push_failed(record.number, why.reason(), place, |out| {
            let position = Position { label, line: line.line };
            jsonl::write_failed(out, record, Buffers { input, scratch }, why.suffix(), Some(position));
        });
    }

    fn malformed(&mut self, line: &Line, input: &[u8], reject: &Reject) {
        let Parted { label, failed, .. } = self;
        let place = || Some(InputPlace { label: label.clone(), line: reject.line, column: reject.column });
        failed.push_failed(line.number, &reject.reason, place, |out| {
            jsonl::write_malformed(out, line, input, reject, label);
        });
    }
}

/// No failed records yet, of a group of which so many were produced: few fail as a rule.
fn failed<'a>(group: &'a Group, count: usize, checkout: &'a Checkout) -> BatchBuilder<'a> {
    BatchBuilder::new(group, Status::Invalid, count / 8, checkout)
}

/// Keeps the ids of the traced records among lines. Those are read once more, by the complete reader: the quick one has
/// a single caller, the loop over all lines, which it becomes a part of.
fn keep_ids(lines: &[Line], input: &[u8], parser: &Parser, tracer: &Tracer) {
    let mut scratch = Vec::new();
    for line in lines.iter().filter(|line| record_number::is_traced(line.number)) {
        scratch.clear();
        let Ok(record) = parser.parse(line, input, &mut scratch) else { continue };
        if !record.id.is_absent() {
            tracer.keep_id(line.number, &Buffers { input, scratch: &scratch }.decoded(record.id));
        }
    }
}

/// Whether a field is missing, empty, or has nothing but blanks.
fn is_missing(record: &Record, field: Field, buffers: Buffers<'_>) -> bool {
    let text = match field {
        Field::Value => return record.value.is_nan(),
        Field::Id => record.id,
        Field::Timestamp => record.timestamp,
        Field::SensorId => record.sensor_id,
        Field::Unit => record.unit,
        Field::Location => record.location,
    };
    text.is_empty() || clearpipe_model::json_text::is_blank(buffers.bytes(text))
}

fn panicked(message: String) -> Reason {
    Reason::ValidatorPanicked { message: message.into() }
}

fn reject(line: &Line, reason: Reason) -> Reject {
    Reject { reason, line: line.line, column: None }
}
