//! The bounded channel between stages.
//!
//! Many senders, many receivers, first in, first out. Its capacity counts *records*, however many travel in one batch,
//! and is exact: `futures::channel::mpsc` holds one item more for each sender, and has one receiver. What waits is a
//! task, woken through the futures crate's wakers; the ends are a [`Stream`](futures::Stream) and an async `send`.
//!
//! Whoever has several items sends them together, and a receiver may take several of those that are there: each is an item
//! still, counted by itself and in its turn, but they are moved under one lock. What a worker has taken is in its max_take
//! and no longer in the channel.
//!
//! A sender that finds it full puts what it has in line, as a goroutine does: whoever makes room moves it in, and the
//! sender is woken when that is done. So those who wait keep their turn, and a receiver that takes many items one after
//! the other is not interrupted for each. What stands in line is not in the channel yet.
//!
//! A channel closes when all its senders are gone: receivers get what is left and then `None`. When all its receivers
//! are gone, `send` fails. So no stage hangs when another one ends.

mod byte_budget;
mod receiver;
mod sender;
mod stats;
mod window;

pub use byte_budget::{ByteBudget, Permit};
pub use receiver::Receiver;
pub use sender::{Send, Sender};
pub use stats::ChannelStats;
pub use window::Window;

use crate::batch::Weight;
use crate::stages::worker_context::WorkerContext;
use crate::topology::ChannelId;
use crate::trace::{EventKind, Latest};
use crossbeam_utils::CachePadded;
use smallvec::SmallVec;
use std::collections::VecDeque;
use std::num::NonZeroU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

/// All receivers of a channel are gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("all receivers of the channel are gone")]
pub struct Disconnected;

/// A channel, seen from outside: gives out its ends, and is none itself.
pub struct Channel<T>(Arc<Shared<T>>);

impl<T> Clone for Channel<T> {
    fn clone(&self) -> Self {
        Channel(self.0.clone())
    }
}

/// Items that are sent or received together, in their order. One alone needs nothing on the heap.
pub type Items<T> = SmallVec<[T; 1]>;

struct Shared<T> {
    id: ChannelId,
    inside: CachePadded<Mutex<Inside<T>>>,
    stats: Arc<ChannelStats>,
}

struct Inside<T> {
    queue: VecDeque<T>,
    senders: usize,
    receivers: usize,
    /// Those who wait, in the order in which they enqueued, which is that of their tickets for senders.
    waiting_senders: VecDeque<WaitingSender<T>>,
    waiting_receivers: VecDeque<Waiting>,
    tickets: u64,
    /// The latest event here. They all happen under the lock, so their order in the log is that in which they happened.
    latest: Latest,
}

/// Who waits where: those who enqueued later have higher ones.
type Ticket = NonZeroU64;

struct Waiting {
    ticket: Ticket,
    waker: Waker,
}

/// A sender that waits, and what it wants to send: at least one item.
struct WaitingSender<T> {
    items: Items<T>,
    worker: Arc<WorkerContext>,
    waiting: Waiting,
}

impl<T: Weight> Channel<T> {
    /// An empty channel for `capacity` records, at least 1.
    pub fn new(id: ChannelId, capacity: usize) -> Channel<T> {
        Channel(Arc::new(Shared {
            id,
            inside: CachePadded::new(Mutex::new(Inside {
                queue: VecDeque::new(),
                senders: 0,
                receivers: 0,
                waiting_senders: VecDeque::new(),
                waiting_receivers: VecDeque::new(),
                tickets: 0,
                latest: Latest::default(),
            })),
            stats: Arc::new(ChannelStats::new(capacity)),
        }))
    }

    /// A sender for a worker.
    pub fn sender(&self, worker: &Arc<WorkerContext>) -> Sender<T> {
        Sender::new(&self.0, worker)
    }

    /// A receiver for a worker.
    pub fn receiver(&self, worker: &Arc<WorkerContext>) -> Receiver<T> {
        Receiver::new(&self.0, worker)
    }

    /// Whether nothing is in it, and there is nobody to send any more.
    pub fn is_over(&self) -> bool {
        let inside = self.0.inside();
        inside.queue.is_empty() && inside.senders == 0
    }

    /// Has those who wait for something look whether they are retired.
    pub fn wake_receivers(&self) {
        let waiting: Vec<Waker> =
            self.0.inside().waiting_receivers.iter().map(|waiting| waiting.waker.clone()).collect();
        waiting.into_iter().for_each(Waker::wake);
    }

    /// What is measured of it.
    pub fn stats(&self) -> Arc<ChannelStats> {
        self.0.stats.clone()
    }
}

impl<T> Shared<T> {
    fn inside(&self) -> MutexGuard<'_, Inside<T>> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Inside<T> {
    fn ticket(&mut self) -> Ticket {
        let ticket = Ticket::MIN.saturating_add(self.tickets);
        self.tickets += 1;
        ticket
    }
}

impl<T: Weight> Inside<T> {
    /// Records an event of the first record of an item: a sender is blocked with all of them, or released.
    fn record_first(&self, shared: &Shared<T>, kind: EventKind, worker: &WorkerContext, item: &T) {
        if !item.group().traced().is_empty()
            && let Some(record) = item.numbers().next()
        {
            worker.record_in(shared.id.node_id(), &self.latest, kind, record);
        }
    }

    /// Puts into the queue what there is room for of what a sender has, which is [`Fitting`]; `woken` gets the receivers
    /// that are to be woken for it.
    fn take_in(
        &mut self,
        shared: &Shared<T>,
        sender: &WorkerContext,
        items: &mut Items<T>,
        Fitting { count, records }: Fitting,
        woken: &mut Woken,
    ) {
        if count == 0 {
            return;
        }
        shared.stats.enqueue(records);
        // Under the lock, so that a record's arrival comes before its departure in the log.
        sender.record_all_in(shared.id.node_id(), &self.latest, EventKind::Arrive, &items[..count]);
        self.queue.extend(items.drain(..count));
        for _ in 0..count.min(self.waiting_receivers.len()) {
            woken.extend(self.waiting_receivers.pop_front().map(|receiver| receiver.waker));
        }
    }

    /// Moves in what stands in line, as far as it fits.
    fn admit(&mut self, shared: &Shared<T>, woken: &mut Woken) {
        while let Some(mut first) = self.waiting_senders.pop_front() {
            let fitting = Fitting::of(&first.items, shared.stats.room());
            let released = &first.items[..fitting.count];
            released.iter().for_each(|item| self.record_first(shared, EventKind::Released, &first.worker, item));
            self.take_in(shared, &first.worker, &mut first.items, fitting, woken);
            if !first.items.is_empty() {
                self.waiting_senders.push_front(first);
                return;
            }
            woken.push(first.waiting.waker);
        }
    }
}

/// How many of some items, from the first one on, have together no more records than there is room for; and how many
/// records those have.
#[derive(Clone, Copy)]
struct Fitting {
    count: usize,
    records: usize,
}

impl Fitting {
    #[inline]
    fn of<'a, T: Weight + 'a>(items: impl IntoIterator<Item = &'a T>, room: usize) -> Fitting {
        let mut fitting = Fitting { count: 0, records: 0 };
        for item in items {
            let records = fitting.records + item.records();
            if records > room {
                break;
            }
            fitting = Fitting { count: fitting.count + 1, records };
        }
        fitting
    }
}

/// Tasks that are to be woken when the lock is free again: as a rule none, or a sender and perhaps a receiver.
type Woken = SmallVec<[Waker; 2]>;

fn wake(woken: Woken) {
    if !woken.is_empty() {
        woken.into_iter().for_each(Waker::wake);
    }
}
