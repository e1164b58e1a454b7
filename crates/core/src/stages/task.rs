//! The task that a worker is: it keeps the account of the worker's time, and the log of when it was woken and ran.

use super::StageError;
use super::isolate::message;
use super::seat::Seat;
use crate::runtime::OnWake;
use crate::trace::EventKind;
use futures::FutureExt;
use futures::channel::oneshot;
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
    report: Option<oneshot::Sender<Ended>>,
}

impl Task {
    /// A task that does a worker's work and reports how it ended.
    pub fn new(
        seat: &Arc<Seat>,
        work: impl Future<Output = Ended> + Send + 'static,
        report: oneshot::Sender<Ended>,
    ) -> Task {
        let work = AssertUnwindSafe(work).catch_unwind();
        let work = async { work.await.unwrap_or_else(|panic| Err(StageError::Panicked(message(&*panic)))) };
        Task { seat: seat.clone(), work: Box::pin(work), report: Some(report) }
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
}

impl Future for Task {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let Task { seat, work, report } = &mut *self;
        let start = seat.now();
        seat.activity.run(start);
        record(seat, EventKind::RunStart, start);
        let result = work.as_mut().poll(context);
        let end = seat.now();
        match &result {
            Poll::Ready(_) => seat.activity.end(end),
            Poll::Pending => seat.activity.stop(end),
        }
        record(seat, EventKind::RunEnd, end);
        let result = ready!(result);
        if matches!(result, Err(StageError::Output { .. } | StageError::Panicked(_))) {
            // Those before it would find out when they send; but they may be waiting for input that never comes.
            seat.run.control.abort();
        }
        // Last of all: when the run has ended, its log and its metrics are complete.
        if let Some(report) = report.take() {
            let _ = report.send(result);
        }
        Poll::Ready(())
    }
}

fn record(seat: &Seat, kind: EventKind, now: Duration) {
    seat.run.tracer.record_task(kind, seat.stage.place(), seat.worker, now);
}
