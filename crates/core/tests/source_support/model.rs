//! The rules of the file sources, as simply as possible.

use super::Seen;
use super::csv_model::{RowEnd, Table, row_end};
use super::json_model::{self, ModelRecord, members};
use clearpipe_core::source::{Format, InputOptions};

/// A record that there must be.
#[derive(Debug)]
pub struct Expected {
    /// The line it begins on.
    line: u64,
    /// Its bytes, as far as they are kept.
    bytes: Vec<u8>,
    cut_from: Option<u64>,
    /// The record, if it is one.
    record: Option<ModelRecord>,
    is_json: bool,
}

/// What reading an input must give; an error if its header doesn't fit.
pub fn read(input: &[u8], options: &InputOptions) -> Result<Vec<Expected>, ()> {
    let input = input.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(input);
    // Lines without anything but space say nothing about the format, and are no header in any.
    let skipped: &[u8] = if options.format == Format::Auto { blank_lines(input) } else { &[] };
    let input = &input[skipped.len()..];
    let first_line = skipped.split(|byte| *byte == b'\n').count() as u64;
    let Some(delimiter) = delimiter(input, options) else {
        let mut records = cut(input, first_line, None, options.max_line);
        for record in records.iter_mut().filter(|record| record.cut_from.is_none()) {
            record.record = json_model::record(&record.bytes);
        }
        return Ok(records);
    };
    let mut records = cut(input, first_line, Some(delimiter), options.max_line);
    if records.is_empty() || records[0].cut_from.is_some() {
        return Err(());
    }
    let table = Table::new(&records.remove(0).bytes, delimiter, options).ok_or(())?;
    for (number, record) in records.iter_mut().enumerate().filter(|(_, record)| record.cut_from.is_none()) {
        record.record = table.record(&record.bytes, number as u64);
    }
    Ok(records)
}

/// What separates the cells; `None` for JSON Lines.
fn delimiter(input: &[u8], options: &InputOptions) -> Option<u8> {
    let is_for_table = !options.map.is_empty() || options.delimiter.is_some();
    let format = match options.format {
        Format::Auto => match recognise(input) {
            Format::Jsonl if is_for_table => Format::Csv,
            format => format,
        },
        format => format,
    };
    match format {
        Format::Csv => Some(options.delimiter.map_or(b',', |delimiter| delimiter as u8)),
        Format::Tsv => Some(b'\t'),
        _ => None,
    }
}

/// The lines at the beginning that have nothing in them.
fn blank_lines(input: &[u8]) -> &[u8] {
    let is_blank = |line: &&[u8]| line.len() <= 4096 && line.ends_with(b"\n") && line.trim_ascii().is_empty();
    let lines = input.split_inclusive(|byte| *byte == b'\n');
    let length = lines.take_while(is_blank).take_while(|line| !line.contains(&b'\x0C')).map(<[u8]>::len).sum();
    &input[..length]
}

/// The format of an input that begins with no such lines.
fn recognise(input: &[u8]) -> Format {
    let line = input.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = &line[..line.len().min(4096)];
    match line.iter().find(|byte| !b" \t\r".contains(byte)) {
        None | Some(b'{' | b'[') => Format::Jsonl,
        _ if line.split(|byte| *byte == b'\t').count() > line.split(|byte| *byte == b',').count() => Format::Tsv,
        _ => Format::Csv,
    }
}

/// Cuts an input into records (of which nothing more is known yet).
fn cut(input: &[u8], first_line: u64, delimiter: Option<u8>, max_line: usize) -> Vec<Expected> {
    let mut records = Vec::new();
    let mut rest = input;
    let mut line = first_line;
    while !rest.is_empty() {
        let one_line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let window = &rest[..rest.len().min(max_line + 2)];
        let row = match delimiter.map(|delimiter| row_end(window, delimiter)) {
            Some(RowEnd::At(end)) => &rest[..end],
            Some(RowEnd::Open { in_quotes: false }) if window.len() == rest.len() => rest,
            _ => one_line,
        };
        let text = row.strip_suffix(b"\r").unwrap_or(row);
        let row = if text.len() <= max_line { row } else { one_line };
        let text = row.strip_suffix(b"\r").unwrap_or(row);
        let is_blank = text.iter().all(|byte| b" \t\r".contains(byte) && Some(*byte) != delimiter);
        if !is_blank || text.len() > max_line {
            records.push(Expected {
                line,
                bytes: text[..text.len().min(max_line)].to_vec(),
                cut_from: (text.len() > max_line).then_some(text.len() as u64),
                record: None,
                is_json: delimiter.is_none(),
            });
        }
        line += 1 + row.iter().filter(|byte| **byte == b'\n').count() as u64;
        rest = rest.get(row.len() + 1..).unwrap_or_default();
    }
    records
}

/// Compares what there was with what there must be.
pub fn compare(seen: &Seen, expected: &Expected) {
    assert_eq!(String::from_utf8_lossy(&seen.bytes), String::from_utf8_lossy(&expected.bytes));
    assert_eq!(seen.bytes, expected.bytes);
    assert_eq!((seen.line.line, seen.line.cut_from), (expected.line, expected.cut_from));
    match (&seen.result, &expected.record) {
        (Ok([processed, failed]), Some(record)) => {
            let outcome = "\"status\":\"processed\",\"processed_at\":\"now\",\"anomaly_score\":0.5,\"is_anomaly\":true";
            compare_lines(processed, &record.line(outcome), expected.is_json);
            compare_lines(failed, &record.line("\"status\":\"invalid\",\"error\":\"-\""), expected.is_json);
        }
        (Err((malformed, line)), None) => {
            assert_eq!(malformed.line, expected.line);
            assert!(!malformed.reason.is_empty());
            assert!(malformed.column.is_none_or(|column| (1..=expected.bytes.len() + 1).contains(&column)));
            assert_eq!(malformed.column.is_some(), expected.is_json && expected.cut_from.is_none());
            let members = members(line).expect("valid JSON");
            let text = |at: usize| serde_json::from_str::<String>(members[at].1).expect("a string");
            assert_eq!(members[0], ("\"line\"", expected.line.to_string().as_str()));
            assert_eq!((text(1), text(2)), ("invalid".to_owned(), malformed.to_string()));
            assert_eq!(text(3), String::from_utf8_lossy(&expected.bytes));
        }
        (seen, expected) => panic!("seen {seen:?}, expected {expected:?}"),
    }
}

/// Compares a line that was written with one that is expected: byte for byte for JSON Lines, else by its content.
fn compare_lines(seen: &str, expected: &str, is_json: bool) {
    let parts = |line| -> Vec<(String, String)> {
        let text = |part: &str| serde_json::from_str(part).unwrap_or_else(|_| part.to_owned());
        members(line).expect("valid JSON").into_iter().map(|(key, value)| (text(key), text(value))).collect()
    };
    assert_eq!(parts(seen), parts(expected));
    if is_json {
        assert_eq!(seen, expected);
    }
}
