//! Builds generated records where they are needed.

use super::Origin;
use super::dictionary::Entry;
use super::line_prefix::LinePrefix;
use crate::batch::Row;
use clearpipe_model::record::{Buffers, Noted, Record, Text};
use clearpipe_model::record_number;

/// Builds the generated records of a worker, one after the other. Reuses its state, since consecutive records are
/// similar.
#[derive(Debug, Default)]
pub struct RowBuilder {
    prefix: Option<LinePrefix>,
}

impl RowBuilder {
    /// Returns the parts of a record's line before and after its value, as written to the files.
    #[inline(always)]
    pub fn pieces<'a>(&'a mut self, origin: Origin<'a>, record: &Row) -> [&'a [u8]; 2] {
        [self.prefix(origin, record).text(), origin.dictionary.tail(record)]
    }

    /// Returns a record with all its fields, and the buffers of its texts.
    pub fn record<'a>(&'a mut self, origin: Origin<'a>, record: &Row) -> (Record, Buffers<'a>) {
        let prefix = self.prefix(origin, record);
        let Entry { tail, unit, location, has_blank, .. } = *origin.dictionary.of(record.entry);
        let row = Record {
            number: record.number,
            value: record.value,
            value_text: Text::ABSENT,
            id: prefix.id,
            timestamp: prefix.timestamp,
            sensor_id: prefix.sensor_id,
            unit,
            location,
            extra: Text::ABSENT,
            head: Text::in_scratch(0, prefix.text().len()),
            tail,
            noted: Noted::BLANK.when(has_blank),
        };
        (row, Buffers { scratch: prefix.text(), ..origin.dictionary.buffers() })
    }

    #[inline(always)]
    fn prefix(&mut self, origin: Origin<'_>, record: &Row) -> &LinePrefix {
        let number = record_number::number(record.number);
        let prefix =
            self.prefix.get_or_insert_with(|| LinePrefix::new(number, origin.dictionary.sensors, origin.produced_at));
        prefix.go_to(number, origin.produced_at);
        prefix
    }
}
