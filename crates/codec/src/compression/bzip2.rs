//! bzip2, by libbz2-rs.

use super::{Decode, Progress};
use bzip2::{Decompress, Status};
use std::io;

/// Decodes a stream.
pub(super) struct Decoder(Decompress);

impl Decoder {
    pub fn new() -> Decoder {
        Decoder(Decompress::new(false))
    }
}

impl Decode for Decoder {
    fn decode(&mut self, input: &[u8], output: &mut [u8]) -> io::Result<Progress> {
        let (before_in, before_out) = (self.0.total_in(), self.0.total_out());
        let status = self
            .0
            .decompress(input, output)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.to_string()))?;
        if status == Status::MemNeeded {
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        Ok(Progress {
            read: (self.0.total_in() - before_in) as usize,
            written: (self.0.total_out() - before_out) as usize,
            ended: status == Status::StreamEnd,
        })
    }

    fn reset(&mut self) -> io::Result<()> {
        self.0 = Decompress::new(false);
        Ok(())
    }
}
