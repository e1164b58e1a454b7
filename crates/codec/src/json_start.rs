//! Detects by the beginning of an input whether it is JSON Lines or another layout of JSON.
//!
//! JSON Lines has an object on its first line, followed by a line ending. Another layout is only certain if the
//! beginning is well-formed: an array of objects, an object that spans lines, or something after an object on the same
//! line. Everything else is treated as JSON Lines, whose lines fail one by one, including a file whose first line is
//! damaged. Only an array of something else that doesn't end on the first line is refused at once.
//!
//! Later input doesn't change the decision. An object that spans lines fails line by line in JSON Lines; objects on one
//! line are read after one that spans lines.

use super::json_scanner::{Scan, ValueScanner};
use super::line_ends::LineEnds;

/// What the beginning shows.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum JsonStart {
    /// One record per line.
    Lines,
    /// An array of objects, objects that span lines, or several objects on a line.
    Framed,
    /// An array of something else, although records are objects.
    ArrayOf(&'static str),
    /// More bytes are needed.
    TooShort,
}

/// Examines the beginning of an input repeatedly as it grows.
#[derive(Clone, Debug)]
pub(super) struct JsonLook {
    max_line: usize,
    ends: LineEnds,
    scanner: ValueScanner,
    scanned: usize,
    /// The length of the first object, once it is known.
    length: Option<usize>,
    /// Whether the answer was [`JsonStart::Lines`]: the scanner can't scan the same bytes again.
    is_lines: bool,
}

impl JsonLook {
    pub fn new(max_line: usize, ends: LineEnds) -> JsonLook {
        JsonLook { max_line, ends, scanner: ValueScanner::new(), scanned: 0, length: None, is_lines: false }
    }

    /// Examines the first bytes, which don't begin with whitespace: the same ones in each call, with more after them.
    /// Never returns [`JsonStart::TooShort`] `at_end`. Examines no more than the longest record. May be called again after
    /// the answer [`JsonStart::Lines`], which is final.
    pub fn look(&mut self, bytes: &[u8], at_end: bool) -> JsonStart {
        if self.is_lines {
            return JsonStart::Lines;
        }
        let start = self.start(bytes, at_end);
        self.is_lines = start == JsonStart::Lines;
        start
    }

    fn start(&mut self, bytes: &[u8], at_end: bool) -> JsonStart {
        let most = self.max_line + 1;
        let at_end = at_end || bytes.len() >= most;
        let bytes = &bytes[..bytes.len().min(most)];
        match bytes.first() {
            Some(b'[') => self.array(bytes, at_end),
            Some(b'{') => self.object(bytes, at_end),
            // The separator of JSON text sequences.
            Some(0x1E) => JsonStart::Framed,
            None if !at_end => JsonStart::TooShort,
            _ => JsonStart::Lines,
        }
    }

    fn object(&mut self, bytes: &[u8], at_end: bool) -> JsonStart {
        if self.length.is_none() {
            match self.scanner.scan(&bytes[self.scanned..]) {
                Scan::Ends(length) => self.length = Some(self.scanned + length),
                Scan::Wrong { at, .. } => return broken(bytes, self.ends, self.scanned + at),
                Scan::GoesOn => self.scanned = bytes.len(),
            }
        }
        let Some(length) = self.length else {
            let line_end = self.ends.find(bytes);
            return match line_end {
                None if at_end => JsonStart::Lines,
                None => JsonStart::TooShort,
                // A bracket alone on its line.
                Some(end) if bytes[1..end].trim_ascii().is_empty() => JsonStart::Framed,
                // The beginning of an object, followed by nothing or by a whole object on the next line.
                Some(end) if at_end && is_blank_or_whole(&bytes[end..], self.ends) => JsonStart::Lines,
                Some(_) if at_end => JsonStart::Framed,
                Some(_) => JsonStart::TooShort,
            };
        };
        if self.ends.find(&bytes[..length]).is_some() {
            return JsonStart::Framed;
        }
        let behind = &bytes[length..];
        let line_end = self.ends.find(behind);
        match behind[..line_end.unwrap_or(behind.len())].trim_ascii_start().first() {
            Some(b'{' | b'[' | 0x1E) => JsonStart::Framed,
            None if line_end.is_none() && !at_end => JsonStart::TooShort,
            _ => JsonStart::Lines,
        }
    }

    /// Decides about an array by its first element and, if that is on the first line, by whether the array ends there.
    fn array(&mut self, bytes: &[u8], at_end: bool) -> JsonStart {
        let inside = bytes[1..].trim_ascii_start();
        let what = match inside.first() {
            None if at_end => return JsonStart::Framed,
            None => return JsonStart::TooShort,
            Some(b'{' | b']') => return JsonStart::Framed,
            Some(b'[') => "arrays",
            Some(b'"') => "strings",
            Some(b'-' | b'0'..=b'9') => "numbers",
            Some(b'n' | b't' | b'f') if inside.len() <= "false".len() && !at_end => return JsonStart::TooShort,
            Some(_) if begins_with(inside, b"null") => "null values",
            Some(_) if begins_with(inside, b"true") || begins_with(inside, b"false") => "booleans",
            Some(_) => return JsonStart::Lines,
        };
        let line_end = self.ends.find(bytes);
        let line = &bytes[..line_end.unwrap_or(bytes.len())];
        // An array on the next line can't be a line of JSON Lines.
        if line.len() > bytes.len() - inside.len() {
            match self.scanner.scan(&line[self.scanned..]) {
                // As it ends, or is damaged, on the same line, it may as well be a line of JSON Lines, if an odd one.
                Scan::Ends(_) | Scan::Wrong { .. } => return JsonStart::Lines,
                Scan::GoesOn if line_end.is_none() && !at_end => {
                    self.scanned = line.len();
                    return JsonStart::TooShort;
                }
                Scan::GoesOn => {}
            }
        }
        JsonStart::ArrayOf(what)
    }
}

