//! The part of a generated record's line after its value.

use super::INVALID_UNIT;
use crate::batch::Row;
use crate::config;
use clearpipe_model::json_text::write_escaped;
use clearpipe_model::record::{Buffers, Text};

/// The texts that generated records share.
#[derive(Debug)]
pub struct Dictionary {
    /// The texts of all entries.
    names: Vec<u8>,
    /// Two entries for each location: with the unit, and with the invalid unit.
    entries: Vec<Entry>,
    pub(super) sensors: u64,
    are_all_complete: bool,
}

/// The part of a record's line after its value, as written to the files.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
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
        let mut entries: Vec<Entry> = Vec::with_capacity(2 * options.locations.len());
        for location in &options.locations {
            let mut both = [&*options.unit, INVALID_UNIT].map(|unit| Entry::write(&mut names, unit, location));
            // The same position for the same unit, so that equal units compare fast.
            both.iter_mut().zip(&entries).for_each(|(entry, first)| entry.unit = first.unit);
            entries.extend(both);
        }
        let are_all_complete = entries.iter().all(|entry| entry.is_complete);
        Dictionary { names, entries, sensors: options.sensors, are_all_complete }
    }

    /// Returns the number of locations.
    pub(super) fn places(&self) -> u64 {
        self.entries.len() as u64 / 2
    }

    /// Returns the number of entries.
    pub fn entries(&self) -> usize {
        self.entries.len()
    }

    /// Returns the unit of the records with this entry.
    pub fn unit_of(&self, entry: usize) -> Text {
        self.entries[entry].unit
    }

    /// Returns the entry of a record at a location.
    pub(super) fn entry(&self, place: u32, has_invalid_unit: bool) -> u32 {
        2 * place + u32::from(has_invalid_unit)
    }

    #[inline]
    pub(super) fn of(&self, entry: u32) -> &Entry {
        &self.entries[entry as usize]
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

    /// Returns the buffers that contain the texts of the entries.
    pub fn buffers(&self) -> Buffers<'_> {
        Buffers { input: &self.names, scratch: &[] }
    }
}

impl Entry {
    fn write(names: &mut Vec<u8>, unit: &str, location: &str) -> Entry {
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
        Entry { tail: Text::in_input(start, names.len() - start), unit, location, is_complete, has_blank }
    }
}
