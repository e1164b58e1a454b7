//! Records when a task is woken and when it runs.

use super::EventKind;
use crate::stages::seat::Seat;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

/// A task whose wake-ups and runs are recorded.
pub struct TracedTask {
    task: Pin<Box<dyn Future<Output = ()> + Send>>,
    seat: Arc<Seat>,
}

impl TracedTask {
    /// The task of a worker.
    pub fn new(task: impl Future<Output = ()> + Send + 'static, seat: Arc<Seat>) -> TracedTask {
        TracedTask { task: Box::pin(task), seat }
    }
}

impl Future for TracedTask {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let waker = Waker::from(Arc::new(TracedWaker { waker: context.waker().clone(), seat: self.seat.clone() }));
        record(&self.seat, EventKind::RunStart);
        let result = self.task.as_mut().poll(&mut Context::from_waker(&waker));
        record(&self.seat, EventKind::RunEnd);
        result
    }
}

struct TracedWaker {
    waker: Waker,
    seat: Arc<Seat>,
}

impl Wake for TracedWaker {
    fn wake(self: Arc<Self>) {
        record(&self.seat, EventKind::Woken);
        self.waker.wake_by_ref();
    }
}

fn record(seat: &Seat, kind: EventKind) {
    seat.run.tracer.record_task(kind, seat.stage.place(), seat.worker);
}
