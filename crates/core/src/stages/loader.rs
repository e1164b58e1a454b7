//! The Loader: persists processed records.

use super::buffered_sink::BufferedSink;
use super::persist;
use super::reorder_buffer::ReorderBuffer;
use crate::batch::SharedFinished;
use crate::channels::Receiver;
use crate::worker::StageError;
use crate::worker::WorkerContext;
use clearpipe_model::record::Status;
use std::sync::Arc;

/// Writes the lines of all processed records to the processed file.
///
/// # Errors
/// [`StageError::Output`] if the file can't be written, [`StageError::Aborted`] if the run is aborted, and
/// [`StageError::Lost`] if records are missing at the end.
pub async fn run(
    worker: Arc<WorkerContext>,
    finished: Receiver<SharedFinished>,
    order: ReorderBuffer,
    file: BufferedSink,
) -> Result<(), StageError> {
    persist::run(worker, finished, order, file, |status| status == Status::Processed, false).await
}
