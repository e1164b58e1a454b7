//! What is measured of a channel.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

/// What is measured of a channel. Anybody may read it at any time.
#[derive(Debug)]
pub struct Gauge {
    capacity: usize,
    depth: AtomicUsize,
    highest: AtomicUsize,
    passed: AtomicU64,
    blocked_sends: AtomicU64,
    blocked_nanos: AtomicU64,
}

impl Gauge {
    pub(super) fn new(capacity: usize) -> Gauge {
        Gauge {
            capacity,
            depth: AtomicUsize::new(0),
            highest: AtomicUsize::new(0),
            passed: AtomicU64::new(0),
            blocked_sends: AtomicU64::new(0),
            blocked_nanos: AtomicU64::new(0),
        }
    }

    /// It holds so many records now. One caller at a time, as of [`Gauge::left`].
    pub(super) fn holds(&self, records: usize) {
        self.depth.store(records, Ordering::Relaxed);
        if records > self.highest.load(Ordering::Relaxed) {
            self.highest.store(records, Ordering::Relaxed);
        }
    }

    /// So many records have left it.
    pub(super) fn left(&self, records: usize) {
        self.passed.store(self.passed.load(Ordering::Relaxed) + records as u64, Ordering::Relaxed);
    }

    /// A sender has found it full.
    pub(super) fn is_full(&self) {
        self.blocked_sends.fetch_add(1, Ordering::Relaxed);
    }

    /// A sender was blocked for so long.
    pub(super) fn was_blocked(&self, time: Duration) {
        self.blocked_nanos.fetch_add(time.as_nanos() as u64, Ordering::Relaxed);
    }

    /// How many records it can hold.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// How many records it holds.
    pub fn depth(&self) -> usize {
        self.depth.load(Ordering::Relaxed)
    }

    /// The most records it has held.
    pub fn highest(&self) -> usize {
        self.highest.load(Ordering::Relaxed)
    }

    /// How many records have left it.
    pub fn passed(&self) -> u64 {
        self.passed.load(Ordering::Relaxed)
    }

    /// How often a sender found it full.
    pub fn blocked_sends(&self) -> u64 {
        self.blocked_sends.load(Ordering::Relaxed)
    }

    /// How long senders were blocked, added up.
    pub fn blocked(&self) -> Duration {
        Duration::from_nanos(self.blocked_nanos.load(Ordering::Relaxed))
    }
}
