//! The sending end of a channel.

use super::{Disconnected, Fitting, Items, Shared, Ticket, Waiting, WaitingSender, Woken, wake};
use crate::batch::Weight;
use crate::metrics::State as Doing;
use crate::stages::worker_context::WorkerContext;
use crate::trace::EventKind;
use smallvec::smallvec;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

/// The sending end of a worker.
pub struct Sender<T: Weight> {
    shared: Arc<Shared<T>>,
    worker: Arc<WorkerContext>,
    /// Of what is to be sent, while it stands in line.
    ticket: Option<Ticket>,
    /// How long the worker had been blocked before, if it is now.
    blocked_before: Option<Duration>,
}

impl<T: Weight> Sender<T> {
    pub(super) fn new(shared: &Arc<Shared<T>>, worker: &Arc<WorkerContext>) -> Sender<T> {
        shared.inside().senders += 1;
        Sender { shared: shared.clone(), worker: worker.clone(), ticket: None, blocked_before: None }
    }

    /// Sends an item, waiting while the channel is too full for it. Senders take turns in the order in which they enqueued.
    /// If the future is dropped before it is ready, the item is not sent, or has been by then.
    ///
    /// # Errors
    /// If all receivers are gone; the item is dropped.
    pub fn send(&mut self, item: T) -> Send<'_, T> {
        self.send_all(smallvec![item])
    }

    /// Sends some items, or none, one behind the other. Each is in the channel as soon as there is room for it, and may be
    /// received before the last one is; if the future is dropped before it is ready, those that are not are dropped.
    ///
    /// # Errors
    /// If all receivers are gone; what is left is dropped.
    pub fn send_all(&mut self, items: Items<T>) -> Send<'_, T> {
        Send { sender: self, items }
    }

    /// How many records the channel can hold.
    pub fn capacity(&self) -> usize {
        self.shared.stats.capacity()
    }

    fn begin(&mut self, mut items: Items<T>, context: &Context<'_>) -> Poll<Result<(), Disconnected>> {
        let Sender { shared, worker, .. } = self;
        debug_assert!(items.iter().all(|item| item.records() <= shared.stats.capacity()), "it would never fit");
        let mut woken = Woken::new();
        let mut inside = shared.inside();
        if inside.receivers == 0 {
            drop(inside);
            return Poll::Ready(Err(Disconnected));
        }
        if inside.waiting_senders.is_empty() {
            let fitting = Fitting::of(&items, shared.stats.room());
            inside.take_in(shared, worker, &mut items, fitting, &mut woken);
        }
        if items.is_empty() {
            drop(inside);
            wake(woken);
            return Poll::Ready(Ok(()));
        }
        shared.stats.is_full();
        items.iter().for_each(|item| inside.record_first(shared, EventKind::Blocked, worker, item));
        let ticket = inside.ticket();
        let waiting = Waiting { ticket, waker: context.waker().clone() };
        inside.waiting_senders.push_back(WaitingSender { items, worker: worker.clone(), waiting });
        drop(inside);
        self.ticket = Some(ticket);
        self.blocked_before = Some(self.worker.activity.blocked());
        self.worker.activity.stops_as(Doing::Blocked);
        wake(woken);
        Poll::Pending
    }

    fn go_on(&mut self, ticket: Ticket, context: &Context<'_>) -> Poll<Result<(), Disconnected>> {
        let mut inside = self.shared.inside();
        // They stand in the order of their tickets.
        let is_sent = inside.waiting_senders.front().is_none_or(|first| first.waiting.ticket > ticket);
        let is_disconnected = inside.receivers == 0;
        if !is_sent
            && !is_disconnected
            && let Ok(at) = inside.waiting_senders.binary_search_by_key(&ticket, |sender| sender.waiting.ticket)
        {
            inside.waiting_senders[at].waiting.waker.clone_from(context.waker());
            drop(inside);
            self.worker.activity.stops_as(Doing::Blocked);
            return Poll::Pending;
        }
        drop(inside);
        self.ticket = None;
        self.count_blocked();
        self.worker.activity.stops_as(Doing::Busy);
        Poll::Ready(if is_disconnected { Err(Disconnected) } else { Ok(()) })
    }

    /// Gives up, if it waits: whoever is behind it may send now.
    #[inline]
    fn leave(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            self.leave_line(ticket);
        }
    }

    #[cold]
    fn leave_line(&mut self, ticket: Ticket) {
        self.count_blocked();
        let mut woken = Woken::new();
        let mut inside = self.shared.inside();
        let at = inside.waiting_senders.binary_search_by_key(&ticket, |sender| sender.waiting.ticket);
        let left = at.ok().and_then(|at| inside.waiting_senders.remove(at));
        inside.admit(&self.shared, &mut woken);
        drop(inside);
        // What it had to send may own the end of another channel.
        drop(left);
        wake(woken);
    }

    fn count_blocked(&mut self) {
        if let Some(before) = self.blocked_before.take() {
            self.shared.stats.was_blocked(self.worker.activity.blocked().saturating_sub(before));
        }
    }
}

impl<T: Weight> Drop for Sender<T> {
    fn drop(&mut self) {
        self.leave();
        let mut inside = self.shared.inside();
        inside.senders -= 1;
        let receivers =
            if inside.senders == 0 { std::mem::take(&mut inside.waiting_receivers) } else { Default::default() };
        drop(inside);
        receivers.into_iter().for_each(|receiver| receiver.waker.wake());
    }
}

/// Items on their way into a channel: see [`Sender::send_all`].
#[must_use = "they are sent when it is awaited"]
pub struct Send<'a, T: Weight> {
    sender: &'a mut Sender<T>,
    items: Items<T>,
}

// Nothing in it is ever pinned.
impl<T: Weight> Unpin for Send<'_, T> {}

impl<T: Weight> Future for Send<'_, T> {
    type Output = Result<(), Disconnected>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match (self.items.is_empty(), self.sender.ticket) {
            (false, _) => {
                let items = std::mem::take(&mut self.items);
                self.sender.begin(items, context)
            }
            (true, Some(ticket)) => self.sender.go_on(ticket, context),
            (true, None) => Poll::Ready(Ok(())),
        }
    }
}

impl<T: Weight> Drop for Send<'_, T> {
    fn drop(&mut self) {
        self.sender.leave();
    }
}
