//! The pipeline: the stages and channels of the specification, wired.
//!
//! ```text
//! Producer ─ dataCh → Validators × N ─ validCh → Transformers × N ─ processedCh → fan-out ─ loaderCh → Loader
//!                          └────────── errorCh ─────────┴───────────────────────→    ├─ errorHandlerCh → Error Handler
//!                                                                                    └─ metricsCh → Metrics Collector
//! ```

mod crew;
mod monitor;

use crate::channel::{Channel, Window};
use crate::config::{Config, ConfigError};
use crate::control::Control;
use crate::metrics::{Metrics, Totals};
use crate::place::{ChannelId, Stage};
use crate::recycled::Recycling;
use crate::runtime::Runtime;
use crate::source::SourceError;
use crate::stages::StageError;
use crate::stages::file::LineFile;
use crate::stages::order::Order;
use crate::stages::producer::{Producer, Progress};
use crate::stages::seat::Run;
use crate::stages::task::Task;
use crate::stages::transformer::Transformer;
use crate::stages::validator::Validator;
use crate::stages::{error_handler, fan_out, loader, metrics_collector};
use crate::trace::Tracer;
use crate::trace::log::LogWriter;
use crate::tuning::Tuning;
pub(crate) use crew::Crew;
use crew::{Failure, Team};
use futures::FutureExt;
use futures::channel::oneshot;
use monitor::Seen;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};

pub use crate::stages::file::Output;
pub use crate::stages::producer::Source;
pub use monitor::Monitor;

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
    ended: oneshot::Receiver<Vec<Failure>>,
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
    let config = &match source {
        Source::Generator => config.clone(),
        Source::Inputs(_) => config.of_input(),
    };
    let control = Arc::new(Control::new(&runtime));
    let window = config.ordered.then(|| Arc::new(Window::new(config.window_size(), &control)));
    let run = Run {
        tracer: Tracer::new(&config.trace, &runtime, &control, config.largest_batch(), outputs.log),
        control,
        tuning: Arc::new(Tuning::new(config)),
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
    let gauges = vec![
        (ChannelId::DataCh, data_ch.gauge()),
        (ChannelId::ValidCh, valid_ch.gauge()),
        (ChannelId::ProcessedCh, processed_ch.gauge()),
        (ChannelId::ErrorCh, error_ch.gauge()),
        (ChannelId::LoaderCh, loader_ch.gauge()),
        (ChannelId::ErrorHandlerCh, error_handler_ch.gauge()),
        (ChannelId::MetricsCh, metrics_ch.gauge()),
    ];

    let progress = Arc::new(Progress::default());
    let totals = Arc::new(Mutex::new(Totals::default()));
    let processed_bytes = Arc::new(AtomicU64::new(0));
    let failed_bytes = Arc::new(AtomicU64::new(0));
    let (crew, ended) = Crew::new(&run, config, window.clone());
    let recycling = Recycling::new(run.runtime.own_threads());
    let mut tasks = Vec::new();

    tasks.push(crew.post(Stage::Producer, |seat| {
        let producer = Producer::new(seat, source, config, window.clone(), &progress);
        producer.run(data_ch.sender(seat)).boxed()
    }));

    let validator = Arc::new(Validator::new(config, &recycling));
    let noted = validator.noted();
    let (data, valid, errors) = (data_ch.clone(), valid_ch.clone(), error_ch.clone());
    tasks.extend(crew.post_team(Team::new(Stage::Validator, &data_ch, move |seat| {
        let (data, valid, errors) = (data.receiver(seat), valid.sender(seat), errors.sender(seat));
        validator.clone().run(seat.clone(), data, valid, errors).boxed()
    })));

    let transformer = Arc::new(Transformer::new(config, &recycling));
    let (valid, processed, errors) = (valid_ch.clone(), processed_ch.clone(), error_ch.clone());
    tasks.extend(crew.post_team(Team::new(Stage::Transformer, &valid_ch, move |seat| {
        let (valid, processed, errors) = (valid.receiver(seat), processed.sender(seat), errors.sender(seat));
        transformer.clone().run(seat.clone(), valid, processed, errors).boxed()
    })));

    tasks.push(crew.post(Stage::FanOut, |seat| {
        let consumers = [loader_ch.sender(seat), error_handler_ch.sender(seat), metrics_ch.sender(seat)];
        let (processed, errors) = (processed_ch.receiver(seat), error_ch.receiver(seat));
        fan_out::run(seat.clone(), processed, errors, consumers).boxed()
    }));

    tasks.push(crew.post(Stage::Loader, |seat| {
        let file = LineFile::new(outputs.processed, "processed file", processed_bytes.clone());
        let order = Order::new(&run.control, &recycling, window.as_ref(), 0);
        loader::run(seat.clone(), loader_ch.receiver(seat), order, file).boxed()
    }));

    tasks.push(crew.post(Stage::ErrorHandler, |seat| {
        let file = LineFile::new(outputs.failed, "failed file", failed_bytes.clone());
        let order = Order::new(&run.control, &recycling, window.as_ref(), 1);
        let fail_fast = config.fail_fast;
        error_handler::run(seat.clone(), error_handler_ch.receiver(seat), order, file, fail_fast).boxed()
    }));

    tasks.push(crew.post(Stage::MetricsCollector, |seat| {
        let order = Order::new(&run.control, &recycling, window.as_ref(), 2);
        metrics_collector::run(seat.clone(), metrics_ch.receiver(seat), order, totals.clone()).boxed()
    }));

    // All ends of all channels are given out by now: a stage that ended before could not be told from one to come.
    tasks.into_iter().for_each(Task::spawn);
    let batch = config.largest_batch();
    let prefix = config.input.rename_prefix.clone();
    let seen = Seen { gauges, totals, progress, processed_bytes, failed_bytes, noted, prefix, batch };
    Ok(Handle { monitor: Arc::new(Monitor::new(run, crew, seen)), ended })
}

impl Handle {
    /// What can be seen of the run, and how it is steered.
    pub fn monitor(&self) -> Arc<Monitor> {
        self.monitor.clone()
    }

    /// Waits until all workers have ended, also those who were hired meanwhile.
    ///
    /// # Errors
    /// The first failure of a stage; if the run was aborted, that.
    pub async fn finished(self) -> Result<Metrics, RunError> {
        let failures = self.ended.await;
        let log = self.monitor.end();
        let Ok(mut failures) = failures else {
            return Err(RunError::Stage(StageError::Panicked("the run ended without a result".to_owned())));
        };
        // In the order of the stages, whoever was the first to end.
        failures.sort_by_key(|(stage, worker, _)| (*stage, *worker));
        let is_cause = |failure: &Failure| !matches!(failure.2, StageError::Aborted);
        let at = failures.iter().position(is_cause).unwrap_or(0);
        match failures.into_iter().nth(at) {
            Some((_, _, StageError::Source(SourceError::Layout(problems)))) => Err(ConfigError { problems }.into()),
            Some((_, _, error)) => Err(RunError::Stage(error)),
            None => log.map(|()| self.monitor.metrics()).map_err(RunError::Log),
        }
    }
}
