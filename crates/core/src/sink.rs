//! The interface between the consumers and the destinations of their lines.

use futures::io::AsyncWrite;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A destination for the lines of finished records: a file, a standard stream, a page, a database.
///
/// Everything that implements [`AsyncWrite`] is a sink. Such a sink can't report what is durable, so none of its
/// records count as durable before the end of the run.
///
/// ```
/// use clearpipe_core::config::Config;
/// use clearpipe_core::pipeline::{self, Outputs, RecordsFrom};
/// use clearpipe_core::runtime::Local;
/// use clearpipe_core::sink::Sink;
/// use std::io;
/// use std::sync::{Arc, Mutex};
/// use std::task::{Context, Poll};
///
/// /// Keeps all lines in memory, where they are as durable as they get.
/// #[derive(Clone, Default)]
/// struct Memory(Arc<Mutex<Vec<u8>>>);
///
/// impl Sink for Memory {
///     fn poll_write(&mut self, _: &mut Context<'_>, lines: &[u8]) -> Poll<io::Result<usize>> {
///         self.0.lock().unwrap().extend_from_slice(lines);
///         Poll::Ready(Ok(lines.len()))
///     }
///
///     fn poll_durable(&mut self, _: &mut Context<'_>, through: u64) -> Poll<io::Result<u64>> {
///         Poll::Ready(Ok(through))
///     }
///
///     fn poll_close(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
///         Poll::Ready(Ok(()))
///     }
/// }
///
/// let (runtime, failed) = (Local::new(), Memory::default());
/// let outputs = Outputs { processed: Box::new(Memory::default()), failed: Box::new(failed.clone()), log: None };
/// let run = pipeline::start(&Config::default(), RecordsFrom::Generator, outputs, Arc::new(runtime.clone()))?;
/// runtime.block_on(run.finished())?;
/// assert_eq!(failed.0.lock().unwrap().iter().filter(|byte| **byte == b'\n').count(), 9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
