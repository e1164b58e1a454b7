//! A circuit breaker: after some failures in a row, nothing is tried for a while.
//!
//! See Nygard, "Release It!" (2nd edition, 2018), chapter 5.

use std::time::Duration;

/// The state of a circuit breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Everything is tried. So many tries have failed since the last one that succeeded.
    Closed { failures: u64 },
    /// Nothing is tried until this time.
    Open { until: Duration },
    /// One try is under way, and decides.
    HalfOpen,
}

/// A circuit breaker. It is *closed* while all is well. When `failures` tries have failed in a row, it *opens*: nothing is
/// tried for a while. Then it is *half-open*: a single try decides whether it closes or opens again.
///
/// ```
/// use clearpipe_core::resilience::Breaker;
/// use std::time::Duration;
///
/// let at = Duration::from_secs;
/// let mut breaker = Breaker::new(2, at(10));
/// for _ in 0..2 {
///     assert!(breaker.allows(at(0)));
///     breaker.fails(at(1));
/// }
/// assert!(!breaker.allows(at(10)), "open until 11 s");
/// assert!(breaker.allows(at(11)), "half-open");
/// assert!(!breaker.allows(at(12)), "one try at a time");
/// breaker.succeeds();
/// assert!(breaker.allows(at(13)), "closed");
/// ```
#[derive(Clone, Debug)]
pub struct Breaker {
    failures: u64,
    pause: Duration,
    state: State,
}

impl Breaker {
    /// Creates a closed breaker that opens after this many failures in a row, for this long.
    pub fn new(failures: u64, pause: Duration) -> Breaker {
        Breaker { failures, pause, state: State::Closed { failures: 0 } }
    }

    /// Returns whether something may be tried now. If so, the caller reports how it went.
    pub fn allows(&mut self, now: Duration) -> bool {
        match self.state {
            State::Closed { .. } => true,
            State::Open { until } if now >= until => {
                self.state = State::HalfOpen;
                true
            }
            State::Open { .. } | State::HalfOpen => false,
        }
    }

    /// Reports that a try succeeded.
    pub fn succeeds(&mut self) {
        match self.state {
            State::Closed { .. } | State::HalfOpen => self.state = State::Closed { failures: 0 },
            // It began before the breaker opened.
            State::Open { .. } => {}
        }
    }

    /// Reports that a try failed.
    pub fn fails(&mut self, now: Duration) {
        match self.state {
            State::Closed { failures } if failures + 1 < self.failures => {
                self.state = State::Closed { failures: failures + 1 };
            }
            State::Closed { .. } | State::HalfOpen => self.state = State::Open { until: now + self.pause },
            // It began before the breaker opened.
            State::Open { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn only_failures_in_a_row_open_it() {
        let mut breaker = Breaker::new(3, at(10));
        for second in 0..9 {
            assert!(breaker.allows(at(second)));
            if second % 3 < 2 {
                breaker.fails(at(second));
            } else {
                breaker.succeeds();
            }
        }
        (0..3).for_each(|_| breaker.fails(at(9)));
        assert!(!breaker.allows(at(18)));
    }

    #[test]
    fn a_failed_trial_opens_it_again_and_late_reports_change_nothing() {
        let mut breaker = Breaker::new(1, at(10));
        breaker.fails(at(0));
        // Tries that had begun before.
        breaker.succeeds();
        breaker.fails(at(5));
        assert!(!breaker.allows(at(9)));
        assert!(breaker.allows(at(10)));
        breaker.fails(at(11));
        assert!(!breaker.allows(at(20)));
        assert!(breaker.allows(at(21)));
    }
}
