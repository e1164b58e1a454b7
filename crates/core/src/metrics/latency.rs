//! How long records took, as histograms of bounded size.
//!
//! Each consumer that writes a file has its own [`Latencies`], which only it writes and anyone may read: no lock, and no
//! atomic operation other than loads and stores. All records of a batch have the same latency, so a batch costs one
//! entry.
//!
//! The buckets are log-linear, as those of [HdrHistogram](https://hdrhistogram.github.io/HdrHistogram/): each power of
//! two nanoseconds is divided into 32. A percentile is off by at most 1.6 %; counts, means and maxima are exact.

use serde::{Deserialize, Serialize};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The records of one outcome, during the run or at its end.
#[derive(Debug, Default)]
pub struct Latencies {
    from_production: Histogram,
    /// Only once any record was produced later than it was due.
    from_due: OnceLock<Histogram>,
}

/// The times of a batch of records.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// When the Producer made them.
    pub produced: Duration,
    /// When they were due by the rate limit.
    pub due: Duration,
    /// When the consumer wrote them.
    pub written: Duration,
}

impl Latencies {
    /// Adds this many records. Only one thread may do so at a time.
    #[inline]
    pub fn add(&self, times: Times, records: u64) {
        let Times { produced, due, written } = times;
        match self.from_due.get() {
            Some(from_due) => from_due.add(written.saturating_sub(due), records),
            None if due == produced => {}
            None => {
                let from_due = self.from_due.get_or_init(|| self.from_production.copy());
                from_due.add(written.saturating_sub(due), records);
            }
        }
        self.from_production.add(written.saturating_sub(produced), records);
    }

    /// Returns the current figures.
    pub fn metrics(&self) -> LatencyMetrics {
        let from_production = self.from_production.distribution();
        let from_due = self.from_due.get().map_or_else(|| from_production.clone(), Histogram::distribution);
        LatencyMetrics { from_production, from_due }
    }
}

/// How long records took to be written, or to be handed to the file, which may hold them back for up to 20 ms.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct LatencyMetrics {
    /// From when the Producer made them.
    pub from_production: Distribution,
    /// From when they were due by the rate limit, which is earlier if the pipeline held the Producer up. The records of
    /// a batch are due with its first one. Without a rate limit, the same as `from_production`.
    pub from_due: Distribution,
}

/// Figures of a distribution of times; all 0 if there are none. Percentiles are at most 1.6 % off, the others are exact.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Distribution {
    /// The number of records.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub count: u64,
    /// The arithmetic mean.
    pub mean_seconds: f64,
    /// The median.
    pub p50_seconds: f64,
    /// 90 % took at most this long.
    pub p90_seconds: f64,
    /// 99 % took at most this long.
    pub p99_seconds: f64,
    /// The longest.
    pub max_seconds: f64,
}

/// Each power of two has this many buckets.
const BUCKETS_BITS: u32 = 5;
const BUCKETS: usize = 1 << BUCKETS_BITS;

/// Longer times, from 78 hours on, share the last bucket.
const MAX_BITS: u32 = 48;

const ALL_BUCKETS: usize = (MAX_BITS - BUCKETS_BITS + 1) as usize * BUCKETS;

#[derive(Debug)]
struct Histogram {
    buckets: Box<[AtomicU64]>,
    count: AtomicU64,
    /// In nanoseconds; the bits of a float, since a sum of nanoseconds may exceed 64 bits.
    sum: AtomicU64,
    max: AtomicU64,
}

impl Default for Histogram {
    fn default() -> Histogram {
        Histogram {
            buckets: (0..ALL_BUCKETS).map(|_| AtomicU64::new(0)).collect(),
            count: AtomicU64::new(0),
            sum: AtomicU64::new(0f64.to_bits()),
            max: AtomicU64::new(0),
        }
    }
}

/// Returns the bucket of a time in nanoseconds.
#[inline]
fn bucket_of(nanos: u64) -> usize {
    let nanos = nanos.min((1 << MAX_BITS) - 1);
    let shift = (nanos | 1).ilog2().saturating_sub(BUCKETS_BITS);
    shift as usize * BUCKETS + (nanos >> shift) as usize
}

/// Returns the time in the middle of a bucket, in nanoseconds.
fn middle_of(bucket: usize) -> u64 {
    let shift = (bucket / BUCKETS).saturating_sub(1);
    let first = ((bucket - shift * BUCKETS) as u64) << shift;
    first + ((1 << shift) - 1) / 2
}

