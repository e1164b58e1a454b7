//! Accounts for a worker's time: it is busy, ready but without a thread, waiting for something to receive, or blocked
//! because it can't send.
//!
//! The clock is read only when the worker's task is woken, when it stops, and when it begins to run, unless that is
//! right after another task. The component that made it wait, such as a channel, sets the reason why it stopped, at no
//! cost.

use clearpipe_channel::sync::atomic::{self, AtomicU8, AtomicU32, AtomicU64, Ordering};
use clearpipe_channel::sync::{Site, fence, ordering};
use std::time::Duration;

/// The start of a change, after the version has become odd.
const BEGINS: Site = Site("activity begins");

/// The end of a change.
const ENDS: Site = Site("activity ends");

/// The state of a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum State {
    /// It works on a record, or takes a service time.
    Busy = 0,
    /// It could continue, but waits for a thread or a core.
    Ready = 1,
    /// It can't send because a channel is full.
    Blocked = 2,
    /// It waits for something to receive.
    Waiting = 3,
    /// It has exited, or hasn't started.
    Gone = 4,
}

/// The time account of one worker. The thread that runs or wakes its task writes it, one at a time; any thread may read
/// it.
#[derive(Debug)]
pub struct Activity {
    /// Odd while the account is being changed, so that no reader sees half of a change.
    version: AtomicU32,
    state: AtomicU8,
    since: AtomicU64,
    /// By state. For the rest of the run, the worker was waiting or didn't exist.
    spent: [AtomicU64; 3],
    /// The state to enter when its task stops running.
    stops_as: AtomicU8,
    records: AtomicU64,
}

impl Default for Activity {
    fn default() -> Self {
        Activity {
            version: AtomicU32::new(0),
            state: AtomicU8::new(State::Gone as u8),
            since: AtomicU64::new(0),
            spent: std::array::from_fn(|_| AtomicU64::new(0)),
            stops_as: AtomicU8::new(State::Busy as u8),
            records: AtomicU64::new(0),
        }
    }
}

/// The time that a worker has spent in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spent {
    /// Working, or taking a service time.
    pub busy: Duration,
    /// Ready, without a thread or core.
    pub ready: Duration,
    /// Blocked by a full channel.
    pub blocked: Duration,
}

impl Activity {
    /// Reports that its task begins to run.
    pub fn run(&self, now: Duration) {
        // If a wait doesn't set its state, it counts as work.
        self.stops_as.store(State::Busy as u8, Ordering::Relaxed);
        self.enter(State::Busy, now);
    }

    /// Reports that its task stops running: it enters the state set with [`Activity::stops_as`].
    pub fn stop(&self, now: Duration) {
        self.enter(state(self.stops_as.load(Ordering::Relaxed)), now);
    }

    /// Reports that its task was woken, and waits to be run.
    pub fn wake(&self, now: Duration) {
        self.enter(State::Ready, now);
    }

    /// Reports that its task has ended.
    pub fn end(&self, now: Duration) {
        self.enter(State::Gone, now);
    }

    /// Sets the state to enter if its task now stops running.
    pub fn stops_as(&self, state: State) {
        self.stops_as.store(state as u8, Ordering::Relaxed);
    }

    /// Waits for `future` in a given state.
    pub async fn during<T>(&self, state: State, future: impl Future<Output = T>) -> T {
        let mut future = std::pin::pin!(future);
        futures::future::poll_fn(|context| {
            let result = future.as_mut().poll(context);
            self.stops_as(if result.is_ready() { State::Busy } else { state });
            result
        })
        .await
    }

    /// Returns since when it has been in its current state.
    pub fn since(&self) -> Duration {
        Duration::from_nanos(self.since.load(Ordering::Relaxed))
    }

    /// Returns how long it had been blocked in total before its task began to run. Reads no clock.
    pub fn blocked(&self) -> Duration {
        Duration::from_nanos(self.spent[State::Blocked as usize].load(Ordering::Relaxed))
    }

    fn enter(&self, state: State, now: Duration) {
        let now = now.as_nanos() as u64;
        // There is one writer at a time: no read-modify-write needed.
        let version = self.version.load(Ordering::Relaxed);
        self.version.store(version.wrapping_add(1), Ordering::Relaxed);
        fence(BEGINS, Ordering::Release);
        let before = self.state.load(Ordering::Relaxed);
        let since = self.since.load(Ordering::Relaxed);
        if let Some(spent) = self.spent.get(before as usize) {
            spent.store(spent.load(Ordering::Relaxed) + now.saturating_sub(since), Ordering::Relaxed);
        }
        self.state.store(state as u8, Ordering::Relaxed);
        self.since.store(now, Ordering::Relaxed);
        self.version.store(version.wrapping_add(2), ordering(ENDS, Ordering::Release));
    }

