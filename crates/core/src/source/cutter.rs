//! Where a record ends.
//!
//! For JSON Lines that is the next line's end. For a table it is the next one that isn't within quotes, which takes
//! knowing where in a cell one is ([`Place`]); the rules are those of [`Cells`](super::csv_cells::Cells), which takes
//! the row apart later.
//!
//! The cutter never looks further than `max_line` and a line's end (2 bytes) ahead. If a record hasn't ended by then,
//! only its *first line* counts as a record, a failed one:
//!
//! - If that line alone is longer than the limit, its beginning is kept and the rest is skipped, in constant memory.
//! - Else the record is a row with a quote that isn't closed within the limit (or before the end of the input). The line
//!   is cut off as it stands, which the parser will refuse, and the next record begins on the line behind it. So a
//!   forgotten quote costs one line and not the rest of the file.

use memchr::{memchr, memchr_iter, memchr2};

/// What the cutter finds at the beginning of the bytes that it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// A record.
    Record {
        /// How long it is, without its line's end.
        length: usize,
        /// Where what follows begins.
        next: usize,
        /// The line that it begins on, from 1.
        line: u64,
        /// How long it really was, if it was cut.
        cut_from: Option<u64>,
    },
    /// A blank line.
    Blank {
        /// Where what follows begins.
        next: usize,
    },
    /// Whether a record ends here can't be said yet: call again with the first `keep` of these bytes (the others are
    /// done with) and more behind them.
    More {
        /// How many of the bytes are still needed.
        keep: usize,
    },
}

/// Where in a row one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// At the beginning of a cell: a quote here opens a quoted cell.
    CellStart,
    /// In a cell without quotes, or behind the closing quote of one: quotes are text.
    Plain,
    /// In quotes: delimiters and line ends are text.
    Quoted,
    /// Behind a quote in quotes: the closing one, or the first of two that stand for one.
    QuoteInQuoted,
}

/// Cuts bytes into records; see the module.
#[derive(Debug)]
pub(super) struct Cutter {
    /// What separates cells; `None` if the records are lines.
    delimiter: Option<u8>,
    max_line: usize,
    /// The line that the next record begins on.
    line: u64,
    /// How much of the record, from its beginning, has been looked at without finding its end.
    scanned: usize,
    /// Where in the row that is. Only kept up if `has_quotes`.
    place: Place,
    /// Whether the row has a quote in what was looked at.
    has_quotes: bool,
    /// What was learnt about the bytes behind the next record's beginning when a row before it was never closed: from a
    /// line's end before this position that is within quotes, one gets to the position without the row ending, and is
    /// then in this place. Saves looking at the same bytes again for each line of a file full of quotes.
    known: Option<(usize, Place)>,
    /// Set while the rest of a line that is too long is skipped.
    skipping: Option<Skipping>,
}

/// What was skipped of a line behind its first `max_line` bytes.
#[derive(Clone, Copy, Debug, Default)]
struct Skipping {
    bytes: u64,
    /// Whether the last of them was a carriage return.
    ends_in_cr: bool,
}

impl Cutter {
    /// A cutter for lines (`delimiter` is `None`) or for rows. `max_line` must be at least 1; `line` is the number of
    /// the line that the input begins on.
    pub fn new(delimiter: Option<u8>, max_line: usize, line: u64) -> Cutter {
        debug_assert!(max_line > 0);
        Cutter {
            delimiter,
            max_line,
            line,
            scanned: 0,
            place: Place::CellStart,
            has_quotes: false,
            known: None,
            skipping: None,
        }
    }

