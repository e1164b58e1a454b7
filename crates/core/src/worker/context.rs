//! The context of a worker: its identity, the run it belongs to, and its time account.

use super::StageError;
use crate::batch::Traceable;
use crate::config::{Clock, ServiceTime};
use crate::control::{Control, Listener};
use crate::live_settings::{LiveSettings, StageTimes};
use crate::metrics::{Activity, State};
use crate::runtime::{Runtime, YieldPoints, yield_now};
use crate::trace::{EventKind, Latest, Tracer};
use crate::waits::Waits;
use clearpipe_channel::Items;
use clearpipe_model::random::{self, Purpose};
use clearpipe_model::record_number;
use clearpipe_model::time::Timestamp;
use clearpipe_model::topology::Stage;
use futures::FutureExt;
use futures::future::{self, BoxFuture, Either, Ready};
use smallvec::SmallVec;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::Poll;
use std::time::Duration;

/// The state that all workers of a run share.
#[derive(Clone)]
pub struct RunContext {
    /// The runtime of the stages.
    pub runtime: Arc<dyn Runtime>,
    /// The controls of the run.
    pub control: Arc<Control>,
    /// The settings that can be changed during the run.
    pub settings: Arc<LiveSettings>,
    /// The event log.
    pub tracer: Tracer,
    /// The clock for timestamps.
    pub clock: Clock,
    /// The seed of all random numbers.
    pub seed: u64,
    /// The time that each send takes; off except on the virtual clock.
    pub send_cost: ServiceTime,
    /// Whether the workers note what they wait for, to find [deadlocks](crate::deadlock).
    pub watches_deadlocks: bool,
}

/// One worker of a stage, as the channels, the event log and the metrics know it.
pub struct WorkerContext {
    /// Its stage.
    pub stage: Stage,
    /// Its index among the workers of the stage, from 0.
    pub index: u16,
    /// The run it belongs to.
    pub run: RunContext,
    /// Its time account.
    pub activity: Arc<Activity>,
    /// What it waits for, if that is noted.
    pub waits: Waits,
    /// Its latest event. A worker moves between threads, and its later events must come later in the log.
    pub latest: Latest,
    /// What keeps it from taking more work at once: [`RETIRED`], [`YIELDS`], both or nothing.
    before_taking: AtomicU8,
    listener: Listener,
}

/// The worker must exit.
const RETIRED: u8 = 1;

/// It lets other tasks run after it has sent records on. Next to the other bit, so that both together take one load.
const YIELDS: u8 = 2;

/// The parts of a service time.
#[derive(Default)]
struct Times {
    waiting: Duration,
    computing: Duration,
    /// Waiting with the stage's lock.
    locked: Duration,
}

/// The most records that a worker takes together when they take no time. More would be no faster, and would leave less
/// for other workers.
const MAX_TAKE: usize = 128;

/// A result that is usually available immediately: then nothing is allocated, and the task isn't suspended.
pub type Soon<'a, T> = Either<Ready<T>, BoxFuture<'a, T>>;

fn at_once<'a, T>(result: T) -> Soon<'a, T> {
    Either::Left(future::ready(result))
}

fn later<'a, T>(future: impl Future<Output = T> + Send + 'a) -> Soon<'a, T> {
    Either::Right(future.boxed())
}

impl WorkerContext {
    /// Creates a worker that hasn't started.
    pub fn new(stage: Stage, index: u16, run: &RunContext) -> Arc<WorkerContext> {
        let yields = if stage.is_pool() { run.runtime.yield_points() } else { YieldPoints::NONE };
        if yields.taken {
            run.settings.yield_before_work(stage);
        }
        Arc::new(WorkerContext {
            stage,
            index,
            run: run.clone(),
            activity: Arc::new(Activity::default()),
            waits: Waits::default(),
            latest: Latest::default(),
            before_taking: AtomicU8::new(if yields.sent { YIELDS } else { 0 }),
            listener: run.control.listener(stage.consumer()),
        })
    }

