//! What is measured of a channel.

use crate::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What is measured of a channel. Anyone may read it at any time; only whoever holds the channel's lock changes how many
/// records were enqueued and dequeued.
#[derive(Debug)]
pub struct ChannelStats {
    capacity: usize,
    /// Records that entered the channel.
    enqueued: AtomicU64,
    /// Records that left it.
    dequeued: AtomicU64,
    /// How many of those were dropped instead of received.
    discarded: AtomicU64,
    highest: AtomicU64,
    blocked_sends: AtomicU64,
    blocked_nanos: AtomicU64,
}

impl ChannelStats {
    pub(super) fn new(capacity: usize) -> ChannelStats {
        ChannelStats {
            capacity,
            enqueued: AtomicU64::new(0),
            dequeued: AtomicU64::new(0),
            discarded: AtomicU64::new(0),
            highest: AtomicU64::new(0),
            blocked_sends: AtomicU64::new(0),
            blocked_nanos: AtomicU64::new(0),
        }
    }

    /// How many more records fit. For whoever holds the channel's lock.
    #[inline]
    pub(super) fn room(&self) -> usize {
        let depth = self.enqueued.load(Ordering::Relaxed) - self.dequeued.load(Ordering::Relaxed);
        self.capacity - depth as usize
    }

    /// Records have entered the channel.
    #[inline]
    pub(super) fn enqueue(&self, records: usize) {
        let enqueued = self.enqueued.load(Ordering::Relaxed) + records as u64;
        self.enqueued.store(enqueued, Ordering::Release);
        let depth = enqueued - self.dequeued.load(Ordering::Relaxed);
        if depth > self.highest.load(Ordering::Relaxed) {
            self.highest.store(depth, Ordering::Relaxed);
        }
    }

    /// Records have been received.
    #[inline]
    pub(super) fn dequeue(&self, records: usize) {
        self.dequeued.store(self.dequeued.load(Ordering::Relaxed) + records as u64, Ordering::Release);
    }

    /// All records in the channel were dropped.
    pub(super) fn discard(&self) {
        let enqueued = self.enqueued.load(Ordering::Relaxed);
        self.discarded.store(enqueued - self.dequeued.load(Ordering::Relaxed), Ordering::Relaxed);
        self.dequeued.store(enqueued, Ordering::Release);
    }

    /// A sender found no room for what it has, however many items that are.
    pub(super) fn count_blocked_send(&self) {
        self.blocked_sends.fetch_add(1, Ordering::Relaxed);
    }

    /// A sender was blocked for this time.
    pub(super) fn add_blocked(&self, time: Duration) {
        self.blocked_nanos.fetch_add(time.as_nanos() as u64, Ordering::Relaxed);
    }

    /// How many records the channel can hold.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// How many records it holds.
    pub fn depth(&self) -> usize {
        // Both counts of the same moment if possible: what moves in between would be counted as still being there.
        const TRIES: usize = 16;
        let mut depth = 0;
        for _ in 0..TRIES {
            let dequeued = self.dequeued.load(Ordering::Acquire);
            depth = self.enqueued.load(Ordering::Acquire).saturating_sub(dequeued);
            if self.dequeued.load(Ordering::Acquire) == dequeued {
                break;
            }
        }
        (depth as usize).min(self.capacity)
    }

    /// The most records it has held.
    pub fn highest(&self) -> usize {
        self.highest.load(Ordering::Relaxed) as usize
    }

    /// How many records have been received from it.
    pub fn passed(&self) -> u64 {
        // Records may be discarded between the two loads.
        self.dequeued.load(Ordering::Relaxed).saturating_sub(self.discarded.load(Ordering::Relaxed))
    }

    /// How often a sender found no room.
    pub fn blocked_sends(&self) -> u64 {
        self.blocked_sends.load(Ordering::Relaxed)
    }

    /// How long senders were blocked, in total.
    pub fn blocked(&self) -> Duration {
        Duration::from_nanos(self.blocked_nanos.load(Ordering::Relaxed))
    }
}
