//! The fan-out: merges the processed and the error stream and gives every record to each consumer.

use crate::batch::{SharedFinished, first_numbers};
use crate::channels::{Receiver, Sender};
use crate::metrics::State;
use crate::trace::EventKind;
use crate::worker::StageError;
use crate::worker::WorkerContext;
use clearpipe_channel::Items;
use std::sync::Arc;
use std::task::Poll;

/// Gives every batch to each consumer in turn. A slow consumer therefore delays the others and all earlier stages.
///
/// # Errors
/// [`StageError::Disconnected`] if a consumer has ended, and [`StageError::Aborted`] if the run is aborted.
pub async fn run(
    worker: Arc<WorkerContext>,
    processed: Receiver<SharedFinished>,
    errors: Receiver<SharedFinished>,
    mut consumers: Vec<Sender<SharedFinished>>,
) -> Result<(), StageError> {
    // During a step, a consumer that has finished its part receives nothing more. Everything that the others need must
    // then fit into its channel.
    let most = consumers.iter().map(Sender::capacity).min().unwrap_or(1);
    let mut finished = Merged { sources: [processed, errors], next: 0, most };
    // The page shows this code; CONTRIBUTING.md describes the comments that begin with `code:` and `event:`.
    // code: start fan_out
    loop {
        worker.ready().await?;
        let batches = finished.receive_some(&worker).await; // event: depart
        if batches.is_empty() {
            return Ok(());
        }
        worker.record_all(EventKind::WorkStart, &batches);
        worker.pay_for_sends(consumers.iter().flat_map(|_| first_numbers(&batches))).await;
        let traced = if worker.run.tracer.is_on() { batches.clone() } else { Items::new() };
        if let Some((last, others)) = consumers.split_last_mut() {
            for consumer in others {
                consumer.send_all(batches.clone()).await?; // event: send
            }
            last.send_all(batches).await?; // event: send@metricsCh
        }
        worker.record_all(EventKind::WorkEnd, &traced);
    }
    // code: end
}

/// Two channels as one, received from in turn.
struct Merged {
    sources: [Receiver<SharedFinished>; 2],
    next: usize,
    /// The most records to receive at once.
    most: usize,
}

impl Merged {
    /// Receives as [`Receiver::receive_some`] does. The input ends when both channels have ended.
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
            // Whichever channel was polled last.
            worker.activity.stops_as(State::Waiting);
            Poll::Pending
        })
        .await
    }
}
