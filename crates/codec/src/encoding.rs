//! The encoding of an input, and decoding it to UTF-8 as it is read.

mod host;
mod text_decoder;

#[cfg(any(test, not(feature = "encodings")))]
mod portable;
#[cfg(any(test, not(feature = "encodings")))]
mod tables;

pub use self::host::{HostDecode, set_host_decode};

use self::text_decoder::{Stopped, TextDecoder};
use clearpipe_model::text::shortened;
use encoding_rs::{UTF_8, UTF_16BE, UTF_16LE};
use futures::io::AsyncRead;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::io;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

/// The character encoding of an input. The default, `auto`, is UTF-8, unless the input begins as UTF-16 does.
///
/// A byte order mark always decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Encoding(Option<&'static encoding_rs::Encoding>);

impl Encoding {
    /// UTF-8, whatever an input begins like.
    pub(super) const UTF_8: Encoding = Encoding(Some(encoding_rs::UTF_8));
    /// What most text is in that is neither ASCII nor UTF-8.
    pub(super) const WINDOWS_1252: Encoding = Encoding(Some(encoding_rs::WINDOWS_1252));

    /// Returns its name in the configuration.
    pub fn name(self) -> String {
        self.0.map_or_else(|| "auto".to_owned(), |encoding| encoding.name().to_ascii_lowercase())
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

impl FromStr for Encoding {
    type Err = String;

    /// Reads a name: those of the [Encoding Standard](https://encoding.spec.whatwg.org/#names-and-labels), in any case.
    ///
    /// # Errors
    /// A sentence that names some of the available encodings.
    fn from_str(name: &str) -> Result<Encoding, String> {
        if name.trim().eq_ignore_ascii_case("auto") {
            return Ok(Encoding(None));
        }
        encoding_rs::Encoding::for_label_no_replacement(name.as_bytes())
            .map(|encoding| Encoding(Some(encoding)))
            .ok_or_else(|| {
                format!(
                    "there is no encoding `{}`; some of the encodings are auto, utf-8, utf-16le, utf-16be, windows-1252, \
                     iso-8859-2, iso-8859-15, windows-1251, koi8-r, shift_jis, euc-jp, gb18030, big5, euc-kr",
                    shortened(name)
                )
            })
    }
}

impl Serialize for Encoding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name())
    }
}

impl<'de> Deserialize<'de> for Encoding {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Encoding, D::Error> {
        std::borrow::Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Encoding {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Encoding".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string" })
    }
}

/// How much one read asks for from an input that is decoded.
const INPUT: usize = 64 << 10;

/// How much is decoded in one step.
const OUTPUT: usize = 64 << 10;

/// How many bytes are needed to detect the encoding without a byte order mark: two characters of UTF-16.
const START: usize = 4;

/// The UTF-8 of a reader. Bytes that are invalid in its encoding become a byte that is invalid in UTF-8, so that the
/// error is reported where it occurs.
pub(super) struct Decoded<R> {
    reader: R,
    encoding: Encoding,
    state: State,
    found: Found,
}

/// The encoding that was detected for an input, once it is known.
#[derive(Clone, Debug, Default)]
pub(super) struct Found(Arc<OnceLock<FoundEncoding>>);

#[derive(Clone, Copy, Debug)]
struct FoundEncoding {
    encoding: Encoding,
    /// Whether neither the settings nor a byte order mark determine it.
    is_guessed: bool,
}

impl Found {
    /// Returns the encoding, if it was guessed.
    pub fn guessed(&self) -> Option<Encoding> {
        self.0.get().filter(|found| found.is_guessed).map(|found| found.encoding)
    }

    /// Returns the encoding, if it isn't UTF-8.
    pub fn other(&self) -> Option<Encoding> {
        self.0.get().map(|found| found.encoding).filter(|encoding| encoding.0 != Some(UTF_8))
    }
}

impl Encoding {
    /// Returns whether programs that don't handle encodings can't find its line endings.
    pub fn is_wide(self) -> bool {
        matches!(self.0, Some(wide) if wide == UTF_16LE || wide == UTF_16BE)
    }
}

enum State {
    /// The encoding isn't known yet; these are the first bytes.
    Unknown { start: Vec<u8> },
    /// It is UTF-8; these bytes were read and not handed out.
    Utf8 { start: Vec<u8> },
    /// It is another encoding.
    Other(Box<Other>),
}

/// An input that isn't UTF-8.
struct Other {
    decoder: TextDecoder,
    input: Vec<u8>,
    input_at: usize,
    /// Whether the end of the input was reached.
    at_end: bool,
    /// Whether the decoder was notified of the end.
    ended: bool,
    output: Vec<u8>,
    /// The part of the output that has been decoded and not handed out.
    output_at: usize,
    output_end: usize,
}

