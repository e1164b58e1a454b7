//! The Producer: generates or ingests records.

use crate::batch::{Group, RecordBatch};
use crate::channels::Sender;
use crate::config::{BatchSize, Config, Plan};
use crate::generator::Generator;
use crate::live_settings::LiveSettings;
use crate::metrics::State;
use crate::settlement::{Committed, Settlement};
use crate::source::{Checked, Source};
use crate::stages::retries::Retries;
use crate::trace::EventKind;
use crate::worker::StageError;
use crate::worker::{RunContext, WorkerContext};
use clearpipe_channel::{ByteBudget, Items, Permit, Weighted, Window};
use clearpipe_codec::{FileSource, Inputs, Lines};
use clearpipe_model::notice::InputNotice;
use clearpipe_model::time::Timestamp;
use futures::FutureExt;
use futures::io::AsyncRead;
use smallvec::smallvec;
use std::future::poll_fn;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;

/// Where records come from.
pub enum RecordsFrom {
    /// The generator, as the configuration describes it.
    Generator,
    /// The inputs, read one after the other with the settings in [`Config::input`].
    Inputs(Inputs),
    /// Another source.
    Source(Box<dyn Source>),
}

impl RecordsFrom {
    /// A single input without a name.
    pub fn file(reader: Box<dyn AsyncRead + Send + Unpin>) -> RecordsFrom {
        RecordsFrom::Inputs(reader.into())
    }

    /// Returns whether the source tracks which records are settled.
    pub(crate) fn wants_commits(&self) -> bool {
        matches!(self, RecordsFrom::Source(source) if source.wants_commits())
    }
}

/// The Producer's progress during the run.
#[derive(Debug, Default)]
pub struct Progress {
    /// The number of records sent.
    pub produced: AtomicU64,
    /// The number of bytes read.
    pub input_bytes: Arc<AtomicU64>,
    /// The notices about the input.
    pub notices: Mutex<Vec<InputNotice>>,
}

impl Progress {
    /// The most notices that are kept, since there can be many inputs.
    const MAX_NOTICES: usize = 100;

    fn notice(&self, new: Vec<InputNotice>) {
        if new.is_empty() {
            return;
        }
        let mut notices = self.notices.lock().unwrap_or_else(PoisonError::into_inner);
        for new in new {
            if let Some(same) = notices.iter_mut().find(|same| same.notice == new.notice) {
                same.further_inputs = Some(same.further_inputs.unwrap_or_default() + 1);
            } else if notices.len() < Self::MAX_NOTICES {
                notices.push(new);
            }
        }
    }
}

/// The Producer.
pub struct Producer {
    worker: Arc<WorkerContext>,
    source: Records,
    generator: Generator,
    batch: BatchLimit,
    window: Option<Arc<Window>>,
    budget: Arc<ByteBudget>,
    rate: RateLimit,
    /// When the records that are made now were due, if there is a rate limit.
    due: Option<Duration>,
    progress: Arc<Progress>,
    settlement: Arc<Settlement>,
    /// Present if records can come back from the Transformers.
    retries: Option<Arc<Retries>>,
    committed: Committed,
    /// The numbers of records and of groups produced so far.
    produced: u64,
    groups: u64,
}

enum Records {
    Generated { records: u64 },
    Read(Box<dyn Source>),
}

/// The records to make next.
enum Next {
    /// This many from the generator.
    Generated(u64),
    /// From these lines.
    Lines(Lines),
}

/// The time at which records are made.
#[derive(Clone, Copy)]
struct Now {
    of_day: Timestamp,
    /// Without pauses, since the run began.
    of_run: Duration,
}

impl Next {
    fn records(&self) -> u64 {
        match self {
            Next::Generated(records) => *records,
            Next::Lines(lines) => lines.lines.len() as u64,
        }
    }

    /// Returns the number of input bytes that the records keep in memory.
    fn bytes(&self) -> u64 {
        match self {
            Next::Generated(_) => 0,
            Next::Lines(lines) => lines.lines.iter().map(|line| u64::from(line.length)).sum(),
        }
    }
}

