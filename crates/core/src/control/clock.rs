//! The clock of a run: the runtime's clock, but it starts with the run and stops while the run is paused.

use crate::runtime::Runtime;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Marks a stopped clock.
const STILL: u64 = 1 << 63;

/// The time of a run, without pauses. Never goes back, and is the same for all threads.
pub struct RunClock {
    runtime: Arc<dyn Runtime>,
    /// The time at which the clock stopped, marked with [`STILL`], or how far it is behind the runtime's clock, in
    /// nanoseconds.
    state: AtomicU64,
}

impl RunClock {
    /// Creates a clock that starts now.
    pub fn new(runtime: Arc<dyn Runtime>) -> RunClock {
        let behind = nanos(runtime.now());
        RunClock { runtime, state: AtomicU64::new(behind) }
    }

    /// Returns the time since the run began.
    pub fn now(&self) -> Duration {
        loop {
            let state = self.state.load(Ordering::Acquire);
            if state & STILL != 0 {
                return Duration::from_nanos(state & !STILL);
            }
            let now = nanos(self.runtime.now());
            // With a pause in between, the time would be too late for later events.
            if self.state.load(Ordering::Acquire) == state {
                return Duration::from_nanos(now.saturating_sub(state));
            }
        }
    }

    /// Stops the clock. Calls must not overlap.
    pub fn stop(&self) {
        self.state.store(nanos(self.now()) | STILL, Ordering::Release);
    }

    /// Continues the clock. Calls must not overlap.
    pub fn go(&self) {
        let state = self.state.load(Ordering::Acquire);
        if state & STILL != 0 {
            let behind = nanos(self.runtime.now()).saturating_sub(state & !STILL);
            self.state.store(behind, Ordering::Release);
        }
    }
}

/// The upper bit is free for 292 years.
fn nanos(time: Duration) -> u64 {
    time.as_nanos() as u64 & !STILL
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::Virtual;

    #[test]
    fn a_pause_is_no_time() {
        let runtime = Virtual::new(1, 0);
        let pass = |millis| {
            let time = runtime.sleep(Duration::from_millis(millis));
            runtime.block_on(time).unwrap();
        };
        pass(7);
        let clock = RunClock::new(Arc::new(runtime.clone()));
        let millis = || clock.now().as_millis();
        assert_eq!(millis(), 0);
        pass(5);
        assert_eq!(millis(), 5);
        for _ in 0..2 {
            let before = millis();
            clock.stop();
            pass(100);
            assert_eq!(millis(), before);
            clock.stop();
            pass(100);
            clock.go();
            assert_eq!(millis(), before);
            clock.go();
            pass(3);
            assert_eq!(millis(), before + 3);
        }
    }
}
