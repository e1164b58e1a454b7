//! The Metrics Collector: total processed, total errors, anomalies, sum of values.

use super::reorder_buffer::{Parts, ReorderBuffer};
use crate::batch::{SharedFinished, Traceable};
use crate::channels::Receiver;
use crate::metrics::Totals;
use crate::trace::EventKind;
use crate::worker::StageError;
use crate::worker::WorkerContext;
use std::sync::{Arc, Mutex, PoisonError};

/// Counts all records into `totals`, which can be read during the run.
///
/// # Errors
/// [`StageError::Aborted`] if the run is aborted, and [`StageError::Lost`] if records are missing at the end.
pub async fn run(
    worker: Arc<WorkerContext>,
    mut finished: Receiver<SharedFinished>,
    mut order: ReorderBuffer,
    totals: Arc<Mutex<Totals>>,
) -> Result<(), StageError> {
    // The page shows this code; CONTRIBUTING.md describes the comments that begin with `code:` and `event:`.
    // code: start metrics_collector
    loop {
        worker.ready().await?;
        let some = finished.receive_some(|| worker.max_take()).await; // event: depart
        if some.is_empty() {
            return order.finish();
        }
        let one_by_one = worker.is_unbatched();
        for batch in some {
            if one_by_one {
                // Report finished records before waiting for more.
                count_all(&worker, &mut order, &totals).await?;
                worker.record_each(EventKind::WorkStart, &batch);
                worker.serve(batch.numbers()).await; // event: work_start
            }
            order.push(batch);
        }
        count_all(&worker, &mut order, &totals).await?;
    }
    // code: end
}

/// Counts the batches that are ready in `order`, and reports progress. Also pauses between two groups.
async fn count_all(
    worker: &WorkerContext,
    order: &mut ReorderBuffer,
    totals: &Mutex<Totals>,
) -> Result<(), StageError> {
    while count_until_pause(worker, order, totals) {
        worker.hold().await?;
    }
    Ok(())
}

/// Counts all ready batches under one lock, or until the run is paused. Returns whether it is paused.
fn count_until_pause(worker: &WorkerContext, order: &mut ReorderBuffer, totals: &Mutex<Totals>) -> bool {
    let mut totals = totals.lock().unwrap_or_else(PoisonError::into_inner);
    let mut goes_on = true;
    // code: start metrics_collector
    // Sums need no order, but the counts must match the files, even during the run.
    while goes_on && let Some(parts) = order.take_ready() {
        parts.iter().for_each(|part| totals.add(part)); // event: counted
        if worker.run.tracer.is_on() {
            record_counted(&parts, worker);
        }
        order.advance(parts); // event: work_end
        goes_on = worker.run.control.goes_on();
    }
    // code: end
    order.report();
    !goes_on
}

fn record_counted(parts: &Parts, worker: &WorkerContext) {
    for part in parts.iter() {
        worker.record_each(EventKind::Counted, part);
        worker.record_each(EventKind::WorkEnd, part);
        worker.retire_each(part);
    }
}
