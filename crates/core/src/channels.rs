//! The channels of a pipeline. Their ends belong to workers, and what happens in them is traced and measured.

use crate::batch::Traceable;
use crate::metrics::{Activity, State};
use crate::trace::{EventKind, Latest};
use crate::worker::WorkerContext;
use clearpipe_channel::{ChannelStats, Observer, Policies, Wait};
use clearpipe_model::topology::{ChannelId, Stage};
use std::sync::Arc;
use std::time::Duration;

/// A worker's sending end of a channel.
pub type Sender<T> = clearpipe_channel::Sender<T, ChannelEnd>;

/// A worker's receiving end of a channel.
pub type Receiver<T> = clearpipe_channel::Receiver<T, ChannelEnd>;

/// A channel of the pipeline. Creates ends, but isn't one itself.
pub struct Channel<T> {
    channel: clearpipe_channel::Channel<T, ChannelEnd>,
    trace: Arc<ChannelTrace>,
}

/// The state in the event log that a channel's ends share.
struct ChannelTrace {
    id: ChannelId,
    /// The channel's latest event. All of them happen under the channel's lock, so the log has them in their real
    /// order.
    latest: Latest,
}

/// An end of a channel, which observes it for the event log and for the worker's time account.
///
/// A single pointer, since it is cloned for each send that has to wait.
#[derive(Clone)]
pub struct ChannelEnd(Arc<End>);

struct End {
    worker: Arc<WorkerContext>,
    activity: Arc<Activity>,
    channel: Arc<ChannelTrace>,
}

/// How many workers wait at a channel.
pub trait Waiting: Send + Sync {
    /// Returns how many wait for an item that hasn't come yet.
    fn receivers(&self) -> usize;

    /// Returns how many wait for room that isn't there yet.
    fn senders(&self) -> usize;
}

impl<T: Traceable + Send> Waiting for Channel<T> {
    fn receivers(&self) -> usize {
        self.channel.waiting_receivers()
    }

    fn senders(&self) -> usize {
        self.channel.waiting_senders()
    }
}

impl<T> Clone for Channel<T> {
    fn clone(&self) -> Self {
        Channel { channel: self.channel.clone(), trace: self.trace.clone() }
    }
}

impl<T: Traceable> Channel<T> {
    /// Creates an empty channel for `capacity` records, at least 1.
    pub fn new(id: ChannelId, capacity: usize, policies: Policies) -> Channel<T> {
        let trace = Arc::new(ChannelTrace { id, latest: Latest::default() });
        Channel { channel: clearpipe_channel::Channel::with_policies(capacity, policies), trace }
    }

    /// Creates a sending end for a worker.
    pub fn sender(&self, worker: &Arc<WorkerContext>) -> Sender<T> {
        self.channel.sender(self.end(worker))
    }

    /// Creates a receiving end for a worker.
    pub fn receiver(&self, worker: &Arc<WorkerContext>) -> Receiver<T> {
        self.channel.receiver(self.end(worker))
    }

    /// Returns whether the channel is empty and all its senders are gone.
    pub fn is_over(&self) -> bool {
        self.channel.is_over()
    }

    /// Wakes the workers that wait to receive, so that they notice when they are retired.
    pub fn wake_receivers(&self) {
        self.channel.wake_receivers();
    }

    /// Returns the channel's statistics.
    pub fn stats(&self) -> Arc<ChannelStats> {
        self.channel.stats()
    }

    fn end(&self, worker: &Arc<WorkerContext>) -> ChannelEnd {
        let (worker, activity) = (worker.clone(), worker.activity.clone());
        ChannelEnd(Arc::new(End { worker, activity, channel: self.trace.clone() }))
    }
}

impl ChannelEnd {
    #[inline]
    fn record_all<T: Traceable>(&self, kind: EventKind, items: &[T]) {
        let End { worker, channel, .. } = &*self.0;
        worker.record_all_in(channel.id.node_id(), &channel.latest, kind, items);
    }

    /// Records an event of the first record of an item: a sender is blocked with all of them or none.
    fn record_first<T: Traceable>(&self, kind: EventKind, item: &T) {
        if !item.group().traced().is_empty()
            && let Some(record) = item.numbers().next()
        {
            let End { worker, channel, .. } = &*self.0;
            worker.record_in(channel.id.node_id(), &channel.latest, kind, record);
        }
    }
}

impl<T: Traceable> Observer<T> for ChannelEnd {
    #[inline]
    fn sent(&self, items: &[T]) {
        self.record_all(EventKind::Arrive, items);
    }

    #[inline]
    fn received(&self, items: &[T]) {
        self.record_all(EventKind::Depart, items);
    }

    fn blocked(&self, item: &T) {
        self.record_first(EventKind::Blocked, item);
    }

    fn unblocked(&self, item: &T) {
        self.record_first(EventKind::Released, item);
    }

    fn dropped(&self, items: &[T]) {
        self.record_all(EventKind::Dropped, items);
        let End { worker, .. } = &*self.0;
        // No consumer will finish them.
        Stage::CONSUMERS.iter().for_each(|_| items.iter().for_each(|item| worker.retire_each(item)));
    }

    #[inline]
    fn waits(&self, wait: Wait) {
        let End { worker, channel, .. } = &*self.0;
        if worker.run.watches_deadlocks {
            worker.waits.for_channel(channel.id, wait);
        }
        self.0.activity.stops_as(match wait {
            Wait::ToReceive => State::Waiting,
            Wait::ToSend => State::Blocked,
        });
    }

    #[inline]
    fn goes_on(&self, received: usize) {
        if self.0.worker.run.watches_deadlocks {
            let End { worker, channel, .. } = &*self.0;
            match received {
                // It may still wait for another channel.
                0 => worker.waits.not_for(channel.id),
                _ => worker.waits.goes_on(),
            }
        }
        self.0.activity.stops_as(State::Busy);
        if received > 0 {
            self.0.activity.count(received);
        }
    }

    #[inline]
    fn is_cancelled(&self) -> bool {
        self.0.worker.is_retired()
    }

    fn blocked_time(&self) -> Duration {
        self.0.activity.blocked()
    }
}
