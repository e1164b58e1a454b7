//! What the Loader and the Error Handler have in common: each writes those records to its file that concern it.

use super::StageError;
use super::file::LineFile;
use super::order::{Order, Parts};
use super::seat::Seat;
use crate::batch::Finished;
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

/// Writes the records that `concerns` picks to a file, in the order that `order` says.
pub async fn run(
    seat: Arc<Seat>,
    mut finished: Receiver<Arc<Finished>>,
    mut order: Order,
    mut file: LineFile,
    concerns: fn(Status) -> bool,
) -> Result<(), StageError> {
    let mut patience: Option<BoxFuture<'static, ()>> = None;
    loop {
        seat.ready().await?;
        let batch = match finished.receive_at_once() {
            Some(batch) => Some(batch),
            None if file.is_empty() => finished.receive().await,
            None => {
                // Nothing there: whoever reads the file shall not wait for the block to be filled.
                let timer = patience.get_or_insert_with(|| seat.run.runtime.sleep(PATIENCE));
                let received = match select(std::pin::pin!(finished.receive()), timer).await {
                    Either::Left((batch, _)) => Some(batch),
                    Either::Right(((), _)) => None,
                };
                match received {
                    Some(batch) => batch,
                    None => {
                        patience = None;
                        seat.activity.stops_as(State::Busy);
                        unless_aborted(&seat, file.flush()).await?;
                        continue;
                    }
                }
            }
        };
        let Some(batch) = batch else { break };
        seat.record_each(EventKind::WorkStart, &batch);
        let mine = if concerns(batch.status) { &batch.outcomes[..] } else { &[] };
        seat.serve(mine.iter().map(|outcome| outcome.number)).await;
        order.push(batch);
        while let Some(parts) = order.take_ready() {
            match only(&parts, concerns) {
                Some(part) if LineFile::is_worth_writing(&part.lines) => {
                    unless_aborted(&seat, file.write(&part.lines)).await?;
                }
                _ => collect(&parts, &mut file, concerns),
            }
            record_written(&parts, &seat, concerns);
            // Not held on to while the file is written.
            order.done(parts);
            if file.is_full() {
                unless_aborted(&seat, file.flush()).await?;
            }
            // What has been held back is many records: a pause is also between them.
            seat.hold().await?;
        }
    }
    unless_aborted(&seat, file.close()).await
}

/// Waits for a file, but not after the run was aborted: whoever takes its bytes may have stopped doing so.
async fn unless_aborted(seat: &Seat, written: impl Future<Output = Result<(), StageError>>) -> Result<(), StageError> {
    seat.unless_aborted(written).await.unwrap_or(Err(StageError::Aborted))
}

/// The only part of a group that is to be written, if there is only one.
fn only(parts: &Parts, concerns: fn(Status) -> bool) -> Option<&Finished> {
    let mut mine = parts.iter().filter(|part| concerns(part.status));
    let first = mine.next()?;
    mine.next().is_none().then_some(first)
}

/// Adds the lines of a group's parts, in the order of their records.
fn collect(parts: &Parts, file: &mut LineFile, concerns: fn(Status) -> bool) {
    if let Some(part) = only(parts, concerns) {
        return file.push(&part.lines);
    }
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
    for part in parts.iter().filter(|part| part.group.traced.is_some()) {
        if concerns(part.status) {
            seat.record_each(EventKind::Written, part);
        }
        seat.record_each(EventKind::WorkEnd, part);
        seat.retire_each(part);
    }
}
