//! The scenarios; related ones share a file.

pub mod files;
pub mod generated;
pub mod input;
pub mod memory;
pub mod options;
pub mod workers;

use super::pipeline::Pipeline;
use super::scenario::{Candidate, Job, Scenario};

/// All scenarios, in the order of the list.
pub const ALL: [Scenario; 12] = [
    generated::GENERATED,
    generated::TEXTBOOK,
    files::INTO_FILES,
    input::JSONL,
    input::JSONL_ODD,
    input::CSV,
    input::GZIP,
    input::ZSTD,
    workers::WORKERS,
    memory::MEMORY,
    options::ORDERED,
    options::METRICS,
];

/// The scenario that is measured when none is named.
pub const DEFAULT: &str = "generated";

/// Returns a pipeline as a candidate.
fn pipeline(name: impl Into<String>, records: u64, pipeline: Pipeline) -> Candidate {
    let config = &pipeline.config;
    let parameters = [
        ("threads", pipeline.threads.into()),
        ("workers", config.workers.into()),
        ("batch", config.batch.to_string().into()),
    ];
    let mut candidate = Candidate::new(name, records, run(pipeline));
    candidate.parameters.extend(parameters.map(|(name, value): (&str, serde_json::Value)| (name.to_owned(), value)));
    candidate
}

fn run(pipeline: Pipeline) -> Job {
    Box::new(move |records| pipeline.run(records))
}

/// Returns the names of all scenarios, and [`EVERYTHING`].
pub fn names() -> Vec<&'static str> {
    ALL.iter().map(|scenario| scenario.name).chain([EVERYTHING]).collect()
}

/// Instead of a name: all scenarios.
pub const EVERYTHING: &str = "all";
