//! Runs all tasks on one thread, in simulated time and on simulated cores.
//!
//! Running a task takes no time here. Only [`Runtime::sleep`] and [`Runtime::compute`] do, and the latter needs one of
//! the cores. When no task is ready, the clock jumps to the next deadline. A seeded generator chooses which of the
//! ready tasks runs next: each seed gives one interleaving, and the same seed always gives the same one. Or the caller
//! chooses: see [`Virtual::with_choices`].

use super::choices::Choices;
use super::task_queue::{Runnable, TaskQueue};
use super::timers::{Sleep, Timers};
use super::{Core, OnWake, Runtime, TaskId, YieldPoints};
use crate::semaphore::Semaphore;
use clearpipe_model::random::Random;
use clearpipe_model::time::Timestamp;
use futures::future::BoxFuture;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

/// The runtime of the virtual clock.
#[derive(Clone)]
pub struct Virtual {
    tasks: Arc<TaskQueue>,
    timers: Arc<Timers>,
    clock: Arc<Clock>,
    yields: YieldPoints,
    /// Present if the caller chooses which task runs.
    choices: Option<Arc<Choices>>,
}

struct Clock {
    now_nanos: AtomicU64,
    random: Mutex<Random>,
    cores: usize,
    free_cores: Arc<Semaphore>,
}

/// No task can continue: the run would hang forever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("deadlock: every task waits for another one")]
pub struct Stalled;

impl Virtual {
    /// Creates a machine with `cores` cores (at least 1). Its choices follow from `seed`.
    pub fn new(cores: usize, seed: u64) -> Virtual {
        Virtual {
            tasks: Arc::default(),
            timers: Arc::default(),
            clock: Arc::new(Clock {
                now_nanos: AtomicU64::new(0),
                random: Mutex::new(Random::new(seed)),
                cores: cores.max(1),
                free_cores: Semaphore::new(cores.max(1)),
            }),
            yields: YieldPoints::NONE,
            choices: None,
        }
    }

    /// Makes the workers let other tasks run at these places, so that there are more schedules.
    #[must_use]
    pub fn with_yields(mut self, yields: YieldPoints) -> Virtual {
        self.yields = yields;
        self
    }

    /// Leaves it to the caller which of the ready tasks runs: [`Virtual::ready`] lists them, and [`Virtual::run`] runs one.
    /// A task then runs until it has to wait or gets to one of the [yield points](Virtual::with_yields), and yields
    /// nowhere else: the same choices always lead to the same state.
    ///
    /// ```
    /// use clearpipe_core::config::Config;
    /// use clearpipe_core::pipeline::{self, Outputs, RecordsFrom};
    /// use clearpipe_core::runtime::Virtual;
    /// use std::sync::Arc;
    ///
    /// let machine = Virtual::new(1, 0).with_choices();
    /// let outputs = Outputs { processed: Box::new(futures::io::sink()), failed: Box::new(futures::io::sink()), log: None };
    /// let config = Config { records: 1, workers: 1, ..Config::default() };
    /// let run = pipeline::start(&config, RecordsFrom::Generator, outputs, Arc::new(machine.clone()))?;
    /// let names: Vec<String> = machine.ready().iter().map(ToString::to_string).collect();
    /// assert_eq!(names.join(" "), "P V1 T1 F L E M");
    /// let producer = machine.ready()[0];
    /// assert!(machine.run(producer));
    /// assert!(!machine.run(producer), "it has sent its only record and has ended");
    /// # Ok::<(), clearpipe_core::config::ConfigError>(())
    /// ```
    #[must_use]
    pub fn with_choices(mut self) -> Virtual {
        self.choices = Some(Arc::default());
        self
    }

    /// Returns the tasks that are ready to run, in the order in which they were woken.
    pub fn ready(&self) -> Vec<TaskId> {
        self.tasks.ready()
    }

    /// Runs a task until it waits, yields or ends. Returns false, and does nothing, if it isn't ready.
    pub fn run(&self, task: TaskId) -> bool {
        self.tasks.take_task(task).map(|task| self.run_taken(task)).is_some()
    }

    /// Returns which tasks wait for a time to come, and for which, in the order in which they began to. A task can wait
    /// for several times, and for something else as well. Only known [with choices](Virtual::with_choices).
    pub fn sleeping(&self) -> Vec<(TaskId, Duration)> {
        self.choices.as_ref().map_or_else(Vec::new, |choices| choices.sleeping(self.now()))
    }

    fn run_taken(&self, task: Runnable) {
        let Some(choices) = &self.choices else {
            task.run();
            return;
        };
        choices.run(Some(*task.metadata()));
        task.run();
        choices.run(None);
    }

