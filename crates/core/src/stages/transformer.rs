//! The Transformers: the anomaly score, and the line for the file.

use super::StageError;
use super::isolate::for_each_isolated;
use super::seat::Seat;
use crate::batch::{Batch, Finished, Weight};
use crate::channel::{Receiver, Sender};
use crate::config::{Config, Injection, TransformerRules};
use crate::jsonl;
use crate::random::Purpose;
use crate::record::{Buffers, Record, Status};
use crate::trace::{self, EventKind};
use std::sync::Arc;

/// How the Transformers transform.
#[derive(Clone, Debug)]
pub struct Transformer {
    rules: TransformerRules,
    panics: Injection,
    seed: u64,
}

/// A batch while it is transformed.
struct Transformed {
    processed: Finished,
    failed: Finished,
}

impl Transformer {
    /// The Transformers of a configuration.
    pub fn new(config: &Config) -> Transformer {
        Transformer { rules: config.transformer.clone(), panics: config.faults.transformer_panic, seed: config.seed }
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
            let Transformed { processed: good, failed } = self.transform(&batch, &seat);
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
    fn transform(&self, batch: &Batch<Record>, seat: &Seat) -> Transformed {
        let mut processed_at = Vec::with_capacity(32);
        seat.time_of_day().write(&mut processed_at);
        let mut transformed =
            Transformed { processed: Finished::new(batch.group.clone()), failed: Finished::new(batch.group.clone()) };
        let buffers = batch.buffers();
        for_each_isolated(
            batch.items.len(),
            &mut transformed,
            |transformed, at| {
                let record = &batch.items[at];
                self.maybe_panic(record.number, seat);
                match self.score(record, buffers) {
                    Ok(score) => transformed.add(record, buffers, &processed_at, score, score > self.rules.threshold),
                    Err(reason) => transformed.fail(record, buffers, reason),
                }
            },
            |transformed, at, message| {
                transformed.fail(&batch.items[at], buffers, &format!("the Transformer panicked: {message}"));
            },
        );
        transformed
    }

    /// The anomaly score of a record.
    ///
    /// # Errors
    /// Why it has none.
    pub fn score(&self, record: &Record, buffers: Buffers<'_>) -> Result<f64, &'static str> {
        let is_unit = |unit: &String| buffers.is(record.unit, unit);
        let TransformerRules { invalid_units, valid_units, .. } = &self.rules;
        if invalid_units.iter().any(is_unit) || !(valid_units.is_empty() || valid_units.iter().any(is_unit)) {
            return Err("Invalid unit for transformation");
        }
        if record.value.is_nan() {
            return Err("No value for transformation");
        }
        let score = record.value * self.rules.multiplier;
        if score.is_finite() { Ok(score) } else { Err("Anomaly score out of the range of a 64-bit float") }
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

impl Transformed {
    fn add(&mut self, record: &Record, buffers: Buffers<'_>, processed_at: &[u8], score: f64, is_anomaly: bool) {
        self.processed.push(record.number, record.value, Status::Processed, is_anomaly, |out| {
            jsonl::write_processed(out, record, buffers, processed_at, score, is_anomaly);
        });
    }

    fn fail(&mut self, record: &Record, buffers: Buffers<'_>, reason: &str) {
        let status = Status::TransformationError;
        self.failed.push(record.number, record.value, status, false, |out| {
            jsonl::write_failed(out, record, buffers, status, reason);
        });
    }
}

fn record_processed(seat: &Seat, batch: &Finished) {
    if seat.run.tracer.is_on() {
        for outcome in &batch.outcomes {
            let kind = if outcome.is_anomaly { EventKind::Anomaly } else { EventKind::Processed };
            seat.record(kind, outcome.number);
        }
    }
}
