//! The lines of the two output files.
//!
//! Both files are [JSON Lines](https://jsonlines.org): UTF-8, one object per line, each followed by `\n`. The keys come
//! in this order; fields that the record does not have are left out.
//!
//! `processed_data.jsonl`:
//!
//! | key | type | |
//! |---|---|---|
//! | `id`, `timestamp`, `sensor_id` | string | as they came |
//! | `value` | number | as it was written in the input, digit for digit |
//! | `unit`, `location` | string | as they came |
//! | `status` | string | `processed` |
//! | `processed_at` | string | RFC 3339, UTC, microseconds: when it was transformed |
//! | `anomaly_score` | number | the shortest decimal that reads back as the same 64-bit float |
//! | `is_anomaly` | bool | |
//! | … | any | the unknown fields, in their original order, as they came |
//!
//! `failed_data.jsonl`, for a record that a rule rejected: the same fields up to `location`, then
//!
//! | key | type | |
//! |---|---|---|
//! | `file` | string | with several inputs: the name of the one it is in |
//! | `line` | number | the line number in the input that it begins on, from 1; generated records have none |
//! | `status` | string | `invalid` or `transformation_error` |
//! | `error` | string | the reason |
//! | … | any | the unknown fields |
//!
//! `failed_data.jsonl`, for a line that can't be parsed:
//!
//! | key | type | |
//! |---|---|---|
//! | `file` | string | with several inputs: the name of the one it is in |
//! | `line` | number | its line number in the input, from 1 |
//! | `status` | string | `invalid` |
//! | `error` | string | what is wrong with it, and in which column |
//! | `raw` | string | its text; bytes that are not UTF-8 are replaced by U+FFFD, and text beyond the line limit is cut |
//!
//! With `input.source_field`, each line of both files also has a field of that name with the name of its input, after
//! the unknown fields, instead of `file`.
//!
//! `status`, `error`, `processed_at`, `anomaly_score` and `is_anomaly` are written by the pipeline. Where the input has
//! fields of these names, they are kept among the unknown ones under another name, such as `input_status`. Two kinds
//! are left out instead: those of a record that the pipeline wrote before, and those without information (`null`, and
//! the status `raw`).
//!
//! The `line` and `file` of a failed record that the pipeline wrote before are left out as well. Where the input has
//! its own fields of these names, they are kept unchanged, and the pipeline writes `input_line` and `input_file`.
//!
//! No two fields of a line have the same name: the second of two unknown fields gets the first of `name_2`, `name_3`, …
//! that the input does not have.

use crate::json_member::{members, name_of};
use crate::names::Names;
use clearpipe_model::input_label::InputLabel;
use clearpipe_model::json_text::{write_escaped, write_number};
use clearpipe_model::record::{Buffers, Line, Record, Text};
use clearpipe_model::reject::{Reason, Reject};
use clearpipe_model::time::Timestamp;
use memchr::memmem;
use std::borrow::Cow;
use std::sync::LazyLock;

/// The names of the fields that the pipeline writes itself.
pub const OUTCOME_FIELDS: [&str; 5] = ["status", "error", "processed_at", "anomaly_score", "is_anomaly"];

/// The names of the fields that give the position of a failed record. (If the record has a field of that name, the
/// pipeline's own is `input_line` or `input_file`.)
pub const POSITION_FIELDS: [&str; 2] = ["file", "line"];

/// The position of a record in an input.
#[derive(Clone, Copy, Debug)]
pub struct Position<'a> {
    /// The label of the input.
    pub label: &'a InputLabel,
    /// The number of the line that it begins on, from 1.
    pub line: u64,
}

/// The text after the fields of a record in both files. It is built once for all records that share it and copied for
/// each. It begins with the comma after the fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineSuffix(Vec<u8>);

impl LineSuffix {
    /// Creates the suffix of records that were processed at this time, up to their score.
    pub fn processed(at: &[u8]) -> LineSuffix {
        LineSuffix([BEFORE_TIME, at, BEHIND_TIME].concat())
    }

    /// Creates the suffix of records that failed for this reason.
    pub fn failed(reason: &Reason) -> LineSuffix {
        let mut text = format!(",\"status\":\"{}\",\"error\":\"", reason.status().as_str()).into_bytes();
        write_escaped(&mut text, &reason.to_string());
        text.push(b'"');
        LineSuffix(text)
    }
}

/// The reason why records fail, with the end of their lines, which is built once.
#[derive(Clone, Debug)]
pub struct FailedSuffix {
    reason: Reason,
    suffix: LineSuffix,
}

impl FailedSuffix {
    /// Creates the suffix of records that fail for this reason.
    pub fn new(reason: Reason) -> FailedSuffix {
        FailedSuffix { suffix: LineSuffix::failed(&reason), reason }
    }

    /// Returns the reason.
    pub fn reason(&self) -> &Reason {
        &self.reason
    }

    /// Returns the end of their lines.
    pub fn suffix(&self) -> &LineSuffix {
        &self.suffix
    }
}

