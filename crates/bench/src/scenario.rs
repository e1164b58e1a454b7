//! What a scenario is: things that are measured side by side, in the same rounds.

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
    /// What it measures, in a line.
    pub about: &'static str,
    /// Makes what it needs, and says what is to be measured.
    pub prepare: fn(&Setting<'_>) -> anyhow::Result<Vec<Group>>,
}

/// What all scenarios are told.
pub struct Setting<'a> {
    /// The records of a measurement.
    pub records: u64,
    /// The numbers of threads.
    pub threads: &'a [usize],
    /// Where files may be written.
    pub scratch: &'a Scratch,
    /// What must not outlive the program.
    pub files: &'a Unfinished,
    /// The `clearpipe` command, for runs in a process of their own.
    pub program: &'a Path,
}

impl Setting<'_> {
    /// The number of threads where one is enough.
    pub fn most_threads(&self) -> usize {
        self.threads.iter().copied().max().unwrap_or(1)
    }
}

/// What is compared with each other.
pub struct Group {
    /// What all of it has in common, such as `2 threads`.
    pub title: String,
    /// What a table calls it, if that says more: the title is the same whatever the size.
    pub note: Option<String>,
    /// What is measured in it. Unless there is none, the first is what the others are compared with.
    pub candidates: Vec<Candidate>,
    /// Whether there is a baseline.
    pub has_baseline: bool,
}

impl Group {
    /// A group whose first candidate is the baseline.
    pub fn new(title: impl Into<String>, candidates: Vec<Candidate>) -> Group {
        Group { title: title.into(), note: None, candidates, has_baseline: true }
    }

    /// The same with a title for people.
    pub fn noted(self, note: String) -> Group {
        Group { note: Some(note), ..self }
    }

    /// A group of which each stands for itself.
    pub fn without_baseline(title: impl Into<String>, candidates: Vec<Candidate>) -> Group {
        Group { has_baseline: false, ..Group::new(title, candidates) }
    }
}

/// Does something with so many records, once.
pub type Job = Box<dyn Fn(u64) -> anyhow::Result<Sample>>;

/// One way of doing the work.
pub struct Candidate {
    /// What people call it.
    pub name: String,
    /// The same for programs.
    pub parameters: Parameters,
    /// So many records go through.
    pub records: u64,
    /// Before the rounds it is done once with so many, so that caches, branch predictors and the allocator know it.
    pub warm_up: Option<u64>,
    /// What its ratio could be at best.
    pub ideal_ratio: Option<f64>,
    /// What is measured.
    pub unit: Unit,
    /// Does it.
    pub job: Job,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Unit {
    /// Records a second.
    RecordsPerSecond,
    /// Bytes of memory.
    Bytes,
}

impl Unit {
    /// What was measured.
    pub fn of(self, figure: Figure) -> Measured {
        match self {
            Unit::RecordsPerSecond => Measured::RecordsPerSecond(figure),
            Unit::Bytes => Measured::Bytes(figure),
        }
    }
}

impl Candidate {
    /// So many records a second, with a warm-up of a tenth.
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

    /// Adds what is set.
    pub fn with(mut self, name: &str, value: impl Into<serde_json::Value>) -> Candidate {
        self.parameters.insert(name.to_owned(), value.into());
        self
    }

    /// The same with another warm-up.
    pub fn warmed_up(self, warm_up: Option<u64>) -> Candidate {
        Candidate { warm_up, ..self }
    }

    /// The same with a ratio that would be the best.
    pub fn ideal(self, ratio: f64) -> Candidate {
        Candidate { ideal_ratio: Some(ratio), ..self }
    }
}

/// What one round gave.
#[derive(Debug)]
pub struct Sample {
    /// In the unit of the candidate.
    pub value: f64,
    /// What is left of the work; the same for all candidates of a scenario that have as many records. A baseline that
    /// does only a part of it has none.
    pub work: Option<Work>,
    /// What limited it, where that is known.
    pub bottleneck: Option<Bottleneck>,
}

impl Sample {
    /// A rate.
    pub fn rate(records: u64, seconds: f64, work: Option<Work>) -> Sample {
        Sample { value: records as f64 / seconds, work, bottleneck: None }
    }
}
