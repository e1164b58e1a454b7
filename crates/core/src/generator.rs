//! The generator of the specification: the records of the reference program, from a seed.

use crate::batch::{Batch, Group};
use crate::config::{Config, Injection};
use crate::jsonl::write_escaped;
use crate::random::{Purpose, Stream, fraction};
use crate::record::{Buffers, Record, Text};
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
        let mut next = self.sequence(numbers.start, now);
        let mut scratch = Vec::with_capacity(count * (next.head().len() + 1));
        let mut items = Vec::with_capacity(count);
        for number in numbers {
            let start = scratch.len();
            scratch.extend_from_slice(next.head());
            let Place { tail, unit, location } = next.place;
            items.push(Record {
                number,
                value: next.value,
                value_text: Text::ABSENT,
                id: next.head.id.moved(start),
                timestamp: next.head.timestamp.moved(start),
                sensor_id: next.head.sensor_id.moved(start),
                unit,
                location,
                extra: Text::ABSENT,
                head: Text::in_scratch(start, next.head().len()),
                tail,
                had_outcome: false,
            });
            next.advance();
        }
        Batch { group, items, input: self.names.clone(), scratch }
    }

    /// The records from a number on, produced at one time, one after the other: for whoever needs no batches.
    pub fn sequence(&self, first: u64, now: Timestamp) -> Sequence<'_> {
        let mut sequence = Sequence {
            generator: self,
            number: first,
            value: 0.0,
            place: self.places[0][0],
            head: Head::new(first, self.sensors, now),
            place_index: (first % self.places.len() as u64) as usize,
            invalid_value: Hits::new(self.inject_value, self.seed, Purpose::InvalidValue, first),
            invalid_unit: Hits::new(self.inject_unit, self.seed, Purpose::InvalidUnit, first),
        };
        sequence.decide();
        sequence
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
    number: u64,
    value: f64,
    place: Place,
    head: Head,
    place_index: usize,
    invalid_value: Hits,
    invalid_unit: Hits,
}

impl Sequence<'_> {
    /// What the line of the record has before its value.
    pub fn head(&self) -> &[u8] {
        &self.head.text
    }

    /// Its value.
    pub fn value(&self) -> f64 {
        self.value
    }

    /// What its line has behind the value.
    pub fn tail(&self) -> &[u8] {
        self.buffers().bytes(self.place.tail)
    }

    /// Its unit.
    pub fn unit(&self) -> Text {
        self.place.unit
    }

    /// Where [`Sequence::unit`] is.
    pub fn buffers(&self) -> Buffers<'_> {
        Buffers { input: &self.generator.names, scratch: &[] }
    }

    /// Goes on to the next record.
    #[inline]
    pub fn advance(&mut self) {
        self.number += 1;
        self.head.advance();
        self.place_index = if self.place_index + 1 == self.generator.places.len() { 0 } else { self.place_index + 1 };
        self.decide();
    }

    /// Decides what the record is.
    #[inline]
    fn decide(&mut self) {
        let number = self.number;
        let is_invalid = self.invalid_value.hits(number);
        self.value = if is_invalid { INVALID_VALUE } else { self.generator.value(number) };
        self.place = self.generator.places[self.place_index][usize::from(self.invalid_unit.hits(number))];
    }
}

/// Which of some records in a row something is done to: [`Injection::hits`] without a division for each.
struct Hits {
    injection: Injection,
    seed: u64,
    purpose: Purpose,
    /// The next one, where it is every n-th.
    next: u64,
}

impl Hits {
    /// For the records from `first` on.
    fn new(injection: Injection, seed: u64, purpose: Purpose, first: u64) -> Hits {
        let next = if let Injection::Every(n) = injection { first.next_multiple_of(n) } else { 0 };
        Hits { injection, seed, purpose, next }
    }

    /// Whether it is done to the record, which must be the one behind that of the last call.
    fn hits(&mut self, number: u64) -> bool {
        let Injection::Every(n) = self.injection else { return self.injection.hits(self.seed, self.purpose, number) };
        let hits = number == self.next;
        self.next += if hits { n } else { 0 };
        hits
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
    /// The fields in it, as if it stood at the beginning of the scratch buffer.
    id: Text,
    timestamp: Text,
    sensor_id: Text,
    /// Which sensor it is, from 1, of how many.
    sensor: u64,
    sensors: u64,
}

impl Head {
    const ID_NAME: &str = "rec-";
    const SENSOR_NAME: &str = "sensor-";

    /// Of the first record of a batch.
    fn new(number: u64, sensors: u64, now: Timestamp) -> Head {
        let sensor = number % sensors + 1;
        let mut text = Vec::with_capacity(128);
        let mut append = |before: &[u8], field: &str| {
            text.extend_from_slice(before);
            text.extend_from_slice(field.as_bytes());
            Text::in_scratch(text.len() - field.len(), field.len())
        };
        let id = append(b"{\"id\":\"", &format!("{}{number:04}", Self::ID_NAME));
        let timestamp = append(b"\",\"timestamp\":\"", &now.to_string());
        let sensor_id = append(b"\",\"sensor_id\":\"", Self::SENSOR_NAME);
        let mut head = Head { text, id, timestamp, sensor_id, sensor, sensors };
        head.write_sensor();
        head
    }

    /// Goes on to the next record.
    #[inline]
    fn advance(&mut self) {
        let digits = digits(self.id, Self::ID_NAME);
        if !increment(&mut self.text[digits.clone()]) {
            self.text.insert(digits.start, b'1');
            self.id = Text::in_scratch(self.id.start(), self.id.len() + 1);
            self.timestamp = self.timestamp.moved(1);
            self.sensor_id = self.sensor_id.moved(1);
        }
        let digits = self::digits(self.sensor_id, Self::SENSOR_NAME);
        if self.sensor < self.sensors {
            self.sensor += 1;
            if !increment(&mut self.text[digits]) {
                self.write_sensor();
            }
        } else {
            self.sensor = 1;
            if digits.len() == 1 {
                self.text[digits.start] = b'1';
            } else {
                self.write_sensor();
            }
        }
    }

    /// Writes the number of the sensor, and what is behind it.
    fn write_sensor(&mut self) {
        self.text.truncate(self.sensor_id.start() + Self::SENSOR_NAME.len());
        self.text.extend_from_slice(self.sensor.to_string().as_bytes());
        self.sensor_id = Text::in_scratch(self.sensor_id.start(), self.text.len() - self.sensor_id.start());
        self.text.extend_from_slice(b"\",\"value\":");
    }
}

/// Where the digits of a field are behind its name.
fn digits(field: Text, name: &str) -> Range<usize> {
    field.start() + name.len()..field.start() + field.len()
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
