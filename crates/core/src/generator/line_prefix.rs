//! The part of a generated record's line before its value.

use clearpipe_model::record::Text;
use clearpipe_model::time::Timestamp;
use std::ops::Range;

/// The beginning of a line: `{"id":"rec-0007","timestamp":"…","sensor_id":"sensor-3","value":`.
///
/// It is kept as a whole and copied for each record, since hardly more than two digits change between records.
#[derive(Debug)]
pub(super) struct LinePrefix {
    text: Vec<u8>,
    /// The fields in it, as if it was at the start of the scratch buffer.
    pub id: Text,
    pub timestamp: Text,
    pub sensor_id: Text,
    number: u64,
    produced_at: Timestamp,
    /// The number of the sensor, from 1, and the number of sensors.
    sensor: u64,
    sensors: u64,
}

/// The prefix of a generated record's id.
const ID_NAME: &str = "rec-";

/// Returns the id of the generated record with this number.
pub fn id(number: u64) -> String {
    format!("{ID_NAME}{number:0LEAST_DIGITS$}")
}

impl LinePrefix {
    const SENSOR_NAME: &str = "sensor-";

    /// Smaller steps are made by adding to the digits.
    const FAR: u64 = 1000;

    /// Creates the prefix of a record that was produced at this time.
    pub fn new(number: u64, sensors: u64, produced_at: Timestamp) -> LinePrefix {
        let sensor = sensor(number, sensors);
        let mut text = Vec::with_capacity(128);
        let mut append = |before: &[u8], field: &str| {
            text.extend_from_slice(before);
            text.extend_from_slice(field.as_bytes());
            Text::in_scratch(text.len() - field.len(), field.len())
        };
        let id = append(b"{\"id\":\"", &id(number));
        let timestamp = append(b"\",\"timestamp\":\"", &produced_at.to_string());
        let sensor_id = append(b"\",\"sensor_id\":\"", Self::SENSOR_NAME);
        let mut prefix = LinePrefix { text, id, timestamp, sensor_id, number, produced_at, sensor, sensors };
        prefix.write_sensor();
        prefix
    }

    /// Returns the text.
    #[inline]
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// Changes to the prefix of another record, usually one of the next ones.
    #[inline(always)]
    pub fn go_to(&mut self, number: u64, produced_at: Timestamp) {
        if produced_at != self.produced_at {
            self.write_time(produced_at);
        }
        match number.wrapping_sub(self.number) {
            0 => {}
            1 => self.advance(),
            step if step < Self::FAR => self.step(step),
            _ => self.jump(number),
        }
    }

    /// Changes to the prefix of the next record.
    #[inline(always)]
    pub fn advance(&mut self) {
        self.number += 1;
        let digits = digits(self.id, ID_NAME);
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

    /// Advances by `step` records.
    #[inline(never)]
    fn step(&mut self, step: u64) {
        let number = self.number + step;
        let (id, sensor) = (digits(self.id, ID_NAME), digits(self.sensor_id, Self::SENSOR_NAME));
        if !add(&mut self.text[id], step) {
            return *self = LinePrefix::new(number, self.sensors, self.produced_at);
        }
        self.number = number;
        self.sensor += step % self.sensors;
        self.sensor -= if self.sensor > self.sensors { self.sensors } else { 0 };
        if sensor.len() == 1 && self.sensor < 10 {
            self.text[sensor.start] = b'0' + self.sensor as u8;
        } else {
            self.write_sensor();
        }
    }

    #[inline(never)]
    fn jump(&mut self, number: u64) {
        let digits = digits(self.id, ID_NAME);
        if !write_digits(&mut self.text[digits], number) {
            *self = LinePrefix::new(number, self.sensors, self.produced_at);
            return;
        }
        self.number = number;
        self.sensor = sensor(number, self.sensors);
        self.write_sensor();
    }

    #[inline(never)]
    fn write_time(&mut self, produced_at: Timestamp) {
        let at = self.timestamp.start()..self.timestamp.start() + self.timestamp.len();
        if !produced_at.overwrite(&mut self.text[at], self.produced_at) {
            *self = LinePrefix::new(self.number, self.sensors, produced_at);
        }
        self.produced_at = produced_at;
    }

    /// Writes the number of the sensor, and the text after it.
    fn write_sensor(&mut self) {
        self.text.truncate(self.sensor_id.start() + Self::SENSOR_NAME.len());
        match u8::try_from(self.sensor) {
            Ok(sensor @ 0..10) => self.text.push(b'0' + sensor),
            _ => self.text.extend_from_slice(self.sensor.to_string().as_bytes()),
        }
        self.sensor_id = Text::in_scratch(self.sensor_id.start(), self.text.len() - self.sensor_id.start());
        self.text.extend_from_slice(b"\",\"value\":");
    }
}

/// The minimum number of digits of a record's number.
const LEAST_DIGITS: usize = 4;

/// Returns the sensor of a record.
fn sensor(number: u64, sensors: u64) -> u64 {
    number % sensors + 1
}

/// Returns the range of the digits of a field, which follow its name.
fn digits(field: Text, name: &str) -> Range<usize> {
    field.start() + name.len()..field.start() + field.len()
}

/// Writes the number of a record to all the given digits. Returns false if it has more digits, or fewer.
fn write_digits(digits: &mut [u8], mut number: u64) -> bool {
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
    number == 0 && (digits.len() == LEAST_DIGITS || digits[0] != b'0')
}

/// Adds to a number. Returns false if the result needs more digits; then the digits are invalid.
fn add(digits: &mut [u8], number: u64) -> bool {
    let mut carry = number as u32;
    for digit in digits.iter_mut().rev() {
        let sum = u32::from(*digit - b'0') + carry;
        *digit = b'0' + (sum % 10) as u8;
        carry = sum / 10;
        if carry == 0 {
            return true;
        }
    }
    false
}

/// Increments a number. Returns false if the result needs a 1 in front.
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
    use proptest::prelude::*;

    proptest! {
        /// A prefix is the same whichever prefix it was made from.
        #[test]
        fn the_way_does_not_matter(
            sensors in prop_oneof![1..4u64, 1..200u64],
            steps in prop::collection::vec((prop_oneof![0..20u64, 0..3000u64, 9_980..10_020u64, any::<u64>().prop_map(|n| n >> 2)],
                prop_oneof![Just(0), 1_700_000_000_000_000..1_700_000_009_000_000i64, any::<i64>()]), 1..20),
        ) {
            let mut prefix = LinePrefix::new(0, sensors, Timestamp::default());
            for (number, time) in steps {
                let time = Timestamp::from_micros(time);
                prefix.go_to(number, time);
                let anew = LinePrefix::new(number, sensors, time);
                prop_assert_eq!(std::str::from_utf8(prefix.text()), std::str::from_utf8(anew.text()));
                prop_assert_eq!((prefix.id, prefix.timestamp, prefix.sensor_id), (anew.id, anew.timestamp, anew.sensor_id));
            }
        }
    }
}
