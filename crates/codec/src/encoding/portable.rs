//! The decoders of the [Encoding Standard](https://encoding.spec.whatwg.org/) without their tables, which
//! [`tables`](super::tables) asks the host for.

use super::tables::{FOURS, Tables};
use super::text_decoder::{Step, Stopped};
use encoding_rs::{Encoding, mem};
use std::io;
use std::sync::Arc;

/// Decodes an encoding, piece by piece. A byte order mark of the encoding at the beginning is left out.
pub(super) enum TextDecoder {
    Utf16(Utf16),
    Bytes(Bytes),
}

impl TextDecoder {
    /// Creates a decoder.
    ///
    /// # Errors
    /// If the host does not have the encoding.
    pub fn new(encoding: &'static Encoding) -> io::Result<TextDecoder> {
        if encoding == encoding_rs::UTF_16LE || encoding == encoding_rs::UTF_16BE {
            let is_little = encoding == encoding_rs::UTF_16LE;
            return Ok(TextDecoder::Utf16(Utf16 {
                is_little,
                half: None,
                high: None,
                units: Vec::new(),
                has_begun: false,
            }));
        }
        let tables = Tables::of(encoding)?;
        let scheme = match encoding {
            gb if gb == encoding_rs::GB18030 || gb == encoding_rs::GBK => Scheme::Gb18030,
            big5 if big5 == encoding_rs::BIG5 => Scheme::Big5,
            euc if euc == encoding_rs::EUC_JP => Scheme::EucJp,
            sjis if sjis == encoding_rs::SHIFT_JIS => Scheme::ShiftJis,
            euc if euc == encoding_rs::EUC_KR => Scheme::EucKr,
            iso if iso == encoding_rs::ISO_2022_JP => Scheme::Iso2022Jp(Iso2022Jp::default()),
            _ => Scheme::SingleByte,
        };
        Ok(TextDecoder::Bytes(Bytes { tables, scheme, held: Held::default(), again: Held::default() }))
    }

    /// Decodes `input`, as much as there is room for, up to the first invalid sequence. `is_last` says that nothing
    /// follows; then it is called until the input is empty.
    pub fn decode(&mut self, input: &[u8], output: &mut [u8], is_last: bool) -> Step {
        match self {
            TextDecoder::Utf16(utf16) => utf16.decode(input, output, is_last),
            TextDecoder::Bytes(bytes) => bytes.decode(input, output, is_last),
        }
    }
}

/// UTF-16, whose bytes mean what they say.
pub(super) struct Utf16 {
    is_little: bool,
    /// The first byte of a unit.
    half: Option<u8>,
    /// The first half of a pair of surrogates.
    high: Option<u16>,
    units: Vec<u16>,
    has_begun: bool,
}

/// How many units of UTF-16 are decoded at a time.
const UNITS: usize = 4096;

impl Utf16 {
    fn unit(&self, first: u8, second: u8) -> u16 {
        if self.is_little { u16::from_le_bytes([first, second]) } else { u16::from_be_bytes([first, second]) }
    }

    fn decode(&mut self, input: &[u8], output: &mut [u8], is_last: bool) -> Step {
        let (mut read, mut written) = (0, 0);
        loop {
            // A unit becomes at most three bytes, and a pair of units four.
            if output.len() - written < 8 {
                return (Stopped::OutputFull, read, written);
            }
            if self.half.is_none() && self.high.is_none() && self.has_begun {
                let (bytes, bytes_written) = self.decode_many(&input[read..], &mut output[written..]);
                (read, written) = (read + bytes, written + bytes_written);
                if bytes > 0 {
                    continue;
                }
            }
            let Some(&byte) = input.get(read) else {
                let is_cut = is_last && (self.half.take().is_some() | self.high.take().is_some());
                return (if is_cut { Stopped::Malformed } else { Stopped::InputEmpty }, read, written);
            };
            let Some(first) = self.half else {
                self.half = Some(byte);
                read += 1;
                continue;
            };
            let unit = self.unit(first, byte);
            let is_first = !std::mem::replace(&mut self.has_begun, true);
            if let Some(high) = self.high.take() {
                match char::decode_utf16([high, unit]).next() {
                    Some(Ok(character)) => written += put(character, &mut output[written..]),
                    // The unit is read again, as the first of something else.
                    _ => return (Stopped::Malformed, read, written),
                }
            } else {
                match char::decode_utf16([unit]).next() {
                    Some(Ok('\u{feff}')) if is_first => {}
                    Some(Ok(character)) => written += put(character, &mut output[written..]),
                    _ if unit < 0xDC00 => self.high = Some(unit),
                    _ => {
                        self.half = None;
                        return (Stopped::Malformed, read + 1, written);
                    }
                }
            }
            self.half = None;
            read += 1;
        }
    }

