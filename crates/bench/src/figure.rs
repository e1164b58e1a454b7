//! Summary of several rounds.

use serde::{Deserialize, Serialize};

/// The median of the rounds, and their spread.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// The middle one; for an even number, the mean of the two in the middle.
    pub median: f64,
    /// The lowest.
    pub low: f64,
    /// The highest.
    pub high: f64,
    /// All of them, in the order of the rounds.
    #[serde(default)]
    pub rounds: Vec<f64>,
}

impl Figure {
    /// Summarises these rounds; if there are none, the values are unknown.
    pub fn of(rounds: Vec<f64>) -> Figure {
        let mut sorted = rounds.clone();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        let median = match sorted.as_slice() {
            [] => f64::NAN,
            all if all.len() % 2 == 1 => all[middle],
            all => (all[middle - 1] + all[middle]) / 2.0,
        };
        let end = |end: Option<&f64>| end.copied().unwrap_or(f64::NAN);
        Figure { median, low: end(sorted.first()), high: end(sorted.last()), rounds }
    }

    /// Divides by another figure, round by round: whatever slowed both down in a round cancels out.
    pub fn over(&self, other: &Figure) -> Figure {
        Figure::of(self.rounds.iter().zip(&other.rounds).map(|(one, other)| one / other).collect())
    }

    /// Returns the difference between the highest and the lowest.
    pub fn spread(&self) -> f64 {
        self.high - self.low
    }

    /// Returns the round that is nearest to the median.
    pub fn middle_round(&self) -> Option<usize> {
        let distance = |round: &usize| (self.rounds[*round] - self.median).abs();
        (0..self.rounds.len()).min_by(|one, other| distance(one).total_cmp(&distance(other)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_stands_between_the_ends() {
        let figure = Figure::of(vec![3.0, 1.0, 2.0]);
        assert_eq!((figure.median, figure.low, figure.high, figure.spread()), (2.0, 1.0, 3.0, 2.0));
        assert_eq!((figure.rounds.clone(), figure.middle_round()), (vec![3.0, 1.0, 2.0], Some(2)));
        assert_eq!(Figure::of(vec![1.0, 3.0]).median, 2.0);
        assert!(Figure::of(Vec::new()).median.is_nan());
    }

    #[test]
    fn a_slow_round_is_no_part_of_a_ratio() {
        let ratio = Figure::of(vec![10.0, 1.0, 8.0]).over(&Figure::of(vec![20.0, 2.0, 16.0]));
        assert_eq!((ratio.low, ratio.median, ratio.high), (0.5, 0.5, 0.5));
    }
}
