//! The Error Handler: persists failed records, with the reason.

use super::buffered_sink::BufferedSink;
use super::persist;
use super::reorder_buffer::ReorderBuffer;
use crate::batch::SharedFinished;
use crate::channels::Receiver;
use crate::worker::StageError;
use crate::worker::WorkerContext;
use clearpipe_model::record::Status;
use std::sync::Arc;

/// Writes the lines of all failed records to the failed file. With `fail_fast`, the first of them stops the run.
///
/// # Errors
/// [`StageError::Output`] if the file can't be written, [`StageError::Aborted`] if the run is aborted, and
/// [`StageError::Lost`] if records are missing at the end.
pub async fn run(
    worker: Arc<WorkerContext>,
    finished: Receiver<SharedFinished>,
    order: ReorderBuffer,
    file: BufferedSink,
    fail_fast: bool,
) -> Result<(), StageError> {
    persist::run(worker, finished, order, file, Status::is_failed, fail_fast).await
}
