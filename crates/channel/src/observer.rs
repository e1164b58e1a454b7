//! What a channel reports of itself.

use std::time::Duration;

/// What an end of a channel waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// For an item to receive.
    ToReceive,
    /// For room to send.
    ToSend,
}

/// Whoever holds an end of a channel, and is told what happens there. Cloned for each send that has to wait; `()` observes
/// nothing.
///
/// [`sent`](Observer::sent), [`received`](Observer::received), [`blocked`](Observer::blocked) and
/// [`unblocked`](Observer::unblocked) are called under the lock of the channel: their order is the order of events, and
/// they must be quick and must not use the channel.
pub trait Observer<T>: Clone {
    /// These items of the sender have entered the channel.
    fn sent(&self, items: &[T]) {
        let _ = items;
    }

    /// These items have left the channel, and the receiver has them now.
    fn received(&self, items: &[T]) {
        let _ = items;
    }

    /// There is no room for this item of the sender.
    fn blocked(&self, item: &T) {
        let _ = item;
    }

    /// There is room now for this item, which was reported as blocked.
    fn unblocked(&self, item: &T) {
        let _ = item;
    }

    /// The task will stop running, and waits for this.
    fn waits(&self, wait: Wait) {
        let _ = wait;
    }

    /// The task goes on: it no longer waits, or did not have to. If it has received anything, with so many records.
    fn goes_on(&self, received: usize) {
        let _ = received;
    }

    /// Whether a receiver that waits is to stop, as if the channel were closed.
    fn is_cancelled(&self) -> bool {
        false
    }

    /// How long the task has been blocked so far, in total. The channel adds up the differences.
    fn blocked_time(&self) -> Duration {
        Duration::ZERO
    }
}

impl<T> Observer<T> for () {}
