//! Decides the contents of the next record.

use super::{Generator, INVALID_VALUE};
use crate::config::Injection;
use clearpipe_model::random::Purpose;

/// The decisions for consecutive records. The default starts at the very first record.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Decisions {
    /// The number of the next record.
    number: u64,
    place: u32,
    invalid_value: NextHit,
    invalid_unit: NextHit,
}

impl Decisions {
    /// Starts at the record `first`.
    pub fn new(generator: &Generator, first: u64) -> Decisions {
        Decisions {
            number: first,
            place: (first % generator.dictionary.places()) as u32,
            invalid_value: NextHit::new(generator.invalid_value, first),
            invalid_unit: NextHit::new(generator.invalid_unit, first),
        }
    }

    /// Returns the number of the next record.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Returns the value of the next record, and its entry. The generator must always be the same.
    // Two loops use this, and a call would slow each of them down by a tenth.
    #[inline(always)]
    pub fn next(&mut self, generator: &Generator) -> (f64, u32) {
        let Generator { dictionary, invalid_value, invalid_unit, seed, .. } = generator;
        let number = self.number;
        self.number += 1;
        let has_invalid_value = self.invalid_value.is(*invalid_value, number, *seed, Purpose::InvalidValue);
        let value = if has_invalid_value { INVALID_VALUE } else { generator.value(number) };
        let has_invalid_unit = self.invalid_unit.is(*invalid_unit, number, *seed, Purpose::InvalidUnit);
        let entry = dictionary.entry(self.place, has_invalid_unit);
        self.place = if u64::from(self.place) + 1 == dictionary.places() { 0 } else { self.place + 1 };
        (value, entry)
    }
}

/// The next record that is injected, if it is every Nth one: [`Injection::hits`] without a division for each record.
#[derive(Clone, Copy, Debug, Default)]
struct NextHit(u64);

impl NextHit {
    /// Starts at the record `first`.
    fn new(injection: Injection, first: u64) -> NextHit {
        NextHit(if let Injection::Every(n) = injection { first.next_multiple_of(n) } else { 0 })
    }

    /// Returns whether the record is hit. It must be the one after the record of the last call.
    #[inline]
    fn is(&mut self, injection: Injection, number: u64, seed: u64, purpose: Purpose) -> bool {
        let Injection::Every(n) = injection else { return injection.hits(seed, purpose, number) };
        let hits = number == self.0;
        self.0 += if hits { n } else { 0 };
        hits
    }
}
