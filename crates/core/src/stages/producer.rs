//! The Producer: generates or ingests records.

use crate::batch::{Group, RecordBatch};
use crate::channels::Sender;
use crate::config::{BatchSize, Config, Plan};
use crate::generator::Generator;
use crate::live_settings::LiveSettings;
use crate::metrics::State;
use crate::settlement::{Committed, Settlement};
use crate::source::{Checked, Source};
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
use std::time::Duration;

/// Where records come from.
pub enum RecordsFrom {
    /// The generator, as the configuration describes it.
    Generator,
    /// The inputs, read one after the other as [`Config::input`] says.
    Inputs(Inputs),
    /// Another source.
    Source(Box<dyn Source>),
}

impl RecordsFrom {
    /// A single input without a name.
    pub fn file(reader: Box<dyn AsyncRead + Send + Unpin>) -> RecordsFrom {
        RecordsFrom::Inputs(reader.into())
    }

    /// Whether it wants to know which records are settled.
    pub(crate) fn wants_commits(&self) -> bool {
        matches!(self, RecordsFrom::Source(source) if source.wants_commits())
    }
}

/// What the Producer says of itself while it runs.
#[derive(Debug, Default)]
pub struct Progress {
    /// Records that it has sent.
    pub produced: AtomicU64,
    /// Bytes that it has read.
    pub input_bytes: Arc<AtomicU64>,
    /// What is worth knowing of the input.
    pub notices: Mutex<Vec<InputNotice>>,
}

impl Progress {
    /// Of many inputs, this much is kept in mind.
    const MOST_NOTICES: usize = 100;

