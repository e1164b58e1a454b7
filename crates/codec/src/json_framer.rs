//! Finds where a record ends in JSON that is not JSON Lines: in an array, in objects that span lines, or in several
//! objects on one line.
//!
//! The input is a sequence of objects and arrays; the elements of the arrays are records, and so are the objects. They
//! may be separated by any whitespace, by byte order marks (in concatenated files), and by the separators of JSON text
//! sequences (RFC 7464).
//!
//! The framer never guesses: where the structure is broken, it can't be sure where the next record begins, so this is
//! an error with its position, and so is an array or an object that is never closed. An error within a string, a number
//! or a literal costs only one record.

use super::byte_order_mark::{MARK, is_beginning_of_mark};
use super::cutter::Piece;
use super::json_scanner::{Scan, ValueScanner};
use super::line_ends::LineEnds;
use clearpipe_model::text::grouped;
use std::fmt;

/// The separator of JSON text sequences.
const RECORD_SEPARATOR: u8 = 0x1E;

/// Cuts JSON into records; see the module.
#[derive(Clone, Debug)]
pub(super) struct JsonFramer {
    max_line: usize,
    place: Place,
    /// The line that the open array begins on, if there is one.
    array: u64,
    /// The position of the next bytes.
    start: Position,
    /// The position of the first byte that wasn't examined yet: further ahead, within a record.
    reached: Position,
    scanner: ValueScanner,
    /// How much of the record, from its beginning, was examined and is still in the buffer.
    scanned: usize,
    /// How much of the record was skipped because it is too long.
    skipped: u64,
    /// The error, if there was one; it is final.
    broken: Option<Broken>,
}

/// A position within the structure of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Outside any array.
    Outside,
    /// After the bracket that opens an array.
    ArrayStart,
    /// After a comma.
    Element,
    /// After an element.
    AfterElement,
    /// Within a record.
    Record { in_array: bool },
}

/// A position in the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    /// The line, from 1.
    pub line: u64,
    /// The byte in it, from 0.
    pub column: u64,
    /// The line endings.
    ends: LineEnds,
    /// Whether the preceding line ended with a carriage return, so that a line feed here belongs to it.
    is_behind_return: bool,
}

impl Position {
    /// Returns the beginning of a line.
    pub fn start_of(line: u64, ends: LineEnds) -> Position {
        Position { line, column: 0, ends, is_behind_return: false }
    }

    /// Advances past these bytes.
    fn advance(&mut self, bytes: &[u8]) {
        let Some(last) = bytes.last() else { return };
        let is_rest_of_end = self.is_behind_return && bytes[0] == b'\n';
        self.is_behind_return = self.ends == LineEnds::Any && *last == b'\r';
        let bytes = &bytes[usize::from(is_rest_of_end)..];
        match self.ends.find_last(bytes) {
            None => self.column += bytes.len() as u64,
            Some(last) => {
                self.line += self.ends.count(bytes);
                self.column = (bytes.len() - last - 1) as u64;
            }
        }
    }
}

/// Why the records can't be separated any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Broken {
    /// Where.
    at: Position,
    /// Why.
    reason: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Broken { at, reason } = self;
        write!(f, "line {}, column {}: {reason}", grouped(at.line), grouped(at.column + 1))
    }
}

impl JsonFramer {
    /// Creates a framer for an input whose next byte is at `start`.
    pub fn new(max_line: usize, start: Position) -> JsonFramer {
        JsonFramer {
            max_line,
            place: Place::Outside,
            array: 0,
            start,
            reached: start,
            scanner: ValueScanner::new(),
            scanned: 0,
            skipped: 0,
            broken: None,
        }
    }

    /// Returns the position of the next bytes.
    pub fn position(&self) -> Position {
        self.start
    }

    /// Looks for the end of the record at the beginning of `bytes`. `at_end` means that nothing follows them; the
    /// answer is then [`Piece::More`] only if there are no bytes at all.
    ///
    /// # Errors
    /// If it can't be determined where the next record begins; further calls return the same error.
    pub fn cut(&mut self, bytes: &[u8], at_end: bool) -> Result<Piece, Broken> {
        if let Some(broken) = &self.broken {
            return Err(broken.clone());
        }
        self.piece(bytes, at_end).inspect_err(|broken| self.broken = Some(broken.clone()))
    }

    fn piece(&mut self, bytes: &[u8], at_end: bool) -> Result<Piece, Broken> {
        if let Place::Record { in_array } = self.place {
            return self.record(bytes, at_end, in_array);
        }
        let length = self.outside(bytes, at_end)?;
        if length > 0 {
            self.start.advance(&bytes[..length]);
            self.reached = self.start;
            return Ok(Piece::Blank { next: length });
        }
        match self.place {
            Place::Record { in_array } => self.record(bytes, at_end, in_array),
            Place::Outside => Ok(Piece::More { keep: bytes.len() }),
            _ if at_end => Err(self.never_closed("array", self.array)),
            _ => Ok(Piece::More { keep: bytes.len() }),
        }
    }

