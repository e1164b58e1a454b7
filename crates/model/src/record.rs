//! The record, and its form at each stage.
//!
//! A record is small and `Copy`: it contains its numbers, and its texts are [`Text`]s, places in one of two buffers
//! that belong to its batch. A record thus needs no allocation of its own, and text from a file is written out
//! unchanged, byte for byte.
//!
//! | stage reached | type | what it contains |
//! |---|---|---|
//! | produced, from a file | [`Line`] | where its text is; it isn't parsed yet |
//! | produced by the generator | `Row`, in the core | its value, and what the rest is derived from |
//! | parsed, or assembled | [`Record`] | its fields |
//! | finished | [`Outcome`] | its line in one of the two files |

use crate::field::Field;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::sync::atomic::{AtomicU8, Ordering};

/// A text of a record: a place in the batch's input or scratch buffer.
///
/// The bytes there are the *inside of a JSON string*: UTF-8, already escaped, without the quotes.
///
/// It is a single number, so that copying, comparing and moving it takes one instruction: from the lowest bit, 32 bits
/// for its start, 31 for its length, and one for the buffer it is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text(u64);

impl Text {
    const IN_SCRATCH: u64 = 1 << 63;

    /// Both the start and the length are below this.
    const LIMIT: usize = 1 << 31;

    /// The absent text: the record doesn't have this field (or it is `null`).
    pub const ABSENT: Text = Text(u32::MAX as u64);

    /// Returns the text at `start`, `length` bytes long, in the input buffer. Both must be under 2 GiB.
    pub fn in_input(start: usize, length: usize) -> Text {
        debug_assert!(start + length < Self::LIMIT);
        Text(start as u64 | (length as u64) << 32)
    }

    /// Returns the text at `start`, `length` bytes long, in the scratch buffer. Both must be under 2 GiB.
    pub fn in_scratch(start: usize, length: usize) -> Text {
        Text(Self::in_input(start, length).0 | Self::IN_SCRATCH)
    }

    /// Returns the text that was appended to the scratch buffer since it was `start` bytes long; absent if nothing was.
    pub fn appended_since(start: usize, scratch: &[u8]) -> Text {
        if start == scratch.len() { Text::ABSENT } else { Text::in_scratch(start, scratch.len() - start) }
    }

    /// Returns the text `bytes` bytes further on in the same buffer.
    pub fn moved(self, bytes: usize) -> Text {
        debug_assert!(!self.is_absent() && self.start() + bytes + self.len() < Self::LIMIT);
        Text(self.0 + bytes as u64)
    }

    /// Returns where it begins in its buffer.
    pub fn start(self) -> usize {
        self.0 as u32 as usize
    }

    /// Returns whether the record lacks this field.
    pub fn is_absent(self) -> bool {
        self.0 as u32 == u32::MAX
    }

    /// Returns its length in bytes.
    pub fn len(self) -> usize {
        ((self.0 & !Self::IN_SCRATCH) >> 32) as usize
    }

    /// Returns whether it is absent or the empty string.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    fn is_in_scratch(self) -> bool {
        self.0 & Self::IN_SCRATCH != 0
    }
}

/// The two buffers that the [`Text`]s of one batch point into.
#[derive(Clone, Copy, Debug)]
pub struct Buffers<'a> {
    /// The source of the batch: a block of the input file, or the generator's names. Shared and never changed.
    pub input: &'a [u8],
    /// The texts made for this batch: ids, timestamps, escaped CSV fields.
    pub scratch: &'a [u8],
}

impl<'a> Buffers<'a> {
    /// Returns the bytes of a text; empty if it is absent.
    pub fn bytes(self, text: Text) -> &'a [u8] {
        if text.is_absent() {
            return &[];
        }
        let buffer = if text.is_in_scratch() { self.scratch } else { self.input };
        &buffer[text.start()..text.start() + text.len()]
    }

    /// Returns the text that the JSON string stands for, with its escapes resolved.
    pub fn decoded(self, text: Text) -> Cow<'a, str> {
        crate::json_text::unescape(self.bytes(text))
    }

    /// Returns whether the text, with its escapes resolved, equals `other`.
    pub fn is(self, text: Text, other: &str) -> bool {
        let bytes = self.bytes(text);
        match memchr::memchr(b'\\', bytes) {
            None => bytes == other.as_bytes(),
            Some(_) => self.decoded(text) == other,
        }
    }
}

/// A record of the pipeline, with its fields as listed in the specification.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Record {
    /// Its place in the order of production, from 0.
    pub number: u64,
    /// The measured value; NaN if the record has none.
    pub value: f64,
    /// The value as written in the input, a valid JSON number; absent if it was generated.
    pub value_text: Text,
    /// Which record this is.
    pub id: Text,
    /// When it was measured, RFC 3339.
    pub timestamp: Text,
    /// Which sensor measured it.
    pub sensor_id: Text,
    /// The unit of the value.
    pub unit: Text,
    /// Where the sensor is.
    pub location: Text,
    /// The unknown fields in order, each as `,"name":value`.
    pub extra: Text,
    /// Its fields in the form of both files, if a buffer contains them in that form: from the brace to the end of the
    /// last one or, if there is a `tail`, up to the value. Absent if they have to be assembled.
    pub head: Text,
    /// What follows the value, to the end of the last field; absent if `head` is complete.
    pub tail: Text,
    /// What was noted while it was read.
    pub noted: Noted,
}