/// The end of the lines of processed records, up to their score, updated from one time of day to the next.
#[derive(Clone, Debug)]
pub struct ProcessedSuffix {
    suffix: LineSuffix,
    time: Timestamp,
}

impl ProcessedSuffix {
    /// Creates the suffix of records that were processed at this time.
    pub fn new(time: Timestamp) -> ProcessedSuffix {
        ProcessedSuffix { suffix: LineSuffix::processed(time.to_string().as_bytes()), time }
    }

    /// Returns the suffix of records that were processed at another time.
    pub fn at(&mut self, time: Timestamp) -> &LineSuffix {
        if time != self.time {
            let bytes = &mut self.suffix.0;
            let text = BEFORE_TIME.len()..bytes.len() - BEHIND_TIME.len();
            if time.overwrite(&mut bytes[text], self.time) {
                self.time = time;
            } else {
                *self = ProcessedSuffix::new(time);
            }
        }
        &self.suffix
    }
}

/// The text around the time of day in the suffix of processed records.
const BEFORE_TIME: &[u8] = b",\"status\":\"processed\",\"processed_at\":\"";
const BEHIND_TIME: &[u8] = b"\",\"anomaly_score\":";

/// The bytes as they are in a line.
impl AsRef<[u8]> for LineSuffix {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// The longest text of a 64-bit float.
const MAX_NUMBER_LENGTH: usize = 24;

/// Writes the line of a processed record.
pub fn write_processed(
    out: &mut Vec<u8>,
    record: &Record,
    buffers: Buffers<'_>,
    suffix: &LineSuffix,
    score: f64,
    is_anomaly: bool,
) {
    write_fields(out, record, buffers, &suffix.0);
    write_number(out, score);
    out.extend_from_slice(if is_anomaly { b",\"is_anomaly\":true" } else { b",\"is_anomaly\":false" });
    write_end(out, record, buffers);
}

/// Writes the line of a record that failed. `position` is where it was, if it was read from an input.
pub fn write_failed(
    out: &mut Vec<u8>,
    record: &Record,
    buffers: Buffers<'_>,
    suffix: &LineSuffix,
    position: Option<Position<'_>>,
) {
    match position {
        None => write_fields(out, record, buffers, &suffix.0),
        Some(position) => {
            write_fields(out, record, buffers, b",");
            position.write(out, buffers.bytes(record.extra));
            out.extend_from_slice(&suffix.0);
        }
    }
    write_end(out, record, buffers);
}

impl Position<'_> {
    /// Writes `"file":"name","line":5` for a record with these unknown fields.
    fn write(self, out: &mut Vec<u8>, extra: &[u8]) {
        if let (Some(name), []) = (self.label.name(), self.label.member()) {
            write_name(out, POSITION_FIELDS[0], extra);
            out.push(b'"');
            write_escaped(out, name);
            out.extend_from_slice(b"\",");
        }
        write_name(out, POSITION_FIELDS[1], extra);
        out.extend_from_slice(itoa::Buffer::new().format(self.line).as_bytes());
    }
}

/// Writes the name of a field that the pipeline adds: `"line":`. If the record has that name among its unknown fields,
/// writes another one.
fn write_name(out: &mut Vec<u8>, name: &'static str, extra: &[u8]) {
    out.push(b'"');
    if extra.is_empty() {
        out.extend_from_slice(name.as_bytes());
    } else {
        out.extend_from_slice(free_name(name, extra).as_bytes());
    }
    out.extend_from_slice(b"\":");
}