    fn notice(&self, new: Vec<InputNotice>) {
        if new.is_empty() {
            return;
        }
        let mut notices = self.notices.lock().unwrap_or_else(PoisonError::into_inner);
        for new in new {
            if let Some(same) = notices.iter_mut().find(|same| same.notice == new.notice) {
                same.further_inputs = Some(same.further_inputs.unwrap_or_default() + 1);
            } else if notices.len() < Self::MOST_NOTICES {
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
    progress: Arc<Progress>,
    settlement: Arc<Settlement>,
    committed: Committed,
    /// Records, and groups of them, that were produced so far.
    produced: u64,
    groups: u64,
}

enum Records {
    Generated { records: u64 },
    Read(Box<dyn Source>),
}

/// Records that are to be made next.
enum Next {
    /// So many by the generator.
    Generated(u64),
    /// Of these lines.
    Lines(Lines),
}

impl Next {
    fn records(&self) -> u64 {
        match self {
            Next::Generated(records) => *records,
            Next::Lines(lines) => lines.lines.len() as u64,
        }
    }

    /// The bytes of input that they keep in memory.
    fn bytes(&self) -> u64 {
        match self {
            Next::Generated(_) => 0,
            Next::Lines(lines) => lines.lines.iter().map(|line| u64::from(line.length)).sum(),
        }
    }
}

impl Producer {
    /// A Producer for a source.
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
            progress: progress.clone(),
            settlement: settlement.clone(),
            committed: Committed::default(),
            produced: 0,
            groups: 0,
        }
    }

    /// Produces until the source ends or the run is stopped. A source that commits remains, for what it has not committed
    /// yet.
    pub async fn run(mut self, data: Sender<RecordBatch>) -> Result<(), StageError> {
        self.produce(data).await?;
        if let Records::Read(source) = self.source
            && self.settlement.is_wanted()
        {
            self.settlement.keep(source);
        }
        Ok(())
    }

    async fn produce(&mut self, mut data: Sender<RecordBatch>) -> Result<(), StageError> {
        loop {
            self.worker.ready().await?;
            let RunContext { settings, tracer, .. } = &self.worker.run;
            let limit = self.batch.next(settings).min(self.rate.most_together(settings)).min(tracer.most_together());
            let Some(next) = self.next(limit).await? else { return Ok(()) };
            // Before the records are made, so that their timestamp is the time at which they are sent.
            self.pause(&next).await;
            let bytes = self.take_bytes(&next).await?;
            // Looked at here, since it may have been stopped while it waited for input, which then ended anywhere.
            if self.worker.run.control.is_aborted() {
                return Err(StageError::Aborted);
            }
            if self.worker.run.control.is_stopped() {
                return Ok(());
            }
            let now = self.worker.time_of_day();
            let is_traced = self.worker.run.tracer.is_on();
            let traced = if is_traced { self.choose_traced(next.records()).boxed().await } else { Vec::new() };
            let batch = self.make(next, bytes, traced, now);
            self.worker.record_each(EventKind::Produced, &batch);
            self.enter_window().await;
            let records = batch.weight();
            let mut all: Items<RecordBatch> = smallvec![batch];
            let further = self.make_further(&mut all, self.worker.max_take().saturating_sub(records), now);
            self.worker.activity.count(records + further);
            if further > 0 {
                // Some of them may be through before the last one is sent.
                self.progress.produced.store(self.produced, Ordering::Relaxed);
            }
            data.send_all(all).await?;
            self.progress.produced.store(self.produced, Ordering::Relaxed);
        }
    }

    /// What comes next: `limit` records at most. If the run is aborted before it comes, that is an error.
    async fn next(&mut self, limit: usize) -> Result<Option<Next>, StageError> {
        match &mut self.source {
            Records::Generated { records } => {
                let end = self.produced.saturating_add(limit as u64).min(*records);
                Ok((end > self.produced).then_some(Next::Generated(end - self.produced)))
            }
            Records::Read(source) => {
                let next = self.worker.unless_aborted(poll_fn(|context| {
                    self.committed.poll(&self.settlement, &mut **source, context)?;
                    source.poll_next(context, limit)
                }));
                let next = self.worker.activity.during(State::Waiting, next).boxed().await;
                self.progress.notice(source.take_notices());
                match next {
                    Some(lines) => Ok(lines?.map(Next::Lines)),
                    None => Err(StageError::Aborted),
                }
            }
        }
    }

    /// The records, as a group of their own.
    fn make(&mut self, next: Next, bytes: Option<Permit>, traced: Vec<u64>, now: Timestamp) -> RecordBatch {
        let size = next.records();
        let numbers = self.produced..self.produced + size;
        let is_traced = !traced.is_empty();
        let group = Group::new(self.groups, size as u32).holding(bytes, traced);
        self.produced = numbers.end;
        self.groups += 1;
        let first = numbers.start;
        let mut batch = match next {
            Next::Generated(_) => self.generator.batch(group, numbers, now),
            Next::Lines(lines) => RecordBatch::of_lines(group, lines, first),
        };
        if is_traced {
            batch.mark_traced();
        }
        batch
    }

    /// Makes up to `most` records more, if these can go at once, in batches of their own; how many they are.
    fn make_further(&mut self, all: &mut Items<RecordBatch>, most: usize, now: Timestamp) -> usize {
        let first = self.produced;
        while let Some(next) = self.take_further(first + most as u64) {
            if all.len() == 1 {
                all.reserve_exact(most / next.records() as usize);
            }
            all.push(self.make(next, None, Vec::new(), now));
        }
        (self.produced - first) as usize
    }

    /// The next batch of the generator, if nothing has to be waited for and it ends with the number `end` (exclusive).
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

    /// Decides which of the next so many records are traced.
    async fn choose_traced(&mut self, records: u64) -> Vec<u64> {
        let tracer = &self.worker.run.tracer;
        let numbers = self.produced..self.produced + records;
        tracer.review_sampling(numbers.start);
        let (mut next, mut traced) = (numbers.start, Vec::new());
        // Only those are looked at, one after the other: which is the next one may change with each.
        while let Some(number) = tracer.next_chosen(next).filter(|number| numbers.contains(number)) {
            if tracer.admit(number).await {
                traced.push(number);
            }
            next = number + 1;
        }
        traced
    }

    /// Takes the service time, and waits as the rate limit demands.
    async fn pause(&mut self, next: &Next) {
        let records = next.records();
        self.worker.serve(self.produced..self.produced + records).await;
        let (worker, rate) = (&self.worker, &mut self.rate);
        if rate.follow(&worker.run.settings, || worker.now()) {
            let due = || {
                rate.follow(&worker.run.settings, || worker.now());
                rate.due(worker.now())
            };
            worker.activity.during(State::Waiting, worker.sleep_until(due)).boxed().await;
            self.rate.sent += records;
        }
    }

    /// Waits until what the lines weigh may be in flight.
    async fn take_bytes(&mut self, next: &Next) -> Result<Option<Permit>, StageError> {
        let bytes = next.bytes();
        if bytes == 0 {
            return Ok(None);
        }
        // If the run fails, what is in flight may stay where it is.
        let taken = self.worker.unless_aborted(self.budget.acquire(bytes));
        let taken = self.worker.activity.during(State::Blocked, taken).boxed().await;
        taken.map(Some).ok_or(StageError::Aborted)
    }

    /// Waits until the consumers have come near enough.
    async fn enter_window(&mut self) {
        if let Some(window) = &self.window
            && !window.is_open(self.produced)
        {
            self.worker.activity.during(State::Blocked, window.open(self.produced)).boxed().await;
        }
    }
}

/// How many records are sent together at most.
///
/// `auto` starts with one and doubles with each batch: the first records are through soon, and a few records are shared
/// out among the workers. Nothing waits for a batch to be filled: a source that is slow gives what it has.
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
        // Where records take time, a batch would give one worker what others could do at the same time.
        let first = if self.adapts && settings.serves() { 1 } else { self.current };
        self.current = (2 * first).min(self.most);
        first
    }
}

