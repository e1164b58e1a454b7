//! The interface between the consumers and the destinations of their lines.

use futures::io::AsyncWrite;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A destination for the lines of finished records: a file, a standard stream, a page, a database.
///
/// Everything that implements [`AsyncWrite`] is a sink. Such a sink can't report what is durable, so none of its
/// records count as durable before the end of the run.
pub trait Sink: Send {
    /// Writes some bytes from the beginning of `lines` and returns their number, at least one. `lines` always ends at
    /// the end of a line. It starts at the beginning of one, unless the previous call wrote only a part of a line.
    ///
    /// # Errors
    /// Fails if they can't be written. The run then fails as well.
    fn poll_write(&mut self, context: &mut Context<'_>, lines: &[u8]) -> Poll<io::Result<usize>>;

    /// Makes as much as possible of what was written durable without holding up the run. Returns a number `n`: the
    /// first `n` records of the run are durable, as far as they belong in this sink. If it is less than `through`, this
    /// method is called again, even if there is nothing to write.
    ///
    /// `through` is the number of records, counted from the first of the run, after which the sink has received all
    /// lines that belong in it: the Loader and the Error Handler get different records. It never decreases. If the
    /// output isn't ordered, this number isn't known before the end of the run, and `through` stays 0.
    ///
    /// # Errors
    /// Fails if something that was written earlier can't be made durable.
    fn poll_durable(&mut self, context: &mut Context<'_>, through: u64) -> Poll<io::Result<u64>>;

    /// Closes the sink after the last line.
    ///
    /// # Errors
    /// Fails in the same cases as [`Sink::poll_durable`].
    fn poll_close(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>>;
}

impl<W: AsyncWrite + Send + Unpin> Sink for W {
    fn poll_write(&mut self, context: &mut Context<'_>, lines: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(self).poll_write(context, lines)
    }

    fn poll_durable(&mut self, context: &mut Context<'_>, _: u64) -> Poll<io::Result<u64>> {
        Pin::new(self).poll_flush(context).map_ok(|()| 0)
    }

    fn poll_close(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        AsyncWrite::poll_close(Pin::new(self), context)
    }
}
