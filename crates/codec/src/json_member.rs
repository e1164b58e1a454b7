//! The members of a JSON object, with each key and value as written.

use clearpipe_model::json_text::unescape;
use memchr::memchr2;
use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// Returns the members of an object, each key and value as written. `text` must be a JSON object.
pub(super) fn members(text: &str) -> Vec<(&str, &str)> {
    let mut members = Members::default();
    // Valid JSON can't fail.
    let _ = serde_json::Deserializer::from_str(text).deserialize_map(&mut members);
    members.0
}

/// Returns the name that a key stands for; the key includes its quotes.
pub(super) fn name_of(key: &str) -> Cow<'_, str> {
    let inside = &key[1..key.len() - 1];
    if inside.contains('\\') { unescape(inside.as_bytes()) } else { Cow::Borrowed(inside) }
}

/// Returns whether a JSON value is written on one line.
pub(super) fn is_on_one_line(value: &str) -> bool {
    memchr2(b'\n', b'\r', value.as_bytes()).is_none()
}

/// Appends a JSON value; if it spans lines, without the whitespace outside of its strings.
pub(super) fn push_on_one_line(out: &mut Vec<u8>, value: &str) {
    if is_on_one_line(value) {
        return out.extend_from_slice(value.as_bytes());
    }
    let mut is_in_string = false;
    let mut is_escaped = false;
    for byte in value.bytes() {
        if is_in_string || !b" \t\r\n".contains(&byte) {
            out.push(byte);
        }
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = is_in_string,
            b'"' => is_in_string = !is_in_string,
            _ => {}
        }
    }
}

/// Collects the members as serde_json finds them.
#[derive(Default)]
struct Members<'a>(Vec<(&'a str, &'a str)>);

impl<'de> Visitor<'de> for &mut Members<'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some((key, value)) = members.next_entry::<&'de RawValue, &'de RawValue>()? {
            self.0.push((key.get(), value.get()));
        }
        Ok(())
    }
}
