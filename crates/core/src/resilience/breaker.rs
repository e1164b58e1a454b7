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
/// A report of a try that was allowed before the breaker last opened or closed changes nothing.
///
/// ```
/// use clearpipe_core::resilience::Breaker;
/// use std::time::Duration;
///
/// let at = Duration::from_secs;
/// let mut breaker = Breaker::new(2, at(10));
/// for _ in 0..2 {
///     let closed = breaker.allows(at(0)).unwrap();
///     breaker.fails(closed, at(1));
/// }
/// assert!(breaker.allows(at(10)).is_none(), "open until 11 s");
/// let trial = breaker.allows(at(11)).unwrap();
/// assert!(breaker.allows(at(12)).is_none(), "half-open: one try at a time");
/// breaker.succeeds(trial);
/// assert!(breaker.allows(at(13)).is_some(), "closed");
/// ```
#[derive(Clone, Debug)]
pub struct Breaker {
    failures: u64,
    pause: Duration,
    state: State,
    /// How often it has changed between closed, open and half-open.
    changes: u64,
}

/// A try that a [`Breaker`] has allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// The changes of the breaker until then.
    changes: u64,
}

impl Breaker {
    /// Creates a closed breaker that opens after this many failures in a row, for this long.
    pub fn new(failures: u64, pause: Duration) -> Breaker {
        Breaker { failures, pause, state: State::Closed { failures: 0 }, changes: 0 }
    }

    /// Returns whether something may be tried now. If so, the caller reports how it went.
    pub fn allows(&mut self, now: Duration) -> Option<Allowed> {
        match self.state {
            State::Closed { .. } => {}
            State::Open { until } if now >= until => self.change(State::HalfOpen),
            State::Open { .. } | State::HalfOpen => return None,
        }
        Some(Allowed { changes: self.changes })
    }

    /// Reports that a try succeeded.
    pub fn succeeds(&mut self, Allowed { changes }: Allowed) {
        match self.state {
            _ if changes != self.changes => {}
            State::Closed { .. } => self.state = State::Closed { failures: 0 },
            State::HalfOpen => self.change(State::Closed { failures: 0 }),
            State::Open { .. } => {}
        }
    }

    /// Reports that a try failed.
    pub fn fails(&mut self, Allowed { changes }: Allowed, now: Duration) {
        match self.state {
            _ if changes != self.changes => {}
            State::Closed { failures } if failures + 1 < self.failures => {
                self.state = State::Closed { failures: failures + 1 };
            }
            State::Closed { .. } | State::HalfOpen => self.change(State::Open { until: now + self.pause }),
            State::Open { .. } => {}
        }
    }

    fn change(&mut self, state: State) {
        self.state = state;
        self.changes += 1;
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
            let closed = breaker.allows(at(second)).unwrap();
            if second % 3 < 2 {
                breaker.fails(closed, at(second));
            } else {
                breaker.succeeds(closed);
            }
        }
        let closed = breaker.allows(at(9)).unwrap();
        (0..3).for_each(|_| breaker.fails(closed, at(9)));
        assert_eq!(breaker.allows(at(18)), None);
    }

    #[test]
    fn a_failed_trial_opens_it_again() {
        let mut breaker = Breaker::new(1, at(10));
        let closed = breaker.allows(at(0)).unwrap();
        breaker.fails(closed, at(0));
        assert_eq!(breaker.allows(at(9)), None);
        let trial = breaker.allows(at(10)).unwrap();
        breaker.fails(trial, at(11));
        assert_eq!(breaker.allows(at(20)), None);
        assert!(breaker.allows(at(21)).is_some());
    }

    #[test]
    fn tries_from_before_decide_nothing() {
        let mut breaker = Breaker::new(1, at(10));
        let early = breaker.allows(at(0)).unwrap();
        breaker.fails(early, at(1));
        let trial = breaker.allows(at(11)).unwrap();
        breaker.succeeds(early);
        assert_eq!(breaker.allows(at(12)), None, "the trial isn't over");
        breaker.fails(early, at(13));
        breaker.succeeds(trial);
        assert!(breaker.allows(at(14)).is_some(), "the early failure hasn't opened it again");
        breaker.fails(early, at(15));
        breaker.fails(trial, at(15));
        assert!(breaker.allows(at(16)).is_some(), "nor does it now that it is closed");
    }
}
