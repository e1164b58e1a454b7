//! A line of JSON Lines in which some fields are kept under another name: those that are named like the fields that the
//! pipeline writes itself, and all but the first of several with the same name.

use super::json_member::{members, name_of, push_on_one_line};
use super::json_template::{Kind, TemplateBuilder};
use super::names::{Names, before_value};
use super::outcome_fields::{self, OutcomeFields, Own, Test};
use crate::jsonl::OUTCOME_FIELDS;
use crate::options::Renaming;
use clearpipe_model::field::Field;
use clearpipe_model::record::{Noted, Text};
use std::borrow::Cow;
use std::collections::HashSet;

/// Returns whether any two of these names are equal.
pub(super) fn is_any_twice(names: &[Cow<'_, str>]) -> bool {
    /// Up to this many names, comparing all pairs is faster.
    const FEW: usize = 16;
    if names.len() <= FEW {
        return names.iter().enumerate().any(|(at, name)| names[..at].contains(name));
    }
    let mut seen = HashSet::with_capacity(names.len());
    !names.iter().all(|name| seen.insert(&**name))
}

/// Appends the unknown fields of a line to `scratch`, and returns what there is to note about them. Parses the line,
/// which must be a JSON object, once more.
pub(super) fn extra(
    renaming: &Renaming,
    text: &str,
    scratch: &mut Vec<u8>,
    mut builder: Option<&mut TemplateBuilder>,
) -> (Text, Noted) {
    let start = scratch.len();
    let members = members(text);
    let mut judged = Judged::new(renaming, &members);
    for (at, (key, value)) in members.into_iter().enumerate() {
        let kind = judged.kind(at, key, value);
        if let Kind::Extra(name) | Kind::Renamed(name, _) = &kind {
            scratch.extend_from_slice(name);
            push_on_one_line(scratch, value);
        }
        if let Some(builder) = &mut builder {
            let at = value.as_ptr() as usize - text.as_ptr() as usize;
            builder.member(text, at..at + value.len(), kind);
        }
    }
    let extra = if scratch.len() > start { Text::in_scratch(start, scratch.len() - start) } else { Text::ABSENT };
    (extra, judged.noted)
}

/// What is known about a line before its members are examined one by one.
struct Judged<'a> {
    renaming: &'a Renaming,
    outcome: OutcomeFields<'a>,
    /// Whether one of the fields that are named like the pipeline's occurs twice: then none is the pipeline's.
    is_twice: bool,
    is_own: bool,
    /// The members that give the position of the record when it failed, if the pipeline wrote it.
    position: [Option<PositionMember>; 2],
    names: Names,
    /// The names that have already occurred once.
    seen: HashSet<Cow<'a, str>>,
    noted: Noted,
}

impl<'a> Judged<'a> {
    fn new(renaming: &'a Renaming, members: &[(&'a str, &'a str)]) -> Judged<'a> {
        let mut outcome = OutcomeFields::default();
        let mut is_twice = false;
        // Names that the line doesn't have are reserved nevertheless.
        let mut names = Names::new(Field::ALL.iter().map(|field| field.as_str()).chain(OUTCOME_FIELDS));
        for (key, value) in members {
            let name = name_of(key);
            if let Some(place) = outcome_fields::place(&name) {
                is_twice |= !outcome.note(place, value);
            }
            names.take(&name);
        }
        let is_own = !is_twice && outcome.is_own();
        let position = if is_own && outcome.is_own_failure() { own_position(members) } else { [None; 2] };
        let mut seen = HashSet::new();
        if let Some(field) = renaming.source_field.as_deref() {
            // As if the field that names the input had come first.
            names.take(field);
            seen.insert(Cow::Borrowed(field));
        }
        Judged { renaming, outcome, is_twice, is_own, position, names, seen, noted: Noted::REPLACED.when(is_own) }
    }

    /// Decides how to handle the member at this index.
    fn kind(&mut self, at: usize, key: &'a str, value: &str) -> Kind {
        let name = name_of(key);
        let position = self.position.iter().flatten().find(|member| member.at == at).copied();
        if let Some(PositionMember { own, is_own: true, .. }) = position {
            return Kind::Dropped(Test::Is(own));
        }
        if let Some(field) = Field::of_name(&name) {
            return Kind::of_field(field);
        }
        if let Some(place) = outcome_fields::place(&name) {
            return self.kind_of_outcome(place, value);
        }
        let before = match self.seen.insert(name.clone()) {
            true => format!(",{key}:").into_bytes(),
            false => {
                self.noted = self.noted.and(Noted::RENAMED);
                before_value(&self.names.take_like(&name))
            }
        };
        match position {
            // With another value it would not be kept.
            Some(PositionMember { own, .. }) => Kind::Renamed(before, Test::IsNot(own)),
            None => Kind::Extra(before),
        }
    }

    fn kind_of_outcome(&mut self, place: usize, value: &str) -> Kind {
        let says_something = outcome_fields::says_something(place, value.as_bytes());
        let test = match (self.is_twice, says_something) {
            (false, _) => self.outcome.test(place),
            (true, true) => Test::something(place),
            (true, false) => Test::nothing(place),
        };
        if self.is_own || !says_something {
            return Kind::Dropped(test);
        }
        self.noted = self.noted.and(Noted::KEPT);
        let name = self.names.take_like(&format!("{}{}", self.renaming.prefix, OUTCOME_FIELDS[place]));
        Kind::Renamed(before_value(&name), test)
    }
}

/// A member with the name and the place of one that the pipeline writes for the position of a failed record.
#[derive(Clone, Copy)]
struct PositionMember {
    at: usize,
    own: Own,
    /// Whether its value is one that the pipeline writes.
    is_own: bool,
}

/// Returns the members right before the status that may give the position of a failed record: the line, and the file
/// before it.
fn own_position(members: &[(&str, &str)]) -> [Option<PositionMember>; 2] {
    let name = |at: usize| name_of(members[at].0);
    let member = |at: Option<usize>, own: Own| {
        let at = at.filter(|at| outcome_fields::position(&name(*at)) == Some(own))?;
        Some(PositionMember { at, own, is_own: own.is(members[at].1.as_bytes()) })
    };
    let status = (0..members.len()).find(|&at| name(at) == OUTCOME_FIELDS[0]);
    let line = member(status.and_then(|at| at.checked_sub(1)), Own::Line);
    let before = line.filter(|line| line.is_own).and_then(|line| line.at.checked_sub(1));
    [member(before, Own::File), line]
}
