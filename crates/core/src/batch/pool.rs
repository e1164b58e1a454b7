//! Finished batches that are used again.
//!
//! A large batch of lines is a quarter of a megabyte. An allocator gives memory of that size back to the system when it is
//! freed, and the system clears each page when it is touched again: that costs more than filling it. Small ones are freed
//! by another thread than the one that made them as a rule, and both then wait for the allocator's lock. So whoever makes
//! batches keeps those that come back: each thread its own, since what another one has written last would first have to
//! come over from that one's cache.

use super::{Finished, SharedFinished};
use clearpipe_model::record::Status;
use crossbeam_utils::CachePadded;
use std::cell::Cell;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use triomphe::UniqueArc;

/// So many batches wait in a place at most to be used again; with more in flight than usual, the others are freed.
const MOST: usize = 1024;

/// So many bytes wait in a place at most.
const MOST_BYTES: usize = 8 << 20;

/// The kinds of batches, which are of different sizes: by what became of their records.
const KINDS: usize = 3;

/// A batch that nobody else has, without records but perhaps with room for some.
type Spare = UniqueArc<Finished>;

/// Where batches wait to be used again. All clones are the same place.
#[derive(Clone, Debug)]
pub struct BatchPool(Arc<[CachePadded<Mutex<Waiting>>]>);

#[derive(Default)]
struct Waiting {
    batches: Vec<Spare>,
    bytes: usize,
}

/// What a worker may use again while it works on what it has in its hands. What it takes out of a place it takes
/// together, and gives back at the end.
pub struct Checkout<'a> {
    pool: &'a BatchPool,
    thread: Option<usize>,
    /// So many of a kind are needed at most.
    most: usize,
    at_hand: [Cell<Vec<Spare>>; KINDS],
}

/// What a consumer has done with, until it is given back: several together.
pub struct ReturnQueue {
    pool: BatchPool,
    batches: Vec<Spare>,
}

impl BatchPool {
    /// No batches yet, for so many threads and all others.
    pub fn new(threads: usize) -> BatchPool {
        BatchPool((0..KINDS * (threads + 1)).map(|_| CachePadded::default()).collect())
    }

    /// For somebody on this thread who makes `most` batches of a kind at most.
    pub fn checkout(&self, thread: Option<usize>, most: usize) -> Checkout<'_> {
        Checkout { pool: self, thread, most, at_hand: Default::default() }
    }

    /// For somebody who is done with batches.
    pub fn returns(&self) -> ReturnQueue {
        ReturnQueue { pool: self.clone(), batches: Vec::new() }
    }

    /// Where batches wait that a thread makes, of records that end this way.
    fn place(&self, thread: Option<usize>, status: Status) -> usize {
        let others = self.0.len() / KINDS - 1;
        KINDS * thread.map_or(others, |thread| thread.min(others)) + status as usize
    }

    /// Up to `most` batches of this place, or else of another thread's, so that there are no more than are in flight at
    /// once. None if none has come back.
    fn take(&self, place: usize, most: usize) -> Vec<Spare> {
        let places = self.0.len();
        let same_kind = (0..places).step_by(KINDS).map(|further| (place + further) % places);
        let taken = same_kind.map(|place| self.waiting(place).take(most));
        taken.into_iter().find(|batches| !batches.is_empty()).unwrap_or_default()
    }

    /// Puts each batch where it waits to be used again.
    fn put(&self, batches: &mut Vec<Spare>) {
        while let Some(place) = batches.last().map(|batch| batch.place) {
            let mut waiting = self.waiting(place as usize);
            let back = batches.extract_if(.., |batch| batch.place == place);
            let too_many: Vec<Spare> = back.filter_map(|batch| waiting.put(batch)).collect();
            drop(waiting);
            // Freeing them takes its time, and does not need the lock.
            drop(too_many);
        }
    }

    fn waiting(&self, place: usize) -> MutexGuard<'_, Waiting> {
        self.0[place].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Waiting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} batches of {} bytes", self.batches.len(), self.bytes)
    }
}

impl Waiting {
    fn take(&mut self, most: usize) -> Vec<Spare> {
        let batches: Vec<Spare> = self.batches.drain(self.batches.len().saturating_sub(most)..).collect();
        self.bytes -= batches.iter().map(|batch| batch.room()).sum::<usize>();
        batches
    }

    /// Takes a batch in. If there are enough, it comes back.
    fn put(&mut self, batch: Spare) -> Option<Spare> {
        let bytes = self.bytes + batch.room();
        if self.batches.len() >= MOST || bytes > MOST_BYTES {
            return Some(batch);
        }
        self.bytes = bytes;
        self.batches.push(batch);
        None
    }
}

