//! The pipeline on the pool, its lines thrown away.

use super::Work;
use clearpipe_core::config::Config;
use clearpipe_core::pipeline::{self, Monitor, Output, Outputs, Source};
use clearpipe_core::runtime::Pool;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Runs a configuration on a pool of so many threads; starting them is not measured.
pub fn run(config: &Config, threads: usize) -> anyhow::Result<(Duration, Work)> {
    let nowhere = || -> Output { Box::new(futures::io::sink()) };
    let outputs = Outputs { processed: nowhere(), failed: nowhere(), log: None };
    let pool = Arc::new(Pool::new(threads)?);
    let start = Instant::now();
    let run = pipeline::start(config, Source::Generator, outputs, pool)?;
    let monitor = run.monitor();
    let mut elapsed = Duration::ZERO;
    let ended = &AtomicBool::new(false);
    let metrics = std::thread::scope(|scope| {
        if config.trace.enabled {
            scope.spawn(move || read_events(&monitor, ended));
        }
        let metrics = futures::executor::block_on(run.finished());
        // Not how long the reader sleeps on.
        elapsed = start.elapsed();
        ended.store(true, Ordering::Relaxed);
        metrics
    })?;
    let work = Work {
        processed: metrics.processed,
        failed: metrics.failed,
        anomalies: metrics.anomalies,
        processed_bytes: metrics.processed_bytes,
        failed_bytes: metrics.failed_bytes,
    };
    Ok((elapsed, work))
}

/// Reads the event log as often as a page draws, and throws it away.
fn read_events(monitor: &Monitor, ended: &AtomicBool) {
    while !ended.load(Ordering::Relaxed) {
        monitor.tracer().rings().iter().for_each(|ring| ring.drain(|_| ()));
        std::thread::sleep(Duration::from_millis(16));
    }
}
