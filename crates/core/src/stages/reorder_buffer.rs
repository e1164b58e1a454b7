//! Restores the order of production after the fan-out.

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
/// All parts of a group arrive eventually, since the fan-out gives every record to every consumer. A group is released
/// when all of its records have arrived and all earlier groups have been released. The [`Window`] bounds how much is
/// held back.
pub struct ReorderBuffer {
    control: Arc<Control>,
    returns: ReturnQueue,
    /// The index of the consumer.
    consumer: usize,
    held: Held,
    /// The number of finished records that haven't been reported yet.
    unreported: u64,
    /// The number of finished records.
    finished: u64,
}

/// Progress is reported after this many records, since each report has a cost for the other threads.
const REPORT_EVERY: u64 = 32;

/// The batches that have arrived but haven't been released.
enum Held {
    /// In the order of arrival.
    Unordered(VecDeque<SharedFinished>),
    /// In the order of production.
    Ordered {
        /// The groups from the next one up to the last one of which any part has arrived.
        waiting: VecDeque<Parts>,
        /// The index of the next group.
        next: u64,
        /// The window that progress opens.
        window: Arc<Window>,
    },
}

/// The parts of a group that have arrived: one for each status among its records.
pub type Parts = Items<SharedFinished>;

/// Returns whether all records of a group have arrived.
#[inline]
fn are_all(parts: &Parts) -> bool {
    let records: usize = parts.iter().map(|part| part.outcomes.len()).sum();
    parts.first().is_some_and(|part| part.group.size() == records)
}

impl ReorderBuffer {
    /// Creates a buffer for a consumer. It restores the order if there is a window.
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

    /// Adds a batch.
    #[inline]
    pub fn push(&mut self, batch: SharedFinished) {
        match &mut self.held {
            Held::Unordered(held) => held.push_back(batch),
            Held::Ordered { waiting, next, .. } => {
                // No part of a group arrives after the group was complete, so this can't be negative.
                let at = (batch.group.index() - *next) as usize;
                while waiting.len() <= at {
                    waiting.push_back(Parts::new());
                }
                waiting[at].push(batch);
            }
        }
    }

    /// Takes the parts of the next group, if all have arrived. The caller passes them to [`ReorderBuffer::advance`]
    /// when it has finished with them.
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

    /// Releases the parts that [`ReorderBuffer::take_ready`] returned, and reports progress after enough records.
    pub fn advance(&mut self, parts: Parts) {
        for part in parts {
            self.unreported += part.outcomes.len() as u64;
            self.returns.add(part);
        }
        if self.unreported >= REPORT_EVERY {
            self.report();
        }
    }

    /// Returns how many records, from the first on, have been finished, or 0 if the order isn't restored, since this is
    /// unknown then.
    pub fn through(&self) -> u64 {
        match self.held {
            Held::Unordered(_) => 0,
            Held::Ordered { .. } => self.finished + self.unreported,
        }
    }

    /// Checks at the end of the run that every batch has been released.
    ///
    /// # Errors
    /// If a part of a group never arrived.
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

    /// Reports progress to the components that wait for it. Call this before waiting for anything.
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
