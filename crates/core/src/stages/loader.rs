//! The Loader: persists processed records.

use super::StageError;
use super::buffered_sink::BufferedSink;
use super::persist;
use super::reorder_buffer::ReorderBuffer;
use super::worker_context::WorkerContext;
use crate::batch::SharedFinished;
use crate::channel::Receiver;
use crate::record::Status;
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
