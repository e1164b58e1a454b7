//! The bound on the records in flight.
//!
//! In ordered mode each consumer holds back what comes too early until the record before it has come. That could be
//! everything, so the Producer runs only so far ahead of the slowest consumer. It can't deadlock: the consumers always
//! take what comes, so the record that all wait for gets through.

use futures::task::AtomicWaker;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;

/// How far the Producer may run ahead of the consumers.
#[derive(Debug)]
pub struct Window {
    size: AtomicU64,
    /// How many records each consumer is done with, in the order of production.
    done: [AtomicU64; Window::CONSUMERS],
    producer: AtomicWaker,
}

impl Window {
    /// The number of consumers behind the fan-out.
    pub const CONSUMERS: usize = 3;

    /// A window of so many records.
    pub fn new(size: usize) -> Window {
        Window { size: AtomicU64::new(size as u64), done: Default::default(), producer: AtomicWaker::new() }
    }

    /// From now on it is for so many records.
    pub fn resize(&self, size: usize) {
        self.size.store(size as u64, Ordering::Relaxed);
        self.producer.wake();
    }

    /// Whether records up to the number `end` (exclusive) may be in flight now.
    pub fn is_open(&self, end: u64) -> bool {
        let slowest = self.done.iter().map(|done| done.load(Ordering::Acquire)).min().unwrap_or(0);
        end <= slowest.saturating_add(self.size.load(Ordering::Relaxed))
    }

    /// Waits until records up to the number `end` (exclusive) may be in flight. For the Producer only.
    pub async fn open(&self, end: u64) {
        futures::future::poll_fn(|context| {
            if self.is_open(end) {
                return Poll::Ready(());
            }
            self.producer.register(context.waker());
            // A consumer may have been faster than the registration.
            if self.is_open(end) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await
    }

    /// Says that a consumer is done with so many records more.
    pub fn advance(&self, consumer: usize, records: u64) {
        self.done[consumer].fetch_add(records, Ordering::AcqRel);
        self.producer.wake();
    }

    /// Says that a consumer has ended. If that is before the end, the Producer is not to wait for it, but to find out.
    pub fn leave(&self, consumer: usize) {
        self.done[consumer].store(u64::MAX / 2, Ordering::Release);
        self.producer.wake();
    }
}
