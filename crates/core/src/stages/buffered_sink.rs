//! Writes lines to a sink.

use crate::settlement::Settlement;
use crate::sink::Sink;
use crate::worker::StageError;
use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::ready;

/// Where the lines of a consumer go.
pub type Output = Box<dyn Sink>;

/// Bytes are written in blocks of this size, or sooner when nothing more arrives.
const BLOCK: usize = 256 * 1024;

/// From this size on, lines are written from where they are instead of being copied into a block.
const WORTH: usize = BLOCK / 4;

/// A source that wants to know what is durable hears of it after about this many records.
const SETTLE_EVERY: u64 = 16 * 1024;

/// Collects lines and writes them in large blocks.
pub struct BufferedSink {
    out: Output,
    buffer: Vec<u8>,
    /// The name in messages.
    name: &'static str,
    bytes: Arc<AtomicU64>,
    /// How many records from the first on are in what was written or is buffered.
    through: u64,
    /// How far these were when the sink was last asked what is durable, and its answer.
    asked: u64,
    durable: u64,
    /// Its index among the sinks, and what learns what is durable.
    index: usize,
    settlement: Arc<Settlement>,
}

impl BufferedSink {
    /// An empty buffer before a sink, which is the one with this index for `settlement`. `bytes` counts what is written.
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

    /// Sets how many records from the first on have been pushed or written, as far as they concern this sink.
    #[inline]
    pub fn set_through(&mut self, records: u64) {
        self.through = records;
    }

    /// Whether it is time to flush: there is enough for a block, or enough records to settle.
    pub fn is_due(&self) -> bool {
        self.buffer.len() >= BLOCK || (self.through - self.asked >= SETTLE_EVERY && self.settlement.is_wanted())
    }

    /// Whether everything has been written.
    pub fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    /// Whether a flush would change nothing: everything has been written, and is durable if anybody wants to know.
    pub fn is_settled(&self) -> bool {
        self.is_empty() && (self.durable >= self.through || !self.settlement.is_wanted())
    }

    /// Whether nothing has been written so far.
    pub fn is_untouched(&self) -> bool {
        self.bytes.load(Ordering::Relaxed) == 0
    }

    /// Writes what is buffered, and finds out what is durable. May wait for as long as the reader of the bytes takes.
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

    /// Whether lines of this size are better passed to [`BufferedSink::write`] than to [`BufferedSink::push`].
    pub fn is_worth_writing(lines: &[u8]) -> bool {
        lines.len() >= WORTH
    }

    /// Writes what is buffered, and then these lines from where they are.
    pub async fn write(&mut self, lines: &[u8]) -> Result<(), StageError> {
        if !self.is_empty() {
            self.flush().await?;
        }
        self.write_all(lines).await
    }

    /// Writes what is left, and closes the sink.
    pub async fn close(mut self) -> Result<(), StageError> {
        self.flush().await?;
        let closed = poll_fn(|context| self.out.poll_close(context)).await;
        closed.map_err(|error| StageError::Output { file: self.name, error })
    }
}
