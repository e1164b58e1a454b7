//! What the bytes of an encoding mean, by asking the [host](super::host).
//!
//! The host is asked once for each encoding, for all its sequences. What comes out is plain memory, which any thread may
//! use, and the decoders (`portable`) stop exactly where encoding_rs does.

use super::host::{HOST, HostDecode};
use encoding_rs::Encoding;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

/// No character: a sequence that is invalid, or the beginning of a longer one.
const NONE: char = char::REPLACEMENT_CHARACTER;

/// The first bytes of pairs, as far as any encoding has them.
const LEADS: std::ops::RangeInclusive<u8> = 0x81..=0xFE;
/// The second bytes of pairs.
const TRAILS: std::ops::RangeInclusive<u8> = 0x40..=0xFE;
const TRAIL_COUNT: usize = 0xFE - 0x40 + 1;

/// How many characters of four bytes GB18030 has in the basic multilingual plane.
pub(super) const FOURS: usize = 39_420;

/// What the sequences of an encoding mean.
pub(super) struct Tables {
    /// The bytes from 0x80.
    singles: Vec<char>,
    pairs: Vec<char>,
    /// The pairs behind 0x8F, in EUC-JP.
    after_8f: Vec<char>,
    /// The sequences of four bytes in GB18030, numbered in their order.
    fours: Vec<char>,
}

impl Tables {
    /// Asks the host.
    ///
    /// # Errors
    /// If it does not have the encoding.
    pub fn of(encoding: &'static Encoding) -> io::Result<Arc<Tables>> {
        /// Those of the encoding that was needed last: inputs that are read one after the other mostly share it.
        static LAST: Mutex<Option<(&'static Encoding, Arc<Tables>)>> = Mutex::new(None);
        let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, tables)) = last.as_ref().filter(|(of, _)| *of == encoding) {
            return Ok(tables.clone());
        }
        let host = HOST.get().ok_or_else(|| missing(encoding))?;
        let tables = Arc::new(Tables::ask(encoding, *host)?);
        *last = Some((encoding, tables.clone()));
        Ok(tables)
    }

    fn ask(encoding: &'static Encoding, host: HostDecode) -> io::Result<Tables> {
        // In ISO-2022-JP, characters have the bytes of EUC-JP without the upper bit.
        let asked = if encoding == encoding_rs::ISO_2022_JP { encoding_rs::EUC_JP } else { encoding };
        let is_double = !encoding.is_single_byte();
        let has_fours = encoding == encoding_rs::GB18030 || encoding == encoding_rs::GBK;
        let pairs = || LEADS.flat_map(|lead| TRAILS.map(move |trail| [lead, trail]));
        let found = || -> Option<Tables> {
            Some(Tables {
                singles: characters(host, asked, (0x80..=0xFF).map(|byte| [byte]))?,
                // Not asked for the beginning of three bytes: Chromium takes the next pair for the rest of them.
                pairs: characters(
                    host,
                    asked,
                    pairs().filter(|_| is_double).map(|pair| match pair {
                        [0x8F, _] if asked == encoding_rs::EUC_JP => *b"??",
                        pair => pair,
                    }),
                )?,
                after_8f: match asked == encoding_rs::EUC_JP {
                    true => characters(host, asked, pairs().map(|[lead, trail]| [0x8F, lead, trail]))?,
                    false => Vec::new(),
                },
                fours: characters(host, asked, (0..FOURS).filter(|_| has_fours).map(four_bytes))?,
            })
        };
        found().ok_or_else(|| missing(encoding))
    }

    /// Returns the character of one byte from 0x80.
    pub fn single(&self, byte: u8) -> Option<char> {
        known(self.singles.get(usize::from(byte).wrapping_sub(0x80)))
    }

    /// Returns the character of two bytes.
    pub fn pair(&self, lead: u8, trail: u8) -> Option<char> {
        at_pair(&self.pairs, lead, trail)
    }

    /// Returns the character of the byte 0x8F and two more.
    pub fn after_8f(&self, lead: u8, trail: u8) -> Option<char> {
        at_pair(&self.after_8f, lead, trail)
    }

    /// Returns the character with this number among those of four bytes. All numbers have one, U+FFFD among them.
    pub fn four(&self, number: usize) -> Option<char> {
        self.fours.get(number).copied()
    }
}

/// Returns the character of each of these sequences, or [`NONE`].
fn characters<const LENGTH: usize>(
    host: HostDecode,
    encoding: &'static Encoding,
    sequences: impl Iterator<Item = [u8; LENGTH]>,
) -> Option<Vec<char>> {
    let mut bytes = Vec::new();
    for sequence in sequences {
        bytes.extend_from_slice(&sequence);
        // It is part of no sequence, so it ends each.
        bytes.push(b'\n');
    }
    Some(host(encoding.name(), &bytes)?.split_terminator('\n').map(only_character).collect())
}

fn at_pair(table: &[char], lead: u8, trail: u8) -> Option<char> {
    if !LEADS.contains(&lead) || !TRAILS.contains(&trail) {
        return None;
    }
    known(table.get(usize::from(lead - LEADS.start()) * TRAIL_COUNT + usize::from(trail - TRAILS.start())))
}

fn known(character: Option<&char>) -> Option<char> {
    character.copied().filter(|&character| character != NONE)
}

/// Returns the only character of a text. More than one are several sequences, or one and what is left of it.
fn only_character(text: &str) -> char {
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(character), None) => character,
        _ => NONE,
    }
}

/// Returns the bytes of the sequence of four with this number.
fn four_bytes(number: usize) -> [u8; 4] {
    let digit = |from: usize, unit: usize, count: usize| (from + number / unit % count) as u8;
    [digit(0x81, 12_600, 126), digit(0x30, 1260, 10), digit(0x81, 10, 126), digit(0x30, 1, 10)]
}

fn missing(encoding: &'static Encoding) -> io::Error {
    io::Error::other(format!("this browser can't decode {}", encoding.name()))
}