impl<R: AsyncRead + Unpin> Decoded<R> {
    pub fn new(reader: R, encoding: Encoding) -> Decoded<R> {
        Decoded { reader, encoding, state: State::Unknown { start: Vec::new() }, found: Found::default() }
    }

    /// Returns the handle that will hold the detected encoding.
    pub fn found(&self) -> Found {
        self.found.clone()
    }
}

/// Detects the encoding from the beginning of the input; `None` if more bytes are needed. Two bytes that are neither a
/// mark nor contain a zero are always enough.
fn recognise(start: &[u8], wanted: Encoding, at_end: bool) -> Option<&'static encoding_rs::Encoding> {
    let may_be_longer = start.len() < START && !at_end;
    let found = match *start {
        [0xEF, 0xBB, 0xBF, ..] => UTF_8,
        [0xEF] | [0xEF, 0xBB] if may_be_longer => return None,
        [] | [_] if may_be_longer => return None,
        [0xFF, 0xFE] | [0xFF, 0xFE, 0] if may_be_longer => return None,
        // UTF-32, which is reported later.
        [0xFF, 0xFE, 0, 0, ..] => UTF_8,
        [0xFF, 0xFE, ..] => UTF_16LE,
        [0xFE, 0xFF, ..] => UTF_16BE,
        _ if wanted.0.is_some() => return wanted.0,
        [0, ..] | [_, 0, ..] if may_be_longer => return None,
        [first, 0, second, 0, ..] if first != 0 && second != 0 => UTF_16LE,
        [0, first, 0, second, ..] if first != 0 && second != 0 => UTF_16BE,
        _ => UTF_8,
    };
    Some(found)
}

/// Returns whether the input begins with the byte order mark of UTF-16.
fn has_mark(start: &[u8]) -> bool {
    matches!(start, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..])
}

impl<R: AsyncRead + Unpin> AsyncRead for Decoded<R> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut [u8]) -> Poll<io::Result<usize>> {
        let Decoded { reader, encoding, state, found } = &mut *self;
        loop {
            match state {
                State::Unknown { start } => {
                    let mut bytes = [0; START];
                    let room = &mut bytes[start.len()..];
                    let length = ready!(Pin::new(&mut *reader).poll_read(context, room))?;
                    start.extend_from_slice(&room[..length]);
                    let Some(recognised) = recognise(start, *encoding, length == 0) else { continue };
                    let start = std::mem::take(start);
                    let is_guessed = encoding.0.is_none() && recognised != UTF_8 && !has_mark(&start);
                    // This is the only place that sets it, and it does so once.
                    let _ = found.0.set(FoundEncoding { encoding: Encoding(Some(recognised)), is_guessed });
                    *state = match recognised == UTF_8 {
                        true => State::Utf8 { start },
                        false => State::Other(Box::new(Other::new(recognised, start, length == 0)?)),
                    };
                }
                State::Utf8 { start } if start.is_empty() => return Pin::new(reader).poll_read(context, into),
                State::Utf8 { start } => {
                    let length = start.len().min(into.len());
                    into[..length].copy_from_slice(&start[..length]);
                    start.drain(..length);
                    return Poll::Ready(Ok(length));
                }
                State::Other(other) => {
                    let length = other.hand_out(into);
                    if length > 0 || other.ended {
                        return Poll::Ready(Ok(length));
                    }
                    if other.input_at == other.input.len() && !other.at_end {
                        let mut input = std::mem::take(&mut other.input);
                        other.input_at = 0;
                        input.resize(INPUT, 0);
                        let length = ready!(Pin::new(&mut *reader).poll_read(context, &mut input))?;
                        input.truncate(length);
                        other.input = input;
                        other.at_end = length == 0;
                    }
                    other.decode();
                }
            }
        }
    }
}

impl Other {
    fn new(encoding: &'static encoding_rs::Encoding, start: Vec<u8>, at_end: bool) -> io::Result<Other> {
        Ok(Other {
            decoder: TextDecoder::new(encoding)?,
            input: start,
            input_at: 0,
            at_end,
            ended: false,
            output: vec![0; OUTPUT],
            output_at: 0,
            output_end: 0,
        })
    }

    fn hand_out(&mut self, into: &mut [u8]) -> usize {
        let decoded = &self.output[self.output_at..self.output_end];
        let length = decoded.len().min(into.len());
        into[..length].copy_from_slice(&decoded[..length]);
        self.output_at += length;
        length
    }

    /// Decodes some of the input. Only called after all of the output was handed out.
    fn decode(&mut self) {
        let input = &self.input[self.input_at..];
        // Leave room for the byte that stands for an invalid sequence.
        let (room, _) = self.output.split_at_mut(OUTPUT - 1);
        let (stopped, read, written) = self.decoder.decode(input, room, self.at_end);
        self.input_at += read;
        (self.output_at, self.output_end) = (0, written);
        match stopped {
            Stopped::InputEmpty => self.ended = self.at_end,
            Stopped::OutputFull => {}
            Stopped::Malformed => {
                self.output[self.output_end] = 0xFF;
                self.output_end += 1;
            }
        }
    }
}

