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
    for (index, column) in layout.columns.iter().enumerate() {
        let is_last = index + 1 == layout.columns.len();
        let is_quoted = QUOTED && row.get(next) == Some(&b'"');
        let start = next + usize::from(is_quoted);
        // Exactly as many cells as there are columns.
        let end = if is_quoted {
            let end = start + plain::find(b'"', &row[start..])?;
            match row.get(end + 1) {
                Some(byte) if *byte == layout.delimiter && !is_last => end,
                None if is_last => end,
                _ => return None,
            }
        } else {
            match plain::find(layout.delimiter, row.get(start..)?) {
                Some(length) if !is_last => start + length,
                None if is_last => row.len(),
                _ => return None,
            }
        };
        let cell = &row[start..end];
        if QUOTED && !is_quoted && cell.contains(&b'"') {
            return None;
        }
        next = end + 1 + usize::from(is_quoted);
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
                    let (number, length) = number::plain(cell)?;
                    if length != cell.len() {
                        return None;
                    }
                    value = number;
                }
                texts[field.index()] = Text::in_input(line.start as usize + start, cell.len());
            }
            // Spaces are the only blanks in a plain row.
            if cell[0] == b' ' && cell.iter().all(|byte| *byte == b' ') {
                noted = noted.and(Noted::BLANK);
            }
        }
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
