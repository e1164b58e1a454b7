//! Finds where a record ends.
//!
//! For JSON Lines that is the next line ending. For a table it is the next one that isn't within quotes, which requires
//! keeping track of the position in a cell ([`Place`]); the rules are those of [`Cells`](super::csv_cells::Cells),
//! which splits the row later.
//!
//! The cutter never looks further ahead than `max_line` and a line ending (2 bytes). If a record hasn't ended by then,
//! only its *first line* counts as a record, a rejected one:
//!
//! - If that line alone is longer than the limit, its beginning is kept and the rest is skipped, in constant memory.
//! - Otherwise the record is a row with a quote that isn't closed within the limit (or before the end of the input).
//!   The line is cut as it is, so that the parser rejects it, and the next record begins on the following line. A
//!   forgotten quote thus costs one line and not the rest of the file.
//!
//! The same applies to quotes that are closed, but don't surround a cell: there is text after the closing quote, or
//! there are rows between the two ([`RowShape`]). Two stray quotes thus cost two lines and not the rows between them.

use super::byte_order_mark::{MARK, is_beginning_of_mark};
use super::line_ends::LineEnds;
use super::stray_quote::RowShape;
use memchr::{memchr, memchr2};

/// What the cutter finds at the beginning of the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// A record.
    Record {
        /// Its length, without the line ending.
        length: usize,
        /// Where the next piece begins.
        next: usize,
        /// The line that it begins on, from 1.
        line: u64,
        /// Its original length, if it was cut.
        cut_from: Option<u64>,
    },
    /// A blank line.
    Blank {
        /// Where the next piece begins.
        next: usize,
    },
    /// It isn't known yet whether a record ends here: call again with the first `keep` of these bytes (the others are
    /// consumed) and more after them.
    More {
        /// How many of the bytes are still needed.
        keep: usize,
    },
}

/// A position within a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// At the beginning of a cell: a quote here opens a quoted cell.
    CellStart,
    /// In a cell without quotes, or after the closing quote of one: quotes are text.
    Plain,
    /// In quotes: delimiters and line ends are text.
    Quoted,
    /// After a quote in quotes: it is the closing one, or the first of two that stand for one.
    QuoteInQuoted,
    /// In text after a closing quote, on the row's first line: quotes and delimiters are text.
    RestOfLine,
    /// The same on another line: the row's first line is a record by itself.
    Broken,
}

/// Finds the line feed that ends the first row, if the row is one line and all its quotes surround cells.
#[inline]
fn usual_row_end(bytes: &[u8], delimiter: u8) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr2(b'\n', b'"', &bytes[at..])?;
        if bytes[at] == b'\n' {
            return Some(at);
        }
        if at > 0 && bytes[at - 1] != delimiter {
            return None;
        }
        at += 1;
        at += memchr2(b'\n', b'"', &bytes[at..])?;
        let is_closed = bytes[at] == b'"';
        at += 1;
        let ends_cell = match bytes.get(at..)? {
            [b'\n', ..] | [b'\r', b'\n', ..] => true,
            [byte, ..] => *byte == delimiter,
            [] => false,
        };
        if !(is_closed && ends_cell) {
            return None;
        }
    }
}

/// Where a row ends.
enum RowEnd {
    /// Before the line ending at this position.
    At(usize),
    /// At the end of its first line, because its quotes are wrong.
    FirstLine,
    /// Not in the bytes that were examined.
    Open,
}

