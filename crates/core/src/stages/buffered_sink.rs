//! Writing lines to one of the two files.

use crate::worker::StageError;
use futures::io::{AsyncWrite, AsyncWriteExt};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Where a file goes.
pub type Output = Box<dyn AsyncWrite + Send + Unpin>;

/// Bytes are handed to the system in blocks of this size, or sooner when nothing more comes.
const BLOCK: usize = 256 * 1024;

/// So many lines are worth to be written by themselves, rather than copied to where a block comes together.
const WORTH: usize = BLOCK / 4;

/// Collects lines and writes them in large blocks.
pub struct BufferedSink {
    out: Output,
    buffer: Vec<u8>,
    /// The name for people.
    name: &'static str,
    bytes: Arc<AtomicU64>,
}

impl BufferedSink {
    /// A file without lines. `bytes` counts what is written.
    pub fn new(out: Output, name: &'static str, bytes: Arc<AtomicU64>) -> BufferedSink {
        BufferedSink { out, buffer: Vec::new(), name, bytes }
    }

    /// Adds lines.
    pub fn push(&mut self, lines: &[u8]) {
        self.buffer.extend_from_slice(lines);
    }

    /// Whether enough has come together for a block.
    pub fn is_full(&self) -> bool {
        self.buffer.len() >= BLOCK
    }

    /// Whether anything has not been written yet.
    pub fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    /// Whether nothing has been written so far.
    pub fn is_untouched(&self) -> bool {
        self.bytes.load(Ordering::Relaxed) == 0
    }

    /// Writes what has come together. May wait for as long as whoever takes the bytes likes.
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

    /// Whether so many lines are better given to [`BufferedSink::write`] than to [`BufferedSink::push`].
    pub fn is_worth_writing(lines: &[u8]) -> bool {
        lines.len() >= WORTH
    }

    /// Writes what has come together, and then these lines from where they are.
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