    /// Decodes whole units for as long as they are valid. Returns how many bytes were read and written.
    fn decode_many(&mut self, input: &[u8], output: &mut [u8]) -> (usize, usize) {
        let mut units = std::mem::take(&mut self.units);
        units.clear();
        let count = UNITS.min(output.len() / 3);
        units.extend(input.chunks_exact(2).take(count).map(|unit| self.unit(unit[0], unit[1])));
        let valid = mem::utf16_valid_up_to(&units);
        let (read, written) = mem::convert_utf16_to_utf8_partial(&units[..valid], output);
        self.units = units;
        (2 * read, written)
    }
}

/// How the bytes of an encoding form sequences.
#[derive(Clone, Copy)]
enum Scheme {
    SingleByte,
    Gb18030,
    Big5,
    EucJp,
    ShiftJis,
    EucKr,
    Iso2022Jp(Iso2022Jp),
}

/// Any encoding in which every byte below 0x80 stands for itself, unless it is the later byte of a sequence; and
/// ISO-2022-JP.
pub(super) struct Bytes {
    tables: Arc<Tables>,
    scheme: Scheme,
    /// The beginning of a sequence.
    held: Held,
    /// Bytes to read again before those of the input.
    again: Held,
}

/// A few bytes.
#[derive(Clone, Copy, Default)]
struct Held {
    bytes: [u8; 3],
    length: usize,
}

impl Held {
    fn of(bytes: &[u8]) -> Held {
        let mut held = Held::default();
        for &byte in bytes {
            held.push(byte);
        }
        held
    }

    fn push(&mut self, byte: u8) {
        if let Some(free) = self.bytes.get_mut(self.length) {
            *free = byte;
            self.length += 1;
        }
    }

    fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    fn take(&mut self) -> Held {
        std::mem::take(self)
    }
}

/// What a byte, or the end, leads to.
enum Outcome {
    /// More bytes are needed.
    More,
    Character(char),
    /// A letter and a combining mark.
    Two(char, char),
    /// The sequence is invalid, and these bytes of it are read again.
    Invalid(Held),
}

const INVALID: Outcome = Outcome::Invalid(Held { bytes: [0; 3], length: 0 });

impl Bytes {
    fn decode(&mut self, input: &[u8], output: &mut [u8], is_last: bool) -> Step {
        let (mut read, mut written) = (0, 0);
        loop {
            if output.len() - written < 8 {
                return (Stopped::OutputFull, read, written);
            }
            if self.held.length == 0 && self.again.length == 0 && !matches!(self.scheme, Scheme::Iso2022Jp(_)) {
                let room = &mut output[written..];
                let most = room.len().min(input.len() - read);
                let copied = mem::copy_ascii_to_ascii(&input[read..read + most], room);
                (read, written) = (read + copied, written + copied);
                if copied > 0 {
                    continue;
                }
            }
            let byte = match self.again.take().as_slice() {
                [first, rest @ ..] => {
                    self.again = Held::of(rest);
                    Some(*first)
                }
                [] => {
                    let byte = input.get(read).copied();
                    read += usize::from(byte.is_some());
                    byte
                }
            };
            let outcome = match byte {
                Some(byte) => self.read(byte),
                None if is_last => match self.end() {
                    Some(outcome) => outcome,
                    None => return (Stopped::InputEmpty, read, written),
                },
                None => return (Stopped::InputEmpty, read, written),
            };
            match outcome {
                Outcome::More => {}
                Outcome::Character(character) => written += put(character, &mut output[written..]),
                Outcome::Two(first, second) => {
                    written += put(first, &mut output[written..]);
                    written += put(second, &mut output[written..]);
                }
                Outcome::Invalid(again) => {
                    // In front of what is to be read again already.
                    let later = self.again;
                    self.again = again;
                    later.as_slice().iter().for_each(|&byte| self.again.push(byte));
                    return (Stopped::Malformed, read, written);
                }
            }
        }
    }

