//! Tracks which records of a batch are still selected, and why the others were refused.

use crate::batch::{Row, Rows};
use crate::panic_guard::catch;
use clearpipe_codec::jsonl::FailedSuffix;
use clearpipe_model::reject::{Reason, Reject};
use smallvec::SmallVec;
use std::ops::Range;

/// A record that is refused.
#[derive(Clone, Debug)]
pub struct Refusal<'r> {
    /// The index of its row.
    pub row: usize,
    /// Why it is refused.
    pub why: Why<'r>,
}

/// Why a record is refused.
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

/// The refused records of a batch, in the order of production.
pub type Refusals<'r> = SmallVec<[Refusal<'r>; 2]>;

/// Refuses each of some rows for which `write` panics, replacing any earlier reason. `write` gets the row and its refusal, if
/// there is one; `reason` makes the reason of the panic's message.
pub(crate) fn refuse_unwritable(
    refused: &mut Refusals<'_>,
    rows: impl IntoIterator<Item = usize>,
    reason: impl Fn(String) -> Reason,
    mut write: impl FnMut(usize, &[Refusal<'_>]),
) {
    for row in rows {
        let at = refused.partition_point(|refusal| refusal.row < row);
        let mine = at..at + usize::from(refused.get(at).is_some_and(|refusal| refusal.row == row));
        if let Err(message) = catch(|| write(row, &refused[mine.clone()])) {
            let refusal = Refusal { row, why: Why::own(reason(message)) };
            if mine.is_empty() { refused.insert(at, refusal) } else { refused[at] = refusal }
        }
    }
}

/// The rows of a batch that rules and transformations still process: those of a range, without the refused ones. The
/// rows themselves don't change.
#[derive(Debug)]
pub struct Selection<'s, 'r> {
    range: Range<usize>,
    /// All refusals of the batch, and how many of them are for rows before the range.
    refused: &'s mut Refusals<'r>,
    before: usize,
}

impl<'s, 'r> Selection<'s, 'r> {
    /// Selects the rows of a range. Rows before it may have been refused, but none in it or after it.
    pub fn new(range: Range<usize>, refused: &'s mut Refusals<'r>) -> Selection<'s, 'r> {
        let before = refused.len();
        Selection { range, refused, before }
    }

    /// Returns the indices of the rows in the range, including refused ones.
    pub fn range(&self) -> Range<usize> {
        self.range.clone()
    }

    /// Refuses rows, which must be selected and in ascending order, before any other rows have been refused.
    pub(crate) fn refuse(&mut self, refusals: impl IntoIterator<Item = Refusal<'r>>) {
        let known = self.refused.len();
        self.refused.extend(refusals);
        debug_assert!(known == self.before, "rows have been refused before");
        debug_assert!(self.refused[known..].is_sorted_by(|a, b| a.row < b.row), "refused rows must be in order");
        debug_assert!(self.refused[known..].iter().all(|refusal| self.range.contains(&refusal.row)));
    }

    /// Refuses the selected rows for which `check` fails.
    #[inline]
    pub fn retain(&mut self, rows: &[Row], check: impl FnMut(&Row) -> Result<(), Why<'r>>) {
        // The elements have no size, so nothing is allocated.
        self.retain_into(rows, &mut vec![(); rows.len()], check);
    }

    /// Stores the result of `work_out` for each selected row in the element at the same index, or refuses the row.
    #[inline]
    pub fn retain_into<T>(
        &mut self,
        rows: &[Row],
        into: &mut [T],
        mut work_out: impl FnMut(&Row) -> Result<T, Why<'r>>,
    ) {
        let known = self.refused.len();
        let row_of = |refused: &Refusals<'r>, at: usize| if at < known { refused[at].row } else { usize::MAX };
        let mut next = self.before;
        let mut next_row = row_of(self.refused, next);
        let rows = rows[self.range.clone()].iter().zip(&mut into[self.range.clone()]);
        for ((row, element), at) in rows.zip(self.range.start..) {
            if at == next_row {
                next += 1;
                next_row = row_of(self.refused, next);
                continue;
            }
            match work_out(row) {
                Ok(result) => *element = result,
                Err(why) => self.refused.push(Refusal { row: at, why }),
            }
        }
        if known > self.before && self.refused.len() > known {
            sort_by_row(&mut self.refused[self.before..]);
        }
    }
}

/// A function of its own, so that it is compiled once, and not for each kind of check.
fn sort_by_row(refused: &mut [Refusal<'_>]) {
    refused.sort_by_key(|refusal| refusal.row);
}

/// Splits the refusals into those of the rows before `end` and the others.
#[inline]
pub fn split_refused<'a, 'r>(refused: &'a [Refusal<'r>], end: usize) -> (&'a [Refusal<'r>], &'a [Refusal<'r>]) {
    refused.split_at(refused.iter().take_while(|refusal| refusal.row < end).count())
}

/// Removes the refused rows. The refusals count the first row as index `start`.
pub fn remove_refused(rows: &mut Rows, refused: &[Refusal<'_>], start: usize) {
    let Some(first) = refused.first() else { return };
    let mut end = first.row - start;
    for (at, refusal) in refused.iter().enumerate() {
        let kept = refusal.row + 1 - start..refused.get(at + 1).map_or(rows.len(), |next| next.row - start);
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
        /// Each rule refuses only rows that no earlier rule has refused.
        #[test]
        fn the_first_rule_wins(
            count in 0..40usize,
            split in any::<prop::sample::Index>(),
            rules in prop::collection::vec(prop::collection::vec(any::<bool>(), 40), 0..4),
        ) {
            let mut rows = rows(count);
            let texts: Vec<String> = (0..rules.len()).map(|rule| rule.to_string()).collect();
            let mut refused = Refusals::new();
            // In two ranges, one after the other.
            let middle = split.index(count + 1);
            for range in [0..middle, middle..count] {
                let mut selection = Selection::new(range.clone(), &mut refused);
                for (refuses, text) in rules.iter().zip(&texts) {
                    selection.retain(&rows, |row| {
                        let at = row.number as usize;
                        assert!(range.contains(&at));
                        let why = || Why::own(Reason::ValidatorPanicked { message: text.as_str().into() });
                        if refuses[at] { Err(why()) } else { Ok(()) }
                    });
                }
            }
            let rule_of = |at: usize| rules.iter().position(|refuses| refuses[at]);
            let seen: Vec<(usize, String)> = refused.iter().map(|r| (r.row, r.why.reason().example().unwrap())).collect();
            let expected = (0..count).filter_map(|at| Some((at, texts[rule_of(at)?].clone())));
            prop_assert_eq!(seen, expected.collect::<Vec<_>>());
            remove_refused(&mut rows, &refused, 0);
            let left: Vec<u64> = rows.iter().map(|row| row.number).collect();
            prop_assert_eq!(left, (0..count as u64).filter(|at| rule_of(*at as usize).is_none()).collect::<Vec<_>>());
        }
    }
}
