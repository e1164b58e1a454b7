//! The interface for observing a channel.

use std::time::Duration;

/// What an end of a channel waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// For an item to receive.
    ToReceive,
    /// For room to send.
    ToSend,
}

/// Observes an end of a channel. It is cloned for each send that has to wait; `()` observes nothing.
///
/// [`sent`](Observer::sent), [`received`](Observer::received), [`blocked`](Observer::blocked),
/// [`unblocked`](Observer::unblocked) and [`dropped`](Observer::dropped) are called under the channel's lock. Their
/// order is the order of events, and they must be fast and must not use the channel.
pub trait Observer<T>: Clone {
    /// Called when items of the sender have entered the channel.
    fn sent(&self, items: &[T]) {
        let _ = items;
    }

    /// Called when items have left the channel and the receiver has them.
    fn received(&self, items: &[T]) {
        let _ = items;
    }

    /// Called when there is no room for this item of the sender.
    fn blocked(&self, item: &T) {
        let _ = item;
    }

    /// Called when there is room for this item, which was reported as blocked.
    fn unblocked(&self, item: &T) {
        let _ = item;
    }

    /// Called when the channel drops items because it is full: those that the sender wants to send, or older ones.
    fn dropped(&self, items: &[T]) {
        let _ = items;
    }

    /// Called when the task is about to stop running and wait.
    fn waits(&self, wait: Wait) {
        let _ = wait;
    }

    /// Called when the task continues: it no longer waits, or didn't have to. `received` is the number of records
    /// received.
    fn goes_on(&self, received: usize) {
        let _ = received;
    }

    /// Returns whether a waiting receiver must stop, as if the channel were closed.
    fn is_cancelled(&self) -> bool {
        false
    }

    /// Returns how long the task has been blocked so far, in total. The channel adds up the differences.
    fn blocked_time(&self) -> Duration {
        Duration::ZERO
    }
}

impl<T> Observer<T> for () {}
