//! Where stages run: the same futures on a pool of threads, on one thread, or on a virtual clock.
//!
//! A stage knows only [`Runtime`]. The code that starts a run chooses one of these:
//! - [`Pool`]: any number of tasks on a pool of threads, natively and on web workers alike;
//! - [`Local`]: all tasks on one thread, natively and in a page without threads;
//! - [`Virtual`]: all tasks on one thread in simulated time; the same seed gives the same run, event for event.
//!
//! Only this module of the crate depends on the compilation target.

mod choices;
mod injector;
mod local;
mod pool;
mod task_id;
mod task_queue;
mod timers;
pub(crate) mod timestamp_cache;
mod virtual_time;
mod yield_points;

pub use local::{Local, Turn};
pub use pool::{Pool, PoolError};
pub use task_id::{NoTask, TaskId};
pub use virtual_time::{Stalled, Virtual};
pub use yield_points::YieldPoints;

use clearpipe_model::time::Timestamp;
use futures::future::BoxFuture;
use std::time::Duration;

/// Whether this build can catch a panic, so that only the record that caused it fails.
pub const CATCHES_PANICS: bool = cfg!(panic = "unwind");

/// Called when a task is spawned, or is woken and becomes ready to run.
pub type OnWake = Box<dyn Fn() + Send + Sync>;

/// The right to use a core, until it is dropped.
pub type Core = Box<dyn Send>;

/// The services that a stage needs from the runtime it runs on.
pub trait Runtime: Send + Sync + 'static {
    /// Runs the task of a worker until it ends, concurrently with all others.
    fn spawn(&self, whose: TaskId, task: BoxFuture<'static, ()>, on_wake: OnWake);

    /// Returns the time since the runtime was created; never goes back. It is the same for all threads, except for some
    /// microseconds in a page, where each thread has its own clock.
    fn now(&self) -> Duration;

    /// Returns the time of day.
    fn wall_clock(&self) -> Timestamp;

    /// Waits without using a thread, like I/O.
    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()>;

    /// Waits for a core to compute on, if that isn't simply the thread that the task runs on.
    fn core(&self) -> Option<BoxFuture<'static, Core>> {
        None
    }

    /// Works for a time, using the thread (or the simulated core, which the caller must hold), like a computation.
    fn compute(&self, time: Duration) -> BoxFuture<'static, ()>;

    /// Returns whether the running task should let others run now. Each worker calls this between two batches. Tasks
    /// aren't preempted, so one that always finds work would keep its thread.
    fn should_yield(&self) -> bool;

    /// Returns the places at which workers must let other tasks run, in addition to [`Runtime::should_yield`]. Each worker
    /// calls this once, before it starts: it costs nothing where there are none.
    fn yield_points(&self) -> YieldPoints {
        YieldPoints::NONE
    }

    /// Returns the index of the calling thread, if it is one of the runtime's.
    fn thread(&self) -> Option<usize>;

    /// Returns the number of threads, or of simulated cores.
    fn threads(&self) -> usize;

    /// Returns how many threads really run tasks: [`Runtime::thread`] is below this.
    fn own_threads(&self) -> usize {
        self.threads()
    }
}

/// Lets other tasks of the thread run.
pub async fn yield_now() {
    let mut yielded = false;
    futures::future::poll_fn(|context| {
        if std::mem::replace(&mut yielded, true) {
            return std::task::Poll::Ready(());
        }
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await
}

/// Occupies a thread for a time by reading the clock in a loop. Lets other tasks run now and then.
async fn spin(time: Duration) {
    const SLICE: Duration = Duration::from_millis(5);
    let mut left = time;
    while left > Duration::ZERO {
        let start = web_time::Instant::now();
        while start.elapsed() < left.min(SLICE) {
            std::hint::spin_loop();
        }
        left = left.saturating_sub(start.elapsed());
        yield_now().await;
    }
}
