//! Distinguishes a stray quote from the beginning of a cell that spans lines.

use super::line_ends::LineEnds;
use super::number;
use memchr::memchr;

/// The shape of a table's rows.
#[derive(Clone, Copy, Debug)]
pub(super) struct RowShape {
    /// The number of cells.
    pub columns: usize,
    /// The index of the value.
    pub value: usize,
}

impl RowShape {
    /// How many of the lines after the first are examined.
    const MAX_LINES: usize = 8;

    /// Returns whether a row that spans lines has swallowed rows. If so, the lines after the first, except for blank
    /// ones, have as many cells as there are columns, and at least one has a number as its value. The text of a cell
    /// rarely looks like that. Only the text within the quotes counts: after the closing one, on the last line, the
    /// cells of the row itself may be where those of another would be. `row` doesn't include the line ending.
    pub fn is_swallowed_in(self, row: &[u8], delimiter: u8, ends: LineEnds) -> bool {
        if self.columns < 2 {
            return false;
        }
        let mut rest = row;
        let (mut has_value, mut lines) = (false, 0);
        for _ in 0..Self::MAX_LINES {
            let Some(end) = ends.find(rest) else { break };
            rest = &rest[end + 1..];
            let next_end = ends.find(rest);
            let line = &rest[..next_end.unwrap_or(rest.len())];
            let line = &line[..ends.length(line)];
            let is_last = next_end.is_none();
            match self.look(line, delimiter) {
                // Two cells prove little: a comma in the text is enough.
                Some(_) if is_last && lines == 0 && self.columns == 2 => {}
                Some(value) => {
                    has_value |= value;
                    lines += 1;
                }
                None if is_last || line.trim_ascii().is_empty() => {}
                None => return false,
            }
        }
        has_value
    }

    /// Returns whether a line that would be a row by itself has a number as its value, before any closing quote. `None`
    /// if it has another number of cells.
    fn look(self, line: &[u8], delimiter: u8) -> Option<bool> {
        let quote = closing_quote(line).unwrap_or(line.len());
        let mut has_value = false;
        let mut rest = Some(line);
        let mut count = 0;
        while let Some(cells) = rest {
            let quoted = if cells.first() == Some(&b'"') { quoted_length(cells) } else { 0 };
            let end = memchr(delimiter, &cells[quoted..]).map(|at| quoted + at);
            let cell = &cells[..end.unwrap_or(cells.len())];
            has_value |= count == self.value && line.len() - cells.len() + cell.len() <= quote && is_number(cell);
            count += 1;
            if count > self.columns {
                return None;
            }
            rest = end.map(|end| &cells[end + 1..]);
        }
        (count == self.columns).then_some(has_value)
    }
}

/// Returns the length of the quoted text at the beginning of `cells`; all of it if it isn't closed.
fn quoted_length(cells: &[u8]) -> usize {
    closing_quote(&cells[1..]).map_or(cells.len(), |at| at + 2)
}

/// Returns the first quote in a quoted text that isn't part of a doubled one.
fn closing_quote(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr(b'"', &text[at..])?;
        if text.get(at + 1) != Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}

fn is_number(cell: &[u8]) -> bool {
    std::str::from_utf8(cell).is_ok_and(|text| number::read(text.trim_ascii()).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: RowShape = RowShape { columns: 3, value: 1 };

    fn is_swallowed(row: &str) -> bool {
        SHAPE.is_swallowed_in(row.as_bytes(), b',', LineEnds::LineFeeds)
    }

    #[test]
    fn rows_between_two_stray_quotes() {
        assert!(is_swallowed("a,1,\"5 inch\nb,2,x\nc,3,5\""));
        assert!(is_swallowed("a,1,\"5 inch\r\nb, 2 ,\"\"\r\nc,3,5\""));
        assert!(is_swallowed("a,1,\"5 inch\nb,n/a,x\nc,3,5\""));
        assert!(is_swallowed("a,1,\"5 inch\nb,2,5\""));
    }

    #[test]
    fn the_text_of_a_cell() {
        assert!(!is_swallowed("a,1,\"x\""));
        assert!(!is_swallowed("\"two\nlines\",1,x"));
        assert!(!RowShape { columns: 3, value: 2 }.is_swallowed_in(
            b"a,\"pears\nand, plums\",5",
            b',',
            LineEnds::LineFeeds
        ));
        assert!(!is_swallowed("a,1,\"two\nlines\""));
        assert!(!is_swallowed("a,1,\"apples,\npears, plums, and nuts\""));
        assert!(!is_swallowed("a,1,\"1,2\n3,4\n5,6,7,8\""));
        // Numbers and commas alone don't turn a text into rows.
        assert!(!is_swallowed("a,1,\"as in\nb,2,x\nand so on\nc,3,y\""));
        let two = RowShape { columns: 2, value: 0 };
        assert!(!two.is_swallowed_in(b"1,\"dose:\n2, then 3\"", b',', LineEnds::LineFeeds));
        assert!(two.is_swallowed_in(b"1,\"5 inch\n2,x\n3,5\"", b',', LineEnds::LineFeeds));
        assert!(!is_swallowed(&format!("a,1,\"{}b,2,x\"", "\n".repeat(20))));
        assert!(!RowShape { columns: 1, value: 0 }.is_swallowed_in(b"\"\n5\"", b',', LineEnds::LineFeeds));
    }

    #[test]
    fn a_row_has_as_many_cells_as_there_are_columns() {
        let fits = |line: &str| SHAPE.look(line.as_bytes(), b',') == Some(true);
        assert!(fits("a,-2.5e3,"));
        assert!(fits("a,+2,\"x,\"\"y\""));
        assert!(!fits("\"a\",+2,x"));
        assert!(!fits("a,2\",x"));
        assert!(!fits("a,2"));
        assert!(!fits("a,2,x,"));
        assert!(!fits("a,,x"));
        assert!(!fits(""));
    }
}
