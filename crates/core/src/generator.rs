//! The generator of the specification: the records of the reference program, from a seed.

use crate::batch::Batch;
use crate::batch::Group;
use crate::config::{Config, Injection};
use crate::random::{Purpose, fraction, of_record};
use crate::record::{Record, Text};
use crate::time::Timestamp;
use std::sync::Arc;

/// The unit that is injected as a fault.
pub const INVALID_UNIT: &str = "INVALID_UNIT";

/// The value that is injected as a fault.
pub const INVALID_VALUE: f64 = -1.0;

/// Makes records. Each follows from the seed and its number alone.
#[derive(Debug)]
pub struct Generator {
    /// The texts of all units and locations, which all batches share.
    names: Arc<Vec<u8>>,
    unit: Text,
    invalid_unit: Text,
    locations: Vec<Text>,
    sensors: u64,
    value_min: f64,
    value_max: f64,
    inject_value: Injection,
    inject_unit: Injection,
    seed: u64,
}

impl Generator {
    /// The generator of a configuration that has been checked.
    pub fn new(config: &Config) -> Generator {
        let mut names = Vec::new();
        let mut name = |text: &str| {
            let start = names.len();
            crate::jsonl::write_escaped(&mut names, text);
            Text::in_input(start, names.len() - start)
        };
        let options = &config.generator;
        let unit = name(&options.unit);
        let invalid_unit = name(INVALID_UNIT);
        let locations = options.locations.iter().map(|location| name(location)).collect();
        Generator {
            names: Arc::new(names),
            unit,
            invalid_unit,
            locations,
            sensors: options.sensors,
            value_min: options.value_min,
            value_max: options.value_max,
            inject_value: options.invalid_value,
            inject_unit: options.invalid_unit,
            seed: config.seed,
        }
    }

    /// The records of the given numbers, produced at one time.
    pub fn batch(&self, group: Group, numbers: std::ops::Range<u64>, now: Timestamp) -> Batch<Record> {
        let mut scratch = Vec::with_capacity(32 + 24 * group.size as usize);
        now.write(&mut scratch);
        let timestamp = Text::in_scratch(0, scratch.len());
        let items = numbers.map(|number| self.record(number, timestamp, &mut scratch)).collect();
        Batch { group, items, input: self.names.clone(), scratch }
    }

    fn record(&self, number: u64, timestamp: Text, scratch: &mut Vec<u8>) -> Record {
        let value = if self.inject_value.hits(self.seed, Purpose::InvalidValue, number) {
            INVALID_VALUE
        } else {
            let fraction = fraction(of_record(self.seed, Purpose::Value as u64, number));
            let value = self.value_min + fraction * (self.value_max - self.value_min);
            // Rounding may reach the upper end, which is not among the values.
            if value < self.value_max { value } else { self.value_min }
        };
        let invalid_unit = self.inject_unit.hits(self.seed, Purpose::InvalidUnit, number);
        Record {
            value,
            id: numbered(scratch, b"rec-", number, 4),
            timestamp,
            sensor_id: numbered(scratch, b"sensor-", number % self.sensors + 1, 1),
            unit: if invalid_unit { self.invalid_unit } else { self.unit },
            location: self.locations[(number % self.locations.len() as u64) as usize],
            ..Record::empty(number)
        }
    }
}

/// Writes a prefix and a number with at least `digits` digits.
fn numbered(scratch: &mut Vec<u8>, prefix: &[u8], mut number: u64, digits: usize) -> Text {
    let mut text = [b'0'; 20];
    let mut at = text.len();
    while number > 0 || at > text.len() - digits {
        at -= 1;
        text[at] = b'0' + (number % 10) as u8;
        number /= 10;
    }
    let start = scratch.len();
    scratch.extend_from_slice(prefix);
    scratch.extend_from_slice(&text[at..]);
    Text::in_scratch(start, scratch.len() - start)
}
