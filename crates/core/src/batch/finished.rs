//! Finished records, as the consumers get them.

use super::{Group, ReasonCounts, Traceable, find};
use clearpipe_channel::Weighted;
use clearpipe_model::record::{Outcome, Status};
use clearpipe_model::sum::PartialSum;
use smallvec::SmallVec;
use std::ops::Deref;
use triomphe::UniqueArc;

/// Finished records that all consumers share. (It needs no weak references; and who fills it has it alone until then.)
#[derive(Clone, Debug)]
pub struct SharedFinished(triomphe::Arc<Finished>);

impl SharedFinished {
    /// Shares a batch that is complete.
    pub(super) fn new(finished: UniqueArc<Finished>) -> SharedFinished {
        SharedFinished(finished.shareable())
    }

    /// Takes the batch back if nobody else has it.
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

/// Finished records that ended the same way, and their lines: what the consumers get. It is never changed again, so all
/// three share one.
// In this order, since it is read on other threads than it is written on: what all consumers look at is together with the
// count of who shares it.
#[derive(Debug, Default)]
#[repr(C)]
pub struct Finished {
    /// The group that they were produced in.
    pub group: Group,
    /// What became of them.
    pub status: Status,
    /// How many of them are anomalous.
    pub anomalies: u32,
    /// Where it waits to be used again.
    pub(crate) place: u32,
    /// The records, in the order of production.
    pub outcomes: SmallVec<[Outcome; 1]>,
    /// Their lines for the file, one behind the other, in the same order.
    pub lines: Vec<u8>,
    /// The sum of their values, if they were processed.
    pub sum: PartialSum,
    /// Why they failed, if they did.
    pub reasons: ReasonCounts,
}

impl Finished {
    /// Forgets all records, and what is held for them.
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

    /// The bytes that it has room for, about.
    pub(crate) fn room(&self) -> usize {
        self.lines.capacity() + self.outcomes.capacity() * size_of::<Outcome>()
    }

    /// Each record with its line.
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