/// Spreads records over time: evenly, or in bursts.
#[derive(Default)]
struct RateLimit {
    /// Records in a second; 0 is no limit.
    rate: f64,
    burst: u64,
    /// The records that were sent since `start`, when the first of them was due.
    start: Duration,
    sent: u64,
}

impl RateLimit {
    /// How far it may be behind and still catch up: timers are not exact.
    const MOST_LATE: Duration = Duration::from_millis(100);

    /// Records that are due within this time are sent together: timers are hardly finer.
    const MOMENT: Duration = Duration::from_millis(10);

    /// Later than anybody waits for, and no trouble for any clock: a century.
    const NEVER: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

    /// Follows what is set. Whether there is a limit.
    fn follow(&mut self, settings: &LiveSettings, now: impl FnOnce() -> Duration) -> bool {
        let (rate, burst) = (settings.rate_limit(), settings.burst());
        if (rate, burst) != (self.rate, self.burst) {
            if self.rate > 0.0 {
                // The burst that was sent last counts on: nobody gets a record more by changing the limit.
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

    /// How many records may travel together: no more than are left of the burst; evenly, those of a moment.
    fn most_together(&self, settings: &LiveSettings) -> usize {
        match (settings.rate_limit(), settings.burst()) {
            (0.0, _) => usize::MAX,
            (rate, 1) => ((rate * Self::MOMENT.as_secs_f64()) as usize).max(1),
            (_, burst) => (burst - self.sent % burst) as usize,
        }
    }

    /// When the next record may be sent.
    fn due(&mut self, now: Duration) -> Duration {
        if self.rate == 0.0 {
            return now;
        }
        let of_burst = self.sent % self.burst;
        let due = self.time_of(self.sent - of_burst);
        if of_burst == 0 && now > due + Self::MOST_LATE {
            // It was held up by what is behind it: that is not made up for.
            (self.start, self.sent) = (now, 0);
            return now;
        }
        due
    }

    /// When so many records have been sent on average.
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

    /// When the next records are sent, one by one, if nothing holds them up. The first may be at `now`.
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
        // A burst that takes its time is finished, and the next one is not late.
        assert_eq!(times(&mut rate, &settings, 7.4, 1), [7.4]);
        assert_eq!(times(&mut rate, &settings, 7.55, 2), [7.55, 7.6]);
    }

    #[test]
    fn a_change_counts_from_what_was_sent_last() {
        let mut rate = RateLimit::default();
        assert_eq!(times(&mut rate, &settings(0.001, 1), 0.0, 1), [0.0]);
        assert_eq!(times(&mut rate, &settings(10.0, 1), 0.02, 2), [0.1, 0.2]);
        for _ in 0..5 {
            // Moving to and fro gives no record.
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
