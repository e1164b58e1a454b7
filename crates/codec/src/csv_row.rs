//! Converts a row of a table to a record.

use super::csv_cells::{Cell, CellError, Cells};
use super::csv_layout::CsvLayout;
use super::csv_plain;
use super::number::{self, NumberError};
use clearpipe_model::field::Field;
use clearpipe_model::json_text::needs_escapes;
use clearpipe_model::record::{Line, Noted, Record, Text};
use clearpipe_model::reject::{Reason, Reject};

/// Reads a row; see [`Parser::parse`](super::Parser::parse). What was appended to `scratch` stays there on an error.
pub(super) fn parse(layout: &CsvLayout, line: &Line, block: &[u8], scratch: &mut Vec<u8>) -> Result<Record, Reject> {
    let before = scratch.len();
    let mut record = match csv_plain::parse(layout, line, line.bytes(block), scratch) {
        Some(record) => record,
        None => {
            scratch.truncate(before);
            parse_cells(layout, line, block, scratch)?
        }
    };
    for constant in &layout.constants {
        let start = scratch.len();
        scratch.extend_from_slice(&constant.text);
        *record.text_mut(constant.field) = Text::appended_since(start, scratch);
        record.noted = record.noted.and(Noted::BLANK.when(constant.is_blank));
        if constant.field == Field::Value {
            record.value = constant.value;
        }
    }
    if layout.numbers_rows {
        let start = scratch.len();
        let row = clearpipe_model::record_number::number(line.number) + 1;
        scratch.extend_from_slice(format!("row-{row}").as_bytes());
        record.id = Text::appended_since(start, scratch);
    }
    Ok(record)
}

