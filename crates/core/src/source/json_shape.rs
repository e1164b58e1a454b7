//! The quick way through JSON Lines: most lines look like one before.
//!
//! A [`Shape`] is what stood around the values of a line that [`json_lines`](super::json_lines) read: braces, keys,
//! commas, colons and spaces. Where another line has the same around its values, comparing that and finding the ends of
//! the values is all that reading takes. A few shapes are known at a time, since the lines of a file may come from
//! several places. Whatever has none of them – another order, half of a character, a number out of range, a line that is
//! no JSON – is left to the complete reader, which alone decides what is an error. What the quick way does read, the
//! complete one reads the same; the tests hold them together.

use super::literal::Literal;
use super::{Field, json_value, number};
use crate::jsonl::says_something;
use crate::record::{Line, Record, Text};
use std::ops::Range;

/// What lines look like around their values: the shapes that are known.
#[derive(Debug)]
pub struct Shapes {
    known: Vec<Shape>,
    /// Which of them the last line had.
    last: usize,
    /// Which of them is forgotten for the next new one, when there is no room.
    oldest: usize,
    /// How many lines in a row had none of them.
    misses: u32,
    /// Learning costs much more than a line that is read anew. So many lines that had a known shape have not been used up
    /// for it.
    credit: u32,
}

const NULL: &[u8] = b"null";

/// What a line looks like around its values.
#[derive(Debug, PartialEq)]
pub(super) struct Shape {
    members: Vec<Member>,
    /// What stands behind the last value.
    end: Vec<u8>,
    /// So many members in front are all known fields there are, and stand as the files have them.
    head: usize,
    /// Whether the unknown fields stand together, as the files have them.
    extra_in_line: bool,
}

/// A member of the object.
#[derive(Debug, PartialEq)]
struct Member {
    /// What stands between the value before and this one.
    before: Literal,
    kind: Kind,
}

/// What a value is for.
#[derive(Debug, PartialEq)]
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

impl Default for Shapes {
    fn default() -> Self {
        Shapes { known: Vec::new(), last: 0, oldest: 0, misses: 0, credit: Self::MOST_CREDIT }
    }
}

impl Shapes {
    /// So many are known at most: each is tried on a line that has none of them.
    const MOST: usize = 8;

    /// What learning one costs.
    const PRICE: u32 = 8;

    /// Enough for all of them, at the beginning and when a file changes.
    const MOST_CREDIT: u32 = Self::MOST as u32 * Self::PRICE;

    /// Reads a line if it has a known shape. Otherwise `scratch` is left as it was.
    pub(super) fn read(&mut self, line: &Line, block: &[u8], scratch: &mut Vec<u8>) -> Option<Record> {
        let (bytes, before) = (line.bytes(block), scratch.len());
        let shapes = self.known.len();
        // Many lines of the same come one behind the other, or those of several in turn.
        for _ in 0..shapes {
            if let Some(record) = self.known[self.last].record(line, bytes, scratch) {
                self.misses = 0;
                self.credit = Self::MOST_CREDIT.min(self.credit + 1);
                return Some(record);
            }
            scratch.truncate(before);
            self.last = if self.last + 1 < shapes { self.last + 1 } else { 0 };
        }
        self.misses = self.misses.saturating_add(1);
        None
    }

    /// Whether it is worth to learn the shape of a line that had none of them: less and less often, if it doesn't help.
    pub(super) fn want_to_learn(&self) -> bool {
        self.credit >= Self::PRICE || self.misses.is_power_of_two()
    }

    /// Knows another one from now on.
    pub(super) fn learn(&mut self, shape: Shape) {
        self.credit = self.credit.saturating_sub(Self::PRICE);
        if let Some(known) = self.known.iter().position(|known| *known == shape) {
            // It was a value that the line was left for.
            self.last = known;
        } else if self.known.len() < Self::MOST {
            self.last = self.known.len();
            self.known.push(shape);
        } else {
            self.last = self.oldest;
            self.known[self.oldest] = shape;
            self.oldest = (self.oldest + 1) % Self::MOST;
        }
    }
}

