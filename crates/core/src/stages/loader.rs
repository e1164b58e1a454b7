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
pub async fn run(
    worker: Arc<WorkerContext>,
    finished: Receiver<SharedFinished>,
    order: ReorderBuffer,
    file: BufferedSink,
) -> Result<(), StageError> {
    persist::run(worker, finished, order, file, |status| status == Status::Processed, false).await
}
