//! Generated records, put together where they are needed.

use super::forms::Form;
use super::head::Head;
use super::{Generated, Origin};
use crate::record::{Buffers, Noted, Record, Text};
use crate::trace;

/// Puts the generated records that a worker gets together, one after the other. What it needs for one it keeps for the
/// next, which is not much different.
#[derive(Debug, Default)]
pub struct Whole {
    head: Option<Head>,
}

impl Whole {
    /// What a record says before its value, and behind it, as it stands in the files.
    #[inline]
    pub fn pieces<'a>(&'a mut self, origin: Origin<'a>, record: &Generated) -> [&'a [u8]; 2] {
        [self.head(origin, record).text(), origin.forms.tail(record)]
    }

    /// A record with all its fields, and the buffers of its texts.
    pub fn record<'a>(&'a mut self, origin: Origin<'a>, record: &Generated) -> (Record, Buffers<'a>) {
        let head = self.head(origin, record);
        let Form { tail, unit, location, has_blank, .. } = *origin.forms.of(record.form);
        let whole = Record {
            number: record.number,
            value: record.value,
            value_text: Text::ABSENT,
            id: head.id,
            timestamp: head.timestamp,
            sensor_id: head.sensor_id,
            unit,
            location,
            extra: Text::ABSENT,
            head: Text::in_scratch(0, head.text().len()),
            tail,
            noted: Noted::BLANK.when(has_blank),
        };
        (whole, Buffers { scratch: head.text(), ..origin.forms.buffers() })
    }

    #[inline]
    fn head(&mut self, origin: Origin<'_>, record: &Generated) -> &Head {
        let number = trace::number(record.number);
        let head = self.head.get_or_insert_with(|| Head::new(number, origin.forms.sensors, origin.produced_at));
        head.go_to(number, origin.produced_at);
        head
    }
}
