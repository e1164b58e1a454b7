//! The fast path for JSON Lines: most lines look like an earlier one.
//!
//! A [`LineTemplate`] is everything around the values of a line that [`json_lines`](super::json_lines) read: braces,
//! keys, commas, colons and spaces. If another line has the same text around its values, reading it only takes comparing
//! that text and finding the ends of the values. Several templates are kept, since the lines of a file may come from
//! several sources. A line that matches none of them – because of another order, an unpaired surrogate, a number out of range,
//! or invalid JSON – is left to the complete reader, which alone decides what is an error. For the lines that the fast
//! path reads, the complete reader returns the same; the tests compare the two.

use super::literal::Literal;
use super::outcome_fields::Test;
use super::{json_value, number};
use clearpipe_model::field::Field;
use clearpipe_model::record::{Line, Noted, Record, Text};
use std::ops::Range;

/// The known templates of lines.
#[derive(Debug)]
pub struct LineTemplates {
    known: Vec<LineTemplate>,
    /// The index of the template that matched last.
    last: usize,
    /// The index of the template that the next new one replaces when there is no room.
    oldest: usize,
    /// How many templates are tried. It is lowered when trying fails, since one that matches only partly wastes the
    /// time spent on that part.
    reach: usize,
    /// How many lines in a row matched none of the templates tried.
    misses: u32,
    /// Learning costs much more than reading a line without a template. This many lines that matched a known template
    /// haven't been spent on learning yet.
    credit: u32,
    #[cfg(test)]
    learnt: usize,
    #[cfg(test)]
    tried: usize,
}

const NULL: &[u8] = b"null";

/// The text of a line around its values.
#[derive(Debug, PartialEq)]
pub(super) struct LineTemplate {
    members: Vec<Member>,
    /// The text after the last value.
    end: Vec<u8>,
    /// The first this many members are all the known fields of the line, in the form in which the files have them.
    head: usize,
    /// Whether the unknown fields are adjacent, in the form in which the files have them.
    extra_in_line: bool,
    /// What there is to note about such lines.
    noted: Noted,
}

/// A member of the object.
#[derive(Debug, PartialEq)]
struct Member {
    /// The text between the previous value and this one.
    before: Literal,
    kind: Kind,
}

/// How a value is used.
#[derive(Debug, PartialEq)]
pub(super) enum Kind {
    /// The value of the record.
    Value,
    /// A text field.
    Text(Field),
    /// Dropped, if the test holds: it is named like a field that the pipeline writes itself.
    Dropped(Test),
    /// Kept, with this text before it in the files: `,"name":`.
    Extra(Vec<u8>),
    /// Kept in the same way, if the test holds.
    Renamed(Vec<u8>, Test),
}

impl Kind {
    /// Returns how the value of a known field is used.
    pub fn of_field(field: Field) -> Kind {
        if field == Field::Value { Kind::Value } else { Kind::Text(field) }
    }

    /// Returns how a value without information is used that belongs to the field at this place among those that the
    /// pipeline writes itself.
    pub fn silent(place: usize) -> Kind {
        Kind::Dropped(Test::nothing(place))
    }
}

impl Default for LineTemplates {
    fn default() -> Self {
        LineTemplates {
            known: Vec::new(),
            last: 0,
            oldest: 0,
            reach: Self::MAX_TEMPLATES,
            misses: 0,
            credit: Self::MAX_CREDIT,
            #[cfg(test)]
            learnt: 0,
            #[cfg(test)]
            tried: 0,
        }
    }
}

impl LineTemplates {
    /// The most templates that are kept: each is tried on a line that matches none of them.
    const MAX_TEMPLATES: usize = 8;

    /// The cost of learning a template.
    const PRICE: u32 = 8;

    /// Enough for all templates, at the beginning and when a file changes.
    const MAX_CREDIT: u32 = Self::MAX_TEMPLATES as u32 * Self::PRICE;

    /// Reads a line if it matches one of the templates that are tried. Otherwise leaves `scratch` unchanged.
    pub(super) fn read(&mut self, line: &Line, block: &[u8], scratch: &mut Vec<u8>) -> Option<Record> {
        let (bytes, before) = (line.bytes(block), scratch.len());
        let (templates, before_all) = (self.known.len(), self.last);
        // Usually many lines of the same template follow each other, or those of several alternate.
        for _ in 0..templates.min(self.reach) {
            #[cfg(test)]
            (self.tried += 1);
            if let Some(record) = self.known[self.last].record(line, bytes, scratch) {
                self.misses = 0;
                self.credit = Self::MAX_CREDIT.min(self.credit + 1);
                self.reach = Self::MAX_TEMPLATES.min(self.reach + 1);
                return Some(record);
            }
            scratch.truncate(before);
            self.last = if self.last + 1 < templates { self.last + 1 } else { 0 };
        }
        self.last = before_all;
        self.misses = self.misses.saturating_add(1);
        self.reach = self.reach.div_ceil(2);
        None
    }

