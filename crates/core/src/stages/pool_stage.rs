//! What Validators and Transformers have in common: each worker takes batches, sends on what is good, and the rest to the
//! error channel.

use crate::batch::{RecordBatch, SharedFinished, Traceable};
use crate::channels::{Receiver, Sender};
use crate::trace::EventKind;
use crate::worker::{StageError, WorkerContext};
use clearpipe_channel::Items;
use std::sync::Arc;

/// What the workers of a stage do with batches.
pub trait PoolStage: Send + Sync + 'static {
    /// What is sent on.
    type Output: Traceable + Send;

    /// What a worker keeps from one batch to the next.
    type Scratch: Send;

    /// The event of a record that fails.
    const FAILED: EventKind;

    /// What a worker begins with.
    fn scratch(&self, worker: &WorkerContext) -> Self::Scratch;

    /// Does the work: what is good, and what has failed.
    fn process(
        &self,
        batches: Items<RecordBatch>,
        scratch: &mut Self::Scratch,
        worker: &WorkerContext,
    ) -> (Items<Self::Output>, Items<SharedFinished>);

    /// Records the events of what is good, and returns it.
    fn done(worker: &WorkerContext, good: Items<Self::Output>) -> Items<Self::Output>;
}

/// One worker of a stage.
// A worker that waits is little more than this future, and an `async fn` keeps its arguments twice.
#[allow(clippy::manual_async_fn)]
pub fn run<S: PoolStage>(
    stage: Arc<S>,
    worker: Arc<WorkerContext>,
    mut input: Receiver<RecordBatch>,
    mut output: Sender<S::Output>,
    mut errors: Sender<SharedFinished>,
) -> impl Future<Output = Result<(), StageError>> + Send {
    async move {
        let mut scratch = stage.scratch(&worker);
        loop {
            worker.ready().await?;
            let (good, failed) = {
                let batches = input.receive_some(|| worker.max_take()).await;
                if batches.is_empty() {
                    return Ok(());
                }
                worker.record_all(EventKind::WorkStart, &batches);
                worker.serve(batches.iter().flat_map(Traceable::numbers)).await;
                stage.process(batches, &mut scratch, &worker)
            };
            output.send_all(S::done(&worker, good)).await?;
            errors.send_all(worker.done_as(S::FAILED, failed)).await?;
        }
    }
}