    fn read(&mut self, byte: u8) -> Outcome {
        if let Scheme::Iso2022Jp(state) = &mut self.scheme {
            return state.read(byte, &self.tables);
        }
        let held = self.held.take();
        match (self.scheme, held.as_slice()) {
            (scheme, []) => self.first(scheme, byte),
            (Scheme::Gb18030, &[first]) if byte.is_ascii_digit() => self.hold(&[first, byte]),
            (Scheme::Gb18030, &[first, second]) => match byte {
                0x81..=0xFE => self.hold(&[first, second, byte]),
                _ => Outcome::Invalid(Held::of(&[second, byte])),
            },
            (Scheme::Gb18030, &[first, second, third]) => match byte {
                b'0'..=b'9' => or_invalid(self.four(first, second, third, byte)),
                _ => Outcome::Invalid(Held::of(&[second, third, byte])),
            },
            (Scheme::EucJp, &[0x8F]) if (0xA1..=0xFE).contains(&byte) => self.hold(&[0x8F, byte]),
            (Scheme::EucJp, &[_, lead]) => self.last(self.tables.after_8f(lead, byte), byte),
            (Scheme::Big5, &[lead]) => match (lead, byte) {
                (0x88, 0x62) => Outcome::Two('\u{CA}', '\u{304}'),
                (0x88, 0x64) => Outcome::Two('\u{CA}', '\u{30C}'),
                (0x88, 0xA3) => Outcome::Two('\u{EA}', '\u{304}'),
                (0x88, 0xA5) => Outcome::Two('\u{EA}', '\u{30C}'),
                _ => self.last(self.tables.pair(lead, byte), byte),
            },
            (_, &[lead, ..]) => self.last(self.tables.pair(lead, byte), byte),
        }
    }

    /// Reads the first byte of a sequence.
    fn first(&mut self, scheme: Scheme, byte: u8) -> Outcome {
        if byte.is_ascii() {
            return Outcome::Character(char::from(byte));
        }
        let is_lead = match scheme {
            Scheme::Gb18030 | Scheme::Big5 | Scheme::EucKr => matches!(byte, 0x81..=0xFE),
            Scheme::EucJp => matches!(byte, 0x8E | 0x8F | 0xA1..=0xFE),
            Scheme::ShiftJis => matches!(byte, 0x81..=0x9F | 0xE0..=0xFC),
            Scheme::SingleByte | Scheme::Iso2022Jp(_) => false,
        };
        if is_lead { self.hold(&[byte]) } else { or_invalid(self.tables.single(byte)) }
    }

    /// Ends a sequence. ASCII that makes it invalid may begin the next one.
    fn last(&self, character: Option<char>, byte: u8) -> Outcome {
        match character {
            Some(character) => Outcome::Character(character),
            None if byte.is_ascii() => Outcome::Invalid(Held::of(&[byte])),
            None => INVALID,
        }
    }

    fn hold(&mut self, bytes: &[u8]) -> Outcome {
        self.held = Held::of(bytes);
        Outcome::More
    }

    /// Returns the character of four bytes of GB18030.
    fn four(&self, first: u8, second: u8, third: u8, fourth: u8) -> Option<char> {
        let place = |byte: u8, from: u8| usize::from(byte - from);
        let number = ((place(first, 0x81) * 10 + place(second, b'0')) * 126 + place(third, 0x81)) * 10;
        let number = number + place(fourth, b'0');
        /// The number of the first character beyond the basic multilingual plane.
        const BEYOND: usize = 189_000;
        match number {
            0..FOURS => self.tables.four(number),
            BEYOND.. => u32::try_from(number - BEYOND + 0x1_0000).ok().and_then(char::from_u32),
            _ => None,
        }
    }

    /// Handles the end of the input: `None` if nothing is left.
    fn end(&mut self) -> Option<Outcome> {
        if let Scheme::Iso2022Jp(state) = &mut self.scheme {
            return state.end();
        }
        (self.held.take().length > 0).then_some(INVALID)
    }
}

fn or_invalid(character: Option<char>) -> Outcome {
    character.map_or(INVALID, Outcome::Character)
}

/// Writes a character, for which there is room.
fn put(character: char, output: &mut [u8]) -> usize {
    character.encode_utf8(output).len()
}

