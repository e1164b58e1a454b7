//! The record, and what becomes of it.
//!
//! A record is small and `Copy`: its numbers are in it, its texts are [`Text`]s, places in one of two buffers that
//! belong to the batch it travels in. So a record costs no allocation of its own, and text that came from a file is
//! written out again as it was, byte for byte.
//!
//! | stage reached | type | what is known of it |
//! |---|---|---|
//! | produced, from a file | [`Line`] | where its text is; nobody has looked inside |
//! | produced by the generator | `Row`, in the core | its value, and what the rest follows from |
//! | parsed, or put together | [`Record`] | its fields |
//! | finished | [`Outcome`] | the line that one of the two files gets |

use crate::field::Field;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::sync::atomic::{AtomicU8, Ordering};

/// A text of a record: a place in the batch's input or scratch buffer.
///
/// The bytes there are the *inside of a JSON string*: UTF-8, already escaped, without the quotes.
///
/// It is one number, so that copying, comparing and moving one takes a single instruction: from the lowest bit, 32 bits
/// for where it begins, 31 for its length, and one that says in which of the buffers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text(u64);

impl Text {
    const IN_SCRATCH: u64 = 1 << 63;

    /// Both the place and the length are below.
    const LIMIT: usize = 1 << 31;

    /// No text: the record has no such field (or it is `null`).
    pub const ABSENT: Text = Text(u32::MAX as u64);

    /// The text at `start`, `length` bytes long, of the input buffer. Both must be under 2 GiB.
    pub fn in_input(start: usize, length: usize) -> Text {
        debug_assert!(start + length < Self::LIMIT);
        Text(start as u64 | (length as u64) << 32)
    }

    /// The text at `start`, `length` bytes long, of the scratch buffer. Both must be under 2 GiB.
    pub fn in_scratch(start: usize, length: usize) -> Text {
        Text(Self::in_input(start, length).0 | Self::IN_SCRATCH)
    }

    /// What was appended to the scratch buffer since it was `start` bytes long; absent if nothing was.
    pub fn appended_since(start: usize, scratch: &[u8]) -> Text {
        if start == scratch.len() { Text::ABSENT } else { Text::in_scratch(start, scratch.len() - start) }
    }

    /// The text that stands so many bytes further back in the same buffer.
    pub fn moved(self, bytes: usize) -> Text {
        debug_assert!(!self.is_absent() && self.start() + bytes + self.len() < Self::LIMIT);
        Text(self.0 + bytes as u64)
    }

    /// Where it begins in its buffer.
    pub fn start(self) -> usize {
        self.0 as u32 as usize
    }

    /// Whether the record lacks this field.
    pub fn is_absent(self) -> bool {
        self.0 as u32 == u32::MAX
    }

    /// Its length in bytes.
    pub fn len(self) -> usize {
        ((self.0 & !Self::IN_SCRATCH) >> 32) as usize
    }

    /// Whether it is absent or the empty string.
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
    /// What the batch was made from: a block of the input file, or the generator's names. Shared and never changed.
    pub input: &'a [u8],
    /// What was made for this batch: ids, timestamps, escaped CSV fields.
    pub scratch: &'a [u8],
}

impl<'a> Buffers<'a> {
    /// The bytes of a text; empty if it is absent.
    pub fn bytes(self, text: Text) -> &'a [u8] {
        if text.is_absent() {
            return &[];
        }
        let buffer = if text.is_in_scratch() { self.scratch } else { self.input };
        &buffer[text.start()..text.start() + text.len()]
    }

    /// The text that the JSON string stands for: its escapes resolved.
    pub fn decoded(self, text: Text) -> Cow<'a, str> {
        crate::json_text::unescape(self.bytes(text))
    }

    /// Whether the text, its escapes resolved, is `other`.
    pub fn is(self, text: Text, other: &str) -> bool {
        let bytes = self.bytes(text);
        match memchr::memchr(b'\\', bytes) {
            None => bytes == other.as_bytes(),
            Some(_) => self.decoded(text) == other,
        }
    }
}

