//! The receiving end of a channel.

use super::{Inbox, Shared, Waiting, wake};
use crate::batch::Weight;
use crate::metrics::State as Doing;
use crate::stages::seat::Seat;
use crate::trace::EventKind;
use futures::Stream;
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, MutexGuard};
use std::task::{Context, Poll};

/// The receiving end of a worker. Receivers of one channel share its items: each goes to one of them.
pub struct Receiver<T: Weight> {
    shared: Arc<Shared<T>>,
    seat: Arc<Seat>,
    ticket: Option<u64>,
}

impl<T: Weight> Receiver<T> {
    pub(super) fn new(shared: &Arc<Shared<T>>, seat: &Arc<Seat>) -> Receiver<T> {
        shared.inbox().receivers += 1;
        Receiver { shared: shared.clone(), seat: seat.clone(), ticket: None }
    }

    /// The next item, waiting while there is none; `None` when the channel is empty and all senders are gone, or the
    /// worker is dismissed.
    pub fn receive(&mut self) -> impl Future<Output = Option<T>> {
        futures::future::poll_fn(|context| self.poll_receive(context))
    }

    /// The next item, if there is one.
    pub fn receive_at_once(&mut self) -> Option<T> {
        let mut outbox = self.shared.outbox();
        refill(&self.shared, &mut outbox);
        take(&self.shared, &self.seat, &mut self.ticket, outbox)
    }

    fn poll_receive(&mut self, context: &mut Context<'_>) -> Poll<Option<T>> {
        let Receiver { shared, seat, ticket } = self;
        let mut outbox = shared.outbox();
        if let Some(mut inbox) = refill(shared, &mut outbox) {
            let is_over = inbox.senders == 0 || seat.is_dismissed();
            if is_over {
                leave(ticket, &mut inbox);
            } else {
                wait(ticket, &mut inbox, context);
            }
            drop((inbox, outbox));
            seat.activity.stops_as(if is_over { Doing::Busy } else { Doing::Waiting });
            return if is_over { Poll::Ready(None) } else { Poll::Pending };
        }
        Poll::Ready(take(shared, seat, ticket, outbox))
    }
}

/// Sees to it that something is in the outbox. If nothing is anywhere, the inbox, which nothing comes into meanwhile.
#[inline]
fn refill<'a, T>(shared: &'a Shared<T>, outbox: &mut VecDeque<T>) -> Option<MutexGuard<'a, Inbox<T>>> {
    if !outbox.is_empty() {
        return None;
    }
    let mut inbox = shared.inbox();
    std::mem::swap(&mut inbox.queue, outbox);
    outbox.is_empty().then_some(inbox)
}

/// Takes the next item out of the outbox, if there is one.
fn take<T: Weight>(
    shared: &Shared<T>,
    seat: &Seat,
    ticket: &mut Option<u64>,
    mut outbox: MutexGuard<'_, VecDeque<T>>,
) -> Option<T> {
    let item = outbox.pop_front()?;
    let records = item.records();
    seat.record_each_at(EventKind::Depart, shared.id.place(), &item);
    shared.gauge.was_taken(records);
    drop(outbox);
    // Here, since it may have looked into another channel before, as the fan-out does.
    seat.activity.stops_as(Doing::Busy);
    seat.activity.count(records);
    if ticket.is_some() || shared.has_waiting_senders.load(Ordering::SeqCst) {
        let mut inbox = shared.inbox();
        leave(ticket, &mut inbox);
        let woken = inbox.admit(shared);
        drop(inbox);
        wake(woken);
    }
    Some(item)
}

/// Registers for the next item.
fn wait<T>(ticket: &mut Option<u64>, inbox: &mut Inbox<T>, context: &Context<'_>) {
    let waker = context.waker();
    let ticket = *ticket.get_or_insert_with(|| inbox.ticket());
    match inbox.waiting_receivers.iter_mut().find(|receiver| receiver.ticket == ticket) {
        Some(mine) => mine.waker.clone_from(waker),
        // It was woken, but another receiver was faster.
        None => inbox.waiting_receivers.push_back(Waiting { ticket, waker: waker.clone() }),
    }
}

/// Forgets the registration. True if it stood there still, so that no item was announced to it.
#[inline]
fn leave<T>(ticket: &mut Option<u64>, inbox: &mut Inbox<T>) -> bool {
    ticket.take().is_none_or(|ticket| leave_line(ticket, inbox))
}

fn leave_line<T>(ticket: u64, inbox: &mut Inbox<T>) -> bool {
    let before = inbox.waiting_receivers.len();
    inbox.waiting_receivers.retain(|receiver| receiver.ticket != ticket);
    inbox.waiting_receivers.len() < before
}

impl<T: Weight> Stream for Receiver<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        self.poll_receive(context)
    }
}

impl<T: Weight> Drop for Receiver<T> {
    fn drop(&mut self) {
        let Receiver { shared, ticket, .. } = self;
        let mut outbox = shared.outbox();
        let mut inbox = shared.inbox();
        let was_woken = !leave(ticket, &mut inbox);
        inbox.receivers -= 1;
        let mut next = None;
        let mut lost = (VecDeque::new(), VecDeque::new(), VecDeque::new());
        if inbox.receivers == 0 {
            let Inbox { queue, waiting_senders, .. } = &mut *inbox;
            lost = (std::mem::take(&mut *outbox), std::mem::take(queue), std::mem::take(waiting_senders));
            shared.gauge.was_lost();
        } else if was_woken && !(outbox.is_empty() && inbox.queue.is_empty()) {
            // The item that this one was woken for is another's now.
            next = inbox.waiting_receivers.pop_front();
        }
        drop((inbox, outbox));
        let (before, since, senders) = lost;
        drop((before, since));
        senders.into_iter().for_each(|sender| sender.waiting.waker.wake());
        next.into_iter().for_each(|receiver| receiver.waker.wake());
    }
}
