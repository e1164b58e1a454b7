//! Which records are settled: those that are durable in all sinks. They are committed to the source.

use crate::source::Source;
use clearpipe_channel::Watermark;
use clearpipe_codec::SourceError;
use futures::task::AtomicWaker;
use std::fmt;
use std::future::poll_fn;
use std::sync::{Mutex, PoisonError};
use std::task::Context;

/// Finds out which records of a run are settled, from what is durable in each of its sinks.
pub struct Settlement {
    /// Whether the source commits.
    is_wanted: bool,
    durable: Watermark,
    /// The task of the Producer, which commits.
    producer: AtomicWaker,
    end: Mutex<End>,
}

/// What remains once the run has ended.
#[derive(Default)]
struct End {
    /// The source, if it has no more records.
    source: Option<Box<dyn Source>>,
    /// How many records the run has produced, if all of them have reached the sinks.
    records: Option<u64>,
}

impl Settlement {
    /// Nothing is settled yet of what goes to this number of sinks.
    pub(crate) fn new(sinks: usize, is_wanted: bool) -> Settlement {
        Settlement { is_wanted, durable: Watermark::new(sinks), producer: AtomicWaker::new(), end: Mutex::default() }
    }

    /// Whether the source commits records that are settled.
    pub(crate) fn is_wanted(&self) -> bool {
        self.is_wanted
    }

    /// Sets how many records from the first on are durable in a sink.
    pub(crate) fn set_durable(&self, sink: usize, through: u64) {
        let before = self.durable.of(sink);
        if through > before {
            self.durable.advance(sink, through - before);
            self.producer.wake();
        }
    }

    /// Takes the source of a run when it has no more records, if it commits.
    pub(crate) fn keep(&self, source: Box<dyn Source>) {
        self.end().source = Some(source);
    }

    /// Sets how many records the run has produced, which have all reached the sinks.
    pub(crate) fn finish(&self, records: u64) {
        self.end().records = Some(records);
    }

    /// Commits all records of the run to its source. Call it when the run has succeeded and its results are where they
    /// belong, for example when files have got their final names; nothing else commits the last records, nor those of
    /// sinks that only know at the end what is durable. Does nothing if the run has failed.
    ///
    /// # Errors
    /// If the source can't commit them.
    pub async fn commit_all(&self) -> Result<(), SourceError> {
        let End { source: Some(mut source), records: Some(records) } = std::mem::take(&mut *self.end()) else {
            return Ok(());
        };
        poll_fn(|context| source.poll_commit(context, records)).await.map_err(SourceError::Commit)
    }

    fn end(&self) -> std::sync::MutexGuard<'_, End> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Settlement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settlement").field("durable", &self.durable).finish_non_exhaustive()
    }
}

/// Commits settled records to a source while the run goes on.
#[derive(Debug, Default)]
pub(crate) struct Committed(u64);

impl Committed {
    /// Commits what is settled and was not committed before, as far as that is possible at once. The task is woken when
    /// there is more to do.
    pub fn poll(
        &mut self,
        settlement: &Settlement,
        source: &mut dyn Source,
        context: &mut Context<'_>,
    ) -> Result<(), SourceError> {
        if !settlement.is_wanted {
            return Ok(());
        }
        // Registered before the look, so that nothing comes in between.
        settlement.producer.register(context.waker());
        let settled = settlement.durable.lowest();
        if settled > self.0 && source.poll_commit(context, settled).map_err(SourceError::Commit)?.is_ready() {
            self.0 = settled;
        }
        Ok(())
    }
}
