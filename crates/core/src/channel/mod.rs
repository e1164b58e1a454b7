//! The bounded channel between stages.
//!
//! Many senders, many receivers, first in, first out. Its capacity counts *records*, however many travel in one batch,
//! and is exact: `futures::channel::mpsc` holds one item more for each sender, and has one receiver. What waits is a
//! task, woken through the futures crate's wakers; the ends are a [`Stream`](futures::Stream) and an async `send`.
//!
//! A sender that finds it full puts what it has in line, as a goroutine does: whoever makes room moves it in, and the
//! sender is woken when that is done. So those who wait keep their turn, and a receiver that takes many items one after
//! the other is not interrupted for each. What stands in line is not in the channel yet.
//!
//! A channel closes when all its senders are gone: receivers get what is left and then `None`. When all its receivers
//! are gone, `send` fails. So no stage hangs when another one ends.

mod allowance;
mod gauge;
mod receiver;
mod sender;
mod window;

pub use allowance::{Allowance, Taken};
pub use gauge::Gauge;
pub use receiver::Receiver;
pub use sender::{Send, Sender};
pub use window::Window;

use crate::batch::Weight;
use crate::place::ChannelId;
use crate::stages::seat::Seat;
use crate::trace::EventKind;
use crossbeam_utils::CachePadded;
use smallvec::SmallVec;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
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

struct Shared<T> {
    id: ChannelId,
    inbox: CachePadded<Mutex<Inbox<T>>>,
    /// What the receivers have before them; they share it. When it is empty, it is exchanged for all that has come since,
    /// so that senders and receivers seldom need the same lock. Locked before the inbox, if both are.
    outbox: CachePadded<Mutex<VecDeque<T>>>,
    /// Whether any sender waits.
    has_waiting_senders: AtomicBool,
    gauge: Arc<Gauge>,
}

/// What senders come to, and receivers that find nothing before them.
struct Inbox<T> {
    queue: VecDeque<T>,
    senders: usize,
    receivers: usize,
    /// Those who wait, in the order in which they came, which is that of their tickets for senders.
    waiting_senders: VecDeque<WaitingSender<T>>,
    waiting_receivers: VecDeque<Waiting>,
    tickets: u64,
}

struct Waiting {
    ticket: u64,
    waker: Waker,
}

/// A sender that waits, and what it wants to send.
struct WaitingSender<T> {
    item: T,
    seat: Arc<Seat>,
    waiting: Waiting,
}

impl<T: Weight> Channel<T> {
    /// An empty channel for `capacity` records, at least 1.
    pub fn new(id: ChannelId, capacity: usize) -> Channel<T> {
        Channel(Arc::new(Shared {
            id,
            inbox: CachePadded::new(Mutex::new(Inbox {
                queue: VecDeque::new(),
                senders: 0,
                receivers: 0,
                waiting_senders: VecDeque::new(),
                waiting_receivers: VecDeque::new(),
                tickets: 0,
            })),
            outbox: CachePadded::default(),
            has_waiting_senders: AtomicBool::new(false),
            gauge: Arc::new(Gauge::new(capacity)),
        }))
    }

    /// A sender for a worker.
    pub fn sender(&self, seat: &Arc<Seat>) -> Sender<T> {
        Sender::new(&self.0, seat)
    }

    /// A receiver for a worker.
    pub fn receiver(&self, seat: &Arc<Seat>) -> Receiver<T> {
        Receiver::new(&self.0, seat)
    }

    /// Whether nothing is in it, and there is nobody to send any more.
    pub fn is_over(&self) -> bool {
        let outbox = self.0.outbox();
        let inbox = self.0.inbox();
        outbox.is_empty() && inbox.queue.is_empty() && inbox.senders == 0
    }

    /// Has those who wait for something look whether they are dismissed.
    pub fn wake_receivers(&self) {
        let waiting: Vec<Waker> =
            self.0.inbox().waiting_receivers.iter().map(|waiting| waiting.waker.clone()).collect();
        waiting.into_iter().for_each(Waker::wake);
    }

    /// What is measured of it.
    pub fn gauge(&self) -> Arc<Gauge> {
        self.0.gauge.clone()
    }
}

impl<T> Shared<T> {
    fn inbox(&self) -> MutexGuard<'_, Inbox<T>> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn outbox(&self) -> MutexGuard<'_, VecDeque<T>> {
        self.outbox.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Weight> Shared<T> {
    /// Records an event of the first record of an item: a sender is blocked with all of them, or released.
    fn record_first(&self, kind: EventKind, seat: &Seat, item: &T) {
        if item.group().traced.is_some()
            && let Some(record) = item.numbers().next()
        {
            seat.run.tracer.record(kind, self.id.place(), seat.worker, record);
        }
    }
}

impl<T> Inbox<T> {
    fn ticket(&mut self) -> u64 {
        self.tickets += 1;
        self.tickets
    }
}

impl<T: Weight> Inbox<T> {
    /// Puts what a sender has into the queue; the receiver that is to be woken for it.
    fn take_in(&mut self, shared: &Shared<T>, sender: &Seat, item: T) -> Option<Waiting> {
        shared.gauge.came_in(item.records());
        // Under the lock, so that a record's arrival comes before its departure in the log.
        sender.record_each_at(EventKind::Arrive, shared.id.place(), &item);
        self.queue.push_back(item);
        self.waiting_receivers.pop_front()
    }

    /// Moves in what stands in line, as far as it fits.
    fn admit(&mut self, shared: &Shared<T>) -> Woken {
        let mut woken = Woken::new();
        while let Some(first) = self.waiting_senders.front()
            && shared.gauge.has_room(first.item.records())
            && let Some(WaitingSender { item, seat, waiting }) = self.waiting_senders.pop_front()
        {
            shared.record_first(EventKind::Released, &seat, &item);
            let receiver = self.take_in(shared, &seat, item);
            woken.extend([Some(waiting), receiver].into_iter().flatten().map(|waiting| waiting.waker));
        }
        if self.waiting_senders.is_empty() {
            shared.has_waiting_senders.store(false, Ordering::Relaxed);
        }
        woken
    }
}

/// Tasks that are to be woken when the lock is free again: as a rule none, or a sender and perhaps a receiver.
type Woken = SmallVec<[Waker; 2]>;

fn wake(woken: Woken) {
    if !woken.is_empty() {
        woken.into_iter().for_each(Waker::wake);
    }
}
