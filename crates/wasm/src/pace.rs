//! The speed of the virtual clock relative to real time.

use std::cell::Cell;
use std::time::Duration;

/// Slows the virtual clock down. It counts only the time in which the run may continue: while it is paused, or waits
/// for the page, [`Pace::rest`] is called.
#[derive(Debug, Default)]
pub struct Pace {
    /// Simulated seconds per real second; 0 means as fast as possible.
    factor: Cell<f64>,
    is_set: Cell<bool>,
    /// A real time and the virtual time it corresponds to.
    begin: Cell<Option<(Duration, Duration)>>,
}

impl Pace {
    /// A page that was asleep, or a machine that is too slow, doesn't catch up on all the time it missed.
    const MAX_DELAY: Duration = Duration::from_millis(250);

    /// Sets how many simulated seconds pass per real second; 0 or infinity means as fast as possible.
    pub fn set(&self, factor: f64) {
        self.is_set.set(true);
        self.factor.set(if factor.is_finite() && factor > 0.0 { factor } else { 0.0 });
        self.rest();
    }

    /// Returns whether a pace was set: then somebody watches.
    pub fn is_set(&self) -> bool {
        self.is_set.get()
    }

    /// Stops counting time until the next [`Pace::wait`].
    pub fn rest(&self) {
        self.begin.set(None);
    }

    /// Returns how long to wait, in real time, before the virtual clock advances from `now` to `next`.
    pub fn wait(&self, now: Duration, next: Duration, real: impl FnOnce() -> Duration) -> Duration {
        let factor = self.factor.get();
        if factor == 0.0 {
            return Duration::ZERO;
        }
        let real = real();
        let begin = match self.begin.get() {
            Some((real_begin, begin)) if real <= due(real_begin, begin, now, factor) + Self::MAX_DELAY => {
                (real_begin, begin)
            }
            _ => (real, now),
        };
        self.begin.set(Some(begin));
        due(begin.0, begin.1, next, factor).saturating_sub(real)
    }

    /// Returns the virtual time at this moment, between `now`, the time of the clock, and `next`, the time it advances
    /// to.
    pub fn between(&self, now: Duration, next: Option<Duration>, real: impl FnOnce() -> Duration) -> Duration {
        let (Some((real_begin, begin)), Some(next)) = (self.begin.get(), next) else { return now };
        let passed = real().saturating_sub(real_begin).as_secs_f64() * self.factor.get();
        (begin + seconds(passed)).clamp(now, next.max(now))
    }
}

/// Returns the real time at which the virtual clock reaches `time`.
fn due(real_begin: Duration, begin: Duration, time: Duration, factor: f64) -> Duration {
    real_begin + seconds(time.saturating_sub(begin).as_secs_f64() / factor)
}

/// Returns a duration that is within the range of any clock.
fn seconds(seconds: f64) -> Duration {
    const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 3600);
    Duration::try_from_secs_f64(seconds).map_or(CENTURY, |time| time.min(CENTURY))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn without_a_pace_nothing_waits() {
        let pace = Pace::default();
        let asks_no_clock = || unreachable!("it costs time");
        assert_eq!(pace.wait(at(0), at(9000), asks_no_clock), Duration::ZERO);
        for factor in [0.0, f64::INFINITY, f64::NAN, -1.0] {
            pace.set(factor);
            assert_eq!(pace.wait(at(0), at(9000), asks_no_clock), Duration::ZERO);
        }
    }

    #[test]
    fn the_clock_is_held_back() {
        let pace = Pace::default();
        pace.set(0.5);
        assert_eq!(pace.wait(at(0), at(10), || at(1000)), at(20));
        assert_eq!(pace.between(at(0), Some(at(10)), || at(1010)), at(5));
        assert_eq!(pace.between(at(0), Some(at(10)), || at(1900)), at(10));
        assert_eq!(pace.wait(at(0), at(10), || at(1015)), at(5));
        // It came a little late: the next one doesn't.
        assert_eq!(pace.wait(at(10), at(20), || at(1025)), at(15));
    }

    #[test]
    fn what_was_missed_is_not_made_up_for() {
        let pace = Pace::default();
        pace.set(2.0);
        assert_eq!(pace.wait(at(0), at(10), || at(0)), at(5));
        assert_eq!(pace.wait(at(0), at(10), || at(10_000)), at(5));
        pace.rest();
        assert_eq!(pace.between(at(0), Some(at(10)), || at(11_000)), at(0));
        assert_eq!(pace.wait(at(0), at(10), || at(10_100)), at(5));
    }
}
