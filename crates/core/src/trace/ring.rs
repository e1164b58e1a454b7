//! The ring that a thread writes its events to.

use clearpipe_channel::sync::atomic::{AtomicU64, Ordering};
use clearpipe_channel::sync::{Site, ordering};

/// The publication of an event.
const WRITTEN: Site = Site("ring written");

/// A queue of packed events with one writer and one reader, of a fixed capacity.
///
/// Both positions only grow; an event is stored at its position modulo the capacity. In a page the reader is
/// JavaScript, which reads the same memory: see [`Ring::memory`].
#[derive(Debug)]
pub struct Ring {
    /// The number of events written.
    written: AtomicU64,
    /// The number of events read.
    read: AtomicU64,
    words: Box<[AtomicU64]>,
}

/// The addresses of a ring, for a reader that shares its memory.
#[derive(Clone, Copy, Debug)]
pub struct RingMemory {
    /// Address of the 64-bit count of events written.
    pub written: usize,
    /// Address of the 64-bit count of events read, which the reader advances.
    pub read: usize,
    /// Address of the events, two 64-bit words each.
    pub words: usize,
    /// The capacity in events: a power of two.
    pub capacity: usize,
}

impl Ring {
    /// Creates a ring for `capacity` events, a power of two.
    pub fn new(capacity: usize) -> Ring {
        debug_assert!(capacity.is_power_of_two());
        Ring {
            written: AtomicU64::new(0),
            read: AtomicU64::new(0),
            words: (0..2 * capacity).map(|_| AtomicU64::new(0)).collect(),
        }
    }

    /// Returns how many events there is room for: at least this many if the reader continues meanwhile.
    pub fn free(&self) -> usize {
        // In this order: the caller may not be the writer, and what was read by then had certainly been written. The
        // other way round, the reader might have passed the position that was loaded for the writer.
        let read = self.read.load(Ordering::Acquire);
        let used = self.written.load(Ordering::Relaxed).saturating_sub(read);
        // Both may have advanced by more than a full round since.
        (self.words.len() / 2).saturating_sub(used as usize)
    }

    /// Writes an event. Returns false, and writes nothing, if the ring is full.
    pub fn push(&self, event: [u64; 2]) -> bool {
        if self.free() == 0 {
            return false;
        }
        let position = self.written.load(Ordering::Relaxed);
        let at = (2 * position) as usize & (self.words.len() - 1);
        self.words[at].store(event[0], Ordering::Relaxed);
        self.words[at + 1].store(event[1], Ordering::Relaxed);
        self.written.store(position + 1, ordering(WRITTEN, Ordering::Release));
        true
    }

    /// Takes all events, oldest first.
    pub fn drain(&self, mut each: impl FnMut([u64; 2])) {
        let end = self.written.load(Ordering::Acquire);
        let start = self.read.load(Ordering::Relaxed);
        for position in start..end {
            let at = (2 * position) as usize & (self.words.len() - 1);
            each([self.words[at].load(Ordering::Relaxed), self.words[at + 1].load(Ordering::Relaxed)]);
        }
        self.read.store(end, Ordering::Release);
    }

    /// Returns the addresses of the ring.
    pub fn memory(&self) -> RingMemory {
        RingMemory {
            written: (&raw const self.written) as usize,
            read: (&raw const self.read) as usize,
            words: self.words.as_ptr() as usize,
            capacity: self.words.len() / 2,
        }
    }
}

#[cfg(all(test, loom))]
mod loom_tests {
    use super::*;
    use clearpipe_channel::sync::check;
    use loom::thread;
    use std::sync::Arc;

    /// The reader gets the events as they were written, whole and in order, even if the ring is full and wraps around.
    #[test]
    fn loom_no_event_is_torn_or_lost() {
        check(&[WRITTEN], || {
            let ring = Arc::new(Ring::new(2));
            let writer = thread::spawn({
                let ring = ring.clone();
                move || (1..=3).take_while(|&event| ring.push([event, 10 * event])).count() as u64
            });
            let mut read = Vec::new();
            ring.drain(|event| read.push(event));
            ring.drain(|event| read.push(event));
            let written = writer.join().unwrap();
            ring.drain(|event| read.push(event));
            assert!(written >= 2);
            assert_eq!(read, (1..=written).map(|event| [event, 10 * event]).collect::<Vec<_>>());
        });
    }
}