/// Cuts bytes into records; see the module.
#[derive(Debug)]
pub(super) struct Cutter {
    /// The delimiter of the cells; `None` if the records are lines.
    delimiter: Option<u8>,
    max_line: usize,
    ends: LineEnds,
    /// The shape of the rows, if it is known.
    shape: Option<RowShape>,
    /// The line that the next record begins on.
    line: u64,
    /// Whether a line feed that comes next belongs to the preceding carriage return.
    is_behind_cr: bool,
    /// How many bytes from the beginning of the record were examined without finding its end.
    scanned: usize,
    /// The position within the row after those bytes. Only maintained if `has_quotes`.
    place: Place,
    /// Whether the examined part of the row has a quote.
    has_quotes: bool,
    /// What is known about the bytes after the next record's beginning, because an earlier row was never closed: from
    /// any line ending before this position that is within quotes, the row doesn't end before the position, and is in
    /// this place there. It saves examining the same bytes again for each line of a file full of quotes.
    known: Option<(usize, Place)>,
    /// Set while the rest of a line that is too long is skipped.
    skipping: Option<Skipping>,
}

/// The part of a line that was skipped after its first `max_line` bytes.
#[derive(Clone, Copy, Debug, Default)]
struct Skipping {
    bytes: u64,
    /// Whether the last of them was a carriage return.
    ends_in_cr: bool,
}

impl Cutter {
    /// Creates a cutter for lines with these line endings. `max_line` must be at least 1.
    pub fn new(max_line: usize, ends: LineEnds) -> Cutter {
        debug_assert!(max_line > 0);
        Cutter {
            delimiter: None,
            max_line,
            ends,
            shape: None,
            line: 1,
            is_behind_cr: false,
            scanned: 0,
            place: Place::CellStart,
            has_quotes: false,
            known: None,
            skipping: None,
        }
    }

    /// Expects rows from here on, whose cells are separated by `delimiter`.
    pub fn expect_rows(&mut self, delimiter: u8) {
        self.delimiter = Some(delimiter);
    }

    /// Sets the shape of the rows that follow, if it is known.
    pub fn expect_shape(&mut self, shape: Option<RowShape>) {
        self.shape = shape;
    }

    /// Returns the number of the line that the next record begins on.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Returns the line endings.
    pub fn ends(&self) -> LineEnds {
        self.ends
    }

    /// Returns whether the current record exceeds the limit and only its end is searched for.
    pub fn is_skipping(&self) -> bool {
        self.skipping.is_some()
    }

    /// Skips a blank line that ends at `end` in `bytes`, and returns where the next line begins.
    pub fn leave_out(&mut self, bytes: &[u8], end: usize) -> usize {
        if let Some(next) = self.rest_of_end(bytes) {
            return next;
        }
        self.line += 1;
        self.is_behind_cr = bytes[end] == b'\r';
        end + 1
    }

    /// Looks for the end of the record at the beginning of `bytes`, which must not be empty. `at_end` means that
    /// nothing follows them; the answer is then never [`Piece::More`].
    pub fn cut(&mut self, bytes: &[u8], at_end: bool) -> Piece {
        if let Some(piece) = self.usual(bytes) {
            return piece;
        }
        if self.scanned == 0 && self.skipping.is_none() {
            // In concatenated files, the marks of the later ones are at the beginning of a line.
            if bytes.starts_with(MARK) {
                // A line feed behind the mark ends a line of its own.
                self.is_behind_cr = false;
                self.known = self.known.and_then(|(position, place)| Some((position.checked_sub(MARK.len())?, place)));
                return Piece::Blank { next: MARK.len() };
            }
            if is_beginning_of_mark(bytes) && !at_end {
                return Piece::More { keep: bytes.len() };
            }
        }
        if self.skipping.is_some() {
            return self.skip(bytes, at_end);
        }
        if let Some(next) = self.rest_of_end(bytes) {
            return Piece::Blank { next };
        }
        let longest = self.max_line + 2;
        let window = &bytes[..bytes.len().min(longest)];
        let end = match self.delimiter {
            None => self.line_end(window),
            Some(delimiter) => self.row_end(window, delimiter),
        };
        match end {
            RowEnd::At(end) => {
                let length = self.ends.length(&window[..end]);
                if length <= self.max_line && !self.has_swallowed_rows(&window[..length]) {
                    return self.record(window, length, end + 1);
                }
            }
            RowEnd::FirstLine => {}
            RowEnd::Open if window.len() == longest => {}
            RowEnd::Open if !at_end => return Piece::More { keep: bytes.len() },
            RowEnd::Open => {
                let length = self.ends.length(window);
                let is_closed = !self.has_quotes || self.place != Place::Quoted;
                let is_row = is_closed && !self.has_swallowed_rows(&window[..length]);
                if length <= self.max_line && (is_row || self.ends.find(window).is_none()) {
                    return self.record(window, length, window.len());
                }
            }
        }
        self.first_line(bytes, window, at_end)
    }

