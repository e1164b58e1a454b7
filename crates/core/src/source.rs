//! The interface between the Producer and the source of its records.

use clearpipe_codec::{FileSource, Lines, SourceError};
use clearpipe_model::notice::InputNotice;
use std::io;
use std::task::{Context, Poll, ready};

/// A source of records: files, a standard stream, the chunks that a page passes on, a message broker. It returns
/// records as lines, together with the parser that decodes them.
///
/// Records are identified by their position in the order of production, from 0; [`Line::number`] is that position.
/// `input.head` and the number of input bytes apply only to inputs that [`FileSource`] reads.
///
/// ```
/// use clearpipe_codec::{FileSource, InputOptions, Lines, SourceError};
/// use clearpipe_core::source::Source;
/// use futures::{AsyncRead, executor::block_on, future::poll_fn};
/// use std::task::{Context, Poll};
///
/// /// Reads a file as a queue, and remembers how much of it was committed.
/// struct Queue {
///     lines: FileSource,
///     committed: u64,
/// }
///
/// impl Source for Queue {
///     fn poll_next(&mut self, context: &mut Context<'_>, want: usize) -> Poll<Result<Option<Lines>, SourceError>> {
///         self.lines.poll_next(context, want)
///     }
///
///     fn wants_commits(&self) -> bool {
///         true
///     }
///
///     fn poll_commit(&mut self, _: &mut Context<'_>, through: u64) -> Poll<std::io::Result<()>> {
///         self.committed = through;
///         Poll::Ready(Ok(()))
///     }
/// }
///
/// let input: Box<dyn AsyncRead + Send + Unpin> = Box::new(&b"{\"value\":1}\n{\"value\":2}\n"[..]);
/// let lines = FileSource::new(input, &InputOptions::default(), &[]);
/// let mut queue = Queue { lines, committed: 0 };
/// block_on(async {
///     let two = poll_fn(|context| queue.poll_next(context, 10)).await.unwrap().unwrap();
///     assert_eq!(two.lines.iter().map(|line| line.number).collect::<Vec<_>>(), [0, 1]);
///     poll_fn(|context| queue.poll_commit(context, 2)).await.unwrap();
///     assert!(poll_fn(|context| queue.poll_next(context, 10)).await.unwrap().is_none());
/// });
/// assert_eq!(queue.committed, 2);
/// ```
///
/// [`Line::number`]: clearpipe_model::record::Line::number
pub trait Source: Send {
    /// Returns up to `want` records, at least one; `None` at the end. Returns the records that are available instead of
    /// waiting for `want` of them.
    ///
    /// # Errors
    /// Fails if there may be more records, but they can't be read. The source must not be polled again, and the run
    /// fails.
    fn poll_next(&mut self, context: &mut Context<'_>, want: usize) -> Poll<Result<Option<Lines>, SourceError>>;

    /// Returns the notices about the part of the input that was read since the last call.
    fn take_notices(&mut self) -> Vec<InputNotice> {
        Vec::new()
    }

    /// Returns whether [`Source::poll_commit`] should be called. This is asked once, before the first record.
    fn wants_commits(&self) -> bool {
        false
    }

    /// Commits the first `through` records: their outcomes are durable in all sinks, so they need not be delivered
    /// again. `through` never decreases.
    ///
    /// While a commit is pending, the run continues: [`Source::poll_next`] is called, and then this method again,
    /// perhaps with a larger `through`. At the end of the run,
    /// [`Settlement::commit_all`](crate::settlement::Settlement::commit_all) calls it for all records.
    ///
    /// # Errors
    /// Fails if they can't be committed. The run then fails as well.
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

/// A source that fails the run if the source it wraps breaks the contract of [`Source::poll_next`], which would lose
/// records.
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
