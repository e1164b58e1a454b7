//! Finished records, as the consumers receive them.

use super::{Group, ReasonCounts, Traceable, find};
use clearpipe_channel::Weighted;
use clearpipe_model::record::{Outcome, Status};
use clearpipe_model::sum::PartialSum;
use smallvec::SmallVec;
use std::ops::Deref;
use triomphe::UniqueArc;

/// Finished records that all consumers share. (Needs no weak references, and has a single owner while it is filled.)
#[derive(Clone, Debug)]
pub struct SharedFinished(triomphe::Arc<Finished>);

impl SharedFinished {
    /// Shares a batch that is complete.
    pub(super) fn new(finished: UniqueArc<Finished>) -> SharedFinished {
        SharedFinished(finished.shareable())
    }

    /// Takes the batch back if there is no other reference to it.
    pub(super) fn into_unique(self) -> Option<UniqueArc<Finished>> {
        triomphe::Arc::try_unique(self.0).ok()
    }
}

impl Deref for SharedFinished {
    type Target = Finished;

    fn deref(&self) -> &Finished {
        &self.0
    }
}

/// Finished records with the same outcome, and their lines: what the consumers receive. It never changes again, so all
/// three consumers share it.
// In this order, since it is read on other threads than it is written on: the fields that all consumers read are next
// to the reference count.
#[derive(Debug, Default)]
#[repr(C)]
pub struct Finished {
    /// The group that the records were produced in.
    pub group: Group,
    /// The outcome of the records.
    pub status: Status,
    /// The number of anomalous records.
    pub anomalies: u32,
    /// The place in the pool that it returns to.
    pub(crate) place: u32,
    /// The records, in the order of production.
    pub outcomes: SmallVec<[Outcome; 1]>,
    /// Their lines for the file, one after the other, in the same order.
    pub lines: Vec<u8>,
    /// The sum of their values, if they were processed.
    pub sum: PartialSum,
    /// Why they failed, if they did.
    pub reasons: ReasonCounts,
}

impl Finished {
    /// Removes all records and the data stored for them.
    pub(crate) fn clear(&mut self) {
        self.group = Group::default();
        self.outcomes.clear();
        self.lines.clear();
        self.anomalies = 0;
        self.sum = PartialSum::default();
        if self.status.is_failed() {
            self.reasons.clear();
        }
    }

    /// Returns its approximate capacity in bytes.
    pub(crate) fn room(&self) -> usize {
        self.lines.capacity() + self.outcomes.capacity() * size_of::<Outcome>()
    }

    /// Returns each record with its line.
    pub fn with_lines(&self) -> impl Iterator<Item = (&Outcome, &[u8])> {
        let mut start = 0;
        self.outcomes.iter().map(move |outcome| {
            let end = outcome.line_end as usize;
            (outcome, &self.lines[std::mem::replace(&mut start, end)..end])
        })
    }
}

impl Weighted for SharedFinished {
    fn weight(&self) -> usize {
        self.outcomes.len()
    }
}

impl Traceable for SharedFinished {
    fn numbers(&self) -> impl Iterator<Item = u64> + Clone {
        self.outcomes.iter().map(|outcome| outcome.number)
    }

    fn group(&self) -> &Group {
        &self.group
    }

    fn find(&self, number: u64) -> Option<usize> {
        find(&self.outcomes, number, |outcome| outcome.number)
    }
}
