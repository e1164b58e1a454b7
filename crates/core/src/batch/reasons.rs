//! Counts why records failed.

use clearpipe_model::input_label::InputLabel;
use clearpipe_model::record_number;
use clearpipe_model::reject::Reason;

/// How many records failed for each reason. Reasons that differ only in the value that was found are counted together.
#[derive(Clone, Debug, Default)]
pub struct ReasonCounts(Vec<ReasonCount>);

/// A reason, and the number of records that failed for it.
#[derive(Clone, Debug)]
pub struct ReasonCount {
    /// Why the first of them failed.
    pub reason: Reason,
    /// Whether the records have reasons about different fields.
    pub is_of_any_field: bool,
    /// The number of records.
    pub count: u64,
    /// The number of the first record.
    pub first: u64,
    /// Where the first record was read; `None` if it was generated.
    // Boxed, since each record that travels alone stores its reason, and most of those are generated.
    pub place: Option<Box<InputPlace>>,
}

/// Where a failed record was read.
#[derive(Clone, Debug)]
pub struct InputPlace {
    /// The input.
    pub label: InputLabel,
    /// The line number, from 1.
    pub line: u64,
    /// The column in bytes, from 1, if it is known.
    pub column: Option<usize>,
}

impl ReasonCounts {
    /// The number of reasons that are counted for each field separately. The fields of further reasons are counted
    /// together, so that a table with very many columns doesn't use unbounded memory. Which fields those are depends on
    /// which records are counted first.
    const MAX_REASONS: usize = 128;

    /// Counts a record. Calls `place` only if the record is the first with this reason. Numbers must be ascending.
    #[inline]
    pub fn add(&mut self, number: u64, reason: &Reason, place: impl FnOnce() -> Option<InputPlace>) {
        match self.0.iter_mut().find(|count| count.reason.is_like(reason)) {
            Some(found) => found.count += 1,
            None => self.0.push(ReasonCount {
                reason: reason.clone(),
                is_of_any_field: false,
                count: 1,
                first: record_number::number(number),
                place: place().map(Box::new),
            }),
        }
    }

    /// Adds the counts of a batch.
    // Most batches have no reasons, and the loops over all batches are faster without this inlined into them.
    #[inline(never)]
    pub fn merge(&mut self, batch: &ReasonCounts) {
        for count in &batch.0 {
            match self.0.iter_mut().find(|known| !known.is_of_any_field && known.reason.is_like(&count.reason)) {
                Some(known) => known.add(count),
                None => self.merge_first(count),
            }
        }
    }

    /// Adds a new reason.
    #[cold]
    fn merge_first(&mut self, count: &ReasonCount) {
        if self.0.len() < Self::MAX_REASONS {
            return self.0.push(count.clone());
        }
        let code = count.reason.code();
        match self.0.iter_mut().find(|known| known.is_of_any_field && known.reason.code() == code) {
            Some(known) => known.add(count),
            None => self.0.push(ReasonCount { is_of_any_field: true, ..count.clone() }),
        }
    }

    /// Removes all counts.
    #[inline(never)]
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Returns the reasons, most frequent first. Those with the same count are in the order of their first records.
    pub fn most_frequent(&self) -> Vec<&ReasonCount> {
        let mut all: Vec<&ReasonCount> = self.0.iter().collect();
        all.sort_unstable_by_key(|count| (std::cmp::Reverse(count.count), count.first));
        all
    }
}

impl ReasonCount {
    fn add(&mut self, other: &ReasonCount) {
        let count = self.count + other.count;
        if other.first < self.first {
            *self = ReasonCount { is_of_any_field: self.is_of_any_field, ..other.clone() };
        }
        self.count = count;
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
    #[cfg_attr(miri, ignore = "hundreds of columns take minutes there")]
    fn so_many_columns_are_counted_together() {
        let columns = 3 * ReasonCounts::MAX_REASONS as u64;
        let all: Vec<_> = (0..columns).map(|number| (number, not_a_number(&format!("c{number}"), "x"))).collect();
        let mut merged = ReasonCounts::default();
        all.chunks(7).for_each(|part| merged.merge(&counts(part)));
        merged.merge(&counts(&[(columns, Reason::InvalidUnit)]));
        assert_eq!(merged.0.len(), ReasonCounts::MAX_REASONS + 2);
        assert_eq!(merged.0.iter().map(|count| count.count).sum::<u64>(), columns + 1);
        let together = merged.most_frequent()[0];
        assert!(together.is_of_any_field);
        assert_eq!(
            (together.count, together.first),
            (2 * ReasonCounts::MAX_REASONS as u64, ReasonCounts::MAX_REASONS as u64)
        );
        // The first of them is unchanged.
        assert_eq!(together.reason.to_string(), "column `c128`: \"x\" is not a number");
        assert_eq!(together.reason.summary_of_any_field(), "other columns: not a number");
    }

    #[test]
    fn the_place_of_the_first_is_kept() {
        let mut counts = ReasonCounts::default();
        let place = |line| move || Some(InputPlace { label: InputLabel::default(), line, column: None });
        counts.add(4, &Reason::NoValue, place(5));
        counts.add(5, &Reason::NoValue, place(6));
        assert_eq!(counts.most_frequent()[0].place.as_ref().unwrap().line, 5);
    }
}
