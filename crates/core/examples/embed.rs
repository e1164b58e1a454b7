//! Runs the pipeline inside another program: generated records in, lines out.
//!
//! ```sh
//! cargo run -p clearpipe-core --example embed
//! ```

use clearpipe_core::config::Config;
use clearpipe_core::pipeline::{self, Outputs, RecordsFrom};
use clearpipe_core::runtime::Local;
use futures::io::{AllowStdIo, sink};
use std::sync::Arc;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let config = Config { records: 20, ..Config::default() };
    // The processed records go to the standard output; the failed ones are discarded.
    let processed = Box::new(AllowStdIo::new(std::io::stdout()));
    let outputs = Outputs { processed, failed: Box::new(sink()), log: None };
    let runtime = Local::new();
    let run = pipeline::start(&config, RecordsFrom::Generator, outputs, Arc::new(runtime.clone()))?;
    let metrics = runtime.block_on(run.finished())?;
    eprintln!("{} processed, {} failed", metrics.processed, metrics.failed);
    Ok(())
}
