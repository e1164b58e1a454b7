//! The fan-out: merges the processed and the error stream and gives every record to each consumer.

use crate::batch::SharedFinished;
use crate::channels::{Receiver, Sender};
use crate::metrics::State;
use crate::trace::EventKind;
use crate::worker::StageError;
use crate::worker::WorkerContext;
use clearpipe_channel::Items;
use std::sync::Arc;
use std::task::Poll;

/// Gives everything to each consumer in turn. A consumer that is slow therefore holds up the others, and all before.
pub async fn run(
    worker: Arc<WorkerContext>,
    processed: Receiver<SharedFinished>,
    errors: Receiver<SharedFinished>,
    mut consumers: Vec<Sender<SharedFinished>>,
) -> Result<(), StageError> {
    // A consumer that is done with a step takes nothing more. All that the others need has to fit before it, then.
    let most = consumers.iter().map(Sender::capacity).min().unwrap_or(1);
    let mut finished = Merged { sources: [processed, errors], next: 0, most };
    loop {
        worker.ready().await?;
        let batches = finished.receive_some(&worker).await;
        if batches.is_empty() {
            return Ok(());
        }
        worker.record_all(EventKind::WorkStart, &batches);
        let traced = if worker.run.tracer.is_on() { batches.clone() } else { Items::new() };
        if let Some((last, others)) = consumers.split_last_mut() {
            for consumer in others {
                consumer.send_all(batches.clone()).await?;
            }
            last.send_all(batches).await?;
        }
        worker.record_all(EventKind::WorkEnd, &traced);
    }
}

/// Two channels as one: each has its turn.
struct Merged {
    sources: [Receiver<SharedFinished>; 2],
    next: usize,
    /// How many records to take at once at most.
    most: usize,
}

impl Merged {
    /// See [`Receiver::receive_some`]; there is nothing more when there is nothing more in both.
    async fn receive_some(&mut self, worker: &WorkerContext) -> Items<SharedFinished> {
        futures::future::poll_fn(|context| {
            let most = worker.max_take().min(self.most);
            let mut are_over = true;
            for turn in [self.next, 1 - self.next] {
                match self.sources[turn].poll_receive_some(most, context) {
                    Poll::Ready(batches) if batches.is_empty() => {}
                    Poll::Ready(batches) => {
                        self.next = 1 - turn;
                        return Poll::Ready(batches);
                    }
                    Poll::Pending => are_over = false,
                }
            }
            if are_over {
                return Poll::Ready(Items::new());
            }
            // Whatever was found last.
            worker.activity.stops_as(State::Waiting);
            Poll::Pending
        })
        .await
    }
}
