//! The pipeline: the stages and channels of the specification, wired.
//!
//! ```text
//! Producer ─ dataCh → Validators × N ─ validCh → Transformers × N ─ processedCh → fan-out ─ loaderCh → Loader
//!                          └────────── errorCh ─────────┴───────────────────────→    ├─ errorHandlerCh → Error Handler
//!                                                                                    └─ metricsCh → Metrics Collector
//! ```

mod monitor;
mod stage_workers;

use crate::batch::BatchPool;
use crate::channels::Channel;
use crate::config::{Config, ConfigError, Plan};
use crate::control::Control;
use crate::live_settings::LiveSettings;
use crate::metrics::{Metrics, Totals};
use crate::runtime::Runtime;
use crate::stages::buffered_sink::BufferedSink;
use crate::stages::producer::{Producer, Progress};
use crate::stages::reorder_buffer::ReorderBuffer;
use crate::stages::transformer::Transformer;
use crate::stages::validator::Validator;
use crate::stages::{error_handler, fan_out, loader, metrics_collector};
use crate::trace::Tracer;
use crate::trace::log::LogWriter;
use crate::worker::RunContext;
use crate::worker::StageError;
use crate::worker::Task;
use clearpipe_channel::Window;
use clearpipe_codec::SourceError;
use clearpipe_model::topology::{ChannelId, Stage};
use futures::FutureExt;
use futures::channel::oneshot;
use monitor::Seen;
use stage_workers::{Failure, StageSpec, StageWorkers};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};

pub use crate::stages::buffered_sink::Output;
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
    let plan = match source {
        Source::Generator => Plan::of_generator(config),
        Source::Inputs(_) => Plan::of_input(config),
    };
    let control = Arc::new(Control::new(&runtime));
    let window = config.ordered.then(|| Arc::new(Window::new(plan.window(), control.watermark())));
    let run = RunContext {
        tracer: Tracer::new(&config.trace, &runtime, &control, plan.batch(), outputs.log),
        control,
        settings: Arc::new(LiveSettings::new(config)),
        clock: config.clock,
        seed: config.seed,
        runtime,
    };
    let capacity = |channel| plan.capacity(channel);
    let data_ch = Channel::new(ChannelId::DataCh, capacity(ChannelId::DataCh));
    let valid_ch = Channel::new(ChannelId::ValidCh, capacity(ChannelId::ValidCh));
    let processed_ch = Channel::new(ChannelId::ProcessedCh, capacity(ChannelId::ProcessedCh));
    let error_ch = Channel::new(ChannelId::ErrorCh, capacity(ChannelId::ErrorCh));
    let loader_ch = Channel::new(ChannelId::LoaderCh, capacity(ChannelId::LoaderCh));
    let error_handler_ch = Channel::new(ChannelId::ErrorHandlerCh, capacity(ChannelId::ErrorHandlerCh));
    let metrics_ch = Channel::new(ChannelId::MetricsCh, capacity(ChannelId::MetricsCh));
    let channels = vec![
        (ChannelId::DataCh, data_ch.stats()),
        (ChannelId::ValidCh, valid_ch.stats()),
        (ChannelId::ProcessedCh, processed_ch.stats()),
        (ChannelId::ErrorCh, error_ch.stats()),
        (ChannelId::LoaderCh, loader_ch.stats()),
        (ChannelId::ErrorHandlerCh, error_handler_ch.stats()),
        (ChannelId::MetricsCh, metrics_ch.stats()),
    ];

    let progress = Arc::new(Progress::default());
    let totals = Arc::new(Mutex::new(Totals::default()));
    let processed_bytes = Arc::new(AtomicU64::new(0));
    let failed_bytes = Arc::new(AtomicU64::new(0));
    let (workers, ended) = StageWorkers::new(&run, &plan, window.clone());
    let pool = BatchPool::new(run.runtime.own_threads());
    let mut tasks = Vec::new();

    tasks.push(workers.add_one(Stage::Producer, |worker| {
        let producer = Producer::new(worker, source, config, &plan, window.clone(), &progress);
        producer.run(data_ch.sender(worker)).boxed()
    }));

    let validator = Arc::new(Validator::new(config, &pool));
    let noted = validator.noted();
    let (data, valid, errors) = (data_ch.clone(), valid_ch.clone(), error_ch.clone());
    tasks.extend(workers.add_stage(StageSpec::new(Stage::Validator, &data_ch, move |worker| {
        let (data, valid, errors) = (data.receiver(worker), valid.sender(worker), errors.sender(worker));
        validator.clone().run(worker.clone(), data, valid, errors).boxed()
    })));

    let transformer = Arc::new(Transformer::new(config, &pool));
    let (valid, processed, errors) = (valid_ch.clone(), processed_ch.clone(), error_ch.clone());
    tasks.extend(workers.add_stage(StageSpec::new(Stage::Transformer, &valid_ch, move |worker| {
        let (valid, processed, errors) = (valid.receiver(worker), processed.sender(worker), errors.sender(worker));
        transformer.clone().run(worker.clone(), valid, processed, errors).boxed()
    })));

    tasks.push(workers.add_one(Stage::FanOut, |worker| {
        let consumers = [loader_ch.sender(worker), error_handler_ch.sender(worker), metrics_ch.sender(worker)];
        let (processed, errors) = (processed_ch.receiver(worker), error_ch.receiver(worker));
        fan_out::run(worker.clone(), processed, errors, consumers).boxed()
    }));

    tasks.push(workers.add_one(Stage::Loader, |worker| {
        let file = BufferedSink::new(outputs.processed, "processed file", processed_bytes.clone());
        let order = ReorderBuffer::new(&run.control, &pool, window.as_ref(), 0);
        loader::run(worker.clone(), loader_ch.receiver(worker), order, file).boxed()
    }));

    tasks.push(workers.add_one(Stage::ErrorHandler, |worker| {
        let file = BufferedSink::new(outputs.failed, "failed file", failed_bytes.clone());
        let order = ReorderBuffer::new(&run.control, &pool, window.as_ref(), 1);
        let fail_fast = config.fail_fast;
        error_handler::run(worker.clone(), error_handler_ch.receiver(worker), order, file, fail_fast).boxed()
    }));

    tasks.push(workers.add_one(Stage::MetricsCollector, |worker| {
        let order = ReorderBuffer::new(&run.control, &pool, window.as_ref(), 2);
        metrics_collector::run(worker.clone(), metrics_ch.receiver(worker), order, totals.clone()).boxed()
    }));

    // All ends of all channels are given out by now: a stage that ended before could not be told from one to come.
    tasks.into_iter().for_each(Task::spawn);
    let batch = plan.batch();
    let prefix = config.input.rename_prefix.clone();
    let seen = Seen { channels, totals, progress, processed_bytes, failed_bytes, noted, prefix, batch };
    Ok(Handle { monitor: Arc::new(Monitor::new(run, workers, seen)), ended })
}

impl Handle {
    /// What can be seen of the run, and how it is steered.
    pub fn monitor(&self) -> Arc<Monitor> {
        self.monitor.clone()
    }

    /// Waits until all workers have ended, including those added during the run.
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
