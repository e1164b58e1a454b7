//! The key and the value of a JSON object's member, as they are written.

use clearpipe_model::json_text::unescape;
use memchr::memchr2;
use std::borrow::Cow;

/// The name that a key stands for, which is given with its quotes.
pub(super) fn name_of(key: &str) -> Cow<'_, str> {
    let inside = &key[1..key.len() - 1];
    if inside.contains('\\') { unescape(inside.as_bytes()) } else { Cow::Borrowed(inside) }
}

/// Whether a JSON value is written on one line.
pub(super) fn is_on_one_line(value: &str) -> bool {
    memchr2(b'\n', b'\r', value.as_bytes()).is_none()
}

/// Appends a JSON value; if it spans lines, without the white space outside of its strings.
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
