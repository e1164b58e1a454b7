//! Random numbers that are determined by a seed.
//!
//! Both forms are SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014): a
//! sequence for choices that are made in turn, or a number computed directly from a record's number, so that what
//! happens to a record does not depend on which worker processes it, or when.

const GOLDEN_GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

/// What a random number decides about a record: each purpose has its own numbers.
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
    /// The times with a lock: this and the next 7, one for each stage.
    LockedTime = 32,
    /// The times that sends take: this and the next 7, one for each stage.
    SendTime = 40,
    /// Whether a try fails for a while: this plus the number of the try.
    TransientFault = 64,
}

/// Returns the random number of a record for a purpose.
pub fn of_record(seed: u64, purpose: u64, record: u64) -> u64 {
    Stream::new(seed, purpose).of(record)
}

/// The random numbers of all records for a purpose.
#[derive(Clone, Copy, Debug)]
pub struct Stream(u64);

impl Stream {
    /// Creates the stream for a purpose.
    pub fn new(seed: u64, purpose: u64) -> Stream {
        Stream(mix(seed ^ purpose.wrapping_mul(0xd134_2543_de82_ef95)))
    }

    /// Returns the random number of a record.
    pub fn of(self, record: u64) -> u64 {
        mix(self.0.wrapping_add(record.wrapping_add(1).wrapping_mul(GOLDEN_GAMMA)))
    }
}

/// Converts a random number to a fraction: uniform in [0, 1), a multiple of 2⁻⁵³.
pub fn fraction(random: u64) -> f64 {
    (random >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
}

/// A sequence of random numbers.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// Creates a generator with this seed.
    pub fn new(seed: u64) -> Random {
        Random(mix(seed))
    }

    /// Returns the next number.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN_GAMMA);
        mix(self.0)
    }

    /// Returns the next number, scaled to 0..limit. (`limit` must be at least 1; the bias is below limit / 2⁶⁴.)
    pub fn below(&mut self, limit: u64) -> u64 {
        ((u128::from(self.next_u64()) * u128::from(limit)) >> 64) as u64
    }
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
