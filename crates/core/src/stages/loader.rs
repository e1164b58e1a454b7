//! The Loader: persists processed records.

use super::StageError;
use super::file::LineFile;
use super::order::Order;
use super::persist;
use super::seat::Seat;
use crate::batch::SharedFinished;
use crate::channel::Receiver;
use crate::record::Status;
use std::sync::Arc;

/// Writes the lines of all processed records to the processed file.
pub async fn run(
    seat: Arc<Seat>,
    finished: Receiver<SharedFinished>,
    order: Order,
    file: LineFile,
) -> Result<(), StageError> {
    persist::run(seat, finished, order, file, |status| status == Status::Processed, false).await
}
