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
        let some = finished.receive_some().await;
        if some.is_empty() {
            return Ok(());
        }
        for batch in some {
            if seat.hands() == 1 {
                order.tell();
            }
            seat.record_each(EventKind::WorkStart, &batch);
            seat.serve(batch.numbers()).await;
            order.push(batch);
            // Sums need no order; but what is counted is to be what is in the files, also while the run goes on.
            while let Some(parts) = order.take_ready() {
                for part in &parts {
                    totals.lock().unwrap_or_else(PoisonError::into_inner).add(part);
                    seat.record_each(EventKind::Counted, part);
                    seat.record_each(EventKind::WorkEnd, part);
                    seat.retire_each(part);
                }
                order.done(parts);
                if !seat.run.control.goes_on() {
                    order.tell();
                    seat.hold().await?;
                }
            }
        }
        order.tell();
    }
}
