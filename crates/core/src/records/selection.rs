//! Tracks which records of a batch are still selected, and why the others were rejected.

use crate::batch::{Row, Rows};
use crate::panic_guard::catch;
use clearpipe_codec::jsonl::FailedSuffix;
use clearpipe_model::reject::{Reason, Reject};
use smallvec::SmallVec;
use std::ops::Range;

/// A rejected row of a batch.
#[derive(Clone, Debug)]
pub struct Rejection<'r> {
    /// The index of its row.
    pub row: usize,
    /// Why it is rejected.
    pub why: Why<'r>,
}

/// Why a record is rejected.
#[derive(Clone, Debug)]
pub enum Why<'r> {
    /// A reason that many records share.
    Shared(&'r FailedSuffix),
    /// A reason of this record only. If the record was read, the position is the one in the input.
    Own(Box<Reject>),
}

impl Why<'_> {
    /// Creates a reason for a single record, without a position in its line.
    pub fn own(reason: Reason) -> Why<'static> {
        Why::Own(Box::new(Reject { reason, line: 0, column: None }))
    }

    /// Returns the reason.
    pub fn reason(&self) -> &Reason {
        match self {
            Why::Shared(suffix) => suffix.reason(),
            Why::Own(reject) => &reject.reason,
        }
    }
}

/// The rejected records of a batch, in the order of production.
pub type Rejections<'r> = SmallVec<[Rejection<'r>; 2]>;

/// Rejects each of some rows for which `write` panics, replacing any earlier reason. `write` gets the row and its
/// rejection, if there is one; `reason` makes the reason of the panic's message.
pub(crate) fn reject_unwritable(
    rejected: &mut Rejections<'_>,
    rows: impl IntoIterator<Item = usize>,
    reason: impl Fn(String) -> Reason,
    mut write: impl FnMut(usize, &[Rejection<'_>]),
) {
    for row in rows {
        let at = rejected.partition_point(|rejection| rejection.row < row);
        let mine = at..at + usize::from(rejected.get(at).is_some_and(|rejection| rejection.row == row));
        if let Err(message) = catch(|| write(row, &rejected[mine.clone()])) {
            let rejection = Rejection { row, why: Why::own(reason(message)) };
            if mine.is_empty() { rejected.insert(at, rejection) } else { rejected[at] = rejection }
        }
    }
}

/// The rows of a batch that rules and transformations still process: those of a range, without the rejected ones. The
/// rows themselves don't change.
#[derive(Debug)]
pub struct Selection<'s, 'r> {
    range: Range<usize>,
    /// All rejections of the batch, and how many of them are for rows before the range.
    rejected: &'s mut Rejections<'r>,
    before: usize,
}

impl<'s, 'r> Selection<'s, 'r> {
    /// Selects the rows of a range. Rows before it may have been rejected, but none in it or after it.
    pub fn new(range: Range<usize>, rejected: &'s mut Rejections<'r>) -> Selection<'s, 'r> {
        let before = rejected.len();
        Selection { range, rejected, before }
    }

    /// Returns the indices of the rows in the range, including rejected ones.
    pub fn range(&self) -> Range<usize> {
        self.range.clone()
    }

    /// Rejects rows, which must be selected and in ascending order, before any other rows have been rejected.
    pub(crate) fn reject(&mut self, rejections: impl IntoIterator<Item = Rejection<'r>>) {
        let known = self.rejected.len();
        self.rejected.extend(rejections);
        debug_assert!(known == self.before, "rows have been rejected before");
        debug_assert!(self.rejected[known..].is_sorted_by(|a, b| a.row < b.row), "rejected rows must be in order");
        debug_assert!(self.rejected[known..].iter().all(|rejection| self.range.contains(&rejection.row)));
    }

    /// Rejects the selected rows for which `check` fails.
    #[inline]
    pub fn retain(&mut self, rows: &[Row], check: impl FnMut(&Row) -> Result<(), Why<'r>>) {
        // The elements have no size, so nothing is allocated.
        self.retain_into(rows, &mut vec![(); rows.len()], check);
    }

    /// Stores the result of `work_out` for each selected row in the element at the same index, or rejects the row.
    #[inline]
    pub fn retain_into<T>(
        &mut self,
        rows: &[Row],
        into: &mut [T],
        mut work_out: impl FnMut(&Row) -> Result<T, Why<'r>>,
    ) {
        let known = self.rejected.len();
        let row_of = |rejected: &Rejections<'r>, at: usize| if at < known { rejected[at].row } else { usize::MAX };
        let mut next = self.before;
        let mut next_row = row_of(self.rejected, next);
        let rows = rows[self.range.clone()].iter().zip(&mut into[self.range.clone()]);
        for ((row, element), at) in rows.zip(self.range.start..) {
            if at == next_row {
                next += 1;
                next_row = row_of(self.rejected, next);
                continue;
            }
            match work_out(row) {
                Ok(result) => *element = result,
                Err(why) => self.rejected.push(Rejection { row: at, why }),
            }
        }
        if known > self.before && self.rejected.len() > known {
            sort_by_row(&mut self.rejected[self.before..]);
        }
    }
}

/// A function of its own, so that it is compiled once, and not for each kind of check.
fn sort_by_row(rejected: &mut [Rejection<'_>]) {
    rejected.sort_by_key(|rejection| rejection.row);
}

/// Splits the rejections into those of the rows before `end` and the others.
#[inline]
pub fn split_rejected<'a, 'r>(rejected: &'a [Rejection<'r>], end: usize) -> (&'a [Rejection<'r>], &'a [Rejection<'r>]) {
    rejected.split_at(rejected.iter().take_while(|rejection| rejection.row < end).count())
}