impl Checkout<'_> {
    /// A batch for records that end this way.
    pub(crate) fn take(&self, status: Status) -> Spare {
        let at_hand = &self.at_hand[status as usize];
        let mut batches = at_hand.take();
        let batch = batches.pop().unwrap_or_else(|| {
            let place = self.pool.place(self.thread, status);
            batches = self.pool.take(place, self.most);
            let mut batch = batches.pop().unwrap_or_else(|| UniqueArc::new(Finished::default()));
            for batch in batches.iter_mut().chain([&mut batch]) {
                batch.place = place as u32;
            }
            batch
        });
        at_hand.set(batches);
        batch
    }
}

impl Drop for Checkout<'_> {
    fn drop(&mut self) {
        self.at_hand.iter_mut().for_each(|batches| self.pool.put(batches.get_mut()));
    }
}

impl ReturnQueue {
    /// Says that somebody needs a batch no longer. If that was the last one, it can be used again. (If all of them say so at
    /// the same time it may be that nobody is the last one; then it is freed.)
    pub fn add(&mut self, batch: SharedFinished) {
        if let Some(mut batch) = batch.into_unique() {
            batch.clear();
            self.batches.push(batch);
        }
    }

    /// Gives back all that have come: to be called before anything is waited for.
    pub fn give_back(&mut self) {
        self.pool.put(&mut self.batches);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::{BatchBuilder, Group};
    use crate::metrics::Totals;

    fn filled(checkout: &Checkout<'_>, bytes: usize) -> SharedFinished {
        let group = Group::new(0, 1);
        let mut collected = BatchBuilder::new(&group, Status::Processed, 1, checkout);
        collected.push_processed(7, 1.5, true, |out| out.resize(out.len() + bytes, b'x'));
        collected.share().unwrap()
    }

    fn batch(pool: &BatchPool, thread: usize, bytes: usize) -> SharedFinished {
        filled(&pool.checkout(Some(thread), 1), bytes)
    }

    fn give_back(pool: &BatchPool, batches: impl IntoIterator<Item = SharedFinished>) {
        let mut returns = pool.returns();
        batches.into_iter().for_each(|batch| returns.add(batch));
        returns.give_back();
    }

    fn waiting(pool: &BatchPool, thread: usize, status: Status) -> usize {
        pool.waiting(pool.place(Some(thread), status)).batches.len()
    }

    #[test]
    fn the_last_one_gives_a_batch_back_to_the_thread_that_made_it() {
        let pool = BatchPool::new(2);
        let first = batch(&pool, 1, 100);
        let (address, other) = (std::ptr::from_ref(&*first), first.clone());
        give_back(&pool, [first]);
        assert_eq!(waiting(&pool, 1, Status::Processed), 0);
        give_back(&pool, [other]);
        assert_eq!(waiting(&pool, 1, Status::Processed), 1);
        assert_eq!(waiting(&pool, 1, Status::Invalid), 0);
        let again = batch(&pool, 1, 10);
        assert_eq!((std::ptr::from_ref(&*again), again.lines.len(), again.outcomes.len()), (address, 10, 1));
        assert!(again.lines.capacity() >= 100);
        let mut totals = Totals::default();
        totals.add(&again);
        assert_eq!((totals.anomalies, totals.value.value()), (1, 1.5));
        // Another thread has none of its own.
        give_back(&pool, [again]);
        assert_eq!(std::ptr::from_ref(&*batch(&pool, 0, 10)), address);
    }

    #[test]
    fn what_is_taken_together_and_not_used_waits_again() {
        let pool = BatchPool::new(2);
        let made: Vec<_> = (0..5).map(|_| batch(&pool, 0, 10)).collect();
        give_back(&pool, made);
        assert_eq!(waiting(&pool, 0, Status::Processed), 5);
        let checkout = pool.checkout(Some(1), 4);
        let used = [filled(&checkout, 10), filled(&checkout, 10)];
        assert_eq!(waiting(&pool, 0, Status::Processed), 1);
        drop(checkout);
        // What came from another thread stays with the one that has it now.
        assert_eq!(waiting(&pool, 1, Status::Processed), 2);
        give_back(&pool, used);
        assert_eq!(waiting(&pool, 1, Status::Processed), 4);
        let bytes = |thread| pool.waiting(pool.place(Some(thread), Status::Processed)).bytes;
        assert_eq!(bytes(1), 4 * bytes(0));
    }

    #[test]
    fn no_more_wait_than_are_of_use() {
        let pool = BatchPool::new(1);
        let small: Vec<_> = (0..2 * MOST).map(|_| batch(&pool, 0, 10)).collect();
        give_back(&pool, small);
        assert_eq!(waiting(&pool, 0, Status::Processed), MOST);
        let pool = BatchPool::new(1);
        let large: Vec<_> = (0..9).map(|_| batch(&pool, 0, MOST_BYTES / 4)).collect();
        give_back(&pool, large);
        assert_eq!(waiting(&pool, 0, Status::Processed), 3);
    }
}
