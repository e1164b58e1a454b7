//! The rules of the file sources, as simple as possible.

use super::Seen;
use super::csv_model::{Ends, RowEnd, Table, has_swallowed_rows, row_end};
use super::framed_model::{self, Layout};
use super::json_model::{self, ModelRecord, members};
use clearpipe_codec::{Format, InputOptions};

/// An expected record.
#[derive(Debug)]
pub struct Expected {
    /// The line it begins on.
    line: u64,
    /// Its bytes, as far as they are kept.
    bytes: Vec<u8>,
    cut_from: Option<u64>,
    /// The record, if it can be parsed.
    record: Option<ModelRecord>,
    is_json: bool,
    /// Whether it may span lines, and begin anywhere on one.
    is_framed: bool,
}

impl Expected {
    /// Creates a record of JSON that isn't JSON Lines.
    pub fn framed(bytes: &[u8], line: u64, max_line: usize) -> Expected {
        let cut_from = (bytes.len() > max_line).then_some(bytes.len() as u64);
        let record = if cut_from.is_none() { json_model::record(bytes) } else { None };
        let bytes = bytes[..bytes.len().min(max_line)].to_vec();
        Expected { line, bytes, cut_from, record, is_json: true, is_framed: true }
    }
}

/// The byte order mark.
pub const MARK: &[u8] = b"\xEF\xBB\xBF";

/// Returns the expected result of reading an input; an error if its header doesn't fit, or if it can't hold records.
/// `None` if this model doesn't cover it.
pub fn read(input: &[u8], options: &InputOptions) -> Option<Result<Vec<Expected>, ()>> {
    if is_unknown(input) {
        return None;
    }
    let input = without_marks(input);
    if is_no_text(input, options.max_line) {
        return Some(Err(()));
    }
    Some(read_text(input, options).and_then(|records| if are_encoded(&records) { Err(()) } else { Ok(records) }))
}

fn without_marks(input: &[u8]) -> &[u8] {
    let mut input = input;
    while let Some(rest) = input.strip_prefix(MARK) {
        input = rest;
    }
    input
}

/// Returns whether an input begins like UTF-16, or like one of many other kinds of files.
fn is_unknown(input: &[u8]) -> bool {
    let zeros: Vec<bool> = input.iter().take(4).map(|byte| *byte == 0).collect();
    let input = without_marks(input);
    let start = input.trim_ascii_start();
    [&[false, true, false, true], &[true, false, true, false]].iter().any(|pattern| zeros == pattern[..])
        || start.starts_with(b"<")
        || start.starts_with(b"{\\")
        || input.first().is_some_and(|byte| !byte.is_ascii() || byte.is_ascii_control() && *byte != 0x1E && *byte > 0)
            && !input[0].is_ascii_whitespace()
}

/// Returns whether there is a zero in the first line of an input that doesn't begin like JSON.
fn is_no_text(input: &[u8], max_line: usize) -> bool {
    let window = &input[..input.len().min(4096).min(max_line + 2)];
    let start = window.trim_ascii_start();
    let first_line = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let is_json = start.starts_with(b"[") || start.starts_with(b"{") && start.len() > 1;
    !is_json && first_line.contains(&0)
}

/// Returns whether the records at the beginning are in an encoding that isn't UTF-8.
fn are_encoded(records: &[Expected]) -> bool {
    let (mut bytes, mut wrong) = (0, 0);
    for record in records.iter().filter(|record| record.cut_from.is_none()) {
        bytes += record.bytes.len();
        if bytes >= 1 << 20 {
            return false;
        }
        match std::str::from_utf8(&record.bytes) {
            Ok(text) if text.is_ascii() => {}
            Ok(_) => return false,
            Err(_) => wrong += 1,
        }
        if wrong == 20 {
            return true;
        }
    }
    false
}

/// Returns how many blank lines there are at the beginning, and what follows. A line may also consist of a byte order
/// mark.
fn beginning(input: &[u8], ends: Ends) -> (u64, &[u8]) {
    let (blank, rest) = blank_lines(input, ends);
    let rest = without_marks(rest);
    if rest.len() == input.len() {
        return (blank, rest);
    }
    let (more, rest) = beginning(rest, ends);
    (blank + more, rest)
}

