//! The pipeline as a candidate: its source, its destination, and its observer.

use super::bottleneck::Bottleneck;
use super::scenario::{Sample, Work};
use anyhow::{Context, anyhow};
use clearpipe_core::config::{Clock, Config, TraceOptions};
use clearpipe_core::metrics::Metrics;
use clearpipe_core::pipeline::{self, Monitor, Output, Outputs, RecordsFrom};
use clearpipe_core::runtime::{Pool, Virtual};
use clearpipe_core::trace::log::LogWriter;
use clearpipe_io::inputs::InputFiles;
use clearpipe_io::output::{Destination, Unfinished};
use clearpipe_model::time::Timestamp;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The names of both files, as in a run.
pub const FILES: [&str; 2] = ["processed_data.jsonl", "failed_data.jsonl"];

/// The file of the metrics, or of the event log.
const THIRD_FILE: &str = "third";

/// The observer of the pipeline while it runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Spectator {
    /// None.
    Nobody,
    /// A page: it reads the events as often as it draws.
    Page,
    /// A person: there is a progress bar, and at the end a file of the metrics.
    Person,
    /// None, but every event is written to a file.
    Log,
}

/// A pipeline that can be run repeatedly.
#[derive(Clone, Debug)]
pub struct Pipeline {
    /// Its settings. If they name an input, it is read.
    pub config: Config,
    /// The number of threads.
    pub threads: usize,
    /// The folder for its files; without one they are discarded.
    pub folder: Option<PathBuf>,
    /// The observer.
    pub spectator: Spectator,
}

/// Returns the settings of a run with generated records at a fixed time.
pub fn generated(records: u64) -> Config {
    Config { records, clock: Clock::Fixed(Timestamp::from_micros(1_767_225_600_000_000)), ..Config::default() }
}

impl Pipeline {
    /// Creates a pipeline whose lines are discarded.
    pub fn new(config: Config, threads: usize) -> Pipeline {
        Pipeline { config, threads, folder: None, spectator: Spectator::Nobody }
    }

    /// Adds events and an observer. `None` records no events.
    pub fn seen_by(mut self, spectator: Spectator, trace: Option<TraceOptions>) -> Pipeline {
        self.spectator = spectator;
        self.config.trace = trace.map_or(self.config.trace, |trace| TraceOptions { enabled: true, ..trace });
        self
    }

    /// Runs it with this many records; an input determines its own number. Starting the threads is not measured.
    pub fn run(&self, records: u64) -> anyhow::Result<Sample> {
        let (elapsed, metrics) = self.measure(records)?;
        Ok(self.sample(elapsed.as_secs_f64(), &metrics))
    }

    /// Runs it in simulated time.
    pub fn run_virtually(&self, records: u64) -> anyhow::Result<Sample> {
        let config = Config { records, ..self.config.clone() };
        let runtime = Virtual::new(config.runtime.cores, config.schedule_seed());
        let outputs = Outputs { processed: nowhere(), failed: nowhere(), log: None };
        let run = pipeline::start(&config, RecordsFrom::Generator, outputs, Arc::new(runtime.clone()))
            .map_err(|error| anyhow!("{error}"))?;
        let metrics = runtime.block_on(run.finished())?.map_err(|error| anyhow!("{error}"))?;
        Ok(self.sample(metrics.elapsed_seconds, &metrics))
    }

    fn sample(&self, seconds: f64, metrics: &Metrics) -> Sample {
        let all = metrics.processed + metrics.failed;
        let bottleneck = Some(Bottleneck::of(metrics, &self.config));
        Sample { bottleneck, ..Sample::rate(all, seconds, Some(Work::from(metrics))) }
    }

    fn measure(&self, records: u64) -> anyhow::Result<(Duration, Metrics)> {
        let config = &Config { records, ..self.config.clone() };
        // Earlier files must not be removed while the clock runs.
        let [processed, failed] = FILES;
        let files = self.folder.iter().flat_map(|folder| [processed, failed, THIRD_FILE].map(|name| folder.join(name)));
        files.for_each(|file| drop(fs::remove_file(file)));
        let pool = Arc::new(Pool::new(self.threads).context("the pool can't be started")?);
        let start = Instant::now();
        let source = match &config.input.file[..] {
            [] => RecordsFrom::Generator,
            files => RecordsFrom::Inputs(
                InputFiles { names: files.iter().map(PathBuf::from).collect(), ..InputFiles::default() }
                    .open(true)?
                    .inputs,
            ),
        };
        let files = Unfinished::default();
        let outputs = self.outputs(config, &files)?;
        let run = pipeline::start(config, source, outputs, pool)?;
        let monitor = run.monitor();
        let ended = &AtomicBool::new(false);
        let mut elapsed = Duration::ZERO;
        let metrics = std::thread::scope(|scope| {
            let end = match self.spectator {
                Spectator::Nobody | Spectator::Log => None,
                Spectator::Page => {
                    Some(scope.spawn(move || watch(ended, Duration::from_millis(16), || drain(&monitor))))
                }
                Spectator::Person => {
                    let look = move || drop(std::hint::black_box(monitor.metrics()));
                    Some(scope.spawn(move || watch(ended, Duration::from_millis(100), look)))
                }
            };
            let finish = || -> anyhow::Result<Metrics> {
                let metrics = futures::executor::block_on(run.finished()).map_err(|error| anyhow!("{error}"))?;
                if self.spectator == Spectator::Person {
                    self.write_metrics(&metrics)?;
                }
                files.finish()?;
                Ok(metrics)
            };
            let metrics = finish();
            // Excluding how long the observer still sleeps.
            elapsed = start.elapsed();
            ended.store(true, Ordering::Relaxed);
            end.iter().for_each(|thread| thread.thread().unpark());
            metrics
        });
        files.discard();
        Ok((elapsed, metrics?))
    }

    fn outputs(&self, config: &Config, files: &Unfinished) -> anyhow::Result<Outputs> {
        let output = |name: &str| -> anyhow::Result<Output> {
            match &self.folder {
                None => Ok(nowhere()),
                Some(folder) => Ok(Box::new(Destination::open(&folder.join(name), files)?.into_async(|| ()))),
            }
        };
        let log = match (self.spectator, &self.folder) {
            (Spectator::Log, Some(folder)) => {
                Some(LogWriter::new(Box::new(Destination::open(&folder.join(THIRD_FILE), files)?), config))
            }
            _ => None,
        };
        Ok(Outputs { processed: output(FILES[0])?, failed: output(FILES[1])?, log })
    }

    fn write_metrics(&self, metrics: &Metrics) -> anyhow::Result<()> {
        if let Some(folder) = &self.folder {
            let path = folder.join(THIRD_FILE);
            let file = File::create(&path).with_context(|| cannot_write(&path))?;
            serde_json::to_writer_pretty(file, metrics).with_context(|| cannot_write(&path))?;
        }
        Ok(())
    }
}

/// Returns the message for a file that can't be written.
pub fn cannot_write(path: &Path) -> String {
    format!("{} can't be written", clearpipe_io::text::name(path))
}

fn nowhere() -> Output {
    Box::new(futures::io::sink())
}

/// Calls `look` repeatedly until the run has ended.
fn watch(ended: &AtomicBool, pause: Duration, look: impl Fn()) {
    while !ended.load(Ordering::Relaxed) {
        look();
        std::thread::park_timeout(pause);
    }
}

/// Reads the event log, and discards it.
fn drain(monitor: &Monitor) {
    monitor.tracer().rings().iter().for_each(|ring| ring.drain(|_| ()));
}
