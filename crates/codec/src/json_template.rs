//! The quick way through JSON Lines: most lines look like one before.
//!
//! A [`Shape`] is what stood around the values of a line that [`json_lines`](super::json_lines) read: braces, keys,
//! commas, colons and spaces. Where another line has the same around its values, comparing that and finding the ends of
//! the values is all that reading takes. A few shapes are known at a time, since the lines of a file may come from
//! several places. Whatever has none of them – another order, half of a character, a number out of range, a line that is
//! no JSON – is left to the complete reader, which alone decides what is an error. What the quick way does read, the
//! complete one reads the same; the tests hold them together.

use super::literal::Literal;
use super::outcome_fields::Test;
use super::{json_value, number};
use clearpipe_model::field::Field;
use clearpipe_model::record::{Line, Noted, Record, Text};
use std::ops::Range;

/// What lines look like around their values: the shapes that are known.
#[derive(Debug)]
pub struct LineTemplates {
    known: Vec<Shape>,
    /// Which of them the last line had that had any.
    last: usize,
    /// Which of them is forgotten for the next new one, when there is no room.
    oldest: usize,
    /// How many are tried: fewer where that is in vain, since one that fits in part only has been read in part in vain.
    reach: usize,
    /// How many lines in a row had none of those that were tried.
    misses: u32,
    /// Learning costs much more than a line that is read anew. So many lines that had a known shape have not been used up
    /// for it.
    credit: u32,
    #[cfg(test)]
    learnt: usize,
    #[cfg(test)]
    tried: usize,
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
    /// What is worth knowing of such lines.
    noted: Noted,
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
    /// Nothing, if this holds of it: it is named like a field that the pipeline writes itself.
    Left(Test),
    /// It is kept; this stands before it in the files: `,"name":`.
    Kept(Vec<u8>),
    /// The same, if this holds of it.
    Renamed(Vec<u8>, Test),
}

impl Kind {
    /// What the value of a known field is for.
    pub fn of_field(field: Field) -> Kind {
        if field == Field::Value { Kind::Value } else { Kind::Text(field) }
    }

    /// What a value is for that is at this place of the fields that the pipeline writes itself, and says nothing.
    pub fn silent(place: usize) -> Kind {
        Kind::Left(Test::nothing(place))
    }
}

impl Default for LineTemplates {
    fn default() -> Self {
        LineTemplates {
            known: Vec::new(),
            last: 0,
            oldest: 0,
            reach: Self::MOST,
            misses: 0,
            credit: Self::MOST_CREDIT,
            #[cfg(test)]
            learnt: 0,
            #[cfg(test)]
            tried: 0,
        }
    }
}

impl LineTemplates {
    /// So many are known at most: each is tried on a line that has none of them.
    const MOST: usize = 8;

    /// What learning one costs.
    const PRICE: u32 = 8;

    /// Enough for all of them, at the beginning and when a file changes.
    const MOST_CREDIT: u32 = Self::MOST as u32 * Self::PRICE;

    /// Reads a line if it has a known shape that is tried. Otherwise `scratch` is left as it was.
    pub(super) fn read(&mut self, line: &Line, block: &[u8], scratch: &mut Vec<u8>) -> Option<Record> {
        let (bytes, before) = (line.bytes(block), scratch.len());
        let (shapes, before_all) = (self.known.len(), self.last);
        // Many lines of the same come one behind the other, or those of several in turn.
        for _ in 0..shapes.min(self.reach) {
            #[cfg(test)]
            (self.tried += 1);
            if let Some(record) = self.known[self.last].record(line, bytes, scratch) {
                self.misses = 0;
                self.credit = Self::MOST_CREDIT.min(self.credit + 1);
                self.reach = Self::MOST.min(self.reach + 1);
                return Some(record);
            }
            scratch.truncate(before);
            self.last = if self.last + 1 < shapes { self.last + 1 } else { 0 };
        }
        self.last = before_all;
        self.misses = self.misses.saturating_add(1);
        self.reach = self.reach.div_ceil(2);
        None
    }

    /// Whether it is worth to learn the shape of a line that had none of them, which then is paid for, whatever comes of
    /// it. Without credit less and less often, the more of them come in a row.
    pub(super) fn want_to_learn(&mut self) -> bool {
        let learns = self.credit >= Self::PRICE || (self.misses > 1 && self.misses.is_power_of_two());
        if learns {
            self.credit = self.credit.saturating_sub(Self::PRICE);
            #[cfg(test)]
            (self.learnt += 1);
        }
        learns
    }

