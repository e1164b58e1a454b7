//! What every worker of a stage has: a name, the run it belongs to, and a record of how it spends its time.

use super::StageError;
use crate::batch::Traceable;
use crate::config::{Clock, StageService};
use crate::control::{Control, Listener};
use crate::live_settings::LiveSettings;
use crate::metrics::{Activity, State};
use crate::runtime::{Runtime, yield_now};
use crate::trace::{EventKind, Latest, Tracer};
use clearpipe_channel::Items;
use clearpipe_model::random::{self, Purpose};
use clearpipe_model::record_number;
use clearpipe_model::time::Timestamp;
use clearpipe_model::topology::Stage;
use futures::FutureExt;
use futures::future::{self, BoxFuture, Either, Ready};
use smallvec::SmallVec;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What all workers of a run share.
#[derive(Clone)]
pub struct RunContext {
    /// Where the stages run.
    pub runtime: Arc<dyn Runtime>,
    /// How the run is steered.
    pub control: Arc<Control>,
    /// What can be changed while it goes on.
    pub settings: Arc<LiveSettings>,
    /// The event log.
    pub tracer: Tracer,
    /// The clock for times of day.
    pub clock: Clock,
    /// Where random numbers come from.
    pub seed: u64,
}

/// One worker of a stage, as the channels, the event log and the metrics know it.
pub struct WorkerContext {
    /// Its stage.
    pub stage: Stage,
    /// Its index among the workers of the stage, from 0.
    pub index: u16,
    /// The run it belongs to.
    pub run: RunContext,
    /// How it spends its time.
    pub activity: Arc<Activity>,
    /// Its latest event: it works on one thread and then on another, and what it does later is later in the log.
    pub latest: Latest,
    is_retired: AtomicBool,
    listener: Listener,
}

/// So many records are taken up together at most where they are quick: more would be no quicker, and are missed elsewhere.
const MAX_TAKE: usize = 128;

/// What is there at once, as a rule: then nothing is put on the heap, and no task stops.
pub type Soon<'a, T> = Either<Ready<T>, BoxFuture<'a, T>>;

fn at_once<'a, T>(result: T) -> Soon<'a, T> {
    Either::Left(future::ready(result))
}

fn later<'a, T>(future: impl Future<Output = T> + Send + 'a) -> Soon<'a, T> {
    Either::Right(future.boxed())
}

impl WorkerContext {
    /// The worker of a worker.
    pub fn new(stage: Stage, index: u16, run: &RunContext) -> Arc<WorkerContext> {
        Arc::new(WorkerContext {
            stage,
            index,
            run: run.clone(),
            activity: Arc::new(Activity::default()),
            latest: Latest::default(),
            is_retired: AtomicBool::new(false),
            listener: run.control.listener(stage.consumer()),
        })
    }

    /// The time since the run began, without its pauses.
    pub fn now(&self) -> Duration {
        self.run.control.now()
    }

    /// The time of day by the run's clock.
    pub fn time_of_day(&self) -> Timestamp {
        match self.run.clock {
            Clock::System => self.run.runtime.wall_clock(),
            Clock::Fixed(time) => time,
        }
    }

