//! Input and output bytes: JavaScript gives and takes them in chunks, the pipeline reads and writes them as streams.

use clearpipe_codec::{Input, Inputs};
use futures::channel::mpsc;
use futures::io::AsyncWrite;
use futures::task::AtomicWaker;
use futures::{Stream, StreamExt, TryStreamExt};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

/// How many chunks can wait in either direction before the sender has to wait.
const MAX_WAITING: usize = 2;

/// The input and output that the pipeline waits for. On the virtual clock, time stops until the page has provided them:
/// otherwise the run would depend on how fast the page is.
#[derive(Debug, Default)]
pub struct Outside {
    wants_input: AtomicBool,
    waiting_chunks: AtomicUsize,
    /// The task that waits until nothing is wanted any more, or something has changed.
    pub waiter: AtomicWaker,
}

impl Outside {
    /// Returns whether the page has to give or take something first.
    pub fn is_wanted(&self) -> bool {
        self.wants_input.load(Ordering::Acquire) || self.waiting_chunks.load(Ordering::Acquire) > 2 * MAX_WAITING
    }

    /// Notifies the waiting task that something was given, taken or changed.
    pub fn change(&self) {
        self.waiter.wake();
    }
}

/// The page's end of the inputs.
#[derive(Clone)]
pub struct Feeder {
    inputs: mpsc::UnboundedSender<io::Result<Input>>,
    /// The chunks of the current input, if there is one.
    chunks: Option<mpsc::UnboundedSender<io::Result<Vec<u8>>>>,
    room: Arc<Room>,
    outside: Arc<Outside>,
}

/// How much of the input waits. The channel can't bound this, since each feeding would add a slot of its own.
#[derive(Default)]
struct Room {
    waiting: AtomicUsize,
    giver: AtomicWaker,
}

/// Creates inputs that the page feeds. `are_several` is whether there may be more than one.
pub fn inputs(outside: &Arc<Outside>, are_several: bool) -> (Feeder, Inputs) {
    let (inputs, fed) = mpsc::unbounded();
    let feeder = Feeder { inputs, chunks: None, room: Arc::default(), outside: outside.clone() };
    let wanted = Wanted { items: fed, outside: outside.clone() };
    (feeder, Inputs::of(wanted, are_several))
}

impl Feeder {
    /// Begins an input, and ends the previous one.
    pub fn begin(&mut self, name: Option<String>) {
        let (chunks, fed) = mpsc::unbounded();
        let fed = Wanted { items: fed, outside: self.outside.clone() };
        let reader = Box::new(Fed { chunks: fed, room: self.room.clone() }.into_async_read());
        // If the receiver is gone, the run is about to end anyway.
        let _ = self.inputs.unbounded_send(Ok(Input { name, reader }));
        if let Some(before) = self.chunks.replace(chunks) {
            before.close_channel();
        }
        self.satisfied();
    }

    /// Adds a chunk, waiting while there are enough others. Returns false if the run needs no more.
    pub async fn feed(self, chunk: Vec<u8>) -> bool {
        let Some(chunks) = &self.chunks else { return false };
        let may_give = || chunks.is_closed() || self.room.waiting.load(Ordering::Acquire) < MAX_WAITING;
        futures::future::poll_fn(|context| {
            // Registered before the check, so that no change is missed in between.
            self.room.giver.register(context.waker());
            if may_give() { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        self.room.waiting.fetch_add(1, Ordering::AcqRel);
        let sent = chunks.unbounded_send(Ok(chunk)).is_ok();
        self.satisfied();
        sent
    }

    /// Ends the inputs.
    pub fn end(&mut self) {
        self.inputs.close_channel();
        self.chunks.iter().for_each(mpsc::UnboundedSender::close_channel);
        self.satisfied();
    }

    /// Ends the inputs with an error.
    pub fn fail(&mut self, message: &str) {
        let error = || io::Error::other(message.to_owned());
        // If the receiver is gone, the run is about to end anyway.
        let _ = match &self.chunks {
            Some(chunks) => chunks.unbounded_send(Err(error())).is_ok(),
            None => self.inputs.unbounded_send(Err(error())).is_ok(),
        };
        self.end();
    }

    fn satisfied(&self) {
        self.outside.wants_input.store(false, Ordering::Release);
        self.outside.change();
    }
}

/// Items that the page gives. They are wanted while the pipeline waits for them.
struct Wanted<T> {
    items: mpsc::UnboundedReceiver<T>,
    outside: Arc<Outside>,
}

impl<T> Stream for Wanted<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        // Before the check: the page's answer may come right after it.
        self.outside.wants_input.store(true, Ordering::Release);
        let item = ready!(self.items.poll_next_unpin(context));
        self.outside.wants_input.store(false, Ordering::Release);
        Poll::Ready(item)
    }
}

/// The chunks of an input.
struct Fed {
    chunks: Wanted<io::Result<Vec<u8>>>,
    room: Arc<Room>,
}

impl Stream for Fed {
    type Item = io::Result<Vec<u8>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let chunk = ready!(self.chunks.poll_next_unpin(context));
        if matches!(chunk, Some(Ok(_))) {
            self.room.waiting.fetch_sub(1, Ordering::AcqRel);
            self.room.giver.wake();
        }
        Poll::Ready(chunk)
    }
}