/// Returns whether a text begins with this word, and not with a longer one.
fn begins_with(text: &[u8], word: &[u8]) -> bool {
    text.strip_prefix(word).is_some_and(|rest| rest.first().is_none_or(|byte| !byte.is_ascii_alphanumeric()))
}

/// Returns whether there is nothing, or an object on the first line that isn't blank.
fn is_blank_or_whole(bytes: &[u8], ends: LineEnds) -> bool {
    let line = bytes.trim_ascii_start();
    let line = line[..ends.find(line).unwrap_or(line.len())].trim_ascii_end();
    line.is_empty() || line[0] == b'{' && ValueScanner::new().scan(line) == Scan::Ends(line.len())
}

/// Decides about an object that isn't valid JSON at `at`: a damaged line, unless its bracket is alone on its line.
fn broken(bytes: &[u8], ends: LineEnds, at: usize) -> JsonStart {
    match ends.find(&bytes[..at]) {
        Some(end) if bytes[1..end].trim_ascii().is_empty() => JsonStart::Framed,
        _ => JsonStart::Lines,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the answer to the whole input; it must not depend on how the input grows.
    fn start(input: &str) -> JsonStart {
        let whole = JsonLook::new(50, LineEnds::LineFeeds).look(input.as_bytes(), true);
        for size in [1, 2, 5] {
            let mut look = JsonLook::new(50, LineEnds::LineFeeds);
            let mut length = 0;
            let answer = loop {
                match look.look(&input.as_bytes()[..length], false) {
                    JsonStart::TooShort if length == input.len() => break look.look(input.as_bytes(), true),
                    JsonStart::TooShort => length = input.len().min(length + size),
                    answer => break answer,
                }
            };
            assert_eq!(answer, whole, "{input}");
            if answer == JsonStart::Lines {
                assert_eq!(look.look(&input.as_bytes()[..length], false), JsonStart::Lines, "{input}, once more");
            }
        }
        whole
    }

    #[test]
    fn lines() {
        for input in [
            "",
            "{}",
            "{} \r\n{}",
            "{\"a\":1}\n{\n}",
            // Damaged first lines.
            "{\"a\":\n{\"b\":1}\n",
            "{\"a\":1,\n{\"b\":1}\n",
            "{\"a\":1\n",
            "{\"a\":\"x\n{\"b\":1}\n",
            "{\"a\":1},\n{\"b\":1}\n",
            "{'a':1}\n{}",
            "{\"a\":1}}\n{}",
            "ab\"}\n{}\n",
            "null\n{}",
            "[1,2]\n{}",
            "[1,2],\"b\":5}\n{}",
            "[1 2\n{}",
            "[\"a\"]\n",
            "\"a\"\n{}",
            &format!("{{\"a\":\"{}\"}}\n{{}}\n", "x".repeat(100)),
        ] {
            assert_eq!(start(input), JsonStart::Lines, "{input}");
        }
    }

    #[test]
    fn other_layouts() {
        for input in [
            "[{\"a\":1},{}]",
            "[\n  {\n",
            "[]",
            "[ \n ] ",
            "[",
            "{\n  \"a\": 1\n}\n{}",
            "{\n",
            "{ \r\n 'a'",
            "{\"a\": [1,\n 2]}\n",
            "{\"a\": [1,\n 2",
            "{}{}",
            "{} \t[",
            "\u{1e}{}\n",
            &format!("{{\"a\":\n\"{}\"}}\n", "x".repeat(100)),
        ] {
            assert_eq!(start(input), JsonStart::Framed, "{input}");
        }
    }

    #[test]
    fn lines_that_end_with_carriage_returns() {
        let look = |input: &str| JsonLook::new(50, LineEnds::Any).look(input.as_bytes(), true);
        assert_eq!(look("{}\r{}\r"), JsonStart::Lines);
        assert_eq!(look("{\r\"a\":1}\r"), JsonStart::Framed);
        assert_eq!(look("{\"a\":1,\r{}\r{}"), JsonStart::Lines);
        assert_eq!(look("[\r1]"), JsonStart::ArrayOf("numbers"));
    }

    #[test]
    fn arrays_of_something_else() {
        assert_eq!(start("[\n [1,2],\n [3]]"), JsonStart::ArrayOf("arrays"));
        assert_eq!(start("[\n 1,\n 2]"), JsonStart::ArrayOf("numbers"));
        assert_eq!(start("[\n \"a\"\n]"), JsonStart::ArrayOf("strings"));
        assert_eq!(start("[\n null,\n {}]"), JsonStart::ArrayOf("null values"));
        assert_eq!(start("[true,\n {}]"), JsonStart::ArrayOf("booleans"));
        assert_eq!(start("[\nnullx,\n {}]"), JsonStart::Lines);
        assert_eq!(start("[1,2\n3,4\n"), JsonStart::ArrayOf("numbers"));
        assert_eq!(start("[ [1,2],\n[3]]"), JsonStart::ArrayOf("arrays"));
        assert_eq!(start("[\"a"), JsonStart::ArrayOf("strings"));
        assert_eq!(start(&format!("[{}", "1,".repeat(100))), JsonStart::ArrayOf("numbers"));
    }

    #[test]
    fn an_array_that_goes_on_is_known_when_its_first_line_ends() {
        let look = |input: &str| JsonLook::new(50, LineEnds::LineFeeds).look(input.as_bytes(), false);
        assert_eq!(look("[1,2"), JsonStart::TooShort);
        assert_eq!(look("[1,2\n"), JsonStart::ArrayOf("numbers"));
    }
}
