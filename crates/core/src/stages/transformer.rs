//! The Transformers: the anomaly score, and the line for the file.

use super::gather;
use super::payload::{RecordBatch, Valid};
use crate::batch::{BatchBuilder, Group, InputPlace, SharedFinished, Traceable};
use crate::batch::{BatchPool, Checkout};
use crate::channels::{Receiver, Sender};
use crate::config::{Config, Injection, TransformerRules};
use crate::generator::{Dictionary, Generated, GeneratedBatch, Origin, RowBuilder};
use crate::trace::EventKind;
use crate::worker::StageError;
use crate::worker::WorkerContext;
use crate::worker::panic_guard::for_each_isolated;
use clearpipe_channel::Items;
use clearpipe_codec::jsonl::{self, FailedSuffix, LineSuffix, Position, ProcessedSuffix};
use clearpipe_model::random::Purpose;
use clearpipe_model::record::{Buffers, Status, Text};
use clearpipe_model::record_number;
use clearpipe_model::reject::Reason;
use memchr::memchr;
use std::sync::Arc;

/// How the Transformers transform.
#[derive(Clone, Debug)]
pub struct Transformer {
    rules: TransformerRules,
    invalid_unit: FailedSuffix,
    no_value: FailedSuffix,
    score_out_of_range: FailedSuffix,
    panics: Injection,
    seed: u64,
    dictionary: Arc<Dictionary>,
    pool: BatchPool,
}

/// What a worker keeps from one batch to the next.
#[derive(Debug)]
struct WorkerScratch {
    suffix: ProcessedSuffix,
    memo: Memo,
}

/// What it knows of the records before, which are not much different.
#[derive(Debug, Default)]
struct Memo {
    units: Units,
    builder: RowBuilder,
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

    fn write_processed(
        &self,
        at: usize,
        builder: &mut RowBuilder,
        out: &mut Vec<u8>,
        suffix: &LineSuffix,
        score: Score,
    );

    fn write_failed(&self, at: usize, builder: &mut RowBuilder, out: &mut Vec<u8>, suffix: &LineSuffix);

    /// Where the record with this number was read; `None` if it was generated.
    fn place(&self, number: u64) -> Option<InputPlace>;
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
        self.origin.dictionary.buffers()
    }

    #[inline]
    fn record(&self, at: usize) -> (u64, f64, Text) {
        let record = &self.items[at];
        (record.number, record.value, self.origin.dictionary.unit(record))
    }

    #[inline]
    fn write_processed(
        &self,
        at: usize,
        builder: &mut RowBuilder,
        out: &mut Vec<u8>,
        suffix: &LineSuffix,
        score: Score,
    ) {
        let record = &self.items[at];
        let pieces = builder.pieces(self.origin, record);
        jsonl::write_pieces_processed(out, pieces, record.value, suffix, score.score, score.is_anomaly);
    }

    fn write_failed(&self, at: usize, builder: &mut RowBuilder, out: &mut Vec<u8>, suffix: &LineSuffix) {
        let record = &self.items[at];
        jsonl::write_pieces_failed(out, builder.pieces(self.origin, record), record.value, suffix);
    }

    fn place(&self, _: u64) -> Option<InputPlace> {
        None
    }
}

impl Records for RecordBatch {
    fn group(&self) -> &Group {
        &self.batch.group
    }

    fn count(&self) -> usize {
        self.batch.items.len()
    }

    fn units_in(&self) -> Buffers<'_> {
        self.batch.buffers()
    }

    #[inline]
    fn record(&self, at: usize) -> (u64, f64, Text) {
        let record = &self.batch.items[at];
        (record.number, record.value, record.unit)
    }

    fn write_processed(&self, at: usize, _: &mut RowBuilder, out: &mut Vec<u8>, suffix: &LineSuffix, score: Score) {
        jsonl::write_processed(out, &self.batch.items[at], self.units_in(), suffix, score.score, score.is_anomaly);
    }

    fn write_failed(&self, at: usize, _: &mut RowBuilder, out: &mut Vec<u8>, suffix: &LineSuffix) {
        let record = &self.batch.items[at];
        let line = self.line_of(record.number);
        let position = line.map(|line| Position { label: &self.label, line: line.line });
        jsonl::write_failed(out, record, self.batch.buffers(), suffix, position);
    }

    fn place(&self, number: u64) -> Option<InputPlace> {
        let line = self.line_of(number)?.line;
        Some(InputPlace { label: self.label.clone(), line, column: None })
    }
}

