//! xz, by lzma-rust2.

use super::{Compression, Decode, Progress};
use lzma_rust2::{Action, Status, XzStream};
use std::io;

/// Decodes a stream.
pub(super) struct Decoder(XzStream);

impl Decoder {
    /// The most memory that a block may need, in KiB: its dictionary, plus a little for the decoder.
    const MEMORY: u32 = (1 << (Compression::WINDOW_LOG - 10)) + 1024;

    pub fn new() -> Decoder {
        Decoder(XzStream::new_mem_limit(false, Self::MEMORY))
    }
}

impl Decode for Decoder {
    fn decode(&mut self, input: &[u8], output: &mut [u8]) -> io::Result<Progress> {
        let result = self.0.process(input, output, Action::Run).map_err(|error| match error.kind() {
            io::ErrorKind::OutOfMemory => io::Error::new(
                io::ErrorKind::OutOfMemory,
                format!("its dictionary is larger than {} MiB", 1 << (Compression::WINDOW_LOG - 20)),
            ),
            _ => error,
        })?;
        Ok(Progress {
            read: result.bytes_consumed,
            written: result.bytes_produced,
            ended: result.status == Status::StreamEnd,
        })
    }

    fn reset(&mut self) -> io::Result<()> {
        *self = Decoder::new();
        Ok(())
    }
}
