//! Zstandard, by ruzstd, which is pure Rust.

use super::{Compression, Decode, Progress};
use ruzstd::decoding::errors::FrameDecoderError;
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use std::io::{self, Read};

/// Decodes frames, including skippable ones.
pub(super) struct Decoder {
    decoder: FrameDecoder,
    state: State,
}

enum State {
    /// At the beginning of a frame.
    Header,
    /// In a skippable frame, with this many bytes left.
    Skipping(usize),
    /// Before a block. In some frames, a checksum follows the last one.
    Block { has_checksum: bool },
    /// Everything has been read.
    Ended { has_checksum: bool },
}

/// The length of the fixed part of a frame's header.
const FIXED: usize = 5;

impl Decoder {
    pub fn new() -> Decoder {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(1 << Compression::PORTABLE_WINDOW_LOG);
        Decoder { decoder, state: State::Header }
    }

    /// Reads the beginning of a frame and returns its length, if all of it is there.
    fn header(&mut self, input: &[u8]) -> io::Result<usize> {
        let [first, .., fifth] = input.get(..FIXED).unwrap_or_default() else { return Ok(0) };
        if first & 0xF0 == 0x50 {
            let Some(length) = input.get(4..8).and_then(|length| length.try_into().ok()).map(u32::from_le_bytes) else {
                return Ok(0);
            };
            self.state = State::Skipping(length as usize);
            return Ok(8);
        }
        let is_single_segment = fifth & 0x20 != 0;
        let dictionary_id = [0, 1, 2, 4][usize::from(fifth & 3)];
        let content_size = match fifth >> 6 {
            0 => usize::from(is_single_segment),
            flag => 1 << flag,
        };
        let length = FIXED + usize::from(!is_single_segment) + dictionary_id + content_size;
        let Some(header) = input.get(..length) else { return Ok(0) };
        self.decoder.reset(header).map_err(explain)?;
        self.state = State::Block { has_checksum: fifth & 4 != 0 };
        Ok(length)
    }

    /// Reads a block and returns its length, if all of it is there.
    fn block(&mut self, input: &[u8], has_checksum: bool) -> io::Result<usize> {
        const HEADER: usize = 3;
        let Some(&[first, second, third]) = input.get(..HEADER) else { return Ok(0) };
        let header = u32::from_le_bytes([first, second, third, 0]);
        let is_last = header & 1 != 0;
        let is_one_byte = (header >> 1) & 3 == 1;
        let content = if is_one_byte { 1 } else { (header >> 3) as usize };
        let length = HEADER + content + if is_last && has_checksum { 4 } else { 0 };
        // The decoder refuses a block that is longer than allowed as soon as it sees the beginning.
        let Some(block) = input.get(..length.min(HEADER + ruzstd_block())) else { return Ok(0) };
        self.decoder.decode_blocks(block, BlockDecodingStrategy::UptoBlocks(1)).map_err(explain)?;
        if is_last {
            self.state = State::Ended { has_checksum };
        }
        Ok(length)
    }
}

/// Returns the maximum length of a block with its checksum.
fn ruzstd_block() -> usize {
    128 * 1024 + 4
}

impl Decode for Decoder {
    fn decode(&mut self, input: &[u8], output: &mut [u8]) -> io::Result<Progress> {
        let mut read = 0;
        loop {
            if self.decoder.can_collect() > 0 {
                let written = self.decoder.read(output)?;
                return Ok(Progress { read, written, ended: false });
            }
            let rest = &input[read..];
            let length = match self.state {
                State::Header => self.header(rest)?,
                State::Skipping(0) => return Ok(Progress { read, written: 0, ended: true }),
                State::Skipping(left) => {
                    let skipped = left.min(rest.len());
                    self.state = State::Skipping(left - skipped);
                    skipped
                }
                State::Block { has_checksum } => self.block(rest, has_checksum)?,
                State::Ended { has_checksum } => {
                    if has_checksum && self.decoder.get_checksum_from_data() != self.decoder.get_calculated_checksum() {
                        return Err(io::Error::new(io::ErrorKind::InvalidData, "a checksum doesn't match"));
                    }
                    return Ok(Progress { read, written: 0, ended: true });
                }
            };
            if length == 0 {
                return Ok(Progress { read, written: 0, ended: false });
            }
            read += length;
        }
    }

    fn reset(&mut self) -> io::Result<()> {
        self.state = State::Header;
        Ok(())
    }
}

fn explain(error: FrameDecoderError) -> io::Error {
    match error {
        FrameDecoderError::WindowSizeTooBig { .. } => io::Error::new(
            io::ErrorKind::OutOfMemory,
            format!("its window is larger than {} MiB", 1 << (Compression::PORTABLE_WINDOW_LOG - 20)),
        ),
        FrameDecoderError::DictNotProvided { .. } => {
            io::Error::new(io::ErrorKind::InvalidData, "it needs a dictionary")
        }
        other => io::Error::new(io::ErrorKind::InvalidData, other.to_string()),
    }
}
