//! A queue for each receiver of a channel, beside the shared one.
//!
//! The items stay in one queue, in the order in which they were sent; each has a receiver that it was sent to, in turn.
//! This is slower than the shared queue: it exists so that the two can be compared.

use std::collections::VecDeque;

/// How the receivers of a channel share its items.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sharing {
    /// One queue: whoever is free takes the next item.
    #[default]
    Shared,
    /// A queue for each receiver. Items are put into the queues in turn, and wait there for their receiver.
    PerReceiver,
    /// The same, but a receiver whose queue is empty takes the first item of the longest queue.
    Stealing,
}

/// Identifies a receiver of a channel.
pub(super) type ReceiverId = u32;

/// The queues of the receivers.
pub(super) struct Lanes {
    steals: bool,
    /// By item, in the order of the channel's queue: its receiver.
    of_items: VecDeque<ReceiverId>,
    /// The receivers, in the order in which they were created.
    receivers: Vec<ReceiverId>,
    /// How many items have been put into queues so far.
    turns: usize,
}

impl Lanes {
    /// Creates the queues, if there is more than the shared one.
    pub fn new(sharing: Sharing) -> Option<Lanes> {
        let steals = match sharing {
            Sharing::Shared => return None,
            Sharing::PerReceiver => false,
            Sharing::Stealing => true,
        };
        Some(Lanes { steals, of_items: VecDeque::new(), receivers: Vec::new(), turns: 0 })
    }

    /// Adds a receiver.
    pub fn join(&mut self, receiver: ReceiverId) {
        self.receivers.push(receiver);
    }

    /// Removes a receiver. Its items are given to the others in turn.
    pub fn leave(&mut self, receiver: ReceiverId) {
        self.receivers.retain(|&other| other != receiver);
        for at in 0..self.of_items.len() {
            if self.of_items[at] == receiver {
                self.of_items[at] = self.next();
            }
        }
    }

    /// Puts an item that was added to the channel's queue into the queue of a receiver. Returns the receiver.
    pub fn push(&mut self) -> ReceiverId {
        let receiver = self.next();
        self.of_items.push_back(receiver);
        receiver
    }

    fn next(&mut self) -> ReceiverId {
        self.turns += 1;
        // Without receivers, the channel is closed and its items are dropped.
        self.receivers.get((self.turns - 1) % self.receivers.len().max(1)).copied().unwrap_or_default()
    }

    /// Returns the position, in the channel's queue, of the item that a receiver gets next, if there is any.
    pub fn position_for(&self, receiver: ReceiverId) -> Option<usize> {
        let first_of = |receiver| self.of_items.iter().position(|&other| other == receiver);
        first_of(receiver).or_else(|| self.steals.then(|| self.longest().and_then(first_of)).flatten())
    }

    /// Returns the receiver with the longest queue; of those, the one with the oldest item.
    fn longest(&self) -> Option<ReceiverId> {
        let mut lengths: Vec<(ReceiverId, usize)> = Vec::new();
        for &receiver in &self.of_items {
            match lengths.iter_mut().find(|(other, _)| *other == receiver) {
                Some((_, length)) => *length += 1,
                None => lengths.push((receiver, 1)),
            }
        }
        lengths.into_iter().rev().max_by_key(|&(_, length)| length).map(|(receiver, _)| receiver)
    }

    /// Removes the item at a position of the channel's queue.
    pub fn remove(&mut self, at: usize) {
        self.of_items.remove(at);
    }

    /// Returns whether a receiver may take an item that was put into the queue of another one.
    pub fn may_take(&self, receiver: ReceiverId, owner: ReceiverId) -> bool {
        self.steals || receiver == owner
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receiver_steals_only_when_its_queue_is_empty_and_then_from_the_longest() {
        for (sharing, steals) in [(Sharing::PerReceiver, false), (Sharing::Stealing, true)] {
            let mut lanes = Lanes::new(sharing).unwrap();
            (1..=3).for_each(|receiver| lanes.join(receiver));
            assert_eq!([(); 7].map(|()| lanes.push()), [1, 2, 3, 1, 2, 3, 1]);
            assert_eq!(lanes.position_for(2), Some(1));
            lanes.remove(1);
            lanes.remove(3);
            // Left: 1 3 1 3 1.
            assert_eq!(lanes.position_for(2), steals.then_some(0));
            lanes.leave(1);
            // Left: 3 3 2 3 3, in turn.
            assert_eq!(lanes.position_for(2), Some(2));
            assert_eq!(lanes.position_for(3), Some(0));
        }
        assert!(Lanes::new(Sharing::Shared).is_none());
    }
}