/// Returns the name of a field that the pipeline adds, or another one if a record with these unknown fields already has
/// it.
fn free_name(name: &'static str, extra: &[u8]) -> Cow<'static, str> {
    const QUOTED: [&str; 2] = ["\"file\"", "\"line\""];
    /// Building a finder takes longer than searching with one.
    static FINDERS: LazyLock<[memmem::Finder<'static>; 2]> = LazyLock::new(|| QUOTED.map(memmem::Finder::new));
    let has_name =
        FINDERS.iter().any(|finder| finder.needle()[1..].starts_with(name.as_bytes()) && finder.find(extra).is_some());
    // With escapes, the name may be written differently.
    if !has_name && memchr::memchr(b'\\', extra).is_none() {
        return Cow::Borrowed(name);
    }
    let object = format!("{{{}}}", String::from_utf8_lossy(extra.strip_prefix(b",").unwrap_or_default()));
    let fields: Vec<_> = members(&object).into_iter().map(|(key, _)| name_of(key)).collect();
    let mut names = Names::new(fields.iter().map(|field| &**field));
    Cow::Owned(if names.take(name) { name.to_owned() } else { names.take_like(&format!("input_{name}")) })
}

/// Writes the line of a processed record whose fields are in two pieces, before and after its value.
#[inline(always)]
pub fn write_pieces_processed(
    out: &mut Vec<u8>,
    [head, tail]: [&[u8]; 2],
    value: f64,
    suffix: &LineSuffix,
    score: f64,
    is_anomaly: bool,
) {
    write_pieces(out, head, value, tail, suffix);
    write_number(out, score);
    out.extend_from_slice(if is_anomaly { b",\"is_anomaly\":true}\n" } else { b",\"is_anomaly\":false}\n" });
}

/// Writes the line of a failed record whose fields are in two pieces, before and after its value.
#[inline]
pub fn write_pieces_failed(out: &mut Vec<u8>, [head, tail]: [&[u8]; 2], value: f64, suffix: &LineSuffix) {
    write_pieces(out, head, value, tail, suffix);
    out.extend_from_slice(b"}\n");
}

/// Writes the fields and the suffix of such a record. Inlined, since all generated records are written by it.
#[inline(always)]
fn write_pieces(out: &mut Vec<u8>, head: &[u8], value: f64, tail: &[u8], suffix: &LineSuffix) {
    out.reserve(head.len() + tail.len() + suffix.0.len() + 3 * MAX_NUMBER_LENGTH);
    out.extend_from_slice(head);
    write_number(out, value);
    out.extend_from_slice(tail);
    out.extend_from_slice(&suffix.0);
}

/// Writes the line of an input line that could not be parsed. `block` is the block that the line was cut from, `label`
/// identifies its input.
pub fn write_malformed(out: &mut Vec<u8>, line: &Line, block: &[u8], reject: &Reject, label: &InputLabel) {
    out.push(b'{');
    Position { label, line: line.line }.write(out, b"");
    out.extend_from_slice(b",\"status\":\"invalid\",\"error\":\"");
    if let Some(name) = label.name() {
        write_escaped(out, name);
        out.extend_from_slice(b", ");
    }
    write_escaped(out, &reject.to_string());
    out.extend_from_slice(b"\",\"raw\":\"");
    write_escaped(out, &String::from_utf8_lossy(line.bytes(block)));
    out.push(b'"');
    out.extend_from_slice(label.member());
    out.extend_from_slice(b"}\n");
}

/// Writes the fields that both files have, and the suffix.
fn write_fields(out: &mut Vec<u8>, record: &Record, buffers: Buffers<'_>, suffix: &[u8]) {
    if record.head.is_absent() {
        write_each_field(out, record, buffers);
        // The last field, or the brace if there is none, already includes the comma that comes next.
        return out.extend_from_slice(&suffix[1..]);
    }
    let (head, tail) = (buffers.bytes(record.head), buffers.bytes(record.tail));
    if record.tail.is_absent() {
        write_whole(out, head, None, tail, suffix);
    } else if record.value_text.is_absent() {
        write_whole(out, head, Some(Value::Number(record.value)), tail, suffix);
    } else {
        write_whole(out, head, Some(Value::Text(buffers.bytes(record.value_text))), tail, suffix);
    }
}

/// The value of a record.
enum Value<'a> {
    Number(f64),
    /// As written in the input.
    Text(&'a [u8]),
}

/// Writes the fields that both files have in few pieces: the text before the value, the value, and the text after it;
/// then the suffix.
#[inline]
fn write_whole(out: &mut Vec<u8>, head: &[u8], value: Option<Value<'_>>, tail: &[u8], suffix: &[u8]) {
    out.reserve(head.len() + tail.len() + suffix.len() + 3 * MAX_NUMBER_LENGTH);
    out.extend_from_slice(head);
    match value {
        Some(Value::Number(number)) => write_number(out, number),
        Some(Value::Text(text)) => out.extend_from_slice(text),
        None => {}
    }
    out.extend_from_slice(tail);
    out.extend_from_slice(suffix);
}

/// Writes the fields one by one, each followed by a comma.
fn write_each_field(out: &mut Vec<u8>, record: &Record, buffers: Buffers<'_>) {
    out.push(b'{');
    write_text_field(out, b"\"id\":\"", record.id, buffers);
    write_text_field(out, b"\"timestamp\":\"", record.timestamp, buffers);
    write_text_field(out, b"\"sensor_id\":\"", record.sensor_id, buffers);
    if !record.value.is_nan() {
        out.extend_from_slice(b"\"value\":");
        if record.value_text.is_absent() {
            write_number(out, record.value);
        } else {
            out.extend_from_slice(buffers.bytes(record.value_text));
        }
        out.push(b',');
    }
    write_text_field(out, b"\"unit\":\"", record.unit, buffers);
    write_text_field(out, b"\"location\":\"", record.location, buffers);
}

/// Writes the unknown fields, and the end of the line.
fn write_end(out: &mut Vec<u8>, record: &Record, buffers: Buffers<'_>) {
    if !record.extra.is_absent() {
        out.extend_from_slice(buffers.bytes(record.extra));
    }
    out.extend_from_slice(b"}\n");
}

/// Writes `"name":"text",`; `name` includes its quotes, the colon and the opening quote. Inlined, so that the length of
/// `name` is known where it is copied.
#[inline(always)]
fn write_text_field(out: &mut Vec<u8>, name: &[u8], text: Text, buffers: Buffers<'_>) {
    if !text.is_absent() {
        out.extend_from_slice(name);
        out.extend_from_slice(buffers.bytes(text));
        out.extend_from_slice(b"\",");
    }
}
