//! The sending end of a channel.

use super::{Disconnected, Shared, Waiting, WaitingSender, wake};
use crate::batch::Weight;
use crate::metrics::State as Doing;
use crate::stages::seat::Seat;
use crate::trace::EventKind;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::Duration;

/// The sending end of a worker.
pub struct Sender<T: Weight> {
    shared: Arc<Shared<T>>,
    seat: Arc<Seat>,
    /// Of the item that is to be sent, while it stands in line.
    ticket: Option<u64>,
    /// How long the worker had been blocked before, if it is now.
    blocked_before: Option<Duration>,
}

impl<T: Weight> Sender<T> {
    pub(super) fn new(shared: &Arc<Shared<T>>, seat: &Arc<Seat>) -> Sender<T> {
        shared.inbox().senders += 1;
        Sender { shared: shared.clone(), seat: seat.clone(), ticket: None, blocked_before: None }
    }

    /// Sends an item, waiting while the channel is too full for it. Senders take turns in the order in which they came.
    /// If the future is dropped before it is ready, the item is not sent, or has been by then.
    ///
    /// # Errors
    /// If all receivers are gone; the item is dropped.
    pub fn send(&mut self, item: T) -> Send<'_, T> {
        Send { sender: self, item: Some(item) }
    }

    /// Sends an item if there is one; see [`Sender::send`].
    ///
    /// # Errors
    /// As there.
    pub fn send_any(&mut self, item: Option<T>) -> Send<'_, T> {
        Send { sender: self, item }
    }

    fn begin(&mut self, item: T, context: &Context<'_>) -> Poll<Result<(), Disconnected>> {
        let Sender { shared, seat, .. } = self;
        let (records, capacity) = (item.records(), shared.gauge.capacity());
        debug_assert!(records <= capacity, "a batch of {records} for a channel of {capacity}");
        let mut inbox = shared.inbox();
        if inbox.receivers == 0 {
            drop(inbox);
            return Poll::Ready(Err(Disconnected));
        }
        if inbox.waiting_senders.is_empty() && shared.gauge.has_room(records) {
            let receiver = inbox.take_in(shared, seat, item);
            drop(inbox);
            receiver.into_iter().for_each(|receiver| receiver.waker.wake());
            return Poll::Ready(Ok(()));
        }
        shared.gauge.is_full();
        shared.record_first(EventKind::Blocked, seat, &item);
        let ticket = inbox.ticket();
        let waiting = Waiting { ticket, waker: context.waker().clone() };
        inbox.waiting_senders.push_back(WaitingSender { item, seat: seat.clone(), waiting });
        // A receiver first says that it has made room, and then looks whether anybody waits; here it is the other way
        // round, all in one order: one of them sees what the other did.
        shared.has_waiting_senders.store(true, Ordering::SeqCst);
        let woken = inbox.admit(shared);
        drop(inbox);
        self.ticket = Some(ticket);
        self.blocked_before = Some(self.seat.activity.blocked());
        self.seat.activity.stops_as(Doing::Blocked);
        wake(woken);
        Poll::Pending
    }

    fn go_on(&mut self, ticket: u64, context: &Context<'_>) -> Poll<Result<(), Disconnected>> {
        let mut inbox = self.shared.inbox();
        // They stand in the order of their tickets.
        let is_sent = inbox.waiting_senders.front().is_none_or(|first| first.waiting.ticket > ticket);
        let is_disconnected = inbox.receivers == 0;
        if !is_sent
            && !is_disconnected
            && let Ok(at) = inbox.waiting_senders.binary_search_by_key(&ticket, |sender| sender.waiting.ticket)
        {
            inbox.waiting_senders[at].waiting.waker.clone_from(context.waker());
            drop(inbox);
            self.seat.activity.stops_as(Doing::Blocked);
            return Poll::Pending;
        }
        drop(inbox);
        self.ticket = None;
        self.count_blocked();
        self.seat.activity.stops_as(Doing::Busy);
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
    fn leave_line(&mut self, ticket: u64) {
        self.count_blocked();
        let mut inbox = self.shared.inbox();
        let at = inbox.waiting_senders.binary_search_by_key(&ticket, |sender| sender.waiting.ticket);
        let left = at.ok().and_then(|at| inbox.waiting_senders.remove(at));
        let woken = inbox.admit(&self.shared);
        drop(inbox);
        // What it had to send may own the end of another channel.
        drop(left);
        wake(woken);
    }

    fn count_blocked(&mut self) {
        if let Some(before) = self.blocked_before.take() {
            self.shared.gauge.was_blocked(self.seat.activity.blocked().saturating_sub(before));
        }
    }
}

impl<T: Weight> Drop for Sender<T> {
    fn drop(&mut self) {
        self.leave();
        let mut inbox = self.shared.inbox();
        inbox.senders -= 1;
        let receivers =
            if inbox.senders == 0 { std::mem::take(&mut inbox.waiting_receivers) } else { Default::default() };
        drop(inbox);
        receivers.into_iter().for_each(|receiver| receiver.waker.wake());
    }
}

/// An item on its way into a channel: see [`Sender::send`].
#[must_use = "it is sent when it is awaited"]
pub struct Send<'a, T: Weight> {
    sender: &'a mut Sender<T>,
    item: Option<T>,
}

// Nothing in it is ever pinned.
impl<T: Weight> Unpin for Send<'_, T> {}

impl<T: Weight> Future for Send<'_, T> {
    type Output = Result<(), Disconnected>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match (self.item.take(), self.sender.ticket) {
            (Some(item), _) => self.sender.begin(item, context),
            (None, Some(ticket)) => self.sender.go_on(ticket, context),
            (None, None) => Poll::Ready(Ok(())),
        }
    }
}

impl<T: Weight> Drop for Send<'_, T> {
    fn drop(&mut self) {
        self.sender.leave();
    }
}
