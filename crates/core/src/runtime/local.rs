//! All tasks on one thread, in the order in which they are woken.

use super::task_queue::TaskQueue;
use super::timers::{Sleep, Timers};
use super::{OnWake, Runtime, last_stop, spin};
use crate::time::Timestamp;
use futures::future::BoxFuture;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;
use web_time::Instant;

/// The runtime of one thread. Natively [`Local::block_on`] drives it; in a page, whose event loop must stay free,
/// [`Local::turn`] is called again and again.
#[derive(Clone)]
pub struct Local {
    tasks: Arc<TaskQueue>,
    timers: Arc<Timers>,
    start: Instant,
}

/// What is left to do after a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Tasks are ready: call again.
    Busy,
    /// Nothing to do until a task is woken or, if one is given, this much time has passed.
    Idle(Option<Duration>),
}

impl Local {
    /// A runtime with nothing to do.
    pub fn new() -> Local {
        Local { tasks: Arc::default(), timers: Arc::default(), start: Instant::now() }
    }

    /// Runs ready tasks for about `budget`, or until none is ready.
    pub fn turn(&self, budget: Duration) -> Turn {
        // Whoever calls has a life of its own, which tasks that are ready had to wait for.
        last_stop::forget();
        let end = self.now() + budget;
        loop {
            self.timers.fire(self.now());
            // The clock costs more than a short task: look at it now and then only.
            for _ in 0..32 {
                let Some(task) = self.tasks.take(|_| 0) else {
                    let now = self.now();
                    return match self.timers.next_deadline() {
                        Some(deadline) if deadline <= now => Turn::Busy,
                        deadline => Turn::Idle(deadline.map(|deadline| deadline - now)),
                    };
                };
                task.run();
            }
            if self.now() >= end {
                return Turn::Busy;
            }
        }
    }

    /// Whether a turn would have something to do now.
    pub fn has_ready(&self) -> bool {
        !self.tasks.is_empty()
    }

    /// Has `waker` woken when a task becomes ready.
    pub fn on_ready(&self, waker: &Waker) {
        self.tasks.driver.register(waker);
    }

    /// Runs tasks until `future` is ready, putting the thread to sleep in between.
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
    fn spawn(&self, task: BoxFuture<'static, ()>, on_wake: OnWake) {
        self.tasks.spawn(task, on_wake);
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
        false
    }

    fn thread(&self) -> Option<usize> {
        Some(0)
    }

    fn threads(&self) -> usize {
        1
    }
}

struct Unpark(std::thread::Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
