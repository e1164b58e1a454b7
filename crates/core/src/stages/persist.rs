//! What the Loader and the Error Handler share: each writes the records that concern it to its file.

use super::buffered_sink::BufferedSink;
use super::reorder_buffer::{Parts, ReorderBuffer};
use crate::batch::{Finished, SharedFinished};
use crate::channels::Receiver;
use crate::metrics::{Latencies, State, Times};
use crate::trace::EventKind;
use crate::worker::StageError;
use crate::worker::WorkerContext;
use clearpipe_model::record::{Outcome, Status};
use clearpipe_model::record_number;
use futures::future::{BoxFuture, Either, select};
use smallvec::SmallVec;
use std::sync::Arc;
use std::time::Duration;

/// Lines are held back for at most this long when no more arrive.
const PATIENCE: Duration = Duration::from_millis(20);

/// A sink that has all lines is asked what is durable at least this often.
const MAX_PATIENCE: Duration = Duration::from_secs(1);

/// Where one of the two consumers writes, and what.
pub struct Persisted {
    /// The file.
    pub file: BufferedSink,
    /// How long the records took that were written to it.
    pub latencies: Arc<Latencies>,
    /// Which records belong there.
    pub concerns: fn(Status) -> bool,
    /// Whether the first of them stops the run.
    pub stops: bool,
}

/// Writes the records that belong there to a file, in the order that `order` restores.
pub async fn run(
    worker: Arc<WorkerContext>,
    mut finished: Receiver<SharedFinished>,
    mut order: ReorderBuffer,
    to: Persisted,
) -> Result<(), StageError> {
    let Persisted { mut file, latencies, concerns, mut stops } = to;
    let mut timeout = PATIENCE;
    let mut patience: Option<BoxFuture<'static, ()>> = None;
    // The page shows this code; CONTRIBUTING.md describes the comments that begin with `code:` and `event:`.
    // code: start loader, error_handler
    loop {
        worker.ready().await?;
        // event: depart
        let batches = match finished.try_receive_some(worker.max_take()) {
            batches if !batches.is_empty() => batches,
            _ if file.is_settled() => finished.receive_some(|| worker.max_take()).await,
            _ => {
                // Nothing has arrived: a reader of the file shouldn't wait for the block to fill up.
                let timer = patience.get_or_insert_with(|| worker.run.runtime.sleep(timeout));
                let received = match select(std::pin::pin!(finished.receive_some(|| worker.max_take())), timer).await {
                    Either::Left((batches, _)) => Some(batches),
                    Either::Right(((), _)) => None,
                };
                match received {
                    Some(batches) => batches,
                    None => {
                        patience = None;
                        timeout = if file.is_empty() { MAX_PATIENCE.min(2 * timeout) } else { PATIENCE };
                        worker.activity.stops_as(State::Busy);
                        unless_aborted(&worker, file.flush()).await?;
                        continue;
                    }
                }
            }
        };
        if batches.is_empty() {
            break;
        }
        if timeout > PATIENCE {
            (timeout, patience) = (PATIENCE, None);
        }
        let one_by_one = worker.is_unbatched();
        for batch in batches {
            if one_by_one {
                // Report finished records before waiting for more.
                write_all(&worker, &mut order, &mut file, concerns, &latencies).await?;
                worker.record_each(EventKind::WorkStart, &batch);
                let outcomes = if concerns(batch.status) { &batch.outcomes[..] } else { &[] };
                worker.serve(outcomes.iter().map(|outcome| outcome.number)).await; // event: work_start
            }
            order.push(batch);
        }
        write_all(&worker, &mut order, &mut file, concerns, &latencies).await?;
        if stops && !(file.is_empty() && file.is_untouched()) {
            stops = false;
            unless_aborted(&worker, file.flush()).await?;
            worker.run.control.stop();
        }
    }
    unless_aborted(&worker, file.close()).await?;
    order.finish()
    // code: end
}

/// Writes the batches that are ready in `order`, and reports progress.
async fn write_all(
    worker: &WorkerContext,
    order: &mut ReorderBuffer,
    file: &mut BufferedSink,
    concerns: fn(Status) -> bool,
    latencies: &Latencies,
) -> Result<(), StageError> {
    // The same for all that are written without waiting for anything: reading the clock takes time.
    let mut now = None;
    // code: start loader, error_handler
    while let Some(parts) = order.take_ready() {
        match mine(&parts, concerns) {
            (None, _) => {}
            (Some(part), None) if BufferedSink::is_worth_writing(&part.lines) => {
                order.report();
                unless_aborted(worker, file.write(&part.lines)).await?;
                now = None;
            }
            (Some(part), None) => file.push(&part.lines), // event: written
            (Some(_), Some(_)) => collect(&parts, file, concerns),
        }
        for part in parts.iter().filter(|part| concerns(part.status)) {
            let written = *now.get_or_insert_with(|| worker.now());
            let times = Times { produced: part.group.produced(), due: part.group.due(), written };
            latencies.add(times, part.outcomes.len() as u64);
        }
        if worker.run.tracer.is_on() {
            record_written(&parts, worker, concerns);
        }
        // Released before the file is written.
        order.advance(parts); // event: work_end
        file.set_through(order.through());
        if file.is_due() {
            order.report();
            unless_aborted(worker, file.flush()).await?;
            now = None;
        }
        // Many records may have been held back: also pause between them.
        if !worker.run.control.goes_on() {
            order.report();
            worker.hold().await?;
            now = None;
        }
    }
    // code: end
    order.report();
    Ok(())
}

/// Waits for a file, but not after the run was aborted: the reader of its bytes may have stopped reading.
async fn unless_aborted(
    worker: &WorkerContext,
    written: impl Future<Output = Result<(), StageError>>,
) -> Result<(), StageError> {
    worker.unless_aborted(written).await.unwrap_or(Err(StageError::Aborted))
}

/// Returns the first two parts of a group that must be written. Usually there is one.
fn mine(parts: &Parts, concerns: fn(Status) -> bool) -> (Option<&Finished>, Option<&Finished>) {
    if let [part] = &parts[..] {
        return (concerns(part.status).then_some(part), None);
    }
    let mut mine = parts.iter().map(|part| &**part).filter(|part| concerns(part.status));
    (mine.next(), mine.next())
}

/// Adds the lines of a group's parts, in the order of their records.
fn collect(parts: &Parts, file: &mut BufferedSink, concerns: fn(Status) -> bool) {
    let mine = parts.iter().filter(|part| concerns(part.status));
    let mut waiting: SmallVec<[_; 2]> = mine.map(|part| part.with_lines().peekable()).collect();
    // The lines of each part are in order. There are at most two parts, since records fail in two stages.
    let number =
        |next: Option<&(&Outcome, &[u8])>| next.map_or(u64::MAX, |(outcome, _)| record_number::number(outcome.number));
    while let Some(first) = (0..waiting.len()).min_by_key(|&part| number(waiting[part].peek()))
        && let Some((_, line)) = waiting[first].next()
    {
        file.push(line);
    }
}

fn record_written(parts: &Parts, worker: &WorkerContext, concerns: fn(Status) -> bool) {
    for part in parts.iter() {
        if concerns(part.status) {
            worker.record_each(EventKind::Written, part);
        }
        worker.record_each(EventKind::WorkEnd, part);
        worker.retire_each(part);
    }
}
