//! The generator of the specification: the records of the reference program, from a seed.
//!
//! The seed and a record's number determine the record. So a generated record is small while it travels: only the
//! values that must be computed travel (its [`Row`]). A stage that needs the rest, usually the text of the line, builds
//! the record there ([`RowBuilder`]).

mod decide;
mod dictionary;
mod line_prefix;
mod row_builder;

pub use dictionary::Dictionary;
pub use line_prefix::id;
pub use row_builder::RowBuilder;

use crate::batch::{Content, Group, RecordBatch, Row, Rows};
use crate::config::{Config, INVALID_UNIT, INVALID_VALUE, Injection};
use clearpipe_model::random::{Purpose, Stream, fraction};
use clearpipe_model::time::Timestamp;
use decide::Decisions;
use smallvec::smallvec;
use std::ops::Range;
use std::sync::Arc;

/// Makes records. Each follows only from the seed and its number.
#[derive(Debug)]
pub struct Generator {
    dictionary: Arc<Dictionary>,
    value_min: f64,
    value_max: f64,
    values: Stream,
    invalid_value: Injection,
    invalid_unit: Injection,
    seed: u64,
    /// For the record after the last one that was made.
    decisions: Decisions,
}

/// The data that the records of a batch share.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// The data that the records of all batches share. It doesn't travel with them, since all threads would change a
    /// reference count for each batch.
    pub dictionary: &'a Dictionary,
    /// The timestamp of the records: when they were produced.
    pub produced_at: Timestamp,
}

impl Generator {
    /// Creates the generator of a configuration that has been checked.
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

    /// Returns the records with the given numbers, all produced at the same time. Fastest for the records after the
    /// last ones.
    pub fn batch(&mut self, group: Group, numbers: Range<u64>, produced_at: Timestamp) -> RecordBatch {
        RecordBatch { group, rows: self.rows(numbers), content: Content::Generated { produced_at } }
    }

    /// Returns the rows with the given numbers. Fastest for the rows after the last ones.
    #[inline]
    pub fn rows(&mut self, numbers: Range<u64>) -> Rows {
        let mut decisions = self.decisions;
        if decisions.number() != numbers.start {
            decisions = Decisions::new(self, numbers.start);
        }
        let count = (numbers.end - numbers.start) as usize;
        let rows = if count == 1 {
            let (value, entry) = decisions.next(self);
            smallvec![Row { number: numbers.start, value, entry }]
        } else {
            // Pushing the rows one by one would check the capacity for each.
            let mut rows = Rows::from_elem(Row { number: 0, value: 0.0, entry: 0 }, count);
            for (row, number) in rows.iter_mut().zip(numbers) {
                let (value, entry) = decisions.next(self);
                *row = Row { number, value, entry };
            }
            rows
        };
        self.decisions = decisions;
        rows
    }

    fn value(&self, number: u64) -> f64 {
        let value = self.value_min + fraction(self.values.of(number)) * (self.value_max - self.value_min);
        // Rounding may reach the upper end, which isn't one of the values.
        if value < self.value_max { value } else { self.value_min }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clearpipe_codec::jsonl::{LineSuffix, write_failed};
    use clearpipe_model::record::{Record, Text};
    use clearpipe_model::reject::Reason;

    fn suffix() -> LineSuffix {
        LineSuffix::failed(&Reason::InvalidUnit)
    }

    fn lines(config: &Config, numbers: Range<u64>) -> Vec<String> {
        let group = Group::new(0, (numbers.end - numbers.start) as u32);
        let mut generator = Generator::new(config);
        let batch = generator.batch(group, numbers, Timestamp::default());
        let origin = Origin { dictionary: &generator.dictionary, produced_at: Timestamp::default() };
        let mut builder = RowBuilder::default();
        let mut line = |record: &Row| {
            let mut out = Vec::new();
            let (record, buffers) = builder.record(origin, record);
            write_failed(&mut out, &record, buffers, &suffix(), None);
            String::from_utf8(out).unwrap()
        };
        batch.rows.iter().map(&mut line).collect()
    }

    /// The parts of a line match the fields of the record.
    #[test]
    fn the_whole_is_its_parts() {
        let mut config = Config::default();
        config.generator.sensors = 11;
        config.generator.locations = vec!["a\"b".to_owned(), String::new(), "ö".to_owned()];
        for first in [0, 9_990, 99_990, 12_345_678_990] {
            let group = Group::new(0, 40);
            let mut generator = Generator::new(&config);
            let batch = generator.batch(group, first..first + 40, Timestamp::default());
            let origin = Origin { dictionary: &generator.dictionary, produced_at: Timestamp::default() };
            let mut builder = RowBuilder::default();
            for record in &batch.rows {
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
        let mut batch = |numbers: Range<u64>| generator.batch(Group::new(0, 1), numbers, Timestamp::default()).rows;
        let in_parts: Vec<Row> = [0..1, 1..90, 90..91, 91..300].into_iter().flat_map(&mut batch).collect();
        assert_eq!(in_parts, batch(0..300).to_vec());
    }
}
