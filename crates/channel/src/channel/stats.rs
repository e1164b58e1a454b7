//! The statistics of a channel.

use crate::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The statistics of a channel. They can be read at any time. The numbers of records enqueued and dequeued only change
/// under the channel's lock.
#[derive(Debug)]
pub struct ChannelStats {
    capacity: usize,
    /// Records that entered the channel.
    enqueued: AtomicU64,
    /// Records that left it.
    dequeued: AtomicU64,
    /// How many of the dequeued records weren't received.
    discarded: AtomicU64,
    /// Records that the channel dropped because it was full: some had entered it, others hadn't.
    dropped: AtomicU64,
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
            dropped: AtomicU64::new(0),
            highest: AtomicU64::new(0),
            blocked_sends: AtomicU64::new(0),
            blocked_nanos: AtomicU64::new(0),
        }
    }

    /// Returns how many more records fit. Call this under the channel's lock.
    #[inline]
    pub(super) fn room(&self) -> usize {
        let depth = self.enqueued.load(Ordering::Relaxed) - self.dequeued.load(Ordering::Relaxed);
        self.capacity - depth as usize
    }

    /// Counts records that have entered the channel.
    #[inline]
    pub(super) fn enqueue(&self, records: usize) {
        let enqueued = self.enqueued.load(Ordering::Relaxed) + records as u64;
        self.enqueued.store(enqueued, Ordering::Release);
        let depth = enqueued - self.dequeued.load(Ordering::Relaxed);
        if depth > self.highest.load(Ordering::Relaxed) {
            self.highest.store(depth, Ordering::Relaxed);
        }
    }

    /// Counts records that have been received.
    #[inline]
    pub(super) fn dequeue(&self, records: usize) {
        self.dequeued.store(self.dequeued.load(Ordering::Relaxed) + records as u64, Ordering::Release);
    }

    /// Counts records that left the channel because it dropped them.
    pub(super) fn evict(&self, records: usize) {
        self.dequeue(records);
        self.discarded.fetch_add(records as u64, Ordering::Relaxed);
        self.dropped.fetch_add(records as u64, Ordering::Relaxed);
    }

    /// Counts records that the channel dropped instead of taking them in.
    pub(super) fn refuse(&self, records: usize) {
        self.dropped.fetch_add(records as u64, Ordering::Relaxed);
    }

    /// Counts all records in the channel as discarded.
    pub(super) fn discard(&self) {
        let enqueued = self.enqueued.load(Ordering::Relaxed);
        self.discarded.fetch_add(enqueued - self.dequeued.load(Ordering::Relaxed), Ordering::Relaxed);
        self.dequeued.store(enqueued, Ordering::Release);
    }

    /// Counts a sender that found no room, with however many items.
    pub(super) fn count_blocked_send(&self) {
        self.blocked_sends.fetch_add(1, Ordering::Relaxed);
    }

    /// Adds the time that a sender was blocked.
    pub(super) fn add_blocked(&self, time: Duration) {
        self.blocked_nanos.fetch_add(time.as_nanos() as u64, Ordering::Relaxed);
    }

    /// Returns how many records the channel can hold.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Returns how many records it holds.
    pub fn depth(&self) -> usize {
        // Reads both counts at the same moment if possible: records that move in between would count as still being
        // here.
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

    /// Returns the most records it has held.
    pub fn highest(&self) -> usize {
        self.highest.load(Ordering::Relaxed) as usize
    }

    /// Returns how many records have been received from it.
    pub fn passed(&self) -> u64 {
        // Records may be discarded between the two loads.
        self.dequeued.load(Ordering::Relaxed).saturating_sub(self.discarded.load(Ordering::Relaxed))
    }

    /// Returns how many records the channel dropped because it was full; see [`WhenFull`](super::WhenFull).
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Returns how often a sender found no room.
    pub fn blocked_sends(&self) -> u64 {
        self.blocked_sends.load(Ordering::Relaxed)
    }

    /// Returns how long senders were blocked, in total.
    pub fn blocked(&self) -> Duration {
        Duration::from_nanos(self.blocked_nanos.load(Ordering::Relaxed))
    }
}
