//! Generated records, put together where they are needed.

use super::dictionary::Form;
use super::line_prefix::LinePrefix;
use super::{Generated, Origin};
use clearpipe_model::record::{Buffers, Noted, Record, Text};
use clearpipe_model::record_number;

/// Puts the generated records that a worker gets together, one after the other. What it needs for one it keeps for the
/// next, which is not much different.
#[derive(Debug, Default)]
pub struct RowBuilder {
    prefix: Option<LinePrefix>,
}

impl RowBuilder {
    /// What a record says before its value, and behind it, as it stands in the files.
    #[inline]
    pub fn pieces<'a>(&'a mut self, origin: Origin<'a>, record: &Generated) -> [&'a [u8]; 2] {
        [self.prefix(origin, record).text(), origin.dictionary.tail(record)]
    }

    /// A record with all its fields, and the buffers of its texts.
    pub fn record<'a>(&'a mut self, origin: Origin<'a>, record: &Generated) -> (Record, Buffers<'a>) {
        let prefix = self.prefix(origin, record);
        let Form { tail, unit, location, has_blank, .. } = *origin.dictionary.of(record.form);
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

    #[inline]
    fn prefix(&mut self, origin: Origin<'_>, record: &Generated) -> &LinePrefix {
        let number = record_number::number(record.number);
        let prefix =
            self.prefix.get_or_insert_with(|| LinePrefix::new(number, origin.dictionary.sensors, origin.produced_at));
        prefix.go_to(number, origin.produced_at);
        prefix
    }
}
