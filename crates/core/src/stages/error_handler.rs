//! The Error Handler: persists failed records, with the reason.

use super::StageError;
use super::file::LineFile;
use super::order::Order;
use super::persist;
use super::seat::Seat;
use crate::batch::SharedFinished;
use crate::channel::Receiver;
use crate::record::Status;
use std::sync::Arc;

/// Writes the lines of all failed records to the failed file. With `fail_fast` the first of them stops the run.
pub async fn run(
    seat: Arc<Seat>,
    finished: Receiver<SharedFinished>,
    order: Order,
    file: LineFile,
    fail_fast: bool,
) -> Result<(), StageError> {
    persist::run(seat, finished, order, file, Status::is_failed, fail_fast).await
}
