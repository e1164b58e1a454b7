//! Builds batches of finished records.

use super::{Checkout, Finished, Group, InputPlace, SharedFinished};
use clearpipe_model::record::{Outcome, Status};
use clearpipe_model::reject::Reason;
use triomphe::UniqueArc;

/// Collects the records of a group that have the same outcome. Allocates nothing before the first one.
pub struct BatchBuilder<'a> {
    group: &'a Group,
    status: Status,
    /// The expected number of records.
    expected: usize,
    checkout: &'a Checkout<'a>,
    finished: Option<UniqueArc<Finished>>,
}

impl<'a> BatchBuilder<'a> {
    /// Creates an empty builder for about `expected` records.
    pub fn new(group: &'a Group, status: Status, expected: usize, checkout: &'a Checkout<'a>) -> BatchBuilder<'a> {
        BatchBuilder { group, status, expected, checkout, finished: None }
    }

    /// Adds a record that failed for a reason, whose line `write` appends. Numbers must be ascending. `place` returns
    /// where the record was read.
    pub fn push_failed(
        &mut self,
        number: u64,
        reason: &Reason,
        place: impl FnOnce() -> Option<InputPlace>,
        write: impl FnOnce(&mut Vec<u8>),
    ) {
        self.push_outcome(number, false, write).reasons.add(number, reason, place);
    }

    /// Adds a record that was processed, as [`BatchBuilder::push_failed`] does.
    #[inline]
    pub fn push_processed(&mut self, number: u64, value: f64, is_anomaly: bool, write: impl FnOnce(&mut Vec<u8>)) {
        let finished = self.push_outcome(number, is_anomaly, write);
        finished.anomalies += u32::from(is_anomaly);
        finished.sum.add(value);
    }

    #[inline]
    fn push_outcome(&mut self, number: u64, is_anomaly: bool, write: impl FnOnce(&mut Vec<u8>)) -> &mut Finished {
        let BatchBuilder { group, status, expected, checkout, finished } = self;
        let finished = finished.get_or_insert_with(|| begin(group, *status, checkout));
        write(&mut finished.lines);
        if *expected > 1 && finished.outcomes.is_empty() {
            make_room(finished, *expected);
        }
        let line_end = finished.lines.len() as u32;
        finished.outcomes.push(Outcome { number, line_end, is_anomaly });
        finished
    }

    /// Returns the batch for the consumers, if it has any records.
    pub fn share(self) -> Option<SharedFinished> {
        self.finished.map(SharedFinished::new)
    }
}

#[inline(never)]
fn begin(group: &Group, status: Status, checkout: &Checkout<'_>) -> UniqueArc<Finished> {
    let mut finished = checkout.take(status);
    finished.group = group.clone();
    finished.status = status;
    finished
}

/// Reserves room for all records, now that the approximate length of a line is known.
#[cold]
fn make_room(finished: &mut Finished, expected: usize) {
    /// Lines can be long; then growing in a few more steps does no harm.
    const MAX_RESERVED: usize = 1 << 20;
    let each = finished.lines.len() + finished.lines.len() / 8;
    finished.outcomes.reserve(expected);
    finished.lines.reserve(((expected - 1) * each).min(MAX_RESERVED));
}
