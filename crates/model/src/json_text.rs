//! The text of JSON strings and numbers (RFC 8259).
//!
//! The *inside* of a JSON string is the text between its quotes: UTF-8, with escapes.

use serde_json::{Map, Value};
use std::borrow::Cow;

/// Writes a finite number as the shortest decimal that reads back the same.
pub fn write_number(out: &mut Vec<u8>, number: f64) {
    out.extend_from_slice(zmij::Buffer::new().format_finite(number).as_bytes());
}

/// Returns whether the inside of a JSON string is non-empty but consists only of blanks, which may be written as
/// escapes.
pub fn is_blank(inside: &[u8]) -> bool {
    match inside.first() {
        None => false,
        Some(first) if first.is_ascii_graphic() && *first != b'\\' => false,
        Some(_) => unescape(inside).trim().is_empty(),
    }
}

/// Returns whether a text contains characters that JSON writes as escapes. Examines all bytes without stopping at the
/// first one, so that the compiler can vectorize it.
pub fn needs_escapes(text: &str) -> bool {
    text.bytes().fold(false, |found, byte| found | (byte < 0x20) | (byte == b'"') | (byte == b'\\'))
}

/// Writes the inside of the JSON string that stands for `text`: escapes, no quotes (RFC 8259, section 7).
pub fn write_escaped(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    if !needs_escapes(text) {
        return out.extend_from_slice(bytes);
    }
    let mut done = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        let short = match byte {
            b'"' => b'"',
            b'\\' => b'\\',
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            0..0x20 => b'u',
            _ => continue,
        };
        out.extend_from_slice(&bytes[done..at]);
        out.extend_from_slice(&[b'\\', short]);
        if short == b'u' {
            out.extend_from_slice(format!("{byte:04x}").as_bytes());
        }
        done = at + 1;
    }
    out.extend_from_slice(&bytes[done..]);
}

/// Parses a JSON text.
///
/// Other crates use this function and [`insert`] so that the engine of the page has the code of serde_json that they need
/// only once.
///
/// # Errors
/// If it isn't JSON.
#[inline(never)]
pub fn parse(text: &str) -> serde_json::Result<Value> {
    serde_json::from_str(text)
}

/// Sets a member of a JSON object.
#[inline(never)]
pub fn insert(members: &mut Map<String, Value>, name: &str, value: Value) {
    members.insert(name.to_owned(), value);
}

/// Returns the text that the inside of a JSON string stands for. Invalid escapes are left unchanged.
pub fn unescape(inside: &[u8]) -> Cow<'_, str> {
    if memchr::memchr(b'\\', inside).is_some() {
        let quoted = std::str::from_utf8(inside).map(|inside| format!("\"{inside}\""));
        if let Some(Value::String(text)) = quoted.ok().and_then(|quoted| parse(&quoted).ok()) {
            return Cow::Owned(text);
        }
    }
    String::from_utf8_lossy(inside)
}
