//! Why a line is not a JSON object.

use super::json_value;
use clearpipe_model::reject::Reason;
use clearpipe_model::text::beginning;
use serde_json::error::Category;

/// The problem of a line, and its position.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Problem {
    /// The position in the line, in bytes from 0.
    pub at: usize,
    /// The problem.
    pub reason: Reason,
}

/// Returns the kind of a value, with its article. `value` must be JSON.
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

/// Explains an error of serde_json from reading `text`.
pub(super) fn explain(error: &serde_json::Error, text: &str) -> Problem {
    // The column of serde_json is usually that of the byte at fault, from 1; the record may span lines.
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
            // The error may be reported anywhere in the escape.
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

/// Returns the word that contains the byte at `at`, and where it begins: an invalid literal or number.
fn word_around(text: &str, at: usize) -> Option<(usize, &str)> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-._".contains(byte);
    let bytes = text.as_bytes();
    let start = at - bytes[..at].iter().rev().take_while(|byte| is_part(byte)).count();
    let length = bytes[start..].iter().take_while(|byte| is_part(byte)).count();
    (length > 0).then(|| (start, &text[start..start + length]))
}

/// Returns whether a word is how other languages write a value that is not a number, or a number that JSON writes
/// differently.
fn is_no_number(word: &str) -> bool {
    let plain = word.trim_start_matches(['+', '-']).to_ascii_lowercase();
    ["nan", "inf", "infinity"].contains(&plain.as_str())
        || !plain.starts_with(|first: char| first.is_ascii_alphabetic())
}

/// Checks that no escape is an unpaired surrogate: it wouldn't stand for any text, and many programs can't read it.
/// `text` must be valid JSON otherwise.
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
