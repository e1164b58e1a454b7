//! A scenario: candidates that are measured side by side, in the same rounds.

pub use clearpipe_core::baseline::Work;

use super::bottleneck::Bottleneck;
use super::figure::Figure;
use super::report::{Measured, Parameters};
use super::scratch::Scratch;
use clearpipe_io::output::Unfinished;
use std::path::Path;

/// A scenario, by its name on the command line.
pub struct Scenario {
    /// Its name.
    pub name: &'static str,
    /// A one-line description.
    pub about: &'static str,
    /// Prepares what it needs, and returns the groups to measure.
    pub prepare: fn(&Setting<'_>) -> anyhow::Result<Vec<Group>>,
}

/// The settings for all scenarios.
pub struct Setting<'a> {
    /// The number of records of a measurement.
    pub records: u64,
    /// The numbers of threads.
    pub threads: &'a [usize],
    /// Where files may be written.
    pub scratch: &'a Scratch,
    /// Resources that must not outlive the program.
    pub files: &'a Unfinished,
    /// The `clearpipe` command, for runs in a separate process.
    pub program: &'a Path,
}

impl Setting<'_> {
    /// Returns the largest number of threads, for scenarios that use only one number.
    pub fn most_threads(&self) -> usize {
        self.threads.iter().copied().max().unwrap_or(1)
    }
}

/// Candidates that are compared with each other.
pub struct Group {
    /// What they have in common, such as `2 threads`.
    pub title: String,
    /// The title in a table, if that is more specific: `title` is the same whatever the size.
    pub note: Option<String>,
    /// The candidates. The first one is the baseline, unless there is none.
    pub candidates: Vec<Candidate>,
    /// Whether there is a baseline.
    pub has_baseline: bool,
}

impl Group {
    /// Creates a group whose first candidate is the baseline.
    pub fn new(title: impl Into<String>, candidates: Vec<Candidate>) -> Group {
        Group { title: title.into(), note: None, candidates, has_baseline: true }
    }

    /// Sets a title for people.
    pub fn noted(self, note: String) -> Group {
        Group { note: Some(note), ..self }
    }

    /// Creates a group without a baseline.
    pub fn without_baseline(title: impl Into<String>, candidates: Vec<Candidate>) -> Group {
        Group { has_baseline: false, ..Group::new(title, candidates) }
    }
}

/// Processes this many records once.
pub type Job = Box<dyn Fn(u64) -> anyhow::Result<Sample>>;

/// One way of doing the work.
pub struct Candidate {
    /// The name for people.
    pub name: String,
    /// The same for programs.
    pub parameters: Parameters,
    /// The number of records.
    pub records: u64,
    /// Before the rounds it is run once with this many records, to warm up caches, branch predictors and the allocator.
    pub warm_up: Option<u64>,
    /// The best possible ratio.
    pub ideal_ratio: Option<f64>,
    /// What is measured.
    pub unit: Unit,
    /// Runs it.
    pub job: Job,
}

/// The unit of a measurement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Unit {
    /// Records per second.
    RecordsPerSecond,
    /// Bytes of memory.
    Bytes,
}

impl Unit {
    /// Creates a measurement in this unit.
    pub fn of(self, figure: Figure) -> Measured {
        match self {
            Unit::RecordsPerSecond => Measured::RecordsPerSecond(figure),
            Unit::Bytes => Measured::Bytes(figure),
        }
    }
}

impl Candidate {
    /// Creates a candidate that is measured in records per second, with a warm-up of a tenth of them.
    pub fn new(name: impl Into<String>, records: u64, job: Job) -> Candidate {
        Candidate {
            name: name.into(),
            parameters: Parameters::new(),
            records,
            warm_up: Some((records / 10).clamp(1, 100_000)),
            ideal_ratio: None,
            unit: Unit::RecordsPerSecond,
            job,
        }
    }

    /// Adds a parameter.
    pub fn with(mut self, name: &str, value: impl Into<serde_json::Value>) -> Candidate {
        self.parameters.insert(name.to_owned(), value.into());
        self
    }

    /// Sets another warm-up.
    pub fn warmed_up(self, warm_up: Option<u64>) -> Candidate {
        Candidate { warm_up, ..self }
    }

    /// Sets the best possible ratio.
    pub fn ideal(self, ratio: f64) -> Candidate {
        Candidate { ideal_ratio: Some(ratio), ..self }
    }
}

/// The result of one round.
#[derive(Debug)]
pub struct Sample {
    /// In the unit of the candidate.
    pub value: f64,
    /// The result of the work; the same for all candidates of a scenario with the same number of records. A baseline
    /// that does only part of the work has none.
    pub work: Option<Work>,
    /// What limited it, if it is known.
    pub bottleneck: Option<Bottleneck>,
}

impl Sample {
    /// Creates a rate.
    pub fn rate(records: u64, seconds: f64, work: Option<Work>) -> Sample {
        Sample { value: records as f64 / seconds, work, bottleneck: None }
    }
}
