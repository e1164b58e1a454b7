//! Detects that an input is in a single-byte encoding, such as Windows-1252, before thousands of its records fail.

use crate::encoding::{Encoding, character_of};
use crate::source_error::SourceError;
use clearpipe_model::hint::{Hint, LikelyEncoding};
use clearpipe_model::problem::Problem;
use clearpipe_model::record::Line;
use clearpipe_model::text::grouped;
use std::collections::VecDeque;

/// How much of an input is checked. Later errors fail record by record, so that they don't affect the records before
/// them.
const MAX_BYTES: usize = 1 << 20;

/// This many records that aren't UTF-8 are a problem of the whole input, if all other records are pure ASCII.
const TOO_MANY: u64 = 20;

/// Checks the first records.
#[derive(Debug, Default)]
pub(super) struct EncodingCheck {
    /// How many bytes were checked; [`MAX_BYTES`] if the check is over.
    bytes: usize,
    /// How many records weren't UTF-8.
    wrong: u64,
    /// The line of the first of them, and its first invalid byte.
    first: Option<(u64, u8)>,
}

impl EncodingCheck {
    /// Creates a check for an input with this encoding setting. An encoding that was set explicitly is not questioned:
    /// what is invalid in it fails record by record.
    pub fn new(encoding: Encoding) -> EncodingCheck {
        EncodingCheck { bytes: if encoding == Encoding::default() { 0 } else { MAX_BYTES }, ..EncodingCheck::default() }
    }

    /// Checks records whose places are in `block`.
    ///
    /// # Errors
    /// If too many of them aren't UTF-8.
    pub fn check(&mut self, block: &[u8], lines: &VecDeque<Line>) -> Result<(), SourceError> {
        if self.bytes >= MAX_BYTES {
            return Ok(());
        }
        for line in lines.iter().filter(|line| line.cut_from.is_none()) {
            let bytes = line.bytes(block);
            self.bytes += bytes.len();
            if self.bytes >= MAX_BYTES {
                break;
            }
            match std::str::from_utf8(bytes) {
                Ok(_) if bytes.is_ascii() => {}
                // It is UTF-8 after all, apart from a few records.
                Ok(_) => self.bytes = MAX_BYTES,
                Err(error) => {
                    self.first.get_or_insert((line.line, bytes[error.valid_up_to()]));
                    self.wrong += 1;
                }
            }
            if let Some((line, byte)) = self.first.filter(|_| self.wrong >= TOO_MANY) {
                let text = format!(
                    "the input is not UTF-8: line {} has the byte 0x{byte:02X}{}, and many later lines have \
                     such bytes, too",
                    grouped(line),
                    shown(byte),
                );
                return Err(SourceError::Layout(vec![problem(text)]));
            }
        }
        Ok(())
    }

    /// Checks the header of a table.
    ///
    /// # Errors
    /// If it isn't UTF-8.
    pub fn header(header: &[u8]) -> Result<(), Vec<Problem>> {
        let Err(error) = std::str::from_utf8(header) else { return Ok(()) };
        let at = error.valid_up_to();
        let text = format!(
            "the header is not UTF-8: its byte {} is 0x{:02X}{}",
            grouped(at as u64 + 1),
            header[at],
            shown(header[at]),
        );
        Err(vec![problem(text)])
    }
}

/// Creates a problem that the usual single-byte encoding may solve.
fn problem(text: String) -> Problem {
    Problem::input("input.encoding", text).with_hint(Hint::SetEncoding { encoding: LikelyEncoding::Windows1252 })
}

/// Shows a byte as its character in Windows-1252.
fn shown(byte: u8) -> String {
    match character_of(byte, Encoding::WINDOWS_1252)
        .filter(|character| !character.is_control() && !character.is_whitespace())
    {
        Some(character) => format!(" (`{character}` in Windows-1252)"),
        None => String::new(),
    }
}