    /// Runs one task or, if none is ready, advances the clock. Returns false if there is neither a task nor a deadline.
    pub fn step(&self) -> bool {
        self.run_task() || self.move_on()
    }

    /// Runs one of the ready tasks. Returns false if there is none.
    pub fn run_task(&self) -> bool {
        let task = self.tasks.take(|count| self.clock.random().below(count as u64) as usize);
        task.map(|task| self.run_taken(task)).is_some()
    }

    /// Advances the clock to the next deadline. Returns false if there is none.
    pub fn move_on(&self) -> bool {
        let Some(deadline) = self.timers.next_deadline() else { return false };
        // A deadline may already have passed when it was first waited for; the clock never goes back.
        self.clock.now_nanos.fetch_max(deadline.as_nanos() as u64, Ordering::Relaxed);
        self.timers.fire(self.now());
        true
    }

    /// Advances the clock to a time, unless it is already later, but not beyond the next deadline.
    pub fn advance(&self, to: Duration) {
        let to = self.next_deadline().map_or(to, |deadline| to.min(deadline));
        self.clock.now_nanos.fetch_max(to.as_nanos() as u64, Ordering::Relaxed);
    }

    /// Returns whether a task is ready.
    pub fn has_task(&self) -> bool {
        !self.tasks.is_empty()
    }

    /// Returns the time to which the clock advances when no task is ready.
    pub fn next_deadline(&self) -> Option<Duration> {
        self.timers.next_deadline().map(|deadline| deadline.max(self.now()))
    }

    /// Wakes `waker` when a task becomes ready.
    pub fn on_ready(&self, waker: &Waker) {
        self.tasks.driver.register(waker);
    }

    /// Runs tasks until `future` is ready.
    ///
    /// # Errors
    /// If it never will be, because nothing is left to do.
    pub fn block_on<T>(&self, future: impl Future<Output = T>) -> Result<T, Stalled> {
        let mut future = pin!(future);
        loop {
            if let Some(result) = self.run_while(future.as_mut(), || true)? {
                return Ok(result);
            }
        }
    }

    /// Runs tasks until `future` is ready, or until `goes_on`, which is asked before every step, returns false. Then
    /// there is no result yet, and a later call with the same future continues.
    ///
    /// # Errors
    /// If it never will be ready, because nothing is left to do.
    pub fn run_while<T>(
        &self,
        mut future: Pin<&mut (impl Future<Output = T> + ?Sized)>,
        mut goes_on: impl FnMut() -> bool,
    ) -> Result<Option<T>, Stalled> {
        let woken = Arc::new(Flag(AtomicBool::new(true)));
        let waker = Waker::from(woken.clone());
        let mut context = Context::from_waker(&waker);
        loop {
            if woken.0.swap(false, Ordering::Relaxed)
                && let Poll::Ready(result) = future.as_mut().poll(&mut context)
            {
                return Ok(Some(result));
            }
            if !goes_on() {
                return Ok(None);
            }
            if !self.step() && !woken.0.load(Ordering::Relaxed) {
                return Err(Stalled);
            }
        }
    }
}

impl Clock {
    fn random(&self) -> MutexGuard<'_, Random> {
        self.random.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Runtime for Virtual {
    fn spawn(&self, whose: TaskId, task: BoxFuture<'static, ()>, on_wake: OnWake) {
        self.tasks.spawn(whose, task, on_wake);
    }

    fn now(&self) -> Duration {
        Duration::from_nanos(self.clock.now_nanos.load(Ordering::Relaxed))
    }

    /// The virtual clock starts at 1970-01-01T00:00:00Z.
    fn wall_clock(&self) -> Timestamp {
        Timestamp::from_micros(self.now().as_micros() as i64)
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        let deadline = self.now() + time;
        let sleep = Sleep::new(self.timers.clone(), deadline, |_| ());
        match &self.choices {
            None => Box::pin(sleep),
            Some(choices) => Box::pin(choices.note(deadline, sleep)),
        }
    }

    fn core(&self) -> Option<BoxFuture<'static, Core>> {
        let cores = self.clock.free_cores.clone();
        Some(Box::pin(async move { Box::new(cores.acquire().await) as Core }))
    }

    fn compute(&self, time: Duration) -> BoxFuture<'static, ()> {
        self.sleep(time)
    }

    fn should_yield(&self) -> bool {
        self.choices.is_none() && self.clock.random().below(2) == 0
    }

    fn yield_points(&self) -> YieldPoints {
        self.yields
    }

    fn thread(&self) -> Option<usize> {
        self.tasks.is_run_here().then_some(0)
    }

    fn threads(&self) -> usize {
        self.clock.cores
    }

    fn own_threads(&self) -> usize {
        1
    }
}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}
