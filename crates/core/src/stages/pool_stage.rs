//! What Validators and Transformers share: each worker takes batches, sends the good records on, and the others to the
//! error channel.

use crate::batch::{RecordBatch, SharedFinished, Traceable, first_numbers};
use crate::channels::{Receiver, Sender};
use crate::trace::EventKind;
use crate::worker::{StageError, WorkerContext};
use clearpipe_channel::Items;
use std::sync::Arc;

/// The work that a stage's workers do on batches.
pub trait PoolStage: Send + Sync + 'static {
    /// The batches that are sent on.
    type Output: Traceable + Send;

    /// The state that a worker keeps from one batch to the next.
    type Scratch: Send;

    /// The event of a record that fails.
    const FAILED: EventKind;

    /// Returns a worker's initial state.
    fn scratch(&self, worker: &WorkerContext) -> Self::Scratch;

    /// Does the work. Returns the good batches and the failed ones.
    fn process(
        &self,
        batches: Items<RecordBatch>,
        scratch: &mut Self::Scratch,
        worker: &WorkerContext,
    ) -> (Items<Self::Output>, Items<SharedFinished>);

    /// Records the events of the good batches, and returns them.
    fn done(worker: &WorkerContext, good: Items<Self::Output>) -> Items<Self::Output>;
}

/// Runs one worker of a stage.
///
/// # Errors
/// [`StageError::Disconnected`] if a later stage has ended, [`StageError::Aborted`] if the run is aborted, and
/// [`StageError::Retired`] if fewer workers are wanted.
// A waiting worker consists of little more than this future, and an `async fn` would store its arguments twice.
#[allow(clippy::manual_async_fn)]
pub fn run<S: PoolStage>(
    stage: Arc<S>,
    worker: Arc<WorkerContext>,
    mut input: Receiver<RecordBatch>,
    mut output: Sender<S::Output>,
    mut errors: Sender<SharedFinished>,
) -> impl Future<Output = Result<(), StageError>> + Send {
    async move {
        // The page shows this code; CONTRIBUTING.md describes the comments that begin with `code:` and `event:`.
        // code: start validator, transformer
        let mut scratch = stage.scratch(&worker);
        loop {
            worker.ready().await?;
            let (good, failed) = {
                let batches = input.receive_some(|| worker.max_take()).await; // event: depart
                if batches.is_empty() {
                    return Ok(());
                }
                worker.record_all(EventKind::WorkStart, &batches);
                worker.serve(batches.iter().flat_map(Traceable::numbers)).await; // event: work_start
                stage.process(batches, &mut scratch, &worker)
            };
            worker.pay_for_sends(first_numbers(&good).chain(first_numbers(&failed))).await;
            output.send_all(S::done(&worker, good)).await?; // event: valid, processed, anomaly, send
            // event: invalid, transformation_error, send@errorCh
            errors.send_all(worker.done_as(S::FAILED, failed)).await?;
        }
        // code: end
    }
}
