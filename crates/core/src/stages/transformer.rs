//! The Transformers: the anomaly score, and the line for the file.

use super::isolate::for_each_isolated;
use super::seat::Seat;
use super::{StageError, gather};
use crate::batch::{Batch, Collected, Group, SharedFinished, Valid, Weight};
use crate::channel::{Items, Receiver, Sender};
use crate::config::{Config, Injection, TransformerRules};
use crate::generator::{Forms, Generated, GeneratedBatch, Origin, Whole};
use crate::jsonl::{self, Ending, ProcessedEnding};
use crate::random::Purpose;
use crate::record::{Buffers, Record, Status, Text};
use crate::recycled::{Recycling, Spares};
use crate::trace::{self, EventKind};
use memchr::memchr;
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
    forms: Arc<Forms>,
    recycling: Recycling,
}

/// What a worker keeps from one batch to the next.
#[derive(Debug)]
struct Kept {
    ending: ProcessedEnding,
    known: Known,
}

/// What it knows of the records before, which are not much different.
#[derive(Debug, Default)]
struct Known {
    units: Units,
    whole: Whole,
}

/// The records of a batch that were processed, and those that could not be.
type Ends = (Option<SharedFinished>, Option<SharedFinished>);

/// A batch of records, however they travel.
trait Records {
    fn group(&self) -> &Group;

    fn count(&self) -> usize;

    /// Where the units of the records are.
    fn units_in(&self) -> Buffers<'_>;

    /// The number of a record, its value and its unit.
    fn record(&self, at: usize) -> (u64, f64, Text);

    fn write_processed(&self, at: usize, whole: &mut Whole, out: &mut Vec<u8>, ending: &Ending, score: Score);

    fn write_failed(&self, at: usize, whole: &mut Whole, out: &mut Vec<u8>, ending: &Ending);
}

/// The anomaly score of a record.
#[derive(Clone, Copy, Debug)]
struct Score {
    score: f64,
    is_anomaly: bool,
}

/// A batch of the generator.
struct OfGenerator<'a> {
    group: &'a Group,
    items: &'a [Generated],
    origin: Origin<'a>,
}

impl Records for OfGenerator<'_> {
    fn group(&self) -> &Group {
        self.group
    }

    fn count(&self) -> usize {
        self.items.len()
    }

    fn units_in(&self) -> Buffers<'_> {
        self.origin.forms.buffers()
    }

    #[inline]
    fn record(&self, at: usize) -> (u64, f64, Text) {
        let record = &self.items[at];
        (record.number, record.value, self.origin.forms.unit(record))
    }

    #[inline]
    fn write_processed(&self, at: usize, whole: &mut Whole, out: &mut Vec<u8>, ending: &Ending, score: Score) {
        let record = &self.items[at];
        let pieces = whole.pieces(self.origin, record);
        jsonl::write_pieces_processed(out, pieces, record.value, ending, score.score, score.is_anomaly);
    }

    fn write_failed(&self, at: usize, whole: &mut Whole, out: &mut Vec<u8>, ending: &Ending) {
        let record = &self.items[at];
        jsonl::write_pieces_failed(out, whole.pieces(self.origin, record), record.value, ending);
    }
}

impl Records for Batch<Record> {
    fn group(&self) -> &Group {
        &self.group
    }

    fn count(&self) -> usize {
        self.items.len()
    }

    fn units_in(&self) -> Buffers<'_> {
        self.buffers()
    }

    #[inline]
    fn record(&self, at: usize) -> (u64, f64, Text) {
        let record = &self.items[at];
        (record.number, record.value, record.unit)
    }

    fn write_processed(&self, at: usize, _: &mut Whole, out: &mut Vec<u8>, ending: &Ending, score: Score) {
        jsonl::write_processed(out, &self.items[at], self.buffers(), ending, score.score, score.is_anomaly);
    }

    fn write_failed(&self, at: usize, _: &mut Whole, out: &mut Vec<u8>, ending: &Ending) {
        jsonl::write_failed(out, &self.items[at], self.buffers(), ending);
    }
}

/// A batch while it is transformed.
struct Transformed<'a> {
    known: &'a mut Known,
    processed: Collected<'a>,
    failed: Collected<'a>,
}

