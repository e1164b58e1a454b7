//! The Validators: data integrity and business rules.
//!
//! A line of an input file is parsed here, not in the Producer: there are many Validators.

use super::StageError;
use super::isolate::for_each_isolated;
use super::seat::Seat;
use crate::batch::{Batch, Finished, Raw, Weight};
use crate::channel::{Receiver, Sender};
use crate::config::{Config, Injection, ValidatorRules};
use crate::jsonl::{self, Ending, Malformed};
use crate::random::Purpose;
use crate::record::{Buffers, Line, Record, Status};
use crate::source::{Field, Parser, Shape};
use crate::time::is_rfc3339;
use crate::trace::{self, EventKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What the Validators check.
#[derive(Clone, Debug)]
pub struct Validator {
    rules: ValidatorRules,
    out_of_range: Ending,
    no_timestamp: Ending,
    panics: Injection,
    seed: u64,
    had_outcome: Arc<AtomicBool>,
}

/// Why a record is not valid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Refusal<'a> {
    /// A field that it must have is missing or empty.
    Missing(Field),
    /// A rule refuses it; this is what its line ends with.
    Rule(&'a Ending),
}

/// A batch while it is parted.
struct Parted<'a> {
    /// The valid records; of the generator's records also those that were not looked at yet.
    records: Vec<Record>,
    /// How many of them are known to be valid. They stand in front.
    valid: usize,
    scratch: Vec<u8>,
    shape: &'a mut Shape,
    failed: Finished,
}

impl Validator {
    /// The Validators of a configuration.
    pub fn new(config: &Config) -> Validator {
        let rules = config.validator.clone();
        Validator {
            out_of_range: ending(&format!("Value out of expected range ({}-{})", rules.value_min, rules.value_max)),
            no_timestamp: ending("Timestamp is no RFC 3339 time such as 2026-01-31T23:59:59Z"),
            rules,
            panics: config.faults.validator_panic,
            seed: config.seed,
            had_outcome: Arc::default(),
        }
    }

    /// Whether any line had fields that the pipeline writes itself.
    pub fn had_outcome(&self) -> Arc<AtomicBool> {
        self.had_outcome.clone()
    }

    /// What the line of a record ends with whose value is out of range.
    pub fn out_of_range(&self) -> &Ending {
        &self.out_of_range
    }

    /// One worker: sends on what is valid, and the rest to the error channel.
    pub async fn run(
        self: Arc<Self>,
        seat: Arc<Seat>,
        mut data: Receiver<Raw>,
        mut valid: Sender<Batch<Record>>,
        mut errors: Sender<Arc<Finished>>,
    ) -> Result<(), StageError> {
        let mut shape = Shape::default();
        loop {
            seat.ready().await?;
            let Some(raw) = data.receive().await else { return Ok(()) };
            seat.record_each(EventKind::WorkStart, &raw);
            seat.serve(raw.numbers()).await;
            let (good, failed) = self.validate(raw, &mut shape, &seat);
            if let Some(good) = good {
                seat.record_each(EventKind::Valid, &good);
                seat.record_each(EventKind::WorkEnd, &good);
                valid.send(good).await?;
            }
            if let Some(failed) = failed {
                seat.record_each(EventKind::Invalid, &failed);
                seat.record_each(EventKind::WorkEnd, &failed);
                errors.send(failed).await?;
            }
        }
    }

    /// Parts the valid records of a batch from those that fail. `shape` is what the lines before looked like.
    fn validate(&self, raw: Raw, shape: &mut Shape, seat: &Seat) -> (Option<Batch<Record>>, Option<Arc<Finished>>) {
        let group = raw.group();
        // Few fail as a rule.
        let failed = Finished::new(group.clone(), raw.records() / 8);
        let (input, parted) = match raw {
            Raw::Records(Batch { items, input, scratch, .. }) => {
                let count = items.len();
                let mut parted = Parted { records: items, valid: 0, scratch, shape, failed };
                for_each_isolated(
                    count,
                    &mut parted,
                    |parted, at| {
                        self.maybe_panic(parted.records[at].number, seat);
                        parted.record(self, at, &input);
                    },
                    |parted, at, message| {
                        let record = parted.records[at];
                        parted.refuse(&record, &input, &ending(&panicked(&message)));
                    },
                );
                (input, parted)
            }
            Raw::Lines { batch: Batch { items, input, scratch, .. }, parser } => {
                let records = Vec::with_capacity(items.len());
                let mut parted = Parted { records, valid: 0, scratch, shape, failed };
                for_each_isolated(
                    items.len(),
                    &mut parted,
                    |parted, at| {
                        self.maybe_panic(items[at].number, seat);
                        parted.line(self, &items[at], &input, &parser);
                    },
                    |parted, at, message| {
                        parted.malformed(&items[at], &input, &malformed(&items[at], panicked(&message)));
                    },
                );
                (input, parted)
            }
        };
        let Parted { mut records, valid, scratch, failed, .. } = parted;
        records.truncate(valid);
        let valid = (!records.is_empty()).then_some(Batch { group, items: records, input, scratch });
        (valid, failed.share())
    }