/// What was noted while a record was read: any number of things, or nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Noted(u8);

impl Noted {
    /// Nothing was noted.
    pub const NOTHING: Noted = Noted(0);
    /// It had fields that the pipeline wrote in an earlier run; they were left out.
    pub const REPLACED: Noted = Noted(1);
    /// It had the user's own fields with such names; they were kept under another name.
    pub const KEPT: Noted = Noted(2);
    /// It had several members with the same name; all but the first were kept under another name.
    pub const RENAMED: Noted = Noted(4);
    /// One of its known fields has a text that consists only of blanks.
    pub const BLANK: Noted = Noted(8);

    /// Returns the union of both.
    pub fn and(self, other: Noted) -> Noted {
        Noted(self.0 | other.0)
    }

    /// Returns these if a condition holds, otherwise nothing.
    pub fn when(self, holds: bool) -> Noted {
        if holds { self } else { Noted::NOTHING }
    }

    /// Returns whether all of the others are included.
    pub fn has(self, other: Noted) -> bool {
        self.0 & other.0 == other.0
    }
}

/// The union of what was noted for many records.
#[derive(Debug, Default)]
pub struct NotedOfAny(AtomicU8);

impl NotedOfAny {
    /// Adds what was noted for a record.
    pub fn add(&self, noted: Noted) {
        self.0.fetch_or(noted.0, Ordering::Relaxed);
    }

    /// Returns what was noted so far.
    pub fn get(&self) -> Noted {
        Noted(self.0.load(Ordering::Relaxed))
    }
}

impl Record {
    /// Creates a record without any fields.
    pub fn empty(number: u64) -> Record {
        Record {
            number,
            value: f64::NAN,
            value_text: Text::ABSENT,
            id: Text::ABSENT,
            timestamp: Text::ABSENT,
            sensor_id: Text::ABSENT,
            unit: Text::ABSENT,
            location: Text::ABSENT,
            extra: Text::ABSENT,
            head: Text::ABSENT,
            tail: Text::ABSENT,
            noted: Noted::NOTHING,
        }
    }

    /// Returns the text of a field; that of the value is its digits.
    pub fn text_mut(&mut self, field: Field) -> &mut Text {
        match field {
            Field::Id => &mut self.id,
            Field::Timestamp => &mut self.timestamp,
            Field::SensorId => &mut self.sensor_id,
            Field::Value => &mut self.value_text,
            Field::Unit => &mut self.unit,
            Field::Location => &mut self.location,
        }
    }

    /// Returns whether it has all fields and none is empty, without a branch for each.
    #[inline]
    pub fn is_complete(&self) -> bool {
        let shortest = [self.timestamp, self.sensor_id, self.unit, self.location]
            .iter()
            .fold(self.id.len(), |shortest, text| shortest.min(text.len()));
        shortest > 0 && !self.value.is_nan()
    }
}

/// The text of a record in a block of an input file, as cut by the Producer. For CSV it is a row, which may span lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its place in the order of production, from 0.
    pub number: u64,
    /// Where it begins in the block.
    pub start: u32,
    /// Its length in bytes, without the line ending.
    pub length: u32,
    /// The number of the line it begins on, from 1.
    pub line: u64,
    /// Its original length in bytes, if it exceeded the limit. The block then holds only its beginning.
    pub cut_from: Option<u64>,
}

impl Line {
    /// Returns its bytes in the block it was cut from.
    pub fn bytes<'a>(&self, block: &'a [u8]) -> &'a [u8] {
        &block[self.start as usize..][..self.length as usize]
    }
}

/// What a record is at the end, as the field `status` of the files has it. (`raw` is what it was before.)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Status {
    /// Went through all stages; in the processed file.
    #[default]
    Processed,
    /// Failed in a Validator; in the failed file.
    Invalid,
    /// Failed in a Transformer; in the failed file.
    TransformationError,
}

impl Status {
    /// All statuses.
    pub const ALL: [Status; 3] = [Status::Processed, Status::Invalid, Status::TransformationError];

    /// Returns the word in the files.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Processed => "processed",
            Status::Invalid => "invalid",
            Status::TransformationError => "transformation_error",
        }
    }

    /// Returns whether the record goes to the failed file.
    pub fn is_failed(self) -> bool {
        match self {
            Status::Processed => false,
            Status::Invalid | Status::TransformationError => true,
        }
    }
}

/// A settled record, and where its line is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// Its place in the order of production, from 0.
    pub number: u64,
    /// The end of its line in the lines of its batch (after the newline). It begins where the previous one ends.
    pub line_end: u32,
    /// Whether the anomaly score is above the threshold; false for a failed record.
    pub is_anomaly: bool,
}
