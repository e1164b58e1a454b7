//! Zstandard, by the C library.

use super::{Compression, Decode, Progress};
use ::zstd::stream::raw::{self, DParameter, Operation};
use std::io;

/// Decodes frames, including skippable ones.
pub(super) struct Decoder(raw::Decoder<'static>);

impl Decoder {
    /// Creates a decoder.
    ///
    /// # Errors
    /// If there isn't enough memory for it.
    pub fn new() -> io::Result<Decoder> {
        let mut decoder = raw::Decoder::new()?;
        decoder.set_parameter(DParameter::WindowLogMax(Compression::WINDOW_LOG))?;
        Ok(Decoder(decoder))
    }
}

impl Decode for Decoder {
    fn decode(&mut self, input: &[u8], output: &mut [u8]) -> io::Result<Progress> {
        let status = self.0.run_on_buffers(input, output).map_err(|error| {
            let message = error.to_string();
            match message.contains("memory") {
                true => io::Error::new(io::ErrorKind::OutOfMemory, message),
                false => error,
            }
        })?;
        Ok(Progress { read: status.bytes_read, written: status.bytes_written, ended: status.remaining == 0 })
    }

    fn reset(&mut self) -> io::Result<()> {
        self.0.reinit()
    }
}
