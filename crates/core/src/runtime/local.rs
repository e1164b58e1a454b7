//! Runs all tasks on one thread, in the order in which they are woken.

use super::task_queue::TaskQueue;
use super::timers::{Sleep, Timers};
use super::{OnWake, Runtime, TaskId, spin, timestamp_cache};
use clearpipe_model::time::Timestamp;
use futures::future::BoxFuture;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;
use web_time::Instant;

/// The runtime of one thread. Natively, [`Local::block_on`] drives it. In a page, whose event loop must stay free,
/// [`Local::turn`] is called again and again.
#[derive(Clone)]
pub struct Local {
    tasks: Arc<TaskQueue>,
    timers: Arc<Timers>,
    budget: Arc<Budget>,
    start: Instant,
}

/// What remains to be done after a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Tasks are ready: call again.
    Busy,
    /// Nothing to do until a task is woken or, if a time is given, this much time has passed.
    Idle(Option<Duration>),
}

impl Local {
    /// Creates a runtime without tasks.
    pub fn new() -> Local {
        Local { tasks: Arc::default(), timers: Arc::default(), budget: Arc::default(), start: Instant::now() }
    }

    /// Runs ready tasks for about `budget`, or until none is ready.
    pub fn turn(&self, budget: Duration) -> Turn {
        // The caller does other work between turns, for which ready tasks had to wait.
        timestamp_cache::forget();
        let start = self.now();
        self.timers.fire(start);
        self.budget.begin(start, budget);
        loop {
            let Some(task) = self.tasks.take(|_| 0) else {
                let now = self.now();
                return match self.timers.next_deadline() {
                    Some(deadline) if deadline <= now => Turn::Busy,
                    deadline => Turn::Idle(deadline.map(|deadline| deadline - now)),
                };
            };
            task.run();
            if self.budget.look(|| {
                let now = self.now();
                self.timers.fire(now);
                now
            }) {
                return Turn::Busy;
            }
        }
    }

    /// Returns whether a turn would have something to do now.
    pub fn has_ready(&self) -> bool {
        !self.tasks.is_empty()
    }

    /// Wakes `waker` when a task becomes ready.
    pub fn on_ready(&self, waker: &Waker) {
        self.tasks.driver.register(waker);
    }

    /// Runs tasks until `future` is ready. The thread sleeps in between.
    pub fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
        let mut context = Context::from_waker(&waker);
        let mut future = pin!(future);
        loop {
            if let Poll::Ready(result) = future.as_mut().poll(&mut context) {
                return result;
            }
            self.on_ready(&waker);
            match self.turn(Duration::from_millis(20)) {
                Turn::Busy => {}
                Turn::Idle(None) => std::thread::park(),
                Turn::Idle(Some(time)) => std::thread::park_timeout(time),
            }
        }
    }
}

impl Default for Local {
    fn default() -> Self {
        Local::new()
    }
}

impl Runtime for Local {
    fn spawn(&self, whose: TaskId, task: BoxFuture<'static, ()>, on_wake: OnWake) {
        self.tasks.spawn(whose, task, on_wake);
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn wall_clock(&self) -> Timestamp {
        Timestamp::now()
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        Box::pin(Sleep::new(self.timers.clone(), self.now() + time, |_| ()))
    }

    fn compute(&self, time: Duration) -> BoxFuture<'static, ()> {
        Box::pin(spin(time))
    }

    fn should_yield(&self) -> bool {
        self.budget.look(|| self.now())
    }

    fn thread(&self) -> Option<usize> {
        self.tasks.is_run_here().then_some(0)
    }

    fn threads(&self) -> usize {
        1
    }
}

/// Limits the duration of a turn. Reading the clock costs more than a short task, so the clock is read less often if
/// little time passed between the last two reads. Used by one thread only.
#[derive(Default)]
struct Budget {
    /// When the turn ends, and when the clock was last read, in nanoseconds of the runtime.
    end: AtomicU64,
    last: AtomicU64,
    /// The number of checks before the clock is read again.
    interval: AtomicU32,
    left: AtomicU32,
    is_used_up: AtomicBool,
}

impl Budget {
    /// The time that should pass between two reads of the clock, in nanoseconds.
    const FINE: u64 = 200_000;
    const MAX_INTERVAL: u32 = 64;

    fn begin(&self, now: Duration, budget: Duration) {
        self.end.store((now + budget).as_nanos() as u64, Ordering::Relaxed);
        self.last.store(now.as_nanos() as u64, Ordering::Relaxed);
        self.is_used_up.store(false, Ordering::Relaxed);
    }

    /// Returns whether the budget is used up.
    #[inline]
    fn look(&self, clock: impl FnOnce() -> Duration) -> bool {
        let left = self.left.load(Ordering::Relaxed);
        if left > 0 {
            self.left.store(left - 1, Ordering::Relaxed);
        } else if !self.is_used_up.load(Ordering::Relaxed) {
            self.look_at(clock().as_nanos() as u64);
        }
        self.is_used_up.load(Ordering::Relaxed)
    }

    fn look_at(&self, now: u64) {
        let passed = now.saturating_sub(self.last.swap(now, Ordering::Relaxed));
        let before = self.interval.load(Ordering::Relaxed);
        let interval = if passed < Self::FINE { before + 1 + before / 2 } else { before / 4 };
        let interval = interval.min(Self::MAX_INTERVAL);
        self.interval.store(interval, Ordering::Relaxed);
        self.left.store(interval, Ordering::Relaxed);
        self.is_used_up.store(now >= self.end.load(Ordering::Relaxed), Ordering::Relaxed);
    }
}

struct Unpark(std::thread::Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