/// Removes the rejected rows. The rejections count the first row as index `start`.
pub fn remove_rejected(rows: &mut Rows, rejected: &[Rejection<'_>], start: usize) {
    let Some(first) = rejected.first() else { return };
    let mut end = first.row - start;
    for (at, rejection) in rejected.iter().enumerate() {
        let kept = rejection.row + 1 - start..rejected.get(at + 1).map_or(rows.len(), |next| next.row - start);
        let length = kept.len();
        rows.copy_within(kept, end);
        end += length;
    }
    rows.truncate(end);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rows(count: usize) -> Rows {
        (0..count).map(|at| Row { number: at as u64, value: at as f64, entry: 0 }).collect()
    }

    proptest! {
        /// Each rule rejects only rows that no earlier rule has rejected.
        #[test]
        fn the_first_rule_wins(
            count in 0..40usize,
            split in any::<prop::sample::Index>(),
            rules in prop::collection::vec(prop::collection::vec(any::<bool>(), 40), 0..4),
        ) {
            let mut rows = rows(count);
            let texts: Vec<String> = (0..rules.len()).map(|rule| rule.to_string()).collect();
            let mut rejected = Rejections::new();
            // In two ranges, one after the other.
            let middle = split.index(count + 1);
            for range in [0..middle, middle..count] {
                let mut selection = Selection::new(range.clone(), &mut rejected);
                for (rejects, text) in rules.iter().zip(&texts) {
                    selection.retain(&rows, |row| {
                        let at = row.number as usize;
                        assert!(range.contains(&at));
                        let why = || Why::own(Reason::ValidatorPanicked { message: text.as_str().into() });
                        if rejects[at] { Err(why()) } else { Ok(()) }
                    });
                }
            }
            let rule_of = |at: usize| rules.iter().position(|rejects| rejects[at]);
            let seen: Vec<(usize, String)> =
                rejected.iter().map(|r| (r.row, r.why.reason().example().unwrap())).collect();
            let expected = (0..count).filter_map(|at| Some((at, texts[rule_of(at)?].clone())));
            prop_assert_eq!(seen, expected.collect::<Vec<_>>());
            remove_rejected(&mut rows, &rejected, 0);
            let left: Vec<u64> = rows.iter().map(|row| row.number).collect();
            prop_assert_eq!(left, (0..count as u64).filter(|at| rule_of(*at as usize).is_none()).collect::<Vec<_>>());
        }
    }
}
