//! The generator of the specification: the records of the reference program, from a seed.
//!
//! What a record is follows from the seed and its number. So a generated record is small on its way to the stages: only
//! what has to be worked out travels ([`Generated`]), and whoever needs the rest, the text of a line as a rule, puts the
//! record together where it is needed ([`RowBuilder`]).

mod decide;
mod dictionary;
mod line_prefix;
mod row_builder;

pub use dictionary::Dictionary;
pub use line_prefix::id;
pub use row_builder::RowBuilder;

use crate::batch::Group;
use crate::config::{Config, INVALID_UNIT, INVALID_VALUE, Injection};
use clearpipe_model::random::{Purpose, Stream, fraction};
use clearpipe_model::record::{Buffers, Text};
use clearpipe_model::time::Timestamp;
use decide::Decisions;
use line_prefix::LinePrefix;
use smallvec::SmallVec;
use std::ops::Range;
use std::sync::Arc;

/// Makes records. Each follows from the seed and its number alone.
#[derive(Debug)]
pub struct Generator {
    dictionary: Arc<Dictionary>,
    value_min: f64,
    value_max: f64,
    values: Stream,
    invalid_value: Injection,
    invalid_unit: Injection,
    seed: u64,
    /// For the record behind the last one that was made.
    decisions: Decisions,
}

/// A generated record: what does not simply follow from its number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Generated {
    /// Its place in the order of production, from 0.
    pub number: u64,
    /// The measured value.
    pub value: f64,
    /// What it says behind the value: an index for [`Dictionary`].
    pub(crate) form: u32,
}

/// Generated records that travel together.
#[derive(Debug)]
pub struct GeneratedBatch {
    /// Which group the records are from.
    pub group: Group,
    /// The records, in the order of production.
    pub items: SmallVec<[Generated; 1]>,
    /// When they were produced: their timestamp.
    pub produced_at: Timestamp,
}

/// What the records of a batch have in common.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// What those of all batches have. It does not travel with them: a count of who has it would be changed by all threads
    /// for each batch.
    pub dictionary: &'a Dictionary,
    /// When they were produced: their timestamp.
    pub produced_at: Timestamp,
}

impl Generator {
    /// The generator of a configuration that has been checked.
    pub fn new(config: &Config) -> Generator {
        let options = &config.generator;
        Generator {
            dictionary: Arc::new(Dictionary::new(options)),
            value_min: options.value_min,
            value_max: options.value_max,
            values: Stream::new(config.seed, Purpose::Value as u64),
            invalid_value: options.invalid_value,
            invalid_unit: options.invalid_unit,
            seed: config.seed,
            decisions: Decisions::default(),
        }
    }

    /// The records of the given numbers, produced at one time. Those behind the last ones are made fastest.
    pub fn batch(&mut self, group: Group, numbers: Range<u64>, produced_at: Timestamp) -> GeneratedBatch {
        let mut decisions = self.decisions;
        if decisions.number() != numbers.start {
            decisions = Decisions::new(self, numbers.start);
        }
        let mut items = SmallVec::with_capacity((numbers.end - numbers.start) as usize);
        items.extend(numbers.map(|number| {
            let (value, form) = decisions.next(self);
            Generated { number, value, form }
        }));
        self.decisions = decisions;
        GeneratedBatch { group, items, produced_at }
    }

    /// The records from a number on, produced at one time, one after the other: for whoever needs no batches.
    pub fn sequence(&self, first: u64, now: Timestamp) -> Sequence<'_> {
        let mut decisions = Decisions::new(self, first);
        let (value, form) = decisions.next(self);
        Sequence {
            generator: self,
            decisions,
            value,
            form,
            prefix: LinePrefix::new(first, self.dictionary.sensors, now),
        }
    }

    fn value(&self, number: u64) -> f64 {
        let value = self.value_min + fraction(self.values.of(number)) * (self.value_max - self.value_min);
        // Rounding may reach the upper end, which is not among the values.
        if value < self.value_max { value } else { self.value_min }
    }
}

