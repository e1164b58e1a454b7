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
    Unordered,
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
            None => Order::Unordered,
            Some(window) => Order::Ordered { waiting: VecDeque::new(), next: 0, window: window.clone(), consumer },
        }
    }

    /// Takes a batch in, and calls `ready` with the parts of each group whose turn has come.
    pub fn push(&mut self, batch: Arc<Finished>, mut ready: impl FnMut(&[Arc<Finished>])) {
        let Order::Ordered { waiting, next, window, consumer } = self else { return ready(&[batch]) };
        // No group comes back once it was complete, so this can't be negative.
        let at = (batch.group.index - *next) as usize;
        if waiting.len() <= at {
            waiting.resize_with(at + 1, Parts::default);
        }
        let parts = &mut waiting[at];
        parts.size = batch.group.size;
        parts.records += batch.outcomes.len() as u32;
        parts.batches.push(batch);
        while waiting.front().is_some_and(|parts| parts.size > 0 && parts.records == parts.size) {
            let Some(parts) = waiting.pop_front() else { break };
            *next += 1;
            ready(&parts.batches);
            window.advance(*consumer, u64::from(parts.size));
        }
    }
}

impl Drop for Order {
    fn drop(&mut self) {
        if let Order::Ordered { window, consumer, .. } = self {
            window.leave(*consumer);
        }
    }
}
