//! The stages, one file each. Each is an async function over its ends of the channels; [`crate::pipeline`] wires them.

pub mod buffered_sink;
pub mod error_handler;
pub mod fan_out;
pub mod loader;
pub mod metrics_collector;
pub mod payload;
mod persist;
pub mod producer;
pub mod reorder_buffer;
pub mod transformer;
pub mod validator;

use crate::batch::SharedFinished;
use clearpipe_channel::Items;

/// What became of several batches, as a worker sends it on: of each, what is good and what has failed, if there is any.
// It has one caller a stage, whose work it calls: apart from it, a record costs 40 instructions more.
#[inline(always)]
fn gather<T>(
    ends: impl ExactSizeIterator<Item = (Option<T>, Option<SharedFinished>)>,
) -> (Items<T>, Items<SharedFinished>) {
    // Few fail as a rule.
    let (mut good, mut failed) = (Items::with_capacity(ends.len()), Items::with_capacity(ends.len() / 4));
    for (done, refused) in ends {
        done.into_iter().for_each(|batch| good.push(batch));
        refused.into_iter().for_each(|batch| failed.push(batch));
    }
    (good, failed)
}
