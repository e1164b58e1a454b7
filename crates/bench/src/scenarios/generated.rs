//! Generated records whose lines are discarded: the cost of the channels, compared with a loop that does the same
//! without any.

use super::pipeline;
use crate::baseline;
use crate::pipeline::{Pipeline, Spectator, generated};
use crate::scenario::{Candidate, Group, Scenario, Setting};
use clearpipe_core::config::{BatchSize, Channels, Clock, Config, DEFAULT_CAPACITY, TraceOptions};
use clearpipe_io::text;

/// The loop, and the pipeline with large batches and one by one, with and without tracing.
pub const GENERATED: Scenario = Scenario {
    name: "generated",
    about: "generated records, discarded, against a loop without channels",
    prepare: |setting| Ok(setting.threads.iter().map(|&threads| generated_on(setting, threads)).collect()),
};

/// The pipeline as described in textbooks.
pub const TEXTBOOK: Scenario = Scenario {
    name: "textbook",
    about: "one record at a time, channels of 100, against the same loop",
    prepare: |setting| Ok(setting.threads.iter().map(|&threads| textbook_on(setting, threads)).collect()),
};

/// The approximate maximum number of records traced per second, as requested by the page.
pub const TRACED_A_SECOND: u64 = 2_500;

/// Returns the options that the page uses.
pub fn as_the_page() -> TraceOptions {
    TraceOptions { enabled: true, rate: Some(TRACED_A_SECOND), ..TraceOptions::default() }
}

/// Returns the number of records to measure if they travel one by one: that takes much longer, and fewer are enough.
fn one_by_one(records: u64) -> u64 {
    (records / 10).max(1)
}

fn generated_on(setting: &Setting<'_>, threads: usize) -> Group {
    let all = setting.records;
    let some = one_by_one(all);
    let with = |batch| Pipeline::new(Config { batch, ..generated(0) }, threads);
    let (auto, one) = (|| with(BatchSize::Auto), || with(BatchSize::Fixed(1)));
    let traced = |pipeline: Pipeline| pipeline.seen_by(Spectator::Page, Some(as_the_page()));
    let mut system = auto();
    system.config.clock = Clock::System;
    Group::new(
        text::plural(threads as u64, "thread"),
        vec![
            plain(all, threads),
            pipeline("pipeline, batch auto", all, auto()),
            pipeline("  traced", all, traced(auto())).with("traced", true),
            pipeline("  by the system's clock", all, system).with("clock", "system"),
            pipeline("pipeline, batch 1", some, one()),
            pipeline("  traced, batch 1", some, traced(one())).with("traced", true),
        ],
    )
}

fn textbook_on(setting: &Setting<'_>, threads: usize) -> Group {
    let channels = Channels { capacity: Some(DEFAULT_CAPACITY), ..Channels::default() };
    let config = Config { batch: BatchSize::Fixed(1), channels, ..generated(0) };
    let textbook = |name: &str, config| {
        pipeline(name, one_by_one(setting.records), Pipeline::new(config, threads)).with("buffer", DEFAULT_CAPACITY)
    };
    Group::new(
        text::plural(threads as u64, "thread"),
        vec![
            plain(setting.records, threads),
            textbook("batch 1, buffer 100", config.clone()),
            textbook("  unordered", Config { ordered: false, ..config }).with("ordered", false),
        ],
    )
}

/// Returns the loop.
fn plain(records: u64, threads: usize) -> Candidate {
    let job = move |records| baseline::run(&generated(records), threads);
    Candidate::new("loop without channels", records, Box::new(job)).with("threads", threads)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Work;
    use crate::scratch::Scratch;
    use clearpipe_io::output::Unfinished;

    #[test]
    fn all_contenders_do_the_same_work() {
        let files = Unfinished::default();
        let scratch = Scratch::new(None, &files);
        let setting =
            Setting { records: 1, threads: &[1, 2], scratch: &scratch, files: &files, program: "clearpipe".as_ref() };
        let groups = [GENERATED, TEXTBOOK].map(|scenario| (scenario.prepare)(&setting).unwrap());
        let candidates = groups.iter().flatten().flat_map(|group| &group.candidates);
        let works: Vec<Work> = candidates.map(|candidate| (candidate.job)(5_000).unwrap().work.unwrap()).collect();
        assert_eq!((works.len(), works[0].processed, works[0].failed), (18, 4091, 909));
        assert!(works.iter().all(|work| *work == works[0]), "{works:?}");
    }
}
