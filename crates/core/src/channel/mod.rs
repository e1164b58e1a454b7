//! The bounded channel between stages.
//!
//! Many senders, many receivers, first in, first out. Its capacity counts *records*, however many travel in one batch,
//! and is exact: `futures::channel::mpsc` holds one item more for each sender, and has one receiver. What waits is a
//! task, woken through the futures crate's wakers; the ends are a [`Stream`] and an async `send`.
//!
//! A channel closes when all its senders are gone: receivers get what is left and then `None`. When all its receivers
//! are gone, `send` fails. So no stage hangs when another one ends.

mod allowance;
mod window;

pub use allowance::{Allowance, Taken};
pub use window::Window;

use crate::batch::Weight;
use crate::metrics::State as Doing;
use crate::place::ChannelId;
use crate::stages::seat::Seat;
use crate::trace::EventKind;
use futures::Stream;
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

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
    capacity: usize,
    state: Mutex<State<T>>,
    gauge: Arc<Gauge>,
}

struct State<T> {
    queue: VecDeque<T>,
    /// The records in the queue.
    used: usize,
    senders: usize,
    receivers: usize,
    /// Those who wait, in the order in which they came.
    waiting_senders: VecDeque<WaitingSender>,
    waiting_receivers: VecDeque<Waiting>,
    tickets: u64,
}

struct Waiting {
    ticket: u64,
    waker: Waker,
}

struct WaitingSender {
    records: usize,
    waiting: Waiting,
}

/// What is measured of a channel. Anybody may read it at any time.
#[derive(Debug)]
pub struct Gauge {
    capacity: usize,
    depth: AtomicUsize,
    highest: AtomicUsize,
    passed: AtomicU64,
    blocked_sends: AtomicU64,
    blocked_nanos: AtomicU64,
}

impl Gauge {
    /// How many records it can hold.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// How many records it holds.
    pub fn depth(&self) -> usize {
        self.depth.load(Ordering::Relaxed)
    }

    /// The most records it has held.
    pub fn highest(&self) -> usize {
        self.highest.load(Ordering::Relaxed)
    }

    /// How many records have left it.
    pub fn passed(&self) -> u64 {
        self.passed.load(Ordering::Relaxed)
    }

    /// How often a sender found it full.
    pub fn blocked_sends(&self) -> u64 {
        self.blocked_sends.load(Ordering::Relaxed)
    }

    /// How long senders were blocked, added up.
    pub fn blocked(&self) -> Duration {
        Duration::from_nanos(self.blocked_nanos.load(Ordering::Relaxed))
    }
}

impl<T: Weight> Channel<T> {
    /// An empty channel for `capacity` records, at least 1.
    pub fn new(id: ChannelId, capacity: usize) -> Channel<T> {
        Channel(Arc::new(Shared {
            id,
            capacity,
            state: Mutex::new(State {
                queue: VecDeque::new(),
                used: 0,
                senders: 0,
                receivers: 0,
                waiting_senders: VecDeque::new(),
                waiting_receivers: VecDeque::new(),
                tickets: 0,
            }),
            gauge: Arc::new(Gauge {
                capacity,
                depth: AtomicUsize::new(0),
                highest: AtomicUsize::new(0),
                passed: AtomicU64::new(0),
                blocked_sends: AtomicU64::new(0),
                blocked_nanos: AtomicU64::new(0),
            }),
        }))
    }

    /// A sender for a worker.
    pub fn sender(&self, seat: &Arc<Seat>) -> Sender<T> {
        self.0.lock().senders += 1;
        Sender { shared: self.0.clone(), seat: seat.clone(), ticket: None, is_blocked: false }
    }

    /// A receiver for a worker.
    pub fn receiver(&self, seat: &Arc<Seat>) -> Receiver<T> {
        self.0.lock().receivers += 1;
        Receiver { shared: self.0.clone(), seat: seat.clone(), ticket: None }
    }

    /// Whether nothing is in it, and there is nobody to send any more.
    pub fn is_over(&self) -> bool {
        let state = self.0.lock();
        state.queue.is_empty() && state.senders == 0
    }

    /// Has those who wait for something look whether they are dismissed.
    pub fn wake_receivers(&self) {
        let waiting: Vec<Waker> = self.0.lock().waiting_receivers.iter().map(|waiting| waiting.waker.clone()).collect();
        waiting.into_iter().for_each(Waker::wake);
    }

    /// What is measured of it.
    pub fn gauge(&self) -> Arc<Gauge> {
        self.0.gauge.clone()
    }
}

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> State<T> {
    fn ticket(&mut self) -> u64 {
        self.tickets += 1;
        self.tickets
    }

    /// The sender whose turn it is, if what it has fits in now.
    fn next_sender(&self, capacity: usize) -> Option<Waker> {
        let next = self.waiting_senders.front()?;
        (self.used + next.records <= capacity).then(|| next.waiting.waker.clone())
    }
}