    /// The number of the line that the next record begins on.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Looks for the end of the record at the beginning of `bytes`, which must not be empty. `at_end` says that there
    /// is nothing behind them; then the answer is never [`Piece::More`].
    pub fn cut(&mut self, bytes: &[u8], at_end: bool) -> Piece {
        if let Some(piece) = self.usual(bytes) {
            return piece;
        }
        if self.skipping.is_some() {
            return self.skip(bytes, at_end);
        }
        let longest = self.max_line + 2;
        let window = &bytes[..bytes.len().min(longest)];
        let end = match self.delimiter {
            None => self.line_end(window),
            Some(delimiter) => self.row_end(window, delimiter),
        };
        match end {
            Some(end) => {
                let length = without_cr(&window[..end]);
                if length <= self.max_line {
                    return self.record(window, length, end + 1);
                }
            }
            None if window.len() == longest => {}
            None if !at_end => return Piece::More { keep: bytes.len() },
            None => {
                let length = without_cr(window);
                let is_closed = !self.has_quotes || self.place != Place::Quoted;
                if length <= self.max_line && (is_closed || memchr(b'\n', window).is_none()) {
                    return self.record(window, length, window.len());
                }
            }
        }
        self.first_line(bytes, window, at_end)
    }

    /// The usual record, which needs no thought: it is one line, not too long, without quotes if that matters, and it
    /// doesn't begin with a space; and nothing is known of it from before.
    fn usual(&mut self, bytes: &[u8]) -> Option<Piece> {
        if self.scanned > 0 || self.skipping.is_some() || self.known.is_some() {
            return None;
        }
        let end = match self.delimiter {
            None => memchr(b'\n', bytes)?,
            Some(_) => memchr2(b'\n', b'"', bytes).filter(|&at| bytes[at] == b'\n')?,
        };
        let length = without_cr(&bytes[..end]);
        if length > self.max_line || bytes[0] <= b' ' {
            return None;
        }
        let line = self.line;
        self.line += 1;
        Some(Piece::Record { length, next: end + 1, line, cut_from: None })
    }

    /// The end of the line, if it is in `window`.
    fn line_end(&mut self, window: &[u8]) -> Option<usize> {
        let end = memchr(b'\n', &window[self.scanned..]).map(|at| self.scanned + at);
        self.scanned = window.len();
        end
    }

    /// The end of the row, if it is in `window`.
    fn row_end(&mut self, window: &[u8], delimiter: u8) -> Option<usize> {
        if !self.has_quotes {
            // The usual row: what separates its cells doesn't matter.
            let Some(at) = memchr2(b'\n', b'"', &window[self.scanned..]) else {
                self.scanned = window.len();
                return None;
            };
            if window[self.scanned + at] == b'\n' {
                return Some(self.scanned + at);
            }
            self.has_quotes = true;
            self.scanned = 0;
        }
        loop {
            let rest = &window[self.scanned..];
            let first = *rest.first()?;
            let (length, place) = match self.place {
                Place::CellStart if first == b'"' => (1, Place::Quoted),
                Place::CellStart | Place::Plain => match memchr2(delimiter, b'\n', rest) {
                    Some(at) if rest[at] == b'\n' => return Some(self.scanned + at),
                    Some(at) => (at + 1, Place::CellStart),
                    None => (rest.len(), Place::Plain),
                },
                Place::Quoted => match self.quote_or_known(rest) {
                    Quoted::Quote(at) => (at + 1, Place::QuoteInQuoted),
                    Quoted::Known(length, place) => (length, place),
                    Quoted::Nothing => (rest.len(), Place::Quoted),
                },
                Place::QuoteInQuoted => match first {
                    b'"' => (1, Place::Quoted),
                    b'\n' => return Some(self.scanned),
                    other if other == delimiter => (1, Place::CellStart),
                    _ => (1, Place::Plain),
                },
            };
            self.scanned += length;
            self.place = place;
        }
    }

    /// Within quotes: the next quote in `rest`, or a way to get further at once.
    fn quote_or_known(&mut self, rest: &[u8]) -> Quoted {
        if let Some((position, place)) = self.known.filter(|(position, _)| *position > self.scanned) {
            match memchr2(b'"', b'\n', rest) {
                Some(at) if rest[at] == b'"' => return Quoted::Quote(at),
                // Every line's end within an open row is within quotes. This one and the open row before have the same
                // place in common, and so all that follows.
                Some(at) if self.scanned + at < position => {
                    self.known = None;
                    return Quoted::Known(position - self.scanned, place);
                }
                _ => {}
            }
        }
        memchr(b'"', rest).map_or(Quoted::Nothing, Quoted::Quote)
    }

