//! Restores the order of production behind the fan-out.

use crate::batch::SharedFinished;
use crate::batch::{BatchPool, ReturnQueue};
use crate::control::Control;
use crate::worker::StageError;
use clearpipe_channel::{Items, Window};
use smallvec::smallvec;
use std::collections::VecDeque;
use std::sync::Arc;

/// Releases batches as they arrive, or in the order of production.
///
/// All parts of a group arrive sooner or later, since the fan-out gives every record to every consumer. A group is released
/// when all of its records have arrived and all groups before it have been released. The [`Window`] bounds what is held
/// back.
pub struct ReorderBuffer {
    control: Arc<Control>,
    returns: ReturnQueue,
    /// The index of the consumer.
    consumer: usize,
    held: Held,
    /// How many finished records have not been reported yet.
    unreported: u64,
    /// How many records have been finished.
    finished: u64,
}

/// Progress is reported after this many records: each report costs the other threads something.
const REPORT_EVERY: u64 = 32;

/// What has arrived and was not released yet.
enum Held {
    /// In the order of arrival.
    Unordered(VecDeque<SharedFinished>),
    /// In the order of production.
    Ordered {
        /// The groups from the next one on, as far as any part of them has arrived.
        waiting: VecDeque<Parts>,
        /// The index of the next group.
        next: u64,
        /// What progress opens.
        window: Arc<Window>,
    },
}

/// The parts of a group that have arrived: one for each status that some of its records have.
pub type Parts = Items<SharedFinished>;

/// Whether all records of a group have arrived.
#[inline]
fn are_all(parts: &Parts) -> bool {
    let records: usize = parts.iter().map(|part| part.outcomes.len()).sum();
    parts.first().is_some_and(|part| part.group.size as usize == records)
}

impl ReorderBuffer {
    /// A buffer for a consumer, which restores the order if there is a window.
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
        ReorderBuffer { control: control.clone(), returns: pool.returns(), consumer, held, unreported: 0, finished: 0 }
    }

    /// Takes a batch in.
    #[inline]
    pub fn push(&mut self, batch: SharedFinished) {
        match &mut self.held {
            Held::Unordered(held) => held.push_back(batch),
            Held::Ordered { waiting, next, .. } => {
                // No part of a group arrives once it was complete, so this can't be negative.
                let at = (batch.group.index - *next) as usize;
                while waiting.len() <= at {
                    waiting.push_back(Parts::new());
                }
                waiting[at].push(batch);
            }
        }
    }

    /// The parts of the next group, if it is its turn. The caller passes them to [`ReorderBuffer::advance`] when it has
    /// finished with them.
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

    /// Releases what [`ReorderBuffer::take_ready`] returned, and reports progress once there is enough of it.
    pub fn advance(&mut self, parts: Parts) {
        for part in parts {
            self.unreported += part.outcomes.len() as u64;
            self.returns.add(part);
        }
        if self.unreported >= REPORT_EVERY {
            self.report();
        }
    }

    /// How many records from the first on have been finished; 0 if the order is not restored, since nobody knows then.
    pub fn through(&self) -> u64 {
        match self.held {
            Held::Unordered(_) => 0,
            Held::Ordered { .. } => self.finished + self.unreported,
        }
    }

    /// Checks at the end that everything that was taken in has been released.
    ///
    /// # Errors
    /// If a part of a group never came.
    pub fn finish(&self) -> Result<(), StageError> {
        let is_empty = match &self.held {
            Held::Unordered(held) => held.is_empty(),
            Held::Ordered { waiting, .. } => waiting.is_empty(),
        };
        match is_empty {
            true => Ok(()),
            false if self.control.is_aborted() => Err(StageError::Aborted),
            false => Err(StageError::Lost),
        }
    }

    /// Reports progress to those that wait for it. Call this before waiting for anything.
    pub fn report(&mut self) {
        let records = std::mem::take(&mut self.unreported);
        if records > 0 {
            self.finished += records;
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
