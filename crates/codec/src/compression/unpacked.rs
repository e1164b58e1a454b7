//! An input without its compression.

use super::layer::Layer;
use super::{Compression, Start};
use std::io::{self, ErrorKind, Read};

/// The decompressed bytes of a reader, or its own bytes if they aren't compressed.
///
/// The compression is recognised by the first bytes, however the reader hands them out. Data that was compressed
/// several times is decompressed as many times, up to [`Unpacked::MAX_LAYERS`].
///
/// Errors of the reader are passed on; after [`ErrorKind::WouldBlock`], reading continues where it was.
pub struct Unpacked<R> {
    source: R,
    /// The outermost first.
    layers: Vec<Layer>,
    /// The first bytes, which were examined and not handed out yet.
    start: Vec<u8>,
    /// Whether all layers are known.
    is_known: bool,
    /// The compression that the name indicates.
    wanted: Option<Compression>,
}

impl<R: Read> Unpacked<R> {
    /// Data with more layers than this is refused: it is a mistake or an attack.
    pub const MAX_LAYERS: usize = 4;

    /// Creates a reader that decompresses another. If the name of the source has an extension for compressed files, the
    /// data must be compressed or empty.
    pub fn new(source: R, name: &str) -> Unpacked<R> {
        let wanted = Compression::of_name(name);
        Unpacked { source, layers: Vec::new(), start: Vec::new(), is_known: false, wanted }
    }

    /// Returns the source itself if there is nothing to decompress and no byte of it was kept back.
    pub(super) fn plain(&mut self) -> Option<&mut R> {
        (self.is_known && self.layers.is_empty() && self.start.is_empty()).then_some(&mut self.source)
    }

    pub(super) fn source(&mut self) -> &mut R {
        &mut self.source
    }

    /// Finds out how the data is compressed.
    fn recognise(&mut self) -> io::Result<()> {
        loop {
            let found = Compression::of_start(&self.start);
            match found {
                Start::TooShort => {
                    let mut bytes = [0; Compression::MAX_MAGIC_LENGTH];
                    let room = &mut bytes[self.start.len()..];
                    let length = match read_through(&mut self.source, &mut self.layers, room) {
                        Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                        result => result?,
                    };
                    self.start.extend_from_slice(&room[..length]);
                    if length > 0 {
                        continue;
                    }
                }
                Start::Is(_) if self.layers.len() == Self::MAX_LAYERS => {
                    let message = format!("it is compressed more than {} times over", Self::MAX_LAYERS);
                    return Err(io::Error::new(ErrorKind::InvalidData, message));
                }
                Start::Is(compression) => {
                    self.layers.push(Layer::new(compression, &self.start)?);
                    self.start.clear();
                    continue;
                }
                Start::Other => {}
            }
            break;
        }
        if let Some(wanted) = self.wanted.filter(|_| self.layers.is_empty() && !self.start.is_empty()) {
            let message = format!("it is not {} data, though its name says so", wanted.name());
            return Err(io::Error::new(ErrorKind::InvalidData, message));
        }
        self.is_known = true;
        Ok(())
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if !self.is_known {
            self.recognise()?;
        }
        if !self.start.is_empty() {
            let length = self.start.len().min(into.len());
            into[..length].copy_from_slice(&self.start[..length]);
            self.start.drain(..length);
            return Ok(length);
        }
        read_through(&mut self.source, &mut self.layers, into)
    }
}

/// Reads from the innermost layer, or from the source if there is none.
fn read_through(source: &mut dyn Read, layers: &mut [Layer], into: &mut [u8]) -> io::Result<usize> {
    match layers.split_last_mut() {
        None => source.read(into),
        Some((innermost, outer)) => innermost.read(&mut Below { source, outer }, into),
    }
}

/// Everything below a layer.
struct Below<'a> {
    source: &'a mut dyn Read,
    outer: &'a mut [Layer],
}

impl Read for Below<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        read_through(self.source, self.outer, into)
    }
}

/// Returns at most the first `most` bytes of data that begins with `start`, decompressed if it is compressed, and
/// whether that is all of it. If `start` is not all of the data (`is_whole`), the result is as much as can be
/// decompressed from it.
///
/// # Errors
/// If the data is damaged.
pub fn unpacked_start(start: &[u8], is_whole: bool, most: usize) -> io::Result<(Vec<u8>, bool)> {
    let mut reader = Unpacked::new(Beginning { bytes: start, is_whole }, "");
    let mut unpacked = vec![0; most];
    let mut length = 0;
    while length < most {
        match reader.read(&mut unpacked[length..]) {
            Ok(0) => {
                unpacked.truncate(length);
                return Ok((unpacked, true));
            }
            Ok(read) => length += read,
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) => return Err(error),
        }
    }
    unpacked.truncate(length);
    Ok((unpacked, false))
}

/// The beginning of the data; the rest isn't available yet.
struct Beginning<'a> {
    bytes: &'a [u8],
    is_whole: bool,
}

impl Read for Beginning<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.bytes.is_empty() && !self.is_whole {
            return Err(ErrorKind::WouldBlock.into());
        }
        self.bytes.read(into)
    }
}
