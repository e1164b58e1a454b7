//! The seam between the Producer and whatever gives it records.

use clearpipe_codec::{FileSource, Lines, SourceError};
use clearpipe_model::notice::InputNotice;
use std::io;
use std::task::{Context, Poll, ready};

/// Gives records as lines, with what decodes them: files, standard streams, the chunks of a page, a broker.
///
/// Records are identified by their position in the order of production, from 0; [`Line::number`] is that position.
/// `input.head` and the count of bytes read concern only the inputs that [`FileSource`] reads.
///
/// [`Line::number`]: clearpipe_model::record::Line::number
pub trait Source: Send {
    /// Returns up to `want` records, at least one; `None` at the end. Returns what is there rather than wait for `want`.
    ///
    /// # Errors
    /// If there may be more records, but they can't be read. The source must not be polled again, and the run fails.
    fn poll_next(&mut self, context: &mut Context<'_>, want: usize) -> Poll<Result<Option<Lines>, SourceError>>;

    /// Returns what is worth knowing of the input, as far as it has been read since the last call.
    fn take_notices(&mut self) -> Vec<InputNotice> {
        Vec::new()
    }

    /// Whether the source commits records: then [`Source::poll_commit`] is called. Asked once, before the first record.
    fn wants_commits(&self) -> bool {
        false
    }

    /// Commits the first `through` records: whatever became of them is durable in all sinks, so they need not be given
    /// again. `through` never decreases.
    ///
    /// While it is pending, the run goes on: [`Source::poll_next`] is called too, and then this again, perhaps with more
    /// records. At the end of the run, [`Settlement::commit_all`](crate::settlement::Settlement::commit_all) calls it for
    /// all records.
    ///
    /// # Errors
    /// If they can't be committed. The run then fails.
    fn poll_commit(&mut self, context: &mut Context<'_>, through: u64) -> Poll<io::Result<()>> {
        let _ = (context, through);
        Poll::Ready(Ok(()))
    }
}

impl Source for FileSource {
    fn poll_next(&mut self, context: &mut Context<'_>, want: usize) -> Poll<Result<Option<Lines>, SourceError>> {
        FileSource::poll_next(self, context, want)
    }

    fn take_notices(&mut self) -> Vec<InputNotice> {
        FileSource::take_notices(self)
    }
}

/// Fails the run if another source breaks the contract of [`Source::poll_next`], which would lose records.
pub(crate) struct Checked(pub Box<dyn Source>);

impl Source for Checked {
    fn poll_next(&mut self, context: &mut Context<'_>, want: usize) -> Poll<Result<Option<Lines>, SourceError>> {
        let Some(lines) = ready!(self.0.poll_next(context, want))? else { return Poll::Ready(Ok(None)) };
        let broken = |what: String| Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, what).into()));
        let count = lines.lines.len();
        if !(1..=want).contains(&count) {
            return broken(format!("the source returned {count} records, not 1 to {want}"));
        }
        let size = lines.block.len() as u64;
        if lines.lines.iter().any(|line| u64::from(line.start) + u64::from(line.length) > size) {
            return broken("the source returned a line that is not within its block".to_owned());
        }
        Poll::Ready(Ok(Some(lines)))
    }

    fn take_notices(&mut self) -> Vec<InputNotice> {
        self.0.take_notices()
    }

    fn wants_commits(&self) -> bool {
        self.0.wants_commits()
    }

    fn poll_commit(&mut self, context: &mut Context<'_>, through: u64) -> Poll<io::Result<()>> {
        self.0.poll_commit(context, through)
    }
}
