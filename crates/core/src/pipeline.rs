//! The pipeline: the stages and channels of the specification, wired.
//!
//! ```text
//! Producer ─ dataCh → Validators × N ─ validCh → Transformers × N ─ processedCh → fan-out ─ loaderCh → Loader
//!                          └────────── errorCh ─────────┴───────────────────────→    ├─ errorHandlerCh → Error Handler
//!                                                                                    └─ metricsCh → Metrics Collector
//! ```

use crate::channel::{Channel, Gauge, Window};
use crate::config::{Config, ConfigError};
use crate::control::Control;
use crate::metrics::{ChannelMetrics, FailedByStatus, Metrics, StageMetrics, Totals, WorkerMetrics};
use crate::place::{ChannelId, Stage};
use crate::runtime::Runtime;
use crate::source::SourceError;
use crate::stages::StageError;
use crate::stages::file::LineFile;
use crate::stages::order::Order;
use crate::stages::producer::{Producer, Progress};
use crate::stages::seat::{Run, Seat};
use crate::stages::task::{Ended, Task};
use crate::stages::transformer::Transformer;
use crate::stages::validator::Validator;
use crate::stages::{error_handler, fan_out, loader, metrics_collector};
use crate::trace::Tracer;
use crate::trace::log::LogWriter;
use futures::channel::oneshot;
use futures::future::BoxFuture;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

pub use crate::stages::file::Output;
pub use crate::stages::producer::Source;

/// Where the results of a run go.
pub struct Outputs {
    /// The lines of the processed records.
    pub processed: Output,
    /// The lines of the failed records.
    pub failed: Output,
    /// The event log, if there is to be a complete one.
    pub log: Option<LogWriter>,
}

/// Why a run failed.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The configuration is wrong, by itself or for this input.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A stage could not do its work.
    #[error(transparent)]
    Stage(StageError),
    /// The event log could not be written.
    #[error("the event log can't be written: {0}")]
    Log(#[source] std::io::Error),
}

/// A run that goes on. Dropping it does not end it.
pub struct Handle {
    monitor: Arc<Monitor>,
    stages: Vec<oneshot::Receiver<Result<(), StageError>>>,
}

/// What can be seen of a run, and how it is steered.
pub struct Monitor {
    run: Run,
    end: OnceLock<Duration>,
    batch: usize,
    seats: Vec<Arc<Seat>>,
    gauges: Vec<(ChannelId, Arc<Gauge>)>,
    totals: Arc<Mutex<Totals>>,
    progress: Arc<Progress>,
    processed_bytes: Arc<AtomicU64>,
    failed_bytes: Arc<AtomicU64>,
}