    /// Returns whether it pays to learn the template of a line that matched none, and charges for it, whether or not
    /// anything is learned. Without credit, it pays less and less often, the more of these lines come in a row.
    pub(super) fn want_to_learn(&mut self) -> bool {
        let learns = self.credit >= Self::PRICE || (self.misses > 1 && self.misses.is_power_of_two());
        if learns {
            self.credit = self.credit.saturating_sub(Self::PRICE);
            #[cfg(test)]
            (self.learnt += 1);
        }
        learns
    }

    /// Adds a template.
    pub(super) fn learn(&mut self, template: LineTemplate) {
        if let Some(known) = self.known.iter().position(|known| *known == template) {
            // It was not tried, or the line was rejected because of a value.
            self.last = known;
            self.reach = Self::MAX_TEMPLATES;
        } else if self.known.len() < Self::MAX_TEMPLATES {
            self.last = self.known.len();
            self.known.push(template);
        } else {
            // Not the one that is in use.
            let forgotten =
                if self.oldest == self.last { (self.oldest + 1) % Self::MAX_TEMPLATES } else { self.oldest };
            self.known[forgotten] = template;
            self.oldest = (forgotten + 1) % Self::MAX_TEMPLATES;
        }
    }
}

impl LineTemplate {
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
                // As if the field weren't present.
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
                Kind::Dropped(test) => {
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
                Kind::Extra(name) => {
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

/// A template that is being learned while the complete reader finds the members of a line.
#[derive(Debug, Default)]
pub(super) struct TemplateBuilder {
    members: Vec<Member>,
    /// The end of the last value.
    end: usize,
    /// The approximate size of the template in memory.
    bytes: usize,
}

impl TemplateBuilder {
    /// Larger templates are not learned: each worker keeps its own.
    const MAX_BYTES: usize = 16 << 10;

    /// Adds a member of this kind, whose value has this range in the line.
    pub fn member(&mut self, line: &str, value: Range<usize>, kind: Kind) {
        let before = &line.as_bytes()[self.end..value.start];
        let name = if let Kind::Extra(name) | Kind::Renamed(name, _) = &kind { name.len() } else { 0 };
        self.bytes += size_of::<Member>() + before.len() + name;
        if self.is_small() {
            self.members.push(Member { before: Literal::new(before), kind });
        }
        self.end = value.end;
    }

    /// Finishes the template after the last member, with what there is to note about the line. `None` if it became too
    /// large to keep.
    pub fn finish(self, line: &str, noted: Noted) -> Option<LineTemplate> {
        let end = &line.as_bytes()[self.end..];
        (self.is_small() && end.len() <= Self::MAX_BYTES).then(|| LineTemplate {
            head: head(&self.members),
            extra_in_line: extra_is_in_line(&self.members),
            end: end.to_vec(),
            members: self.members,
            noted,
        })
    }

    fn is_small(&self) -> bool {
        self.bytes <= Self::MAX_BYTES
    }
}

/// Returns how many members at the beginning are written to the files unchanged, if these are all the known fields.
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

/// Returns whether the unknown fields are in the line as they are written to the files, one after the other.
fn extra_is_in_line(members: &[Member]) -> bool {
    let is_extra = |member: &Member| matches!(member.kind, Kind::Extra(_) | Kind::Renamed(..));
    let first = members.iter().position(is_extra).unwrap_or(members.len());
    let extra = members[first..].iter().take_while(|member| is_extra(member));
    let stands_so = |member: &Member| matches!(&member.kind, Kind::Extra(name) if name == member.before.bytes());
    extra.clone().all(stands_so) && members.iter().filter(|member| is_extra(member)).count() == extra.count()
}

#[cfg(test)]
mod tests {
    use super::super::{Parser, Renaming};
    use super::*;

    /// Reads lines as a Validator does; returns for each whether the fast path read it.
    fn read(templates: &mut LineTemplates, lines: impl IntoIterator<Item = String>) -> Vec<bool> {
        let quickly = |text: String| {
            let line = Line { number: 0, start: 0, length: text.len() as u32, line: 1, cut_from: None };
            let _ =
                Parser::JsonLines(Renaming::default()).parse_like(templates, &line, text.as_bytes(), &mut Vec::new());
            templates.misses == 0
        };
        lines.into_iter().map(quickly).collect()
    }

    /// Returns a line whose template no other number has.
    fn unique(number: usize) -> String {
        format!(r#"{{"x{number}":1}}"#)
    }

    fn ordinary(number: usize) -> String {
        format!(r#"{{"id":"a{number}"}}"#)
    }

    #[test]
    fn lines_of_several_templates_in_turn() {
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
        // The first repeated one shows that it pays to try them all.
        assert!(!read[5..].contains(&false), "{read:?}");
    }

    #[test]
    fn what_never_comes_again_is_seldom_learnt() {
        let mut templates = LineTemplates::default();
        assert!(!read(&mut templates, (0..1000).map(unique)).contains(&true));
        // With its credit, and then after 2, 4, 8 … lines.
        assert!(templates.learnt < LineTemplates::MAX_TEMPLATES + 10, "{}", templates.learnt);
        // The template that follows is learned after as many lines again.
        let known = read(&mut templates, (0..2000).map(ordinary)).iter().position(|quickly| *quickly);
        assert!(known.is_some_and(|known| known < 1100), "{known:?}");
    }

    #[test]
    fn learning_is_paid_for_by_lines_that_were_read_quickly() {
        for ordinary_ones in [1, 2, 7] {
            let every = ordinary_ones + 1;
            let mut templates = LineTemplates::default();
            let lines = (0..8000).map(|at| if at % every == 0 { unique(at) } else { ordinary(at) });
            let quickly = read(&mut templates, lines).into_iter().filter(|quickly| *quickly).count();
            let most = quickly / LineTemplates::PRICE as usize + LineTemplates::MAX_TEMPLATES + 10;
            assert!(templates.learnt <= most, "{} of {quickly}", templates.learnt);
            // Lines like earlier ones take the fast path, except for a few after their template was forgotten.
            assert!(quickly > 8000 * ordinary_ones / every * 9 / 10, "{quickly}");
        }
    }

    #[test]
    fn as_many_templates_as_are_known_may_come_in_turn() {
        let line = |at: usize| format!(r#"{{"x{}":1}}"#, at % LineTemplates::MAX_TEMPLATES);
        let read = read(&mut LineTemplates::default(), (0..200).map(line));
        assert!(!read[100..].contains(&false), "{read:?}");
    }

    #[test]
    fn few_are_tried_where_that_is_in_vain() {
        // Each of five members is either present or absent.
        let line = |at: usize| {
            let random = (at as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
            let members: String =
                (0..5).filter(|bit| random >> bit & 1 == 1).map(|x| format!(r#","x{x}":1"#)).collect();
            format!(r#"{{"id":"a"{members}}}"#)
        };
        let mut templates = LineTemplates::default();
        read(&mut templates, (0..8000).map(line));
        assert!(templates.tried < 3 * 8000, "{}", templates.tried);
    }

    #[test]
    fn lines_that_are_wrong_cost_no_more_than_others() {
        let mut templates = LineTemplates::default();
        read(&mut templates, (0..1000).map(|_| r#"{"value":"12.5"}"#.to_owned()));
        assert!(templates.learnt < LineTemplates::MAX_TEMPLATES + 10, "{}", templates.learnt);
        assert!(templates.known.is_empty());
    }

    #[test]
    fn a_value_that_is_left_to_the_reader_makes_no_template() {
        let deep = |at: usize| if at.is_multiple_of(2) { "[".repeat(99) + &"]".repeat(99) } else { "1".to_owned() };
        let mut templates = LineTemplates::default();
        read(&mut templates, (0..40).map(|at| format!(r#"{{"x":{}}}"#, deep(at))));
        assert_eq!(templates.known.len(), 1);
    }

    #[test]
    fn large_templates_are_not_kept() {
        let with_members = |count: usize| format!("{{{}}}", vec![r#""x":1"#; count].join(","));
        for (line, is_known) in
            [(with_members(100), true), (with_members(300), false), (" ".repeat(20_000) + "{}", false)]
        {
            let mut templates = LineTemplates::default();
            read(&mut templates, [line]);
            assert_eq!(templates.known.len(), usize::from(is_known));
        }
    }
}
