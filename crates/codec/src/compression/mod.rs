//! Compressed inputs: recognising them by their first bytes and decompressing them as they are read.
//!
//! | modules | about |
//! |---|---|
//! | `layer` | one layer of compression: members, padding, truncated data |
//! | `unpacked` | all layers of an input, and the input below them, as a reader |
//! | `unpacked_async` | the same for an asynchronous reader |
//! | `gzip`, `zstd`, `zstd_portable`, `bzip2`, `xz` | the formats |
//!
//! The decoders are libraries, each behind a Cargo feature. Zstandard has two: `zstd` is the C library, the fastest
//! one, and `zstd-portable` is for targets without a C compiler.

#[cfg(feature = "bzip2")]
mod bzip2;
#[cfg(feature = "gzip")]
mod gzip;
mod layer;
mod unpacked;
mod unpacked_async;
#[cfg(feature = "xz")]
mod xz;
#[cfg(feature = "zstd")]
mod zstd;
#[cfg(any(feature = "zstd-portable", test))]
#[cfg_attr(feature = "zstd", allow(dead_code, reason = "the C library is used; this one is only tested"))]
mod zstd_portable;

pub use unpacked::{Unpacked, unpacked_start};
pub use unpacked_async::UnpackedAsync;

use std::io;

/// A compression format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// gzip: members one after the other, possibly followed by zeros.
    Gzip,
    /// Zstandard: frames and skippable frames in any order.
    Zstd,
    /// bzip2: streams one after the other.
    Bzip2,
    /// xz: streams one after the other, possibly followed by zeros.
    Xz,
}

/// What the first bytes of the data show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    /// It is compressed in this format.
    Is(Compression),
    /// More bytes are needed to decide.
    TooShort,
    /// It isn't compressed.
    Other,
}

impl Compression {
    /// All formats.
    pub const ALL: [Compression; 4] = [Compression::Gzip, Compression::Zstd, Compression::Bzip2, Compression::Xz];

    /// This many bytes are always enough to tell whether data is compressed.
    const MAX_MAGIC_LENGTH: usize = 6;

    /// The largest window that is allocated for decompression; data that needs a larger one is refused. Natively it is
    /// what `zstd --long=31` uses; memory is only touched as far as there is data to fill it.
    #[cfg(any(feature = "zstd", feature = "xz"))]
    const WINDOW_LOG: u32 = if cfg!(feature = "zstd") { 31 } else { Self::PORTABLE_WINDOW_LOG };

    /// The same where memory is scarce, as in a web page: what `zstd --long` uses.
    #[cfg(any(feature = "zstd-portable", feature = "xz", test))]
    const PORTABLE_WINDOW_LOG: u32 = 27;