/// Starts a run.
///
/// # Errors
/// If the configuration is wrong.
pub fn start(
    config: &Config,
    source: Source,
    outputs: Outputs,
    runtime: Arc<dyn Runtime>,
) -> Result<Handle, ConfigError> {
    config.check()?;
    let window = config.ordered.then(|| Arc::new(Window::new(config.window_size())));
    let control = Arc::new(Control::new(&runtime));
    let run = Run {
        tracer: Tracer::new(&config.trace, &runtime, &control, config.largest_batch(), outputs.log),
        control,
        clock: config.clock,
        seed: config.seed,
        runtime,
    };
    let capacity = |channel| config.capacity_of(channel);
    let data_ch = Channel::new(ChannelId::DataCh, capacity(ChannelId::DataCh));
    let valid_ch = Channel::new(ChannelId::ValidCh, capacity(ChannelId::ValidCh));
    let processed_ch = Channel::new(ChannelId::ProcessedCh, capacity(ChannelId::ProcessedCh));
    let error_ch = Channel::new(ChannelId::ErrorCh, capacity(ChannelId::ErrorCh));
    let loader_ch = Channel::new(ChannelId::LoaderCh, capacity(ChannelId::LoaderCh));
    let error_handler_ch = Channel::new(ChannelId::ErrorHandlerCh, capacity(ChannelId::ErrorHandlerCh));
    let metrics_ch = Channel::new(ChannelId::MetricsCh, capacity(ChannelId::MetricsCh));

    let progress = Arc::new(Progress::default());
    let totals = Arc::new(Mutex::new(Totals::default()));
    let processed_bytes = Arc::new(AtomicU64::new(0));
    let failed_bytes = Arc::new(AtomicU64::new(0));
    let mut crew = Crew { run: &run, config, seats: Vec::new(), stages: Vec::new() };

    let seat = crew.seat(Stage::Producer, 0);
    let producer = Producer::new(&seat, source, config, window.clone(), &progress);
    crew.hire(&seat, producer.run(data_ch.sender(&seat)));

    let validator = Arc::new(Validator::new(config));
    for worker in 0..config.workers_of(Stage::Validator) {
        let seat = crew.seat(Stage::Validator, worker);
        let (data, valid, errors) = (data_ch.receiver(&seat), valid_ch.sender(&seat), error_ch.sender(&seat));
        crew.hire(&seat, validator.clone().run(seat.clone(), data, valid, errors));
    }

    let transformer = Arc::new(Transformer::new(config));
    for worker in 0..config.workers_of(Stage::Transformer) {
        let seat = crew.seat(Stage::Transformer, worker);
        let (valid, processed, errors) = (valid_ch.receiver(&seat), processed_ch.sender(&seat), error_ch.sender(&seat));
        crew.hire(&seat, transformer.clone().run(seat.clone(), valid, processed, errors));
    }

    let seat = crew.seat(Stage::FanOut, 0);
    let consumers = [loader_ch.sender(&seat), error_handler_ch.sender(&seat), metrics_ch.sender(&seat)];
    let (processed, errors) = (processed_ch.receiver(&seat), error_ch.receiver(&seat));
    crew.hire(&seat, fan_out::run(seat.clone(), processed, errors, consumers));

    let seat = crew.seat(Stage::Loader, 0);
    let file = LineFile::new(outputs.processed, "processed file", processed_bytes.clone());
    let order = Order::new(window.as_ref(), 0);
    crew.hire(&seat, loader::run(seat.clone(), loader_ch.receiver(&seat), order, file));

    let seat = crew.seat(Stage::ErrorHandler, 0);
    let file = LineFile::new(outputs.failed, "failed file", failed_bytes.clone());
    let order = Order::new(window.as_ref(), 1);
    crew.hire(&seat, error_handler::run(seat.clone(), error_handler_ch.receiver(&seat), order, file));

    let seat = crew.seat(Stage::MetricsCollector, 0);
    let order = Order::new(window.as_ref(), 2);
    crew.hire(&seat, metrics_collector::run(seat.clone(), metrics_ch.receiver(&seat), order, totals.clone()));

    let Crew { seats, stages, .. } = crew;
    let gauges = vec![
        (ChannelId::DataCh, data_ch.gauge()),
        (ChannelId::ValidCh, valid_ch.gauge()),
        (ChannelId::ProcessedCh, processed_ch.gauge()),
        (ChannelId::ErrorCh, error_ch.gauge()),
        (ChannelId::LoaderCh, loader_ch.gauge()),
        (ChannelId::ErrorHandlerCh, error_handler_ch.gauge()),
        (ChannelId::MetricsCh, metrics_ch.gauge()),
    ];
    let batch = config.largest_batch();
    let monitor = Arc::new(Monitor {
        run,
        end: OnceLock::new(),
        batch,
        seats,
        gauges,
        totals,
        progress,
        processed_bytes,
        failed_bytes,
    });
    // All ends of all channels are given out by now: a stage that ended before could not be told from one to come.
    let stages = stages.into_iter().map(|stage| stage.start()).collect();
    Ok(Handle { monitor, stages })
}

/// The workers while they are put in their places.
struct Crew<'a> {
    run: &'a Run,
    config: &'a Config,
    seats: Vec<Arc<Seat>>,
    stages: Vec<Hired>,
}

/// A worker that has not begun yet.
struct Hired {
    seat: Arc<Seat>,
    work: BoxFuture<'static, Result<(), StageError>>,
}

