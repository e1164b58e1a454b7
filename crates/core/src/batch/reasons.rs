//! Why records failed, counted.

use clearpipe_model::input_label::InputLabel;
use clearpipe_model::record_number;
use clearpipe_model::reject::Reason;

/// How many records failed for each reason. Reasons that differ only in what was found are counted together.
#[derive(Clone, Debug, Default)]
pub struct ReasonCounts(Vec<ReasonCount>);

/// A reason, and how many records failed for it.
#[derive(Clone, Debug)]
pub struct ReasonCount {
    /// Why the first of them failed.
    pub reason: Reason,
    /// How many there are.
    pub count: u64,
    /// The number of the first of them.
    pub first: u64,
    /// Where the first of them is; `None` if it was generated.
    // Apart, since a reason is written for each record that travels alone, and most are generated then.
    pub place: Option<Box<Place>>,
}

/// Where a failed record is.
#[derive(Clone, Debug)]
pub struct Place {
    /// The input.
    pub label: InputLabel,
    /// The line number, from 1.
    pub line: u64,
    /// The column in bytes, from 1, where it is known.
    pub column: Option<usize>,
}

impl ReasonCounts {
    /// So many reasons are counted for each of their fields. Beyond them, reasons are counted without their field, so that a
    /// table with very many columns doesn't take memory without bounds.
    const MOST: usize = 128;

    /// Counts a record. `place` is only asked for if it is the first with this reason. Numbers must come in ascending order.
    #[inline]
    pub fn add(&mut self, number: u64, reason: &Reason, place: impl FnOnce() -> Option<Place>) {
        match self.0.iter_mut().find(|count| count.reason.is_like(reason)) {
            Some(found) => found.count += 1,
            None => self.add_first(ReasonCount {
                reason: reason.clone(),
                count: 1,
                first: record_number::number(number),
                place: place().map(Box::new),
            }),
        }
    }

    fn add_first(&mut self, count: ReasonCount) {
        if self.0.len() < Self::MOST {
            self.0.push(count);
        } else {
            self.merge_one(&count);
        }
    }

    /// Adds what was counted elsewhere.
    // Most batches have no reasons: those that have any are not to make the loops over all of them longer.
    #[inline(never)]
    pub fn merge(&mut self, other: &ReasonCounts) {
        other.0.iter().for_each(|count| self.merge_one(count));
    }

    #[inline]
    fn merge_one(&mut self, count: &ReasonCount) {
        match self.0.iter_mut().find(|known| known.reason.is_like(&count.reason)) {
            Some(known) if known.first <= count.first => known.count += count.count,
            _ => self.merge_first(count),
        }
    }

    /// Adds a reason that isn't there yet, or an earlier first record of one that is.
    #[cold]
    fn merge_first(&mut self, count: &ReasonCount) {
        let mut count = count.clone();
        let is_there = |reason: &Reason| self.0.iter().position(|known| known.reason.is_like(reason));
        let mut found = is_there(&count.reason);
        if found.is_none() && self.0.len() >= Self::MOST {
            count.reason = count.reason.without_field();
            found = is_there(&count.reason);
        }
        match found.map(|at| &mut self.0[at]) {
            Some(known) if known.first <= count.first => known.count += count.count,
            Some(known) => *known = ReasonCount { count: known.count + count.count, ..count },
            None => self.0.push(count),
        }
    }

    /// Forgets everything.
    #[inline(never)]
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The reasons, most frequent first; those with the same count in the order of their first records.
    pub fn most_frequent(&self) -> Vec<&ReasonCount> {
        let mut all: Vec<&ReasonCount> = self.0.iter().collect();
        all.sort_by_key(|count| (std::cmp::Reverse(count.count), count.first));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clearpipe_model::reject::FieldName;

    fn not_a_number(column: &str, text: &str) -> Reason {
        Reason::NotANumber { field: FieldName::Column(column.into()), text: text.into(), has_commas: false }
    }

    fn counts(reasons: &[(u64, Reason)]) -> ReasonCounts {
        let mut counts = ReasonCounts::default();
        reasons.iter().for_each(|(number, reason)| counts.add(*number, reason, || None));
        counts
    }

    fn seen(counts: &ReasonCounts) -> Vec<(String, u64, u64)> {
        counts.most_frequent().iter().map(|count| (count.reason.to_string(), count.count, count.first)).collect()
    }

    #[test]
    fn parts_in_any_order_are_counted_like_the_whole() {
        let all = [
            (2, not_a_number("a", "x")),
            (3, Reason::InvalidUnit),
            (5, not_a_number("a", "y")),
            (7, not_a_number("b", "z")),
            (8, Reason::InvalidUnit),
            (9, not_a_number("a", "z")),
        ];
        let whole = seen(&counts(&all));
        let text = "column `a`: \"x\" is not a number";
        assert_eq!(whole[0], (text.to_owned(), 3, 2));
        assert_eq!((&*whole[1].0, whole[1].1, whole[1].2), ("Invalid unit for transformation", 2, 3));
        for split in 0..=all.len() {
            let (front, back) = all.split_at(split);
            for parts in [[front, back], [back, front]] {
                let mut merged = ReasonCounts::default();
                parts.iter().for_each(|part| merged.merge(&counts(part)));
                assert_eq!(seen(&merged), whole);
            }
        }
    }

    #[test]
    fn so_many_columns_are_counted_together() {
        let columns = 3 * ReasonCounts::MOST as u64;
        let all: Vec<_> = (0..columns).map(|number| (number, not_a_number(&format!("c{number}"), "x"))).collect();
        let counts = counts(&all);
        assert_eq!(counts.0.len(), ReasonCounts::MOST + 1);
        assert_eq!(counts.0.iter().map(|count| count.count).sum::<u64>(), columns);
        let together = counts.most_frequent()[0];
        assert_eq!((together.count, together.first), (2 * ReasonCounts::MOST as u64, ReasonCounts::MOST as u64));
        assert_eq!(together.reason.summary(), "a cell: not a number");
    }

    #[test]
    fn the_place_of_the_first_is_kept() {
        let mut counts = ReasonCounts::default();
        let place = |line| move || Some(Place { label: InputLabel::default(), line, column: None });
        counts.add(4, &Reason::NoValue, place(5));
        counts.add(5, &Reason::NoValue, place(6));
        assert_eq!(counts.most_frequent()[0].place.as_ref().unwrap().line, 5);
    }
}
