//! Where stages run: the same futures on a pool of threads, on one thread, or on a virtual clock.
//!
//! A stage knows only [`Runtime`]. Whoever starts a run makes one of
//! - [`Pool`]: any number of tasks on a pool of threads, natively and on web workers alike;
//! - [`Local`]: all tasks on one thread, natively and in a page without threads;
//! - [`Virtual`]: all tasks on one thread in simulated time; the same seed is the same run, event for event.
//!
//! The target is asked for here and nowhere else in the crate.

mod injector;
mod local;
mod pool;
mod task_queue;
mod timers;
pub(crate) mod timestamp_cache;
mod virtual_time;

pub use local::{Local, Turn};
pub use pool::{Pool, PoolError};
pub use virtual_time::{Stalled, Virtual};

use clearpipe_model::time::Timestamp;
use futures::future::BoxFuture;
use std::time::Duration;

/// Whether a panic of this build can be caught, so that the record that caused it fails alone.
pub const CATCHES_PANICS: bool = cfg!(panic = "unwind");

/// Called when a task was woken and is put among those that are ready to run; also when it is spawned.
pub type OnWake = Box<dyn Fn() + Send + Sync>;

/// The right to use a core, until it is dropped.
pub type Core = Box<dyn Send>;

/// What a stage needs of the place it runs in.
pub trait Runtime: Send + Sync + 'static {
    /// Runs a task until it ends, beside all others.
    fn spawn(&self, task: BoxFuture<'static, ()>, on_wake: OnWake);

    /// The time since the runtime was made; never goes back. It is the same for all threads, but for some microseconds in a
    /// page, where each has a clock.
    fn now(&self) -> Duration;

    /// The time of day.
    fn wall_clock(&self) -> Timestamp;

    /// Waits without using a thread, like I/O does.
    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()>;

    /// Waits for a core to compute on, where that is not the thread that the task runs on anyhow.
    fn core(&self) -> Option<BoxFuture<'static, Core>> {
        None
    }

    /// Works for a time, using the thread (or the simulated core, which the caller must hold), like a computation does.
    fn compute(&self, time: Duration) -> BoxFuture<'static, ()>;

    /// Whether the running task should let others run now. Asked by each worker between two batches: tasks are not
    /// interrupted, so one that always finds work would keep its thread.
    fn should_yield(&self) -> bool;

    /// The index of the thread that asks, if it is one of the runtime's.
    fn thread(&self) -> Option<usize>;

    /// The number of threads, or of simulated cores.
    fn threads(&self) -> usize;

    /// How many threads really run tasks: [`Runtime::thread`] is below that.
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

/// Uses up a thread for a time, by asking the clock again and again. It lets others run now and then.
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
