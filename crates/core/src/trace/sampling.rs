//! Chooses which records are traced: every Nth record.
//!
//! The interval N is fixed, or it follows the source so that about the wanted number of records is traced per second:
//! it doubles as soon as too many arrive, and halves when far too few do. A record that is chosen with an interval is
//! also chosen with every smaller one.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

/// The sampling of a run. Only the Producer changes it; any thread may read it.
#[derive(Debug)]
pub(super) struct Sampling {
    sample: u64,
    limit: Option<Limit>,
    exponent: AtomicU32,
    /// The time since which chosen records have been counted, and their count.
    since: AtomicU64,
    chosen: AtomicU64,
}

#[derive(Debug)]
struct Limit {
    window: Duration,
    /// The most records in that time.
    most: u64,
}

impl Limit {
    /// Uses a short window, but one with enough records, since a handful is subject to chance.
    fn of(rate: u64) -> Limit {
        const SHORT: Duration = Duration::from_millis(100);
        const FEW: u64 = 16;
        let window = SHORT.max(Duration::from_secs(FEW) / u32::try_from(rate).unwrap_or(u32::MAX).max(1));
        Limit { window, most: (rate as f64 * window.as_secs_f64()).round() as u64 }
    }
}

impl Sampling {
    pub fn new(sample: u64, rate: Option<u64>) -> Sampling {
        Sampling {
            sample,
            limit: rate.map(Limit::of),
            exponent: AtomicU32::new(0),
            since: AtomicU64::new(0),
            chosen: AtomicU64::new(0),
        }
    }

    /// Returns the interval N: every Nth record is traced.
    pub fn interval(&self) -> u64 {
        self.sample << self.exponent()
    }

    /// Returns the smallest possible interval.
    pub fn least(&self) -> u64 {
        self.sample
    }

    /// Returns how often the interval has been doubled.
    pub fn exponent(&self) -> u32 {
        self.exponent.load(Ordering::Relaxed)
    }

    /// Returns the next record to be traced, from the number `from` on.
    pub fn next_chosen(&self, from: u64) -> Option<u64> {
        from.checked_next_multiple_of(self.interval())
    }

    /// Returns whether the interval follows the source.
    pub fn is_limited(&self) -> bool {
        self.limit.is_some()
    }

    /// Counts a chosen record. If there have been too many, returns the exponent to use.
    pub fn count(&self) -> Option<u32> {
        let limit = self.limit.as_ref()?;
        let chosen = self.chosen.load(Ordering::Relaxed) + 1;
        self.chosen.store(chosen, Ordering::Relaxed);
        // Further doublings would overflow, and no source is that fast.
        let most = self.sample.leading_zeros().saturating_sub(2);
        (chosen > limit.most && self.exponent() < most).then(|| self.exponent() + 1)
    }

    /// Checks how many records were chosen lately. If there were far too few, returns the exponent to use.
    pub fn review(&self, now: Duration) -> Option<u32> {
        let limit = self.limit.as_ref()?;
        let since = now.saturating_sub(Duration::from_nanos(self.since.load(Ordering::Relaxed)));
        if since < limit.window {
            return None;
        }
        let windows = since.as_secs_f64() / limit.window.as_secs_f64();
        let mut chosen = self.chosen.swap(0, Ordering::Relaxed) as f64 / windows;
        self.since.store(now.as_nanos() as u64, Ordering::Relaxed);
        let before = self.exponent();
        let mut exponent = before;
        // This leaves half of the limit, so the interval won't be doubled again soon. After a long time, takes several
        // steps.
        while exponent > 0 && f64::from(before - exponent) < windows.floor() && 4.0 * chosen <= limit.most as f64 {
            exponent -= 1;
            chosen *= 2.0;
        }
        (exponent < before).then_some(exponent)
    }

    /// Sets the exponent.
    pub fn set(&self, exponent: u32) {
        if exponent > self.exponent() {
            // As if it had been so before: a source that is much too fast then settles without waiting for full counts
            // again and again.
            self.chosen.store(self.chosen.load(Ordering::Relaxed) / 2, Ordering::Relaxed);
        }
        self.exponent.store(exponent, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Passes records for a time. Returns how many were chosen, and the exponents that occurred.
    fn pass(sampling: &Sampling, clock: &mut f64, records_per_second: f64, seconds: f64) -> (u64, Vec<u32>) {
        let (mut chosen, mut exponents) = (0, vec![sampling.exponent()]);
        let first = (*clock * 1e6) as u64;
        for record in first..first + (records_per_second * seconds) as u64 {
            *clock += 1.0 / records_per_second;
            let mut set = |exponent: Option<u32>| {
                if let Some(exponent) = exponent {
                    sampling.set(exponent);
                    exponents.push(exponent);
                }
            };
            set(sampling.review(Duration::from_secs_f64(*clock)));
            if sampling.next_chosen(record) == Some(record) {
                chosen += 1;
                set(sampling.count());
            }
        }
        (chosen, exponents)
    }

    #[test]
    fn without_a_rate_the_interval_stays() {
        let sampling = Sampling::new(7, None);
        let chosen: Vec<u64> = (0..30).filter_map(|number| sampling.next_chosen(number)).collect();
        assert!(chosen.is_sorted() && chosen.iter().all(|number| number.is_multiple_of(7)));
        assert_eq!((chosen[0], chosen[1], chosen[7], chosen[8]), (0, 7, 7, 14));
        assert_eq!(sampling.next_chosen(u64::MAX), None);
        assert_eq!((sampling.count(), sampling.review(Duration::from_secs(9)), sampling.interval()), (None, None, 7));
    }

    #[test]
    fn the_interval_follows_the_source() {
        let (sampling, mut clock) = (Sampling::new(1, Some(1000)), 0.0);
        assert_eq!(pass(&sampling, &mut clock, 900.0, 5.0).1, [0]);
        // 100,000 records per second: every 128th record makes 781 per second.
        let (first, exponents) = pass(&sampling, &mut clock, 100_000.0, 1.0);
        assert_eq!(exponents, [0, 1, 2, 3, 4, 5, 6, 7]);
        assert!(first < 2000, "{first} in the first second");
        let (chosen, exponents) = pass(&sampling, &mut clock, 100_000.0, 5.0);
        assert!(exponents == [7] && (3800..4000).contains(&chosen), "{chosen}, {exponents:?}");
        // A source that is a little slower changes nothing; one that is much slower does.
        assert_eq!(pass(&sampling, &mut clock, 50_000.0, 5.0).1, [7]);
        let (chosen, exponents) = pass(&sampling, &mut clock, 3000.0, 5.0);
        assert!(exponents.is_sorted_by(|one, other| one > other), "{exponents:?}");
        assert!((1000..5500).contains(&chosen), "{chosen}");
        assert!((2..=3).contains(&sampling.exponent()));
    }

    #[test]
    fn after_a_long_silence_every_record_counts_again() {
        let (sampling, mut clock) = (Sampling::new(1, Some(10)), 0.0);
        pass(&sampling, &mut clock, 100_000.0, 10.0);
        assert!(sampling.exponent() > 10);
        clock += 1000.0;
        pass(&sampling, &mut clock, 1.0, 20.0);
        assert_eq!(sampling.interval(), 1);
    }
}