impl Crew<'_> {
    fn seat(&mut self, stage: Stage, worker: usize) -> Arc<Seat> {
        let seat = Seat::new(stage, worker as u16, self.run, self.config);
        self.seats.push(seat.clone());
        seat
    }

    fn hire(&mut self, seat: &Arc<Seat>, work: impl Future<Output = Result<(), StageError>> + Send + 'static) {
        self.stages.push(Hired { seat: seat.clone(), work: Box::pin(work) });
    }
}

impl Hired {
    /// Runs the worker as a task; its result comes through the channel.
    fn start(self) -> oneshot::Receiver<Ended> {
        let (report, reported) = oneshot::channel();
        Task::new(&self.seat, self.work, report).spawn();
        reported
    }
}

impl Handle {
    /// What can be seen of the run, and how it is steered.
    pub fn monitor(&self) -> Arc<Monitor> {
        self.monitor.clone()
    }

    /// Waits until all stages have ended.
    ///
    /// # Errors
    /// The first failure of a stage; if the run was aborted, that.
    pub async fn finished(self) -> Result<Metrics, RunError> {
        let results = futures::future::join_all(self.stages).await;
        let _ = self.monitor.end.set(self.monitor.run.control.now());
        let log = self.monitor.run.tracer.finish_log();
        let mut aborted = None;
        for result in results {
            match result {
                // A stage whose successor has ended is not the one to blame.
                Ok(Ok(()) | Err(StageError::Disconnected)) => {}
                Ok(Err(StageError::Aborted)) => aborted = Some(StageError::Aborted),
                Ok(Err(StageError::Source(SourceError::Layout(problems)))) => {
                    return Err(ConfigError { problems }.into());
                }
                Ok(Err(error)) => return Err(RunError::Stage(error)),
                Err(oneshot::Canceled) => {
                    return Err(RunError::Stage(StageError::Panicked("a stage ended without a result".to_owned())));
                }
            }
        }
        match aborted {
            Some(aborted) => Err(RunError::Stage(aborted)),
            None => log.map(|()| self.monitor.metrics()).map_err(RunError::Log),
        }
    }
}

impl Monitor {
    /// How the run is steered.
    pub fn control(&self) -> &Control {
        &self.run.control
    }

    /// The event log.
    pub fn tracer(&self) -> &Tracer {
        &self.run.tracer
    }

    /// How long the run has taken so far, without its pauses; at its end, how long it took.
    pub fn elapsed(&self) -> Duration {
        self.end.get().copied().unwrap_or_else(|| self.run.control.now())
    }

    /// The metrics at this moment.
    pub fn metrics(&self) -> Metrics {
        let now = self.elapsed();
        let totals = self.totals.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let failed = totals.invalid + totals.transformation_errors;
        let elapsed = now.as_secs_f64();
        let per_second = (totals.processed + failed) as f64 / elapsed;
        Metrics {
            produced: self.progress.produced.load(Ordering::Relaxed),
            processed: totals.processed,
            failed,
            failed_by_status: FailedByStatus {
                invalid: totals.invalid,
                transformation_error: totals.transformation_errors,
            },
            anomalies: totals.anomalies,
            total_value: totals.value.value(),
            elapsed_seconds: elapsed,
            records_per_second: if per_second.is_finite() { per_second } else { 0.0 },
            processed_bytes: self.processed_bytes.load(Ordering::Relaxed),
            failed_bytes: self.failed_bytes.load(Ordering::Relaxed),
            input_bytes: self.progress.input_bytes.load(Ordering::Relaxed),
            stopped: self.run.control.is_stopped(),
            paused: self.run.control.is_paused(),
            threads: self.run.runtime.threads(),
            batch: self.batch,
            stages: Stage::ALL.into_iter().map(|stage| self.stage(stage, now)).collect(),
            channels: self.gauges.iter().map(|(id, gauge)| ChannelMetrics::of(*id, gauge)).collect(),
            trace_dropped_records: self.run.tracer.dropped_records(),
            trace_dropped_task_events: self.run.tracer.dropped_task_events(),
        }
    }

    fn stage(&self, stage: Stage, now: Duration) -> StageMetrics {
        let seats = self.seats.iter().filter(|seat| seat.stage == stage);
        StageMetrics { stage, workers: seats.map(|seat| WorkerMetrics::of(&seat.activity, now)).collect() }
    }
}
