//! A custom sink: it counts the lines that it gets, and discards them.
//!
//! ```sh
//! cargo run -p clearpipe-core --example own_sink
//! ```

use clearpipe_core::config::Config;
use clearpipe_core::pipeline::{self, Outputs, RecordsFrom};
use clearpipe_core::runtime::Local;
use clearpipe_core::sink::Sink;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

/// Counts lines.
#[derive(Clone, Default)]
struct LineCount(Arc<AtomicU64>);

impl Sink for LineCount {
    fn poll_write(&mut self, _: &mut Context<'_>, lines: &[u8]) -> Poll<io::Result<usize>> {
        let count = lines.iter().filter(|byte| **byte == b'\n').count();
        self.0.fetch_add(count as u64, Ordering::Relaxed);
        Poll::Ready(Ok(lines.len()))
    }

    fn poll_durable(&mut self, _: &mut Context<'_>, through: u64) -> Poll<io::Result<u64>> {
        // A counted line is durable.
        Poll::Ready(Ok(through))
    }

    fn poll_close(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let config = Config { records: 1_000, ..Config::default() };
    let (processed, failed) = (LineCount::default(), LineCount::default());
    let outputs = Outputs { processed: Box::new(processed.clone()), failed: Box::new(failed.clone()), log: None };
    let runtime = Local::new();
    let run = pipeline::start(&config, RecordsFrom::Generator, outputs, Arc::new(runtime.clone()))?;
    let metrics = runtime.block_on(run.finished())?;
    let counted = [processed, failed].map(|sink| sink.0.load(Ordering::Relaxed));
    println!("{} lines of processed records, {} of failed ones", counted[0], counted[1]);
    assert_eq!(counted, [metrics.processed, metrics.failed]);
    Ok(())
}
