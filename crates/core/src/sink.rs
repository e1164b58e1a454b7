//! The seam between the consumers and whatever keeps their lines.

use futures::io::AsyncWrite;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Keeps the lines of finished records: a file, a standard stream, a page, a database.
///
/// Everything that implements [`AsyncWrite`] is a sink; what it has flushed counts as durable.
///
/// Records are told by their position in the order of production. `through` is how many records from the first on are
/// taken care of: each of them is in lines that the sink has got, or is none of its records. It never goes back, and stays 0
/// if the output isn't ordered.
pub trait Sink: Send {
    /// Takes the first of these lines; gives how many bytes those were, at least one.
    ///
    /// # Errors
    /// If they can't be written. The run then fails.
    fn poll_write(&mut self, context: &mut Context<'_>, lines: &[u8], through: u64) -> Poll<io::Result<usize>>;

    /// Waits until what was written is as durable as the sink can make it without holding up the run; gives how many
    /// records from the first on are durable, at most `through`.
    ///
    /// # Errors
    /// If something that was written before could not be kept.
    fn poll_durable(&mut self, context: &mut Context<'_>, through: u64) -> Poll<io::Result<u64>>;

    /// Finishes, after the last line. Everything is durable then.
    ///
    /// # Errors
    /// As those of [`Sink::poll_durable`].
    fn poll_close(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>>;
}

impl<W: AsyncWrite + Send + Unpin> Sink for W {
    fn poll_write(&mut self, context: &mut Context<'_>, lines: &[u8], _: u64) -> Poll<io::Result<usize>> {
        Pin::new(self).poll_write(context, lines)
    }

    fn poll_durable(&mut self, context: &mut Context<'_>, through: u64) -> Poll<io::Result<u64>> {
        Pin::new(self).poll_flush(context).map_ok(|()| through)
    }

    fn poll_close(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        AsyncWrite::poll_close(Pin::new(self), context)
    }
}
