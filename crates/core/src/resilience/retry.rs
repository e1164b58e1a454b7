//! Whether something that failed is tried again.

use std::time::Duration;

/// How often, and for how long, something is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// The most tries, the first one included; at least 1.
    pub tries: u32,
    /// How long a try may take, from the time at which it was asked for. A try that takes longer has failed, however it
    /// ended: whoever asked for it has given up waiting. None for no limit.
    pub timeout: Option<Duration>,
}

/// How a try ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Which try it was, from 1.
    pub number: u32,
    /// How long it took since it was asked for.
    pub took: Duration,
    /// Whether it failed for a reason that may go away.
    pub has_failed: bool,
}

/// What follows from the outcome of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It has succeeded, or has failed for good.
    Done,
    /// It is tried again.
    Again,
    /// It was tried often enough.
    GivesUp {
        /// Whether the last try took too long.
        timed_out: bool,
    },
}

impl RetryPolicy {
    /// Judges a try.
    pub fn judge(&self, outcome: Outcome) -> Verdict {
        let timed_out = self.timeout.is_some_and(|timeout| outcome.took > timeout);
        match timed_out || outcome.has_failed {
            false => Verdict::Done,
            true if outcome.number < self.tries => Verdict::Again,
            true => Verdict::GivesUp { timed_out },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_try_fails_by_itself_or_by_its_time() {
        let second = Duration::from_secs(1);
        let policy = RetryPolicy { tries: 3, timeout: Some(second) };
        let judge = |number, took, has_failed| policy.judge(Outcome { number, took, has_failed });
        assert_eq!(judge(1, second, false), Verdict::Done);
        assert_eq!(judge(1, second, true), Verdict::Again);
        assert_eq!(judge(2, 2 * second, false), Verdict::Again);
        assert_eq!(judge(3, second, true), Verdict::GivesUp { timed_out: false });
        assert_eq!(judge(3, 2 * second, true), Verdict::GivesUp { timed_out: true });
        let patient = RetryPolicy { timeout: None, ..policy };
        assert_eq!(patient.judge(Outcome { number: 3, took: 9 * second, has_failed: false }), Verdict::Done);
    }
}