    /// The record is `bytes[..length]`, and what follows begins at `next`.
    fn record(&mut self, bytes: &[u8], length: usize, next: usize) -> Piece {
        let line = self.line;
        self.line += if self.has_quotes { memchr_iter(b'\n', &bytes[..next]).count() as u64 } else { 1 };
        self.known = self.known.and_then(|(position, place)| Some((position.checked_sub(next)?, place)));
        self.scanned = 0;
        self.place = Place::CellStart;
        self.has_quotes = false;
        if self.is_blank(&bytes[..length]) {
            return Piece::Blank { next };
        }
        Piece::Record { length, next, line, cut_from: None }
    }

    /// The record is too long or never closed: its first line is a record by itself.
    fn first_line(&mut self, bytes: &[u8], window: &[u8], at_end: bool) -> Piece {
        if let Some(end) = memchr(b'\n', window) {
            let length = without_cr(&window[..end]);
            if length <= self.max_line {
                self.known = Some((self.scanned, self.place));
                return self.record(window, length, end + 1);
            }
        }
        self.skipping = Some(Skipping::default());
        self.skip(bytes, at_end)
    }

    /// Skips what is behind the first `max_line` bytes, to the line's end.
    fn skip(&mut self, bytes: &[u8], at_end: bool) -> Piece {
        let Skipping { bytes: before, ends_in_cr } = self.skipping.unwrap_or_default();
        let rest = &bytes[self.max_line..];
        let end = memchr(b'\n', rest);
        let skipped = &rest[..end.unwrap_or(rest.len())];
        let ends_in_cr = skipped.last().map_or(ends_in_cr, |&last| last == b'\r');
        let so_far = before + skipped.len() as u64;
        if end.is_none() && !at_end {
            self.skipping = Some(Skipping { bytes: so_far, ends_in_cr });
            return Piece::More { keep: self.max_line };
        }
        let next = end.map_or(bytes.len(), |end| self.max_line + end + 1);
        let piece = Piece::Record {
            length: self.max_line,
            next,
            line: self.line,
            cut_from: Some(self.max_line as u64 + so_far - u64::from(ends_in_cr)),
        };
        *self = Cutter::new(self.delimiter, self.max_line, self.line + 1);
        piece
    }

    /// Whether a line has nothing in it. Spaces and tabs are nothing, unless they separate cells.
    fn is_blank(&self, line: &[u8]) -> bool {
        line.iter().all(|byte| b" \t\r".contains(byte) && Some(*byte) != self.delimiter)
    }
}

/// What is found within quotes.
enum Quoted {
    /// A quote, here.
    Quote(usize),
    /// No end of the row in so many bytes, and behind them this place.
    Known(usize, Place),
    /// No quote.
    Nothing,
}

