//! The pipeline on the pool, its lines thrown away.

use super::Work;
use clearpipe_core::config::Config;
use clearpipe_core::pipeline::{self, Output, Outputs, Source};
use clearpipe_core::runtime::Pool;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Runs a configuration on a pool of so many threads; starting them is not measured.
pub fn run(config: &Config, threads: usize) -> anyhow::Result<(Duration, Work)> {
    let nowhere = || -> Output { Box::new(futures::io::sink()) };
    let outputs = Outputs { processed: nowhere(), failed: nowhere(), log: None };
    let pool = Arc::new(Pool::new(threads)?);
    let start = Instant::now();
    let run = pipeline::start(config, Source::Generator, outputs, pool)?;
    let metrics = futures::executor::block_on(run.finished())?;
    let work = Work {
        processed: metrics.processed,
        failed: metrics.failed,
        anomalies: metrics.anomalies,
        processed_bytes: metrics.processed_bytes,
        failed_bytes: metrics.failed_bytes,
    };
    Ok((start.elapsed(), work))
}
