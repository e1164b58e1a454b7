//! How a worker spends its time: it waits for something to receive, it is blocked since it can't send, or it is busy.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::Duration;

/// What a worker does at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum State {
    /// It works on a record, or is ready to and waits for a thread.
    Busy = 0,
    /// It waits for something to receive.
    Waiting = 1,
    /// It can't send, since a channel is full.
    Blocked = 2,
    /// It has ended, or not begun.
    Gone = 3,
}

/// The account of one worker's time. Written by the worker alone, read by anybody.
#[derive(Debug)]
pub struct Activity {
    state: AtomicU8,
    since: AtomicU64,
    spent: [AtomicU64; 3],
    records: AtomicU64,
}

impl Default for Activity {
    fn default() -> Self {
        Activity {
            state: AtomicU8::new(State::Gone as u8),
            since: AtomicU64::new(0),
            spent: Default::default(),
            records: AtomicU64::new(0),
        }
    }
}

/// The time that a worker has spent, by what it did.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spent {
    /// Working, or ready to.
    pub busy: Duration,
    /// Waiting for something to receive.
    pub waiting: Duration,
    /// Blocked by a full channel.
    pub blocked: Duration,
}

impl Activity {
    /// The worker does something else from `now` on. Called only where it really has to wait, so that its work is not
    /// slowed down by looking at the clock.
    pub fn enter(&self, state: State, now: Duration) {
        let now = now.as_nanos() as u64;
        let before = self.state.swap(state as u8, Ordering::Relaxed);
        let since = self.since.swap(now, Ordering::Relaxed);
        if let Some(spent) = self.spent.get(before as usize) {
            // One writer: no read-modify-write needed.
            spent.store(spent.load(Ordering::Relaxed) + now.saturating_sub(since), Ordering::Relaxed);
        }
    }

    /// The worker has taken up so many records more.
    pub fn count(&self, records: usize) {
        self.records.store(self.records.load(Ordering::Relaxed) + records as u64, Ordering::Relaxed);
    }

    /// How many records the worker has taken up.
    pub fn records(&self) -> u64 {
        self.records.load(Ordering::Relaxed)
    }

    /// What the worker does now.
    pub fn state(&self) -> State {
        match self.state.load(Ordering::Relaxed) {
            0 => State::Busy,
            1 => State::Waiting,
            2 => State::Blocked,
            _ => State::Gone,
        }
    }

    /// How it has spent its time up to `now`.
    pub fn spent(&self, now: Duration) -> Spent {
        let mut spent = self.spent.each_ref().map(|spent| Duration::from_nanos(spent.load(Ordering::Relaxed)));
        let since = Duration::from_nanos(self.since.load(Ordering::Relaxed));
        if let Some(current) = spent.get_mut(self.state() as usize) {
            *current += now.saturating_sub(since);
        }
        Spent { busy: spent[0], waiting: spent[1], blocked: spent[2] }
    }
}