    /// Asked for before a worker takes up something new: waits while the run is paused, and lets others run in turn.
    ///
    /// # Errors
    /// If the run is aborted, or the worker retired.
    #[inline]
    pub fn ready(&self) -> Soon<'_, Result<(), StageError>> {
        let goes_on = self.run.control.goes_on();
        let yields = self.run.runtime.should_yield();
        if goes_on && !yields && !self.is_retired() {
            return at_once(Ok(()));
        }
        later(async move {
            self.hold().await?;
            if yields {
                yield_now().await;
            }
            if self.is_retired() { Err(StageError::Retired) } else { Ok(()) }
        })
    }

    /// Waits while the run is paused, or a consumer has done its part of a step.
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

    /// Whether the worker is to leave before it takes up anything more.
    pub fn is_retired(&self) -> bool {
        self.is_retired.load(Ordering::Relaxed)
    }

    /// The worker has left: nobody is to hear of orders here until the next one comes.
    pub(crate) fn stop_listening(&self) {
        self.listener.close();
    }

    /// Has the worker leave when it is done with what it has; or stay, if it has not left yet.
    pub(crate) fn retire(&self, is_retired: bool) {
        self.is_retired.store(is_retired, Ordering::Relaxed);
    }

    /// Takes the service time of the given records. If the run was paused since they came, they are held until it goes on.
    #[inline]
    pub fn serve(&self, numbers: impl Iterator<Item = u64>) -> Soon<'_, ()> {
        if self.run.control.goes_on() && self.run.settings.service(self.stage).is_none() {
            return at_once(());
        }
        let numbers: SmallVec<[u64; 1]> = numbers.collect();
        later(async move {
            self.activity.during(State::Ready, self.listener.resumed()).await;
            if self.run.settings.service(self.stage).is_some() {
                self.serve_each(&numbers).await;
            }
        })
    }

    async fn serve_each(&self, numbers: &[u64]) {
        let start = self.now();
        self.sleep_until(|| start + self.service_time(numbers).0).await;
        let compute = self.service_time(numbers).1;
        if compute > Duration::ZERO {
            // On the heap: where records only wait, thousands of workers do without it.
            self.unless_aborted(self.compute(compute)).boxed().await;
            // Others may have waited for the thread.
            yield_now().await;
        }
    }

    async fn compute(&self, time: Duration) {
        let core = match self.run.runtime.core() {
            Some(core) => Some(self.activity.during(State::Ready, core).await),
            None => None,
        };
        self.run.runtime.compute(time).await;
        drop(core);
    }

    /// Waits until a time by the clock of the run, which is asked for again when a setting has been changed; or until it
    /// is in vain: the run is aborted or, for the Producer, stopped.
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
            // A pause was no time of the run: the rest of it comes after that.
            self.listener.resumed().await;
        }
    }

    /// Waits for `future`, but not after the run was aborted.
    pub async fn unless_aborted<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        self.listener.unless(Control::is_aborted, future).await
    }

    /// The waiting and the computing time of the given records, as it is set now.
    fn service_time(&self, numbers: &[u64]) -> (Duration, Duration) {
        let none = (Duration::ZERO, Duration::ZERO);
        let Some(StageService { wait, compute }) = self.run.settings.service(self.stage) else { return none };
        let purpose = Purpose::ServiceTime as u64 + 2 * u64::from(self.stage.node_id());
        numbers.iter().map(|&number| record_number::number(number)).fold(none, |(waited, computed), number| {
            let random = |purpose| move || random::of_record(self.run.seed, purpose, number);
            (waited + wait.of(random(purpose)), computed + compute.of(random(purpose + 1)))
        })
    }

    /// How many records the worker may take up together.
    pub fn max_take(&self) -> usize {
        if self.is_unbatched() { 1 } else { MAX_TAKE }
    }

    /// Whether records are taken up by themselves. With a service time another worker could have them meanwhile; who looks
    /// on is to see each go by itself; and who pauses or ends the run is not to wait for many. (Where that begins while a
    /// worker has several, these go as they were taken: a service time that is set then is for those behind them.)
    pub fn is_unbatched(&self) -> bool {
        let RunContext { tracer, settings, control, .. } = &self.run;
        tracer.is_on() || settings.serves() || !control.goes_on()
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

    /// Records an event of a record in a channel, given the latest one there.
    pub fn record_in(&self, channel: u8, latest: &Latest, kind: EventKind, record: u64) {
        self.run.tracer.record(kind, channel, self.index, record, &[&self.latest, latest]);
    }

    /// Records an event of every record of some batches in a channel, given the latest one there.
    #[inline]
    pub fn record_all_in(&self, channel: u8, latest: &Latest, kind: EventKind, batches: &[impl Traceable]) {
        if self.run.tracer.is_on() {
            let record = |_, record| self.record_in(channel, latest, kind, record);
            batches.iter().for_each(|batch| batch.for_each_traced(record));
        }
    }

    /// Records what became of every record of some batches, and that the work on it is done; gives them back to be sent
    /// on. (They pass through, since what is only looked at would be kept while they are sent.)
    pub fn done_as<T: Traceable>(&self, outcome: EventKind, batches: Items<T>) -> Items<T> {
        self.record_all(outcome, &batches);
        self.record_all(EventKind::WorkEnd, &batches);
        batches
    }

    /// Says that a consumer is done with a batch, behind which it records nothing more of it.
    pub fn retire_each(&self, batch: &impl Traceable) {
        batch.for_each_traced(|_, record| self.run.tracer.retire(record));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, ServiceTime};
    use crate::runtime::Virtual;

    fn worker() -> Arc<WorkerContext> {
        let runtime: Arc<dyn Runtime> = Arc::new(Virtual::new(1, 0));
        let control = Arc::new(Control::new(&runtime));
        let settings = Arc::new(LiveSettings::new(&Config::default()));
        let run = RunContext { runtime, control, settings, tracer: Tracer::off(), clock: Clock::System, seed: 0 };
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
