//! The Transformers: the anomaly score, and the line for the file.

use super::StageError;
use super::isolate::for_each_isolated;
use super::seat::Seat;
use crate::batch::{Batch, Finished, SpareFinished, Weight};
use crate::channel::{Receiver, Sender};
use crate::config::{Config, Injection, TransformerRules};
use crate::jsonl::{self, Ending};
use crate::random::Purpose;
use crate::record::{Buffers, Record, Status, Text};
use crate::trace::{self, EventKind};
use std::sync::Arc;

/// How the Transformers transform.
#[derive(Clone, Debug)]
pub struct Transformer {
    rules: TransformerRules,
    invalid_unit: Ending,
    no_value: Ending,
    no_score: Ending,
    panics: Injection,
    seed: u64,
    spare: SpareFinished,
}

/// A batch while it is transformed.
struct Transformed<'a> {
    units: Units<'a>,
    processed: Finished,
    failed: Finished,
}

/// Which of the units of a batch can be transformed: the few there are, as a rule, are looked into only once.
#[derive(Debug, Default)]
pub struct Units<'a> {
    /// Where the last one was, which is quick to compare.
    last: Option<(Text, bool)>,
    known: Vec<(&'a [u8], bool)>,
}

impl Transformer {
    /// The Transformers of a configuration.
    pub fn new(config: &Config) -> Transformer {
        Transformer {
            rules: config.transformer.clone(),
            invalid_unit: ending("Invalid unit for transformation"),
            no_value: ending("No value for transformation"),
            no_score: ending("Anomaly score out of the range of a 64-bit float"),
            panics: config.faults.transformer_panic,
            seed: config.seed,
            spare: SpareFinished::default(),
        }
    }

    /// One worker: sends on what is processed, and what can't be to the error channel.
    pub async fn run(
        self: Arc<Self>,
        seat: Arc<Seat>,
        mut valid: Receiver<Batch<Record>>,
        mut processed: Sender<Arc<Finished>>,
        mut errors: Sender<Arc<Finished>>,
    ) -> Result<(), StageError> {
        loop {
            seat.ready().await?;
            let Some(batch) = valid.receive().await else { return Ok(()) };
            seat.record_each(EventKind::WorkStart, &batch);
            seat.serve(batch.numbers()).await;
            let Transformed { processed: good, failed, .. } = self.transform(&batch, &seat);
            if let Some(good) = good.share() {
                record_processed(&seat, &good);
                seat.record_each(EventKind::WorkEnd, &good);
                processed.send(good).await?;
            }
            if let Some(failed) = failed.share() {
                seat.record_each(EventKind::TransformationError, &failed);
                seat.record_each(EventKind::WorkEnd, &failed);
                errors.send(failed).await?;
            }
        }
    }

    /// Transforms the records of a batch, all at one time of day.
    fn transform<'a>(&self, batch: &'a Batch<Record>, seat: &Seat) -> Transformed<'a> {
        let mut processed_at = Vec::with_capacity(32);
        seat.time_of_day().write(&mut processed_at);
        let ending = Ending::processed(&processed_at);
        let (group, count) = (&batch.group, batch.items.len());
        let mut transformed = Transformed {
            units: Units::default(),
            processed: Finished::reusing(&self.spare, group.clone(), count),
            // Few fail as a rule.
            failed: Finished::new(group.clone(), count / 8),
        };
        let buffers = batch.buffers();
        for_each_isolated(
            count,
            &mut transformed,
            |transformed, at| {
                let record = &batch.items[at];
                self.maybe_panic(record.number, seat);
                match self.score(record, buffers, &mut transformed.units) {
                    Ok(score) => transformed.add(record, buffers, &ending, score, score > self.rules.threshold),
                    Err(ending) => transformed.fail(record, buffers, ending),
                }
            },
            |transformed, at, message| {
                let ending = self::ending(&format!("the Transformer panicked: {message}"));
                transformed.fail(&batch.items[at], buffers, &ending);
            },
        );
        transformed
    }

    /// The anomaly score of a record. `units` must have been used with no other buffers.
    ///
    /// # Errors
    /// What the line of a record ends with that has none.
    #[inline]
    pub fn score<'a>(&self, record: &Record, buffers: Buffers<'a>, units: &mut Units<'a>) -> Result<f64, &Ending> {
        if !units.can_be_transformed(record.unit, buffers, self) {
            return Err(&self.invalid_unit);
        }
        if record.value.is_nan() {
            return Err(&self.no_value);
        }
        let score = record.value * self.rules.multiplier;
        if score.is_finite() { Ok(score) } else { Err(&self.no_score) }
    }

    /// Whether a record with this unit can be transformed.
    pub fn accepts(&self, unit: Text, buffers: Buffers<'_>) -> bool {
        let is_unit = |other: &String| buffers.is(unit, other);
        let TransformerRules { invalid_units, valid_units, .. } = &self.rules;
        !invalid_units.iter().any(is_unit) && (valid_units.is_empty() || valid_units.iter().any(is_unit))
    }

    /// What the line of a record ends with whose unit can't be transformed.
    pub fn invalid_unit(&self) -> &Ending {
        &self.invalid_unit
    }

    fn maybe_panic(&self, number: u64, seat: &Seat) {
        if self.panics != Injection::Off
            && self.panics.hits(self.seed, Purpose::TransformerPanic, trace::number(number))
        {
            seat.record(EventKind::Fault, number);
            panic!("injected fault");
        }
    }
}

impl<'a> Units<'a> {
    /// How many are remembered; more would take longer to find than to look into.
    const MOST: usize = 8;

    fn can_be_transformed(&mut self, unit: Text, buffers: Buffers<'a>, transformer: &Transformer) -> bool {
        match self.last {
            Some((last, can)) if last == unit => can,
            _ => {
                let can = self.look_up(unit, buffers, transformer);
                self.last = Some((unit, can));
                can
            }
        }
    }

    fn look_up(&mut self, unit: Text, buffers: Buffers<'a>, transformer: &Transformer) -> bool {
        let bytes = buffers.bytes(unit);
        if let Some(&(_, can)) = self.known.iter().find(|(known, _)| *known == bytes) {
            return can;
        }
        let can = transformer.accepts(unit, buffers);
        if self.known.len() < Self::MOST {
            self.known.push((bytes, can));
        }
        can
    }
}

impl Transformed<'_> {
    fn add(&mut self, record: &Record, buffers: Buffers<'_>, ending: &Ending, score: f64, is_anomaly: bool) {
        self.processed.push(record.number, record.value, Status::Processed, is_anomaly, |out| {
            jsonl::write_processed(out, record, buffers, ending, score, is_anomaly);
        });
    }

    fn fail(&mut self, record: &Record, buffers: Buffers<'_>, ending: &Ending) {
        self.failed.push(record.number, record.value, Status::TransformationError, false, |out| {
            jsonl::write_failed(out, record, buffers, ending);
        });
    }
}

fn ending(reason: &str) -> Ending {
    Ending::failed(Status::TransformationError, reason)
}

fn record_processed(seat: &Seat, batch: &Finished) {
    if batch.group.traced {
        for outcome in batch.outcomes.iter() {
            let kind = if outcome.is_anomaly { EventKind::Anomaly } else { EventKind::Processed };
            seat.record(kind, outcome.number);
        }
    }
}