    /// Returns where the input continues after a line feed that belongs to the preceding carriage return.
    fn rest_of_end(&mut self, bytes: &[u8]) -> Option<usize> {
        let is_rest = std::mem::take(&mut self.is_behind_cr) && bytes[0] == b'\n';
        is_rest.then(|| {
            self.known = self.known.and_then(|(position, place)| Some((position.checked_sub(1)?, place)));
            1
        })
    }

    /// Returns whether the quotes of this row, which is the first in the bytes, have swallowed other rows.
    fn has_swallowed_rows(&self, row: &[u8]) -> bool {
        match (self.shape, self.delimiter) {
            (Some(shape), Some(delimiter)) if self.has_quotes => shape.is_swallowed_in(row, delimiter, self.ends),
            _ => false,
        }
    }

    /// Finds the usual record, which is simple to cut: it is one line within the limit and doesn't begin with a space;
    /// in a table, any quotes surround whole cells and don't occur within them; and nothing is known about it from
    /// before.
    fn usual(&mut self, bytes: &[u8]) -> Option<Piece> {
        if self.scanned > 0 || self.skipping.is_some() || self.known.is_some() || self.ends == LineEnds::Any {
            return None;
        }
        let end = match self.delimiter {
            None => memchr(b'\n', bytes)?,
            Some(delimiter) => usual_row_end(bytes, delimiter)?,
        };
        let length = LineEnds::LineFeeds.length(&bytes[..end]);
        if length > self.max_line || bytes[0] <= b' ' || bytes[0] == MARK[0] {
            return None;
        }
        let line = self.line;
        self.line += 1;
        Some(Piece::Record { length, next: end + 1, line, cut_from: None })
    }

    /// Returns the end of the line, if it is in `window`.
    fn line_end(&mut self, window: &[u8]) -> RowEnd {
        let end = self.ends.find(&window[self.scanned..]).map(|at| self.scanned + at);
        self.scanned = window.len();
        end.map_or(RowEnd::Open, RowEnd::At)
    }

    /// Returns the end of the row, if it is in `window`.
    fn row_end(&mut self, window: &[u8], delimiter: u8) -> RowEnd {
        if !self.has_quotes {
            // The usual row: the delimiters don't matter.
            let Some(at) = self.ends.find_or(b'"', &window[self.scanned..]) else {
                self.scanned = window.len();
                return RowEnd::Open;
            };
            if window[self.scanned + at] != b'"' {
                return RowEnd::At(self.scanned + at);
            }
            self.has_quotes = true;
            self.scanned = 0;
        }
        loop {
            let rest = &window[self.scanned..];
            let first = match rest.first() {
                Some(&first) => first,
                // By now it is certain that the row is broken.
                None if self.place == Place::Broken => return RowEnd::FirstLine,
                None => return RowEnd::Open,
            };
            let (length, place) = match self.place {
                Place::CellStart if first == b'"' => (1, Place::Quoted),
                Place::CellStart | Place::Plain => match self.ends.find_or(delimiter, rest) {
                    Some(at) if rest[at] != delimiter => return RowEnd::At(self.scanned + at),
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
                    other if other == delimiter => (1, Place::CellStart),
                    other if self.ends.is_end(other) => return RowEnd::At(self.scanned),
                    // The second byte of a two-byte line ending.
                    b'\r' if rest.get(1).is_none_or(|next| *next == b'\n') => match rest.len() {
                        1 => return RowEnd::Open,
                        _ => return RowEnd::At(self.scanned + 1),
                    },
                    _ if self.ends.find(&window[..self.scanned]).is_some() => (0, Place::Broken),
                    _ => (0, Place::RestOfLine),
                },
                Place::RestOfLine => match self.ends.find(rest) {
                    Some(at) => return RowEnd::At(self.scanned + at),
                    None => (rest.len(), Place::RestOfLine),
                },
                Place::Broken => return RowEnd::FirstLine,
            };
            self.scanned += length;
            self.place = place;
        }
    }