    /// Returns how many bytes come before the next record. If there is one, the framer is then within it.
    fn outside(&mut self, bytes: &[u8], at_end: bool) -> Result<usize, Broken> {
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            self.place = match (self.place, byte) {
                (place, b' ' | b'\t' | b'\r' | b'\n') => place,
                (Place::Outside, RECORD_SEPARATOR) => Place::Outside,
                (place, _) if bytes[at..].starts_with(MARK) => {
                    at += MARK.len() - 1;
                    place
                }
                (_, _) if is_beginning_of_mark(&bytes[at..]) && !at_end => return Ok(at),
                (Place::Outside, b'{') => Place::Record { in_array: false },
                (Place::Outside, b'[') => {
                    let mut position = self.start;
                    position.advance(&bytes[..at]);
                    self.array = position.line;
                    Place::ArrayStart
                }
                (Place::ArrayStart, b']') => Place::Outside,
                (Place::AfterElement, b']') => Place::Outside,
                (Place::AfterElement, b',') => Place::Element,
                (Place::ArrayStart | Place::Element, byte) if !b",]}:".contains(&byte) => {
                    Place::Record { in_array: true }
                }
                (place, _) => {
                    let expected = match place {
                        Place::Outside => "an object or an array",
                        Place::AfterElement => "`,` or `]`",
                        _ => "an element of the array",
                    };
                    return Err(self.broken(&bytes[..at], expected));
                }
            };
            if let Place::Record { .. } = self.place {
                self.scanner = ValueScanner::new();
                return Ok(at);
            }
            at += 1;
        }
        Ok(at)
    }

    /// Looks for the end of the record.
    fn record(&mut self, bytes: &[u8], at_end: bool, in_array: bool) -> Result<Piece, Broken> {
        let rest = &bytes[self.scanned..];
        let length = match self.scanner.scan(rest) {
            Scan::Ends(length) => length,
            Scan::Wrong { at, expected } => return Err(self.broken(&rest[..at], expected)),
            Scan::GoesOn if at_end && self.scanner.ends_here() => rest.len(),
            Scan::GoesOn if at_end => {
                let what = if bytes.first() == Some(&b'{') { "object" } else { "value" };
                return Err(self.never_closed(what, self.start.line));
            }
            Scan::GoesOn => {
                self.reached.advance(rest);
                let keep = bytes.len().min(self.max_line);
                self.skipped += (bytes.len() - keep) as u64;
                self.scanned = keep;
                return Ok(Piece::More { keep });
            }
        };
        self.reached.advance(&rest[..length]);
        let next = self.scanned + length;
        let whole = self.skipped + next as u64;
        let is_too_long = whole > self.max_line as u64;
        let piece = Piece::Record {
            length: next.min(self.max_line),
            next,
            line: self.start.line,
            cut_from: is_too_long.then_some(whole),
        };
        self.place = if in_array { Place::AfterElement } else { Place::Outside };
        self.start = self.reached;
        (self.scanned, self.skipped) = (0, 0);
        Ok(piece)
    }

    /// Returns the error that these bytes, which were not examined before, aren't followed by `expected`.
    fn broken(&self, before: &[u8], expected: &str) -> Broken {
        let mut at = self.reached;
        at.advance(before);
        let reason = format!("the JSON is broken here: expected {expected}; what follows can't be told apart");
        Broken { at, reason }
    }

    /// Returns the error that the input ends too early.
    fn never_closed(&self, what: &str, line: u64) -> Broken {
        let reason = format!("the {what} that begins on line {} is never closed", grouped(line));
        Broken { at: self.start, reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Cut = (Vec<(String, u64, Option<u64>)>, Option<String>);

    /// Cuts an input and returns the records, their lines and original lengths, and the error, if there is one.
    fn cut_in(input: &str, max_line: usize, size: usize) -> Cut {
        let input = input.as_bytes();
        let ends = if input.contains(&b'\r') && !input.contains(&b'\n') { LineEnds::Any } else { LineEnds::LineFeeds };
        cut_with(ends, input, max_line, size)
    }

    fn cut_with(ends: LineEnds, input: &[u8], max_line: usize, size: usize) -> Cut {
        let mut framer = JsonFramer::new(max_line, Position::start_of(1, ends));
        let mut records = Vec::new();
        let mut bytes = Vec::new();
        let mut read = 0;
        loop {
            let at_end = read == input.len();
            match framer.cut(&bytes, at_end) {
                Err(broken) => {
                    assert_eq!(framer.cut(&bytes, at_end), Err(broken.clone()), "the same again");
                    return (records, Some(broken.to_string()));
                }
                Ok(Piece::Record { length, next, line, cut_from }) => {
                    records.push((String::from_utf8_lossy(&bytes[..length]).into_owned(), line, cut_from));
                    bytes.drain(..next);
                }
                Ok(Piece::Blank { next }) => drop(bytes.drain(..next)),
                Ok(Piece::More { .. }) if at_end => return (records, None),
                Ok(Piece::More { keep }) => {
                    bytes.truncate(keep);
                    let end = input.len().min(read + size);
                    bytes.extend_from_slice(&input[read..end]);
                    read = end;
                }
            }
        }
    }

    fn cut(input: &str, max_line: usize) -> Cut {
        let whole = cut_in(input, max_line, input.len().max(1));
        for size in [1, 2, 3, 7] {
            assert_eq!(cut_in(input, max_line, size), whole, "{input} in pieces of {size}");
        }
        whole
    }

    fn records(input: &str) -> Vec<(String, u64)> {
        let (records, broken) = cut(input, 100);
        assert_eq!(broken, None, "{input}");
        records.into_iter().map(|(text, line, _)| (text, line)).collect()
    }

    fn broken(input: &str) -> String {
        cut(input, 100).1.expect("broken")
    }

    fn expected(records: &[(&str, u64)]) -> Vec<(String, u64)> {
        records.iter().map(|&(text, line)| (text.to_owned(), line)).collect()
    }

    #[test]
    fn arrays_are_taken_apart() {
        assert_eq!(records("[]"), []);
        assert_eq!(records(" [ ] \n"), []);
        assert_eq!(records("[{\"a\":1},{}]"), expected(&[("{\"a\":1}", 1), ("{}", 1)]));
        assert_eq!(records("[\n {\"a\":\n[]},\r\n {}\n\n]\n"), expected(&[("{\"a\":\n[]}", 2), ("{}", 4)]));
        assert_eq!(records("[1,\"a\",[{}],null]"), expected(&[("1", 1), ("\"a\"", 1), ("[{}]", 1), ("null", 1)]));
        assert_eq!(records("[{}][]\n[{}]{}"), expected(&[("{}", 1), ("{}", 2), ("{}", 2)]));
    }

    #[test]
    fn carriage_returns_end_lines() {
        assert_eq!(records("[\r {\"a\":\r[]},\r {}\r\r]\r"), expected(&[("{\"a\":\r[]}", 2), ("{}", 4)]));
        assert_eq!(broken("[{}]\r x").split(": ").next(), Some("line 2, column 2"));
        for size in 1..8 {
            let (records, _) = cut_with(LineEnds::Any, b"[\r\n{},\r\r\n\n{}]", 100, size);
            assert_eq!(records.iter().map(|record| record.1).collect::<Vec<_>>(), [2, 5], "in pieces of {size}");
        }
    }

    #[test]
    fn objects_are_told_apart() {
        assert_eq!(records("{}{}\n{\n}\n\u{feff}{}"), expected(&[("{}", 1), ("{}", 1), ("{\n}", 2), ("{}", 4)]));
        assert_eq!(records("\u{1e}{}\n\u{1e}{\"a\":\"}\"}\n"), expected(&[("{}", 1), ("{\"a\":\"}\"}", 2)]));
        assert_eq!(records("  \n"), []);
    }

    #[test]
    fn what_is_broken_is_an_error() {
        let here = |place: &str, expected: &str| {
            format!("{place}: the JSON is broken here: expected {expected}; what follows can't be told apart")
        };
        assert_eq!(broken("[{}\n{}]"), here("line 2, column 1", "`,` or `]`"));
        assert_eq!(broken("[{},]"), here("line 1, column 5", "an element of the array"));
        assert_eq!(broken("[,{}]"), here("line 1, column 2", "an element of the array"));
        assert_eq!(broken("{},\n{}"), here("line 1, column 3", "an object or an array"));
        assert_eq!(broken("[{}]]"), here("line 1, column 5", "an object or an array"));
        assert_eq!(broken("[{\"a\":1,\n  \"b\" 2}]"), here("line 2, column 7", "`:`"));
        assert_eq!(broken("[{}]\n x"), here("line 2, column 2", "an object or an array"));
        let (before, reason) = cut("[{\"a\":1},\n{\"b\":2},\n{\"c\":3}}]", 100);
        assert_eq!(before.len(), 3);
        assert_eq!(reason, Some(here("line 3, column 8", "`,` or `]`")));
    }

    #[test]
    fn what_is_never_closed_is_an_error() {
        assert_eq!(broken("\n[{},\n"), "line 3, column 1: the array that begins on line 2 is never closed");
        assert_eq!(broken("[{}"), "line 1, column 4: the array that begins on line 1 is never closed");
        assert_eq!(broken("{}\n{\"a\":"), "line 2, column 1: the object that begins on line 2 is never closed");
        assert_eq!(broken("[{}, \"a"), "line 1, column 6: the value that begins on line 1 is never closed");
    }

    #[test]
    fn a_record_that_is_too_long_is_cut() {
        let long = format!("{{\"a\":\"{}\"}}", "x".repeat(50));
        let (records, broken) = cut(&format!("[{long},\n{{}}]"), 10);
        assert_eq!(broken, None);
        assert_eq!(records[0], ("{\"a\":\"xxxx".to_owned(), 1, Some(long.len() as u64)));
        assert_eq!(records[1], ("{}".to_owned(), 2, None));
        let (records, _) = cut("{\"a\":1234}\n{\"a\":12345}", 10);
        assert_eq!((records[0].2, records[1].2), (None, Some(11)));
    }
}