    /// Returns the time since the run began, without pauses.
    pub fn now(&self) -> Duration {
        self.run.control.now()
    }

    /// Returns the time of day by the run's clock.
    pub fn time_of_day(&self) -> Timestamp {
        match self.run.clock {
            Clock::System => self.run.runtime.wall_clock(),
            Clock::Fixed(time) => time,
        }
    }

    /// Waits while the run is paused, and yields when it is time to. Call this before a worker takes new work.
    ///
    /// # Errors
    /// If the run is aborted or the worker is retired.
    #[inline]
    pub fn ready(&self) -> Soon<'_, Result<(), StageError>> {
        let goes_on = self.run.control.goes_on();
        let yields = self.run.runtime.should_yield();
        let before_taking = self.before_taking.load(Ordering::Relaxed);
        if goes_on && !yields && before_taking == 0 {
            return at_once(Ok(()));
        }
        later(async move {
            self.hold().await?;
            // A worker that hasn't taken anything has sent nothing.
            let has_sent = before_taking & YIELDS != 0 && self.activity.records() > 0;
            if yields || has_sent {
                yield_now().await;
            }
            if self.is_retired() { Err(StageError::Retired) } else { Ok(()) }
        })
    }

    /// Waits while the run is paused, or while a consumer has finished its part of a step.
    ///
    /// # Errors
    /// If the run is aborted.
    #[inline]
    pub fn hold(&self) -> Soon<'_, Result<(), StageError>> {
        if self.run.control.goes_on() {
            return at_once(Ok(()));
        }
        later(async move { Ok(self.activity.during(State::Ready, self.listener.gate()).await?) })
    }

    /// Returns whether the worker must exit before it takes more work.
    pub fn is_retired(&self) -> bool {
        self.before_taking.load(Ordering::Relaxed) & RETIRED != 0
    }

    /// Stops listening for changes of the run's state, after the worker has exited.
    pub(crate) fn stop_listening(&self) {
        self.listener.close();
    }

    /// Makes the worker exit when it has finished its current records, or keeps it if it hasn't exited yet.
    pub(crate) fn retire(&self, is_retired: bool) {
        if is_retired {
            self.before_taking.fetch_or(RETIRED, Ordering::Relaxed);
        } else {
            self.before_taking.fetch_and(!RETIRED, Ordering::Relaxed);
        }
    }

    /// Takes the service time of the given records. If the run has been paused since they arrived, first waits until it
    /// resumes. Before that, lets other tasks run if the runtime has a [yield point](YieldPoints) here.
    #[inline]
    pub fn serve(&self, numbers: impl Iterator<Item = u64>) -> Soon<'_, ()> {
        if self.run.control.goes_on() && self.run.settings.works_at_once(self.stage) {
            return at_once(());
        }
        let numbers: SmallVec<[u64; 1]> = numbers.collect();
        later(async move {
            if self.run.settings.yields_before_work(self.stage) {
                yield_now().await;
            }
            self.activity.during(State::Ready, self.listener.resumed()).await;
            if self.run.settings.service(self.stage).is_some() {
                self.serve_each(&numbers).await;
            }
        })
    }

    async fn serve_each(&self, numbers: &[u64]) {
        let start = self.now();
        self.sleep_until(|| start + self.service_time(numbers).waiting).await;
        let compute = self.service_time(numbers).computing;
        if compute > Duration::ZERO {
            // Boxed, so that workers stay small when there are thousands of them whose records only wait.
            self.unless_aborted(self.compute(compute)).boxed().await;
            // Other tasks may have been waiting for the thread.
            yield_now().await;
        }
        if self.service_time(numbers).locked > Duration::ZERO {
            // Boxed for the same reason.
            self.serve_locked(numbers).boxed().await;
        }
    }

    /// Takes the part of the service time that needs the stage's lock.
    async fn serve_locked(&self, numbers: &[u64]) {
        let lock = self.run.settings.lock(self.stage);
        let permit = match lock.try_acquire() {
            Some(permit) => Some(permit),
            None => {
                let first = numbers[0];
                self.record(EventKind::Blocked, first);
                let permit = self.activity.during(State::Blocked, self.unless_aborted(lock.acquire())).await;
                self.record(EventKind::Released, first);
                permit
            }
        };
        let start = self.now();
        self.sleep_until(|| start + self.service_time(numbers).locked).await;
        drop(permit);
    }

    /// Takes the time that the sends of some batches cost, given the number of a record of each. On the virtual clock
    /// only: elsewhere, sending takes as long as it takes.
    #[inline]
    pub fn pay_for_sends(&self, numbers: impl Iterator<Item = u64>) -> Soon<'_, ()> {
        let cost = &self.run.send_cost;
        if !cost.is_on() {
            return at_once(());
        }
        let purpose = Purpose::SendTime as u64 + u64::from(self.stage.node_id());
        let cost = numbers
            .map(record_number::number)
            .map(|number| cost.of(number, || random::of_record(self.run.seed, purpose, number)));
        let cost: Duration = cost.sum();
        if cost == Duration::ZERO {
            return at_once(());
        }
        later(async move {
            self.unless_aborted(self.compute(cost)).await;
        })
    }

    async fn compute(&self, time: Duration) {
        let core = match self.run.runtime.core() {
            Some(mut core) => Some(match futures::poll!(core.as_mut()) {
                Poll::Ready(core) => core,
                Poll::Pending => {
                    // It could go on, as if it had been woken. Events tell of a core only so.
                    self.record_task(EventKind::Woken, self.now());
                    self.activity.during(State::Ready, core).await
                }
            }),
            None => None,
        };
        self.run.runtime.compute(time).await;
        drop(core);
    }

    /// Waits until a time on the run's clock. Computes the deadline again when a setting has changed. Stops waiting if
    /// the run is aborted or, for the Producer, stopped.
    pub async fn sleep_until(&self, mut deadline: impl FnMut() -> Duration) {
        let in_vain = if self.stage == Stage::Producer { Control::is_stopped } else { Control::is_aborted };
        loop {
            let changes = self.run.control.changes();
            let left = deadline().saturating_sub(self.now());
            if left == Duration::ZERO || in_vain(&self.run.control) {
                return;
            }
            let is_over = |control: &Control| in_vain(control) || control.changes() != changes;
            self.listener.unless(is_over, self.run.runtime.sleep(left)).await;
            // The run's clock stops during a pause: wait for the rest of the time afterwards.
            self.listener.resumed().await;
        }
    }

    /// Waits for `future`, unless the run is stopped or aborted.
    pub async fn unless_stopped<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        self.listener.unless(Control::is_stopped, future).await
    }

    /// Waits for `future`, unless the run is aborted.
    pub async fn unless_aborted<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        self.listener.unless(Control::is_aborted, future).await
    }

    /// Returns the service times of the given records with the current settings.
    fn service_time(&self, numbers: &[u64]) -> Times {
        let Some(StageTimes { wait, compute, locked }) = self.run.settings.service(self.stage) else {
            return Times::default();
        };
        let node = u64::from(self.stage.node_id());
        let (waiting, with_lock) = (Purpose::ServiceTime as u64 + 2 * node, Purpose::LockedTime as u64 + node);
        numbers.iter().map(|&number| record_number::number(number)).fold(Times::default(), |sum, number| {
            let random = |purpose| move || random::of_record(self.run.seed, purpose, number);
            Times {
                waiting: sum.waiting + wait.of(number, random(waiting)),
                computing: sum.computing + compute.of(number, random(waiting + 1)),
                locked: sum.locked + locked.of(number, random(with_lock)),
            }
        })
    }

    /// Waits for ever, unless the run is aborted.
    pub async fn never_exits(&self) -> StageError {
        self.waits.for_ever();
        self.activity.during(State::Waiting, self.unless_aborted(future::pending::<()>())).await;
        StageError::Aborted
    }

    /// Returns the most records that the worker may take together.
    pub fn max_take(&self) -> usize {
        if self.is_unbatched() { 1 } else { MAX_TAKE }
    }

    /// Returns whether the worker takes records one at a time. With a service time, another worker could have taken the
    /// others. An observer should see each record move by itself, and a pause or an abort shouldn't wait for many. (If
    /// this changes while a worker has several records, it finishes them as they were taken: a new service time applies
    /// to the records after them.)
    pub fn is_unbatched(&self) -> bool {
        let RunContext { tracer, settings, control, .. } = &self.run;
        tracer.is_on() || settings.serves() || !control.goes_on() || self.run.send_cost.is_on()
    }

    /// Records an event of the worker's task.
    pub(crate) fn record_task(&self, kind: EventKind, now: Duration) {
        self.run.tracer.record_task(kind, self.stage.node_id(), self.index, now, &self.latest);
    }

    /// Records an event of a record at this stage.
    pub fn record(&self, kind: EventKind, record: u64) {
        self.run.tracer.record(kind, self.stage.node_id(), self.index, record, &[&self.latest]);
    }

    /// Records an event of every record of a batch at this stage.
    pub fn record_each(&self, kind: EventKind, batch: &impl Traceable) {
        batch.for_each_traced(|_, record| self.record(kind, record));
    }

    /// Records an event of every record of some batches at this stage.
    pub fn record_all(&self, kind: EventKind, batches: &[impl Traceable]) {
        if self.run.tracer.is_on() {
            batches.iter().for_each(|batch| self.record_each(kind, batch));
        }
    }

    /// Records an event of a record in a channel, given the channel's latest event.
    pub fn record_in(&self, channel: u8, latest: &Latest, kind: EventKind, record: u64) {
        self.run.tracer.record(kind, channel, self.index, record, &[&self.latest, latest]);
    }

    /// Records an event of every record of some batches in a channel, given the channel's latest event.
    #[inline]
    pub fn record_all_in(&self, channel: u8, latest: &Latest, kind: EventKind, batches: &[impl Traceable]) {
        if self.run.tracer.is_on() {
            let record = |_, record| self.record_in(channel, latest, kind, record);
            batches.iter().for_each(|batch| batch.for_each_traced(record));
        }
    }

    /// Records the outcome of every record of some batches and that its work has ended, and returns the batches to
    /// send. (They are moved through, since a borrow would live as long as the send.)
    pub fn done_as<T: Traceable>(&self, outcome: EventKind, batches: Items<T>) -> Items<T> {
        self.record_all(outcome, &batches);
        self.record_all(EventKind::WorkEnd, &batches);
        batches
    }

    /// Releases the tracing of a batch that a consumer has finished. It records no more events of it.
    pub fn retire_each(&self, batch: &impl Traceable) {
        batch.for_each_traced(|_, record| self.run.tracer.retire(record));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::runtime::Virtual;

    fn worker() -> Arc<WorkerContext> {
        let runtime: Arc<dyn Runtime> = Arc::new(Virtual::new(1, 0));
        let control = Arc::new(Control::new(&runtime));
        let settings = Arc::new(LiveSettings::new(&Config::default()));
        let run = RunContext {
            runtime,
            control,
            settings,
            tracer: Tracer::off(),
            clock: Clock::System,
            seed: 0,
            send_cost: ServiceTime::Off,
            watches_deadlocks: false,
        };
        WorkerContext::new(Stage::Producer, 0, &run)
    }

    #[test]
    fn only_quick_work_that_nobody_watches_is_taken_up_together() {
        let worker = worker();
        assert!(worker.max_take() > 1);
        worker.run.control.pause();
        assert_eq!(worker.max_take(), 1);
        worker.run.control.resume();
        assert!(worker.max_take() > 1);
        let mut served = Config::default();
        served.service.loader.wait = ServiceTime::Fixed(Duration::from_millis(1));
        worker.run.settings.set(&served);
        assert_eq!(worker.max_take(), 1, "with a service time anywhere");
    }
}