    /// Finds the next quote in `rest`, from within quotes, or a known position to skip to.
    fn quote_or_known(&mut self, rest: &[u8]) -> Quoted {
        if let Some((position, place)) = self.known.filter(|(position, _)| *position > self.scanned) {
            match self.ends.find_or(b'"', rest) {
                Some(at) if rest[at] == b'"' => return Quoted::Quote(at),
                // Every line ending within an open row is within quotes. This one and the earlier open row share that
                // state, and therefore everything that follows.
                Some(at) if self.scanned + at < position => {
                    self.known = None;
                    return Quoted::Known(position - self.scanned, place);
                }
                _ => {}
            }
        }
        memchr(b'"', rest).map_or(Quoted::Nothing, Quoted::Quote)
    }

    /// Returns the record `bytes[..length]`; the next piece begins at `next`.
    fn record(&mut self, bytes: &[u8], length: usize, next: usize) -> Piece {
        let line = self.line;
        self.line += if self.has_quotes { self.ends.count(&bytes[..next]) } else { 1 };
        self.known = self.known.and_then(|(position, place)| Some((position.checked_sub(next)?, place)));
        self.scanned = 0;
        self.place = Place::CellStart;
        self.has_quotes = false;
        self.is_behind_cr = self.ends == LineEnds::Any && bytes[next - 1] == b'\r';
        if self.is_blank(&bytes[..length]) {
            return Piece::Blank { next };
        }
        Piece::Record { length, next, line, cut_from: None }
    }

    /// Cuts off the first line as a record of its own, because the record is too long or its quotes are wrong.
    fn first_line(&mut self, bytes: &[u8], window: &[u8], at_end: bool) -> Piece {
        if let Some(end) = self.ends.find(window) {
            let length = self.ends.length(&window[..end]);
            if length <= self.max_line {
                self.known = Some((self.scanned, self.place));
                return self.record(window, length, end + 1);
            }
        }
        self.skipping = Some(Skipping::default());
        self.skip(bytes, at_end)
    }

    /// Skips everything after the first `max_line` bytes, up to the line ending.
    fn skip(&mut self, bytes: &[u8], at_end: bool) -> Piece {
        let Skipping { bytes: before, ends_in_cr } = self.skipping.unwrap_or_default();
        let rest = &bytes[self.max_line..];
        let end = self.ends.find(rest);
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
        let is_behind_cr = self.ends == LineEnds::Any && bytes[next - 1] == b'\r';
        let Cutter { delimiter, max_line, ends, shape, line, .. } = *self;
        *self = Cutter { delimiter, shape, line: line + 1, is_behind_cr, ..Cutter::new(max_line, ends) };
        piece
    }

    /// Returns whether a line is blank. Spaces and tabs count as blank, unless they separate cells.
    fn is_blank(&self, line: &[u8]) -> bool {
        line.iter().all(|byte| b" \t\r".contains(byte) && Some(*byte) != self.delimiter)
    }
}

/// The result of a search within quotes.
enum Quoted {
    /// A quote at this position.
    Quote(usize),
    /// The row doesn't end within this many bytes, and is in this place after them.
    Known(usize, Place),
    /// No quote.
    Nothing,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cuts an input and returns each record's text, line and original length.
    fn cut(delimiter: Option<u8>, max_line: usize, input: &str) -> Vec<(String, u64, Option<u64>)> {
        cut_all(Cutter { delimiter, ..Cutter::new(max_line, LineEnds::LineFeeds) }, input)
    }

