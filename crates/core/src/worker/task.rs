//! A worker's task: accounts for the worker's time, and logs when the task is woken and runs.

use super::StageError;
use super::WorkerContext;
use crate::panic_guard::message;
use crate::runtime::{OnWake, TaskId, timestamp_cache};
use crate::trace::EventKind;
use futures::FutureExt;
use futures::future::BoxFuture;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// How a worker exits.
pub type Exit = Result<(), StageError>;

/// Called once, after a worker has exited.
pub type OnExit = Box<dyn FnOnce(Exit) + Send>;

/// Called when a worker has begun to wait. Returns an error if that is in vain.
pub type OnWait = Box<dyn Fn() -> Option<StageError> + Send>;

/// A worker's task.
pub struct Task {
    worker: Arc<WorkerContext>,
    work: BoxFuture<'static, Exit>,
    /// `None` once it has been called.
    on_exit: Option<OnExit>,
    /// Present if deadlocks are watched for.
    on_wait: Option<OnWait>,
}

impl Task {
    /// Creates a task that does a worker's work and then calls `on_exit`.
    pub fn new(worker: &Arc<WorkerContext>, work: BoxFuture<'static, Exit>, on_exit: OnExit) -> Task {
        Task { worker: worker.clone(), work, on_exit: Some(on_exit), on_wait: None }
    }

    /// Calls `on_wait` each time that the worker has begun to wait. If it returns an error, the worker exits with that.
    #[must_use]
    pub fn watched_by(mut self, on_wait: OnWait) -> Task {
        self.on_wait = Some(on_wait);
        self
    }

    /// Runs the task on the worker's runtime.
    pub fn spawn(self) {
        let worker = self.worker.clone();
        let on_wake: OnWake = {
            let worker = worker.clone();
            Box::new(move || {
                let now = worker.now();
                worker.activity.wake(now);
                worker.record_task(EventKind::Woken, now);
            })
        };
        let whose = TaskId { stage: worker.stage, worker: worker.index };
        worker.run.runtime.spawn(whose, Box::pin(self), on_wake);
    }

    /// Continues the work. A panic counts as an exit.
    fn poll_work(&mut self, context: &mut Context<'_>) -> Poll<Exit> {
        let work = AssertUnwindSafe(self.work.as_mut());
        let mut work = work.catch_unwind();
        work.poll_unpin(context).map(|exit| exit.unwrap_or_else(|panic| Err(StageError::Panicked(message(&*panic)))))
    }

    /// Continues the work and, if it waits, looks whether that is in vain.
    fn poll_watched(&mut self, context: &mut Context<'_>) -> Poll<Exit> {
        if self.on_wait.is_none() {
            return self.poll_work(context);
        }
        self.worker.waits.turns();
        let exit = self.poll_work(context);
        self.worker.waits.turns();
        if exit.is_ready() {
            // It gives up its ends of channels before it counts as having exited: then whoever waits for them is woken.
            self.work = futures::future::pending().boxed();
            return exit;
        }
        let error = self.on_wait.as_ref().and_then(|on_wait| on_wait());
        error.map_or(Poll::Pending, |error| Poll::Ready(Err(error)))
    }

    fn exit(&mut self, exit: Exit) {
        let Some(on_exit) = self.on_exit.take() else { return };
        if matches!(exit, Err(StageError::Output { .. } | StageError::Panicked(_) | StageError::Deadlock(_))) {
            // Earlier stages would notice when they send, but they may be waiting for input that never arrives.
            self.worker.run.control.abort();
        }
        // Before another worker can start in the same slot.
        self.worker.stop_listening();
        on_exit(exit);
    }
}

impl Future for Task {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let run = self.worker.run.control.id();
        let ready_since = self.worker.activity.since();
        let start = timestamp_cache::at_least(run, ready_since).unwrap_or_else(|| self.worker.now());
        self.worker.activity.run(start);
        self.worker.record_task(EventKind::RunStart, start);
        let exit = self.poll_watched(context);
        let end = self.worker.now();
        timestamp_cache::set(run, end);
        match &exit {
            Poll::Ready(_) => self.worker.activity.end(end),
            Poll::Pending => self.worker.activity.stop(end),
        }
        self.worker.record_task(EventKind::RunEnd, end);
        let exit = ready!(exit);
        // Its ends of the channels are closed and all events are recorded: the run may end now.
        self.exit(exit);
        Poll::Ready(())
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.exit(Err(StageError::Panicked("a stage ended without a result".to_owned())));
    }
}
