//! Batches, which travel through the channels. A batch of one record is the textbook pipeline; a larger one saves
//! channel operations. The results are the same.

mod builder;
mod finished;
mod pool;
mod reasons;
mod records;

pub use builder::BatchBuilder;
pub use finished::{Finished, SharedFinished};
pub use pool::{BatchPool, Checkout, ReturnQueue};
pub use reasons::{InputPlace, ReasonCount, ReasonCounts};
pub use records::{Content, LineContent, RecordBatch, Row, Rows, SmallBatches};

use clearpipe_channel::{Permit, Weighted};
use clearpipe_model::record_number;
use std::sync::Arc;
use std::time::Duration;

/// The group that a batch belongs to: the records that the Producer sent together.
///
/// A group is split if some of its records fail. Its parts travel through different channels and meet again after the
/// fan-out, where each consumer restores their order (see [`crate::stages::reorder_buffer`]).
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// Its index in the order of production, and how many records it had then: together in one number, since a group
    /// travels with each of its parts.
    place: u64,
    /// When its records were produced, in nanoseconds of the run's clock.
    produced_nanos: u64,
    /// Data that only some groups have. Shared, since a group is copied for each of its parts.
    held: Option<Arc<Held>>,
}

/// The data that a group holds for as long as any part of it exists.
#[derive(Debug)]
struct Held {
    /// The permit for the bytes of its lines.
    _bytes: Option<Permit>,
    traced: Vec<u64>,
    due: Option<Duration>,
}

impl Group {
    /// A batch has at most 65,536 records.
    const SIZE_BITS: u32 = 17;

    /// Creates a group that holds no bytes of an input, and of which no record is traced. `index` is its index in the
    /// order of production, from 0; `size`, how many records it has when it is produced.
    pub fn new(index: u64, size: u32) -> Group {
        debug_assert!(size < 1 << Self::SIZE_BITS && index < 1 << (64 - Self::SIZE_BITS));
        Group { place: (index << Self::SIZE_BITS) | u64::from(size), produced_nanos: 0, held: None }
    }

    /// Sets when its records were produced, on the run's clock.
    pub fn produced_at(self, time: Duration) -> Group {
        Group { produced_nanos: time.as_nanos() as u64, ..self }
    }

    /// Adds a permit for the bytes of the group's lines, the numbers of its traced records in ascending order, and when
    /// its records were due, if that was at another time than they were produced.
    pub fn holding(self, bytes: Option<Permit>, traced: Vec<u64>, due: Option<Duration>) -> Group {
        let due = due.filter(|due| *due != self.produced());
        let holds = bytes.is_some() || !traced.is_empty() || due.is_some();
        Group { held: holds.then(|| Arc::new(Held { _bytes: bytes, traced, due })), ..self }
    }

    /// Returns its index in the order of production, from 0.
    #[inline]
    pub fn index(&self) -> u64 {
        self.place >> Self::SIZE_BITS
    }

    /// Returns how many records it had when it was produced.
    #[inline]
    pub fn size(&self) -> usize {
        (self.place & ((1 << Self::SIZE_BITS) - 1)) as usize
    }

    /// Returns when its records were produced, on the run's clock.
    #[inline]
    pub fn produced(&self) -> Duration {
        Duration::from_nanos(self.produced_nanos)
    }

    /// Returns when its records were due by the rate limit; without one, when they were produced.
    #[inline]
    pub fn due(&self) -> Duration {
        self.held.as_ref().and_then(|held| held.due).unwrap_or_else(|| self.produced())
    }

    /// Returns the numbers of its traced records, in ascending order. If there are few, the group needn't be searched.
    pub fn traced(&self) -> &[u64] {
        self.held.as_ref().map_or(&[], |held| &held.traced)
    }
}

/// A channel's item whose records can be traced.
pub trait Traceable: Weighted {
    /// Returns the numbers of the records.
    fn numbers(&self) -> impl Iterator<Item = u64> + Clone;

    /// Returns the group that the records were produced in.
    fn group(&self) -> &Group;

    /// Returns the index of the record with this number. Ignores the mark of a traced record.
    fn find(&self, number: u64) -> Option<usize>;

    /// Calls `each` with the index and the marked number of every traced record.
    fn for_each_traced(&self, mut each: impl FnMut(usize, u64)) {
        /// Searching for one record takes about as long as iterating over this many.
        const AS_LONG: usize = 8;
        let traced = self.group().traced();
        if traced.is_empty() {
            return;
        }
        if traced.len() * AS_LONG < self.weight() {
            let marked = traced.iter().map(|&number| record_number::traced(number));
            marked.for_each(|number| self.find(number).into_iter().for_each(|at| each(at, number)));
        } else {
            let all = self.numbers().enumerate();
            all.filter(|(_, number)| record_number::is_traced(*number)).for_each(|(at, number)| each(at, number));
        }
    }
}

/// Returns the number of the first record of each batch.
pub(crate) fn first_numbers<T: Traceable>(batches: &[T]) -> impl Iterator<Item = u64> + '_ {
    batches.iter().filter_map(|batch| batch.numbers().next())
}

/// Returns the index of the item with this number, among items in ascending order of their numbers.
pub(crate) fn find<T>(items: &[T], number: u64, number_of: impl Fn(&T) -> u64) -> Option<usize> {
    items.binary_search_by_key(&record_number::number(number), |item| record_number::number(number_of(item))).ok()
}