/// [ISO-2022-JP](https://encoding.spec.whatwg.org/#iso-2022-jp-decoder), in which escape sequences choose what the bytes
/// mean.
#[derive(Clone, Copy, Default)]
struct Iso2022Jp {
    state: Iso2022JpState,
    /// What the last escape sequence has chosen.
    chosen: Chosen,
    /// The first byte of a character, or the second one of an escape sequence.
    lead: u8,
    /// Whether nothing but an escape sequence was read last.
    has_just_chosen: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Iso2022JpState {
    /// What was chosen.
    #[default]
    Chosen,
    /// After the first byte of a character.
    Trail,
    /// After the escape character.
    EscapeStart,
    /// After one more byte.
    Escape,
}

#[derive(Clone, Copy, Default)]
enum Chosen {
    #[default]
    Ascii,
    Roman,
    Katakana,
    Kanji,
}

impl Iso2022Jp {
    fn read(&mut self, byte: u8, tables: &Tables) -> Outcome {
        const ESCAPE: u8 = 0x1B;
        match self.state {
            Iso2022JpState::Chosen if byte == ESCAPE => {
                self.state = Iso2022JpState::EscapeStart;
                Outcome::More
            }
            Iso2022JpState::Chosen => {
                self.has_just_chosen = false;
                match (self.chosen, byte) {
                    (Chosen::Kanji, 0x21..=0x7E) => {
                        self.lead = byte;
                        self.state = Iso2022JpState::Trail;
                        Outcome::More
                    }
                    (Chosen::Katakana, 0x21..=0x5F) => or_invalid(char::from_u32(0xFF61 - 0x21 + u32::from(byte))),
                    (Chosen::Kanji | Chosen::Katakana, _) | (_, 0x0E | 0x0F | 0x80..) => INVALID,
                    (Chosen::Roman, 0x5C) => Outcome::Character('\u{A5}'),
                    (Chosen::Roman, 0x7E) => Outcome::Character('\u{203E}'),
                    (Chosen::Ascii | Chosen::Roman, _) => Outcome::Character(char::from(byte)),
                }
            }
            Iso2022JpState::Trail if byte == ESCAPE => {
                self.state = Iso2022JpState::EscapeStart;
                INVALID
            }
            Iso2022JpState::Trail => {
                self.state = Iso2022JpState::Chosen;
                match byte {
                    0x21..=0x7E => or_invalid(tables.pair(self.lead | 0x80, byte | 0x80)),
                    _ => INVALID,
                }
            }
            Iso2022JpState::EscapeStart if byte == b'$' || byte == b'(' => {
                self.lead = byte;
                self.state = Iso2022JpState::Escape;
                Outcome::More
            }
            Iso2022JpState::EscapeStart => self.no_escape(&[byte]),
            Iso2022JpState::Escape => {
                self.chosen = match (self.lead, byte) {
                    (b'(', b'B') => Chosen::Ascii,
                    (b'(', b'J') => Chosen::Roman,
                    (b'(', b'I') => Chosen::Katakana,
                    (b'$', b'@' | b'B') => Chosen::Kanji,
                    (lead, _) => return self.no_escape(&[lead, byte]),
                };
                self.state = Iso2022JpState::Chosen;
                // Two in a row, with nothing between them, are an error, so that no text can hide in them.
                if std::mem::replace(&mut self.has_just_chosen, true) { INVALID } else { Outcome::More }
            }
        }
    }

    /// What follows the escape character is none of the sequences.
    fn no_escape(&mut self, again: &[u8]) -> Outcome {
        self.has_just_chosen = false;
        self.state = Iso2022JpState::Chosen;
        Outcome::Invalid(Held::of(again))
    }

