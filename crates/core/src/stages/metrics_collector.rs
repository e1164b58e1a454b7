//! The Metrics Collector: total processed, total errors, anomalies, sum of values.

use super::StageError;
use super::order::Order;
use super::seat::Seat;
use crate::batch::{Finished, Weight};
use crate::channel::Receiver;
use crate::metrics::Totals;
use crate::trace::EventKind;
use std::sync::{Arc, Mutex, PoisonError};

/// Counts all records into `totals`, which anybody may read while the run goes on.
pub async fn run(
    seat: Arc<Seat>,
    mut finished: Receiver<Arc<Finished>>,
    mut order: Order,
    totals: Arc<Mutex<Totals>>,
) -> Result<(), StageError> {
    loop {
        seat.ready().await?;
        let Some(batch) = finished.receive().await else { return Ok(()) };
        seat.record_each(EventKind::WorkStart, &batch);
        seat.serve(batch.numbers()).await;
        totals.lock().unwrap_or_else(PoisonError::into_inner).add(&batch);
        seat.record_each(EventKind::Counted, &batch);
        seat.record_each(EventKind::WorkEnd, &batch);
        seat.retire_each(&batch);
        // Counting needs no order; but others have to know how far all consumers are.
        order.push(batch);
        while let Some(parts) = order.take_ready() {
            order.done(parts);
            seat.hold().await?;
        }
    }
}
