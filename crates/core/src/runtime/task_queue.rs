//! The queue of tasks that are ready to run, for the runtimes of one thread.

use super::OnWake;
use async_task::Runnable;
use futures::future::BoxFuture;
use futures::task::AtomicWaker;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Tasks that were woken, oldest first.
pub(super) struct TaskQueue {
    ready: Mutex<VecDeque<Runnable>>,
    /// Who waits for a task to become ready.
    pub driver: AtomicWaker,
    /// The thread that runs them: that which took the last one, or at first that which made the queue.
    thread: AtomicUsize,
}

impl Default for TaskQueue {
    fn default() -> Self {
        TaskQueue { ready: Mutex::default(), driver: AtomicWaker::new(), thread: AtomicUsize::new(this_thread()) }
    }
}

/// A number of this thread, which no other has at the same time. (That of the standard library is slow to ask for.)
fn this_thread() -> usize {
    thread_local!(static HERE: u8 = const { 0 });
    HERE.with(|here| std::ptr::from_ref(here).addr())
}

impl TaskQueue {
    /// Makes a task of a future and queues it.
    pub fn spawn(self: &Arc<Self>, future: BoxFuture<'static, ()>, on_wake: OnWake) {
        // A weak reference: a task that never ends would otherwise keep its own queue, and itself, for ever.
        let queue = Arc::downgrade(self);
        let schedule = move |runnable| {
            if let Some(queue) = queue.upgrade() {
                on_wake();
                queue.lock().push_back(runnable);
                queue.driver.wake();
            }
        };
        let (runnable, task) = async_task::spawn(future, schedule);
        task.detach();
        runnable.schedule();
    }

    /// Takes the task that `choose` picks: it gets the number of ready tasks (at least 1) and answers an index.
    pub fn take(&self, choose: impl FnOnce(usize) -> usize) -> Option<Runnable> {
        self.thread.store(this_thread(), Ordering::Relaxed);
        let mut ready = self.lock();
        match ready.len() {
            0 => None,
            count => ready.remove(choose(count)),
        }
    }

    /// Whether this is the thread that runs the tasks: others may wake them too.
    pub fn is_run_here(&self) -> bool {
        self.thread.load(Ordering::Relaxed) == this_thread()
    }

    /// Whether no task is ready.
    pub fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<Runnable>> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
