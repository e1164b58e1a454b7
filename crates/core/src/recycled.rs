//! Finished batches that are used again.
//!
//! A large batch of lines is a quarter of a megabyte. An allocator gives memory of that size back to the system when it is
//! freed, and the system clears each page when it is touched again: that costs more than filling it. Small ones are freed
//! by another thread than the one that made them as a rule, and both then wait for the allocator's lock. So whoever makes
//! batches keeps those that come back: each thread its own, since what another one has written last would first have to
//! come over from that one's cache.

use crate::batch::Finished;
use crate::record::Status;
use crossbeam_utils::CachePadded;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// So many batches wait in a place at most to be used again; with more in flight than usual, the others are freed.
const MOST: usize = 1024;

/// So many bytes wait in a place at most.
const MOST_BYTES: usize = 8 << 20;

/// The kinds of batches, which are of different sizes: by what became of their records.
const KINDS: usize = 3;

/// Where batches wait to be used again. All clones are the same place.
#[derive(Clone, Debug)]
pub struct Recycling(Arc<[CachePadded<Mutex<Waiting>>]>);

#[derive(Debug, Default)]
struct Waiting {
    batches: Vec<Arc<Finished>>,
    bytes: usize,
}

impl Recycling {
    /// No batches yet, for so many threads and all others.
    pub fn new(threads: usize) -> Recycling {
        Recycling((0..KINDS * (threads + 1)).map(|_| CachePadded::default()).collect())
    }

    /// Where batches wait that a thread makes, of records that end this way.
    pub(crate) fn place(&self, thread: Option<usize>, status: Status) -> usize {
        let others = self.0.len() / KINDS - 1;
        KINDS * thread.map_or(others, |thread| thread.min(others)) + status as usize
    }

    /// A batch that nobody else has, without records but with room for some: one of this place, or else of another
    /// thread's, so that there are no more than are in flight at once. Nothing if none has come back.
    pub(crate) fn take(&self, place: usize) -> Option<Arc<Finished>> {
        let places = self.0.len();
        let same_kind = (0..places).step_by(KINDS).map(|further| (place + further) % places);
        same_kind.into_iter().find_map(|place| {
            let mut waiting = self.waiting(place);
            let batch = waiting.batches.pop()?;
            waiting.bytes -= batch.room();
            Some(batch)
        })
    }

    /// Says that somebody needs a batch no longer. If that was the last one, it waits to be used again.
    pub fn give_back(&self, mut batch: Arc<Finished>) {
        // Asked for first, since it is quick: as a rule others have it too. (If all of them ask at the same time it may be
        // that nobody is the last one; then it is freed.)
        if Arc::strong_count(&batch) > 1 {
            return;
        }
        let Some(content) = Arc::get_mut(&mut batch) else { return };
        content.clear();
        let (place, room) = (content.place, content.room());
        let mut waiting = self.waiting(place);
        if waiting.batches.len() < MOST && waiting.bytes + room <= MOST_BYTES {
            waiting.bytes += room;
            waiting.batches.push(batch);
        }
    }

    fn waiting(&self, place: usize) -> MutexGuard<'_, Waiting> {
        self.0[place].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::{Collected, Group};

    fn batch(recycling: &Recycling, thread: usize, bytes: usize) -> Arc<Finished> {
        let group = Group::new(0, 1);
        let mut collected = Collected::new(&group, Status::Processed, 1, recycling, Some(thread));
        collected.push_processed(7, 1.5, true, |out| out.resize(out.len() + bytes, b'x'));
        collected.share().unwrap()
    }

    #[test]
    fn the_last_one_gives_a_batch_back_to_the_thread_that_made_it() {
        let recycling = Recycling::new(2);
        let first = batch(&recycling, 1, 100);
        let (address, other) = (Arc::as_ptr(&first), first.clone());
        recycling.give_back(first);
        assert!(recycling.take(recycling.place(Some(1), Status::Processed)).is_none());
        recycling.give_back(other);
        assert_eq!(recycling.waiting(recycling.place(Some(1), Status::Processed)).batches.len(), 1);
        assert!(recycling.take(recycling.place(Some(1), Status::Invalid)).is_none());
        let again = batch(&recycling, 1, 10);
        assert_eq!((Arc::as_ptr(&again), again.lines.len(), again.outcomes.len()), (address, 10, 1));
        assert!(again.lines.capacity() >= 100);
        assert_eq!((again.anomalies, &again.sum), (1, &batch(&recycling, 0, 1).sum));
        // Another thread has none of its own.
        recycling.give_back(again);
        assert_eq!(Arc::as_ptr(&batch(&recycling, 0, 10)), address);
    }

    #[test]
    fn no_more_wait_than_are_of_use() {
        let recycling = Recycling::new(1);
        let waiting = |recycling: &Recycling| recycling.waiting(Status::Processed as usize).batches.len();
        let small: Vec<_> = (0..2 * MOST).map(|_| batch(&recycling, 0, 10)).collect();
        small.into_iter().for_each(|batch| recycling.give_back(batch));
        assert_eq!(waiting(&recycling), MOST);
        let recycling = Recycling::new(1);
        let large: Vec<_> = (0..9).map(|_| batch(&recycling, 0, MOST_BYTES / 4)).collect();
        large.into_iter().for_each(|batch| recycling.give_back(batch));
        assert_eq!(waiting(&recycling), 3);
    }
}