/// A record of the pipeline, as the specification lists its fields.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Record {
    /// Its place in the order of production, from 0.
    pub number: u64,
    /// The measured value; NaN where the record has none.
    pub value: f64,
    /// The value as it was written in the input, a valid JSON number; absent where it was generated.
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
    /// The fields that the pipeline does not know, in their order, each as `,"name":value`.
    pub extra: Text,
    /// Its fields as both files have them, where they stand so in a buffer: from the brace to the end of the last one
    /// or, if there is a `tail`, up to the value. Absent where they have to be put together.
    pub head: Text,
    /// What follows the value, to the end of the last field; absent where `head` is all.
    pub tail: Text,
    /// What is worth knowing of how it was read.
    pub noted: Noted,
}

/// What is worth knowing of how a record was read: several things at once, or nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Noted(u8);

impl Noted {
    /// Nothing is worth knowing.
    pub const NOTHING: Noted = Noted(0);
    /// It had fields that the pipeline wrote before; they were left out.
    pub const REPLACED: Noted = Noted(1);
    /// It had fields of the user's that are named like those; they were kept under another name.
    pub const KEPT: Noted = Noted(2);
    /// It had several members of one name; all but the first were kept under another name.
    pub const RENAMED: Noted = Noted(4);
    /// A text of its known fields is not empty, but has nothing but blanks.
    pub const BLANK: Noted = Noted(8);

    /// All of them.
    pub fn and(self, other: Noted) -> Noted {
        Noted(self.0 | other.0)
    }

    /// These if a condition holds, or else nothing.
    pub fn when(self, holds: bool) -> Noted {
        if holds { self } else { Noted::NOTHING }
    }

    /// Whether all of these are among them.
    pub fn has(self, other: Noted) -> bool {
        self.0 & other.0 == other.0
    }
}

/// What was noted of any of many records.
#[derive(Debug, Default)]
pub struct NotedOfAny(AtomicU8);

impl NotedOfAny {
    /// Adds what was noted of one.
    pub fn add(&self, noted: Noted) {
        self.0.fetch_or(noted.0, Ordering::Relaxed);
    }

    /// What was noted so far.
    pub fn get(&self) -> Noted {
        Noted(self.0.load(Ordering::Relaxed))
    }
}

impl Record {
    /// A record without any fields.
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

    /// The text of a field; that of the value is its digits.
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

    /// Whether it has all fields, and none is empty. Without a branch for each.
    #[inline]
    pub fn is_complete(&self) -> bool {
        let shortest = [self.timestamp, self.sensor_id, self.unit, self.location]
            .iter()
            .fold(self.id.len(), |shortest, text| shortest.min(text.len()));
        shortest > 0 && !self.value.is_nan()
    }
}

/// One record's text in a block of an input file, as the Producer cuts it out. For CSV it is a row, which may span lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its place in the order of production, from 0.
    pub number: u64,
    /// Where it begins in the block.
    pub start: u32,
    /// Its length in bytes, without the line's end.
    pub length: u32,
    /// The number of the line it begins on, from 1.
    pub line: u64,
    /// If it was longer than the limit: how long it really was, in bytes. The block then holds only its beginning.
    pub cut_from: Option<u64>,
}

impl Line {
    /// Its bytes in the block it was cut from.
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
    /// The word in the files.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Processed => "processed",
            Status::Invalid => "invalid",
            Status::TransformationError => "transformation_error",
        }
    }

    /// Whether the record goes to the failed file.
    pub fn is_failed(self) -> bool {
        self != Status::Processed
    }
}

/// A record at its end, and where its line is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// Its place in the order of production, from 0.
    pub number: u64,
    /// Where its line ends in the lines of its batch (behind the newline). It begins where the one before ends.
    pub line_end: u32,
    /// Whether the anomaly score is above the threshold; false for a failed record.
    pub is_anomaly: bool,
}
