//! Writes lines to one of the two files.

use crate::worker::StageError;
use futures::io::{AsyncWrite, AsyncWriteExt};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Where the bytes of a file go.
pub type Output = Box<dyn AsyncWrite + Send + Unpin>;

/// Bytes are written in blocks of this size, or sooner when nothing more arrives.
const BLOCK: usize = 256 * 1024;

/// From this size on, lines are written from where they are instead of being copied into a block.
const WORTH: usize = BLOCK / 4;

/// Collects lines and writes them in large blocks.
pub struct BufferedSink {
    out: Output,
    buffer: Vec<u8>,
    /// The name in messages.
    name: &'static str,
    bytes: Arc<AtomicU64>,
}

impl BufferedSink {
    /// An empty file. `bytes` counts what is written to it.
    pub fn new(out: Output, name: &'static str, bytes: Arc<AtomicU64>) -> BufferedSink {
        BufferedSink { out, buffer: Vec::new(), name, bytes }
    }

    /// Adds lines.
    pub fn push(&mut self, lines: &[u8]) {
        self.buffer.extend_from_slice(lines);
    }

    /// Whether there is enough for a block.
    pub fn is_full(&self) -> bool {
        self.buffer.len() >= BLOCK
    }

    /// Whether everything has been written.
    pub fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    /// Whether nothing has been written so far.
    pub fn is_untouched(&self) -> bool {
        self.bytes.load(Ordering::Relaxed) == 0
    }

    /// Writes what is buffered. May wait for as long as the reader of the bytes takes.
    pub async fn flush(&mut self) -> Result<(), StageError> {
        let mut block = std::mem::take(&mut self.buffer);
        self.write_all(&block).await?;
        block.clear();
        self.buffer = block;
        Ok(())
    }

    async fn write_all(&mut self, lines: &[u8]) -> Result<(), StageError> {
        let written = async {
            self.out.write_all(lines).await?;
            self.out.flush().await
        };
        written.await.map_err(|error| StageError::Output { file: self.name, error })?;
        self.bytes.fetch_add(lines.len() as u64, Ordering::Relaxed);
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

    /// Writes what is left, and closes the file.
    pub async fn close(mut self) -> Result<(), StageError> {
        self.flush().await?;
        self.out.close().await.map_err(|error| StageError::Output { file: self.name, error })
    }
}
