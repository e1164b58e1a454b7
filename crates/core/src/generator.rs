//! The generator of the specification: the records of the reference program, from a seed.

use crate::batch::{Batch, Group};
use crate::config::{Config, Injection};
use crate::jsonl::write_escaped;
use crate::random::{Purpose, Stream, fraction};
use crate::record::{Record, Text};
use crate::time::Timestamp;
use std::ops::Range;
use std::sync::Arc;

/// The unit that is injected as a fault.
pub const INVALID_UNIT: &str = "INVALID_UNIT";

/// The value that is injected as a fault.
pub const INVALID_VALUE: f64 = -1.0;

/// Makes records. Each follows from the seed and its number alone.
#[derive(Debug)]
pub struct Generator {
    /// What records say behind their value, which all batches share.
    names: Arc<Vec<u8>>,
    /// For each location what a record there says, with the unit and with the invalid one.
    places: Vec<[Place; 2]>,
    sensors: u64,
    value_min: f64,
    value_max: f64,
    values: Stream,
    inject_value: Injection,
    inject_unit: Injection,
    seed: u64,
}

/// What a record says behind its value, as it stands in the files.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// All of it: `,"unit":"…","location":"…"`.
    tail: Text,
    unit: Text,
    location: Text,
}

impl Generator {
    /// The generator of a configuration that has been checked.
    pub fn new(config: &Config) -> Generator {
        let options = &config.generator;
        let mut names = Vec::new();
        let mut places: Vec<[Place; 2]> = Vec::with_capacity(options.locations.len());
        for location in &options.locations {
            let mut both = [&*options.unit, INVALID_UNIT].map(|unit| Place::write(&mut names, unit, location));
            if let Some(first) = places.first() {
                // The same place for the same unit, so that it is soon seen to be the same.
                both.iter_mut().zip(first).for_each(|(place, first)| place.unit = first.unit);
            }
            places.push(both);
        }
        Generator {
            names: Arc::new(names),
            places,
            sensors: options.sensors,
            value_min: options.value_min,
            value_max: options.value_max,
            values: Stream::new(config.seed, Purpose::Value as u64),
            inject_value: options.invalid_value,
            inject_unit: options.invalid_unit,
            seed: config.seed,
        }
    }

    /// The records of the given numbers, produced at one time.
    pub fn batch(&self, group: Group, numbers: Range<u64>, now: Timestamp) -> Batch<Record> {
        let count = (numbers.end - numbers.start) as usize;
        let mut head = Head::new(numbers.start, self.sensors, now);
        let mut place = (numbers.start % self.places.len() as u64) as usize;
        let mut scratch = Vec::with_capacity(count * (head.text.len() + 1));
        let mut items = Vec::with_capacity(count);
        for number in numbers {
            let start = scratch.len();
            scratch.extend_from_slice(&head.text);
            let [valid, invalid] = &self.places[place];
            let is_invalid = self.inject_unit.hits(self.seed, Purpose::InvalidUnit, number);
            let place_now = if is_invalid { invalid } else { valid };
            items.push(Record {
                number,
                value: self.value(number),
                value_text: Text::ABSENT,
                id: head.id(start),
                timestamp: head.timestamp(start),
                sensor_id: head.sensor_id(start),
                unit: place_now.unit,
                location: place_now.location,
                extra: Text::ABSENT,
                head: Text::in_scratch(start, head.text.len()),
                tail: place_now.tail,
                had_outcome: false,
            });
            head.advance();
            place = if place + 1 == self.places.len() { 0 } else { place + 1 };
        }
        Batch { group, items, input: self.names.clone(), scratch }
    }

    fn value(&self, number: u64) -> f64 {
        if self.inject_value.hits(self.seed, Purpose::InvalidValue, number) {
            return INVALID_VALUE;
        }
        let value = self.value_min + fraction(self.values.of(number)) * (self.value_max - self.value_min);
        // Rounding may reach the upper end, which is not among the values.
        if value < self.value_max { value } else { self.value_min }
    }
}

impl Place {
    fn write(names: &mut Vec<u8>, unit: &str, location: &str) -> Place {
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
        Place { tail: Text::in_input(start, names.len() - start), unit, location }
    }
}

/// What a record says before its value: `{"id":"rec-0007","timestamp":"…","sensor_id":"sensor-3","value":`.
///
/// It is kept as a whole and copied for each record, since from one to the next hardly more than two digits change.
struct Head {
    text: Vec<u8>,
    /// Where the digits of the id are.
    id: Range<usize>,
    timestamp_length: usize,
    /// Where the digits of the sensor are.
    sensor: Range<usize>,
    /// Which sensor it is, from 1, of how many.
    sensor_number: u64,
    sensors: u64,
}

