//! The scenarios, a file for those that have something in common.

pub mod files;
pub mod generated;
pub mod input;
pub mod memory;
pub mod options;
pub mod workers;

use super::pipeline::Pipeline;
use super::scenario::{Contender, Job};

/// A pipeline as a contender.
fn pipeline(name: impl Into<String>, records: u64, pipeline: Pipeline) -> Contender {
    let config = &pipeline.config;
    let parameters = [
        ("threads", pipeline.threads.into()),
        ("workers", config.workers.into()),
        ("batch", config.batch.to_string().into()),
    ];
    let mut contender = Contender::new(name, records, run(pipeline));
    contender.parameters.extend(parameters.map(|(name, value): (&str, serde_json::Value)| (name.to_owned(), value)));
    contender
}

fn run(pipeline: Pipeline) -> Job {
    Box::new(move |records| pipeline.run(records))
}
