//! Finds where a JSON value ends by its structure alone.
//!
//! The scanner checks that brackets, keys, colons and commas are where they belong. The contents of strings, numbers
//! and literals are left to the parser, so that an invalid one costs one record and not the rest of the input.

use memchr::memchr2;

/// The maximum nesting of arrays and objects. The parser accepts far fewer levels.
const MAX_DEPTH: usize = 10_000;

/// Scans a value, piece by piece.
#[derive(Clone, Debug)]
pub(super) struct ValueScanner {
    state: State,
    /// The open arrays and objects; `true` for an object.
    open: Vec<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    Colon,
    CommaOrEnd,
    /// In a string; if it is a key, a colon follows it.
    Text {
        is_key: bool,
    },
    /// After a backslash.
    Escape {
        is_key: bool,
    },
    /// In a number or a literal.
    Word,
}

/// What the scanner found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scan {
    /// The value ends after this many bytes.
    Ends(usize),
    /// It continues after these bytes.
    GoesOn,
    /// It isn't valid JSON here.
    Wrong {
        /// The position, in bytes from the first of these.
        at: usize,
        /// What was expected there.
        expected: &'static str,
    },
}

impl ValueScanner {
    /// Creates a scanner for a value that begins with the next byte.
    pub fn new() -> ValueScanner {
        ValueScanner { state: State::Value, open: Vec::new() }
    }

    /// Scans more bytes.
    pub fn scan(&mut self, bytes: &[u8]) -> Scan {
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            match self.state {
                State::Text { is_key } => {
                    let Some(found) = memchr2(b'"', b'\\', &bytes[at..]) else { return Scan::GoesOn };
                    at += found + 1;
                    if bytes[at - 1] == b'\\' {
                        self.state = State::Escape { is_key };
                    } else if self.ends(is_key) {
                        return Scan::Ends(at);
                    }
                    continue;
                }
                State::Escape { is_key } => {
                    self.state = State::Text { is_key };
                    at += 1;
                    continue;
                }
                State::Word if is_word(byte) => {
                    at += 1;
                    continue;
                }
                State::Word => {
                    if self.ends(false) {
                        return Scan::Ends(at);
                    }
                    continue;
                }
                _ if matches!(byte, b' ' | b'\t' | b'\r' | b'\n') => {
                    at += 1;
                    continue;
                }
                _ => {}
            }
            if let Err(expected) = self.token(byte) {
                return Scan::Wrong { at, expected };
            }
            at += 1;
            if self.open.is_empty() && self.state == State::CommaOrEnd {
                return Scan::Ends(at);
            }
        }
        Scan::GoesOn
    }

    /// Returns whether the value ends at the end of the input.
    pub fn ends_here(&self) -> bool {
        self.state == State::Word && self.open.is_empty()
    }

    /// Ends a string or a word, and returns whether it was the whole value.
    fn ends(&mut self, is_key: bool) -> bool {
        self.state = if is_key { State::Colon } else { State::CommaOrEnd };
        self.open.is_empty()
    }

    /// Scans a byte that isn't whitespace, outside of strings and words.
    fn token(&mut self, byte: u8) -> Result<(), &'static str> {
        let is_in_object = self.open.last() == Some(&true);
        self.state = match (self.state, byte) {
            (State::Value | State::ValueOrEnd, b'{' | b'[') => {
                if self.open.len() == MAX_DEPTH {
                    return Err("fewer levels");
                }
                self.open.push(byte == b'{');
                if byte == b'{' { State::KeyOrEnd } else { State::ValueOrEnd }
            }
            (State::Value | State::ValueOrEnd, b'"') => State::Text { is_key: false },
            (State::Value | State::ValueOrEnd, byte) if is_word(byte) => State::Word,
            (State::Key | State::KeyOrEnd, b'"') => State::Text { is_key: true },
            (State::Colon, b':') => State::Value,
            (State::CommaOrEnd, b',') if is_in_object => State::Key,
            (State::CommaOrEnd, b',') => State::Value,
            (State::CommaOrEnd | State::KeyOrEnd, b'}') if is_in_object => self.close(),
            (State::CommaOrEnd | State::ValueOrEnd, b']') if !is_in_object => self.close(),
            (State::Value, _) => return Err("a value"),
            (State::ValueOrEnd, _) => return Err("a value or `]`"),
            (State::Key, _) => return Err("a key in double quotes"),
            (State::KeyOrEnd, _) => return Err("a key in double quotes or `}`"),
            (State::Colon, _) => return Err("`:`"),
            (State::CommaOrEnd, _) if is_in_object => return Err("`,` or `}`"),
            (State::CommaOrEnd, _) => return Err("`,` or `]`"),
            (state @ (State::Text { .. } | State::Escape { .. } | State::Word), _) => state,
        };
        Ok(())
    }

    fn close(&mut self) -> State {
        self.open.pop();
        State::CommaOrEnd
    }
}

