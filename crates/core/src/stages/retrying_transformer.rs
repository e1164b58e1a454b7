//! Transformers whose work can fail for a while: such a record goes back to dataCh, and is tried again.
//!
//! Records travel one by one here, since each has its own outcome.

use super::pool_stage::PoolStage;
use super::retries::{Next, Retries};
use super::transformer::Transformer;
use crate::batch::{RecordBatch, SharedFinished, Traceable};
use crate::channels::{Receiver, Sender};
use crate::trace::EventKind;
use crate::worker::{StageError, WorkerContext};
use clearpipe_model::reject::Reason;
use smallvec::smallvec;
use std::sync::Arc;

/// Runs one Transformer.
///
/// # Errors
/// As [`super::pool_stage::run`].
pub async fn run(
    transformer: Arc<Transformer>,
    worker: Arc<WorkerContext>,
    mut input: Receiver<RecordBatch>,
    mut output: Sender<SharedFinished>,
    mut errors: Sender<SharedFinished>,
    retries: Arc<Retries>,
) -> Result<(), StageError> {
    let mut scratch = transformer.scratch(&worker);
    loop {
        worker.ready().await?;
        let Some(batch) = input.receive().await else { return Ok(()) };
        debug_assert!(batch.rows.len() == 1, "records with tries travel one by one");
        worker.record_each(EventKind::WorkStart, &batch);
        let number = batch.rows.first().map_or(0, |row| row.number);
        let next = match retries.allows(number, worker.now()) {
            Some(permission) => {
                worker.serve(batch.numbers()).await;
                retries.judge(permission, number, batch.group.produced(), worker.now())
            }
            None => Next::Fail(Reason::BreakerOpen),
        };
        worker.pay_for_sends(std::iter::once(number)).await;
        match next {
            Next::Transform => {
                let (good, failed) = transformer.process(smallvec![batch], &mut scratch, &worker);
                output.send_all(Transformer::done(&worker, good)).await?;
                errors.send_all(worker.done_as(Transformer::FAILED, failed)).await?;
                retries.resolve(1);
            }
            Next::Fail(reason) => {
                let failed = transformer.reject(&batch, &reason, &mut scratch, &worker);
                drop(batch);
                errors.send_all(worker.done_as(Transformer::FAILED, failed)).await?;
                retries.resolve(1);
            }
            Next::SendBack => {
                let batches = worker.done_as(EventKind::SentBack, smallvec![batch.undecoded()]);
                retries.back(&worker).send_all(batches).await?;
            }
        }
    }
}