/// Which units can be transformed: the few there are, as a rule, are looked into only once.
#[derive(Debug, Default)]
pub struct Units {
    /// Where the last one was, if it was in the same buffers, which is quick to compare.
    last: Option<(Text, bool)>,
    known: Vec<(Box<[u8]>, bool)>,
}

impl Transformer {
    /// The Transformers of a configuration, whose batches come from there.
    pub fn new(config: &Config, recycling: &Recycling) -> Transformer {
        let mut rules = config.transformer.clone();
        // Spaces around a unit don't make it another one; those of the rules are removed once.
        for unit in rules.invalid_units.iter_mut().chain(&mut rules.valid_units) {
            *unit = unit.trim().to_owned();
        }
        Transformer {
            rules,
            invalid_unit: ending(jsonl::INVALID_UNIT),
            no_value: ending(jsonl::NO_VALUE),
            no_score: ending(jsonl::NO_SCORE),
            panics: config.faults.transformer_panic,
            seed: config.seed,
            forms: Arc::new(Forms::new(&config.generator)),
            recycling: recycling.clone(),
        }
    }

    /// One worker: sends on what is processed, and what can't be to the error channel.
    // A worker that waits is little more than this future, and an `async fn` keeps its arguments twice.
    #[allow(clippy::manual_async_fn)]
    pub fn run(
        self: Arc<Self>,
        seat: Arc<Seat>,
        mut valid: Receiver<Valid>,
        mut processed: Sender<SharedFinished>,
        mut errors: Sender<SharedFinished>,
    ) -> impl Future<Output = Result<(), StageError>> + Send {
        async move {
            let mut kept = Kept { ending: ProcessedEnding::new(seat.time_of_day()), known: Known::default() };
            loop {
                seat.ready().await?;
                let (good, failed) = {
                    let valid = valid.receive_some().await;
                    if valid.is_empty() {
                        return Ok(());
                    }
                    seat.record_all(EventKind::WorkStart, &valid);
                    seat.serve(valid.iter().flat_map(Weight::numbers)).await;
                    self.transform_all(&valid, &mut kept, &seat)
                };
                processed.send_all(done_as_processed(&seat, good)).await?;
                errors.send_all(seat.done_as(EventKind::TransformationError, failed)).await?;
            }
        }
    }

    /// Transforms the records of some batches, all at one time of day: those that are processed, and those that can't be.
    fn transform_all(
        &self,
        valid: &[Valid],
        kept: &mut Kept,
        seat: &Seat,
    ) -> (Items<SharedFinished>, Items<SharedFinished>) {
        let Kept { ending, known } = kept;
        let ending = ending.at(seat.time_of_day());
        let spares = self.recycling.spares(seat.run.runtime.thread(), valid.len());
        gather(valid.iter().map(|batch| self.transform(batch, ending, known, &spares, seat)))
    }

    fn transform(&self, batch: &Valid, ending: &Ending, known: &mut Known, spares: &Spares, seat: &Seat) -> Ends {
        match batch {
            Valid::Generated(GeneratedBatch { group, items, produced_at }) => {
                let origin = Origin { forms: &self.forms, produced_at: *produced_at };
                self.transform_each(&OfGenerator { group, items, origin }, ending, known, spares, seat)
            }
            Valid::Read(batch) => {
                known.units.next_batch();
                self.transform_each(&**batch, ending, known, spares, seat)
            }
        }
    }

    fn transform_each<B: Records>(
        &self,
        batch: &B,
        ending: &Ending,
        known: &mut Known,
        spares: &Spares,
        seat: &Seat,
    ) -> Ends {
        let (group, count, units_in) = (batch.group(), batch.count(), batch.units_in());
        let mut transformed = Transformed {
            known,
            processed: Collected::new(group, Status::Processed, count, spares),
            // Few fail as a rule.
            failed: Collected::new(group, Status::TransformationError, count / 8, spares),
        };
        for_each_isolated(
            count,
            &mut transformed,
            |Transformed { known: Known { units, whole }, processed, failed }, at| {
                let (number, value, unit) = batch.record(at);
                self.maybe_panic(number, seat);
                match self.score(value, unit, units_in, units) {
                    Ok(score) => {
                        let is_anomaly = score > self.rules.threshold;
                        processed.push_processed(number, value, is_anomaly, |out| {
                            batch.write_processed(at, whole, out, ending, Score { score, is_anomaly });
                        });
                    }
                    Err(ending) => failed.push(number, |out| batch.write_failed(at, whole, out, ending)),
                }
            },
            |Transformed { known, processed, failed }, at, message| {
                processed.forget_unfinished();
                failed.forget_unfinished();
                known.whole = Whole::default();
                let ending = self::ending(&format!("{}{message}", jsonl::TRANSFORMER_PANICKED));
                failed.push(batch.record(at).0, |out| batch.write_failed(at, &mut known.whole, out, &ending));
            },
        );
        (transformed.processed.share(), transformed.failed.share())
    }

