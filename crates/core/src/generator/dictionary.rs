//! What generated records say behind their value.

use super::INVALID_UNIT;
use crate::batch::Row;
use crate::config;
use clearpipe_model::json_text::write_escaped;
use clearpipe_model::record::{Buffers, Text};

/// What generated records have in common.
#[derive(Debug)]
pub struct Dictionary {
    /// The texts of all forms.
    names: Vec<u8>,
    /// For each location what a record there says: with the unit, and with the invalid one.
    forms: Vec<Form>,
    pub(super) sensors: u64,
    are_all_complete: bool,
}

/// What a record says behind its value, as it stands in the files.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form {
    /// All of it: `,"unit":"…","location":"…"`.
    pub tail: Text,
    pub unit: Text,
    pub location: Text,
    /// Whether neither of them is empty, or has nothing but blanks.
    pub is_complete: bool,
    /// Whether one of them is not empty, but has nothing but blanks.
    pub has_blank: bool,
}

impl Dictionary {
    /// The dictionary of a generator's records.
    pub fn new(options: &config::Generator) -> Dictionary {
        let mut names = Vec::new();
        let mut forms: Vec<Form> = Vec::with_capacity(2 * options.locations.len());
        for location in &options.locations {
            let mut both = [&*options.unit, INVALID_UNIT].map(|unit| Form::write(&mut names, unit, location));
            // The same place for the same unit, so that it is soon seen to be the same.
            both.iter_mut().zip(&forms).for_each(|(form, first)| form.unit = first.unit);
            forms.extend(both);
        }
        let are_all_complete = forms.iter().all(|form| form.is_complete);
        Dictionary { names, forms, sensors: options.sensors, are_all_complete }
    }

    /// How many locations there are.
    pub(super) fn places(&self) -> u64 {
        self.forms.len() as u64 / 2
    }

    /// How many entries there are.
    pub fn entries(&self) -> usize {
        self.forms.len()
    }

    /// The unit of the records with an entry.
    pub fn unit_of(&self, entry: usize) -> Text {
        self.forms[entry].unit
    }

    /// The form of a record at a place.
    pub(super) fn form(&self, place: u32, has_invalid_unit: bool) -> u32 {
        2 * place + u32::from(has_invalid_unit)
    }

    #[inline]
    pub(super) fn of(&self, form: u32) -> &Form {
        &self.forms[form as usize]
    }

    /// What a record says behind its value, as it stands in the files.
    #[inline]
    pub fn tail(&self, record: &Row) -> &[u8] {
        self.buffers().bytes(self.of(record.entry).tail)
    }

    /// Whether a record lacks nothing. All have an id, a timestamp, a sensor and a value.
    #[inline]
    pub fn is_complete(&self, record: &Row) -> bool {
        self.of(record.entry).is_complete
    }

    /// Whether no record lacks anything.
    pub fn are_all_complete(&self) -> bool {
        self.are_all_complete
    }

    /// Where the texts of the forms are.
    pub fn buffers(&self) -> Buffers<'_> {
        Buffers { input: &self.names, scratch: &[] }
    }
}

impl Form {
    fn write(names: &mut Vec<u8>, unit: &str, location: &str) -> Form {
        let texts = [unit, location];
        let is_blank = |text: &&str| !text.is_empty() && text.trim().is_empty();
        let mut name = |before: &[u8], text: &str| {
            names.extend_from_slice(before);
            let start = names.len();
            write_escaped(names, text);
            Text::in_input(start, names.len() - start)
        };
        let unit = name(b",\"unit\":\"", unit);
        let location = name(b"\",\"location\":\"", location);
        names.push(b'"');
        let start = unit.start() - b",\"unit\":\"".len();
        let [is_complete, has_blank] = [texts.iter().all(|text| !text.trim().is_empty()), texts.iter().any(is_blank)];
        Form { tail: Text::in_input(start, names.len() - start), unit, location, is_complete, has_blank }
    }
}
