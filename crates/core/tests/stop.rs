//! A run that is stopped ends, even if its source has nothing for the time being.

use clearpipe_codec::{FileSource, Input, InputOptions, Lines, SourceError};
use clearpipe_core::config::Config;
use clearpipe_core::metrics::Metrics;
use clearpipe_core::pipeline::{self, Outputs, RecordsFrom, RunError};
use clearpipe_core::runtime::{Runtime, Virtual};
use clearpipe_core::source::Source;
use futures::future::{Either, select};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

/// Returns some lines, and then waits for more forever.
struct Quiet {
    lines: FileSource,
    /// How often it was asked.
    asked: Arc<AtomicU64>,
}

impl Source for Quiet {
    fn poll_next(&mut self, context: &mut Context<'_>, want: usize) -> Poll<Result<Option<Lines>, SourceError>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        match self.lines.poll_next(context, want) {
            Poll::Ready(Ok(None)) => Poll::Pending,
            polled => polled,
        }
    }
}

/// Runs a source that has two valid records and an invalid one. After a second, `steer` ends the run, if it hasn't ended.
fn run(config: &Config, steer: impl Fn(&pipeline::Monitor)) -> Result<Metrics, RunError> {
    run_asked(config, Arc::default(), steer)
}

/// Also counts how often the source is asked.
fn run_asked(config: &Config, asked: Arc<AtomicU64>, steer: impl Fn(&pipeline::Monitor)) -> Result<Metrics, RunError> {
    let line = |value: i32| {
        format!(
            "{{\"id\":\"a\",\"timestamp\":\"2026-01-01T00:00:00Z\",\"sensor_id\":\"s\",\"value\":{value},\
             \"unit\":\"unit_A\",\"location\":\"x\"}}\n"
        )
    };
    let text = [line(1), line(2), line(-1)].concat();
    let input = Input::new(Box::new(futures::io::Cursor::new(text.into_bytes())));
    let source = Quiet { lines: FileSource::new(input, &InputOptions::default(), &[]), asked };
    let runtime = Arc::new(Virtual::new(2, 1));
    let sink = || Box::new(futures::io::sink());
    let outputs = Outputs { processed: sink(), failed: sink(), log: None };
    let handle = pipeline::start(config, RecordsFrom::Source(Box::new(source)), outputs, runtime.clone()).unwrap();
    let monitor = handle.monitor();
    let second = runtime.sleep(Duration::from_secs(1));
    let finished = async {
        match select(std::pin::pin!(handle.finished()), second).await {
            Either::Left((result, _)) => result,
            Either::Right(((), finished)) => {
                steer(&monitor);
                finished.await
            }
        }
    };
    // A run that nothing can continue is a deadlock, which the virtual clock notices.
    runtime.block_on(finished).expect("the run ends")
}

#[test]
fn a_source_that_waits_is_stopped() {
    let metrics = run(&Config::default(), |monitor| monitor.control().stop()).unwrap();
    assert_eq!((metrics.processed, metrics.failed), (2, 1));
}

#[test]
fn a_source_that_waits_is_aborted() {
    let result = run(&Config::default(), |monitor| monitor.control().abort());
    assert!(matches!(result, Err(RunError::Stage(_))), "{result:?}");
}

#[test]
fn the_first_failed_record_stops_a_source_that_waits() {
    let config = Config { fail_fast: true, ..Config::default() };
    let metrics = run(&config, |_| panic!("it has ended by then")).unwrap();
    assert_eq!((metrics.processed, metrics.failed, metrics.stopped), (2, 1, true));
}

/// A source such as a pipe on the virtual clock blocks its only thread, so it must not be asked once more than needed.
#[test]
fn a_stopped_source_is_not_asked_again() {
    let (asked, before) = (Arc::new(AtomicU64::new(0)), AtomicU64::new(0));
    run_asked(&Config::default(), asked.clone(), |monitor| {
        before.store(asked.load(Ordering::Relaxed), Ordering::Relaxed);
        monitor.control().stop();
    })
    .unwrap();
    assert!(before.load(Ordering::Relaxed) > 0);
    assert_eq!(asked.load(Ordering::Relaxed), before.load(Ordering::Relaxed));
}
