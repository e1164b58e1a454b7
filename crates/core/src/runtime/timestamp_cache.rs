//! Remembers when the last task on this thread stopped running, so that the clock needn't be read again for the next
//! one.
//!
//! A task that was ready by then begins right after it: the thread had no reason to be idle in between.

use std::cell::Cell;
use std::time::Duration;

thread_local!(static LAST: Cell<(u64, Duration)> = const { Cell::new((NO_RUN, Duration::ZERO)) });

const NO_RUN: u64 = 0;

/// Stores the time of the run at which one of its tasks has stopped on this thread.
pub fn set(run: u64, time: Duration) {
    LAST.set((run, time));
}

/// Returns when the last task stopped, if it belonged to the same run and the new task was already ready at that time.
pub fn at_least(run: u64, ready_since: Duration) -> Option<Duration> {
    let (last_run, time) = LAST.get();
    (last_run == run && ready_since <= time).then_some(time)
}

/// Clears the time, since the thread has done something else.
pub fn forget() {
    LAST.set((NO_RUN, Duration::ZERO));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_ready_follows_at_once() {
        let at = Duration::from_millis;
        assert_eq!(at_least(1, at(0)), None);
        set(1, at(5));
        assert_eq!([at(4), at(5), at(6)].map(|ready| at_least(1, ready)), [Some(at(5)), Some(at(5)), None]);
        assert_eq!(at_least(2, at(4)), None);
        forget();
        assert_eq!(at_least(1, at(4)), None);
    }
}