/// A batch while it is transformed.
struct Transformed<'a> {
    memo: &'a mut Memo,
    processed: BatchBuilder<'a>,
    failed: BatchBuilder<'a>,
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
    pub fn new(config: &Config, pool: &BatchPool) -> Transformer {
        let mut rules = config.transformer.clone();
        // Spaces around a unit don't make it another one; those of the rules are removed once.
        for unit in rules.invalid_units.iter_mut().chain(&mut rules.valid_units) {
            *unit = unit.trim().to_owned();
        }
        Transformer {
            rules,
            invalid_unit: FailedSuffix::new(Reason::InvalidUnit),
            no_value: FailedSuffix::new(Reason::NoValue),
            score_out_of_range: FailedSuffix::new(Reason::ScoreOutOfRange),
            panics: config.faults.transformer_panic,
            seed: config.seed,
            dictionary: Arc::new(Dictionary::new(&config.generator)),
            pool: pool.clone(),
        }
    }

    /// One worker: sends on what is processed, and what can't be to the error channel.
    // A worker that waits is little more than this future, and an `async fn` keeps its arguments twice.
    #[allow(clippy::manual_async_fn)]
    pub fn run(
        self: Arc<Self>,
        worker: Arc<WorkerContext>,
        mut valid: Receiver<Valid>,
        mut processed: Sender<SharedFinished>,
        mut errors: Sender<SharedFinished>,
    ) -> impl Future<Output = Result<(), StageError>> + Send {
        async move {
            let mut scratch =
                WorkerScratch { suffix: ProcessedSuffix::new(worker.time_of_day()), memo: Memo::default() };
            loop {
                worker.ready().await?;
                let (good, failed) = {
                    let valid = valid.receive_some(|| worker.max_take()).await;
                    if valid.is_empty() {
                        return Ok(());
                    }
                    worker.record_all(EventKind::WorkStart, &valid);
                    worker.serve(valid.iter().flat_map(Traceable::numbers)).await;
                    self.transform_all(&valid, &mut scratch, &worker)
                };
                processed.send_all(done_as_processed(&worker, good)).await?;
                errors.send_all(worker.done_as(EventKind::TransformationError, failed)).await?;
            }
        }
    }

    /// Transforms the records of some batches, all at one time of day: those that are processed, and those that can't be.
    fn transform_all(
        &self,
        valid: &[Valid],
        scratch: &mut WorkerScratch,
        worker: &WorkerContext,
    ) -> (Items<SharedFinished>, Items<SharedFinished>) {
        let WorkerScratch { suffix, memo } = scratch;
        let suffix = suffix.at(worker.time_of_day());
        let checkout = self.pool.checkout(worker.run.runtime.thread(), valid.len());
        gather(valid.iter().map(|batch| self.transform(batch, suffix, memo, &checkout, worker)))
    }

    fn transform(
        &self,
        batch: &Valid,
        suffix: &LineSuffix,
        memo: &mut Memo,
        checkout: &Checkout,
        worker: &WorkerContext,
    ) -> Ends {
        match batch {
            Valid::Generated(GeneratedBatch { group, items, produced_at }) => {
                let origin = Origin { dictionary: &self.dictionary, produced_at: *produced_at };
                self.transform_each(&OfGenerator { group, items, origin }, suffix, memo, checkout, worker)
            }
            Valid::Read(batch) => {
                memo.units.next_batch();
                self.transform_each(&**batch, suffix, memo, checkout, worker)
            }
        }
    }

    fn transform_each<B: Records>(
        &self,
        batch: &B,
        suffix: &LineSuffix,
        memo: &mut Memo,
        checkout: &Checkout,
        worker: &WorkerContext,
    ) -> Ends {
        let (group, count, units_in) = (batch.group(), batch.count(), batch.units_in());
        let mut transformed = Transformed {
            memo,
            processed: BatchBuilder::new(group, Status::Processed, count, checkout),
            // Few fail as a rule.
            failed: BatchBuilder::new(group, Status::TransformationError, count / 8, checkout),
        };
        for_each_isolated(
            count,
            &mut transformed,
            |Transformed { memo: Memo { units, builder }, processed, failed }, at| {
                let (number, value, unit) = batch.record(at);
                self.maybe_panic(number, worker);
                match self.score(value, unit, units_in, units) {
                    Ok(score) => {
                        let is_anomaly = score > self.rules.threshold;
                        processed.push_processed(number, value, is_anomaly, |out| {
                            batch.write_processed(at, builder, out, suffix, Score { score, is_anomaly });
                        });
                    }
                    Err(why) => failed.push_failed(
                        number,
                        why.reason(),
                        || batch.place(number),
                        |out| {
                            batch.write_failed(at, builder, out, why.suffix());
                        },
                    ),
                }
            },
            |Transformed { memo, processed, failed }, at, message| {
                processed.forget_unfinished();
                failed.forget_unfinished();
                memo.builder = RowBuilder::default();
                let why = FailedSuffix::new(Reason::TransformerPanicked { message: message.into() });
                let number = batch.record(at).0;
                failed.push_failed(
                    number,
                    why.reason(),
                    || batch.place(number),
                    |out| {
                        batch.write_failed(at, &mut memo.builder, out, why.suffix());
                    },
                );
            },
        );
        (transformed.processed.share(), transformed.failed.share())
    }

    /// The anomaly score of a record, given its value and its unit, which is in these buffers.
    ///
    /// # Errors
    /// Why a record fails that has none.
    #[inline]
    pub fn score(&self, value: f64, unit: Text, buffers: Buffers<'_>, units: &mut Units) -> Result<f64, &FailedSuffix> {
        if !units.can_be_transformed(unit, buffers, self) {
            return Err(&self.invalid_unit);
        }
        if value.is_nan() {
            return Err(&self.no_value);
        }
        let score = value * self.rules.multiplier;
        if score.is_finite() { Ok(score) } else { Err(&self.score_out_of_range) }
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

    /// Why a record fails whose unit can't be transformed.
    pub fn invalid_unit(&self) -> &FailedSuffix {
        &self.invalid_unit
    }

    #[inline]
    fn maybe_panic(&self, number: u64, worker: &WorkerContext) {
        if self.panics != Injection::Off
            && self.panics.hits(self.seed, Purpose::TransformerPanic, record_number::number(number))
        {
            worker.record(EventKind::Fault, number);
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

/// As [`WorkerContext::done_as`], processed or an anomaly, whichever each record is.
fn done_as_processed(worker: &WorkerContext, batches: Items<SharedFinished>) -> Items<SharedFinished> {
    for batch in &batches {
        batch.for_each_traced(|at, record| {
            let is_anomaly = batch.outcomes[at].is_anomaly;
            worker.record(if is_anomaly { EventKind::Anomaly } else { EventKind::Processed }, record);
        });
    }
    worker.record_all(EventKind::WorkEnd, &batches);
    batches
}
