//! The bounded channel between stages.
//!
//! Many senders, many receivers, first in, first out. Its capacity counts *records*, however many travel in one item,
//! and is exact: `futures::channel::mpsc` holds one more item for each sender, and has a single receiver. Waiting is
//! done by tasks, which are woken through their wakers; the ends are a [`Stream`](futures::Stream) and an async `send`.
//!
//! Several items can be sent together, and a receiver can take several of the items in the channel. Each is still
//! counted by itself and has its own turn, but they are moved under one lock. Items that a receiver has taken are no
//! longer in the channel.
//!
//! A sender that finds the channel full queues its items, as a goroutine does: the task that makes room moves them in
//! and then wakes the sender. So waiting senders keep their turn, and a receiver that takes many items in a row isn't
//! interrupted for each of them. Queued items aren't in the channel yet.
//!
//! That is the default; [`Policies`] has others. Receivers can have a queue each, and a full channel can drop items
//! instead of letting their sender wait.
//!
//! A channel closes when all its senders are gone: receivers get the remaining items and then `None`. When all its
//! receivers are gone, `send` fails. So no stage hangs when another one ends.

mod lanes;
mod receiver;
mod sender;
mod stats;

pub use lanes::Sharing;
pub use receiver::Receiver;
pub use sender::{Send, Sender};
pub use stats::ChannelStats;

use crate::observer::Observer;
use crate::sync::{Mutex, MutexGuard};
use crate::weighted::Weighted;
use crossbeam_utils::CachePadded;
use lanes::{Lanes, ReceiverId};
use smallvec::SmallVec;
use std::collections::VecDeque;
use std::num::NonZeroU64;
use std::sync::{Arc, PoisonError};
use std::task::Waker;

/// All receivers of a channel are gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("all receivers of the channel are gone")]
pub struct Disconnected;

/// What happens to an item for which a channel has no room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenFull {
    /// Its sender waits.
    #[default]
    Block,
    /// It is dropped.
    DropNewest,
    /// The oldest items in the channel are dropped until it fits.
    DropOldest,
}

/// What a channel does otherwise than usual.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Policies {
    /// How its receivers share its items.
    pub sharing: Sharing,
    /// What happens if it is full.
    pub when_full: WhenFull,
}

/// A channel, which creates ends but isn't one itself. `O` observes an end; see [`Observer`].
pub struct Channel<T, O = ()>(Arc<Shared<T, O>>);

impl<T, O> Clone for Channel<T, O> {
    fn clone(&self) -> Self {
        Channel(self.0.clone())
    }
}

/// Items that are sent or received together, in order. A single item needs no allocation.
pub type Items<T> = SmallVec<[T; 1]>;

struct Shared<T, O> {
    inside: CachePadded<Mutex<Inside<T, O>>>,
    stats: Arc<ChannelStats>,
}

struct Inside<T, O> {
    queue: VecDeque<T>,
    when_full: WhenFull,
    /// Present if each receiver has a queue of its own.
    lanes: Option<Box<Lanes>>,
    senders: usize,
    receivers: usize,
    /// How many receivers have been created.
    receivers_so_far: ReceiverId,
    /// In the order of arrival, which for senders is the order of their tickets.
    waiting_senders: VecDeque<WaitingSender<T, O>>,
    waiting_receivers: VecDeque<WaitingReceiver>,
    tickets: u64,
}

/// Identifies a waiting end: later ones have higher tickets.
type Ticket = NonZeroU64;

struct Waiting {
    ticket: Ticket,
    waker: Waker,
}

/// A waiting receiver.
struct WaitingReceiver {
    receiver: ReceiverId,
    waiting: Waiting,
}

/// A waiting sender, and the items that it wants to send: at least one.
struct WaitingSender<T, O> {
    items: Items<T>,
    observer: O,
    waiting: Waiting,
}

impl<T: Weighted, O: Observer<T>> Channel<T, O> {
    /// Creates an empty channel for `capacity` records, at least 1.
    pub fn new(capacity: usize) -> Channel<T, O> {
        Channel::with_policies(capacity, Policies::default())
    }

    /// Creates an empty channel for `capacity` records, at least 1, in all of its queues.
    pub fn with_policies(capacity: usize, policies: Policies) -> Channel<T, O> {
        Channel(Arc::new(Shared {
            inside: CachePadded::new(Mutex::new(Inside {
                queue: VecDeque::new(),
                when_full: policies.when_full,
                lanes: Lanes::new(policies.sharing).map(Box::new),
                senders: 0,
                receivers: 0,
                receivers_so_far: 0,
                waiting_senders: VecDeque::new(),
                waiting_receivers: VecDeque::new(),
                tickets: 0,
            })),
            stats: Arc::new(ChannelStats::new(capacity)),
        }))
    }

    /// Creates a new sending end.
    pub fn sender(&self, observer: O) -> Sender<T, O> {
        Sender::new(&self.0, observer)
    }

    /// Creates a new receiving end.
    pub fn receiver(&self, observer: O) -> Receiver<T, O> {
        Receiver::new(&self.0, observer)
    }

    /// Returns whether it is empty and all its senders are gone.
    pub fn is_over(&self) -> bool {
        let inside = self.0.inside();
        inside.queue.is_empty() && inside.senders == 0
    }