    /// Knows another one from now on.
    pub(super) fn learn(&mut self, shape: Shape) {
        if let Some(known) = self.known.iter().position(|known| *known == shape) {
            // It was not tried, or it was a value that the line was left for.
            self.last = known;
            self.reach = Self::MOST;
        } else if self.known.len() < Self::MOST {
            self.last = self.known.len();
            self.known.push(shape);
        } else {
            // Not the one that is in use.
            let forgotten = if self.oldest == self.last { (self.oldest + 1) % Self::MOST } else { self.oldest };
            self.known[forgotten] = shape;
            self.oldest = (forgotten + 1) % Self::MOST;
        }
    }
}

impl Shape {
    fn record(&self, line: &Line, bytes: &[u8], scratch: &mut Vec<u8>) -> Option<Record> {
        let start = line.start as usize;
        let mut texts = [Text::ABSENT; Field::ALL.len()];
        let (mut value, mut noted) = (f64::NAN, self.noted);
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
                    let is_blank;
                    (length, is_blank) = json_value::text(text)?;
                    if is_blank {
                        noted = noted.and(Noted::BLANK);
                    }
                    texts[field.index()] = Text::in_input(start + at + 1, length - 2);
                }
                Kind::Value => {
                    (value, length) = number::plain(text)?;
                    texts[Field::Value.index()] = Text::in_input(start + at, length);
                }
                Kind::Left(test) => {
                    length = json_value::value(text)?;
                    if !test.holds(&text[..length]) {
                        return None;
                    }
                }
                Kind::Renamed(name, test) => {
                    length = json_value::value(text)?;
                    if !test.holds(&text[..length]) {
                        return None;
                    }
                    let from = extra.map_or(scratch.len(), |extra| extra.start);
                    scratch.extend_from_slice(name);
                    scratch.extend_from_slice(&text[..length]);
                    extra = Some(from..scratch.len());
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
            noted,
        })
    }
}

/// A shape that is being learnt, while the complete reader finds the members of a line.
#[derive(Debug, Default)]
pub(super) struct TemplateBuilder {
    members: Vec<Member>,
    /// Where the last value ended.
    end: usize,
    /// What the shape takes in memory, about.
    bytes: usize,
}

impl TemplateBuilder {
    /// Larger shapes are not learnt: each worker has its own, of one line after the other.
    const MOST_BYTES: usize = 16 << 10;

    /// There is a member of this kind, with its value from here to here in the line.
    pub fn member(&mut self, line: &str, value: Range<usize>, kind: Kind) {
        let before = &line.as_bytes()[self.end..value.start];
        let name = if let Kind::Kept(name) | Kind::Renamed(name, _) = &kind { name.len() } else { 0 };
        self.bytes += size_of::<Member>() + before.len() + name;
        if self.is_small() {
            self.members.push(Member { before: Literal::new(before), kind });
        }
        self.end = value.end;
    }

    /// The line had no more members, and this was worth knowing of it. Nothing if that was too much to be kept in mind.
    pub fn finish(self, line: &str, noted: Noted) -> Option<Shape> {
        let end = &line.as_bytes()[self.end..];
        (self.is_small() && end.len() <= Self::MOST_BYTES).then(|| Shape {
            head: head(&self.members),
            extra_in_line: extra_is_in_line(&self.members),
            end: end.to_vec(),
            members: self.members,
            noted,
        })
    }

    fn is_small(&self) -> bool {
        self.bytes <= Self::MOST_BYTES
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
    let is_kept = |member: &Member| matches!(member.kind, Kind::Kept(_) | Kind::Renamed(..));
    let first = members.iter().position(is_kept).unwrap_or(members.len());
    let kept = members[first..].iter().take_while(|member| is_kept(member));
    let stands_so = |member: &Member| matches!(&member.kind, Kind::Kept(name) if name == member.before.bytes());
    kept.clone().all(stands_so) && members.iter().filter(|member| is_kept(member)).count() == kept.count()
}

#[cfg(test)]
mod tests {
    use super::super::{Parser, Renaming};
    use super::*;

    /// Reads lines as a Validator does; of each, whether it was read the quick way.
    fn read(shapes: &mut LineTemplates, lines: impl IntoIterator<Item = String>) -> Vec<bool> {
        let quickly = |text: String| {
            let line = Line { number: 0, start: 0, length: text.len() as u32, line: 1, cut_from: None };
            let _ = Parser::JsonLines(Renaming::default()).parse_like(shapes, &line, text.as_bytes(), &mut Vec::new());
            shapes.misses == 0
        };
        lines.into_iter().map(quickly).collect()
    }