    /// The anomaly score of a record, given its value and its unit, which is in these buffers.
    ///
    /// # Errors
    /// What the line of a record ends with that has none.
    #[inline]
    pub fn score(&self, value: f64, unit: Text, buffers: Buffers<'_>, units: &mut Units) -> Result<f64, &Ending> {
        if !units.can_be_transformed(unit, buffers, self) {
            return Err(&self.invalid_unit);
        }
        if value.is_nan() {
            return Err(&self.no_value);
        }
        let score = value * self.rules.multiplier;
        if score.is_finite() { Ok(score) } else { Err(&self.no_score) }
    }

    /// Whether a record with this unit can be transformed.
    pub fn accepts(&self, unit: Text, buffers: Buffers<'_>) -> bool {
        let bytes = buffers.bytes(unit);
        // Most units have neither escapes nor spaces around them.
        let is_plain = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii_graphic);
        let decoded;
        let unit = if is_plain(bytes.first()) && is_plain(bytes.last()) && memchr(b'\\', bytes).is_none() {
            bytes
        } else {
            decoded = buffers.decoded(unit);
            decoded.trim().as_bytes()
        };
        let is_unit = |other: &String| other.as_bytes() == unit;
        let TransformerRules { invalid_units, valid_units, .. } = &self.rules;
        !invalid_units.iter().any(is_unit) && (valid_units.is_empty() || valid_units.iter().any(is_unit))
    }

    /// What the line of a record ends with whose unit can't be transformed.
    pub fn invalid_unit(&self) -> &Ending {
        &self.invalid_unit
    }

    #[inline]
    fn maybe_panic(&self, number: u64, seat: &Seat) {
        if self.panics != Injection::Off
            && self.panics.hits(self.seed, Purpose::TransformerPanic, trace::number(number))
        {
            seat.record(EventKind::Fault, number);
            panic!("injected fault");
        }
    }
}

impl Units {
    /// How many are remembered; more would take longer to find than to look into.
    const MOST: usize = 8;

    /// What comes next is in other buffers. (Those of generated records are the same for all batches.)
    pub fn next_batch(&mut self) {
        self.last = None;
    }

    #[inline]
    fn can_be_transformed(&mut self, unit: Text, buffers: Buffers<'_>, transformer: &Transformer) -> bool {
        match self.last {
            Some((last, can)) if last == unit => can,
            _ => {
                let can = self.look_up(unit, buffers, transformer);
                self.last = Some((unit, can));
                can
            }
        }
    }

    fn look_up(&mut self, unit: Text, buffers: Buffers<'_>, transformer: &Transformer) -> bool {
        let bytes = buffers.bytes(unit);
        if let Some(&(_, can)) = self.known.iter().find(|(known, _)| **known == *bytes) {
            return can;
        }
        let can = transformer.accepts(unit, buffers);
        if self.known.len() < Self::MOST {
            self.known.push((bytes.into(), can));
        }
        can
    }
}

fn ending(reason: &str) -> Ending {
    Ending::failed(Status::TransformationError, reason)
}

/// As [`Seat::done_as`], processed or an anomaly, whichever each record is.
fn done_as_processed(seat: &Seat, batches: Items<SharedFinished>) -> Items<SharedFinished> {
    for batch in &batches {
        batch.for_each_traced(|at, record| {
            let is_anomaly = batch.outcomes[at].is_anomaly;
            seat.record(if is_anomaly { EventKind::Anomaly } else { EventKind::Processed }, record);
        });
    }
    seat.record_all(EventKind::WorkEnd, &batches);
    batches
}
