//! gzip, by zlib-rs.

use super::{Decode, Progress};
use flate2::{Decompress, FlushDecompress, Status};
use std::io;

/// The largest window of the format.
const WINDOW_BITS: u8 = 15;

/// Decodes a member, including its header and its checksum.
pub(super) struct Decoder(Decompress);

impl Decoder {
    pub fn new() -> Decoder {
        Decoder(Decompress::new_gzip(WINDOW_BITS))
    }
}

impl Decode for Decoder {
    fn decode(&mut self, input: &[u8], output: &mut [u8]) -> io::Result<Progress> {
        let (before_in, before_out) = (self.0.total_in(), self.0.total_out());
        let status = self.0.decompress(input, output, FlushDecompress::None);
        // zlib's own message depends on how the data arrives.
        let status = status.map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is corrupt"))?;
        Ok(Progress {
            read: (self.0.total_in() - before_in) as usize,
            written: (self.0.total_out() - before_out) as usize,
            ended: status == Status::StreamEnd,
        })
    }

    fn reset(&mut self) -> io::Result<()> {
        self.0 = Decompress::new_gzip(WINDOW_BITS);
        Ok(())
    }
}
