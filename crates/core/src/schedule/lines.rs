//! Lines that a run writes to memory.

use crate::sink::Sink;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

/// The bytes written so far.
#[derive(Clone, Default)]
pub(super) struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    /// Returns a copy of the bytes.
    pub fn bytes(&self) -> Vec<u8> {
        self.inside().clone()
    }

    /// Returns how many lines there are.
    pub fn count(&self) -> usize {
        memchr::memchr_iter(b'\n', &self.inside()).count()
    }

    fn inside(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for Lines {
    fn poll_write(&mut self, _: &mut Context<'_>, lines: &[u8]) -> Poll<io::Result<usize>> {
        self.inside().extend_from_slice(lines);
        Poll::Ready(Ok(lines.len()))
    }

    fn poll_durable(&mut self, _: &mut Context<'_>, through: u64) -> Poll<io::Result<u64>> {
        Poll::Ready(Ok(through))
    }

    fn poll_close(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