    fn end(&mut self) -> Option<Outcome> {
        match std::mem::take(&mut self.state) {
            Iso2022JpState::Chosen => None,
            Iso2022JpState::Trail => Some(INVALID),
            Iso2022JpState::EscapeStart => Some(self.no_escape(&[])),
            Iso2022JpState::Escape => Some(self.no_escape(&[self.lead])),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::host::set_host_decode;
    use super::super::text_decoder::TextDecoder as Whole;
    use super::*;
    use proptest::prelude::*;

    /// Every scheme, and single-byte encodings with and without holes.
    const ALL: [&Encoding; 14] = [
        encoding_rs::GBK,
        encoding_rs::GB18030,
        encoding_rs::BIG5,
        encoding_rs::EUC_JP,
        encoding_rs::ISO_2022_JP,
        encoding_rs::SHIFT_JIS,
        encoding_rs::EUC_KR,
        encoding_rs::UTF_16LE,
        encoding_rs::UTF_16BE,
        encoding_rs::WINDOWS_1252,
        encoding_rs::WINDOWS_1255,
        encoding_rs::ISO_8859_8_I,
        encoding_rs::KOI8_U,
        encoding_rs::X_USER_DEFINED,
    ];

    fn host(name: &str, bytes: &[u8]) -> Option<String> {
        Some(Encoding::for_label(name.as_bytes())?.decode_without_bom_handling(bytes).0.into_owned())
    }

    /// Decodes with room for `room` bytes, in pieces of these lengths, in turn. 0xFF stands for what is invalid.
    fn decode(
        mut step: impl FnMut(&[u8], &mut [u8], bool) -> Step,
        mut input: &[u8],
        pieces: &[usize],
        room: usize,
    ) -> Vec<u8> {
        let mut all = Vec::new();
        let mut lengths = pieces.iter().cycle();
        let mut output = vec![0; room];
        loop {
            let length = (*lengths.next().unwrap()).clamp(1, input.len().max(1)).min(input.len());
            let (piece, rest) = input.split_at(length);
            let mut at = 0;
            loop {
                let (stopped, read, written) = step(&piece[at..], &mut output, rest.is_empty());
                at += read;
                all.extend_from_slice(&output[..written]);
                match stopped {
                    Stopped::InputEmpty => break,
                    Stopped::OutputFull => {}
                    Stopped::Malformed => all.push(0xFF),
                }
            }
            if rest.is_empty() {
                return all;
            }
            input = rest;
        }
    }

    fn both_agree(encoding: &'static Encoding, input: &[u8], pieces: &[usize], room: usize) {
        set_host_decode(host);
        let mut whole = Whole::new(encoding).unwrap();
        let mut portable = TextDecoder::new(encoding).unwrap();
        let expected = decode(|a, b, c| whole.decode(a, b, c), input, &[usize::MAX], 1 << 16);
        let decoded = decode(|a, b, c| portable.decode(a, b, c), input, pieces, room);
        assert!(decoded == expected, "{}: {input:x?} is {expected:x?}, not {decoded:x?}", encoding.name());
    }

    #[test]
    fn all_pairs_of_bytes_are_decoded_alike() {
        for encoding in ALL {
            for first in 0..=0xFF {
                let input: Vec<u8> = (0..=0xFF).flat_map(|second| [first, second, b'a', b' ']).collect();
                both_agree(encoding, &input, &[usize::MAX], 1 << 16);
                both_agree(encoding, &input, &[1], 16);
            }
        }
    }

    #[test]
    fn all_sequences_of_four_bytes_are_decoded_alike() {
        for first in (0x81..=0x84).chain([0x90, 0xE3, 0xFE]) {
            let input: Vec<u8> = (0x30..=0x39u8)
                .flat_map(|second| {
                    (0x81..=0xFE).flat_map(move |third| (0x30..=0x39).map(move |fourth| [first, second, third, fourth]))
                })
                .flatten()
                .collect();
            both_agree(encoding_rs::GB18030, &input, &[4096, 1, 7], 4096);
        }
    }

    #[test]
    fn characters_of_three_bytes_are_decoded_alike() {
        let input: Vec<u8> =
            (0xA1..=0xFEu8).flat_map(|lead| (0xA1..=0xFEu8).flat_map(move |trail| [0x8F, lead, trail])).collect();
        both_agree(encoding_rs::EUC_JP, &input, &[4096, 1, 7], 4096);
    }

    /// Bytes that mean something special somewhere.
    fn byte() -> impl Strategy<Value = u8> {
        const SPECIAL: &[u8] =
            b"\x1B$(@BJI\n{}\"0129\x0E\x0F\x80\x81\x84\x88\x8E\x8F\x90\xA0\xA1\xB0\xD8\xDC\xDF\xE3\xFE\xFF\0";
        prop_oneof![3 => proptest::sample::select(SPECIAL), 1 => any::<u8>()]
    }

    fn cases() -> ProptestConfig {
        ProptestConfig { cases: if cfg!(miri) { 4 } else { 1000 }, ..ProptestConfig::default() }
    }

    #[test]
    fn whatever_comes_is_decoded_alike() {
        for encoding in ALL {
            let input = proptest::collection::vec(byte(), 0..60);
            let pieces = proptest::collection::vec(1usize..9, 1..4);
            proptest!(cases(), |(input in input, pieces in pieces, room in 16usize..64)| {
                both_agree(encoding, &input, &pieces, room);
            });
        }
    }

    #[test]
    fn escape_sequences_are_read_alike() {
        let part = proptest::sample::select(vec![
            &b"\x1B$B"[..],
            b"\x1B$@",
            b"\x1B(B",
            b"\x1B(J",
            b"\x1B(I",
            b"\x1B$",
            b"\x1B(",
            b"\x1B",
            b"F|",
            b"K\\",
            b"a",
            b"\n",
            b"~\\",
            b"\x0E",
            b"\x9B",
        ]);
        let parts = proptest::collection::vec(part, 0..20);
        proptest!(cases(), |(parts in parts, piece in 1usize..4)| {
            both_agree(encoding_rs::ISO_2022_JP, &parts.concat(), &[piece], 16);
        });
    }
}
