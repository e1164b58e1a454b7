//! Splitting a row into its cells.

use memchr::memchr;

/// A cell of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cell<'a> {
    /// Where its text begins in the row.
    pub start: usize,
    /// Its text, without the surrounding quotes; quotes within it are still doubled if `is_doubled`.
    pub text: &'a str,
    /// Whether its text has doubled quotes.
    pub is_doubled: bool,
}

impl Cell<'_> {
    /// Writes the inside of the cell's JSON string.
    pub fn write_escaped(&self, out: &mut Vec<u8>) {
        if !self.is_doubled {
            return clearpipe_model::json_text::write_escaped(out, self.text);
        }
        for (index, part) in self.text.split("\"\"").enumerate() {
            if index > 0 {
                out.extend_from_slice(b"\\\"");
            }
            clearpipe_model::json_text::write_escaped(out, part);
        }
    }

    /// Returns its text with single quotes.
    pub fn to_text(self) -> String {
        if self.is_doubled { self.text.replace("\"\"", "\"") } else { self.text.to_owned() }
    }
}

/// Why a row can't be split into cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CellError {
    /// There is text after the closing quote of a cell.
    TextBehindQuote,
    /// The quote at the beginning of a cell is never closed.
    NeverClosed,
}

/// The cells of a row in order; at least one. The iterator ends after the first error.
#[derive(Clone, Debug)]
pub(super) struct Cells<'a> {
    row: &'a str,
    delimiter: u8,
    /// Where the next cell begins; `None` after the last.
    next: Option<usize>,
}

impl<'a> Cells<'a> {
    /// Creates an iterator over the cells of `row`, which doesn't include the line ending. `delimiter` must be ASCII.
    pub fn new(row: &'a str, delimiter: u8) -> Cells<'a> {
        debug_assert!(delimiter.is_ascii());
        Cells { row, delimiter, next: Some(0) }
    }

    /// Returns the quoted cell whose text begins at `start`, and its end: after the closing quote.
    fn quoted(&self, start: usize) -> Result<(Cell<'a>, usize), CellError> {
        let bytes = self.row.as_bytes();
        let mut end = start;
        let mut is_doubled = false;
        loop {
            end += memchr(b'"', &bytes[end..]).ok_or(CellError::NeverClosed)?;
            match bytes.get(end + 1) {
                Some(b'"') => {
                    is_doubled = true;
                    end += 2;
                }
                Some(&other) if other != self.delimiter => return Err(CellError::TextBehindQuote),
                _ => return Ok((Cell { start, text: &self.row[start..end], is_doubled }, end + 1)),
            }
        }
    }
}

impl<'a> Iterator for Cells<'a> {
    type Item = Result<Cell<'a>, CellError>;

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.next.take()?;
        let bytes = self.row.as_bytes();
        if bytes.get(start) == Some(&b'"') {
            let (cell, end) = match self.quoted(start + 1) {
                Ok(found) => found,
                Err(error) => return Some(Err(error)),
            };
            self.next = (end < bytes.len()).then_some(end + 1);
            return Some(Ok(cell));
        }
        let end = memchr(self.delimiter, &bytes[start..]).map(|at| start + at);
        self.next = end.map(|end| end + 1);
        let text = &self.row[start..end.unwrap_or(self.row.len())];
        Some(Ok(Cell { start, text, is_doubled: false }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(row: &str) -> Result<Vec<String>, CellError> {
        Cells::new(row, b',').map(|cell| cell.map(Cell::to_text)).collect()
    }

    #[test]
    fn plain_and_quoted() {
        assert_eq!(cells("a,b,c").unwrap(), ["a", "b", "c"]);
        assert_eq!(cells("").unwrap(), [""]);
        assert_eq!(cells(",").unwrap(), ["", ""]);
        assert_eq!(cells("\"\",\"a,b\",\"c\nd\"").unwrap(), ["", "a,b", "c\nd"]);
        assert_eq!(cells("\"\"\"a\"\"\"\"b\"").unwrap(), ["\"a\"\"b"]);
        assert_eq!(cells("\"\"\"\"").unwrap(), ["\""]);
        assert_eq!(cells("5\" pipe,a\"b\"").unwrap(), ["5\" pipe", "a\"b\""]);
        assert_eq!(cells(" \"a\",ö").unwrap(), [" \"a\"", "ö"]);
    }

    #[test]
    fn errors_end_it() {
        assert_eq!(cells("\"a\"b,c"), Err(CellError::TextBehindQuote));
        assert_eq!(cells("\"a\" ,c"), Err(CellError::TextBehindQuote));
        assert_eq!(cells("a,\"b"), Err(CellError::NeverClosed));
        assert_eq!(cells("a,\"b\"\""), Err(CellError::NeverClosed));
        assert_eq!(cells("\""), Err(CellError::NeverClosed));
        assert_eq!(Cells::new("\"a\"b,c", b',').count(), 1);
    }

    #[test]
    fn escaping() {
        let escaped = |row: &str| {
            let mut out = Vec::new();
            Cells::new(row, b',').next().unwrap().unwrap().write_escaped(&mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(escaped("\"a\"\"b\"\"\""), r#"a\"b\""#);
        assert_eq!(escaped("a\\b"), r"a\\b");
        assert_eq!(escaped("\"\n\""), r"\n");
        assert_eq!(escaped("5\""), r#"5\""#);
    }
}
