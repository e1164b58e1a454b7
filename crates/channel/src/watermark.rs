//! The progress of the consumers of a sequence of records.

use crate::sync::atomic::{AtomicU64, Ordering};
use crossbeam_utils::CachePadded;

/// How many records each of several consumers has finished, counted from the first of the sequence.
///
/// All operations are sequentially consistent: if a consumer first advances and then checks some other value, and
/// another thread does the opposite, they can't both miss each other's change.
#[derive(Debug)]
pub struct Watermark {
    /// Each is often written by one thread, and rarely read by others.
    finished: Box<[CachePadded<AtomicU64>]>,
}

impl Watermark {
    /// Creates a watermark for this number of consumers, none of which has finished a record.
    pub fn new(consumers: usize) -> Watermark {
        Watermark { finished: (0..consumers).map(|_| CachePadded::new(AtomicU64::new(0))).collect() }
    }

    /// Reports that the consumer has finished this many more records.
    pub fn advance(&self, consumer: usize, records: u64) {
        self.finished[consumer].fetch_add(records, Ordering::SeqCst);
    }

    /// Reports that the consumer has exited. If it exits early, nothing may wait for it.
    pub fn exit(&self, consumer: usize) {
        self.finished[consumer].store(u64::MAX / 2, Ordering::SeqCst);
    }

    /// Returns how many records the consumer has finished.
    pub fn of(&self, consumer: usize) -> u64 {
        self.finished[consumer].load(Ordering::SeqCst)
    }

    /// Returns how many records all consumers have finished.
    pub fn lowest(&self) -> u64 {
        self.each().min().unwrap_or(0)
    }

    /// Returns how many records the consumer that is ahead of all others has finished. One that has exited has finished
    /// more than there can be.
    pub fn highest(&self) -> u64 {
        self.each().max().unwrap_or(0)
    }

    fn each(&self) -> impl Iterator<Item = u64> {
        self.finished.iter().map(|finished| finished.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_and_the_fastest_consumer_count() {
        let watermark = Watermark::new(2);
        watermark.advance(0, 5);
        assert_eq!(watermark.lowest(), 0);
        watermark.advance(1, 3);
        assert_eq!((watermark.lowest(), watermark.highest(), watermark.of(0)), (3, 5, 5));
        watermark.exit(1);
        assert_eq!(watermark.lowest(), 5);
    }
}
