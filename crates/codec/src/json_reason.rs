//! Why a line is not a JSON object.

use super::json_value;
use clearpipe_model::reject::Reason;
use clearpipe_model::text::beginning;
use serde_json::error::Category;

/// What is wrong with a line, and where.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Problem {
    /// The place in the line, in bytes from 0.
    pub at: usize,
    /// What is wrong.
    pub reason: Reason,
}

/// What kind of value this is, with its article. `value` must be JSON.
pub(super) fn type_of(value: &str) -> &'static str {
    match value.as_bytes().first() {
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b'"') => "a string",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ => "a number",
    }
}

/// Checks that the line begins with an object.
pub(super) fn expect_object(text: &str) -> Result<(), Problem> {
    let rest = text.trim_start_matches([' ', '\t', '\r', '\n']);
    let at = text.len() - rest.len();
    let reason = match rest.as_bytes().first() {
        Some(b'{') => return Ok(()),
        _ if serde_json::from_str::<serde::de::IgnoredAny>(rest).is_ok() => {
            Reason::NotAnObject { found: type_of(rest) }
        }
        Some(b'[') => Reason::NotAnObject { found: "the beginning of an array" },
        _ => Reason::ObjectExpected,
    };
    Err(Problem { at, reason })
}

/// Explains an error of serde_json, which read `text`.
pub(super) fn explain(error: &serde_json::Error, text: &str) -> Problem {
    // The column of serde_json is mostly that of the byte at fault, from 1; the record may span lines.
    let lines_before = error.line().saturating_sub(1);
    let line_start = match lines_before {
        0 => 0,
        lines => memchr::memchr_iter(b'\n', text.as_bytes()).nth(lines - 1).map_or(0, |at| at + 1),
    };
    let at = (line_start + error.column().saturating_sub(1)).min(text.len());
    if error.classify() == Category::Eof {
        return Problem { at: text.len(), reason: Reason::UnexpectedEnd };
    }
    let message = error.to_string();
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
    let reason = match message {
        "expected value" | "expected ident" | "invalid number" => match word_around(text, at) {
            Some((at, word)) => {
                let beginning = beginning(word).into();
                let reason = match is_no_number(word) {
                    true => Reason::InvalidNumber { word: beginning },
                    false => Reason::InvalidValue { word: beginning },
                };
                return Problem { at, reason };
            }
            None => Reason::ValueExpected,
        },
        "key must be a string" => Reason::KeyExpected,
        "trailing comma" => Reason::TrailingComma,
        "trailing characters" => Reason::TrailingText,
        "invalid escape" => {
            // It is noticed somewhere in the escape.
            let at = memchr::memrchr(b'\\', &text.as_bytes()[..at]).unwrap_or(at);
            return Problem { at, reason: Reason::UnknownEscape };
        }
        "control character (\\u0000-\\u001F) found while parsing a string" => {
            let before = text.as_bytes()[at..].iter().take_while(|byte| **byte >= 0x20).count();
            return Problem { at: at + before, reason: Reason::ControlCharacter };
        }
        other => Reason::InvalidJson { message: other.into() },
    };
    Problem { at, reason }
}

/// The word that the byte at `at` belongs to, and where it begins: a literal or number that is none.
fn word_around(text: &str, at: usize) -> Option<(usize, &str)> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-._".contains(byte);
    let bytes = text.as_bytes();
    let start = at - bytes[..at].iter().rev().take_while(|byte| is_part(byte)).count();
    let length = bytes[start..].iter().take_while(|byte| is_part(byte)).count();
    (length > 0).then(|| (start, &text[start..start + length]))
}

/// Whether a word is what other languages write for a number that is none, or for a number that JSON writes otherwise.
fn is_no_number(word: &str) -> bool {
    let plain = word.trim_start_matches(['+', '-']).to_ascii_lowercase();
    ["nan", "inf", "infinity"].contains(&plain.as_str())
        || !plain.starts_with(|first: char| first.is_ascii_alphabetic())
}

/// Checks that no escape is half of a surrogate pair: it would stand for no text, and many programs can't read it.
/// `text` must be JSON otherwise.
pub(super) fn expect_whole_characters(text: &str) -> Result<(), Problem> {
    let bytes = text.as_bytes();
    let mut from = 0;
    while let Some(at) = memchr::memchr(b'\\', &bytes[from..]).map(|at| from + at) {
        from = at + 2;
        if bytes[at..].starts_with(b"\\u") {
            let Some(length) = json_value::escaped_character(&bytes[at..]) else {
                let reason = Reason::UnpairedSurrogate { escape: text[at..at + 6].into() };
                return Err(Problem { at, reason });
            };
            from = at + length;
        }
    }
    Ok(())
}
