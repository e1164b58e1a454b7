//! Writes lines to a sink.

use crate::settlement::Settlement;
use crate::sink::Sink;
use crate::worker::StageError;
use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::ready;

/// The sink for a consumer's lines.
pub type Output = Box<dyn Sink>;

/// Bytes are written in blocks of this size, or sooner if no more arrive.
const BLOCK: usize = 256 * 1024;

/// Lines of at least this size are written directly instead of being copied into a block.
const WORTH: usize = BLOCK / 4;

/// A source that tracks what is durable is notified after about this many records.
const SETTLE_EVERY: u64 = 16 * 1024;

/// Collects lines and writes them in large blocks.
pub struct BufferedSink {
    out: Output,
    buffer: Vec<u8>,
    /// The name used in messages.
    name: &'static str,
    bytes: Arc<AtomicU64>,
    /// The number of records, from the first on, that have been written or buffered.
    through: u64,
    /// The value of `through` when the sink was last asked what is durable, and its answer.
    asked: u64,
    durable: u64,
    /// The index of this sink, and the settlement to report to.
    index: usize,
    settlement: Arc<Settlement>,
}

impl BufferedSink {
    /// Creates an empty buffer in front of a sink, which has this index in `settlement`. `bytes` counts the bytes
    /// written.
    pub fn new(
        out: Output,
        name: &'static str,
        bytes: Arc<AtomicU64>,
        (index, settlement): (usize, &Arc<Settlement>),
    ) -> BufferedSink {
        BufferedSink {
            out,
            buffer: Vec::new(),
            name,
            bytes,
            through: 0,
            asked: 0,
            durable: 0,
            index,
            settlement: settlement.clone(),
        }
    }

    /// Adds lines.
    pub fn push(&mut self, lines: &[u8]) {
        self.buffer.extend_from_slice(lines);
    }

    /// Sets the number of records, from the first on, whose lines for this sink have been pushed or written.
    #[inline]
    pub fn set_through(&mut self, records: u64) {
        self.through = records;
    }

    /// Returns whether it is time to flush: a block is full, or enough records can be settled.
    pub fn is_due(&self) -> bool {
        self.buffer.len() >= BLOCK || (self.through - self.asked >= SETTLE_EVERY && self.settlement.is_wanted())
    }

    /// Returns whether everything has been written.
    pub fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    /// Returns whether a flush would change nothing: everything has been written and, if the source tracks this, is
    /// durable.
    pub fn is_settled(&self) -> bool {
        self.is_empty() && (self.durable >= self.through || !self.settlement.is_wanted())
    }

    /// Returns whether nothing has been written so far.
    pub fn is_untouched(&self) -> bool {
        self.bytes.load(Ordering::Relaxed) == 0
    }

    /// Writes the buffered lines and asks the sink what is durable. Waits for as long as the reader of the bytes takes.
    ///
    /// # Errors
    /// [`StageError::Output`] if the sink can't write them, or keep what it has written.
    pub async fn flush(&mut self) -> Result<(), StageError> {
        let mut block = std::mem::take(&mut self.buffer);
        self.write_all(&block).await?;
        block.clear();
        self.buffer = block;
        Ok(())
    }

    async fn write_all(&mut self, lines: &[u8]) -> Result<(), StageError> {
        let through = self.through;
        let mut left = lines;
        let written = poll_fn(|context| {
            while !left.is_empty() {
                match ready!(self.out.poll_write(context, left))? {
                    0 => return Err(io::Error::from(io::ErrorKind::WriteZero)).into(),
                    bytes => left = &left[bytes..],
                }
            }
            self.out.poll_durable(context, through)
        });
        let durable = written.await.map_err(|error| StageError::Output { file: self.name, error })?;
        self.bytes.fetch_add(lines.len() as u64, Ordering::Relaxed);
        self.asked = through;
        self.durable = durable.min(through);
        self.settlement.set_durable(self.index, self.durable);
        Ok(())
    }

    /// Returns whether lines of this size should go to [`BufferedSink::write`] rather than [`BufferedSink::push`].
    pub fn is_worth_writing(lines: &[u8]) -> bool {
        lines.len() >= WORTH
    }

    /// Writes the buffered lines, and then these lines without copying them.
    ///
    /// # Errors
    /// As those of [`BufferedSink::flush`].
    pub async fn write(&mut self, lines: &[u8]) -> Result<(), StageError> {
        if !self.is_empty() {
            self.flush().await?;
        }
        self.write_all(lines).await
    }

    /// Writes the remaining lines and closes the sink.
    ///
    /// # Errors
    /// [`StageError::Output`] if the sink can't write them, or can't be closed.
    pub async fn close(mut self) -> Result<(), StageError> {
        self.flush().await?;
        let closed = poll_fn(|context| self.out.poll_close(context)).await;
        closed.map_err(|error| StageError::Output { file: self.name, error })
    }
}