fn read_text(input: &[u8], options: &InputOptions) -> Result<Vec<Expected>, ()> {
    let ends = ends(input, options.max_line);
    // Lines with only whitespace don't determine the format, and aren't a header in any.
    let (blank, input) = if options.format == Format::Auto { beginning(input, ends) } else { (0, input) };
    let cutter = Cutter { ends, max_line: options.max_line };
    let Some(delimiter) = delimiter(input, ends, options) else {
        match framed_model::layout(input, ends, options.max_line) {
            Layout::Lines => {}
            Layout::Refused => return Err(()),
            Layout::Framed => return framed_model::records(input, blank + 1, ends, options.max_line),
        }
        let mut records = cutter.cut(input, blank + 1, None, &mut |_| None);
        for record in records.iter_mut().filter(|record| record.cut_from.is_none()) {
            record.record = json_model::record(&record.bytes);
        }
        return Ok(records);
    };
    let mut table = None;
    let mut records = cutter.cut(input, blank + 1, Some(delimiter), &mut |header| {
        table = header.cut_from.is_none().then(|| Table::new(&header.bytes, delimiter, options)).flatten();
        table.as_ref().and_then(Table::shape)
    });
    if records.is_empty() {
        return Ok(records);
    }
    let table = table.ok_or(())?;
    records.remove(0);
    for (number, record) in records.iter_mut().enumerate().filter(|(_, record)| record.cut_from.is_none()) {
        record.record = table.record(&record.bytes, number as u64);
    }
    Ok(records)
}

/// Returns the line endings: including a carriage return, if the input begins with such lines.
fn ends(input: &[u8], max_line: usize) -> Ends {
    let beginning = &input[..input.len().min(max_line + 2)];
    let (mut in_quotes, mut has_return) = (false, false);
    for (at, byte) in beginning.iter().enumerate() {
        match byte {
            b'"' => in_quotes = !in_quotes,
            b'\n' if !(in_quotes && has_return) => return Ends::LineFeed,
            b'\r' if !in_quotes => has_return |= beginning.get(at + 1).is_some_and(|next| *next != b'\n'),
            _ => {}
        }
    }
    if has_return { Ends::Any } else { Ends::LineFeed }
}