/// Returns the character that a byte is in an encoding with one byte for each, if the encoding has one there.
pub(super) fn character_of(byte: u8, encoding: Encoding) -> Option<char> {
    let mut decoder = TextDecoder::new(encoding.0?).ok()?;
    let mut output = [0; 16];
    let (_, _, written) = decoder.decode(&[byte], &mut output, true);
    std::str::from_utf8(output.get(..written)?).ok()?.chars().next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::AsyncReadExt;
    use futures::executor::block_on;

    /// Hands out a few bytes at a time.
    struct Pieces<'a>(&'a [u8], usize);

    impl AsyncRead for Pieces<'_> {
        fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, into: &mut [u8]) -> Poll<io::Result<usize>> {
            let length = self.1.min(self.0.len()).min(into.len());
            into[..length].copy_from_slice(&self.0[..length]);
            self.0 = &self.0[length..];
            Poll::Ready(Ok(length))
        }
    }

    fn decode(bytes: &[u8], encoding: &str) -> Vec<u8> {
        let mut results = Vec::new();
        for size in [1, 2, 3, 7, 100_000] {
            let mut all = Vec::new();
            let mut decoded = Decoded::new(Pieces(bytes, size), encoding.parse().unwrap());
            block_on(decoded.read_to_end(&mut all)).unwrap();
            results.push(all);
        }
        assert!(results.windows(2).all(|pair| pair[0] == pair[1]));
        results.swap_remove(0)
    }

    fn utf16(text: &str, little: bool) -> Vec<u8> {
        text.encode_utf16().flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
    }

    #[test]
    fn utf8_stays_as_it_is() {
        for text in [
            &b""[..],
            b"{",
            b"{}",
            b"\xEF",
            b"\xEF\xBB",
            b"\xEF\xBB\xBF{}",
            b"\xFF",
            b"a\xFFb",
            b"\0\0\0\0",
            b"\0",
            b"a\0",
        ] {
            assert_eq!(decode(text, "auto"), text);
            assert_eq!(decode(text, "utf-8"), text);
        }
    }

    #[test]
    fn utf16_is_recognised() {
        let text = "{\"id\":\"ö😀\"}\n".repeat(10_000);
        for little in [true, false] {
            let marked = utf16(&format!("\u{feff}{text}"), little);
            assert!(decode(&marked, "auto") == text.as_bytes());
            assert!(decode(&marked, "windows-1252") == text.as_bytes(), "the mark decides");
            assert!(decode(&utf16(&text, little), "auto") == text.as_bytes());
            let name = if little { "UTF-16LE" } else { "UTF-16BE" };
            assert!(decode(&utf16(&text, little), name) == text.as_bytes());
            assert_eq!(decode(&utf16("\u{feff}", little), "auto"), b"");
        }
        assert_eq!(decode(b"\xEF\xBB\xBF{}", "utf-16le"), b"\xEF\xBB\xBF{}", "the mark decides");
    }

    #[test]
    fn other_encodings_are_decoded() {
        assert_eq!(decode(b"5\xA0\xB0C \x80", "windows-1252"), "5\u{a0}°C €".as_bytes());
        assert_eq!(decode(b"Z\xFCrich", "latin1"), "Zürich".as_bytes());
        assert_eq!(decode(b"\x93\xFA", "Shift_JIS"), "日".as_bytes());
    }

    #[test]
    fn what_is_not_valid_stays_noticed() {
        let mut half = utf16("{\"a\"", true);
        half.extend_from_slice(&[0x3D, 0xD8]);
        half.extend(utf16("}", true));
        assert_eq!(decode(&half, "auto"), b"{\"a\"\xFF}");
        let mut odd = utf16("{}\n", true);
        odd.push(b'x');
        assert_eq!(decode(&odd, "auto"), b"{}\n\xFF");
        assert_eq!(decode(b"a\xFFb", "shift_jis"), b"a\xFFb");
    }

    #[test]
    fn names() {
        for (name, expected) in [("auto", "auto"), ("UTF-16LE", "utf-16le"), ("latin1", "windows-1252")] {
            let encoding: Encoding = name.parse().unwrap();
            assert_eq!(encoding.to_string(), expected);
            assert_eq!(serde_json::to_string(&encoding).unwrap(), format!("\"{expected}\""));
            assert_eq!(serde_json::from_str::<Encoding>(&format!("\"{name}\"")).unwrap(), encoding);
        }
        assert!("ebcdic".parse::<Encoding>().unwrap_err().contains("windows-1252"));
        assert!("iso-2022-kr".parse::<Encoding>().is_err(), "that is none any more");
    }
}
