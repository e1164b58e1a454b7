//! Checks a whole configuration and finds every problem.

use super::{Config, Injection, SETTINGS, ServiceTime, WhenFull};
use crate::runtime::CATCHES_PANICS;
use clearpipe_model::problem::Problem;
use std::fmt::Display;

/// The most events that the rings of all threads can hold together, 16 bytes each.
const MAX_EVENTS: usize = 64 << 20;

/// All problems of a configuration.
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
                match problems.iter().all(|problem| matches!(problem, Problem::Input { .. })) {
                    // Some of them only explain the others.
                    true => f.write_str("the input doesn't fit the settings:")?,
                    false => write!(f, "the configuration has {} problems:", problems.len())?,
                }
                problems.iter().try_for_each(|problem| write!(f, "\n  - {problem}"))
            }
        }
    }
}

impl Config {
    /// Checks every setting and the combinations of settings.
    ///
    /// # Errors
    /// Returns all problems, not just the first.
    pub fn check(&self) -> Result<(), ConfigError> {
        let out_of_range = SETTINGS.iter().filter_map(|setting| {
            // The codec checks its own settings.
            let problem = setting.problem(self).filter(|_| !setting.path.starts_with("input."))?;
            Some(Problem::setting(setting.path, problem))
        });
        let mut problems = Problems(out_of_range.collect());
        self.check_values(&mut problems);
        self.check_memory(&mut problems);
        self.input.check(&mut problems.0);
        if problems.0.is_empty() { Ok(()) } else { Err(ConfigError { problems: problems.0 }) }
    }

    fn check_values(&self, problems: &mut Problems) {
        let generator = &self.generator;
        if generator.locations.is_empty() {
            problems.add("generator.locations", "is empty; name at least one");
        }
        if !(generator.value_max - generator.value_min).is_finite() || generator.value_min > generator.value_max {
            let text = format!(
                "is {}; it must not be above `generator.value_max` ({}), nor too far below it",
                generator.value_min, generator.value_max
            );
            problems.add("generator.value_min", text);
        }
        if self.validator.value_min > self.validator.value_max {
            let text = format!(
                "is {}, which is above `validator.value_max` ({}); no value would be valid",
                self.validator.value_min, self.validator.value_max
            );
            problems.add("validator.value_min", text);
        }
        if self.queues.when_full != WhenFull::Block {
            if self.ordered {
                let text = "must be `block` if `ordered` is true: in the order of production, no record may be missing";
                problems.add("queues.when_full", text);
            }
            if !self.input.file.is_empty() {
                problems.add("queues.when_full", "must be `block`: records of an input are never dropped");
            }
        }
        if self.queues.when_full != WhenFull::Block && self.has_retries() {
            problems.add("queues.when_full", "must be `block` where records are tried again");
        }
        for (path, time) in [("retry.timeout", &self.retry.timeout), ("breaker.pause", &self.breaker.pause)] {
            if !matches!(time, ServiceTime::Off | ServiceTime::Fixed(_)) {
                problems.add(path, format!("is {time}; it must be a single time such as `5ms`"));
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

    fn check_memory(&self, problems: &mut Problems) {
        let events = self.trace.ring.saturating_mul(self.runtime.threads.unwrap_or(1));
        if self.trace.enabled && events > MAX_EVENTS {
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
}
