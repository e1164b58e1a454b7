//! The Error Handler: persists failed records, with the reason.

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

/// Writes the lines of all failed records to the failed file, and adds how long they took to `latencies`. With `fail_fast`, the first of them stops the run.
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
    fail_fast: bool,
) -> Result<(), StageError> {
    let to = Persisted { file, latencies, concerns: Status::is_failed, stops: fail_fast };
    persist::run(worker, finished, order, to).await
}
