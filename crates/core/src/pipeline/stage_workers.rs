//! The workers of a run: one slot for each, the task that runs in it, and how workers are added and retired.
//!
//! A slot runs at most one task. A retired worker finishes the records it has and exits. If its slot is needed again
//! before that, the next worker starts when it has exited. The run ends when no task is left.

use crate::batch::Traceable;
use crate::channels::Channel;
use crate::config::{Config, ConfigError, Plan};
use crate::deadlock::DeadlockWatch;
use crate::metrics::{State, WorkerMetrics};
use crate::runtime::TaskId;
use crate::waits::Deadlock;
use crate::worker::StageError;
use crate::worker::{Exit, Task};
use crate::worker::{RunContext, WorkerContext};
use clearpipe_channel::Window;
use clearpipe_model::topology::Stage;
use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::BoxFuture;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The work of a worker until it exits.
pub type Work = BoxFuture<'static, Exit>;

/// A stage with any number of workers, and how to start another one. Holds the channels, but none of their ends.
pub struct StageSpec {
    stage: Stage,
    input: Box<dyn Input>,
    start: Box<dyn Start>,
}

/// Gives a worker its ends of the channels and returns its work.
trait Start: Fn(&Arc<WorkerContext>) -> Work + Send + Sync {}

impl<F: Fn(&Arc<WorkerContext>) -> Work + Send + Sync> Start for F {}

/// The input channel of a stage.
trait Input: Send + Sync {
    /// Returns whether the channel is empty and closed.
    fn is_over(&self) -> bool;

    /// Wakes the waiting receivers, so that they notice when they are retired.
    fn wake(&self);
}

impl<T: Traceable + Send> Input for Channel<T> {
    fn is_over(&self) -> bool {
        self.is_over()
    }

    fn wake(&self) {
        self.wake_receivers();
    }
}

impl StageSpec {
    /// Creates a stage whose workers receive from `input`. `start` gives a worker its ends of the channels.
    pub fn new<T: Traceable + Send + 'static>(
        stage: Stage,
        input: &Channel<T>,
        start: impl Fn(&Arc<WorkerContext>) -> Work + Send + Sync + 'static,
    ) -> StageSpec {
        StageSpec { stage, input: Box::new(input.clone()), start: Box::new(start) }
    }
}

/// The workers of a run.
pub struct StageWorkers {
    run: RunContext,
    /// Present if the output is ordered.
    window: Option<Arc<Window>>,
    /// Present if the workers can block each other for ever.
    watch: Option<DeadlockWatch>,
    states: Mutex<WorkerStates>,
}

/// The worker that failed, and why.
pub type Failure = (Stage, u16, StageError);

struct WorkerStates {
    /// The plan from the start of the run, with the number of workers that is wanted now.
    plan: Plan,
    specs: Vec<Arc<StageSpec>>,
    /// By stage and worker index.
    slots: [Vec<WorkerSlot>; Stage::ALL.len()],
    running: usize,
    /// Whether the workers of all stages have been added.
    all_added: bool,
    failures: Vec<Failure>,
    ended: Option<oneshot::Sender<Vec<Failure>>>,
}

struct WorkerSlot {
    worker: Arc<WorkerContext>,
    is_running: bool,
}

impl StageWorkers {
    /// Creates the set without any workers. The receiver gets all failures when the last worker has exited.
    pub fn new(
        run: &RunContext,
        plan: &Plan,
        window: Option<Arc<Window>>,
        watch: Option<DeadlockWatch>,
    ) -> (Arc<StageWorkers>, oneshot::Receiver<Vec<Failure>>) {
        let (ended, end) = oneshot::channel();
        let states = WorkerStates {
            plan: plan.clone(),
            specs: Vec::new(),
            slots: Default::default(),
            running: 0,
            all_added: false,
            failures: Vec::new(),
            ended: Some(ended),
        };
        (Arc::new(StageWorkers { run: run.clone(), window, watch, states: Mutex::new(states) }), end)
    }

    /// Adds the only worker of a stage. Spawn the task once the workers of all stages have been added.
    pub fn add_one(self: &Arc<Self>, stage: Stage, start: impl FnOnce(&Arc<WorkerContext>) -> Work) -> Task {
        let worker = self.states().occupy_slot(&self.run, stage, 0);
        let work = start(&worker);
        self.task(&worker, work)
    }

    /// Adds a stage with the configured number of workers. Spawn the tasks once those of all stages have been added.
    pub fn add_stage(self: &Arc<Self>, spec: StageSpec) -> Vec<Task> {
        let mut states = self.states();
        let stage = spec.stage;
        states.specs.push(Arc::new(spec));
        states.fill(self, stage)
    }

    /// Tells that the workers of all stages have been added.
    pub fn all_added(&self) {
        self.states().all_added = true;
    }

    /// Applies the part of a configuration that can change during a run.
    ///
    /// # Errors
    /// If the configuration is invalid; then nothing changes.
    pub fn adjust(self: &Arc<Self>, config: &Config) -> Result<(), ConfigError> {
        config.check()?;
        let mut states = self.states();
        states.plan = states.plan.with_workers_of(&Plan::of_generator(config));
        self.run.settings.set(config);
        if let Some(window) = &self.window {
            window.resize(states.plan.window());
        }
        let mut added = Vec::new();
        for stage in [Stage::Validator, Stage::Transformer] {
            states.retire(stage);
            added.extend(states.fill(self, stage));
        }
        // A runtime that has ended drops the tasks, and their exit takes the lock.
        drop(states);
        self.run.control.announce_change();
        added.into_iter().for_each(Task::spawn);
        Ok(())
    }

