//! The bound on the bytes in flight.
//!
//! Channels and the window count records, and a record may be a line of a megabyte. So the Producer also takes what the
//! lines of a group weigh out of an budget before it sends them. The parts of the group hold it, wherever they are,
//! and the last one that is dropped gives it back: so it bounds what is in memory in ordered and in unordered mode, and
//! what a stage drops when it fails is not lost to it.
//!
//! It can't deadlock: the consumers always take what comes, so all that is in flight is dropped sooner or later, and
//! when nothing is, any group may pass, however large.

use futures::task::AtomicWaker;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;

/// How many bytes of input may be in flight.
#[derive(Debug)]
pub struct ByteBudget {
    most: u64,
    taken: AtomicU64,
    producer: AtomicWaker,
}

/// A part of an budget, given back when it is dropped.
#[derive(Debug)]
pub struct Permit {
    budget: Arc<ByteBudget>,
    bytes: u64,
}

impl ByteBudget {
    /// An budget of so many bytes.
    pub fn new(most: usize) -> Arc<ByteBudget> {
        Arc::new(ByteBudget { most: most as u64, taken: AtomicU64::new(0), producer: AtomicWaker::new() })
    }

    /// Whether so many bytes may be taken now.
    fn is_enough(&self, bytes: u64) -> bool {
        let taken = self.taken.load(Ordering::Acquire);
        taken == 0 || taken.saturating_add(bytes) <= self.most
    }

    /// Takes so many bytes, waiting until they may be in flight. For the Producer only.
    pub async fn take(self: &Arc<Self>, bytes: u64) -> Permit {
        futures::future::poll_fn(|context| {
            if self.is_enough(bytes) {
                return Poll::Ready(());
            }
            self.producer.register(context.waker());
            // What was in flight may have been faster than the registration.
            if self.is_enough(bytes) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        // Nobody else takes any, so it is still enough.
        self.taken.fetch_add(bytes, Ordering::AcqRel);
        Permit { budget: self.clone(), bytes }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.budget.taken.fetch_sub(self.bytes, Ordering::AcqRel);
        self.budget.producer.wake();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    #[test]
    fn what_is_dropped_may_be_taken_again() {
        let budget = ByteBudget::new(10);
        let six = budget.take(6).now_or_never().unwrap();
        let four = budget.take(4).now_or_never().unwrap();
        assert!(budget.take(1).now_or_never().is_none());
        drop(four);
        assert!(budget.take(5).now_or_never().is_none());
        drop(six);
        assert!(budget.take(10).now_or_never().is_some());
    }

    #[test]
    fn a_group_that_is_too_large_passes_alone() {
        let budget = ByteBudget::new(10);
        let one = budget.take(1).now_or_never().unwrap();
        assert!(budget.take(1000).now_or_never().is_none());
        drop(one);
        let all = budget.take(1000).now_or_never().unwrap();
        assert!(budget.take(1).now_or_never().is_none());
        drop(all);
        assert!(budget.take(1).now_or_never().is_some());
    }
}
