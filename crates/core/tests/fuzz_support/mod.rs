//! Inputs for fuzzing, on stable Rust: mutations of valid ones. The command's tests use this as well.
//!
//! A test runs a fixed number of inputs from a fixed seed. With `CLEARPIPE_LONG=1` it runs for `FUZZ_SECONDS` (default:
//! 600) from the seed `FUZZ_SEED` (default: from the time).

use clearpipe_model::random::Random;
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant, SystemTime};

/// An input that takes longer counts as a hang. Long runs use a machine that isn't busy.
const HANG: Duration = Duration::from_secs(60);

/// A run of a fuzz test.
pub struct Fuzz {
    name: &'static str,
    seed: u64,
    random: Random,
    runs: u64,
    end: End,
}

enum End {
    Runs(u64),
    Time(Instant),
}

impl Fuzz {
    /// Creates a run with this many inputs, or a long one.
    pub fn new(name: &'static str, runs: u64) -> Fuzz {
        let now = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |time| time.as_nanos() as u64);
        let (seed, end) = match std::env::var_os("CLEARPIPE_LONG") {
            None => (setting("FUZZ_SEED").unwrap_or(1), End::Runs(runs)),
            Some(_) => {
                let time = Duration::from_secs(setting("FUZZ_SECONDS").unwrap_or(600));
                (setting("FUZZ_SEED").unwrap_or_else(now), End::Time(Instant::now() + time))
            }
        };
        Fuzz { name, seed, random: Random::new(seed), runs: 0, end }
    }

    /// Returns whether there is another input.
    pub fn goes_on(&mut self) -> bool {
        let goes_on = match self.end {
            End::Runs(runs) => self.runs < runs,
            End::Time(end) => Instant::now() < end,
        };
        if !goes_on {
            println!("{}: {} inputs, seed {}: no failure", self.name, self.runs, self.seed);
        }
        self.runs += 1;
        goes_on
    }

    /// Returns a number below `end`, which must not be 0.
    pub fn below(&mut self, end: usize) -> usize {
        self.random.below(end as u64) as usize
    }

    /// Returns one of the items.
    pub fn pick<'a, T: ?Sized>(&mut self, items: &[&'a T]) -> &'a T {
        items[self.below(items.len())]
    }

    /// Returns one of the seeds, mutated slightly or heavily.
    pub fn mutated(&mut self, seeds: &[&[u8]], tokens: &[&[u8]]) -> Vec<u8> {
        let mut input = self.pick(seeds).to_vec();
        let other = self.pick(seeds).to_vec();
        for _ in 0..1 + self.below(6) {
            self.mutate(&mut input, &other, tokens);
        }
        input
    }

    fn mutate(&mut self, input: &mut Vec<u8>, other: &[u8], tokens: &[&[u8]]) {
        let at = self.below(input.len() + 1);
        let length = self.below(input.len() - at + 1).min(1 + self.below(16));
        match self.below(9) {
            0 if at < input.len() => input[at] = self.below(256) as u8,
            1 if at < input.len() => input[at] ^= 1 << self.below(8),
            2 => drop(input.drain(at..at + length)),
            3 => {
                let piece = input[at..at + length].to_vec();
                let to = self.below(input.len() + 1);
                input.splice(to..to, piece);
            }
            4 => {
                let from = self.below(other.len() + 1);
                let length = self.below(other.len() - from + 1);
                input.splice(at..at, other[from..from + length].iter().copied());
            }
            5 if self.below(4) == 0 => input.truncate(at),
            6 => {
                let piece = input[at..at + length].repeat(self.below(40));
                input.splice(at..at, piece);
            }
            // Replaces existing bytes.
            7 => drop(input.splice(at..at + length, self.pick(tokens).iter().copied())),
            _ => drop(input.splice(at..at, self.pick(tokens).iter().copied())),
        }
        input.truncate(100_000);
    }

    /// Checks an input. If that panics, reports the input.
    pub fn check<T>(&self, input: &(impl Debug + ?Sized), check: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let Ok(result) = catch_unwind(AssertUnwindSafe(check)) else {
            let (name, seed, runs) = (self.name, self.seed, self.runs);
            panic!("{name}: input {runs} of seed {seed} failed: {input:?}");
        };
        assert!(
            matches!(self.end, End::Runs(_)) || start.elapsed() < HANG,
            "{}: this took too long: {input:?}",
            self.name
        );
        result
    }
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}
