//! Random numbers that follow from a seed.
//!
//! Both forms are SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014):
//! one number after the other for choices that are made in turn, or straight from a record's number, so that what
//! happens to a record does not depend on who works on it, or when.

const GOLDEN_GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

/// What a random number decides about a record: each purpose has numbers of its own.
#[derive(Clone, Copy, Debug)]
#[repr(u64)]
pub enum Purpose {
    /// The generated value.
    Value = 1,
    /// Whether an invalid value is injected.
    InvalidValue = 2,
    /// Whether an invalid unit is injected.
    InvalidUnit = 3,
    /// Whether a Validator panics.
    ValidatorPanic = 4,
    /// Whether a Transformer panics.
    TransformerPanic = 5,
    /// The service times: this and the next 15, two for each stage.
    ServiceTime = 16,
}

/// The random number of a record for a purpose.
pub fn of_record(seed: u64, purpose: u64, record: u64) -> u64 {
    Stream::new(seed, purpose).of(record)
}

/// The random numbers of all records for a purpose.
#[derive(Clone, Copy, Debug)]
pub struct Stream(u64);

impl Stream {
    /// Those for a purpose.
    pub fn new(seed: u64, purpose: u64) -> Stream {
        Stream(mix(seed ^ purpose.wrapping_mul(0xd134_2543_de82_ef95)))
    }

    /// That of a record.
    pub fn of(self, record: u64) -> u64 {
        mix(self.0.wrapping_add(record.wrapping_add(1).wrapping_mul(GOLDEN_GAMMA)))
    }
}

/// A random number as a fraction: uniform in [0, 1), a multiple of 2⁻⁵³.
pub fn fraction(random: u64) -> f64 {
    (random >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
}

/// One random number after the other.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The generator with this seed.
    pub fn new(seed: u64) -> Random {
        Random(mix(seed))
    }

    /// The next number.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN_GAMMA);
        mix(self.0)
    }

    /// The next number, scaled to 0..limit. (`limit` at least 1; the bias is below limit / 2⁶⁴.)
    pub fn below(&mut self, limit: u64) -> u64 {
        ((u128::from(self.next_u64()) * u128::from(limit)) >> 64) as u64
    }
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
