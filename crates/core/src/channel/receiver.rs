//! The receiving end of a channel.

use super::{Shared, State, Waiting, wake};
use crate::batch::Weight;
use crate::metrics::State as Doing;
use crate::stages::seat::Seat;
use crate::trace::EventKind;
use futures::Stream;
use std::collections::VecDeque;
use std::pin::Pin;
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
        shared.lock().receivers += 1;
        Receiver { shared: shared.clone(), seat: seat.clone(), ticket: None }
    }

    /// The next item, waiting while there is none; `None` when the channel is empty and all senders are gone, or the
    /// worker is dismissed.
    pub fn receive(&mut self) -> impl Future<Output = Option<T>> {
        futures::future::poll_fn(|context| self.poll_receive(context))
    }

    /// The next item, if there is one.
    pub fn receive_at_once(&mut self) -> Option<T> {
        let Receiver { shared, seat, ticket } = self;
        take(shared, seat, ticket, shared.lock())
    }

    fn poll_receive(&mut self, context: &mut Context<'_>) -> Poll<Option<T>> {
        let Receiver { shared, seat, ticket } = self;
        let mut state = shared.lock();
        if state.queue.is_empty() {
            let is_over = state.senders == 0 || seat.is_dismissed();
            if is_over {
                leave(ticket, &mut state);
            } else {
                wait(ticket, &mut state, context);
            }
            drop(state);
            seat.activity.stops_as(if is_over { Doing::Busy } else { Doing::Waiting });
            return if is_over { Poll::Ready(None) } else { Poll::Pending };
        }
        Poll::Ready(take(shared, seat, ticket, state))
    }
}

/// Takes the next item out of the queue, if there is one.
fn take<T: Weight>(
    shared: &Shared<T>,
    seat: &Seat,
    ticket: &mut Option<u64>,
    mut state: MutexGuard<'_, State<T>>,
) -> Option<T> {
    let item = state.queue.pop_front()?;
    let records = item.records();
    seat.record_each_at(EventKind::Depart, shared.id.place(), &item);
    state.used -= records;
    shared.gauge.left(records);
    leave(ticket, &mut state);
    let woken = state.admit(shared);
    drop(state);
    wake(woken);
    // It may have looked into another channel before, as the fan-out does.
    seat.activity.stops_as(Doing::Busy);
    seat.activity.count(records);
    Some(item)
}

/// Registers for the next item.
fn wait<T>(ticket: &mut Option<u64>, state: &mut State<T>, context: &Context<'_>) {
    let waker = context.waker();
    let ticket = *ticket.get_or_insert_with(|| state.ticket());
    match state.waiting_receivers.iter_mut().find(|receiver| receiver.ticket == ticket) {
        Some(mine) => mine.waker.clone_from(waker),
        // It was woken, but another receiver was faster.
        None => state.waiting_receivers.push_back(Waiting { ticket, waker: waker.clone() }),
    }
}

/// Forgets the registration. True if it stood there still, so that no item was announced to it.
#[inline]
fn leave<T>(ticket: &mut Option<u64>, state: &mut State<T>) -> bool {
    ticket.take().is_none_or(|ticket| leave_line(ticket, state))
}

fn leave_line<T>(ticket: u64, state: &mut State<T>) -> bool {
    let before = state.waiting_receivers.len();
    state.waiting_receivers.retain(|receiver| receiver.ticket != ticket);
    state.waiting_receivers.len() < before
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
        let mut state = shared.lock();
        let was_woken = !leave(ticket, &mut state);
        state.receivers -= 1;
        let mut next = None;
        let mut lost = (VecDeque::new(), VecDeque::new());
        if state.receivers == 0 {
            lost = (std::mem::take(&mut state.queue), std::mem::take(&mut state.waiting_senders));
            state.used = 0;
            shared.gauge.holds(0);
        } else if was_woken && !state.queue.is_empty() {
            // The item that this one was woken for is another's now.
            next = state.waiting_receivers.pop_front();
        }
        drop(state);
        let (queue, senders) = lost;
        drop(queue);
        senders.into_iter().for_each(|sender| sender.waiting.waker.wake());
        next.into_iter().for_each(|receiver| receiver.waker.wake());
    }
}