impl Shape {
    fn record(&self, line: &Line, bytes: &[u8], scratch: &mut Vec<u8>) -> Option<Record> {
        let start = line.start as usize;
        let mut texts = [Text::ABSENT; Field::ALL.len()];
        let (mut value, mut had_outcome) = (f64::NAN, false);
        let mut head = Text::ABSENT;
        let mut has_null = false;
        let mut extra: Option<Range<usize>> = None;
        let mut rest = bytes;
        for (index, Member { before, kind }) in self.members.iter().enumerate() {
            let text = before.strip_from(rest)?;
            let at = bytes.len() - text.len();
            let length;
            match kind {
                // As if the field were not there.
                Kind::Text(_) | Kind::Value if text.starts_with(NULL) => {
                    length = NULL.len();
                    has_null = true;
                }
                Kind::Text(field) => {
                    length = json_value::string(text)?;
                    texts[field.index()] = Text::in_input(start + at + 1, length - 2);
                }
                Kind::Value => {
                    (value, length) = number::plain(text)?;
                    texts[Field::Value.index()] = Text::in_input(start + at, length);
                }
                Kind::Dropped => {
                    length = json_value::value(text)?;
                    had_outcome |= says_something(&text[..length]);
                }
                Kind::Kept(name) => {
                    length = json_value::value(text)?;
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
            if index + 1 == self.head && !has_null {
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
    pub fn finish(self, line: &str) -> Shape {
        Shape {
            head: head(&self.members),
            extra_in_line: extra_is_in_line(&self.members),
            end: line.as_bytes()[self.end..].to_vec(),
            members: self.members,
        }
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

#[cfg(test)]
mod tests {
    use super::super::Parser;
    use super::*;

    /// Reads lines, and says of each whether it was read the quick way, or else whether its shape was learnt.
    fn read(shapes: &mut Shapes, lines: &[String]) -> Vec<Result<(), bool>> {
        let quickly = |text: &String| {
            let line = Line { number: 0, start: 0, length: text.len() as u32, line: 1, cut_from: None };
            if shapes.read(&line, text.as_bytes(), &mut Vec::new()).is_some() {
                return Ok(());
            }
            let learns = shapes.want_to_learn();
            Parser::JsonLines.parse_like(shapes, &line, text.as_bytes(), &mut Vec::new()).unwrap();
            Err(learns)
        };
        lines.iter().map(quickly).collect()
    }

    #[test]
    fn lines_of_several_shapes_in_turn() {
        let line = |at: usize| match at % 4 {
            0 => format!(r#"{{"id":"a{at}","value":{at}}}"#),
            1 => format!(r#"{{"value": {at}, "id": "\u00e9\n\"", "tags": ["x", {{"y": {at}}}], "note": "ö\t"}}"#),
            2 => format!(r#"{{"x":{at},"id":null,"value":-0.5e{at}}}"#),
            _ => r#"{"value":null,"id":"","x":[]}"#.to_owned(),
        };
        let lines: Vec<String> = (0..40).map(line).collect();
        let read = read(&mut Shapes::default(), &lines);
        assert!(read[..4].iter().all(Result::is_err));
        assert!(read[4..].iter().all(Result::is_ok), "{read:?}");
    }

    #[test]
    fn what_never_comes_again_is_seldom_learnt() {
        let line = |at: usize| format!(r#"{{"x{at}":1}}"#);
        let mut shapes = Shapes::default();
        let others = read(&mut shapes, &(0..1000).map(line).collect::<Vec<_>>());
        let learnt = others.iter().filter(|result| **result == Err(true)).count();
        assert!((Shapes::MOST..2 * Shapes::MOST).contains(&learnt), "{learnt}");
        // And what comes then is, soon.
        let same = vec![r#"{"id":"a"}"#.to_owned(); 2000];
        let known = read(&mut shapes, &same).iter().position(Result::is_ok);
        assert!(known.is_some_and(|known| known < 1100), "{known:?}");
    }

    #[test]
    fn a_value_that_is_left_to_the_reader_makes_no_shape() {
        let mut shapes = Shapes::default();
        let line = |at: usize| format!(r#"{{"id":"{}"}}"#, if at.is_multiple_of(2) { r"\ud83d\ude00" } else { "a" });
        read(&mut shapes, &(0..40).map(line).collect::<Vec<_>>());
        assert_eq!(shapes.known.len(), 1);
    }
}