impl Producer {
    /// Creates a Producer for a source.
    pub fn new(
        worker: &Arc<WorkerContext>,
        source: RecordsFrom,
        config: &Config,
        plan: &Plan,
        window: Option<Arc<Window>>,
        progress: &Arc<Progress>,
        settlement: &Arc<Settlement>,
    ) -> Producer {
        Producer {
            worker: worker.clone(),
            source: match source {
                RecordsFrom::Generator => Records::Generated { records: config.records },
                RecordsFrom::Inputs(inputs) => {
                    let source = FileSource::new(inputs, &config.input, &config.validator.required);
                    Records::Read(Box::new(source.counting(progress.input_bytes.clone())))
                }
                RecordsFrom::Source(source) => Records::Read(Box::new(Checked(source))),
            },
            generator: Generator::new(config),
            batch: BatchLimit::new(config, plan),
            window,
            budget: ByteBudget::new(config.window_bytes),
            rate: RateLimit::default(),
            due: None,
            progress: progress.clone(),
            settlement: settlement.clone(),
            retries: None,
            committed: Committed::default(),
            produced: 0,
            groups: 0,
        }
    }

    /// Makes it tell these tries which records it sends, since they may come back.
    #[must_use]
    pub fn with_retries(self, retries: Option<Arc<Retries>>) -> Producer {
        Producer { retries, ..self }
    }

    /// Produces until the source ends or the run is stopped. A source that commits remains, for what it has not committed
    /// yet.
    ///
    /// # Errors
    /// [`StageError::Source`] if the source can't be read, or can't commit; [`StageError::Disconnected`] if the Validators
    /// have ended; and [`StageError::Aborted`] if the run is aborted.
    pub async fn run(mut self, data: Sender<RecordBatch>) -> Result<(), StageError> {
        let producing = self.retries.as_ref().map(|retries| retries.producing(&self.worker));
        self.produce(data).await?;
        drop(producing);
        if let Records::Read(source) = self.source
            && self.settlement.is_wanted()
        {
            self.settlement.keep(source);
        }
        Ok(())
    }

    // The page shows this code; CONTRIBUTING.md describes the comments that begin with `code:` and `event:`.
    // code: start producer
    async fn produce(&mut self, mut data: Sender<RecordBatch>) -> Result<(), StageError> {
        loop {
            self.worker.ready().await?;
            let RunContext { settings, tracer, .. } = &self.worker.run;
            let limit = self.batch.next(settings).min(self.rate.most_together(settings)).min(tracer.most_together());
            let Some(next) = self.next(limit).await? else { return Ok(()) };
            // Before the records are made, so that their timestamp is the time at which they are sent.
            self.pause(&next).await;
            let bytes = self.take_bytes(&next).await?;
            // Checked here because the run may have been aborted while waiting for input, which may then be cut off
            // anywhere.
            if self.worker.run.control.is_aborted() {
                return Err(StageError::Aborted);
            }
            if self.worker.run.control.is_stopped() {
                return Ok(());
            }
            let now = Now { of_day: self.worker.time_of_day(), of_run: self.worker.now() };
            let is_traced = self.worker.run.tracer.is_on();
            let traced = if is_traced { self.choose_traced(next.records()).boxed().await } else { Vec::new() };
            let batch = self.make(next, bytes, traced, now); // event: produced
            self.worker.record_each(EventKind::Produced, &batch);
            self.enter_window().await;
            let records = batch.weight();
            let mut all: Items<RecordBatch> = smallvec![batch];
            let further = self.make_further(&mut all, self.worker.max_take().saturating_sub(records), now);
            self.worker.activity.count(records + further);
            if further > 0 {
                // Stored first, since some of them may be finished before the last one is sent.
                self.progress.produced.store(self.produced, Ordering::Relaxed);
            }
            if let Some(retries) = &self.retries {
                retries.sends(records + further);
            }
            data.send_all(all).await?; // event: send
            self.progress.produced.store(self.produced, Ordering::Relaxed);
        }
    }
    // code: end

