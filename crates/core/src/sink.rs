//! The seam between the consumers and whatever keeps their lines.

use futures::io::AsyncWrite;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Keeps the lines of finished records: a file, a standard stream, a page, a database.
///
/// Everything that implements [`AsyncWrite`] is a sink. Nobody knows what it has made durable, so nothing counts as durable
/// before the run has ended.
pub trait Sink: Send {
    /// Takes bytes from the beginning of `lines`; returns how many, at least one. `lines` ends with the end of a line, and
    /// begins with a line unless the previous call has left a part of one.
    ///
    /// # Errors
    /// If they can't be written. The run then fails.
    fn poll_write(&mut self, context: &mut Context<'_>, lines: &[u8]) -> Poll<io::Result<usize>>;

    /// Makes what was written as durable as is possible without holding up the run; returns how many records from the
    /// first on are durable. If these are less than `through`, it is called again, also when there is nothing to write.
    ///
    /// `through` is how many records from the first on the sink has received, as far as they concern it: Loader and Error
    /// Handler get different records. It never decreases. It stays 0 if the output isn't ordered, since nobody knows then
    /// before the end.
    ///
    /// # Errors
    /// If something that was written before could not be kept.
    fn poll_durable(&mut self, context: &mut Context<'_>, through: u64) -> Poll<io::Result<u64>>;

    /// Finishes, after the last line.
    ///
    /// # Errors
    /// As those of [`Sink::poll_durable`].
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
