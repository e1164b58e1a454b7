//! The quick way through JSON Lines: most lines look like the one before.
//!
//! A [`Shape`] is what stood around the values of a line that [`json_lines`](super::json_lines) read: braces, keys,
//! commas, colons and spaces. Where the next line has the same around its values, and its values are plain, a comparison
//! and a search for the closing quotes is all that reading takes. Whatever is not so – another order, an escape, a
//! nested value, a number out of range, a line that is no JSON – is left to the complete reader, which alone decides
//! what is an error. What the quick way does read, the complete one reads the same; the tests hold them together.

use super::json_lines::text_field;
use super::{Field, number};
use crate::jsonl::says_something;
use crate::record::{Line, Record, Text};

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
    before: Vec<u8>,
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
        if self.members.is_empty() || !is_plain(bytes) {
            return None;
        }
        let start = line.start as usize;
        let mut record = Record::empty(line.number);
        let mut extra: Option<(usize, usize)> = None;
        let mut rest = bytes;
        for (index, Member { before, kind }) in self.members.iter().enumerate() {
            let value = rest.strip_prefix(&before[..])?;
            let at = bytes.len() - value.len();
            let length;
            match kind {
                Kind::Text(field) => {
                    length = string(value)?;
                    *text_field(&mut record, *field) = Text::in_input(start + at + 1, length - 2);
                }
                Kind::Value => {
                    (record.value, length) = number::plain(value)?;
                    record.value_text = Text::in_input(start + at, length);
                }
                Kind::Dropped => {
                    length = scalar(value)?;
                    record.had_outcome |= says_something(std::str::from_utf8(&value[..length]).ok()?);
                }
                Kind::Kept(name) => {
                    length = scalar(value)?;
                    if self.extra_in_line {
                        let (from, _) = extra.unwrap_or((at - before.len(), 0));
                        extra = Some((from, at + length));
                    } else {
                        let from = extra.map_or(scratch.len(), |(from, _)| from);
                        scratch.extend_from_slice(name);
                        scratch.extend_from_slice(&value[..length]);
                        extra = Some((from, scratch.len()));
                    }
                }
            }
            rest = &value[length..];
            if index + 1 == self.head {
                record.head = Text::in_input(start, at + length);
            }
        }
        if let Some((from, to)) = extra {
            let place = if self.extra_in_line { Text::in_input } else { Text::in_scratch };
            let from_start = if self.extra_in_line { start } else { 0 };
            record.extra = place(from_start + from, to - from);
        }
        (rest == self.end).then_some(record)
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
    pub fn member(&mut self, line: &str, value: std::ops::Range<usize>, kind: Kind) {
        self.members.push(Member { before: line.as_bytes()[self.end..value.start].to_vec(), kind });
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
        member.before == format!("{separator}\"{}\":", field(member)).as_bytes()
    });
    let is_all = members.iter().filter(is_known).count() == head.len();
    if stands_so && is_all && head.is_sorted_by_key(field) { head.len() } else { 0 }
}

/// Whether the unknown fields stand in the line just as they are written to the files, one behind the other.
fn extra_is_in_line(members: &[Member]) -> bool {
    let is_kept = |member: &Member| matches!(member.kind, Kind::Kept(_));
    let first = members.iter().position(is_kept).unwrap_or(members.len());
    let kept = members[first..].iter().take_while(|member| is_kept(member));
    let stands_so = |member: &Member| matches!(&member.kind, Kind::Kept(name) if *name == member.before);
    kept.clone().all(stands_so) && members.iter().filter(|member| is_kept(member)).count() == kept.count()
}

/// Whether a line is UTF-8 and has neither escapes nor control characters. Looks at all bytes without stopping at the
/// first, so that the compiler takes many at once.
fn is_plain(line: &[u8]) -> bool {
    let (is_odd, all) =
        line.iter().fold((false, 0), |(odd, all), &byte| (odd | (byte < 0x20) | (byte == b'\\'), all | byte));
    !is_odd && (all < 0x80 || std::str::from_utf8(line).is_ok())
}

/// The length of the string that a plain text begins with, quotes included.
fn string(text: &[u8]) -> Option<usize> {
    let inside = text.strip_prefix(b"\"")?;
    Some(quote(inside)? + 2)
}

/// The length of the string, the number or the word that a plain text begins with.
fn scalar(text: &[u8]) -> Option<usize> {
    match text.first()? {
        b'"' => string(text),
        b'-' | b'0'..=b'9' => number::length(text),
        _ => ["true", "false", "null"].iter().find(|word| text.starts_with(word.as_bytes())).map(|word| word.len()),
    }
}

/// The place of the first quote. Strings of records are short: eight bytes at once find it sooner than a search that is
/// made for long texts.
fn quote(text: &[u8]) -> Option<usize> {
    const EACH: u64 = u64::MAX / 0xff;
    let (chunks, rest) = text.as_chunks::<8>();
    for (index, chunk) in chunks.iter().enumerate() {
        // A byte becomes zero where there is a quote; the lowest one has its highest bit set then.
        let other = u64::from_le_bytes(*chunk) ^ (EACH * b'"' as u64);
        let found = other.wrapping_sub(EACH) & !other & (EACH << 7);
        if found != 0 {
            return Some(index * 8 + found.trailing_zeros() as usize / 8);
        }
    }
    Some(chunks.len() * 8 + rest.iter().position(|&byte| byte == b'"')?)
}