    /// Returns what to produce next: at most `limit` records. None at the end of the source, or if the run is stopped
    /// while waiting. Fails if it is aborted.
    async fn next(&mut self, limit: usize) -> Result<Option<Next>, StageError> {
        match &mut self.source {
            Records::Generated { records } => {
                let end = self.produced.saturating_add(limit as u64).min(*records);
                Ok((end > self.produced).then_some(Next::Generated(end - self.produced)))
            }
            Records::Read(source) => {
                // Not only an abort: a source may have nothing for an hour.
                let control = &self.worker.run.control;
                let next = self.worker.unless_stopped(poll_fn(|context| {
                    // Not asked again after a stop: on the virtual clock, reading a pipe blocks the only thread.
                    if control.is_stopped() {
                        return Poll::Ready(Ok(None));
                    }
                    self.committed.poll(&self.settlement, &mut **source, context)?;
                    source.poll_next(context, limit)
                }));
                let next = self.worker.activity.during(State::Waiting, next).boxed().await;
                self.progress.notice(source.take_notices());
                match next.transpose()?.flatten() {
                    None if control.is_aborted() => Err(StageError::Aborted),
                    lines => Ok(lines.map(Next::Lines)),
                }
            }
        }
    }

    /// Makes the records, as a new group.
    fn make(&mut self, next: Next, bytes: Option<Permit>, traced: Vec<u64>, now: Now) -> RecordBatch {
        let size = next.records();
        let numbers = self.produced..self.produced + size;
        let is_traced = !traced.is_empty();
        let group = Group::new(self.groups, size as u32).produced_at(now.of_run).holding(bytes, traced, self.due);
        self.produced = numbers.end;
        self.groups += 1;
        let first = numbers.start;
        let mut batch = match next {
            Next::Generated(_) => self.generator.batch(group, numbers, now.of_day),
            Next::Lines(lines) => RecordBatch::of_lines(group, lines, first),
        };
        if is_traced {
            batch.mark_traced();
        }
        batch
    }

    /// Makes up to `most` more records, each batch a group of its own, if they can be sent immediately. Returns how
    /// many there are.
    fn make_further(&mut self, all: &mut Items<RecordBatch>, most: usize, now: Now) -> usize {
        let first = self.produced;
        while let Some(next) = self.take_further(first + most as u64) {
            if all.len() == 1 {
                all.reserve_exact(most / next.records() as usize);
            }
            all.push(self.make(next, None, Vec::new(), now));
        }
        (self.produced - first) as usize
    }

    /// Takes the generator's next batch up to the number `end` (exclusive), if it needn't wait for anything.
    fn take_further(&mut self, end: u64) -> Option<Next> {
        let Records::Generated { records } = self.source else { return None };
        let settings = &self.worker.run.settings;
        let size = self.batch.current as u64;
        let after = self.produced + size;
        let is_open = self.window.as_ref().is_none_or(|window| window.is_open(after));
        (after <= end.min(records) && is_open && settings.rate_limit() == 0.0).then(|| {
            self.batch.next(settings);
            Next::Generated(size)
        })
    }

    /// Returns which of the next `records` records are traced.
    async fn choose_traced(&mut self, records: u64) -> Vec<u64> {
        let tracer = &self.worker.run.tracer;
        let numbers = self.produced..self.produced + records;
        tracer.review_sampling(numbers.start);
        let (mut next, mut traced) = (numbers.start, Vec::new());
        // Looks only at the chosen records, one after the other, since each may change which one is chosen next.
        while let Some(number) = tracer.next_chosen(next).filter(|number| numbers.contains(number)) {
            if tracer.admit(number).await {
                traced.push(number);
            }
            next = number + 1;
        }
        traced
    }

