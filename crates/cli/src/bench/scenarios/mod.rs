//! The scenarios, a file for those that have something in common.

pub mod files;
pub mod generated;
pub mod input;
pub mod memory;
pub mod options;
pub mod workers;

use super::pipeline::Pipeline;
use super::scenario::{Candidate, Job};

/// A pipeline as a candidate.
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
