//! Notices that an input is in an encoding of one byte a character, such as Windows-1252, before thousands of its records
//! fail.

use crate::encoding::Encoding;
use crate::source_error::SourceError;
use clearpipe_model::hint::{Hint, LikelyEncoding};
use clearpipe_model::problem::Problem;
use clearpipe_model::record::Line;
use clearpipe_model::text::grouped;
use std::collections::VecDeque;

/// How much of an input is looked at. What comes later fails record by record, so that it costs nothing for those before.
const MOST: usize = 1 << 20;

/// So many records that aren't UTF-8 are a matter of the input, if no other has anything but ASCII.
const TOO_MANY: u64 = 20;

/// Looks at the first records.
#[derive(Debug, Default)]
pub(super) struct EncodingCheck {
    /// How much has been looked at; [`MOST`] if nothing more is to be.
    bytes: usize,
    /// How many records weren't UTF-8.
    wrong: u64,
    /// The line of the first of them, and its first byte at fault.
    first: Option<(u64, u8)>,
}

impl EncodingCheck {
    /// A check of an input whose encoding is said to be this. One that somebody has said is not doubted: what is not
    /// valid in it fails record by record.
    pub fn new(encoding: Encoding) -> EncodingCheck {
        EncodingCheck { bytes: if encoding == Encoding::default() { 0 } else { MOST }, ..EncodingCheck::default() }
    }

    /// Looks at records whose places are in `block`.
    ///
    /// # Errors
    /// If too many of them aren't UTF-8.
    pub fn check(&mut self, block: &[u8], lines: &VecDeque<Line>) -> Result<(), SourceError> {
        if self.bytes >= MOST {
            return Ok(());
        }
        for line in lines.iter().filter(|line| line.cut_from.is_none()) {
            let bytes = line.bytes(block);
            self.bytes += bytes.len();
            if self.bytes >= MOST {
                break;
            }
            match std::str::from_utf8(bytes) {
                Ok(_) if bytes.is_ascii() => {}
                // It is UTF-8 after all, with a few records that aren't.
                Ok(_) => self.bytes = MOST,
                Err(error) => {
                    self.first.get_or_insert((line.line, bytes[error.valid_up_to()]));
                    self.wrong += 1;
                }
            }
            if let Some((line, byte)) = self.first.filter(|_| self.wrong >= TOO_MANY) {
                let text = format!(
                    "the input is not UTF-8: line {} has the byte 0x{byte:02X}{}, and many lines behind it have such bytes",
                    grouped(line),
                    shown(byte),
                );
                return Err(SourceError::Layout(vec![problem(text)]));
            }
        }
        Ok(())
    }

    /// Looks at the header of a table.
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

/// A problem that the usual encoding of one byte a character may solve.
fn problem(text: String) -> Problem {
    Problem::input("input.encoding", text).with_hint(Hint::SetEncoding { encoding: LikelyEncoding::Windows1252 })
}

/// What a byte is in Windows-1252.
fn shown(byte: u8) -> String {
    let (text, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(std::slice::from_ref(&byte));
    match text.chars().next().filter(|character| !character.is_control() && !character.is_whitespace()) {
        Some(character) => format!(" (`{character}` in Windows-1252)"),
        None => String::new(),
    }
}
