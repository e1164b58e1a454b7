//! The Loader: persists processed records.

use super::buffered_sink::BufferedSink;
use super::persist::{self, Persisted};
use super::reorder_buffer::ReorderBuffer;
use crate::batch::SharedFinished;
use crate::channels::Receiver;
use crate::metrics::Latencies;
use crate::worker::StageError;
use crate::worker::WorkerContext;
use clearpipe_model::record::Status;
use std::sync::Arc;

/// Writes the lines of all processed records to the processed file, and adds how long
/// they took to `latencies`.
///
/// # Errors
/// [`StageError::Output`] if the file can't be written, [`StageError::Aborted`] if the run is aborted, and
/// [`StageError::Lost`] if records are missing at the end.
pub async fn run(
    worker: Arc<WorkerContext>,
    finished: Receiver<SharedFinished>,
    order: ReorderBuffer,
    file: BufferedSink,
    latencies: Arc<Latencies>,
) -> Result<(), StageError> {
    let concerns = |status| status == Status::Processed;
    persist::run(worker, finished, order, Persisted { file, latencies, concerns, stops: false }).await
}
