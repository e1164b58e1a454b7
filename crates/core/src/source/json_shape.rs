//! The quick way through JSON Lines: most lines look like the one before.
//!
//! A [`Shape`] is what stood around the values of a line that [`json_lines`](super::json_lines) read: braces, keys,
//! commas, colons and spaces. Where the next line has the same around its values, and its values are plain, a comparison
//! and a search for the closing quotes is all that reading takes. Whatever is not so – another order, an escape, a
//! nested value, a number out of range, a line that is no JSON – is left to the complete reader, which alone decides
//! what is an error. What the quick way does read, the complete one reads the same; the tests hold them together.

use super::literal::Literal;
use super::{Field, number, plain};
use crate::jsonl::says_something;
use crate::record::{Line, Record, Text};
use std::ops::Range;

/// What a line looks like around its values.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    members: Vec<Member>,
    /// What stands behind the last value.
    end: Vec<u8>,
    /// So many members in front are all known fields there are, and stand as the files have them.
    head: usize,
    /// Whether the unknown fields stand together, as the files have them.
    extra_in_line: bool,
    /// How many lines in a row looked different.
    misses: u32,
}

/// A member of the object.
#[derive(Clone, Debug)]
struct Member {
    /// What stands between the value before and this one.
    before: Literal,
    kind: Kind,
}

/// What a value is for.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// The value of the record.
    Value,
    /// A field that is a text.
    Text(Field),
    /// Nothing: the pipeline writes this field itself.
    Dropped,
    /// It is kept; this stands before it in the files: `,"name":`.
    Kept(Vec<u8>),
}

impl Shape {
    /// Reads a line if it has this shape. Otherwise `scratch` is left as it was.
    pub(super) fn read(&mut self, line: &Line, block: &[u8], scratch: &mut Vec<u8>) -> Option<Record> {
        let before = scratch.len();
        let record = self.record(line, line.bytes(block), scratch);
        match record {
            Some(_) => self.misses = 0,
            None => {
                scratch.truncate(before);
                self.misses = self.misses.saturating_add(1);
            }
        }
        record
    }

    /// Whether it is worth to learn the shape of a line that looked different: less and less often, if it doesn't help.
    pub(super) fn wants_to_learn(&self) -> bool {
        self.misses.is_power_of_two()
    }

    fn record(&self, line: &Line, bytes: &[u8], scratch: &mut Vec<u8>) -> Option<Record> {
        if self.members.is_empty() {
            return None;
        }
        let start = line.start as usize;
        let mut texts = [Text::ABSENT; Field::ALL.len()];
        let (mut value, mut had_outcome) = (f64::NAN, false);
        let mut head = Text::ABSENT;
        let mut extra: Option<Range<usize>> = None;
        let mut rest = bytes;
        for (index, Member { before, kind }) in self.members.iter().enumerate() {
            let text = before.strip_from(rest)?;
            let at = bytes.len() - text.len();
            let length;
            match kind {
                Kind::Text(field) => {
                    length = plain::string(text)?;
                    texts[field.index()] = Text::in_input(start + at + 1, length - 2);
                }
                Kind::Value => {
                    (value, length) = number::plain(text)?;
                    texts[Field::Value.index()] = Text::in_input(start + at, length);
                }
                Kind::Dropped => {
                    length = plain::scalar(text)?;
                    had_outcome |= says_something(&text[..length]);
                }
                Kind::Kept(name) => {
                    length = plain::scalar(text)?;
                    let from = extra.map(|extra| extra.start);
                    extra = Some(if self.extra_in_line {
                        from.unwrap_or(start + at - name.len())..start + at + length
                    } else {
                        let from = from.unwrap_or(scratch.len());
                        scratch.extend_from_slice(name);
                        scratch.extend_from_slice(&text[..length]);
                        from..scratch.len()
                    });
                }
            }
            rest = &text[length..];
            if index + 1 == self.head {
                head = Text::in_input(start, at + length);
            }
        }
        if rest != self.end {
            return None;
        }
        let place = if self.extra_in_line { Text::in_input } else { Text::in_scratch };
        let [id, timestamp, sensor_id, value_text, unit, location] = texts;
        Some(Record {
            number: line.number,
            value,
            value_text,
            id,
            timestamp,
            sensor_id,
            unit,
            location,
            extra: extra.map_or(Text::ABSENT, |Range { start, end }| place(start, end - start)),
            head,
            tail: Text::ABSENT,
            had_outcome,
        })
    }
}

/// A shape that is being learnt, while the complete reader finds the members of a line.
#[derive(Debug, Default)]
pub(super) struct Learner {
    members: Vec<Member>,
    /// Where the last value ended.
    end: usize,
}

impl Learner {
    /// There is a member of this kind, with its value from here to here in the line.
    pub fn member(&mut self, line: &str, value: Range<usize>, kind: Kind) {
        self.members.push(Member { before: Literal::new(&line.as_bytes()[self.end..value.start]), kind });
        self.end = value.end;
    }

    /// The line had no more members.
    pub fn finish(self, line: &str, shape: &mut Shape) {
        shape.head = head(&self.members);
        shape.extra_in_line = extra_is_in_line(&self.members);
        shape.end = line.as_bytes()[self.end..].to_vec();
        shape.members = self.members;
    }
}

/// How many members in front are written to the files just as they stand, if these are all known fields there are.
fn head(members: &[Member]) -> usize {
    let is_known = |member: &&Member| matches!(member.kind, Kind::Text(_) | Kind::Value);
    let field = |member: &Member| match member.kind {
        Kind::Text(field) => field,
        _ => Field::Value,
    };
    let head = &members[..members.iter().take_while(is_known).count()];
    let stands_so = head.iter().enumerate().all(|(index, member)| {
        let separator = if index == 0 { '{' } else { ',' };
        member.before.bytes() == format!("{separator}\"{}\":", field(member)).as_bytes()
    });
    let is_all = members.iter().filter(is_known).count() == head.len();
    if stands_so && is_all && head.is_sorted_by_key(field) { head.len() } else { 0 }
}

/// Whether the unknown fields stand in the line just as they are written to the files, one behind the other.
fn extra_is_in_line(members: &[Member]) -> bool {
    let is_kept = |member: &Member| matches!(member.kind, Kind::Kept(_));
    let first = members.iter().position(is_kept).unwrap_or(members.len());
    let kept = members[first..].iter().take_while(|member| is_kept(member));
    let stands_so = |member: &Member| matches!(&member.kind, Kind::Kept(name) if name == member.before.bytes());
    kept.clone().all(stands_so) && members.iter().filter(|member| is_kept(member)).count() == kept.count()
}