impl Head {
    const ID: &[u8] = b"{\"id\":\"";
    const ID_NAME: &[u8] = b"rec-";
    const TIMESTAMP: &[u8] = b"\",\"timestamp\":\"";
    const SENSOR: &[u8] = b"\",\"sensor_id\":\"";
    const SENSOR_NAME: &[u8] = b"sensor-";
    const VALUE: &[u8] = b"\",\"value\":";

    /// Of the first record of a batch.
    fn new(number: u64, sensors: u64, now: Timestamp) -> Head {
        let mut text = [Self::ID, Self::ID_NAME].concat();
        let mut append = |part: &[u8]| {
            let start = text.len();
            text.extend_from_slice(part);
            start..text.len()
        };
        let mut timestamp = Vec::with_capacity(32);
        now.write(&mut timestamp);
        let sensor_number = number % sensors + 1;
        let id = append(format!("{number:04}").as_bytes());
        append(Self::TIMESTAMP);
        append(&timestamp);
        append(Self::SENSOR);
        append(Self::SENSOR_NAME);
        let sensor = append(sensor_number.to_string().as_bytes());
        append(Self::VALUE);
        Head { text, id, timestamp_length: timestamp.len(), sensor, sensor_number, sensors }
    }

    /// Goes on to the next record.
    fn advance(&mut self) {
        if !increment(&mut self.text[self.id.clone()]) {
            self.text.insert(self.id.start, b'1');
            self.id.end += 1;
            self.sensor = self.sensor.start + 1..self.sensor.end + 1;
        }
        if self.sensor_number == self.sensors {
            self.sensor_number = 1;
            self.text[self.sensor.start] = b'1';
            self.text.drain(self.sensor.start + 1..self.sensor.end);
            self.sensor.end = self.sensor.start + 1;
            return;
        }
        self.sensor_number += 1;
        if !increment(&mut self.text[self.sensor.clone()]) {
            self.text.insert(self.sensor.start, b'1');
            self.sensor.end += 1;
        }
    }

    /// The id of the record for which it was copied to `start`.
    fn id(&self, start: usize) -> Text {
        Text::in_scratch(start + Self::ID.len(), self.id.end - Self::ID.len())
    }

    fn timestamp(&self, start: usize) -> Text {
        Text::in_scratch(start + self.id.end + Self::TIMESTAMP.len(), self.timestamp_length)
    }

    fn sensor_id(&self, start: usize) -> Text {
        let first = self.sensor.start - Self::SENSOR_NAME.len();
        Text::in_scratch(start + first, self.sensor.end - first)
    }
}

/// Adds one to a number; false if it needs a 1 in front now.
fn increment(digits: &mut [u8]) -> bool {
    for digit in digits.iter_mut().rev() {
        if *digit < b'9' {
            *digit += 1;
            return true;
        }
        *digit = b'0';
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jsonl::{Ending, write_failed};
    use crate::record::Status;

    fn lines(config: &Config, numbers: Range<u64>) -> Vec<String> {
        let group = Group::new(0, (numbers.end - numbers.start) as u32);
        let batch = Generator::new(config).batch(group, numbers, Timestamp::default());
        let line = |record: &Record| {
            let mut out = Vec::new();
            write_failed(&mut out, record, batch.buffers(), &Ending::failed(Status::Invalid, "-"));
            String::from_utf8(out).unwrap()
        };
        batch.items.iter().map(line).collect()
    }

    /// What stands in one piece is what the fields say one by one.
    #[test]
    fn the_whole_is_its_parts() {
        let mut config = Config::default();
        config.generator.sensors = 11;
        config.generator.locations = vec!["a\"b".to_owned(), String::new(), "ö".to_owned()];
        for first in [0, 9_990, 99_990, 12_345_678_990] {
            let group = Group::new(0, 40);
            let batch = Generator::new(&config).batch(group, first..first + 40, Timestamp::default());
            for record in &batch.items {
                let [mut whole, mut parts] = [Vec::new(), Vec::new()];
                let ending = Ending::failed(Status::Invalid, "-");
                write_failed(&mut whole, record, batch.buffers(), &ending);
                let in_parts = Record { head: Text::ABSENT, ..*record };
                write_failed(&mut parts, &in_parts, batch.buffers(), &ending);
                assert_eq!(String::from_utf8(whole), String::from_utf8(parts));
                assert!(batch.buffers().is(record.id, &format!("rec-{:04}", record.number)));
                assert!(batch.buffers().is(record.sensor_id, &format!("sensor-{}", record.number % 11 + 1)));
                assert!(batch.buffers().is(record.location, &config.generator.locations[record.number as usize % 3]));
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
    }
}
