//! The seam between the Producer and whatever gives it records.

use clearpipe_channel::Watermark;
use clearpipe_codec::{FileSource, Lines, SourceError};
use clearpipe_model::notice::InputNotice;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

/// Gives records as lines, with what decodes them: files, standard streams, the chunks of a page, a broker.
pub trait Source: Send {
    /// Gives up to `want` records, at least one; `None` at the end. It gives what there is rather than wait for `want`.
    ///
    /// # Errors
    /// If there may be more records, but they can't be read. The source is of no further use then.
    fn poll_next(&mut self, context: &mut Context<'_>, want: usize) -> Poll<Result<Option<Lines>, SourceError>>;

    /// What is worth knowing of the input, of what was read since this was asked for.
    fn take_notices(&mut self) -> Vec<InputNotice> {
        Vec::new()
    }

    /// What is told which records are settled, for a source that has to know. Asked for once, before the first record.
    fn commit(&mut self) -> Option<Box<dyn Commit>> {
        None
    }
}

/// Is told which records are settled: whatever became of them is durable in the sinks, and so they need not be given again.
pub trait Commit: Send + Sync {
    /// All records up to here are settled: so many from the first on. Only called when these are more than before, from any
    /// thread; it should not block.
    fn commit(&self, through: u64);
}

impl Source for FileSource {
    fn poll_next(&mut self, context: &mut Context<'_>, want: usize) -> Poll<Result<Option<Lines>, SourceError>> {
        FileSource::poll_next(self, context, want)
    }

    fn take_notices(&mut self) -> Vec<InputNotice> {
        FileSource::take_notices(self)
    }
}

/// Finds out which records are settled, from what is durable in each of several sinks.
pub struct Settlement {
    durable: Watermark,
    commit: Option<Box<dyn Commit>>,
    /// How many records have been committed. The commits are made under its lock, so they are in order.
    committed: Mutex<u64>,
}

impl Settlement {
    /// Nothing is settled of what goes to this number of sinks.
    pub fn new(sinks: usize, commit: Option<Box<dyn Commit>>) -> Settlement {
        Settlement { durable: Watermark::new(sinks), commit, committed: Mutex::default() }
    }

    /// In a sink, so many records from the first on are durable.
    pub fn durable(&self, sink: usize, through: u64) {
        let Some(commit) = &self.commit else { return };
        self.durable.advance(sink, through.saturating_sub(self.durable.of(sink)));
        let mut committed = self.committed.lock().unwrap_or_else(PoisonError::into_inner);
        let lowest = self.durable.lowest();
        if lowest > *committed {
            *committed = lowest;
            commit.commit(lowest);
        }
    }
}

impl Settlement {
    /// The run has ended well: all records are settled, so many.
    pub fn finish(&self, records: u64) {
        let mut committed = self.committed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(commit) = self.commit.as_ref().filter(|_| records > *committed) {
            *committed = records;
            commit.commit(records);
        }
    }
}

impl fmt::Debug for Settlement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settlement").field("durable", &self.durable).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    struct Seen(Arc<Mutex<Vec<u64>>>);

    impl Commit for Seen {
        fn commit(&self, through: u64) {
            self.0.lock().unwrap().push(through);
        }
    }

    #[test]
    fn what_is_durable_in_all_sinks_is_settled() {
        let seen = Arc::default();
        let settlement = Settlement::new(2, Some(Box::new(Seen(Arc::clone(&seen)))));
        settlement.durable(0, 10);
        settlement.durable(1, 4);
        settlement.durable(1, 4);
        settlement.durable(1, 12);
        settlement.durable(0, 12);
        settlement.finish(12);
        settlement.finish(15);
        assert_eq!(*seen.lock().unwrap(), [4, 10, 12, 15]);
    }
}