impl Histogram {
    /// There is only one writer, so nothing is lost between the load and the store.
    #[inline]
    fn add(&self, time: Duration, records: u64) {
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let bump = |cell: &AtomicU64| cell.store(cell.load(Ordering::Relaxed) + records, Ordering::Relaxed);
        if let Some(bucket) = self.buckets.get(bucket_of(nanos)) {
            bump(bucket);
        }
        bump(&self.count);
        let sum = f64::from_bits(self.sum.load(Ordering::Relaxed)) + nanos as f64 * records as f64;
        self.sum.store(sum.to_bits(), Ordering::Relaxed);
        if nanos > self.max.load(Ordering::Relaxed) {
            self.max.store(nanos, Ordering::Relaxed);
        }
    }

    fn copy(&self) -> Histogram {
        let copy = |cell: &AtomicU64| AtomicU64::new(cell.load(Ordering::Relaxed));
        Histogram {
            buckets: self.buckets.iter().map(copy).collect(),
            count: copy(&self.count),
            sum: copy(&self.sum),
            max: copy(&self.max),
        }
    }

    fn distribution(&self) -> Distribution {
        let buckets: Vec<u64> = self.buckets.iter().map(|bucket| bucket.load(Ordering::Relaxed)).collect();
        // Counted again: during the run, it may be ahead of `count`.
        let count: u64 = buckets.iter().sum();
        if count == 0 {
            return Distribution::default();
        }
        let max = self.max.load(Ordering::Relaxed);
        let seconds = |nanos: u64| nanos as f64 / 1e9;
        let percentile = |percent: u64| {
            // The nearest rank.
            let rank = (u128::from(count) * u128::from(percent)).div_ceil(100);
            let mut below = 0u128;
            let bucket = buckets.iter().position(|&records| {
                below += u128::from(records);
                below >= rank
            });
            seconds(bucket.map_or(max, middle_of).min(max))
        };
        Distribution {
            count,
            mean_seconds: f64::from_bits(self.sum.load(Ordering::Relaxed)) / 1e9 / count as f64,
            p50_seconds: percentile(50),
            p90_seconds: percentile(90),
            p99_seconds: percentile(99),
            max_seconds: seconds(max),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn nanos(nanos: u64) -> Duration {
        Duration::from_nanos(nanos)
    }

    #[test]
    fn buckets_follow_each_other() {
        for bits in 0..MAX_BITS {
            for nanos in [(1u64 << bits) - 1, 1 << bits, (1 << bits) + 1] {
                let step = bucket_of(nanos + 1) - bucket_of(nanos);
                assert!(step <= 1, "{nanos}");
            }
        }
        assert_eq!((bucket_of(0), bucket_of(u64::MAX)), (0, ALL_BUCKETS - 1));
    }

    #[test]
    fn without_records_there_are_no_times() {
        assert_eq!(Latencies::default().metrics(), LatencyMetrics::default());
    }

    #[test]
    fn what_was_late_counts_from_when_it_was_due() {
        let latencies = Latencies::default();
        let add = |due, produced, written, records| {
            latencies.add(Times { due: nanos(due), produced: nanos(produced), written: nanos(written) }, records);
        };
        add(10, 10, 30, 3);
        add(20, 50, 60, 1);
        add(70, 70, 80, 1);
        let LatencyMetrics { from_production, from_due } = latencies.metrics();
        assert_eq!((from_production.count, from_due.count), (5, 5));
        assert_eq!((from_production.max_seconds, from_due.max_seconds), (20e-9, 40e-9));
        assert!((from_production.mean_seconds - 16e-9).abs() < 1e-18, "{from_production:?}");
        assert!((from_due.mean_seconds - 22e-9).abs() < 1e-18, "{from_due:?}");
        assert_eq!((from_due.p50_seconds, from_due.p90_seconds), (20e-9, 40e-9));
    }

    proptest! {
        #[test]
        fn percentiles_are_close(times in proptest::collection::vec((0u64..1 << 47, 0u32..48), 1..200)) {
            let mut times: Vec<u64> = times.into_iter().map(|(time, shift)| time >> shift).collect();
            let histogram = Histogram::default();
            times.iter().for_each(|&time| histogram.add(nanos(time), 1));
            times.sort_unstable();
            let found = histogram.distribution();
            for (percent, found) in [(50, found.p50_seconds), (90, found.p90_seconds), (99, found.p99_seconds)] {
                let exact = times[(times.len() * percent).div_ceil(100) - 1] as f64 / 1e9;
                prop_assert!((found - exact).abs() <= exact / 64.0 + 1e-15, "p{}: {} is not {}", percent, found, exact);
            }
            prop_assert_eq!(found.max_seconds, times[times.len() - 1] as f64 / 1e9);
        }
    }
}
