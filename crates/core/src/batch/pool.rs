//! Reuses finished batches.
//!
//! A large batch of lines takes a quarter of a megabyte. When memory of that size is freed, the allocator returns it to the
//! system, and the system clears each page when it is next touched, which costs more than filling it. Small batches are
//! usually freed by another thread than the one that made them, so both contend for the allocator's lock. The pool keeps
//! batches for the thread that made them: one that another thread wrote last would first have to move between caches.

use super::{Finished, SharedFinished};
use clearpipe_model::record::Status;
use crossbeam_utils::CachePadded;
use std::cell::Cell;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use triomphe::UniqueArc;

/// The most idle batches in one place. Any more, from a time with more in flight, are freed.
const MAX_BATCHES: usize = 1024;

/// The most bytes of idle batches in one place.
const MAX_BYTES: usize = 8 << 20;

/// The kinds of batches, by the status of their records: each kind has its own typical size.
const KINDS: usize = Status::ALL.len();

/// An empty batch without other references. It may have spare capacity.
type IdleBatch = UniqueArc<Finished>;

/// Batches that can be reused. All clones share the same pool.
#[derive(Clone, Debug)]
pub struct BatchPool(Arc<[CachePadded<Mutex<IdleBatches>>]>);

#[derive(Default)]
struct IdleBatches {
    batches: Vec<IdleBatch>,
    bytes: usize,
}

/// The batches that a worker has checked out for its current work. They leave the pool together, and the rest returns
/// when this is dropped.
pub struct Checkout<'a> {
    pool: &'a BatchPool,
    thread: Option<usize>,
    /// The most batches of a kind that the work can need.
    most: usize,
    local: [Cell<Vec<IdleBatch>>; KINDS],
}

/// Batches that a consumer has finished, which return to the pool together.
pub struct ReturnQueue {
    pool: BatchPool,
    batches: Vec<IdleBatch>,
}

impl BatchPool {
    /// Creates an empty pool with a place for each of this number of threads, and one for all other threads.
    pub fn new(threads: usize) -> BatchPool {
        BatchPool((0..KINDS * (threads + 1)).map(|_| CachePadded::default()).collect())
    }

    /// Checks out batches for a thread that needs at most `most` of a kind.
    pub fn checkout(&self, thread: Option<usize>, most: usize) -> Checkout<'_> {
        Checkout { pool: self, thread, most, local: Default::default() }
    }

    /// Creates a queue for a consumer that finishes batches.
    pub fn returns(&self) -> ReturnQueue {
        ReturnQueue { pool: self.clone(), batches: Vec::new() }
    }

    /// Returns the place of a thread's idle batches for records with this status.
    fn place(&self, thread: Option<usize>, status: Status) -> usize {
        let others = self.0.len() / KINDS - 1;
        KINDS * thread.map_or(others, |thread| thread.min(others)) + status as usize
    }

    /// Takes up to `most` batches from this place or else from another thread's, so that there are never more batches
    /// than are in flight together. Returns an empty list if none has returned.
    fn take(&self, place: usize, most: usize) -> Vec<IdleBatch> {
        let places = self.0.len();
        let same_kind = (0..places).step_by(KINDS).map(|further| (place + further) % places);
        let taken = same_kind.map(|place| self.idle(place).take(most));
        taken.into_iter().find(|batches| !batches.is_empty()).unwrap_or_default()
    }

    /// Returns each batch to its place.
    fn put(&self, batches: &mut Vec<IdleBatch>) {
        while let Some(place) = batches.last().map(|batch| batch.place) {
            let mut idle = self.idle(place as usize);
            let back = batches.extract_if(.., |batch| batch.place == place);
            let too_many: Vec<IdleBatch> = back.filter_map(|batch| idle.put(batch)).collect();
            drop(idle);
            // Freeing takes time and doesn't need the lock.
            drop(too_many);
        }
    }

    fn idle(&self, place: usize) -> MutexGuard<'_, IdleBatches> {
        self.0[place].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for IdleBatches {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} batches of {} bytes", self.batches.len(), self.bytes)
    }
}

impl IdleBatches {
    fn take(&mut self, most: usize) -> Vec<IdleBatch> {
        let batches: Vec<IdleBatch> = self.batches.drain(self.batches.len().saturating_sub(most)..).collect();
        self.bytes -= batches.iter().map(|batch| batch.room()).sum::<usize>();
        batches
    }