/// The sending end of a worker.
pub struct Sender<T: Weight> {
    shared: Arc<Shared<T>>,
    seat: Arc<Seat>,
    ticket: Option<u64>,
    is_blocked: bool,
}

impl<T: Weight> Sender<T> {
    /// Sends an item, waiting while the channel is too full for it. Senders take turns in the order in which they came.
    ///
    /// # Errors
    /// If all receivers are gone; the item is dropped.
    pub async fn send(&mut self, item: T) -> Result<(), Disconnected> {
        let mut item = Some(item);
        futures::future::poll_fn(|context| self.poll_send(context, &mut item)).await
    }

    /// Whether receivers have found nothing to do, so that what is sent is taken up at once.
    pub fn receivers_wait(&self) -> bool {
        !self.shared.lock().waiting_receivers.is_empty()
    }

    fn poll_send(&mut self, context: &mut Context<'_>, item: &mut Option<T>) -> Poll<Result<(), Disconnected>> {
        let Some(records) = item.as_ref().map(Weight::records) else { return Poll::Ready(Ok(())) };
        let shared = self.shared.clone();
        let capacity = shared.capacity;
        self.count_blocked();
        debug_assert!(records <= capacity, "a batch of {records} for a channel of {capacity}");
        let mut state = shared.lock();
        if state.receivers == 0 {
            self.leave(&mut state);
            drop(state);
            self.is_blocked = false;
            return Poll::Ready(Err(Disconnected));
        }
        let my_turn = match self.ticket {
            None => state.waiting_senders.is_empty(),
            Some(ticket) => state.waiting_senders.front().is_some_and(|front| front.waiting.ticket == ticket),
        };
        if !my_turn || state.used + records > capacity {
            self.wait(&mut state, records, context);
            drop(state);
            self.blocked(item.as_ref());
            return Poll::Pending;
        }
        let Some(item) = item.take() else { return Poll::Ready(Ok(())) };
        self.leave(&mut state);
        if std::mem::take(&mut self.is_blocked) {
            self.record_first(EventKind::Released, &item);
        }
        state.used += records;
        let gauge = &shared.gauge;
        gauge.depth.store(state.used, Ordering::Relaxed);
        if state.used > gauge.highest.load(Ordering::Relaxed) {
            gauge.highest.store(state.used, Ordering::Relaxed);
        }
        // Recorded under the lock, so that a record's arrival comes before its departure in the log.
        self.seat.record_each_at(EventKind::Arrive, shared.id.place(), &item);
        state.queue.push_back(item);
        let receiver = state.waiting_receivers.pop_front();
        let next_sender = state.next_sender(capacity);
        drop(state);
        self.seat.activity.stops_as(Doing::Busy);
        if let Some(receiver) = receiver {
            receiver.waker.wake();
        }
        if let Some(next) = next_sender {
            next.wake();
        }
        Poll::Ready(Ok(()))
    }

    fn wait(&mut self, state: &mut State<T>, records: usize, context: &Context<'_>) {
        let waker = context.waker();
        match self.ticket {
            Some(ticket) => {
                let mut waiting = state.waiting_senders.iter_mut();
                if let Some(mine) = waiting.find(|sender| sender.waiting.ticket == ticket) {
                    mine.waiting.waker.clone_from(waker);
                }
            }
            None => {
                let ticket = state.ticket();
                self.ticket = Some(ticket);
                let waiting = Waiting { ticket, waker: waker.clone() };
                state.waiting_senders.push_back(WaitingSender { records, waiting });
            }
        }
    }

    fn leave(&mut self, state: &mut State<T>) {
        if let Some(ticket) = self.ticket.take() {
            state.waiting_senders.retain(|sender| sender.waiting.ticket != ticket);
        }
    }

    fn blocked(&mut self, item: Option<&T>) {
        self.seat.activity.stops_as(Doing::Blocked);
        if std::mem::replace(&mut self.is_blocked, true) {
            return;
        }
        self.shared.gauge.blocked_sends.fetch_add(1, Ordering::Relaxed);
        if let Some(item) = item {
            self.record_first(EventKind::Blocked, item);
        }
    }

    /// Counts the time that the task has stopped since it found the channel full.
    fn count_blocked(&self) {
        if self.is_blocked {
            let nanos = self.seat.activity.pause_before().as_nanos() as u64;
            self.shared.gauge.blocked_nanos.fetch_add(nanos, Ordering::Relaxed);
        }
    }