/// The length of a line without the carriage return at its end, if it has one.
fn without_cr(line: &[u8]) -> usize {
    line.len() - usize::from(line.last() == Some(&b'\r'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a cutter makes of an input: each record's text, line and true length.
    fn cut(delimiter: Option<u8>, max_line: usize, input: &str) -> Vec<(String, u64, Option<u64>)> {
        let input = input.as_bytes();
        let mut cutter = Cutter::new(delimiter, max_line, 1);
        let mut records = Vec::new();
        let mut at = 0;
        while at < input.len() {
            at += match cutter.cut(&input[at..], true) {
                Piece::Record { length, next, line, cut_from } => {
                    let text = String::from_utf8_lossy(&input[at..at + length]).into_owned();
                    records.push((text, line, cut_from));
                    next
                }
                Piece::Blank { next } => next,
                Piece::More { .. } => panic!("more at the end"),
            };
        }
        records
    }

    fn lines(input: &str) -> Vec<(String, u64)> {
        cut(None, 100, input).into_iter().map(|(text, line, _)| (text, line)).collect()
    }

    fn rows(input: &str) -> Vec<(String, u64)> {
        cut(Some(b','), 20, input).into_iter().map(|(text, line, _)| (text, line)).collect()
    }

    fn expected(records: &[(&str, u64)]) -> Vec<(String, u64)> {
        records.iter().map(|&(text, line)| (text.to_owned(), line)).collect()
    }

    #[test]
    fn lines_end_at_line_ends() {
        assert_eq!(lines("a\nb\r\n\n \t\r\nc"), expected(&[("a", 1), ("b", 2), ("c", 5)]));
        assert_eq!(lines("a\r\r\nb\r"), expected(&[("a\r", 1), ("b", 2)]));
        assert_eq!(lines("\"\n\"\n"), expected(&[("\"", 1), ("\"", 2)]));
        assert_eq!(lines("\n\n"), expected(&[]));
    }

    #[test]
    fn a_line_that_is_too_long_is_cut() {
        let cut = |input| cut(None, 3, input);
        let plain = |text: &str, line| (text.to_owned(), line, None);
        assert_eq!(cut("abc\nabc\r\nabc"), [plain("abc", 1), plain("abc", 2), plain("abc", 3)]);
        assert_eq!(cut("abcd\nx"), [("abc".to_owned(), 1, Some(4)), plain("x", 2)]);
        assert_eq!(cut("abcd\r\nx"), [("abc".to_owned(), 1, Some(4)), plain("x", 2)]);
        assert_eq!(cut("abcdefgh"), [("abc".to_owned(), 1, Some(8))]);
        assert_eq!(cut("abc\r"), [plain("abc", 1)]);
        assert_eq!(cut("abc\r\r"), [("abc".to_owned(), 1, Some(4))]);
        assert_eq!(cut("     \nx"), [("   ".to_owned(), 1, Some(5)), plain("x", 2)]);
    }

    #[test]
    fn line_ends_in_quotes_end_no_row() {
        assert_eq!(rows("a,\"b\nc\",d\ne\n"), expected(&[("a,\"b\nc\",d", 1), ("e", 3)]));
        assert_eq!(rows("\"a\"\"\n\"\"\"\r\nb"), expected(&[("\"a\"\"\n\"\"\"", 1), ("b", 3)]));
        assert_eq!(rows("a\"b\nc\"d\n"), expected(&[("a\"b", 1), ("c\"d", 2)]));
        assert_eq!(rows("\"a\"b\"\nc"), expected(&[("\"a\"b\"", 1), ("c", 2)]));
        assert_eq!(rows("\"\"\n\"\""), expected(&[("\"\"", 1), ("\"\"", 2)]));
        assert_eq!(rows("a,\n\"b\""), expected(&[("a,", 1), ("\"b\"", 2)]));
    }

    #[test]
    fn a_quote_that_is_never_closed_costs_one_line() {
        assert_eq!(rows("a,\"b\nc\nd\n"), expected(&[("a,\"b", 1), ("c", 2), ("d", 3)]));
        assert_eq!(rows("a,\"b"), expected(&[("a,\"b", 1)]));
        let far = "a,\"b\nc\nddddddddddddddddddddddddd\n\"e\"";
        let cut = cut(Some(b','), 20, far);
        assert_eq!(cut[0], ("a,\"b".to_owned(), 1, None));
        assert_eq!(cut[1], ("c".to_owned(), 2, None));
        assert_eq!(cut[2], ("d".repeat(20), 3, Some(25)));
        assert_eq!(cut[3], ("\"e\"".to_owned(), 4, None));
    }

    #[test]
    fn a_row_is_blank_without_delimiters() {
        assert_eq!(rows(" \n,\n\t\n"), expected(&[(",", 2)]));
        assert_eq!(cut(Some(b'\t'), 20, " \n\t\n,\n").len(), 2);
        assert_eq!(rows("\"\"\n"), expected(&[("\"\"", 1)]));
    }

    /// Each of these lines leaves a quote open, whether it begins within quotes or not.
    #[test]
    fn a_file_full_of_open_quotes_takes_linear_time() {
        let input = "z\",\"\n".repeat(200_000);
        let records = cut(Some(b','), 1 << 20, &input);
        assert_eq!(records.len(), 200_000);
        assert!(records.iter().all(|(text, _, cut_from)| text == "z\",\"" && cut_from.is_none()));
    }
}
