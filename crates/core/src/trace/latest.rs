//! Keeps the log in the order of cause and effect.
//!
//! The clocks of two threads may differ by some microseconds: in a page each web worker has its own clock, which is
//! also coarse. So a record could seem to leave a channel before it arrived there. Therefore, wherever one event
//! certainly follows another – in one thread, with one worker, under the lock of one channel – the later one knows the
//! time of the earlier one, and gets a later time. This is a hybrid logical clock: it keeps the measured times unless
//! they contradict the order.

use std::sync::atomic::{AtomicU64, Ordering};

/// The bits for the index of the ring.
const RING_BITS: u32 = 16;

/// The latest event of a source of events, such as a worker: its time, and the ring that it was written to.
#[derive(Debug, Default)]
pub struct Latest(AtomicU64);

impl Latest {
    /// Returns the earliest possible time of the next event, in nanoseconds, if it is written to this ring. Events in
    /// one ring keep their order even at the same time; in two rings, their times must differ.
    pub(super) fn earliest(&self, ring: u16) -> u64 {
        let (time, before) = split(self.0.load(Ordering::Relaxed));
        if time == 0 || before == ring { time } else { time + 1 }
    }

    /// Sets the latest event. Only one thread may do so at a time, and `time` must be no earlier than the result of
    /// [`Latest::earliest`].
    pub(super) fn set(&self, time: u64, ring: u16) {
        self.0.store(packed(time, ring), Ordering::Relaxed);
    }

    /// Sets the latest event if it is later. Several threads may do so at the same time: a worker can be woken while it
    /// stops.
    pub(super) fn raise(&self, time: u64, ring: u16) {
        let (time_before, ring_before) = split(self.0.fetch_max(packed(time, ring), Ordering::Relaxed));
        if time_before == time && ring_before != ring {
            // The next event comes after both.
            self.0.fetch_max(packed(time + 1, ring), Ordering::Relaxed);
        }
    }
}

fn packed(time: u64, ring: u16) -> u64 {
    time << RING_BITS | u64::from(ring)
}

fn split(packed: u64) -> (u64, u16) {
    (packed >> RING_BITS, packed as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_in_another_ring_is_later() {
        let latest = Latest::default();
        assert_eq!((latest.earliest(0), latest.earliest(1)), (0, 0));
        latest.raise(10, 1);
        assert_eq!((latest.earliest(0), latest.earliest(1)), (11, 10));
        latest.raise(7, 0);
        assert_eq!((latest.earliest(0), latest.earliest(1)), (11, 10));
        latest.set(12, 0);
        assert_eq!((latest.earliest(0), latest.earliest(1)), (12, 13));
        latest.raise(12, 1);
        assert!(latest.earliest(0) > 12 && latest.earliest(1) > 12);
        latest.set(14, 1);
        assert_eq!((latest.earliest(0), latest.earliest(1)), (15, 14));
        let latest = Latest::default();
        latest.raise(10, 1);
        // Simultaneous: neither came before the other.
        latest.raise(10, 0);
        assert!(latest.earliest(0) > 10 && latest.earliest(1) > 10);
    }
}
