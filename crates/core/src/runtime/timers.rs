//! Timers: which task to wake when.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// Deadlines, as times since the runtime was created, and the wakers that wait for them.
#[derive(Default)]
pub(super) struct Timers {
    queue: Mutex<Queue>,
}

#[derive(Default)]
struct Queue {
    /// Earliest deadline first; among equal deadlines, the one that was set first.
    heap: BinaryHeap<Reverse<(Duration, u64)>>,
    /// The wakers of the set timers, by their number.
    waiting: std::collections::HashMap<u64, Waker>,
    set_so_far: u64,
}

impl Timers {
    /// Wakes all tasks whose deadline has passed.
    pub fn fire(&self, now: Duration) {
        let mut due = Vec::new();
        {
            let mut queue = self.lock();
            while let Some(&Reverse((deadline, number))) = queue.heap.peek() {
                if deadline > now && queue.waiting.contains_key(&number) {
                    break;
                }
                queue.heap.pop();
                if deadline <= now {
                    due.extend(queue.waiting.remove(&number));
                }
            }
        }
        due.into_iter().for_each(Waker::wake);
    }

    /// Returns the earliest deadline of a waiting task.
    pub fn next_deadline(&self) -> Option<Duration> {
        let mut queue = self.lock();
        while let Some(&Reverse((deadline, number))) = queue.heap.peek() {
            if queue.waiting.contains_key(&number) {
                return Some(deadline);
            }
            queue.heap.pop();
        }
        None
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits until a deadline has been fired.
pub(super) struct Sleep<F> {
    timers: Arc<Timers>,
    deadline: Duration,
    number: Option<u64>,
    /// Called after a timer was set, since timers may now have to fire sooner.
    on_set: F,
}

impl<F: Fn(Duration) + Unpin> Sleep<F> {
    pub fn new(timers: Arc<Timers>, deadline: Duration, on_set: F) -> Self {
        Sleep { timers, deadline, number: None, on_set }
    }
}

impl<F: Fn(Duration) + Unpin> Future for Sleep<F> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let mut queue = this.timers.lock();
        match this.number {
            None => {
                let number = queue.set_so_far;
                queue.set_so_far += 1;
                queue.heap.push(Reverse((this.deadline, number)));
                queue.waiting.insert(number, context.waker().clone());
                this.number = Some(number);
                drop(queue);
                (this.on_set)(this.deadline);
                Poll::Pending
            }
            Some(number) => match queue.waiting.get_mut(&number) {
                Some(waker) => {
                    waker.clone_from(context.waker());
                    Poll::Pending
                }
                None => Poll::Ready(()),
            },
        }
    }
}

impl<F> Drop for Sleep<F> {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            self.timers.lock().waiting.remove(&number);
        }
    }
}
