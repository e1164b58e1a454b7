//! Restores the order of production behind the fan-out.

use crate::batch::SharedFinished;
use crate::batch::{BatchPool, ReturnQueue};
use crate::control::Control;
use clearpipe_channel::{Items, Window};
use smallvec::smallvec;
use std::collections::VecDeque;
use std::sync::Arc;

/// Hands on what comes: at once, or in the order of production.
///
/// All parts of a group come sooner or later, since the fan-out gives every record to every consumer. A group is handed
/// on when all of its records have come and all groups before it have been handed on. What is held back is bounded by
/// the [`Window`].
pub struct ReorderBuffer {
    control: Arc<Control>,
    returns: ReturnQueue,
    /// Which of the consumers this is.
    consumer: usize,
    held: Held,
    /// How many records it is done with that nobody knows of yet.
    unreported: u64,
}

/// With so many records it is time to report: each telling costs the others something.
const REPORT_EVERY: u64 = 32;

/// What has come and was not handed on yet.
enum Held {
    /// As it comes.
    Unordered(VecDeque<SharedFinished>),
    /// In the order of production.
    Ordered {
        /// The groups from the next one on, as far as any part of them has come.
        waiting: VecDeque<Parts>,
        /// The index of the next group.
        next: u64,
        /// Who wants to know how far this is.
        window: Arc<Window>,
    },
}

/// The parts of a group that have come: one, or one for each way in which some of its records ended.
pub type Parts = Items<SharedFinished>;

/// Whether all records of a group have come.
#[inline]
fn are_all(parts: &Parts) -> bool {
    let records: usize = parts.iter().map(|part| part.outcomes.len()).sum();
    parts.first().is_some_and(|part| part.group.size as usize == records)
}

impl ReorderBuffer {
    /// The order for a consumer; ordered if there is a window.
    pub fn new(
        control: &Arc<Control>,
        pool: &BatchPool,
        window: Option<&Arc<Window>>,
        consumer: usize,
    ) -> ReorderBuffer {
        let held = match window {
            None => Held::Unordered(VecDeque::new()),
            Some(window) => Held::Ordered { waiting: VecDeque::new(), next: 0, window: window.clone() },
        };
        ReorderBuffer { control: control.clone(), returns: pool.returns(), consumer, held, unreported: 0 }
    }

    /// Takes a batch in.
    #[inline]
    pub fn push(&mut self, batch: SharedFinished) {
        match &mut self.held {
            Held::Unordered(held) => held.push_back(batch),
            Held::Ordered { waiting, next, .. } => {
                // No group comes back once it was complete, so this can't be negative.
                let at = (batch.group.index - *next) as usize;
                while waiting.len() <= at {
                    waiting.push_back(Parts::new());
                }
                waiting[at].push(batch);
            }
        }
    }

    /// The parts of the next group, if its turn has come. The caller says with [`ReorderBuffer::advance`] when it is done with them.
    pub fn take_ready(&mut self) -> Option<Parts> {
        match &mut self.held {
            Held::Unordered(held) => held.pop_front().map(|batch| smallvec![batch]),
            Held::Ordered { waiting, next, .. } => {
                let parts = waiting.pop_front_if(|parts| are_all(parts))?;
                *next += 1;
                Some(parts)
            }
        }
    }

    /// Lets go of what [`ReorderBuffer::take_ready`] has given; [`ReorderBuffer::report`] says so, here if it is much.
    pub fn advance(&mut self, parts: Parts) {
        for part in parts {
            self.unreported += part.outcomes.len() as u64;
            self.returns.add(part);
        }
        if self.unreported >= REPORT_EVERY {
            self.report();
        }
    }

    /// Says to those who wait for it what was done: before the consumer waits for anything.
    pub fn report(&mut self) {
        let records = std::mem::take(&mut self.unreported);
        if records > 0 {
            self.returns.give_back();
            self.control.advance(self.consumer, records);
            if let Held::Ordered { window, .. } = &self.held {
                window.moved();
            }
        }
    }
}

impl Drop for ReorderBuffer {
    fn drop(&mut self) {
        self.control.on_exit(self.consumer);
        if let Held::Ordered { window, .. } = &self.held {
            window.moved();
        }
    }
}
