//! What is measured of a channel.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What is measured of a channel. Anybody may read it at any time; only whoever holds the channel's lock changes what came
/// and what is gone.
#[derive(Debug)]
pub struct ChannelStats {
    capacity: usize,
    /// Records that enqueued in.
    enqueued: AtomicU64,
    /// Records that were taken out.
    gone: AtomicU64,
    /// Of those, how many nobody received.
    lost: AtomicU64,
    highest: AtomicU64,
    blocked_sends: AtomicU64,
    blocked_nanos: AtomicU64,
}

impl ChannelStats {
    pub(super) fn new(capacity: usize) -> ChannelStats {
        ChannelStats {
            capacity,
            enqueued: AtomicU64::new(0),
            gone: AtomicU64::new(0),
            lost: AtomicU64::new(0),
            highest: AtomicU64::new(0),
            blocked_sends: AtomicU64::new(0),
            blocked_nanos: AtomicU64::new(0),
        }
    }

    /// How many records there is room for. For whoever holds the channel's lock.
    #[inline]
    pub(super) fn room(&self) -> usize {
        let depth = self.enqueued.load(Ordering::Relaxed) - self.gone.load(Ordering::Relaxed);
        self.capacity - depth as usize
    }

    /// So many records have come in.
    #[inline]
    pub(super) fn enqueue(&self, records: usize) {
        let enqueued = self.enqueued.load(Ordering::Relaxed) + records as u64;
        self.enqueued.store(enqueued, Ordering::Release);
        let depth = enqueued - self.gone.load(Ordering::Relaxed);
        if depth > self.highest.load(Ordering::Relaxed) {
            self.highest.store(depth, Ordering::Relaxed);
        }
    }

    /// So many records were taken out.
    #[inline]
    pub(super) fn dequeue(&self, records: usize) {
        self.gone.store(self.gone.load(Ordering::Relaxed) + records as u64, Ordering::Release);
    }

    /// All that is there was dropped.
    pub(super) fn discard(&self) {
        let enqueued = self.enqueued.load(Ordering::Relaxed);
        self.lost.store(enqueued - self.gone.load(Ordering::Relaxed), Ordering::Relaxed);
        self.gone.store(enqueued, Ordering::Release);
    }

    /// A sender has found it too full for what it has, however many items that are.
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
        // Both at the same moment, if others let it; what enqueued in between would count as being there still.
        const TRIES: usize = 16;
        let mut depth = 0;
        for _ in 0..TRIES {
            let gone = self.gone.load(Ordering::Acquire);
            depth = self.enqueued.load(Ordering::Acquire).saturating_sub(gone);
            if self.gone.load(Ordering::Acquire) == gone {
                break;
            }
        }
        (depth as usize).min(self.capacity)
    }

    /// The most records it has held.
    pub fn highest(&self) -> usize {
        self.highest.load(Ordering::Relaxed) as usize
    }

    /// How many records were received from it.
    pub fn passed(&self) -> u64 {
        // Something may be lost between the two looks.
        self.gone.load(Ordering::Relaxed).saturating_sub(self.lost.load(Ordering::Relaxed))
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
