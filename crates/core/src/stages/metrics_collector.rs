//! The Metrics Collector: total processed, total errors, anomalies, sum of values.

use super::StageError;
use super::order::{Order, Parts};
use super::seat::Seat;
use crate::batch::{SharedFinished, Weight};
use crate::channel::Receiver;
use crate::metrics::Totals;
use crate::trace::EventKind;
use std::sync::{Arc, Mutex, PoisonError};

/// Counts all records into `totals`, which anybody may read while the run goes on.
pub async fn run(
    seat: Arc<Seat>,
    mut finished: Receiver<SharedFinished>,
    mut order: Order,
    totals: Arc<Mutex<Totals>>,
) -> Result<(), StageError> {
    loop {
        seat.ready().await?;
        let some = finished.receive_some().await;
        if some.is_empty() {
            return Ok(());
        }
        let one_by_one = seat.is_one_by_one();
        for batch in some {
            if one_by_one {
                // Nobody is to wait for what was done before.
                count_all(&seat, &mut order, &totals).await?;
                seat.record_each(EventKind::WorkStart, &batch);
                seat.serve(batch.numbers()).await;
            }
            order.push(batch);
        }
        count_all(&seat, &mut order, &totals).await?;
    }
}

/// Counts what is there, in the order that `order` says, and says that it is done. A pause is also between two groups.
async fn count_all(seat: &Seat, order: &mut Order, totals: &Mutex<Totals>) -> Result<(), StageError> {
    while count_until_pause(seat, order, totals) {
        seat.hold().await?;
    }
    Ok(())
}

/// All that is there under one lock, or as far as the run goes on; whether it is paused.
fn count_until_pause(seat: &Seat, order: &mut Order, totals: &Mutex<Totals>) -> bool {
    let mut totals = totals.lock().unwrap_or_else(PoisonError::into_inner);
    let mut goes_on = true;
    // Sums need no order; but what is counted is to be what is in the files, also while the run goes on.
    while goes_on && let Some(parts) = order.take_ready() {
        parts.iter().for_each(|part| totals.add(part));
        if seat.run.tracer.is_on() {
            record_counted(&parts, seat);
        }
        order.done(parts);
        goes_on = seat.run.control.goes_on();
    }
    order.tell();
    !goes_on
}

fn record_counted(parts: &Parts, seat: &Seat) {
    for part in parts.iter() {
        seat.record_each(EventKind::Counted, part);
        seat.record_each(EventKind::WorkEnd, part);
        seat.retire_each(part);
    }
}