    /// The rules, in the order of the specification.
    ///
    /// # Errors
    /// What the first rule that is broken says.
    #[inline]
    pub fn check(&self, record: &Record, buffers: Buffers<'_>) -> Result<(), Refusal<'_>> {
        let rules = &self.rules;
        if record.value < rules.value_min || record.value > rules.value_max {
            return Err(Refusal::Rule(&self.out_of_range));
        }
        // Most records have all fields, which is soon seen.
        if !record.is_complete()
            && let Some(&missing) = rules.required.iter().find(|&&field| is_missing(record, field))
        {
            return Err(Refusal::Missing(missing));
        }
        if rules.rfc3339_timestamps && !record.timestamp.is_absent() && !is_rfc3339(&buffers.decoded(record.timestamp))
        {
            return Err(Refusal::Rule(&self.no_timestamp));
        }
        Ok(())
    }

    fn maybe_panic(&self, number: u64, seat: &Seat) {
        if self.panics != Injection::Off && self.panics.hits(self.seed, Purpose::ValidatorPanic, trace::number(number))
        {
            seat.record(EventKind::Fault, number);
            panic!("injected fault");
        }
    }
}

impl Parted<'_> {
    /// The record of the generator at `at`. If it is valid, it moves up to the other valid ones.
    fn record(&mut self, rules: &Validator, at: usize, input: &[u8]) {
        let record = &self.records[at];
        match rules.check(record, Buffers { input, scratch: &self.scratch }) {
            Ok(()) => {
                self.records[self.valid] = *record;
                self.valid += 1;
            }
            Err(refusal) => {
                let record = *record;
                match refusal {
                    Refusal::Rule(ending) => self.refuse(&record, input, ending),
                    Refusal::Missing(field) => self.refuse(&record, input, &ending(&missing(field))),
                }
            }
        }
    }

    /// A line of an input.
    fn line(&mut self, rules: &Validator, line: &Line, input: &[u8], parser: &Parser) {
        let record = match parser.parse_like(self.shape, line, input, &mut self.scratch) {
            Ok(record) => record,
            Err(problem) => return self.malformed(line, input, &problem),
        };
        if record.had_outcome {
            rules.had_outcome.store(true, Ordering::Relaxed);
        }
        match rules.check(&record, Buffers { input, scratch: &self.scratch }) {
            Ok(()) => {
                self.records.push(record);
                self.valid += 1;
            }
            Err(Refusal::Rule(ending)) => self.refuse(&record, input, ending),
            Err(Refusal::Missing(field)) => self.malformed(line, input, &malformed(line, missing(field))),
        }
    }

    fn refuse(&mut self, record: &Record, input: &[u8], ending: &Ending) {
        let Parted { scratch, failed, .. } = self;
        failed.push(record.number, record.value, Status::Invalid, false, |out| {
            jsonl::write_failed(out, record, Buffers { input, scratch }, ending);
        });
    }

    fn malformed(&mut self, line: &Line, input: &[u8], problem: &Malformed) {
        self.failed.push(line.number, f64::NAN, Status::Invalid, false, |out| {
            jsonl::write_malformed(out, line, input, problem);
        });
    }
}

fn is_missing(record: &Record, field: Field) -> bool {
    match field {
        Field::Id => record.id.is_empty(),
        Field::Timestamp => record.timestamp.is_empty(),
        Field::SensorId => record.sensor_id.is_empty(),
        Field::Value => record.value.is_nan(),
        Field::Unit => record.unit.is_empty(),
        Field::Location => record.location.is_empty(),
    }
}

fn ending(reason: &str) -> Ending {
    Ending::failed(Status::Invalid, reason)
}

fn missing(field: Field) -> String {
    format!("required field `{field}` is missing")
}

fn panicked(message: &str) -> String {
    format!("the Validator panicked: {message}")
}

fn malformed(line: &Line, reason: String) -> Malformed {
    Malformed { line: line.line, column: None, reason }
}