/// Generated records in a row, of which one is there at a time.
pub struct Sequence<'a> {
    generator: &'a Generator,
    decisions: Decisions,
    value: f64,
    form: u32,
    prefix: LinePrefix,
}

impl Sequence<'_> {
    /// What the line of the record has before its value.
    pub fn prefix(&self) -> &[u8] {
        self.prefix.text()
    }

    /// Its value.
    pub fn value(&self) -> f64 {
        self.value
    }

    /// What its line has behind the value.
    pub fn tail(&self) -> &[u8] {
        self.buffers().bytes(self.generator.dictionary.of(self.form).tail)
    }

    /// Its unit.
    pub fn unit(&self) -> Text {
        self.generator.dictionary.of(self.form).unit
    }

    /// Where [`Sequence::unit`] is.
    pub fn buffers(&self) -> Buffers<'_> {
        self.generator.dictionary.buffers()
    }

    /// Goes on to the next record.
    #[inline]
    pub fn advance(&mut self) {
        self.prefix.advance();
        (self.value, self.form) = self.decisions.next(self.generator);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clearpipe_codec::jsonl::{LineSuffix, write_failed};
    use clearpipe_model::record::Record;
    use clearpipe_model::reject::Reason;

    fn suffix() -> LineSuffix {
        LineSuffix::failed(&Reason::InvalidUnit)
    }

    fn lines(config: &Config, numbers: Range<u64>) -> Vec<String> {
        let group = Group::new(0, (numbers.end - numbers.start) as u32);
        let mut generator = Generator::new(config);
        let batch = generator.batch(group, numbers, Timestamp::default());
        let origin = Origin { dictionary: &generator.dictionary, produced_at: batch.produced_at };
        let mut builder = RowBuilder::default();
        let mut line = |record: &Generated| {
            let mut out = Vec::new();
            let (record, buffers) = builder.record(origin, record);
            write_failed(&mut out, &record, buffers, &suffix(), None);
            String::from_utf8(out).unwrap()
        };
        batch.items.iter().map(&mut line).collect()
    }

    /// What stands in one piece is what the fields say one by one.
    #[test]
    fn the_whole_is_its_parts() {
        let mut config = Config::default();
        config.generator.sensors = 11;
        config.generator.locations = vec!["a\"b".to_owned(), String::new(), "ö".to_owned()];
        for first in [0, 9_990, 99_990, 12_345_678_990] {
            let group = Group::new(0, 40);
            let mut generator = Generator::new(&config);
            let batch = generator.batch(group, first..first + 40, Timestamp::default());
            let origin = Origin { dictionary: &generator.dictionary, produced_at: batch.produced_at };
            let mut builder = RowBuilder::default();
            for record in &batch.items {
                assert_eq!(origin.dictionary.is_complete(record), record.number % 3 != 1);
                let (record, buffers) = builder.record(origin, record);
                let [mut whole, mut parts] = [Vec::new(), Vec::new()];
                write_failed(&mut whole, &record, buffers, &suffix(), None);
                let in_parts = Record { head: Text::ABSENT, ..record };
                write_failed(&mut parts, &in_parts, buffers, &suffix(), None);
                assert_eq!(String::from_utf8(whole), String::from_utf8(parts));
                assert!(buffers.is(record.id, &format!("rec-{:04}", record.number)));
                assert!(buffers.is(record.sensor_id, &format!("sensor-{}", record.number % 11 + 1)));
                assert!(buffers.is(record.location, &config.generator.locations[record.number as usize % 3]));
            }
        }
    }

    #[test]
    fn a_record_does_not_depend_on_its_batch() {
        let config = Config::default();
        let all = lines(&config, 0..300);
        for first in [1, 7, 99, 255] {
            assert_eq!(lines(&config, first..300), all[first as usize..]);
        }
        let mut generator = Generator::new(&config);
        let mut batch = |numbers: Range<u64>| generator.batch(Group::new(0, 1), numbers, Timestamp::default()).items;
        let in_parts: Vec<Generated> = [0..1, 1..90, 90..91, 91..300].into_iter().flat_map(&mut batch).collect();
        assert_eq!(in_parts, batch(0..300).to_vec());
    }
}