/// Returns the delimiter of the cells; `None` for JSON Lines.
fn delimiter(input: &[u8], ends: Ends, options: &InputOptions) -> Option<u8> {
    let is_for_table = !options.map.is_empty() || options.delimiter.is_some();
    let format = match options.format {
        Format::Auto => match recognise(input, ends) {
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

/// Returns how many blank lines there are at the beginning, and the rest.
fn blank_lines(mut input: &[u8], ends: Ends) -> (u64, &[u8]) {
    let mut count = 0;
    loop {
        let end = input.iter().position(|byte| ends.is_end(*byte)).unwrap_or(usize::MAX);
        let (line, rest) = ends.first_line(input);
        if end >= 4096 || !line.iter().all(|byte| b" \t\r".contains(byte)) {
            return (count, input);
        }
        input = rest;
        count += 1;
    }
}

/// Detects the format of an input that doesn't begin with blank lines.
fn recognise(input: &[u8], ends: Ends) -> Format {
    let end = input.iter().position(|byte| ends.is_end(*byte)).unwrap_or(input.len());
    let line = &input[..end.min(4096)];
    match line.iter().find(|byte| !b" \t\r".contains(byte)) {
        None | Some(b'{' | 0x1E) => Format::Jsonl,
        Some(b'[') if framed_model::is_array(line.trim_ascii_start()) => Format::Jsonl,
        _ if line.split(|byte| *byte == b'\t').count() > line.split(|byte| *byte == b',').count() => Format::Tsv,
        _ => Format::Csv,
    }
}

struct Cutter {
    ends: Ends,
    max_line: usize,
}

impl Cutter {
    /// Cuts an input into records that aren't parsed yet. What `shape` returns for the first one applies to the
    /// following rows.
    fn cut(
        &self,
        input: &[u8],
        first_line: u64,
        delimiter: Option<u8>,
        shape: &mut dyn FnMut(&Expected) -> Option<(usize, usize)>,
    ) -> Vec<Expected> {
        let mut records = Vec::new();
        let mut rest = input;
        let mut line = first_line;
        let mut known_shape = None;
        loop {
            rest = without_marks(rest);
            if rest.is_empty() {
                break;
            }
            let (text, behind) = self.record(rest, delimiter, known_shape);
            let is_blank = text.iter().all(|byte| b" \t\r".contains(byte) && Some(*byte) != delimiter);
            if !is_blank || text.len() > self.max_line {
                records.push(Expected {
                    line,
                    bytes: text[..text.len().min(self.max_line)].to_vec(),
                    cut_from: (text.len() > self.max_line).then_some(text.len() as u64),
                    record: None,
                    is_json: delimiter.is_none(),
                    is_framed: false,
                });
                if records.len() == 1 {
                    known_shape = shape(&records[0]);
                }
            }
            let mut text = text;
            line += 1;
            while text.iter().any(|byte| self.ends.is_end(*byte)) {
                line += 1;
                text = self.ends.first_line(text).1;
            }
            rest = behind;
        }
        records
    }

    /// Returns the text of the first record, and the rest.
    fn record<'a>(&self, rest: &'a [u8], delimiter: Option<u8>, shape: Option<(usize, usize)>) -> (&'a [u8], &'a [u8]) {
        let one_line = self.ends.first_line(rest);
        let window = &rest[..rest.len().min(self.max_line + 2)];
        let Some(delimiter) = delimiter else { return one_line };
        let end = match row_end(window, delimiter, self.ends) {
            RowEnd::At(end) => end,
            RowEnd::Open { in_quotes: false } if window.len() == rest.len() => rest.len(),
            _ => return one_line,
        };
        // It ends where its last line ends.
        let last_line = rest[..end].iter().rposition(|byte| self.ends.is_end(*byte)).map_or(0, |at| at + 1);
        let (text, behind) = self.ends.first_line(&rest[last_line..]);
        let row = &rest[..last_line + text.len()];
        let has_swallowed =
            shape.is_some_and(|(columns, value)| has_swallowed_rows(row, delimiter, self.ends, columns, value));
        if row.len() > self.max_line || has_swallowed { one_line } else { (row, behind) }
    }
}

/// Compares the actual records with the expected ones.
pub fn compare(seen: &Seen, expected: &Expected) {
    assert_eq!(String::from_utf8_lossy(&seen.bytes), String::from_utf8_lossy(&expected.bytes));
    assert_eq!(seen.bytes, expected.bytes);
    assert_eq!((seen.line.line, seen.line.cut_from), (expected.line, expected.cut_from));
    match (&seen.result, &expected.record) {
        (Ok([processed, failed]), Some(record)) => {
            let outcome = "\"status\":\"processed\",\"processed_at\":\"now\",\"anomaly_score\":0.5,\"is_anomaly\":true";
            compare_lines(processed, &record.line(outcome), expected.is_json);
            let outcome =
                format!("\"{}\":{},\"status\":\"invalid\",\"error\":\"-\"", record.line_name(), expected.line);
            compare_lines(failed, &record.line(&outcome), expected.is_json);
        }
        (Err((malformed, line)), None) => {
            let lines = expected.bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
            assert!((expected.line..=expected.line + lines).contains(&malformed.line));
            assert!(!malformed.reason.to_string().is_empty());
            let is_within = |column| expected.is_framed || column <= expected.bytes.len() + 1;
            assert!(malformed.column.is_none_or(|column| column > 0 && is_within(column)));
            assert_eq!(malformed.column.is_some(), expected.is_json && expected.cut_from.is_none());
            let members = members(line).expect("valid JSON");
            let text = |at: usize| serde_json::from_str::<String>(members[at].1).expect("a string");
            assert_eq!(members[0].0, "\"line\"");
            if !expected.is_framed {
                assert_eq!(members[0].1, expected.line.to_string());
            }
            assert_eq!((text(1), text(2)), ("invalid".to_owned(), malformed.to_string()));
            assert_eq!(text(3), String::from_utf8_lossy(&expected.bytes));
        }
        (seen, expected) => panic!("seen {seen:?}, expected {expected:?}"),
    }
}

/// Compares an actual line with an expected one: byte for byte for JSON Lines, otherwise by its content.
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