    /// Counts records that the worker has taken.
    pub fn count(&self, records: usize) {
        self.records.store(self.records.load(Ordering::Relaxed) + records as u64, Ordering::Relaxed);
    }

    /// Returns how many records the worker has taken.
    pub fn records(&self) -> u64 {
        self.records.load(Ordering::Relaxed)
    }

    /// Returns the current state of the worker.
    pub fn state(&self) -> State {
        state(self.state.load(Ordering::Relaxed))
    }

    /// Returns how it has spent its time up to `now`.
    pub fn spent(&self, now: Duration) -> Spent {
        // A change takes nanoseconds, but its thread may be interrupted, and readers shouldn't wait for that.
        const TRIES: u32 = 1000;
        for _ in 0..TRIES {
            if let Some(spent) = self.try_spent(now) {
                return spent;
            }
            std::hint::spin_loop();
        }
        self.read(now)
    }

    /// Returns the same as [`Activity::spent`], unless the account is being changed.
    fn try_spent(&self, now: Duration) -> Option<Spent> {
        let version = self.version.load(Ordering::Acquire);
        let spent = self.read(now);
        atomic::fence(Ordering::Acquire);
        (version.is_multiple_of(2) && self.version.load(Ordering::Relaxed) == version).then_some(spent)
    }

    fn read(&self, now: Duration) -> Spent {
        let mut spent = self.spent.each_ref().map(|spent| Duration::from_nanos(spent.load(Ordering::Relaxed)));
        let since = self.since();
        if let Some(current) = spent.get_mut(self.state() as usize) {
            *current += now.saturating_sub(since);
        }
        Spent {
            busy: spent[State::Busy as usize],
            ready: spent[State::Ready as usize],
            blocked: spent[State::Blocked as usize],
        }
    }
}

fn state(number: u8) -> State {
    match number {
        0 => State::Busy,
        1 => State::Ready,
        2 => State::Blocked,
        3 => State::Waiting,
        _ => State::Gone,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn the_time_goes_to_what_the_worker_did() {
        let activity = Activity::default();
        activity.wake(at(5));
        activity.run(at(6));
        activity.stops_as(State::Blocked);
        activity.stop(at(10));
        assert_eq!(activity.state(), State::Blocked);
        activity.wake(at(30));
        activity.run(at(37));
        assert_eq!(activity.blocked(), at(20));
        activity.stop(at(38));
        // It stopped without a state: a service time.
        assert_eq!(activity.spent(at(40)), Spent { busy: at(7), ready: at(8), blocked: at(20) });
        activity.wake(at(40));
        activity.run(at(40));
        activity.stops_as(State::Waiting);
        activity.stop(at(41));
        activity.wake(at(50));
        activity.run(at(50));
        activity.end(at(52));
        assert_eq!(activity.spent(at(99)), Spent { busy: at(10), ready: at(8), blocked: at(20) });
    }
}

#[cfg(all(test, loom))]
mod loom_tests {
    use super::*;
    use clearpipe_channel::sync::check;
    use loom::thread;
    use std::sync::Arc;

    /// A reader sees the account before or after a change, but never in between.
    // The reader is the spawned thread: if a thread loads a value and then stores it, as the writer does, loom misses
    // interleavings with values that another thread has loaded before.
    #[test]
    fn loom_no_half_of_a_change_is_seen() {
        check(&[BEGINS, ENDS], || {
            let nanos = Duration::from_nanos;
            let activity = Arc::new(Activity::default());
            activity.run(nanos(0));
            let reader = thread::spawn({
                let activity = activity.clone();
                move || activity.try_spent(nanos(100))
            });
            activity.stops_as(State::Blocked);
            activity.stop(nanos(10));
            if let Some(spent) = reader.join().unwrap() {
                let seen = [spent.busy, spent.ready, spent.blocked].map(|time| time.as_nanos());
                assert!([[100, 0, 0], [10, 0, 90]].contains(&seen), "{seen:?}");
            }
        });
    }
}
