//! Failures in the middle of a run: no stage hangs, and the first cause is reported.

mod support;

use clearpipe_core::config::{BatchSize, Config, ServiceTime};
use clearpipe_core::pipeline::{self, Output, Outputs, RecordsFrom, RunError};
use clearpipe_core::runtime::{Pool, Runtime, Virtual};
use clearpipe_core::worker::StageError;
use clearpipe_model::random::Random;
use futures::io::{AsyncRead, AsyncWrite};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use support::Shared;

/// Fails after this many calls.
struct Failing(u64);

impl Failing {
    fn call(&mut self) -> io::Result<()> {
        match self.0.checked_sub(1) {
            Some(left) => {
                self.0 = left;
                Ok(())
            }
            None => Err(io::Error::new(io::ErrorKind::StorageFull, "no space left")),
        }
    }
}

impl AsyncWrite for Failing {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(self.call().map(|()| bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Failing {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, into: &mut [u8]) -> Poll<io::Result<usize>> {
        const LINE: &[u8] = b"{\"id\":\"a\",\"value\":1}\n";
        Poll::Ready(self.call().map(|()| {
            into[..LINE.len()].copy_from_slice(LINE);
            LINE.len()
        }))
    }
}

/// Returns a run of many records, in some interleaving.
fn config(seed: u64) -> Config {
    let mut random = Random::new(seed);
    let mut config = Config { seed, records: 500, workers: 1 + random.below(5) as usize, ..Config::default() };
    config.channels.capacity = Some(1 + random.below(8) as usize);
    config.batch = BatchSize::Fixed(1 + random.below(4) as usize);
    config.ordered = random.below(4) > 0;
    config.window = (random.below(2) == 0).then(|| 4 + random.below(10) as usize);
    // Enough virtual time for the lines to be written before the end.
    config.service.producer.wait = ServiceTime::Fixed(Duration::from_millis(2));
    config
}

fn outputs(processed: Output, failed: Output) -> Outputs {
    Outputs { processed, failed, log: None }
}

fn nowhere() -> Output {
    Box::new(futures::io::sink())
}

#[test]
fn a_full_disk_ends_the_run_with_its_cause() {
    for seed in 0..300 {
        let broken: Output = Box::new(Failing(seed % 7));
        let (outputs, name) = match seed % 2 {
            0 => (outputs(broken, nowhere()), "processed file"),
            _ => (outputs(nowhere(), broken), "failed file"),
        };
        let runtime = Virtual::new(2, seed);
        let handle =
            pipeline::start(&config(seed), RecordsFrom::Generator, outputs, Arc::new(runtime.clone())).unwrap();
        match runtime.block_on(handle.finished()) {
            Ok(Err(RunError::Stage(StageError::Output { file, error }))) => {
                assert_eq!((file, error.kind()), (name, io::ErrorKind::StorageFull), "seed {seed}");
            }
            other => panic!("seed {seed}: {other:?}"),
        }
    }
}

#[test]
fn an_input_that_breaks_off_ends_the_run_and_keeps_what_came_before() {
    for seed in 0..300 {
        let lines = seed % 50;
        let (processed, failed) = (Shared::default(), Shared::default());
        let outputs = outputs(Box::new(processed.clone()), Box::new(failed.clone()));
        let runtime = Virtual::new(2, seed);
        let source = RecordsFrom::file(Box::new(Failing(lines)));
        let handle = pipeline::start(&config(seed), source, outputs, Arc::new(runtime.clone())).unwrap();
        match runtime.block_on(handle.finished()) {
            Ok(Err(RunError::Stage(StageError::Source(_)))) => {}
            other => panic!("seed {seed}: {other:?}"),
        }
        let written = [processed.bytes(), failed.bytes()].concat();
        assert_eq!(written.iter().filter(|&&byte| byte == b'\n').count() as u64, lines, "seed {seed}");
    }
}

/// A few lines, and then nothing more forever.
struct Silent(&'static [u8]);

impl AsyncRead for Silent {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, into: &mut [u8]) -> Poll<io::Result<usize>> {
        let length = self.0.len();
        if length == 0 {
            return Poll::Pending;
        }
        into[..length].copy_from_slice(std::mem::take(&mut self.0));
        Poll::Ready(Ok(length))
    }
}

#[test]
fn a_full_disk_ends_the_run_also_while_the_input_is_silent() {
    for seed in 0..100 {
        let runtime = Virtual::new(2, seed);
        let source = RecordsFrom::file(Box::new(Silent(b"{\"no\":\"record\"}\n{}\n")));
        let outputs = outputs(nowhere(), Box::new(Failing(0)));
        let handle = pipeline::start(&config(seed), source, outputs, Arc::new(runtime.clone())).unwrap();
        let result = runtime.block_on(handle.finished());
        assert!(matches!(result, Ok(Err(RunError::Stage(StageError::Output { .. })))), "seed {seed}: {result:?}");
    }
}

/// Takes this many blocks and then nothing more forever; or takes all, but never closes.
struct Stuck {
    takes: u64,
    closes: bool,
}

impl AsyncWrite for Stuck {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.takes.checked_sub(1) {
            Some(left) => {
                self.takes = left;
                Poll::Ready(Ok(bytes.len()))
            }
            None => Poll::Pending,
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.closes { Poll::Ready(Ok(())) } else { Poll::Pending }
    }
}

#[test]
fn an_abort_ends_a_run_whose_results_nobody_takes() {
    for seed in 0..100 {
        let stuck: Output = Box::new(match seed % 5 {
            0 => Stuck { takes: u64::MAX, closes: false },
            takes => Stuck { takes: takes - 1, closes: true },
        });
        let outputs = if seed % 2 == 0 { outputs(stuck, nowhere()) } else { outputs(nowhere(), stuck) };
        let runtime = Virtual::new(2, seed);
        let handle =
            pipeline::start(&config(seed), RecordsFrom::Generator, outputs, Arc::new(runtime.clone())).unwrap();
        let monitor = handle.monitor();
        while runtime.step() {}
        assert!(monitor.metrics().stages.iter().any(|stage| stage.workers[0].state.is_some()), "seed {seed}");
        monitor.control().abort();
        let result = runtime.block_on(handle.finished());
        assert!(matches!(result, Ok(Err(RunError::Stage(StageError::Aborted)))), "seed {seed}: {result:?}");
    }
}

/// Starts a run, runs it for this many steps, calls `interrupt`, and lets it end.
fn interrupted(seed: u64, interrupt: impl Fn(&pipeline::Monitor)) -> (Result<u64, RunError>, u64) {
    let (processed, failed) = (Shared::default(), Shared::default());
    let outputs = outputs(Box::new(processed.clone()), Box::new(failed.clone()));
    let runtime = Virtual::new(2, seed);
    let handle = pipeline::start(&config(seed), RecordsFrom::Generator, outputs, Arc::new(runtime.clone())).unwrap();
    let monitor = handle.monitor();
    for _ in 0..Random::new(seed).below(3000) {
        runtime.step();
    }
    interrupt(&monitor);
    let result = runtime.block_on(handle.finished()).expect("no run hangs");
    let written = [processed.bytes(), failed.bytes()].concat();
    (result.map(|metrics| metrics.produced), written.iter().filter(|&&byte| byte == b'\n').count() as u64)
}

#[test]
fn a_run_that_is_stopped_finishes_what_is_in_flight() {
    let mut early = 0;
    for seed in 0..300 {
        let (produced, written) = interrupted(seed, |run| run.control().stop());
        let produced = produced.unwrap();
        assert_eq!(produced, written, "seed {seed}");
        early += u64::from(produced < 500);
    }
    assert!(early > 100, "the stop came early in {early} of 300 runs");
}

#[test]
fn a_paused_run_can_be_stopped() {
    for seed in 0..300 {
        let (produced, written) = interrupted(seed, |run| {
            run.control().pause();
            assert!(run.control().is_paused());
            run.control().stop();
        });
        assert_eq!(produced.unwrap(), written, "seed {seed}");
    }
}

#[test]
fn a_run_that_is_aborted_ends_and_says_so() {
    let mut aborted = 0;
    for seed in 0..300 {
        match interrupted(seed, |run| run.control().abort()).0 {
            Err(RunError::Stage(StageError::Aborted)) => aborted += 1,
            Ok(_) => {}
            Err(error) => panic!("seed {seed}: {error}"),
        }
    }
    assert!(aborted > 100, "{aborted} of 300 runs were aborted");
}

#[test]
fn a_paused_run_stands_still_until_it_is_resumed() {
    let runtime = Virtual::new(2, 7);
    let config = Config { batch: BatchSize::Fixed(1), records: 50_000, ..Config::default() };
    let outputs = outputs(nowhere(), nowhere());
    let handle = pipeline::start(&config, RecordsFrom::Generator, outputs, Arc::new(runtime.clone())).unwrap();
    let monitor = handle.monitor();
    for _ in 0..400 {
        runtime.step();
    }
    monitor.control().pause();
    while runtime.step() {}
    let paused = monitor.metrics();
    assert!(paused.paused && paused.produced > 0 && paused.produced < 50_000);
    assert!(paused.channels.iter().any(|channel| channel.depth > 0), "records wait in the channels");
    monitor.control().resume();
    let end = runtime.block_on(handle.finished()).unwrap().unwrap();
    assert_eq!((end.produced, end.processed + end.failed), (50_000, 50_000));
}

#[test]
fn a_pause_is_not_time_of_the_run() {
    let run = |pauses: bool| {
        let runtime = Virtual::new(2, 7);
        let mut config = Config { batch: BatchSize::Fixed(1), workers: 1, ..Config::default() };
        config.generator.rate_limit = 100.0;
        config.service.validator.wait = ServiceTime::Fixed(Duration::from_millis(7));
        let handle =
            pipeline::start(&config, RecordsFrom::Generator, outputs(nowhere(), nowhere()), Arc::new(runtime.clone()));
        let handle = handle.unwrap();
        let monitor = handle.monitor();
        for _ in 0..if pauses { 5 } else { 0 } {
            for _ in 0..50 {
                runtime.step();
            }
            monitor.control().pause();
            let before = monitor.metrics();
            // A sleeping task wakes up meanwhile, and finds that no time has passed.
            while runtime.step() {}
            runtime.block_on(runtime.sleep(Duration::from_secs(60))).unwrap();
            let after = monitor.metrics();
            assert_eq!((after.elapsed_seconds, after.produced), (before.elapsed_seconds, before.produced));
            monitor.control().resume();
            assert_eq!(monitor.elapsed().as_secs_f64(), before.elapsed_seconds);
        }
        let metrics = runtime.block_on(handle.finished()).unwrap().unwrap();
        (metrics.elapsed_seconds, runtime.now())
    };
    let (through, with_pauses) = (run(false), run(true));
    assert_eq!(through.0, with_pauses.0);
    assert!(with_pauses.1 > Duration::from_secs(300));
}

#[test]
fn a_run_that_waits_for_long_is_stopped_at_once() {
    let hour = ServiceTime::Fixed(Duration::from_secs(3600));
    for (stage, order) in [(0, "stop"), (0, "abort"), (1, "abort")] {
        let runtime = Virtual::new(2, 1);
        let mut config = Config { batch: BatchSize::Fixed(1), ..Config::default() };
        match stage {
            0 => config.service.producer.wait = hour.clone(),
            _ => config.service.validator.wait = hour.clone(),
        }
        let handle =
            pipeline::start(&config, RecordsFrom::Generator, outputs(nowhere(), nowhere()), Arc::new(runtime.clone()));
        let handle = handle.unwrap();
        let monitor = handle.monitor();
        while runtime.now() < Duration::from_secs(3600) {
            assert!(runtime.step());
        }
        match order {
            "stop" => monitor.control().stop(),
            _ => monitor.control().abort(),
        }
        let result = runtime.block_on(handle.finished()).unwrap();
        assert_eq!(matches!(result, Err(RunError::Stage(StageError::Aborted))), order == "abort", "{result:?}");
        assert!(runtime.now() <= Duration::from_secs(3601), "{order}: {:?}", runtime.now());
    }
}

#[test]
fn a_failing_run_on_threads_ends_too() {
    for round in 0..50 {
        let runtime: Arc<dyn Runtime> = Arc::new(Pool::new(2).unwrap());
        let config = Config { records: 100_000_000, workers: 4, ..Config::default() };
        let outputs = outputs(Box::new(Failing(round % 5)), nowhere());
        let handle = pipeline::start(&config, RecordsFrom::Generator, outputs, runtime).unwrap();
        let error = futures::executor::block_on(handle.finished()).unwrap_err();
        assert!(matches!(error, RunError::Stage(StageError::Output { .. })), "{error}");
    }
}

#[test]
fn an_injected_panic_fails_its_record_alone() {
    let config = Config {
        faults: clearpipe_core::config::Faults {
            validator_panic: "every 7".parse().unwrap(),
            transformer_panic: "every 13".parse().unwrap(),
            ..Default::default()
        },
        ..Config::default()
    };
    let results = support::run(&config, None).unwrap();
    let failed = String::from_utf8(results.failed).unwrap();
    assert!(failed.contains(r#""error":"the Validator panicked: injected fault""#));
    assert!(failed.contains(r#""error":"the Transformer panicked: injected fault""#));
    assert_eq!(results.metrics.processed + results.metrics.failed, 50);
    assert_eq!(failed.lines().count() as u64, results.metrics.failed);
}
