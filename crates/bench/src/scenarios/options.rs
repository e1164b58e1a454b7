//! The cost of an option: the same run with and without it.

use super::generated::as_the_page;
use super::pipeline;
use crate::pipeline::{Pipeline, Spectator, generated};
use crate::scenario::{Group, Scenario, Setting};
use clearpipe_core::config::{Config, TraceOptions};
use clearpipe_io::text;

/// Order.
pub const ORDERED: Scenario = Scenario {
    name: "ordered",
    about: "records in the order of production, against unordered ones",
    prepare: |setting| Ok(setting.threads.iter().map(|&threads| ordered(setting, threads)).collect()),
};

/// Observers.
pub const METRICS: Scenario = Scenario {
    name: "metrics",
    about: "with progress and metrics, a page, or an event log, against none",
    prepare: |setting| Ok(vec![metrics(setting)?]),
};

fn ordered(setting: &Setting<'_>, threads: usize) -> Group {
    let with = |name: &str, ordered| {
        let of = Pipeline::new(Config { ordered, ..generated(0) }, threads);
        pipeline(name, setting.records, of).with("ordered", ordered)
    };
    Group::new(text::plural(threads as u64, "thread"), vec![with("unordered", false), with("ordered", true)])
}

fn metrics(setting: &Setting<'_>) -> anyhow::Result<Group> {
    let threads = setting.most_threads();
    let folder = setting.scratch.folder()?;
    let with = |name: &str, spectator, trace| {
        let of = Pipeline { folder: Some(folder.to_owned()), ..Pipeline::new(generated(0), threads) };
        pipeline(name, setting.records, of.seen_by(spectator, trace)).with("onlooker", name)
    };
    let sampled = |sample| Some(TraceOptions { sample, ..TraceOptions::default() });
    Ok(Group::new(
        format!("Into two files, on {}", text::plural(threads as u64, "thread")),
        vec![
            with("no observer", Spectator::Nobody, None),
            with("progress and a metrics file", Spectator::Person, None),
            with("traced as the page has it", Spectator::Page, Some(as_the_page())),
            with("event log of 1 record in 100", Spectator::Log, sampled(100)),
            with("event log of every record", Spectator::Log, sampled(1)),
        ],
    ))
}