    /// Returns its name.
    pub fn name(self) -> &'static str {
        match self {
            Compression::Gzip => "gzip",
            Compression::Zstd => "zstd",
            Compression::Bzip2 => "bzip2",
            Compression::Xz => "xz",
        }
    }

    /// Returns the file name extension of this format.
    pub fn extension(self) -> &'static str {
        match self {
            Compression::Gzip => ".gz",
            Compression::Zstd => ".zst",
            Compression::Bzip2 => ".bz2",
            Compression::Xz => ".xz",
        }
    }

    /// Returns the format of a file with this name, by its extension, ignoring case.
    pub fn of_name(name: &str) -> Option<Compression> {
        Self::ALL.into_iter().find(|compression| {
            let at = name.len().saturating_sub(compression.extension().len());
            name.as_bytes()[at..].eq_ignore_ascii_case(compression.extension().as_bytes())
        })
    }

    /// Returns the name without the extensions of compressed files.
    pub fn strip_extensions(name: &str) -> &str {
        let mut name = name;
        while let Some(compression) = Self::of_name(name) {
            name = &name[..name.len() - compression.extension().len()];
        }
        name
    }

    /// Recognises data that begins with `bytes`.
    fn of_start(bytes: &[u8]) -> Start {
        let mut result = Start::Other;
        for (compression, magic) in MAGIC.iter().filter(|(_, magic)| begins(magic, bytes)) {
            if bytes.len() >= magic.len() {
                return Start::Is(*compression);
            }
            result = Start::TooShort;
        }
        result
    }

    /// Returns whether data in this format may begin with these bytes, which may be too few to be sure.
    fn begins_with(self, bytes: &[u8]) -> bool {
        MAGIC.iter().any(|(compression, magic)| *compression == self && begins(magic, bytes))
    }

    /// Creates a decoder for one member.
    fn decoder(self) -> io::Result<Box<dyn Decode>> {
        match self {
            #[cfg(feature = "gzip")]
            Compression::Gzip => Ok(Box::new(gzip::Decoder::new())),
            #[cfg(feature = "zstd")]
            Compression::Zstd => Ok(Box::new(zstd::Decoder::new()?)),
            #[cfg(all(feature = "zstd-portable", not(feature = "zstd")))]
            Compression::Zstd => Ok(Box::new(zstd_portable::Decoder::new())),
            #[cfg(feature = "bzip2")]
            Compression::Bzip2 => Ok(Box::new(bzip2::Decoder::new())),
            #[cfg(feature = "xz")]
            Compression::Xz => Ok(Box::new(xz::Decoder::new())),
            #[allow(unreachable_patterns, reason = "not with all features")]
            other => Err(io::Error::new(
                io::ErrorKind::Unsupported,
                format!("it is compressed with {}, which this build can't read", other.name()),
            )),
        }
    }
}

/// Returns whether these bytes match the magic number, as far as they go.
fn begins(magic: &[fn(u8) -> bool], bytes: &[u8]) -> bool {
    magic.iter().zip(bytes).all(|(is_right, byte)| is_right(*byte))
}

/// A format and the bytes it begins with.
type Magic = (Compression, &'static [fn(u8) -> bool]);
const MAGIC: &[Magic] = &[
    (Compression::Gzip, &[|byte| byte == 0x1F, |byte| byte == 0x8B]),
    (Compression::Zstd, &[|byte| byte == 0x28, |byte| byte == 0xB5, |byte| byte == 0x2F, |byte| byte == 0xFD]),
    // A skippable frame.
    (Compression::Zstd, &[|byte| byte & 0xF0 == 0x50, |byte| byte == 0x2A, |byte| byte == 0x4D, |byte| byte == 0x18]),
    // The block size is followed by the beginning of the first block, or the end of the stream.
    (
        Compression::Bzip2,
        &[
            |byte| byte == b'B',
            |byte| byte == b'Z',
            |byte| byte == b'h',
            |byte| matches!(byte, b'1'..=b'9'),
            |byte| matches!(byte, 0x31 | 0x17),
        ],
    ),
    (
        Compression::Xz,
        &[
            |byte| byte == 0xFD,
            |byte| byte == b'7',
            |byte| byte == b'z',
            |byte| byte == b'X',
            |byte| byte == b'Z',
            |byte| byte == 0,
        ],
    ),
];

/// Decodes one member at a time.
trait Decode: Send {
    /// Decodes as much of the input as there is room for. If nothing was read or written and the member has not ended,
    /// the decoder needs more bytes than `input` has; it is then called again with the same bytes and more after them.
    ///
    /// # Errors
    /// A few words on what is wrong with the data.
    fn decode(&mut self, input: &[u8], output: &mut [u8]) -> io::Result<Progress>;

    /// Starts another member.
    ///
    /// # Errors
    /// If there isn't enough memory for it.
    fn reset(&mut self) -> io::Result<()>;
}

/// How far a decoder got.
struct Progress {
    /// Bytes of the input that were consumed.
    read: usize,
    /// Bytes of the output that were written.
    written: usize,
    /// Whether the member has ended and was written completely.
    ended: bool,
}

#[cfg(test)]
mod tests;
