//! The inputs of a run, read one after the other.

use futures::io::AsyncRead;
use futures::stream::{self, BoxStream, Stream, StreamExt};
use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

/// An input: a file, a standard stream, or a source that a page passes in.
pub struct Input {
    /// Its name, if it has one. Its extension determines the format if the settings don't, and with several inputs the
    /// name is part of each position.
    pub name: Option<String>,
    /// Its bytes.
    pub reader: Box<dyn AsyncRead + Send + Unpin>,
}

/// The inputs of a run, in the order in which they are read. Each is opened when the previous one has ended.
pub struct Inputs {
    stream: BoxStream<'static, io::Result<Input>>,
    are_several: bool,
}

impl Input {
    /// Creates an input without a name.
    pub fn new(reader: Box<dyn AsyncRead + Send + Unpin>) -> Input {
        Input { name: None, reader }
    }

    /// Creates an input with a name.
    pub fn named(name: impl Into<String>, reader: Box<dyn AsyncRead + Send + Unpin>) -> Input {
        Input { name: Some(name.into()), reader }
    }
}

impl Inputs {
    /// Creates a sequence of a single input.
    pub fn one(input: Input) -> Inputs {
        Inputs { stream: stream::iter([Ok(input)]).boxed(), are_several: false }
    }

    /// Creates a sequence of inputs from a stream. An error ends the run. `are_several` means that there may be more
    /// than one, so that positions have to name the input.
    pub fn of(stream: impl Stream<Item = io::Result<Input>> + Send + 'static, are_several: bool) -> Inputs {
        Inputs { stream: stream.boxed(), are_several }
    }

    /// Returns whether positions have to name the input.
    pub fn are_several(&self) -> bool {
        self.are_several
    }

    /// Returns the next input; `None` after the last.
    pub(super) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Option<Input>>> {
        self.stream.poll_next_unpin(context).map(Option::transpose)
    }
}

impl From<Box<dyn AsyncRead + Send + Unpin>> for Inputs {
    fn from(reader: Box<dyn AsyncRead + Send + Unpin>) -> Inputs {
        Inputs::one(Input::new(reader))
    }
}

impl From<Input> for Inputs {
    fn from(input: Input) -> Inputs {
        Inputs::one(input)
    }
}

impl fmt::Debug for Inputs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inputs").field("are_several", &self.are_several).finish_non_exhaustive()
    }
}

/// Counts the bytes that are read.
pub(super) struct Counted<R> {
    reader: R,
    bytes: Arc<AtomicU64>,
}

impl<R> Counted<R> {
    pub fn new(reader: R, bytes: Arc<AtomicU64>) -> Counted<R> {
        Counted { reader, bytes }
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for Counted<R> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut [u8]) -> Poll<io::Result<usize>> {
        let read = Pin::new(&mut self.reader).poll_read(context, into);
        if let Poll::Ready(Ok(bytes)) = read {
            self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        }
        read
    }
}
