//! The receiving end of a channel.

use super::lanes::ReceiverId;
use super::{Fitting, Inside, Items, Shared, Ticket, Waiting, WaitingReceiver, Woken, wake};
use crate::observer::{Observer, Wait};
use crate::sync::MutexGuard;
use crate::weighted::Weighted;
use futures::Stream;
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// The receiving end of a channel. Receivers of one channel share its items: each item goes to one of them.
pub struct Receiver<T: Weighted, O: Observer<T> = ()> {
    shared: Arc<Shared<T, O>>,
    observer: O,
    id: ReceiverId,
    ticket: Option<Ticket>,
}

impl<T: Weighted, O: Observer<T>> Receiver<T, O> {
    pub(super) fn new(shared: &Arc<Shared<T, O>>, observer: O) -> Receiver<T, O> {
        let mut inside = shared.inside();
        let id = inside.receivers_so_far;
        inside.receivers_so_far += 1;
        inside.receivers += 1;
        if let Some(lanes) = &mut inside.lanes {
            lanes.join(id);
        }
        drop(inside);
        Receiver { shared: shared.clone(), observer, id, ticket: None }
    }

    /// Receives the next item, waiting while there is none. Returns `None` when the channel is empty and all senders
    /// are gone, or when the receiver is cancelled.
    pub fn receive(&mut self) -> impl Future<Output = Option<T>> {
        futures::future::poll_fn(|context| self.poll_receive(context))
    }

    /// Receives the next items, waiting while there are none: this receiver's share of the items in the channel, up to
    /// `max_records()` records but at least one item. Returns no items when the channel is empty and all senders are
    /// gone, or when the receiver is cancelled.
    ///
    /// `max_records` is called when there are items to take, since a receiver may wait for a long time.
    pub fn receive_some(&mut self, max_records: impl Fn() -> usize) -> impl Future<Output = Items<T>> {
        futures::future::poll_fn(move |context| self.poll_receive_some(max_records(), context))
    }

    /// Receives the next items without waiting, if there are any; see [`Receiver::receive_some`].
    pub fn try_receive_some(&mut self, max_records: usize) -> Items<T> {
        let inside = self.shared.inside();
        take(&self.shared, &self.observer, self.id, &mut self.ticket, inside, max_records)
    }

    fn poll_receive(&mut self, context: &mut Context<'_>) -> Poll<Option<T>> {
        Poll::Ready(ready!(self.poll_receive_some(1, context)).pop())
    }

    /// Polls for the next items; see [`Receiver::receive_some`]. The task is woken when there may be some.
    pub fn poll_receive_some(&mut self, max_records: usize, context: &mut Context<'_>) -> Poll<Items<T>> {
        let Receiver { shared, observer, id, ticket } = self;
        let mut inside = shared.inside();
        if inside.has_item_for(*id) {
            return Poll::Ready(take(shared, observer, *id, ticket, inside, max_records));
        }
        // A queue of another receiver may still have items, which go to this one if that receiver leaves.
        let is_over = inside.senders == 0 && inside.queue.is_empty() || observer.is_cancelled();
        if is_over {
            leave(ticket, &mut inside);
        } else {
            wait(*id, ticket, &mut inside, context);
        }
        drop(inside);
        if is_over {
            observer.goes_on(0);
            return Poll::Ready(Items::new());
        }
        observer.waits(Wait::ToReceive);
        Poll::Pending
    }
}

impl<T, O> Inside<T, O> {
    /// Returns whether there is an item that a receiver can take.
    #[inline]
    fn has_item_for(&self, receiver: ReceiverId) -> bool {
        match &self.lanes {
            None => !self.queue.is_empty(),
            Some(lanes) => lanes.position_for(receiver).is_some(),
        }
    }

    /// Takes the next item that a receiver can take, if there is any.
    #[cold]
    fn take_from_lane(&mut self, receiver: ReceiverId) -> Items<T> {
        let at = self.lanes.as_ref().and_then(|lanes| lanes.position_for(receiver));
        at.into_iter().for_each(|at| self.lanes.iter_mut().for_each(|lanes| lanes.remove(at)));
        at.and_then(|at| self.queue.remove(at)).into_iter().collect()
    }
}