    fn cut_all(mut cutter: Cutter, input: &str) -> Vec<(String, u64, Option<u64>)> {
        let input = input.as_bytes();
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
        assert_eq!(rows("\"a\"\r\n\"b\"\r"), expected(&[("\"a\"", 1), ("\"b\"", 2)]));
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
    fn text_behind_a_closing_quote_costs_the_first_line() {
        let rows =
            |input| cut(Some(b','), 100, input).into_iter().map(|(text, line, _)| (text, line)).collect::<Vec<_>>();
        assert_eq!(rows("a,\"5 in\nb\nc,\"7 in\nd"), expected(&[("a,\"5 in", 1), ("b", 2), ("c,\"7 in", 3), ("d", 4)]));
        assert_eq!(rows("\"a\"b,\"c\nd\"\n"), expected(&[("\"a\"b,\"c", 1), ("d\"", 2)]));
        assert_eq!(rows("\"a\"\rb\nc"), expected(&[("\"a\"\rb", 1), ("c", 2)]));
        assert_eq!(rows("\"a\nb\"\rc"), expected(&[("\"a", 1), ("b\"\rc", 2)]));
    }

    #[test]
    fn rows_within_a_cell_are_rows() {
        let shape = Some(RowShape { columns: 3, value: 1 });
        let cutter = || Cutter { delimiter: Some(b','), shape, ..Cutter::new(100, LineEnds::LineFeeds) };
        let rows = |input| cut_all(cutter(), input).into_iter().map(|(text, line, _)| (text, line)).collect::<Vec<_>>();
        let lines = expected(&[("a,1,\"5 in", 1), ("b,2,x", 2), ("c,3,5\"", 3), ("d,4,\"two\nlines\"", 4)]);
        assert_eq!(rows("a,1,\"5 in\nb,2,x\nc,3,5\"\nd,4,\"two\nlines\""), lines);
        assert_eq!(rows("a,1,\"5 in\nb,2,x\nc,3,5\""), lines[..3]);
    }

    #[test]
    fn any_line_end() {
        let cutter = |delimiter| Cutter { delimiter, ..Cutter::new(20, LineEnds::Any) };
        let lines = |delimiter, input| {
            cut_all(cutter(delimiter), input).into_iter().map(|(text, line, _)| (text, line)).collect::<Vec<_>>()
        };
        assert_eq!(
            lines(None, "a\rb\r\nc\nd\r \r\r\ne"),
            expected(&[("a", 1), ("b", 2), ("c", 3), ("d", 4), ("e", 7)])
        );
        assert_eq!(
            lines(Some(b','), "a,\"b\r\nc\rd\"\r\"e\"\r\nf"),
            expected(&[("a,\"b\r\nc\rd\"", 1), ("\"e\"", 4), ("f", 5)])
        );
        assert_eq!(lines(Some(b','), "a,\"b\rc\r\nd"), expected(&[("a,\"b", 1), ("c", 2), ("d", 3)]));
        let long = cut_all(cutter(None), &format!("{}\r\nb", "a".repeat(30)));
        assert_eq!(long, [("a".repeat(20), 1, Some(30)), ("b".to_owned(), 2, None)]);
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

    /// The same, but the last line closes the quote, and each line would be a row by itself.
    #[test]
    fn a_file_full_of_rows_that_are_swallowed_takes_linear_time() {
        let shape = Some(RowShape { columns: 3, value: 0 });
        let cutter = Cutter { delimiter: Some(b','), shape, ..Cutter::new(2 << 20, LineEnds::LineFeeds) };
        let records = cut_all(cutter, &("5,x\",\"\n".repeat(200_000) + "\"\n"));
        assert_eq!(records.len(), 200_000);
    }
}
