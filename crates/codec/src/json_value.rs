//! The length of a JSON value, without interpreting it.
//!
//! Every value accepted here is valid for the complete reader too. A value that isn't accepted may still be valid: the
//! complete reader decides that, and what is wrong with it.

use super::{number, plain};

/// Values with deeper nesting are left to the complete reader.
const DEEPEST: usize = 16;

/// Returns the length of the value at the beginning of `text`.
#[inline]
pub(super) fn value(text: &[u8]) -> Option<usize> {
    if text.first() == Some(&b'"') { string(text) } else { value_within(text, DEEPEST) }
}

fn value_within(text: &[u8], depth: usize) -> Option<usize> {
    match text.first()? {
        b'"' => string(text),
        b'-' | b'0'..=b'9' => number::length(text),
        b'[' => list(text, b']', depth, value_within),
        b'{' => list(text, b'}', depth, member),
        _ => ["true", "false", "null"].iter().find(|word| text.starts_with(word.as_bytes())).map(|word| word.len()),
    }
}

/// Returns the length of the string at the beginning of `text`, including its quotes, and whether it is non-empty but
/// consists only of blanks.
#[inline]
pub(super) fn text(text: &[u8]) -> Option<(usize, bool)> {
    let inside = text.strip_prefix(b"\"")?;
    let length = plain::ascii_length(inside);
    if *inside.get(length)? != b'"' {
        return text_from(inside, length);
    }
    // Spaces are the only blanks in plain text.
    let is_blank = inside[0] == b' ' && inside[..length].iter().all(|byte| *byte == b' ');
    Some((length + 2, is_blank))
}

/// Does the same for a string that isn't plain ASCII from this position on.
#[inline(never)]
fn text_from(inside: &[u8], plain: usize) -> Option<(usize, bool)> {
    let length = string_from(inside, plain)?;
    Some((length, clearpipe_model::json_text::is_blank(&inside[..length - 2])))
}

/// Returns the length of the string at the beginning of `text`, including its quotes.
#[inline]
pub(super) fn string(text: &[u8]) -> Option<usize> {
    let inside = text.strip_prefix(b"\"")?;
    let length = plain::ascii_length(inside);
    if *inside.get(length)? == b'"' { Some(length + 2) } else { string_from(inside, length) }
}

/// Does the same for a string that isn't plain ASCII from this position on.
#[inline(never)]
fn string_from(inside: &[u8], plain: usize) -> Option<usize> {
    let mut length = plain;
    while *inside.get(length)? != b'"' {
        length += other(&inside[length..])?;
        length += plain::ascii_length(&inside[length..]);
    }
    Some(length + 2)
}

