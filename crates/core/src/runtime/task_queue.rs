//! The queue of tasks that are ready to run, for the runtimes of one thread.

use super::{OnWake, TaskId};
use async_task::Builder;
use futures::future::BoxFuture;
use futures::task::AtomicWaker;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// A task that is ready to run, and knows whose it is.
pub(super) type Runnable = async_task::Runnable<TaskId>;

/// Tasks that were woken, oldest first.
pub(super) struct TaskQueue {
    ready: Mutex<VecDeque<Runnable>>,
    /// The driver that waits for a task to become ready.
    pub driver: AtomicWaker,
    /// The thread that runs the tasks: the one that took the last task or, at first, the one that created the queue.
    thread: AtomicUsize,
}

impl Default for TaskQueue {
    fn default() -> Self {
        TaskQueue { ready: Mutex::default(), driver: AtomicWaker::new(), thread: AtomicUsize::new(this_thread()) }
    }
}

/// Returns a number that no other live thread has. (Getting the standard library's thread id is slow.)
fn this_thread() -> usize {
    thread_local!(static HERE: u8 = const { 0 });
    HERE.with(|here| std::ptr::from_ref(here).addr())
}

impl TaskQueue {
    /// Creates a task from a future and queues it.
    pub fn spawn(self: &Arc<Self>, whose: TaskId, future: BoxFuture<'static, ()>, on_wake: OnWake) {
        // A weak reference: otherwise a task that never ends would keep its queue, and so itself, forever.
        let queue = Arc::downgrade(self);
        let schedule = move |runnable| {
            if let Some(queue) = queue.upgrade() {
                on_wake();
                queue.lock().push_back(runnable);
                queue.driver.wake();
            }
        };
        let (runnable, task) = Builder::new().metadata(whose).spawn(|_| future, schedule);
        task.detach();
        runnable.schedule();
    }

    /// Takes the task that `choose` picks: it gets the number of ready tasks (at least 1) and returns an index.
    pub fn take(&self, choose: impl FnOnce(usize) -> usize) -> Option<Runnable> {
        self.thread.store(this_thread(), Ordering::Relaxed);
        let mut ready = self.lock();
        match ready.len() {
            0 => None,
            count => ready.remove(choose(count)),
        }
    }

    /// Takes a given task, if it is ready.
    pub fn take_task(&self, whose: TaskId) -> Option<Runnable> {
        self.thread.store(this_thread(), Ordering::Relaxed);
        let mut ready = self.lock();
        let at = ready.iter().position(|task| *task.metadata() == whose)?;
        ready.remove(at)
    }

    /// Returns whose tasks are ready, in the order in which they were woken.
    pub fn ready(&self) -> Vec<TaskId> {
        self.lock().iter().map(|task| *task.metadata()).collect()
    }

    /// Returns whether this thread runs the tasks: others may wake them too.
    pub fn is_run_here(&self) -> bool {
        self.thread.load(Ordering::Relaxed) == this_thread()
    }

    /// Returns whether no task is ready.
    pub fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<Runnable>> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
