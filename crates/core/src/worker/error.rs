//! Why a worker exits before its work is done.

use crate::control::Aborted;
use clearpipe_channel::Disconnected;
use clearpipe_codec::SourceError;
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
    /// Records that were produced are missing from the results.
    #[error("internal error: records have been lost")]
    Lost,
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
