//! Shared code of the tests of the whole pipeline.
#![allow(dead_code, reason = "each test file uses a part of it")]

use clearpipe_core::config::{Config, RuntimeKind};
use clearpipe_core::metrics::Metrics;
use clearpipe_core::pipeline::{self, Monitor, Outputs, RecordsFrom, RunError};
use clearpipe_core::runtime::{Local, Pool, Runtime, Stalled, Virtual, YieldPoints};
use clearpipe_core::trace::Event;
use clearpipe_core::trace::log::LogWriter;
use clearpipe_core::trace::read::LogReader;
use futures::io::AsyncWrite;
use std::io::{self, Write};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

/// Bytes that a run writes and that are read afterwards.
#[derive(Clone, Default)]
pub struct Shared(pub Arc<Mutex<Vec<u8>>>);

impl Shared {
    pub fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl AsyncWrite for Shared {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(self.write(bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// The results of a run.
#[derive(Debug)]
pub struct Results {
    pub processed: Vec<u8>,
    pub failed: Vec<u8>,
    pub log: Vec<u8>,
    pub metrics: Metrics,
}

/// Why there are no results.
#[derive(Debug)]
pub enum Failed {
    Run(RunError),
    Hangs(Stalled),
}

/// Returns the events of a complete log, in the order of time.
pub fn events(log: &[u8]) -> Vec<Event> {
    let mut reader = LogReader::open(io::Cursor::new(log)).unwrap();
    assert_eq!(reader.warning(), None);
    let mut events = Vec::new();
    while let Some(more) = reader.next_events().unwrap() {
        events.extend(more.iter().map(|&event| Event::unpack(event).unwrap()));
    }
    events
}

/// Runs a configuration to its end, on its runtime.
pub fn run(config: &Config, input: Option<&[u8]>) -> Result<Results, Failed> {
    run_steered(config, input, YieldPoints::NONE, |_, _| ())
}

/// Runs a configuration to its end. On the virtual clock, workers yield at the given places, and `steer` can first change
/// the run step by step.
pub fn run_steered(
    config: &Config,
    input: Option<&[u8]>,
    yields: YieldPoints,
    steer: impl FnOnce(&Monitor, &Virtual),
) -> Result<Results, Failed> {
    let (processed, failed, log) = (Shared::default(), Shared::default(), Shared::default());
    let outputs = Outputs {
        processed: Box::new(processed.clone()),
        failed: Box::new(failed.clone()),
        log: config.trace.enabled.then(|| LogWriter::new(Box::new(log.clone()), config)),
    };
    let source = match input {
        None => RecordsFrom::Generator,
        Some(bytes) => RecordsFrom::file(Box::new(futures::io::Cursor::new(bytes.to_vec()))),
    };
    let start = |runtime: Arc<dyn Runtime>| {
        pipeline::start(config, source, outputs, runtime).map_err(|error| Failed::Run(error.into()))
    };
    let metrics = match config.runtime.kind {
        RuntimeKind::Pool => {
            let runtime = Pool::new(config.runtime.threads.unwrap_or(2)).unwrap();
            futures::executor::block_on(start(Arc::new(runtime))?.finished())
        }
        RuntimeKind::Local => {
            let runtime = Local::new();
            runtime.block_on(start(Arc::new(runtime.clone()))?.finished())
        }
        RuntimeKind::Virtual => {
            let runtime = Virtual::new(config.runtime.cores, config.schedule_seed()).with_yields(yields);
            let handle = start(Arc::new(runtime.clone()))?;
            steer(&handle.monitor(), &runtime);
            runtime.block_on(handle.finished()).map_err(Failed::Hangs)?
        }
    }
    .map_err(Failed::Run)?;
    Ok(Results { processed: processed.bytes(), failed: failed.bytes(), log: log.bytes(), metrics })
}
