//! Why a worker exits before its work is done.

use crate::control::Aborted;
use crate::waits::Deadlock;
use clearpipe_channel::Disconnected;
use clearpipe_codec::SourceError;
use std::io;

/// Why a stage ended before its work was done.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// The later stages have ended; they report the reason.
    #[error("a later stage has ended")]
    Disconnected,
    /// The run must end immediately.
    #[error("the run was aborted")]
    Aborted,
    /// Other workers take over its work.
    #[error("the worker was retired")]
    Retired,
    /// The input can't be read, or doesn't match the configuration.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A file can't be written.
    #[error("the {file} can't be written: {error}")]
    Output {
        /// A name of the file for messages.
        file: &'static str,
        /// The system's error.
        error: io::Error,
    },
    /// All workers wait for each other.
    #[error("deadlock: {0}")]
    Deadlock(Deadlock),
    /// The results lack some of the records produced.
    #[error("internal error: records have been lost")]
    Lost,
    /// A stage panicked outside the processing of a record.
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