    /// Wakes all waiting receivers, so that they notice when they are [cancelled](Observer::is_cancelled).
    pub fn wake_receivers(&self) {
        let waiting: Vec<Waker> =
            self.0.inside().waiting_receivers.iter().map(|receiver| receiver.waiting.waker.clone()).collect();
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Returns how many receivers wait for an item that hasn't come yet.
    pub fn waiting_receivers(&self) -> usize {
        self.0.inside().waiting_receivers.len()
    }

    /// Returns how many senders wait for room that isn't there yet.
    pub fn waiting_senders(&self) -> usize {
        self.0.inside().waiting_senders.len()
    }

    /// Returns its statistics.
    pub fn stats(&self) -> Arc<ChannelStats> {
        self.0.stats.clone()
    }
}

impl<T, O> Shared<T, O> {
    fn inside(&self) -> MutexGuard<'_, Inside<T, O>> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T, O> Inside<T, O> {
    fn ticket(&mut self) -> Ticket {
        let ticket = Ticket::MIN.saturating_add(self.tickets);
        self.tickets += 1;
        ticket
    }
}

impl<T: Weighted, O: Observer<T>> Inside<T, O> {
    /// Moves the items that fit (see [`Fitting`]) from a sender into the queue. `woken` gets the receivers to wake.
    fn take_in(
        &mut self,
        stats: &ChannelStats,
        observer: &O,
        items: &mut Items<T>,
        Fitting { count, records }: Fitting,
        woken: &mut Woken,
    ) {
        if count == 0 {
            return;
        }
        stats.enqueue(records);
        observer.sent(&items[..count]);
        self.queue.extend(items.drain(..count));
        if self.lanes.is_some() {
            (0..count).for_each(|_| self.push_to_lane(woken));
            return;
        }
        for _ in 0..count.min(self.waiting_receivers.len()) {
            woken.extend(self.waiting_receivers.pop_front().map(|receiver| receiver.waiting.waker));
        }
    }

    /// Puts the next item into the queue of a receiver. `woken` gets that receiver, if it waits, or one that may steal.
    fn push_to_lane(&mut self, woken: &mut Woken) {
        let Some(lanes) = &mut self.lanes else { return };
        let owner = lanes.push();
        let is_owner = |waiting: &WaitingReceiver| waiting.receiver == owner;
        let may_take = |waiting: &WaitingReceiver| lanes.may_take(waiting.receiver, owner);
        let waiting = &self.waiting_receivers;
        let first = waiting.iter().position(is_owner).or_else(|| waiting.iter().position(may_take));
        woken.extend(first.and_then(|at| self.waiting_receivers.remove(at)).map(|receiver| receiver.waiting.waker));
    }

    /// Removes the oldest item from the queue.
    fn evict(&mut self, stats: &ChannelStats) -> Option<T> {
        let oldest = self.queue.pop_front()?;
        stats.evict(oldest.weight());
        if let Some(lanes) = &mut self.lanes {
            lanes.remove(0);
        }
        Some(oldest)
    }

    /// Makes room by the policy of the channel, for items that aren't empty. Returns what is dropped: these items, or
    /// the oldest ones. `None` if their sender must wait.
    fn make_room(
        &mut self,
        stats: &ChannelStats,
        observer: &O,
        items: &mut Items<T>,
        woken: &mut Woken,
    ) -> Option<Items<T>> {
        match self.when_full {
            WhenFull::Block => None,
            WhenFull::DropNewest => {
                let dropped = std::mem::take(items);
                stats.refuse(dropped.iter().map(Weighted::weight).sum());
                observer.dropped(&dropped);
                Some(dropped)
            }
            WhenFull::DropOldest => {
                let mut dropped = Items::new();
                while !items.is_empty() {
                    // No item is larger than the channel, so there is room when the queue is empty.
                    if let Some(oldest) = self.evict(stats) {
                        // First, since the channel never holds more than it can.
                        observer.dropped(std::slice::from_ref(&oldest));
                        dropped.push(oldest);
                    }
                    let fitting = Fitting::of(&*items, stats.room());
                    self.take_in(stats, observer, items, fitting, woken);
                }
                Some(dropped)
            }
        }
    }

    /// Moves in the items of waiting senders, as far as they fit.
    fn admit(&mut self, stats: &ChannelStats, woken: &mut Woken) {
        while let Some(mut first) = self.waiting_senders.pop_front() {
            let fitting = Fitting::of(&first.items, stats.room());
            first.items[..fitting.count].iter().for_each(|item| first.observer.unblocked(item));
            self.take_in(stats, &first.observer, &mut first.items, fitting, woken);
            if !first.items.is_empty() {
                self.waiting_senders.push_front(first);
                return;
            }
            woken.push(first.waiting.waker);
        }
    }
}

/// How many items, from the first one on, fit into a number of records, and how many records those are.
#[derive(Clone, Copy)]
struct Fitting {
    count: usize,
    records: usize,
}

impl Fitting {
    #[inline]
    fn of<'a, T: Weighted + 'a>(items: impl IntoIterator<Item = &'a T>, room: usize) -> Fitting {
        let mut fitting = Fitting { count: 0, records: 0 };
        for item in items {
            let records = fitting.records + item.weight();
            if records > room {
                break;
            }
            fitting = Fitting { count: fitting.count + 1, records };
        }
        fitting
    }
}

/// Tasks to wake once the lock is released: usually none, or a sender and perhaps a receiver.
type Woken = SmallVec<[Waker; 2]>;

fn wake(woken: Woken) {
    if !woken.is_empty() {
        woken.into_iter().for_each(Waker::wake);
    }
}
