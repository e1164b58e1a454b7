//! The bound on the bytes in flight.
//!
//! Channels and the window count records, but a record may be a line of a megabyte. So the producer acquires a permit
//! for the bytes of a group of records before it sends them. The parts of the group share the permit, wherever they
//! are, and dropping the last one releases it. This bounds the bytes in memory with ordered and with unordered output,
//! and also releases what a failing stage drops.
//!
//! It can't deadlock: the consumers always take what arrives, so everything in flight is eventually dropped, and when
//! nothing is in flight, any group may pass, however large.

use crate::sync::AtomicWaker;
use crate::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::task::Poll;

/// A limit on the bytes in flight.
///
/// ```
/// use clearpipe_channel::ByteBudget;
/// use futures::FutureExt;
///
/// let budget = ByteBudget::new(1000);
/// let permit = budget.acquire(800).now_or_never().unwrap();
/// assert!(budget.acquire(300).now_or_never().is_none(), "there are only 200 bytes left");
/// drop(permit);
/// assert!(budget.acquire(300).now_or_never().is_some());
/// ```
#[derive(Debug)]
pub struct ByteBudget {
    limit: u64,
    acquired: AtomicU64,
    producer: AtomicWaker,
}

/// Part of a [`ByteBudget`], released when it is dropped.
#[derive(Debug)]
pub struct Permit {
    budget: Arc<ByteBudget>,
    bytes: u64,
}

impl ByteBudget {
    /// Creates a budget of `limit` bytes.
    pub fn new(limit: usize) -> Arc<ByteBudget> {
        Arc::new(ByteBudget { limit: limit as u64, acquired: AtomicU64::new(0), producer: AtomicWaker::new() })
    }

    /// Returns whether a number of bytes may be acquired now.
    fn is_enough(&self, bytes: u64) -> bool {
        let acquired = self.acquired.load(Ordering::Relaxed);
        acquired == 0 || acquired.saturating_add(bytes) <= self.limit
    }

    /// Acquires a number of bytes, waiting until they may be in flight. Only one task may call this.
    pub async fn acquire(self: &Arc<Self>, bytes: u64) -> Permit {
        futures::future::poll_fn(|context| {
            if self.is_enough(bytes) {
                return Poll::Ready(());
            }
            self.producer.register(context.waker());
            // A permit may have been released before the registration.
            if self.is_enough(bytes) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        // No other task acquires bytes, so there is still enough.
        self.acquired.fetch_add(bytes, Ordering::Relaxed);
        Permit { budget: self.clone(), bytes }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        // Only the count depends on it, and the waker orders it: a producer that registers after `wake` sees it.
        self.budget.acquired.fetch_sub(self.bytes, Ordering::Relaxed);
        self.budget.producer.wake();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    #[test]
    fn what_is_released_can_be_acquired_again() {
        let budget = ByteBudget::new(10);
        let six = budget.acquire(6).now_or_never().unwrap();
        let four = budget.acquire(4).now_or_never().unwrap();
        assert!(budget.acquire(1).now_or_never().is_none());
        drop(four);
        assert!(budget.acquire(5).now_or_never().is_none());
        drop(six);
        assert!(budget.acquire(10).now_or_never().is_some());
    }

    #[test]
    fn more_than_the_limit_passes_alone() {
        let budget = ByteBudget::new(10);
        let one = budget.acquire(1).now_or_never().unwrap();
        assert!(budget.acquire(1000).now_or_never().is_none());
        drop(one);
        let all = budget.acquire(1000).now_or_never().unwrap();
        assert!(budget.acquire(1).now_or_never().is_none());
        drop(all);
        assert!(budget.acquire(1).now_or_never().is_some());
    }
}