    /// Takes the service time, and waits as the rate limit requires.
    async fn pause(&mut self, next: &Next) {
        let records = next.records();
        self.worker.serve(self.produced..self.produced + records).await;
        self.worker.pay_for_sends(std::iter::once(self.produced)).await;
        let (worker, rate) = (&self.worker, &mut self.rate);
        if rate.follow(&worker.run.settings, || worker.now()) {
            let due = || {
                rate.follow(&worker.run.settings, || worker.now());
                rate.due(worker.now())
            };
            worker.activity.during(State::Waiting, worker.sleep_until(due)).boxed().await;
            self.rate.sent += records;
            self.due = Some(self.rate.was_due);
        } else {
            self.due = None;
        }
    }

    /// Waits until the byte budget has room for the size of the lines.
    async fn take_bytes(&mut self, next: &Next) -> Result<Option<Permit>, StageError> {
        let bytes = next.bytes();
        if bytes == 0 {
            return Ok(None);
        }
        // If the run fails, the records in flight may never be finished.
        let taken = self.worker.unless_aborted(self.budget.acquire(bytes));
        let taken = self.worker.activity.during(State::Blocked, taken).boxed().await;
        taken.map(Some).ok_or(StageError::Aborted)
    }

    /// Waits until the window has room.
    async fn enter_window(&mut self) {
        if let Some(window) = &self.window
            && !window.is_open(self.produced)
        {
            if self.worker.run.watches_deadlocks {
                self.worker.waits.for_window(self.produced);
            }
            self.worker.activity.during(State::Blocked, window.open(self.produced)).boxed().await;
            self.worker.waits.goes_on();
        }
    }
}

/// The most records that are sent together.
///
/// `auto` starts with one and doubles with each batch. The first records finish soon, and a small number of records is
/// spread over the workers. No batch waits to be filled: a slow source sends what it has.
struct BatchLimit {
    current: usize,
    most: usize,
    adapts: bool,
}

impl BatchLimit {
    fn new(config: &Config, plan: &Plan) -> BatchLimit {
        let most = plan.batch();
        let adapts = config.batch == BatchSize::Auto;
        BatchLimit { current: if adapts { 1 } else { most }, most, adapts }
    }

    fn next(&mut self, settings: &LiveSettings) -> usize {
        // If records take time, a batch would give one worker records that others could process in parallel.
        let first = if self.adapts && settings.serves() { 1 } else { self.current };
        self.current = (2 * first).min(self.most);
        first
    }
}

/// Spreads records over time: evenly, or in bursts.
#[derive(Default)]
struct RateLimit {
    /// Records per second; 0 means no limit.
    rate: f64,
    burst: u64,
    /// The number of records sent since `start`, the time at which the first of them was due.
    start: Duration,
    sent: u64,
    /// When the next record was due, before what held it up was forgiven.
    was_due: Duration,
}

impl RateLimit {
    /// How late it may be and still catch up, since timers aren't exact.
    const MAX_DELAY: Duration = Duration::from_millis(100);

    /// Records that are due within this time are sent together, since timers are hardly more precise.
    const MOMENT: Duration = Duration::from_millis(10);

    /// A century: longer than any run waits, and within the range of any clock.
    const NEVER: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

    /// Applies the current settings. Returns whether there is a limit.
    fn follow(&mut self, settings: &LiveSettings, now: impl FnOnce() -> Duration) -> bool {
        let (rate, burst) = (settings.rate_limit(), settings.burst());
        if (rate, burst) != (self.rate, self.burst) {
            if self.rate > 0.0 {
                // The previous burst still counts, so that changing the limit doesn't allow an extra record.
                let of_burst = self.sent.checked_sub(1).map_or(0, |last| last % self.burst + 1);
                self.start = self.time_of(self.sent - of_burst);
                self.sent = of_burst.min(burst);
            } else {
                (self.start, self.sent) = (now(), 0);
            }
            (self.rate, self.burst) = (rate, burst);
        }
        rate > 0.0
    }

