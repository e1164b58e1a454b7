//! The part of a generated record's line after its value.

use super::INVALID_UNIT;
use crate::batch::Row;
use crate::config;
use clearpipe_model::json_text::write_escaped;
use clearpipe_model::record::{Buffers, Text};

/// The texts that generated records share.
#[derive(Debug)]
pub struct Dictionary {
    /// The texts of all forms.
    names: Vec<u8>,
    /// Two forms for each location: with the unit, and with the invalid unit.
    forms: Vec<Form>,
    pub(super) sensors: u64,
    are_all_complete: bool,
}

/// The part of a record's line after its value, as written to the files.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form {
    /// The whole part: `,"unit":"…","location":"…"`.
    pub tail: Text,
    pub unit: Text,
    pub location: Text,
    /// Whether neither of them is empty or blank.
    pub is_complete: bool,
    /// Whether one of them is blank, but not empty.
    pub has_blank: bool,
}

impl Dictionary {
    /// Creates the dictionary of a generator's records.
    pub fn new(options: &config::Generator) -> Dictionary {
        let mut names = Vec::new();
        let mut forms: Vec<Form> = Vec::with_capacity(2 * options.locations.len());
        for location in &options.locations {
            let mut both = [&*options.unit, INVALID_UNIT].map(|unit| Form::write(&mut names, unit, location));
            // The same position for the same unit, so that equal units compare fast.
            both.iter_mut().zip(&forms).for_each(|(form, first)| form.unit = first.unit);
            forms.extend(both);
        }
        let are_all_complete = forms.iter().all(|form| form.is_complete);
        Dictionary { names, forms, sensors: options.sensors, are_all_complete }
    }

    /// Returns the number of locations.
    pub(super) fn places(&self) -> u64 {
        self.forms.len() as u64 / 2
    }

    /// Returns the number of entries.
    pub fn entries(&self) -> usize {
        self.forms.len()
    }

    /// Returns the unit of the records with this entry.
    pub fn unit_of(&self, entry: usize) -> Text {
        self.forms[entry].unit
    }

    /// Returns the form of a record at a location.
    pub(super) fn form(&self, place: u32, has_invalid_unit: bool) -> u32 {
        2 * place + u32::from(has_invalid_unit)
    }

    #[inline]
    pub(super) fn of(&self, form: u32) -> &Form {
        &self.forms[form as usize]
    }

    /// Returns the part of a record's line after its value, as written to the files.
    #[inline]
    pub fn tail(&self, record: &Row) -> &[u8] {
        self.buffers().bytes(self.of(record.entry).tail)
    }

    /// Returns whether a record has all fields. Every record has an id, a timestamp, a sensor and a value.
    #[inline]
    pub fn is_complete(&self, record: &Row) -> bool {
        self.of(record.entry).is_complete
    }

    /// Returns whether all records have all fields.
    pub fn are_all_complete(&self) -> bool {
        self.are_all_complete
    }

    /// Returns the buffers that contain the texts of the forms.
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