/// Returns the length of a part of a string that isn't plain ASCII: an escape, or text up to the next escape or the
/// quote.
fn other(text: &[u8]) -> Option<usize> {
    match text {
        [b'\\', b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => Some(2),
        [b'\\', b'u', ..] => escaped_character(text),
        [0x80..=0xff, ..] => {
            let length = memchr::memchr2(b'"', b'\\', text)?;
            let text = std::str::from_utf8(&text[..length]).ok()?;
            (!clearpipe_model::json_text::needs_escapes(text)).then_some(length)
        }
        _ => None,
    }
}

/// Returns the length of the escape `\uXXXX` at the beginning of `text`, or of the two that form a surrogate pair (the
/// Unicode Standard, section 3.9). `None` if it isn't such an escape, or is an unpaired surrogate.
pub(super) fn escaped_character(text: &[u8]) -> Option<usize> {
    match code_unit(text)? {
        0xd800..0xdc00 => matches!(code_unit(&text[6..])?, 0xdc00..0xe000).then_some(12),
        0xdc00..0xe000 => None,
        _ => Some(6),
    }
}

/// Returns the code unit of the escape at the beginning of `text`: `\u` and four digits.
fn code_unit(text: &[u8]) -> Option<u16> {
    let digits = text.strip_prefix(b"\\u")?.get(..4)?;
    digits.iter().try_fold(0, |unit, &digit| Some(unit << 4 | char::from(digit).to_digit(16)? as u16))
}

/// Returns the length of an array or object, which ends with `close`; `element` returns the length of each of its
/// elements.
fn list(text: &[u8], close: u8, depth: usize, element: fn(&[u8], usize) -> Option<usize>) -> Option<usize> {
    let depth = depth.checked_sub(1)?;
    let mut at = 1 + spaces(&text[1..]);
    if *text.get(at)? == close {
        return Some(at + 1);
    }
    loop {
        at += element(&text[at..], depth)?;
        at += spaces(&text[at..]);
        match *text.get(at)? {
            b',' => at += 1 + spaces(&text[at + 1..]),
            other => return (other == close).then_some(at + 1),
        }
    }
}

/// Returns the length of a member of an object, including key and value.
fn member(text: &[u8], depth: usize) -> Option<usize> {
    let mut at = string(text)?;
    at += spaces(&text[at..]);
    if *text.get(at)? != b':' {
        return None;
    }
    at += 1 + spaces(&text[at + 1..]);
    Some(at + value_within(&text[at..], depth)?)
}

/// Returns the number of spaces. A value that spans lines is left to the complete reader, which joins it into one.
fn spaces(text: &[u8]) -> usize {
    text.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::value::RawValue;

    /// Generates texts of the relevant characters in any order; a few of them are JSON.
    fn nearly_json() -> impl Strategy<Value = String> {
        let parts = [
            "[", "]", "{", "}", ",", ":", "\"", "\\", " ", "\t", "a", "ö", "\u{1}", "1", "-0.5e3", "0", "true", "null",
            "\\n", "\\u00e9", "\\ud83d", "\\ude00", "\\u12", "\"a\"", "\"a\":", "[]", "{}", "[1,", "\\x",
        ];
        prop::collection::vec(prop::sample::select(parts.to_vec()), 0..12).prop_map(|parts| parts.concat())
    }

    fn json() -> impl Strategy<Value = String> {
        let scalar = prop::sample::select(vec![
            "1",
            "-2.5",
            "true",
            "null",
            r#""""#,
            r#""a\"\\\n\u00e9\uD83d\ude00""#,
            "\"öß\\t€\"",
        ]);
        scalar.prop_map(str::to_owned).prop_recursive(4, 20, 4, |inner| {
            let elements = prop::collection::vec(inner, 0..4);
            (elements, any::<bool>(), prop::sample::select(vec!["", " "])).prop_map(|(elements, is_object, space)| {
                let member = |element: &String| format!("\"k\\t\"{space}:{space}{element}");
                let all = if is_object { elements.iter().map(member).collect() } else { elements };
                let inside = all.join(&format!("{space},{space}"));
                if is_object { format!("{{{space}{inside}{space}}}") } else { format!("[{space}{inside}{space}]") }
            })
        })
    }

    proptest! {
        #[test]
        fn what_is_a_value_is_json(text in nearly_json()) {
            if let Some(length) = value(text.as_bytes()) {
                let is_json = serde_json::from_str::<&RawValue>(&text[..length]).is_ok();
                prop_assert!(is_json, "{}", &text[..length]);
            }
        }

        #[test]
        fn json_is_a_value(text in json(), behind in "[,}\\] ]") {
            let followed = format!("{text}{behind}");
            prop_assert_eq!(value(followed.as_bytes()), Some(text.len()));
        }

        #[test]
        fn any_bytes_in_a_string(bytes in prop::collection::vec(any::<u8>(), 0..20)) {
            let text = [b"\"", &bytes[..], b"\""].concat();
            if let Some(length) = string(&text) {
                prop_assert!(serde_json::from_slice::<String>(&text[..length]).is_ok());
            }
        }
    }

    #[test]
    fn those_that_span_lines_are_left() {
        assert_eq!(value(b"[1,\n2]"), None);
        assert_eq!(value(b"{\"a\":\r1}"), None);
        assert_eq!(value(b"[\r\n]"), None);
    }

    #[test]
    fn deep_ones_are_left() {
        let nested = |depth: usize| [vec![b'['; depth], vec![b']'; depth]].concat();
        assert_eq!(value(&nested(DEEPEST)), Some(2 * DEEPEST));
        assert_eq!(value(&nested(DEEPEST + 1)), None);
    }
}