    fn record_first(&self, kind: EventKind, item: &T) {
        if item.is_traced()
            && let Some(record) = item.numbers().next()
        {
            self.seat.run.tracer.record(kind, self.shared.id.place(), self.seat.worker, record);
        }
    }
}

impl<T: Weight> Drop for Sender<T> {
    fn drop(&mut self) {
        self.count_blocked();
        let shared = self.shared.clone();
        let mut state = shared.lock();
        self.leave(&mut state);
        state.senders -= 1;
        let receivers = if state.senders == 0 { std::mem::take(&mut state.waiting_receivers) } else { VecDeque::new() };
        let next_sender = state.next_sender(shared.capacity);
        drop(state);
        receivers.into_iter().for_each(|receiver| receiver.waker.wake());
        if let Some(next) = next_sender {
            next.wake();
        }
    }
}

/// The receiving end of a worker. Receivers of one channel share its items: each goes to one of them.
pub struct Receiver<T: Weight> {
    shared: Arc<Shared<T>>,
    seat: Arc<Seat>,
    ticket: Option<u64>,
}

impl<T: Weight> Receiver<T> {
    /// The next item, waiting while there is none; `None` when the channel is empty and all senders are gone, or the
    /// worker is dismissed.
    pub async fn receive(&mut self) -> Option<T> {
        futures::future::poll_fn(|context| self.poll_receive(context)).await
    }

    fn poll_receive(&mut self, context: &mut Context<'_>) -> Poll<Option<T>> {
        let shared = self.shared.clone();
        let mut state = shared.lock();
        let Some(item) = state.queue.pop_front() else {
            if state.senders == 0 || self.seat.is_dismissed() {
                self.leave(&mut state);
                drop(state);
                self.seat.activity.stops_as(Doing::Busy);
                return Poll::Ready(None);
            }
            self.wait(&mut state, context);
            drop(state);
            self.seat.activity.stops_as(Doing::Waiting);
            return Poll::Pending;
        };
        let records = item.records();
        self.seat.record_each_at(EventKind::Depart, shared.id.place(), &item);
        state.used -= records;
        shared.gauge.depth.store(state.used, Ordering::Relaxed);
        shared.gauge.passed.store(shared.gauge.passed.load(Ordering::Relaxed) + records as u64, Ordering::Relaxed);
        self.leave(&mut state);
        let next_sender = state.next_sender(shared.capacity);
        drop(state);
        if let Some(next) = next_sender {
            next.wake();
        }
        // It may have looked into another channel before, as the fan-out does.
        self.seat.activity.stops_as(Doing::Busy);
        self.seat.activity.count(records);
        Poll::Ready(Some(item))
    }

    /// Registers for the next item.
    fn wait(&mut self, state: &mut State<T>, context: &Context<'_>) {
        let waker = context.waker();
        let ticket = match self.ticket {
            Some(ticket) => ticket,
            None => state.ticket(),
        };
        self.ticket = Some(ticket);
        match state.waiting_receivers.iter_mut().find(|receiver| receiver.ticket == ticket) {
            Some(mine) => mine.waker.clone_from(waker),
            // It was woken, but another receiver was faster.
            None => state.waiting_receivers.push_back(Waiting { ticket, waker: waker.clone() }),
        }
    }

    /// Forgets the registration. True if it stood there still, so that no item was announced to it.
    fn leave(&mut self, state: &mut State<T>) -> bool {
        let Some(ticket) = self.ticket.take() else { return true };
        let before = state.waiting_receivers.len();
        state.waiting_receivers.retain(|receiver| receiver.ticket != ticket);
        state.waiting_receivers.len() < before
    }
}

impl<T: Weight> Stream for Receiver<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        self.poll_receive(context)
    }
}

impl<T: Weight> Drop for Receiver<T> {
    fn drop(&mut self) {
        let shared = self.shared.clone();
        let mut state = shared.lock();
        let was_woken = !self.leave(&mut state);
        state.receivers -= 1;
        let mut wake = Vec::new();
        let mut lost = VecDeque::new();
        if state.receivers == 0 {
            lost = std::mem::take(&mut state.queue);
            state.used = 0;
            shared.gauge.depth.store(0, Ordering::Relaxed);
            wake.extend(state.waiting_senders.iter().map(|sender| sender.waiting.waker.clone()));
        } else if was_woken && !state.queue.is_empty() {
            // The item that this one was woken for is another's now.
            wake.extend(state.waiting_receivers.pop_front().map(|receiver| receiver.waker));
        }
        drop(state);
        drop(lost);
        wake.into_iter().for_each(Waker::wake);
    }
}
