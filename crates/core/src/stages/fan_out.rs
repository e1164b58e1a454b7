//! The fan-out: merges the processed and the error stream and gives every record to each consumer.

use super::StageError;
use super::seat::Seat;
use crate::batch::Finished;
use crate::channel::{Receiver, Sender};
use crate::trace::EventKind;
use futures::StreamExt;
use futures::stream;
use std::sync::Arc;

/// Gives everything to each consumer in turn. A consumer that is slow therefore holds up the others, and all before.
pub async fn run(
    seat: Arc<Seat>,
    processed: Receiver<Arc<Finished>>,
    errors: Receiver<Arc<Finished>>,
    mut consumers: [Sender<Arc<Finished>>; 3],
) -> Result<(), StageError> {
    let mut finished = stream::select(processed, errors);
    loop {
        seat.ready().await?;
        let Some(batch) = finished.next().await else { return Ok(()) };
        seat.record_each(EventKind::WorkStart, &batch);
        for consumer in &mut consumers {
            consumer.send(batch.clone()).await?;
        }
        seat.record_each(EventKind::WorkEnd, &batch);
    }
}
