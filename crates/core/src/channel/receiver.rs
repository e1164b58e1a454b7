//! The receiving end of a channel.

use super::{Fitting, Inside, Items, Shared, Ticket, Waiting, Woken, wake};
use crate::batch::Weight;
use crate::metrics::State as Doing;
use crate::stages::worker_context::WorkerContext;
use crate::trace::EventKind;
use futures::Stream;
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, MutexGuard};
use std::task::{Context, Poll, ready};

/// The receiving end of a worker. Receivers of one channel share its items: each goes to one of them.
pub struct Receiver<T: Weight> {
    shared: Arc<Shared<T>>,
    worker: Arc<WorkerContext>,
    ticket: Option<Ticket>,
}

impl<T: Weight> Receiver<T> {
    pub(super) fn new(shared: &Arc<Shared<T>>, worker: &Arc<WorkerContext>) -> Receiver<T> {
        shared.inside().receivers += 1;
        Receiver { shared: shared.clone(), worker: worker.clone(), ticket: None }
    }

    /// The next item, waiting while there is none; `None` when the channel is empty and all senders are gone, or the
    /// worker is retired.
    pub fn receive(&mut self) -> impl Future<Output = Option<T>> {
        futures::future::poll_fn(|context| self.poll_receive(context))
    }

    /// The next items, waiting while there is none: its share of those that are there, as long as the worker may have them
    /// in its max_take together, but one at least. None when the channel is empty and all senders are gone, or the worker is
    /// retired.
    pub fn receive_some(&mut self) -> impl Future<Output = Items<T>> {
        // Asked for when something is there: a worker that waits for long may do so in another situation.
        futures::future::poll_fn(move |context| self.poll_receive_some(self.worker.max_take(), context))
    }

    /// The next items, if there are any; see [`Receiver::receive_some`].
    pub fn receive_at_once(&mut self) -> Items<T> {
        let inside = self.shared.inside();
        take(&self.shared, &self.worker, &mut self.ticket, inside, self.worker.max_take())
    }

    fn poll_receive(&mut self, context: &mut Context<'_>) -> Poll<Option<T>> {
        Poll::Ready(ready!(self.poll_receive_some(1, context)).pop())
    }

    /// See [`Receiver::receive_some`]; if there are several, no more than `most` records.
    pub fn poll_receive_some(&mut self, most: usize, context: &mut Context<'_>) -> Poll<Items<T>> {
        let Receiver { shared, worker, ticket } = self;
        let mut inside = shared.inside();
        if !inside.queue.is_empty() {
            return Poll::Ready(take(shared, worker, ticket, inside, most));
        }
        let is_over = inside.senders == 0 || worker.is_retired();
        if is_over {
            leave(ticket, &mut inside);
        } else {
            wait(ticket, &mut inside, context);
        }
        drop(inside);
        worker.activity.stops_as(if is_over { Doing::Busy } else { Doing::Waiting });
        if is_over { Poll::Ready(Items::new()) } else { Poll::Pending }
    }
}

/// Takes the next items out of the queue, if there are any.
fn take<T: Weight>(
    shared: &Shared<T>,
    worker: &WorkerContext,
    ticket: &mut Option<Ticket>,
    mut inside: MutexGuard<'_, Inside<T>>,
    most: usize,
) -> Items<T> {
    let share = inside.queue.len().div_ceil(inside.receivers).min(most.max(1));
    // The first one in any case.
    let room = inside.queue.front().map_or(0, Weight::records).max(most);
    let Fitting { count, records } = Fitting::of(inside.queue.iter().take(share), room);
    let items: Items<T> = inside.queue.drain(..count).collect();
    worker.record_all_in(shared.id.node_id(), &inside.latest, EventKind::Depart, &items);
    shared.stats.dequeue(records);
    leave(ticket, &mut inside);
    let mut woken = Woken::new();
    if !inside.waiting_senders.is_empty() {
        inside.admit(shared, &mut woken);
    }
    drop(inside);
    // Here, since it may have looked into another channel before, as the fan-out does.
    worker.activity.stops_as(Doing::Busy);
    worker.activity.count(records);
    wake(woken);
    items
}

/// Registers for the next item.
fn wait<T>(ticket: &mut Option<Ticket>, inside: &mut Inside<T>, context: &Context<'_>) {
    let waker = context.waker();
    let ticket = *ticket.get_or_insert_with(|| inside.ticket());
    match inside.waiting_receivers.iter_mut().find(|receiver| receiver.ticket == ticket) {
        Some(mine) => mine.waker.clone_from(waker),
        // It was woken, but another receiver was faster.
        None => inside.waiting_receivers.push_back(Waiting { ticket, waker: waker.clone() }),
    }
}

/// Forgets the registration. True if it stood there still, so that no item was announced to it.
#[inline]
fn leave<T>(ticket: &mut Option<Ticket>, inside: &mut Inside<T>) -> bool {
    ticket.take().is_none_or(|ticket| leave_line(ticket, inside))
}

fn leave_line<T>(ticket: Ticket, inside: &mut Inside<T>) -> bool {
    let before = inside.waiting_receivers.len();
    inside.waiting_receivers.retain(|receiver| receiver.ticket != ticket);
    inside.waiting_receivers.len() < before
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
        let mut inside = shared.inside();
        let was_woken = !leave(ticket, &mut inside);
        inside.receivers -= 1;
        let mut next = None;
        let mut lost = (VecDeque::new(), VecDeque::new());
        if inside.receivers == 0 {
            lost = (std::mem::take(&mut inside.queue), std::mem::take(&mut inside.waiting_senders));
            shared.stats.discard();
        } else if was_woken && !inside.queue.is_empty() {
            // The item that this one was woken for is another's now.
            next = inside.waiting_receivers.pop_front();
        }
        drop(inside);
        let (queue, senders) = lost;
        drop(queue);
        senders.into_iter().for_each(|sender| sender.waiting.waker.wake());
        next.into_iter().for_each(|receiver| receiver.waker.wake());
    }
}
