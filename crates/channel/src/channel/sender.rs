//! The sending end of a channel.

use super::{Disconnected, Fitting, Items, Shared, Ticket, Waiting, WaitingSender, Woken, wake};
use crate::observer::{Observer, Wait};
use crate::weighted::Weighted;
use smallvec::smallvec;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

/// The sending end of a channel.
pub struct Sender<T: Weighted, O: Observer<T> = ()> {
    shared: Arc<Shared<T, O>>,
    observer: O,
    /// The ticket of the queued items, if there are any.
    ticket: Option<Ticket>,
    /// While it is blocked, the time that the task had been blocked before.
    blocked_before: Option<Duration>,
}

impl<T: Weighted, O: Observer<T>> Sender<T, O> {
    pub(super) fn new(shared: &Arc<Shared<T, O>>, observer: O) -> Sender<T, O> {
        shared.inside().senders += 1;
        Sender { shared: shared.clone(), observer, ticket: None, blocked_before: None }
    }

    /// Sends an item, waiting while the channel has no room for it, unless its [policies](super::Policies) say otherwise.
    /// Senders take turns in the order in which they came.
    /// If the future is dropped before it is ready, the item may or may not have been sent.
    ///
    /// # Errors
    /// If all receivers are gone; the item is dropped.
    pub fn send(&mut self, item: T) -> Send<'_, T, O> {
        self.send_all(smallvec![item])
    }

    /// Sends any number of items, one after the other. Each enters the channel as soon as there is room for it, and may
    /// be received before the last one is sent. If the future is dropped before it is ready, the items that haven't
    /// been sent are dropped.
    ///
    /// # Errors
    /// If all receivers are gone; the remaining items are dropped.
    pub fn send_all(&mut self, items: Items<T>) -> Send<'_, T, O> {
        Send { sender: self, items }
    }

    /// Returns how many records the channel can hold.
    pub fn capacity(&self) -> usize {
        self.shared.stats.capacity()
    }

    fn begin(&mut self, mut items: Items<T>, context: &Context<'_>) -> Poll<Result<(), Disconnected>> {
        let Sender { shared, observer, .. } = self;
        debug_assert!(items.iter().all(|item| item.weight() <= shared.stats.capacity()), "it would never fit");
        let mut woken = Woken::new();
        let mut inside = shared.inside();
        if inside.receivers == 0 {
            drop(inside);
            return Poll::Ready(Err(Disconnected));
        }
        if inside.waiting_senders.is_empty() {
            let fitting = Fitting::of(&items, shared.stats.room());
            inside.take_in(&shared.stats, observer, &mut items, fitting, &mut woken);
        }
        if items.is_empty() {
            drop(inside);
            wake(woken);
            return Poll::Ready(Ok(()));
        }
        if let Some(dropped) = inside.make_room(&shared.stats, observer, &mut items, &mut woken) {
            drop(inside);
            // An item may own an end of another channel.
            drop(dropped);
            wake(woken);
            return Poll::Ready(Ok(()));
        }
        shared.stats.count_blocked_send();
        items.iter().for_each(|item| observer.blocked(item));
        let ticket = inside.ticket();
        let waiting = Waiting { ticket, waker: context.waker().clone() };
        inside.waiting_senders.push_back(WaitingSender { items, observer: observer.clone(), waiting });
        drop(inside);
        self.ticket = Some(ticket);
        self.blocked_before = Some(self.observer.blocked_time());
        self.observer.waits(Wait::ToSend);
        wake(woken);
        Poll::Pending
    }

    fn go_on(&mut self, ticket: Ticket, context: &Context<'_>) -> Poll<Result<(), Disconnected>> {
        let mut inside = self.shared.inside();
        // The queue is in the order of the tickets.
        let is_sent = inside.waiting_senders.front().is_none_or(|first| first.waiting.ticket > ticket);
        let is_disconnected = inside.receivers == 0;
        if !is_sent
            && !is_disconnected
            && let Ok(at) = inside.waiting_senders.binary_search_by_key(&ticket, |sender| sender.waiting.ticket)
        {
            inside.waiting_senders[at].waiting.waker.clone_from(context.waker());
            drop(inside);
            self.observer.waits(Wait::ToSend);
            return Poll::Pending;
        }
        drop(inside);
        self.ticket = None;
        self.count_blocked();
        self.observer.goes_on(0);
        Poll::Ready(if is_disconnected { Err(Disconnected) } else { Ok(()) })
    }

    /// Stops waiting, if it waits: the sender after it may have room now.
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
        inside.admit(&self.shared.stats, &mut woken);
        drop(inside);
        // An item may own an end of another channel.
        drop(left);
        wake(woken);
    }

    fn count_blocked(&mut self) {
        if let Some(before) = self.blocked_before.take() {
            self.shared.stats.add_blocked(self.observer.blocked_time().saturating_sub(before));
        }
    }
}

impl<T: Weighted, O: Observer<T>> Drop for Sender<T, O> {
    fn drop(&mut self) {
        self.leave();
        let mut inside = self.shared.inside();
        inside.senders -= 1;
        let receivers =
            if inside.senders == 0 { std::mem::take(&mut inside.waiting_receivers) } else { Default::default() };
        drop(inside);
        receivers.into_iter().for_each(|receiver| receiver.waiting.waker.wake());
    }
}

/// A future that sends items into a channel: see [`Sender::send_all`].
#[must_use = "they are sent when it is awaited"]
pub struct Send<'a, T: Weighted, O: Observer<T> = ()> {
    sender: &'a mut Sender<T, O>,
    items: Items<T>,
}

// Nothing in it is ever pinned.
impl<T: Weighted, O: Observer<T>> Unpin for Send<'_, T, O> {}

impl<T: Weighted, O: Observer<T>> Future for Send<'_, T, O> {
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

impl<T: Weighted, O: Observer<T>> Drop for Send<'_, T, O> {
    fn drop(&mut self) {
        self.sender.leave();
    }
}
