//! What the virtual clock keeps in mind about its tasks when a caller chooses which of them runs.

use super::TaskId;
use super::timers::Sleep;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

/// The task that runs, and which tasks wait for a time.
#[derive(Default)]
pub(super) struct Choices(Mutex<Inside>);

#[derive(Default)]
struct Inside {
    running: Option<TaskId>,
    /// In the order in which they began to wait: the number of the wait, the task, and the time that it waits for.
    sleeping: Vec<(u64, TaskId, Duration)>,
    sleeps: u64,
}

impl Choices {
    /// Sets which task runs from now on.
    pub fn run(&self, task: Option<TaskId>) {
        self.inside().running = task;
    }

    /// Returns which tasks wait for a time that is later than `now`, in the order in which they began to. A task can wait
    /// for several.
    pub fn sleeping(&self, now: Duration) -> Vec<(TaskId, Duration)> {
        let inside = self.inside();
        let sleeping = inside.sleeping.iter().map(|&(_, task, deadline)| (task, deadline));
        sleeping.filter(|&(_, deadline)| deadline > now).collect()
    }

    /// Notes that the running task waits for a time.
    pub fn note<F>(self: &Arc<Self>, deadline: Duration, sleep: Sleep<F>) -> Noted<F> {
        let mut inside = self.inside();
        let number = inside.sleeps;
        inside.sleeps += 1;
        if let Some(task) = inside.running {
            inside.sleeping.push((number, task, deadline));
        }
        drop(inside);
        Noted { sleep, number, choices: self.clone() }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A wait for a time that is noted for as long as it exists.
pub(super) struct Noted<F> {
    sleep: Sleep<F>,
    number: u64,
    choices: Arc<Choices>,
}

impl<F: Fn(Duration) + Unpin> Future for Noted<F> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.sleep).poll(context)
    }
}

impl<F> Drop for Noted<F> {
    fn drop(&mut self) {
        let number = self.number;
        self.choices.inside().sleeping.retain(|&(other, ..)| other != number);
    }
}