    /// Returns how many records may travel together: at most the rest of the burst or, if they are sent evenly, those
    /// that are due at about the same time.
    fn most_together(&self, settings: &LiveSettings) -> usize {
        match (settings.rate_limit(), settings.burst()) {
            (0.0, _) => usize::MAX,
            (rate, 1) => ((rate * Self::MOMENT.as_secs_f64()) as usize).max(1),
            (_, burst) => (burst - self.sent % burst) as usize,
        }
    }

    /// Returns when the next record may be sent.
    fn due(&mut self, now: Duration) -> Duration {
        if self.rate == 0.0 {
            return now;
        }
        let of_burst = self.sent % self.burst;
        let due = self.time_of(self.sent - of_burst);
        self.was_due = due;
        if of_burst == 0 && now > due + Self::MAX_DELAY {
            // Later stages held it up: don't catch up on that time.
            (self.start, self.sent) = (now, 0);
            return now;
        }
        due
    }

    /// Returns when `sent` records have been sent on average.
    fn time_of(&self, sent: u64) -> Duration {
        let after = Duration::try_from_secs_f64(sent as f64 / self.rate).unwrap_or(Self::NEVER);
        self.start + after.min(Self::NEVER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    fn settings(rate_limit: f64, burst: u64) -> LiveSettings {
        let mut config = Config::default();
        (config.generator.rate_limit, config.generator.burst) = (rate_limit, burst);
        LiveSettings::new(&config)
    }

    /// Returns when the next records are sent, one by one, if nothing delays them. The first may be sent at `now`.
    fn times(rate: &mut RateLimit, settings: &LiveSettings, now: f64, count: usize) -> Vec<f64> {
        let mut now = at(now);
        let next = |_| {
            rate.follow(settings, || now);
            now = now.max(rate.due(now));
            rate.sent += 1;
            (now.as_secs_f64() * 1e6).round() / 1e6
        };
        (0..count).map(next).collect()
    }

    #[test]
    fn records_come_evenly_or_in_bursts() {
        assert_eq!(times(&mut RateLimit::default(), &settings(10.0, 1), 5.0, 4), [5.0, 5.1, 5.2, 5.3]);
        let bursts = times(&mut RateLimit::default(), &settings(10.0, 3), 0.0, 8);
        assert_eq!(bursts, [0.0, 0.0, 0.0, 0.3, 0.3, 0.3, 0.6, 0.6]);
    }

    #[test]
    fn what_holds_records_up_is_not_made_up_for() {
        let (mut rate, settings) = (RateLimit::default(), settings(10.0, 2));
        assert_eq!(times(&mut rate, &settings, 0.0, 2), [0.0, 0.0]);
        assert_eq!(times(&mut rate, &settings, 7.0, 4), [7.0, 7.0, 7.2, 7.2]);
        // A slow burst is finished, and the next one isn't late.
        assert_eq!(times(&mut rate, &settings, 7.4, 1), [7.4]);
        assert_eq!(times(&mut rate, &settings, 7.55, 2), [7.55, 7.6]);
    }

    #[test]
    fn a_change_counts_from_what_was_sent_last() {
        let mut rate = RateLimit::default();
        assert_eq!(times(&mut rate, &settings(0.001, 1), 0.0, 1), [0.0]);
        assert_eq!(times(&mut rate, &settings(10.0, 1), 0.02, 2), [0.1, 0.2]);
        for _ in 0..5 {
            // Switching back and forth doesn't allow an extra record.
            rate.follow(&settings(50.0, 1), || at(0.21));
            rate.follow(&settings(1.0, 1), || at(0.21));
        }
        assert_eq!(times(&mut rate, &settings(1.0, 1), 0.21, 1), [1.2]);
        assert_eq!(times(&mut rate, &settings(1.0, 3), 1.3, 3), [1.3, 1.3, 4.2]);
        assert!(!rate.follow(&settings(0.0, 3), || at(5.0)));
        assert_eq!(rate.due(at(5.0)), at(5.0));
        assert_eq!(times(&mut rate, &settings(2.0, 1), 6.0, 2), [6.0, 6.5]);
    }
}