/// Reads the cells of any row.
fn parse_cells(layout: &CsvLayout, line: &Line, block: &[u8], scratch: &mut Vec<u8>) -> Result<Record, Reject> {
    let reject = |reason| Reject { reason, line: line.line, column: None };
    let bytes = line.bytes(block);
    let row = std::str::from_utf8(bytes).map_err(|error| reject(not_utf8(layout, bytes, error.valid_up_to())))?;

    let has_escapes = needs_escapes(row);

    // The unknown fields must be adjacent in the scratch buffer, so they are written immediately, while the cells of
    // the known fields are only noted.
    let mut cells: [Option<(usize, Cell<'_>)>; Field::ALL.len()] = [None; Field::ALL.len()];
    let extra_start = scratch.len();
    let mut count = 0;
    let mut noted = Noted::NOTHING;
    for (index, cell) in Cells::new(row, layout.delimiter).enumerate() {
        let cell = cell.map_err(|error| reject(broken_cell(layout, index, error)))?;
        count += 1;
        let Some(column) = layout.columns.get(index) else { continue };
        column.fields.iter().for_each(|field| cells[field.index()] = Some((index, cell)));
        let is_kept = column.is_kept(cell.text.as_bytes(), &mut noted);
        if let Some(prefix) = column.extra.as_ref().filter(|_| is_kept) {
            scratch.extend_from_slice(prefix);
            if has_escapes {
                cell.write_escaped(scratch);
            } else {
                scratch.extend_from_slice(cell.text.as_bytes());
            }
            scratch.push(b'"');
        }
    }
    if count != layout.columns.len() {
        return Err(reject(Reason::CellCount { found: count as u64, expected: layout.columns.len() as u64 }));
    }

    let mut record = Record::empty(line.number);
    record.noted = noted;
    record.extra = Text::appended_since(extra_start, scratch);
    for (field, cell) in Field::ALL.into_iter().zip(cells) {
        let Some((index, cell)) = cell else { continue };
        if field == Field::Value {
            let text = cell.text.trim_ascii();
            read_value(&mut record, text, line.start as usize + text_start(cell), scratch)
                .map_err(|error| reject(error.reason(layout.name_of(index), text)))?;
        } else if !cell.text.is_empty() {
            record.noted = record.noted.and(Noted::BLANK.when(cell.text.trim().is_empty()));
            *record.text_mut(field) = if has_escapes && needs_escapes(cell.text) {
                let start = scratch.len();
                cell.write_escaped(scratch);
                Text::appended_since(start, scratch)
            } else {
                Text::in_input(line.start as usize + cell.start, cell.text.len())
            };
        }
    }
    Ok(record)
}

/// Returns where the text of a cell begins in the row, after leading spaces.
fn text_start(cell: Cell<'_>) -> usize {
    cell.start + cell.text.len() - cell.text.trim_ascii_start().len()
}

/// Reads the value from the text of its cell, which begins at `start` in the block. An empty text leaves it absent.
fn read_value(record: &mut Record, text: &str, start: usize, scratch: &mut Vec<u8>) -> Result<(), NumberError> {
    if text.is_empty() {
        return Ok(());
    }
    // A cell with doubled quotes isn't a number; the reason shows it as it was written.
    let number = number::read(text)?;
    record.value = number.value;
    record.value_text = if number.is_json {
        Text::in_input(start, text.len())
    } else {
        let start = scratch.len();
        number.write(text, scratch);
        Text::appended_since(start, scratch)
    };
    Ok(())
}

/// Returns the reason for a row that can't be split into cells.
fn broken_cell(layout: &CsvLayout, index: usize, error: CellError) -> Reason {
    let field = layout.name_of(index);
    match error {
        CellError::TextBehindQuote => Reason::TextAfterQuote { field },
        CellError::NeverClosed => Reason::UnclosedQuote { field, limit: layout.max_line as u64 },
    }
}

/// Returns the reason for a row whose bytes from `valid` on are not UTF-8.
fn not_utf8(layout: &CsvLayout, row: &[u8], valid: usize) -> Reason {
    // The valid part can be split into cells: the last one is the cell at fault.
    let before = std::str::from_utf8(&row[..valid]).unwrap_or_default();
    let index = Cells::new(before, layout.delimiter).count() - 1;
    Reason::InvalidUtf8 { field: Some(layout.name_of(index)) }
}

#[cfg(test)]
mod tests {
    use super::super::{InputOptions, Parser};
    use super::*;
    use crate::jsonl::LineSuffix;
    use clearpipe_model::record::Buffers;

    /// Parses a row and returns the record's line in the failed file, or the reason why it can't be parsed.
    fn parse_bytes(header: &str, map: &[&str], row: &[u8]) -> Result<String, String> {
        let mut options = InputOptions::default();
        map.iter().for_each(|entry| options.map.add(entry.parse().unwrap()).unwrap());
        let layout = CsvLayout::new(header.as_bytes(), b',', &options, &[]).unwrap();
        let bound = layout.scratch_bound(1, row.len());
        // Text before and after the row makes wrong offsets visible.
        let block = [b"before", row, b"behind"].concat();
        let line = Line { number: 6, start: 6, length: row.len() as u32, line: 8, cut_from: None };
        let mut scratch = b"scratch".to_vec();
        let result = Parser::Csv(layout).parse(&line, &block, &mut scratch);
        assert!(scratch.len() - 7 <= bound);
        assert_eq!(&scratch[..7], b"scratch");
        let record = result.map_err(|malformed| {
            assert_eq!(scratch, b"scratch");
            malformed.to_string()
        })?;
        let mut out = Vec::new();
        write_failed(&mut out, &record, Buffers { input: &block, scratch: &scratch });
        let text = String::from_utf8(out).unwrap();
        serde_json::from_str::<serde_json::Value>(&text).unwrap();
        let text = text.replace("\"status\":\"invalid\",\"error\":\"-\"", "#");
        Ok(text.trim_end().to_owned())
    }

    fn write_failed(out: &mut Vec<u8>, record: &Record, buffers: Buffers<'_>) {
        let suffix = LineSuffix::failed(&Reason::InvalidJson { message: "-".into() });
        crate::jsonl::write_failed(out, record, buffers, &suffix, None);
    }

    fn parse(header: &str, map: &[&str], row: &str) -> Result<String, String> {
        parse_bytes(header, map, row.as_bytes())
    }

    #[test]
    fn a_whole_row() {
        assert_eq!(
            parse(
                "id,timestamp,sensor_id,value,unit,location,note,status,\"a\"\"b\"",
                &[],
                "r1,2024-01-01T00:00:00Z,\"s,1\",0012.50,\"5\"\" pipe\",\"two\nlines\",\\,processed,\"\""
            )
            .unwrap(),
            r#"{"id":"r1","timestamp":"2024-01-01T00:00:00Z","sensor_id":"s,1","value":12.50,"unit":"5\" pipe","location":"two\nlines",#,"note":"\\","input_status":"processed","a\"b":""}"#
        );
    }

    #[test]
    fn mapped_fields_and_the_number_of_the_row() {
        assert_eq!(
            parse("date,temp,x", &["timestamp=date", "value=temp", "unit='°C'", "location=date"], "today,5,y").unwrap(),
            r#"{"id":"row-7","timestamp":"today","value":5,"unit":"°C","location":"today",#,"x":"y"}"#
        );
        assert_eq!(parse("x", &["value='+5'"], "y").unwrap(), r##"{"id":"row-7","value":5,#,"x":"y"}"##);
    }

    #[test]
    fn a_traced_row_has_the_same_number() {
        let layout = CsvLayout::new(b"x", b',', &InputOptions::default(), &[]).unwrap();
        let line = Line { number: 1 << 63 | 6, start: 0, length: 1, line: 8, cut_from: None };
        let mut scratch = Vec::new();
        let record = super::parse(&layout, &line, b"y", &mut scratch).unwrap();
        assert_eq!(record.number, line.number);
        assert!(Buffers { input: b"y", scratch: &scratch }.is(record.id, "row-7"));
    }

    #[test]
    fn an_empty_cell_is_an_absent_field() {
        assert_eq!(parse("id,value,unit,x", &[], ",,\"\",").unwrap(), r##"{#,"x":""}"##);
        assert_eq!(parse("id,value,unit", &[], ", \t,  ").unwrap(), r##"{"unit":"  ",#}"##);
    }

    #[test]
    fn values_keep_their_digits() {
        for text in ["0.10000000000000000", "-0", "1e308", "1E+5", "12345678901234567890.123"] {
            assert_eq!(
                parse("id,value", &[], &format!("a,{text}")).unwrap(),
                format!(r##"{{"id":"a","value":{text},#}}"##)
            );
            assert_eq!(
                parse("id,value", &[], &format!("a,\" {text} \"")).unwrap(),
                format!(r##"{{"id":"a","value":{text},#}}"##)
            );
        }
        for (text, json) in [("+5", "5"), (".5", "0.5"), ("5.", "5"), ("007", "7")] {
            assert_eq!(
                parse("value,id", &[], &format!("{text},a")).unwrap(),
                format!(r##"{{"id":"a","value":{json},#}}"##)
            );
        }
    }

    #[test]
    fn a_value_that_is_no_number() {
        let error = |row| parse("id,temp_max", &["value=temp_max"], row).unwrap_err();
        assert_eq!(error("a,n/a"), "line 8: column `temp_max`: \"n/a\" is not a number");
        assert_eq!(error("a,NaN"), "line 8: column `temp_max`: \"NaN\" is not a number");
        assert_eq!(error("a,1e309"), "line 8: column `temp_max`: 1e309 is too large for a 64-bit float");
    }

    #[test]
    fn a_row_of_another_length() {
        let error = |row| parse("a,b,c", &[], row).unwrap_err();
        assert_eq!(error("1,2"), "line 8: the row has 2 fields, the header 3");
        assert_eq!(error("1"), "line 8: the row has 1 field, the header 3");
        assert_eq!(error("1,2,3,"), "line 8: the row has 4 fields, the header 3");
    }

    #[test]
    fn a_row_with_wrong_quotes() {
        let error = |row| parse("a,b", &[], row).unwrap_err();
        assert_eq!(error("1,\"2\"x"), "line 8: column `b`: text after the closing quote");
        assert_eq!(
            error("1,\"2"),
            "line 8: column `b`: no closing quote within 1,048,576 bytes, or only after lines that look like rows"
        );
        assert_eq!(error("1,2,\"3\"x"), "line 8: cell 3: text after the closing quote");
    }

    #[test]
    fn a_row_that_is_not_utf8() {
        let error = |row| parse_bytes("a,b", &[], row).unwrap_err();
        assert_eq!(error(b"1,\"x\xff\""), "line 8: column `b`: invalid UTF-8");
        assert_eq!(error(b"\xc3"), "line 8: column `a`: invalid UTF-8");
        assert_eq!(error(b"1,2,\xff"), "line 8: cell 3: invalid UTF-8");
    }

    #[test]
    fn columns_with_the_same_name_are_both_kept() {
        assert_eq!(parse("id,x,x", &[], "a,1,2").unwrap(), r##"{"id":"a",#,"x":"1","x_2":"2"}"##);
    }

    #[test]
    fn what_is_named_like_the_pipelines_fields_is_kept() {
        let row = |row| parse("id,status,error", &[], row).unwrap();
        assert_eq!(row("a,reviewed,none"), r##"{"id":"a",#,"input_status":"reviewed","input_error":"none"}"##);
        assert_eq!(row("a,raw,\"x\ny\""), r##"{"id":"a",#,"input_error":"x\ny"}"##);
        assert_eq!(row("a,,"), r##"{"id":"a",#}"##);
    }
}
