//! The bound on the records in flight.
//!
//! In ordered mode each consumer holds back what comes too early until the record before it has come. That could be
//! everything, so the Producer runs only so far ahead of the slowest consumer. It can't deadlock: the consumers always
//! take what comes, so the record that all wait for gets through.

use crate::control::Control;
use futures::task::AtomicWaker;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::Poll;

/// How far the Producer may run ahead of the consumers.
pub struct Window {
    size: AtomicU64,
    control: Arc<Control>,
    producer: AtomicWaker,
    /// Whether the Producer waits: as a rule it does not, and waking nobody is not free.
    is_awaited: AtomicBool,
}

impl Window {
    /// A window of so many records.
    pub fn new(size: usize, control: &Arc<Control>) -> Window {
        Window {
            size: AtomicU64::new(size as u64),
            control: control.clone(),
            producer: AtomicWaker::new(),
            is_awaited: AtomicBool::new(false),
        }
    }

    /// From now on it is for so many records.
    pub fn resize(&self, size: usize) {
        self.size.store(size as u64, Ordering::Relaxed);
        self.producer.wake();
    }

    /// Whether records up to the number `end` (exclusive) may be in flight now.
    pub fn is_open(&self, end: u64) -> bool {
        end <= self.control.finished().saturating_add(self.size.load(Ordering::Relaxed))
    }

    /// Waits until records up to the number `end` (exclusive) may be in flight. For the Producer only.
    pub async fn open(&self, end: u64) {
        futures::future::poll_fn(|context| {
            if self.is_open(end) {
                return Poll::Ready(());
            }
            self.producer.register(context.waker());
            self.is_awaited.store(true, Ordering::SeqCst);
            // A consumer may have been faster than the registration.
            if self.is_open(end) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        self.is_awaited.store(false, Ordering::Relaxed);
    }

    /// A consumer is done with more, or has ended: has the Producer look.
    #[inline]
    pub fn moved(&self) {
        // The consumer has said before how far it is, and the Producer looks after it has said that it waits, all in one
        // order: one of them sees what the other did.
        if self.is_awaited.load(Ordering::SeqCst) {
            self.producer.wake();
        }
    }
}
