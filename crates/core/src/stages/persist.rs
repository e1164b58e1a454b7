//! What the Loader and the Error Handler have in common: each writes those records to its file that concern it.

use super::StageError;
use super::file::LineFile;
use super::order::{Order, Parts};
use super::seat::Seat;
use crate::batch::{Finished, SharedFinished};
use crate::channel::Receiver;
use crate::metrics::State;
use crate::record::{Outcome, Status};
use crate::trace::{self, EventKind};
use futures::future::{BoxFuture, Either, select};
use smallvec::SmallVec;
use std::sync::Arc;
use std::time::Duration;

/// Lines are not held back for longer than this when nothing more comes.
const PATIENCE: Duration = Duration::from_millis(20);

/// Writes the records that `concerns` picks to a file, in the order that `order` says. The first of them may stop the run.
pub async fn run(
    seat: Arc<Seat>,
    mut finished: Receiver<SharedFinished>,
    mut order: Order,
    mut file: LineFile,
    concerns: fn(Status) -> bool,
    stops: bool,
) -> Result<(), StageError> {
    let mut stops = stops;
    let mut patience: Option<BoxFuture<'static, ()>> = None;
    loop {
        seat.ready().await?;
        let batches = match finished.receive_at_once() {
            batches if !batches.is_empty() => batches,
            _ if file.is_empty() => finished.receive_some().await,
            _ => {
                // Nothing there: whoever reads the file shall not wait for the block to be filled.
                let timer = patience.get_or_insert_with(|| seat.run.runtime.sleep(PATIENCE));
                let received = match select(std::pin::pin!(finished.receive_some()), timer).await {
                    Either::Left((batches, _)) => Some(batches),
                    Either::Right(((), _)) => None,
                };
                match received {
                    Some(batches) => batches,
                    None => {
                        patience = None;
                        seat.activity.stops_as(State::Busy);
                        unless_aborted(&seat, file.flush()).await?;
                        continue;
                    }
                }
            }
        };
        if batches.is_empty() {
            break;
        }
        let one_by_one = seat.is_one_by_one();
        for batch in batches {
            if one_by_one {
                // Nobody is to wait for what was done before.
                write_all(&seat, &mut order, &mut file, concerns).await?;
                seat.record_each(EventKind::WorkStart, &batch);
                let outcomes = if concerns(batch.status) { &batch.outcomes[..] } else { &[] };
                seat.serve(outcomes.iter().map(|outcome| outcome.number)).await;
            }
            order.push(batch);
        }
        write_all(&seat, &mut order, &mut file, concerns).await?;
        if stops && !(file.is_empty() && file.is_untouched()) {
            stops = false;
            unless_aborted(&seat, file.flush()).await?;
            seat.run.control.stop();
        }
    }
    unless_aborted(&seat, file.close()).await
}

/// Writes what is there, in the order that `order` says, and says that it is done.
async fn write_all(
    seat: &Seat,
    order: &mut Order,
    file: &mut LineFile,
    concerns: fn(Status) -> bool,
) -> Result<(), StageError> {
    while let Some(parts) = order.take_ready() {
        match mine(&parts, concerns) {
            (None, _) => {}
            (Some(part), None) if LineFile::is_worth_writing(&part.lines) => {
                order.tell();
                unless_aborted(seat, file.write(&part.lines)).await?;
            }
            (Some(part), None) => file.push(&part.lines),
            (Some(_), Some(_)) => collect(&parts, file, concerns),
        }
        if seat.run.tracer.is_on() {
            record_written(&parts, seat, concerns);
        }
        // Not held on to while the file is written.
        order.done(parts);
        if file.is_full() {
            order.tell();
            unless_aborted(seat, file.flush()).await?;
        }
        // What has been held back is many records: a pause is also between them.
        if !seat.run.control.goes_on() {
            order.tell();
            seat.hold().await?;
        }
    }
    order.tell();
    Ok(())
}

/// Waits for a file, but not after the run was aborted: whoever takes its bytes may have stopped doing so.
async fn unless_aborted(seat: &Seat, written: impl Future<Output = Result<(), StageError>>) -> Result<(), StageError> {
    seat.unless_aborted(written).await.unwrap_or(Err(StageError::Aborted))
}

/// The first two parts of a group that are to be written; as a rule there is one.
fn mine(parts: &Parts, concerns: fn(Status) -> bool) -> (Option<&Finished>, Option<&Finished>) {
    if let [part] = &parts[..] {
        return (concerns(part.status).then_some(part), None);
    }
    let mut mine = parts.iter().map(|part| &**part).filter(|part| concerns(part.status));
    (mine.next(), mine.next())
}

/// Adds the lines of a group's parts, in the order of their records.
fn collect(parts: &Parts, file: &mut LineFile, concerns: fn(Status) -> bool) {
    let mine = parts.iter().filter(|part| concerns(part.status));
    let mut waiting: SmallVec<[_; 2]> = mine.map(|part| part.with_lines().peekable()).collect();
    // The lines of each part are in order; there are two at most, since records fail in two stages.
    let number = |next: Option<&(&Outcome, &[u8])>| next.map_or(u64::MAX, |(outcome, _)| trace::number(outcome.number));
    while let Some(first) = (0..waiting.len()).min_by_key(|&part| number(waiting[part].peek()))
        && let Some((_, line)) = waiting[first].next()
    {
        file.push(line);
    }
}

fn record_written(parts: &Parts, seat: &Seat, concerns: fn(Status) -> bool) {
    for part in parts.iter() {
        if concerns(part.status) {
            seat.record_each(EventKind::Written, part);
        }
        seat.record_each(EventKind::WorkEnd, part);
        seat.retire_each(part);
    }
}
