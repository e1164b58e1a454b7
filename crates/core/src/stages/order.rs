//! Restores the order of production behind the fan-out.

use crate::batch::Finished;
use crate::channel::Window;
use std::collections::VecDeque;
use std::sync::Arc;

/// Hands on what comes: at once, or in the order of production.
///
/// All parts of a group come sooner or later, since the fan-out gives every record to every consumer. A group is handed
/// on when all of its records have come and all groups before it have been handed on. What is held back is bounded by
/// the [`Window`].
pub enum Order {
    /// As it comes.
    Unordered(Option<Arc<Finished>>),
    /// In the order of production.
    Ordered {
        /// The groups from the next one on, as far as any part of them has come.
        waiting: VecDeque<Parts>,
        /// The index of the next group.
        next: u64,
        /// Where progress is reported, and as which consumer.
        window: Arc<Window>,
        /// Which of the consumers this is.
        consumer: usize,
    },
}

/// The parts of a group.
#[derive(Debug, Default)]
pub struct Parts {
    batches: Vec<Arc<Finished>>,
    records: u32,
    size: u32,
}

impl Order {
    /// The order for a consumer; ordered if there is a window.
    pub fn new(window: Option<&Arc<Window>>, consumer: usize) -> Order {
        match window {
            None => Order::Unordered(None),
            Some(window) => Order::Ordered { waiting: VecDeque::new(), next: 0, window: window.clone(), consumer },
        }
    }

    /// Takes a batch in. What has become ready by that is to be asked for with [`Order::take_ready`] until there is nothing
    /// more: one after the other, so that whoever writes it down need not have room for all at once.
    pub fn push(&mut self, batch: Arc<Finished>) {
        let (waiting, next) = match self {
            Order::Unordered(ready) => return *ready = Some(batch),
            Order::Ordered { waiting, next, .. } => (waiting, next),
        };
        // No group comes back once it was complete, so this can't be negative.
        let at = (batch.group.index - *next) as usize;
        if waiting.len() <= at {
            waiting.resize_with(at + 1, Parts::default);
        }
        let parts = &mut waiting[at];
        parts.size = batch.group.size;
        parts.records += batch.outcomes.len() as u32;
        parts.batches.push(batch);
    }

    /// The parts of the next group whose turn has come, if there is one. The caller is taken to be done with it.
    pub fn take_ready(&mut self) -> Option<Vec<Arc<Finished>>> {
        let (waiting, next, window, consumer) = match self {
            Order::Unordered(ready) => return ready.take().map(|batch| vec![batch]),
            Order::Ordered { waiting, next, window, consumer } => (waiting, next, window, *consumer),
        };
        let is_complete = |parts: &Parts| parts.size > 0 && parts.records == parts.size;
        let parts = waiting.pop_front_if(|parts| is_complete(parts))?;
        *next += 1;
        window.advance(consumer, u64::from(parts.size));
        Some(parts.batches)
    }
}

impl Drop for Order {
    fn drop(&mut self) {
        if let Order::Ordered { window, consumer, .. } = self {
            window.leave(*consumer);
        }
    }
}