    /// Adds a batch, or returns it if there are enough.
    fn put(&mut self, batch: IdleBatch) -> Option<IdleBatch> {
        let bytes = self.bytes + batch.room();
        if self.batches.len() >= MAX_BATCHES || bytes > MAX_BYTES {
            return Some(batch);
        }
        self.bytes = bytes;
        self.batches.push(batch);
        None
    }
}

impl Checkout<'_> {
    /// Takes an empty batch for records with this status.
    pub(crate) fn take(&self, status: Status) -> IdleBatch {
        let local = &self.local[status as usize];
        let mut batches = local.take();
        let batch = batches.pop().unwrap_or_else(|| {
            let place = self.pool.place(self.thread, status);
            batches = self.pool.take(place, self.most);
            let mut batch = batches.pop().unwrap_or_else(|| UniqueArc::new(Finished::default()));
            for batch in batches.iter_mut().chain([&mut batch]) {
                batch.place = place as u32;
            }
            batch
        });
        local.set(batches);
        batch
    }
}

impl Drop for Checkout<'_> {
    fn drop(&mut self) {
        self.local.iter_mut().for_each(|batches| self.pool.put(batches.get_mut()));
    }
}

impl ReturnQueue {
    /// Releases a batch. If it has no other reference, it is reused. (If several consumers release it at the same time,
    /// it may be that none of them is the last; then it is freed.)
    pub fn add(&mut self, batch: SharedFinished) {
        if let Some(mut batch) = batch.into_unique() {
            batch.clear();
            self.batches.push(batch);
        }
    }

    /// Returns all batches to the pool. Call this before waiting for anything.
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

    fn idle(pool: &BatchPool, thread: usize, status: Status) -> usize {
        pool.idle(pool.place(Some(thread), status)).batches.len()
    }

    #[test]
    fn the_last_one_gives_a_batch_back_to_the_thread_that_made_it() {
        let pool = BatchPool::new(2);
        let first = batch(&pool, 1, 100);
        let (address, other) = (std::ptr::from_ref(&*first), first.clone());
        give_back(&pool, [first]);
        assert_eq!(idle(&pool, 1, Status::Processed), 0);
        give_back(&pool, [other]);
        assert_eq!(idle(&pool, 1, Status::Processed), 1);
        assert_eq!(idle(&pool, 1, Status::Invalid), 0);
        let again = batch(&pool, 1, 10);
        assert_eq!((std::ptr::from_ref(&*again), again.lines.len(), again.outcomes.len()), (address, 10, 1));
        assert!(again.lines.capacity() >= 100);
        let mut totals = Totals::default();
        totals.add(&again);
        assert_eq!((totals.anomalies, totals.value.value()), (1, 1.5));
        // Another thread has no idle batch.
        give_back(&pool, [again]);
        assert_eq!(std::ptr::from_ref(&*batch(&pool, 0, 10)), address);
    }

    #[test]
    fn what_is_taken_together_and_not_used_waits_again() {
        let pool = BatchPool::new(2);
        let made: Vec<_> = (0..5).map(|_| batch(&pool, 0, 10)).collect();
        give_back(&pool, made);
        assert_eq!(idle(&pool, 0, Status::Processed), 5);
        let checkout = pool.checkout(Some(1), 4);
        let used = [filled(&checkout, 10), filled(&checkout, 10)];
        assert_eq!(idle(&pool, 0, Status::Processed), 1);
        drop(checkout);
        // A batch taken from another thread stays with the thread that has it now.
        assert_eq!(idle(&pool, 1, Status::Processed), 2);
        give_back(&pool, used);
        assert_eq!(idle(&pool, 1, Status::Processed), 4);
        let bytes = |thread| pool.idle(pool.place(Some(thread), Status::Processed)).bytes;
        assert_eq!(bytes(1), 4 * bytes(0));
    }

    #[test]
    #[cfg_attr(miri, ignore = "megabytes take minutes there")]
    fn no_more_wait_than_are_of_use() {
        let pool = BatchPool::new(1);
        let small: Vec<_> = (0..2 * MAX_BATCHES).map(|_| batch(&pool, 0, 10)).collect();
        give_back(&pool, small);
        assert_eq!(idle(&pool, 0, Status::Processed), MAX_BATCHES);
        let pool = BatchPool::new(1);
        let large: Vec<_> = (0..9).map(|_| batch(&pool, 0, MAX_BYTES / 4)).collect();
        give_back(&pool, large);
        assert_eq!(idle(&pool, 0, Status::Processed), 3);
    }
}
