//! An asynchronous input without its compression.

use super::Unpacked;
use futures::io::AsyncRead;
use std::io::{self, ErrorKind, Read};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// How much one read asks for.
const BUFFER: usize = 256 << 10;

/// The decompressed bytes of an asynchronous reader; see [`Unpacked`].
pub struct UnpackedAsync<R> {
    reader: R,
    unpacked: Unpacked<Fed>,
}

/// The bytes that were read and not decompressed yet.
#[derive(Default)]
struct Fed {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    /// Whether nothing follows them.
    at_end: bool,
}

impl<R: AsyncRead + Unpin> UnpackedAsync<R> {
    /// Creates a reader that decompresses another; see [`Unpacked::new`].
    pub fn new(reader: R, name: &str) -> UnpackedAsync<R> {
        UnpackedAsync { reader, unpacked: Unpacked::new(Fed::default(), name) }
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for UnpackedAsync<R> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut [u8]) -> Poll<io::Result<usize>> {
        let UnpackedAsync { reader, unpacked } = &mut *self;
        loop {
            if let Some(fed) = unpacked.plain().filter(|fed| fed.start == fed.end) {
                fed.bytes = Vec::new();
                return Pin::new(reader).poll_read(context, into);
            }
            match unpacked.read(into) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                result => return Poll::Ready(result),
            }
            let fed = unpacked.source();
            fed.bytes.resize(BUFFER, 0);
            let length = ready!(Pin::new(&mut *reader).poll_read(context, &mut fed.bytes))?;
            (fed.start, fed.end, fed.at_end) = (0, length, length == 0);
        }
    }
}

impl Read for Fed {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.start == self.end && !self.at_end {
            return Err(ErrorKind::WouldBlock.into());
        }
        let length = into.len().min(self.end - self.start);
        into[..length].copy_from_slice(&self.bytes[self.start..self.start + length]);
        self.start += length;
        Ok(length)
    }
}