    /// Returns the metrics of a stage's workers, including those that have exited.
    pub fn metrics(&self, stage: Stage, elapsed: Duration) -> Vec<WorkerMetrics> {
        let states = self.states();
        let slots = states.slots[stage as usize].iter();
        slots.map(|slot| WorkerMetrics::of(&slot.worker.activity, elapsed)).collect()
    }

    /// Returns the state of a worker, if there is such a worker.
    pub fn state(&self, TaskId { stage, worker }: TaskId) -> Option<State> {
        self.states().slots[stage as usize].get(usize::from(worker)).map(|slot| slot.worker.activity.state())
    }

    fn task(self: &Arc<Self>, worker: &Arc<WorkerContext>, work: Work) -> Task {
        let (workers, slot) = (self.clone(), worker.clone());
        let on_exit = Box::new(move |exit| workers.on_exit(&slot, exit));
        if self.watch.is_none() {
            return Task::new(worker, work, on_exit);
        }
        // In a deadlock, no channel closes: the workers must notice by themselves that the run is over.
        let own = worker.clone();
        let work = async move { own.unless_aborted(work).await.unwrap_or(Err(StageError::Aborted)) }.boxed();
        let workers = self.clone();
        Task::new(worker, work, on_exit).watched_by(Box::new(move || workers.deadlock().map(StageError::Deadlock)))
    }

    /// Returns the deadlock that the workers are in, if there is one.
    fn deadlock(&self) -> Option<Deadlock> {
        // Once the run is aborted, all of them exit.
        let watch = self.watch.as_ref().filter(|_| !self.run.control.is_aborted())?;
        let workers = self.states().all_waiting()?;
        let found = watch.find(&workers)?;
        // None has been added meanwhile.
        let still = self.states().all_waiting()?;
        let same = |(one, other): (&Arc<WorkerContext>, &Arc<WorkerContext>)| Arc::ptr_eq(one, other);
        (still.len() == workers.len() && still.iter().zip(&workers).all(same)).then_some(found)
    }

    /// Handles the exit of a worker: frees its slot, and starts the next worker there if one is wanted.
    fn on_exit(self: &Arc<Self>, worker: &Arc<WorkerContext>, exit: Exit) {
        let mut states = self.states();
        states.slots[worker.stage as usize][worker.index as usize].is_running = false;
        states.running -= 1;
        let mut next = None;
        match exit {
            // The slot may be wanted again by now.
            Ok(()) | Err(StageError::Retired) => next = states.add(self, worker.stage, worker.index as usize),
            // The stage that it sends to reports the cause.
            Err(StageError::Disconnected) => {}
            Err(error) => states.failures.push((worker.stage, worker.index, error)),
        }
        if states.running == 0
            && let Some(end) = states.ended.take()
        {
            let _ = end.send(std::mem::take(&mut states.failures));
        }
        drop(states);
        // Those that are left may all be waiting for each other.
        if let Some(deadlock) = self.deadlock() {
            self.states().failures.push((worker.stage, worker.index, StageError::Deadlock(deadlock)));
            self.run.control.abort();
        }
        next.into_iter().for_each(Task::spawn);
    }

    fn states(&self) -> MutexGuard<'_, WorkerStates> {
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl WorkerStates {
    /// Returns the running workers if all of them have noted what they wait for, and none is still to be added.
    fn all_waiting(&self) -> Option<Vec<Arc<WorkerContext>>> {
        let running = || self.slots.iter().flatten().filter(|slot| slot.is_running).map(|slot| &slot.worker);
        (self.all_added && running().all(|worker| !worker.waits.is_empty())).then(|| running().cloned().collect())
    }

    /// Retires the workers of a stage beyond the wanted number, and keeps all others.
    fn retire(&mut self, stage: Stage) {
        let wanted = self.plan.workers(stage);
        for (index, slot) in self.slots[stage as usize].iter().enumerate() {
            slot.worker.retire(index >= wanted);
        }
        self.specs.iter().filter(|spec| spec.stage == stage).for_each(|spec| spec.input.wake());
    }

    /// Adds workers to a stage up to the wanted number.
    fn fill(&mut self, workers: &Arc<StageWorkers>, stage: Stage) -> Vec<Task> {
        (0..self.plan.workers(stage)).filter_map(|index| self.add(workers, stage, index)).collect()
    }

    /// Adds a worker in a slot if the slot is free and wanted, and there is still work to do.
    fn add(&mut self, workers: &Arc<StageWorkers>, stage: Stage, index: usize) -> Option<Task> {
        let spec = self.specs.iter().find(|spec| spec.stage == stage)?.clone();
        let is_running = self.slots[stage as usize].get(index).is_some_and(|slot| slot.is_running);
        let is_wanted = index < self.plan.workers(stage) && self.ended.is_some() && !spec.input.is_over();
        (is_wanted && !is_running).then(|| {
            let worker = self.occupy_slot(&workers.run, stage, index);
            workers.task(&worker, (spec.start)(&worker))
        })
    }

    /// Creates the worker of a slot and counts it as running.
    fn occupy_slot(&mut self, run: &RunContext, stage: Stage, index: usize) -> Arc<WorkerContext> {
        let slots = &mut self.slots[stage as usize];
        if slots.len() == index {
            slots.push(WorkerSlot { worker: WorkerContext::new(stage, index as u16, run), is_running: false });
        }
        let slot = &mut slots[index];
        slot.is_running = true;
        self.running += 1;
        slot.worker.clone()
    }
}
