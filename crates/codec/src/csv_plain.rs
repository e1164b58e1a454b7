//! The fast path for a row without escapes or special cases, which most tables consist of. It may only have quotes
//! around whole cells.
//!
//! Everything else is left to [`csv_row`](super::csv_row), which alone decides what is an error. For the rows that are
//! read here, it would return the same.

use super::csv_layout::CsvLayout;
use super::{number, plain};
use clearpipe_model::field::Field;
use clearpipe_model::record::{Line, Noted, Record, Text};

/// Reads the cells of a row. If it returns `None`, something may have been appended to `scratch`.
pub(super) fn parse(layout: &CsvLayout, line: &Line, row: &[u8], scratch: &mut Vec<u8>) -> Option<Record> {
    if plain::is_plain_but::<false>(layout.delimiter, row) {
        return cells::<false>(layout, line, row, scratch);
    }
    parse_quoted(layout, line, row, scratch)
}

#[inline(never)]
fn parse_quoted(layout: &CsvLayout, line: &Line, row: &[u8], scratch: &mut Vec<u8>) -> Option<Record> {
    // A delimiter that has to be escaped may be one between quotes.
    let is_escaped = layout.delimiter < 0x20 || layout.delimiter == b'\\';
    let can_be_read = !is_escaped && plain::is_plain_but::<true>(layout.delimiter, row);
    if can_be_read { cells::<true>(layout, line, row, scratch) } else { None }
}

/// Reads the cells of a row that is plain except for the delimiter and, if `QUOTED`, quotes.
#[inline(always)]
fn cells<const QUOTED: bool>(layout: &CsvLayout, line: &Line, row: &[u8], scratch: &mut Vec<u8>) -> Option<Record> {
    let extra_start = scratch.len();
    let mut texts = [Text::ABSENT; Field::ALL.len()];
    let (mut value, mut noted) = (f64::NAN, Noted::NOTHING);
    let mut next = 0;
    for column in &layout.columns {
        let is_quoted = QUOTED && row.get(next) == Some(&b'"');
        let start = next + usize::from(is_quoted);
        // After the last cell, the next one would start behind the end of the row.
        let rest = row.get(start..)?;
        let length = if is_quoted {
            let length = plain::find(b'"', rest)?;
            if rest.get(length + 1).is_some_and(|byte| *byte != layout.delimiter) {
                return None;
            }
            length
        } else {
            plain::find(layout.delimiter, rest).unwrap_or(rest.len())
        };
        let cell = &rest[..length];
        if QUOTED && !is_quoted && cell.contains(&b'"') {
            return None;
        }
        next = start + length + 1 + usize::from(is_quoted);
        if let Some(prefix) = &column.extra {
            if column.is_kept(cell, &mut noted) {
                scratch.extend_from_slice(prefix);
                scratch.extend_from_slice(cell);
                scratch.push(b'"');
            }
        } else if column.fields.is_empty() {
            column.is_kept(cell, &mut noted);
        } else if !cell.is_empty() {
            for field in &column.fields {
                if *field == Field::Value {
                    let (number, digits) = number::plain(cell)?;
                    if digits != length {
                        return None;
                    }
                    value = number;
                }
                texts[field.index()] = Text::in_input(line.start as usize + start, length);
            }
            // Spaces are the only blanks in a plain row.
            if cell[0] == b' ' && cell.iter().all(|byte| *byte == b' ') {
                noted = noted.and(Noted::BLANK);
            }
        }
    }
    // There are exactly as many cells as columns.
    if next != row.len() + 1 {
        return None;
    }
    let [id, timestamp, sensor_id, value_text, unit, location] = texts;
    Some(Record {
        value,
        value_text,
        id,
        timestamp,
        sensor_id,
        unit,
        location,
        extra: Text::appended_since(extra_start, scratch),
        noted,
        ..Record::empty(line.number)
    })
}
