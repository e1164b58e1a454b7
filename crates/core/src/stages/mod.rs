//! The stages, one file each. Each is an async function over its ends of the channels; [`crate::pipeline`] wires them.

pub mod buffered_sink;
pub mod error_handler;
pub mod fan_out;
pub mod loader;
pub mod metrics_collector;
pub(crate) mod panic_guard;
mod persist;
pub mod producer;
pub mod reorder_buffer;
pub(crate) mod task;
pub mod transformer;
pub mod validator;
pub mod worker_context;

use crate::batch::SharedFinished;
use crate::channel::{Disconnected, Items};
use crate::control::Aborted;
use crate::source::SourceError;
use std::io;

/// Why a stage ended before its work was done.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// The stages behind it have ended; the reason is theirs.
    #[error("the stage behind has ended")]
    Disconnected,
    /// The run is to end at once.
    #[error("the run was aborted")]
    Aborted,
    /// Other workers do its work from now on.
    #[error("the worker was retired")]
    Retired,
    /// The input can't be read, or does not fit the configuration.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A file can't be written.
    #[error("the {file} can't be written: {error}")]
    Output {
        /// Which file: for people.
        file: &'static str,
        /// What the system says.
        error: io::Error,
    },
    /// A stage panicked outside the work on a record.
    #[error("internal error: {0}")]
    Panicked(String),
}

impl From<Disconnected> for StageError {
    fn from(_: Disconnected) -> Self {
        StageError::Disconnected
    }
}

impl From<Aborted> for StageError {
    fn from(_: Aborted) -> Self {
        StageError::Aborted
    }
}

/// What became of several batches, as a worker sends it on: of each, what is good and what has failed, if there is any.
#[inline]
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