/// Takes the next items out of the queue, if there are any.
fn take<T: Weighted, O: Observer<T>>(
    shared: &Shared<T, O>,
    observer: &O,
    id: ReceiverId,
    ticket: &mut Option<Ticket>,
    mut inside: MutexGuard<'_, Inside<T, O>>,
    max_records: usize,
) -> Items<T> {
    if inside.lanes.is_some() {
        let items = inside.take_from_lane(id);
        let is_over = inside.senders == 0 && inside.queue.is_empty();
        let others = if is_over { std::mem::take(&mut inside.waiting_receivers) } else { VecDeque::new() };
        let records = items.iter().map(Weighted::weight).sum();
        let items = taken(shared, observer, ticket, inside, items, records);
        others.into_iter().for_each(|receiver| receiver.waiting.waker.wake());
        return items;
    }
    let share = inside.queue.len().div_ceil(inside.receivers).min(max_records.max(1));
    // At least the first item.
    let room = inside.queue.front().map_or(0, Weighted::weight).max(max_records);
    let Fitting { count, records } = Fitting::of(inside.queue.iter().take(share), room);
    let items: Items<T> = inside.queue.drain(..count).collect();
    taken(shared, observer, ticket, inside, items, records)
}

/// Accounts for the items that a receiver has taken out of the queue, which weigh so many records, and moves in those of
/// waiting senders.
#[inline]
fn taken<T: Weighted, O: Observer<T>>(
    shared: &Shared<T, O>,
    observer: &O,
    ticket: &mut Option<Ticket>,
    mut inside: MutexGuard<'_, Inside<T, O>>,
    items: Items<T>,
    records: usize,
) -> Items<T> {
    observer.received(&items);
    shared.stats.dequeue(records);
    leave(ticket, &mut inside);
    let mut woken = Woken::new();
    if !inside.waiting_senders.is_empty() {
        inside.admit(&shared.stats, &mut woken);
    }
    drop(inside);
    // Even if it didn't have to wait here: the task may have tried another channel before, as a fan-in does.
    observer.goes_on(records);
    wake(woken);
    items
}

/// Registers for the next item.
fn wait<T, O>(receiver: ReceiverId, ticket: &mut Option<Ticket>, inside: &mut Inside<T, O>, context: &Context<'_>) {
    let waker = context.waker();
    let ticket = *ticket.get_or_insert_with(|| inside.ticket());
    match inside.waiting_receivers.iter_mut().find(|receiver| receiver.waiting.ticket == ticket) {
        Some(mine) => mine.waiting.waker.clone_from(waker),
        // It was woken, but another receiver was faster.
        None => {
            let waiting = Waiting { ticket, waker: waker.clone() };
            inside.waiting_receivers.push_back(WaitingReceiver { receiver, waiting });
        }
    }
}

/// Removes the registration. Returns true if there was one, so that no item had been announced to the receiver.
#[inline]
fn leave<T, O>(ticket: &mut Option<Ticket>, inside: &mut Inside<T, O>) -> bool {
    ticket.take().is_none_or(|ticket| leave_line(ticket, inside))
}

fn leave_line<T, O>(ticket: Ticket, inside: &mut Inside<T, O>) -> bool {
    let before = inside.waiting_receivers.len();
    inside.waiting_receivers.retain(|receiver| receiver.waiting.ticket != ticket);
    inside.waiting_receivers.len() < before
}

impl<T: Weighted, O: Observer<T> + Unpin> Stream for Receiver<T, O> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        self.poll_receive(context)
    }
}

impl<T: Weighted, O: Observer<T>> Drop for Receiver<T, O> {
    fn drop(&mut self) {
        let Receiver { shared, id, ticket, .. } = self;
        let mut inside = shared.inside();
        let was_woken = !leave(ticket, &mut inside);
        inside.receivers -= 1;
        let mut next = VecDeque::new();
        let mut lost = (VecDeque::new(), VecDeque::new());
        if inside.receivers == 0 {
            lost = (std::mem::take(&mut inside.queue), std::mem::take(&mut inside.waiting_senders));
            shared.stats.discard();
        } else if let Some(lanes) = &mut inside.lanes {
            lanes.leave(*id);
            // Any of them may have an item now.
            next = std::mem::take(&mut inside.waiting_receivers);
        } else if was_woken && !inside.queue.is_empty() {
            // The item that this receiver was woken for now goes to another one.
            next.extend(inside.waiting_receivers.pop_front());
        }
        drop(inside);
        let (queue, senders) = lost;
        drop(queue);
        senders.into_iter().for_each(|sender| sender.waiting.waker.wake());
        next.into_iter().for_each(|receiver| receiver.waiting.waker.wake());
    }
}
