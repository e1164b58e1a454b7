//! What every worker of a stage has: a name, the run it belongs to, and a record of how it spends its time.

use crate::batch::Weight;
use crate::config::{Clock, Config, StageService};
use crate::control::{Control, Listener};
use crate::metrics::{Activity, State};
use crate::place::Stage;
use crate::random::{self, Purpose};
use crate::runtime::{Runtime, yield_now};
use crate::stages::StageError;
use crate::time::Timestamp;
use crate::trace::{self, EventKind, Tracer};
use std::sync::Arc;
use std::time::Duration;

/// What all workers of a run share.
#[derive(Clone)]
pub struct Run {
    /// Where the stages run.
    pub runtime: Arc<dyn Runtime>,
    /// How the run is steered.
    pub control: Arc<Control>,
    /// The event log.
    pub tracer: Tracer,
    /// The clock for times of day.
    pub clock: Clock,
    /// Where random numbers come from.
    pub seed: u64,
}

/// One worker of a stage, as the channels, the event log and the metrics know it.
pub struct Seat {
    /// Its stage.
    pub stage: Stage,
    /// Its index among the workers of the stage, from 0.
    pub worker: u16,
    /// The run it belongs to.
    pub run: Run,
    /// How it spends its time.
    pub activity: Arc<Activity>,
    service: StageService,
    listener: Listener,
}

impl Seat {
    /// The seat of a worker.
    pub fn new(stage: Stage, worker: u16, run: &Run, config: &Config) -> Arc<Seat> {
        Arc::new(Seat {
            stage,
            worker,
            run: run.clone(),
            activity: Arc::new(Activity::default()),
            service: config.service_of(stage),
            listener: run.control.listener(),
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
    /// If the run is aborted.
    pub async fn ready(&self) -> Result<(), StageError> {
        self.activity.during(State::Ready, self.listener.gate()).await?;
        if self.run.runtime.should_yield() {
            yield_now().await;
        }
        Ok(())
    }

    /// Takes the service time of the given records.
    pub async fn serve(&self, numbers: impl Iterator<Item = u64>) {
        let (wait, compute) = self.service_time(numbers);
        self.sleep(wait).await;
        if compute > Duration::ZERO {
            self.unless_aborted(self.compute(compute)).await;
            // Others may have waited for the thread.
            yield_now().await;
        }
    }

    /// Computes so long, on a core of its own.
    async fn compute(&self, time: Duration) {
        let core = match self.run.runtime.core() {
            Some(core) => Some(self.activity.during(State::Ready, core).await),
            None => None,
        };
        self.run.runtime.compute(time).await;
        drop(core);
    }

    /// Waits so long by the clock of the run, or until it is in vain: the run is aborted or, for the Producer, stopped.
    pub async fn sleep(&self, time: Duration) {
        if time == Duration::ZERO {
            return;
        }
        let in_vain = if self.stage == Stage::Producer { Control::is_stopped } else { Control::is_aborted };
        let deadline = self.now() + time;
        let mut left = time;
        while left > Duration::ZERO {
            if self.listener.unless(in_vain, self.run.runtime.sleep(left)).await.is_none() {
                return;
            }
            // A pause was no time of the run: the rest of it comes after that.
            self.listener.resumed().await;
            left = deadline.saturating_sub(self.now());
        }
    }

    /// Waits for `future`, but not after the run was aborted.
    pub async fn unless_aborted<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        self.listener.unless(Control::is_aborted, future).await
    }

    fn service_time(&self, numbers: impl Iterator<Item = u64>) -> (Duration, Duration) {
        use crate::config::ServiceTime::Off;
        let StageService { wait, compute } = self.service;
        if (wait, compute) == (Off, Off) {
            return (Duration::ZERO, Duration::ZERO);
        }
        let purpose = Purpose::ServiceTime as u64 + 2 * u64::from(self.stage.place());
        numbers.map(trace::number).fold((Duration::ZERO, Duration::ZERO), |(waited, computed), number| {
            let random = |purpose| move || random::of_record(self.run.seed, purpose, number);
            (waited + wait.of(random(purpose)), computed + compute.of(random(purpose + 1)))
        })
    }

    /// Records an event of a record at this stage.
    pub fn record(&self, kind: EventKind, record: u64) {
        self.run.tracer.record(kind, self.stage.place(), self.worker, record);
    }

    /// Records an event of every record of a batch at this stage.
    pub fn record_each(&self, kind: EventKind, batch: &impl Weight) {
        self.record_each_at(kind, self.stage.place(), batch);
    }

    /// Records an event of every record of a batch at a place.
    pub fn record_each_at(&self, kind: EventKind, place: u8, batch: &impl Weight) {
        let tracer = &self.run.tracer;
        if tracer.is_on() {
            batch.numbers().for_each(|record| tracer.record(kind, place, self.worker, record));
        }
    }
}
