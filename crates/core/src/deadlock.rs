//! Finds deadlocks: all workers of a run wait for each other, and nothing else will ever happen.
//!
//! A chain of stages can't deadlock, since the last stage always goes on. A circle can: see [`crate::stages::retries`]. So
//! can a chain in which a worker keeps its end of a channel for ever. Only such runs are watched; the others pay nothing.
//!
//! Each worker notes what it waits for, and when its task runs. Whenever one begins to wait or exits, all are looked at. A
//! worker is *stuck* if its task doesn't run, if it waits for channels or for the window, and if what it waits for hasn't
//! come. If all workers are stuck, they are looked at again: if they still are, and none has run in between, then at the end
//! of the first look all were stuck at the same time. Only a worker could have changed that, and none can run.
//!
//! A Producer that waits for anything else, such as an input or the byte budget, isn't stuck in this sense. So the deadlocks
//! that are found are all those of generated records, and of inputs until they fill the byte budget.

use crate::channels::Waiting;
use crate::waits::{Deadlock, FIRST_TO_SEND, FOR_WINDOW, bit};
use crate::worker::WorkerContext;
use clearpipe_channel::{Wait, Window};
use clearpipe_model::topology::ChannelId;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Watches the workers of a run.
pub struct DeadlockWatch {
    /// How many workers wait at each channel.
    channels: Vec<(ChannelId, Box<dyn Waiting>)>,
    window: Option<Arc<Window>>,
}

impl DeadlockWatch {
    /// Creates a watch over a run with these channels, and with this window if its output is ordered.
    pub fn new(channels: Vec<(ChannelId, Box<dyn Waiting>)>, window: Option<Arc<Window>>) -> DeadlockWatch {
        DeadlockWatch { channels, window }
    }

    /// Returns the deadlock, if there is one among the workers that haven't exited. Call this when one of them has begun to
    /// wait.
    pub fn find(&self, workers: &[Arc<WorkerContext>]) -> Option<Deadlock> {
        let before = self.stuck(workers)?;
        let after = self.stuck(workers)?;
        let mut waiting = BTreeMap::new();
        for (worker, &(reasons, _)) in workers.iter().zip(&after) {
            let first = 1 << reasons.trailing_zeros();
            *waiting.entry((first, worker.stage)).or_default() += 1;
        }
        (before == after).then_some(Deadlock { waiting })
    }

    /// Returns what each worker waits for, and how often its task has started and stopped; `None` if one of them isn't stuck.
    fn stuck(&self, workers: &[Arc<WorkerContext>]) -> Option<Vec<(u32, u32)>> {
        let mut all = Vec::with_capacity(workers.len());
        for WorkerContext { waits, .. } in workers.iter().map(|worker| &**worker) {
            let polls = waits.polls.load(Ordering::SeqCst);
            let reasons = waits.reasons.load(Ordering::SeqCst);
            let is_open = |window: &Arc<Window>| window.is_open(waits.window.load(Ordering::SeqCst));
            if reasons == 0 || polls % 2 == 1 || reasons & FOR_WINDOW != 0 && self.window.as_ref().is_none_or(is_open) {
                return None;
            }
            all.push((reasons, polls));
        }
        // Those that an item, or room, has come for aren't in their channel's line any more.
        let is_in_line = |(channel, line): &(ChannelId, Box<dyn Waiting>)| {
            let count = |wait| all.iter().filter(|(reasons, _)| reasons & bit(*channel, wait) != 0).count();
            line.receivers() >= count(Wait::ToReceive) && line.senders() >= count(Wait::ToSend)
        };
        // It will stop waiting for records, and exit. One that waits for room has to send first.
        let goes = |(worker, &(reasons, _)): (&Arc<WorkerContext>, &(u32, u32))| {
            reasons < FIRST_TO_SEND && worker.is_retired()
        };
        let is_retired = workers.iter().zip(&all).any(goes);
        (!all.is_empty() && !is_retired && self.channels.iter().all(is_in_line)).then_some(all)
    }
}