    /// A line of a shape that no other number has.
    fn unique(number: usize) -> String {
        format!(r#"{{"x{number}":1}}"#)
    }

    fn ordinary(number: usize) -> String {
        format!(r#"{{"id":"a{number}"}}"#)
    }

    #[test]
    fn lines_of_several_shapes_in_turn() {
        let line = |at: usize| match at % 4 {
            0 => format!(r#"{{"id":"a{at}","value":{at}}}"#),
            1 => format!(
                r#"{{"value": {at}, "id": "\u00e9\n\"\ud83d\ude00", "tags": ["x", {{"y": {at}}}], "note": "ö\t"}}"#
            ),
            2 => format!(r#"{{"x":{at},"id":null,"value":-0.5e{at}}}"#),
            _ => r#"{"value":null,"id":"","x":[]}"#.to_owned(),
        };
        let read = read(&mut LineTemplates::default(), (0..40).map(line));
        assert!(!read[..4].contains(&true));
        // The first that comes again shows that it is worth to try them all.
        assert!(!read[5..].contains(&false), "{read:?}");
    }

    #[test]
    fn what_never_comes_again_is_seldom_learnt() {
        let mut shapes = LineTemplates::default();
        assert!(!read(&mut shapes, (0..1000).map(unique)).contains(&true));
        // With its credit, and then behind 2, 4, 8 … lines.
        assert!(shapes.learnt < LineTemplates::MOST + 10, "{}", shapes.learnt);
        // What comes then is, when as many more have come.
        let known = read(&mut shapes, (0..2000).map(ordinary)).iter().position(|quickly| *quickly);
        assert!(known.is_some_and(|known| known < 1100), "{known:?}");
    }

    #[test]
    fn learning_is_paid_for_by_lines_that_were_read_quickly() {
        for ordinary_ones in [1, 2, 7] {
            let every = ordinary_ones + 1;
            let mut shapes = LineTemplates::default();
            let lines = (0..8000).map(|at| if at % every == 0 { unique(at) } else { ordinary(at) });
            let quickly = read(&mut shapes, lines).into_iter().filter(|quickly| *quickly).count();
            let most = quickly / LineTemplates::PRICE as usize + LineTemplates::MOST + 10;
            assert!(shapes.learnt <= most, "{} of {quickly}", shapes.learnt);
            // Those that are like others are read quickly, but for a few after they had been forgotten.
            assert!(quickly > 8000 * ordinary_ones / every * 9 / 10, "{quickly}");
        }
    }

    #[test]
    fn as_many_shapes_as_are_known_may_come_in_turn() {
        let line = |at: usize| format!(r#"{{"x{}":1}}"#, at % LineTemplates::MOST);
        let read = read(&mut LineTemplates::default(), (0..200).map(line));
        assert!(!read[100..].contains(&false), "{read:?}");
    }

    #[test]
    fn few_are_tried_where_that_is_in_vain() {
        // Each of five members is there or not.
        let line = |at: usize| {
            let random = (at as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
            let members: String =
                (0..5).filter(|bit| random >> bit & 1 == 1).map(|x| format!(r#","x{x}":1"#)).collect();
            format!(r#"{{"id":"a"{members}}}"#)
        };
        let mut shapes = LineTemplates::default();
        read(&mut shapes, (0..8000).map(line));
        assert!(shapes.tried < 3 * 8000, "{}", shapes.tried);
    }

    #[test]
    fn lines_that_are_wrong_cost_no_more_than_others() {
        let mut shapes = LineTemplates::default();
        read(&mut shapes, (0..1000).map(|_| r#"{"value":"12.5"}"#.to_owned()));
        assert!(shapes.learnt < LineTemplates::MOST + 10, "{}", shapes.learnt);
        assert!(shapes.known.is_empty());
    }

    #[test]
    fn a_value_that_is_left_to_the_reader_makes_no_shape() {
        let deep = |at: usize| if at.is_multiple_of(2) { "[".repeat(99) + &"]".repeat(99) } else { "1".to_owned() };
        let mut shapes = LineTemplates::default();
        read(&mut shapes, (0..40).map(|at| format!(r#"{{"x":{}}}"#, deep(at))));
        assert_eq!(shapes.known.len(), 1);
    }

    #[test]
    fn large_shapes_are_not_kept() {
        let with_members = |count: usize| format!("{{{}}}", vec![r#""x":1"#; count].join(","));
        for (line, is_kept) in
            [(with_members(100), true), (with_members(300), false), (" ".repeat(20_000) + "{}", false)]
        {
            let mut shapes = LineTemplates::default();
            read(&mut shapes, [line]);
            assert_eq!(shapes.known.len(), usize::from(is_kept));
        }
    }
}
