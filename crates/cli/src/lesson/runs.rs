//! The runs of a lesson. Each is made once, however many measures are about it.

use super::lesson::Lesson;
use super::measured::{self, Measured, Place};
use super::measures::Measure;
use anyhow::{Context, Result, anyhow};
use clearpipe_core::config::Config;
use std::collections::HashMap;
use std::sync::Arc;

/// The runs that have been made, by their settings.
pub struct Runs {
    place: Place,
    made: HashMap<String, Arc<Measured>>,
}

impl Runs {
    /// Creates an empty collection of runs in this place.
    pub fn at(place: Place) -> Runs {
        Runs { place, made: HashMap::new() }
    }

    /// Returns what a measure is in the runs of a lesson, with another seed if one is given, which runs that have a seed
    /// of their own keep.
    ///
    /// # Errors
    /// If a run fails, or there is nothing to be measured.
    pub fn measure(&mut self, lesson: &Lesson, measure: &Measure, seed: Option<u64>) -> Result<f64> {
        measured::measure(measure, &mut |name| {
            let run = name.and_then(|name| lesson.run(name)).ok_or_else(|| anyhow!("there is no such run"))?;
            let mut config = run.setup.config.clone();
            if let Some(seed) = seed.filter(|_| !run.has_own_seed) {
                config.seed = seed;
            }
            self.of(&config).with_context(|| format!("the run `{}`", run.name))
        })
    }

    /// Returns what a measure is in the run of a challenge with these settings, and in the runs of its lesson.
    ///
    /// # Errors
    /// If a run fails, or there is nothing to be measured.
    pub fn measure_challenge(&mut self, lesson: &Lesson, challenge: &Config, measure: &Measure) -> Result<f64> {
        measured::measure(measure, &mut |name| match name {
            None => self.of(challenge),
            Some(name) => {
                let run = lesson.run(name).ok_or_else(|| anyhow!("there is no such run"))?;
                self.of(&run.setup.config).with_context(|| format!("the run `{name}`"))
            }
        })
    }

    fn of(&mut self, config: &Config) -> Result<Arc<Measured>> {
        let key = serde_json::to_string(config)?;
        if let Some(made) = self.made.get(&key) {
            return Ok(made.clone());
        }
        let measured = Arc::new(Measured::run(config, self.place)?);
        self.made.insert(key, measured.clone());
        Ok(measured)
    }

    /// Forgets a run that nothing else is about, so that thousands of them don't stay in memory.
    pub fn forget(&mut self, config: &Config) {
        if let Ok(key) = serde_json::to_string(config) {
            self.made.remove(&key);
        }
    }
}