/// Returns whether a byte may occur in a number or a literal, or in a mistaken one.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+-._".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scans a text in pieces of every size, all of which must return the same.
    fn scan(text: &str) -> Scan {
        let results: Vec<Scan> = (1..=text.len())
            .map(|size| {
                let mut scanner = ValueScanner::new();
                let mut at = 0;
                for piece in text.as_bytes().chunks(size) {
                    match scanner.scan(piece) {
                        Scan::GoesOn => at += piece.len(),
                        Scan::Ends(length) => return Scan::Ends(at + length),
                        Scan::Wrong { at: place, expected } => return Scan::Wrong { at: at + place, expected },
                    }
                }
                if scanner.ends_here() { Scan::Ends(at) } else { Scan::GoesOn }
            })
            .collect();
        assert!(results.windows(2).all(|pair| pair[0] == pair[1]), "{text}: {results:?}");
        results[0]
    }

    #[test]
    fn values_end_where_they_end() {
        for value in [
            "{}",
            "[]",
            "{\"a\":1}",
            "{ \"a\\\"}\" : [ 1 , { } , \"]\" ] \n}",
            "[[],[[]]]",
            "\"a\"",
            "\"\\\\\"",
            "{\"a\":{\"b\":[{\"c\":null}]},\"d\":-1.5e+3}",
            "{\"a\":\"ö\\u00f6\"}",
            "{\"a\":NaN,\"b\":tru}",
        ] {
            assert_eq!(scan(value), Scan::Ends(value.len()), "{value}");
            assert_eq!(scan(&format!("{value} {{}}")), Scan::Ends(value.len()), "{value}");
            if value.len() > 1 {
                assert_eq!(scan(&value[..value.len() - 1]), Scan::GoesOn, "{value}");
            }
        }
        assert_eq!(scan("12"), Scan::Ends(2));
        assert_eq!(scan("12,"), Scan::Ends(2));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, at, expected) in [
            ("{]", 1, "a key in double quotes or `}`"),
            ("{\"a\",", 4, "`:`"),
            ("{\"a\":,", 5, "a value"),
            ("{\"a\":1 \"b\"", 7, "`,` or `}`"),
            ("{\"a\":1]", 6, "`,` or `}`"),
            ("{\"a\":1,}", 7, "a key in double quotes"),
            ("{'a':1}", 1, "a key in double quotes or `}`"),
            ("[1}", 2, "`,` or `]`"),
            ("[,", 1, "a value or `]`"),
            ("[1,]", 3, "a value"),
            ("}", 0, "a value"),
        ] {
            assert_eq!(scan(text), Scan::Wrong { at, expected }, "{text}");
        }
        let deep = "[".repeat(MAX_DEPTH + 1);
        assert_eq!(ValueScanner::new().scan(deep.as_bytes()), Scan::Wrong { at: MAX_DEPTH, expected: "fewer levels" });
    }
}
