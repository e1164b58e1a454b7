//! One layer of compression.

use super::{Compression, Decode, Progress, Start};
use std::io::{self, ErrorKind, Read};

/// How much one read from below asks for. It is larger than the longest block of Zstandard, whose portable decoder
/// needs whole blocks.
const BUFFER: usize = 256 << 10;

/// A layer of compression, which gets its bytes from below.
pub(super) struct Layer {
    compression: Compression,
    decoder: Box<dyn Decode>,
    /// Between two members, or after the last one.
    is_between: bool,
    input: Vec<u8>,
    /// The part of the input that wasn't decoded yet.
    start: usize,
    end: usize,
    /// Whether there is nothing left below.
    at_end: bool,
}

impl Layer {
    /// Creates a layer whose input begins with these bytes.
    ///
    /// # Errors
    /// If there is no decoder for it.
    pub fn new(compression: Compression, start: &[u8]) -> io::Result<Layer> {
        let mut input = vec![0; BUFFER];
        input[..start.len()].copy_from_slice(start);
        Ok(Layer {
            compression,
            decoder: compression.decoder()?,
            is_between: false,
            input,
            start: 0,
            end: start.len(),
            at_end: false,
        })
    }

    /// Reads decompressed bytes, as [`Read::read`] does. After an error from `below` it can be called again.
    pub fn read(&mut self, below: &mut dyn Read, into: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.is_between {
                match self.next_member()? {
                    Start::Is(_) => {
                        self.decoder.reset().map_err(|error| self.explain(&error))?;
                        self.is_between = false;
                    }
                    Start::TooShort => self.fill(below)?,
                    Start::Other => return Ok(0),
                }
                continue;
            }
            let Progress { read, written, ended } =
                self.decoder.decode(&self.input[self.start..self.end], into).map_err(|error| self.explain(&error))?;
            self.start += read;
            self.is_between = ended;
            if written > 0 {
                return Ok(written);
            }
            if read > 0 || ended {
                continue;
            }
            if self.at_end {
                return Err(self.too_early());
            }
            self.fill(below)?;
        }
    }

    /// Checks what follows a member: another one, possibly after zeros, or nothing.
    fn next_member(&mut self) -> io::Result<Start> {
        if self.compression != Compression::Zstd {
            // Tapes and block-wise copies leave such zeros; gzip and xz skip them as well.
            let rest = &self.input[self.start..self.end];
            self.start += rest.iter().position(|byte| *byte != 0).unwrap_or(rest.len());
        }
        let rest = &self.input[self.start..self.end];
        match Compression::of_start(rest) {
            start @ Start::Is(compression) if compression == self.compression => Ok(start),
            Start::TooShort if !self.at_end => Ok(Start::TooShort),
            Start::TooShort if rest.is_empty() => Ok(Start::Other),
            Start::TooShort if self.compression.begins_with(rest) => Err(self.too_early()),
            _ => {
                let format = self.compression.name();
                let message = format!("something that is not {format} follows the {format} data");
                Err(io::Error::new(ErrorKind::InvalidData, message))
            }
        }
    }

    /// Reads once from below.
    fn fill(&mut self, below: &mut dyn Read) -> io::Result<()> {
        if self.start > 0 {
            self.input.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        if self.end == self.input.len() {
            self.input.resize(2 * self.input.len(), 0);
        }
        let length = loop {
            match below.read(&mut self.input[self.end..]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                result => break result?,
            }
        };
        self.end += length;
        self.at_end = length == 0;
        Ok(())
    }

    fn too_early(&self) -> io::Error {
        let format = self.compression.name();
        let message = format!("the {format} data ends too early; the file is not complete");
        io::Error::new(ErrorKind::UnexpectedEof, message)
    }

    fn explain(&self, error: &io::Error) -> io::Error {
        let format = self.compression.name();
        match error.kind() {
            ErrorKind::OutOfMemory => io::Error::new(
                ErrorKind::OutOfMemory,
                format!("the {format} data takes too much memory to decompress: {error}"),
            ),
            _ => io::Error::new(ErrorKind::InvalidData, format!("the {format} data is damaged: {error}")),
        }
    }
}
