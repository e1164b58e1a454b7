//! The check of a whole configuration: every problem is found at once.

use super::{Config, Injection};
use crate::runtime::CATCHES_PANICS;
use clearpipe_model::problem::Problem;
use std::fmt::Display;
use std::ops::RangeInclusive;

/// How many events the rings of all threads hold at most, 16 bytes each.
const MOST_EVENTS: usize = 64 << 20;

/// Everything that is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The problems; at least one.
    pub problems: Vec<Problem>,
}

impl std::error::Error for ConfigError {}

impl Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.problems[..] {
            [problem] => problem.fmt(f),
            problems => {
                write!(f, "the configuration has {} problems:", problems.len())?;
                problems.iter().try_for_each(|problem| write!(f, "\n  - {problem}"))
            }
        }
    }
}

impl Config {
    /// Checks every setting and what they mean together.
    ///
    /// # Errors
    /// All problems, not just the first.
    pub fn check(&self) -> Result<(), ConfigError> {
        let mut problems = Problems(Vec::new());
        self.check_values(&mut problems);
        self.check_sizes(&mut problems);
        self.input.check(&mut problems.0);
        if problems.0.is_empty() { Ok(()) } else { Err(ConfigError { problems: problems.0 }) }
    }

    fn check_values(&self, problems: &mut Problems) {
        let generator = &self.generator;
        problems.in_range("generator.sensors", generator.sensors, 1..=1_000_000_000);
        if generator.locations.is_empty() {
            problems.add("generator.locations", "is empty; name at least one");
        }
        problems.finite("generator.value_min", generator.value_min);
        problems.finite("generator.value_max", generator.value_max);
        if !(generator.value_max - generator.value_min).is_finite() || generator.value_min > generator.value_max {
            let text = format!(
                "is {}; it must not be above generator.value_max ({}), nor too far below it",
                generator.value_min, generator.value_max
            );
            problems.add("generator.value_min", text);
        }
        if !(generator.rate_limit.is_finite() && generator.rate_limit >= 0.0) {
            let text =
                format!("is {}; it must be a number of records a second, or 0 for no limit", generator.rate_limit);
            problems.add("generator.rate_limit", text);
        }
        problems.in_range("generator.burst", generator.burst, 1..=1_000_000);
        problems.finite("validator.value_min", self.validator.value_min);
        problems.finite("validator.value_max", self.validator.value_max);
        if self.validator.value_min > self.validator.value_max {
            let text = format!(
                "is {}, which is above validator.value_max ({}); no value would be valid",
                self.validator.value_min, self.validator.value_max
            );
            problems.add("validator.value_min", text);
        }
        problems.finite("transformer.multiplier", self.transformer.multiplier);
        problems.finite("transformer.threshold", self.transformer.threshold);
        let output = &self.output;
        for (path, name) in [
            ("output.dir", output.dir.as_deref()),
            ("output.processed", Some(&*output.processed)),
            ("output.failed", Some(&*output.failed)),
            ("output.metrics", output.metrics.as_deref()),
            ("output.trace", output.trace.as_deref()),
        ] {
            if name == Some("") {
                problems.add(path, "is empty; give it a name, or leave it out");
            }
        }
        let faults = &self.faults;
        for (path, fault) in
            [("faults.validator_panic", faults.validator_panic), ("faults.transformer_panic", faults.transformer_panic)]
        {
            if !CATCHES_PANICS && fault != Injection::Off {
                problems.add(path, "must be off: panics can't be caught in WebAssembly");
            }
        }
    }

    fn check_sizes(&self, problems: &mut Problems) {
        for (name, workers) in [
            ("workers", Some(self.workers)),
            ("validator.workers", self.validator.workers),
            ("transformer.workers", self.transformer.workers),
        ] {
            problems.maybe_in_range(name, workers, 1..=65_535);
        }
        let channels = &self.channels;
        for (name, capacity) in [
            ("channels.capacity", channels.capacity),
            ("channels.data", channels.data),
            ("channels.valid", channels.valid),
            ("channels.processed", channels.processed),
            ("channels.error", channels.error),
            ("channels.loader", channels.loader),
            ("channels.error_handler", channels.error_handler),
            ("channels.metrics", channels.metrics),
        ] {
            problems.maybe_in_range(name, capacity, 1..=16_777_216);
        }
        problems.in_range("batch", self.batch.most(), 1..=65_536);
        problems.maybe_in_range("window", self.window, 1..=1_073_741_824);
        problems.in_range("window_bytes", self.window_bytes, 1..=1 << 30);
        problems.maybe_in_range("runtime.threads", self.runtime.threads, 1..=1024);
        problems.in_range("runtime.cores", self.runtime.cores, 1..=65_536);
        problems.in_range("trace.sample", self.trace.sample, 1..=u64::MAX);
        if let Some(rate) = self.trace.rate {
            problems.in_range("trace.rate", rate, 1..=1_000_000_000);
        }
        if !(1024..=1_048_576).contains(&self.trace.ring) || !self.trace.ring.is_power_of_two() {
            let text = format!("is {}; it must be a power of two from 1024 to 1048576", self.trace.ring);
            problems.add("trace.ring", text);
        }
        let events = self.trace.ring.saturating_mul(self.runtime.threads.unwrap_or(1));
        if self.trace.enabled && events > MOST_EVENTS {
            let text = format!(
                "is {}, which for {} threads is {} GiB of memory; at most 1 GiB may be used",
                self.trace.ring,
                self.runtime.threads.unwrap_or(1),
                (events * 16) >> 30
            );
            problems.add("trace.ring", text);
        }
    }
}

struct Problems(Vec<Problem>);

impl Problems {
    fn add(&mut self, path: &str, text: impl Into<String>) {
        self.0.push(Problem::setting(path, text));
    }

    fn in_range<T: PartialOrd + Display>(&mut self, path: &str, value: T, range: RangeInclusive<T>) {
        if !range.contains(&value) {
            self.add(path, format!("is {value}; it must be from {} to {}", range.start(), range.end()));
        }
    }

    fn maybe_in_range(&mut self, path: &str, value: Option<usize>, range: RangeInclusive<usize>) {
        if let Some(value) = value {
            self.in_range(path, value, range);
        }
    }

    fn finite(&mut self, path: &str, value: f64) {
        if !value.is_finite() {
            self.add(path, format!("is {value}; it must be a finite number"));
        }
    }
}
