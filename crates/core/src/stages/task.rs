//! The task that a worker is: it keeps the account of the worker's time, and the log of when it was woken and ran.

use super::StageError;
use super::isolate::message;
use super::seat::Seat;
use crate::pipeline::Crew;
use crate::runtime::{OnWake, last_stop};
use crate::trace::EventKind;
use futures::FutureExt;
use futures::future::BoxFuture;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// What becomes of a worker.
pub type Ended = Result<(), StageError>;

/// A worker's task.
pub struct Task {
    seat: Arc<Seat>,
    work: BoxFuture<'static, Ended>,
    /// Whom it tells that it has left; nobody any more when it has.
    crew: Option<Arc<Crew>>,
}

impl Task {
    /// A task that does a worker's work and tells the crew how it ended.
    pub fn new(seat: &Arc<Seat>, work: BoxFuture<'static, Ended>, crew: &Arc<Crew>) -> Task {
        Task { seat: seat.clone(), work, crew: Some(crew.clone()) }
    }

    /// Runs it.
    pub fn spawn(self) {
        let seat = self.seat.clone();
        let on_wake: OnWake = {
            let seat = seat.clone();
            Box::new(move || {
                let now = seat.now();
                seat.activity.wake(now);
                record(&seat, EventKind::Woken, now);
            })
        };
        seat.run.runtime.spawn(Box::pin(self), on_wake);
    }

    /// Gets on with the work; a panic is one way to end.
    fn work(&mut self, context: &mut Context<'_>) -> Poll<Ended> {
        let work = AssertUnwindSafe(self.work.as_mut());
        let mut work = work.catch_unwind();
        work.poll_unpin(context).map(|ended| ended.unwrap_or_else(|panic| Err(StageError::Panicked(message(&*panic)))))
    }

    fn leave(&mut self, ended: Ended) {
        let Some(crew) = self.crew.take() else { return };
        if matches!(ended, Err(StageError::Output { .. } | StageError::Panicked(_))) {
            // Those before it would find out when they send; but they may be waiting for input that never comes.
            self.seat.run.control.abort();
        }
        // Before somebody else may take the seat.
        self.seat.leave();
        crew.left(&self.seat, ended);
    }
}

impl Future for Task {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let run = self.seat.run.control.id();
        let ready_since = self.seat.activity.since();
        let start = last_stop::at_least(run, ready_since).unwrap_or_else(|| self.seat.now());
        self.seat.activity.run(start);
        record(&self.seat, EventKind::RunStart, start);
        let ended = self.work(context);
        let end = self.seat.now();
        last_stop::set(run, end);
        match &ended {
            Poll::Ready(_) => self.seat.activity.end(end),
            Poll::Pending => self.seat.activity.stop(end),
        }
        record(&self.seat, EventKind::RunEnd, end);
        let ended = ready!(ended);
        // Its ends of the channels are closed, and all is recorded: the run may end with it.
        self.leave(ended);
        Poll::Ready(())
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.leave(Err(StageError::Panicked("a stage ended without a result".to_owned())));
    }
}

fn record(seat: &Seat, kind: EventKind, now: Duration) {
    seat.run.tracer.record_task(kind, seat.stage.place(), seat.worker, now, &seat.latest);
}
