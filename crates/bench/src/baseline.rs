//! The work of the pipeline in a loop, on several threads: each processes its own part of the records.

use super::scenario::Sample;
use clearpipe_core::baseline::{self, Work};
use clearpipe_core::config::Config;
use std::time::Instant;

/// Does the work of a configuration.
pub fn run(config: &Config, threads: usize) -> anyhow::Result<Sample> {
    let start = Instant::now();
    let done = std::thread::scope(|scope| {
        let part = |thread| move || baseline::run(config, baseline::share(config, thread, threads));
        let workers: Vec<_> = (0..threads).map(|thread| scope.spawn(part(thread))).collect();
        // A panic there is a bug; it is resumed here.
        let join = |worker: std::thread::ScopedJoinHandle<'_, Work>| {
            worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        workers.into_iter().map(join).fold(Work::default(), Work::and)
    });
    Ok(Sample::rate(config.records, start.elapsed().as_secs_f64(), Some(done)))
}