impl Drop for Fed {
    fn drop(&mut self) {
        // A waiting feeder must notice that the reader is gone.
        self.chunks.items.close();
        self.room.giver.wake();
    }
}

/// The pipeline's end of an output.
pub struct ChunkWriter {
    chunks: mpsc::UnboundedSender<Vec<u8>>,
    shared: Arc<Shared>,
    /// How many chunks can wait before the writer has to wait.
    limit: usize,
}

/// The page's end of an output.
pub struct ChunkReader {
    chunks: mpsc::UnboundedReceiver<Vec<u8>>,
    shared: Arc<Shared>,
}

struct Shared {
    waiting: AtomicUsize,
    writer: AtomicWaker,
    outside: Arc<Outside>,
}

/// Creates an output that the page takes chunk by chunk. If `immediate`, writing never waits, and the driver of the run
/// must check [`Outside::is_wanted`].
pub fn output(outside: &Arc<Outside>, immediate: bool) -> (ChunkWriter, ChunkReader) {
    let (sender, receiver) = mpsc::unbounded();
    let shared =
        Arc::new(Shared { waiting: AtomicUsize::new(0), writer: AtomicWaker::new(), outside: outside.clone() });
    let limit = if immediate { usize::MAX } else { MAX_WAITING };
    (ChunkWriter { chunks: sender, shared: shared.clone(), limit }, ChunkReader { chunks: receiver, shared })
}

impl ChunkReader {
    /// Returns the next chunk, or `None` at the end.
    pub async fn next(&mut self) -> Option<Vec<u8>> {
        let chunk = self.chunks.next().await?;
        self.shared.waiting.fetch_sub(1, Ordering::AcqRel);
        self.shared.outside.waiting_chunks.fetch_sub(1, Ordering::AcqRel);
        self.shared.writer.wake();
        self.shared.outside.change();
        Some(chunk)
    }
}

impl Drop for ChunkReader {
    fn drop(&mut self) {
        // A waiting writer must notice that the reader is gone.
        self.chunks.close();
        self.shared.writer.wake();
    }
}

impl AsyncWrite for ChunkWriter {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let is_full = || self.shared.waiting.load(Ordering::Acquire) >= self.limit && !self.chunks.is_closed();
        if is_full() {
            self.shared.writer.register(context.waker());
            // The page may have been faster than the registration.
            if is_full() {
                return Poll::Pending;
            }
        }
        self.shared.waiting.fetch_add(1, Ordering::AcqRel);
        self.shared.outside.waiting_chunks.fetch_add(1, Ordering::AcqRel);
        match self.chunks.unbounded_send(bytes.to_vec()) {
            Ok(()) => Poll::Ready(Ok(bytes.len())),
            Err(_) => Poll::Ready(Err(io::Error::new(io::ErrorKind::BrokenPipe, "nobody takes the results any more"))),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.chunks.close_channel();
        Poll::Ready(Ok(()))
    }
}
