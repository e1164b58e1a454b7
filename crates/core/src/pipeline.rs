//! The pipeline: wires the stages and channels of the specification together.
//!
//! ```text
//! Producer ─ dataCh → Validators × N ─ validCh → Transformers × N ─ processedCh → fan-out ─ loaderCh → Loader
//!                          └────────── errorCh ─────────┴───────────────────────→    ├─ errorHandlerCh → Error Handler
//!                                                                                    └─ metricsCh → Metrics Collector
//! ```

mod monitor;
mod stage_workers;

use crate::batch::{BatchPool, SharedFinished};
use crate::channels::{Channel, Receiver, Sender, Waiting};
use crate::config::{self, Config, ConfigError, Plan, RuntimeKind, ServiceTime, WhenFull};
use crate::control::Control;
use crate::deadlock::DeadlockWatch;
use crate::live_settings::LiveSettings;
use crate::metrics::{Latencies, Metrics, Totals};
use crate::runtime::Runtime;
use crate::settlement::Settlement;
use crate::stages::buffered_sink::BufferedSink;
use crate::stages::producer::{Producer, Progress};
use crate::stages::reorder_buffer::ReorderBuffer;
use crate::stages::retries::Retries;
use crate::stages::transformer::Transformer;
use crate::stages::validator::Validator;
use crate::stages::{error_handler, fan_out, loader, metrics_collector, pool_stage, retrying_transformer};
use crate::trace::Tracer;
use crate::trace::log::LogWriter;
use crate::worker::{RunContext, StageError, Task, WorkerContext};
use clearpipe_channel::{Policies, Sharing, Window};
use clearpipe_codec::SourceError;
use clearpipe_model::problem::Problem;
use clearpipe_model::topology::{ChannelId, Stage};
use futures::FutureExt;
use futures::channel::oneshot;
use monitor::Seen;
use stage_workers::{Failure, StageSpec, StageWorkers, Work};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};

pub use crate::stages::buffered_sink::Output;
pub use crate::stages::producer::RecordsFrom;
pub use monitor::Monitor;

/// Where the results of a run go.
pub struct Outputs {
    /// The lines of the processed records.
    pub processed: Output,
    /// The lines of the failed records.
    pub failed: Output,
    /// The event log, if a complete one is wanted.
    pub log: Option<LogWriter>,
}

/// Why a run failed.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The configuration is invalid, by itself or for this input.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A stage could not do its work.
    #[error(transparent)]
    Stage(StageError),
    /// The event log could not be written.
    #[error("the event log can't be written: {0}")]
    Log(#[source] std::io::Error),
}

/// Starts a consumer, given its receiver and the buffer that restores the order.
type Consumer<'a> = Box<dyn FnOnce(Arc<WorkerContext>, Receiver<SharedFinished>, ReorderBuffer) -> Work + 'a>;

/// A running pipeline. Dropping the handle doesn't stop the run.
pub struct Handle {
    monitor: Arc<Monitor>,
    settlement: Arc<Settlement>,
    ended: oneshot::Receiver<Vec<Failure>>,
}

/// Starts a run.
///
/// # Errors
/// If the configuration is invalid.
pub fn start(
    config: &Config,
    source: RecordsFrom,
    outputs: Outputs,
    runtime: Arc<dyn Runtime>,
) -> Result<Handle, ConfigError> {
    config.check()?;
    if config.queues.when_full != WhenFull::Block && !matches!(source, RecordsFrom::Generator) {
        let text = "must be `block`: records of an input are never dropped";
        return Err(ConfigError { problems: vec![Problem::setting("queues.when_full", text)] });
    }
    let plan = match source {
        RecordsFrom::Generator => Plan::of_generator(config),
        RecordsFrom::Inputs(_) | RecordsFrom::Source(_) => Plan::of_input(config),
    };
    let control = Arc::new(Control::new(&runtime));
    let window = config.ordered.then(|| Arc::new(Window::new(plan.window(), control.watermark())));
    let run = RunContext {
        tracer: Tracer::new(
            &config.trace,
            &runtime,
            &control,
            (plan.batch(), if config.has_retries() { config.retry.tries } else { 1 }),
            outputs.log,
        ),
        control,
        settings: Arc::new(LiveSettings::new(config)),
        clock: config.clock,
        seed: config.seed,
        send_cost: match config.runtime.kind {
            RuntimeKind::Virtual => config.queues.send_cost.clone(),
            RuntimeKind::Pool | RuntimeKind::Local => ServiceTime::Off,
        },
        watches_deadlocks: config.can_deadlock(),
        runtime,
    };
    let capacity = |channel| plan.capacity(channel);
    let policies = |channel| policies_of(config, channel);
    let data_ch = Channel::new(ChannelId::DataCh, capacity(ChannelId::DataCh), policies(ChannelId::DataCh));
    let valid_ch = Channel::new(ChannelId::ValidCh, capacity(ChannelId::ValidCh), policies(ChannelId::ValidCh));
    let plain = |channel| Channel::<SharedFinished>::new(channel, capacity(channel), Policies::default());
    let (processed_ch, error_ch) = (plain(ChannelId::ProcessedCh), plain(ChannelId::ErrorCh));
    let consumer_channel = |(_, channel)| (channel, plain(channel));
    let consumer_channels = Stage::CONSUMERS.map(consumer_channel);
    let mut channels = vec![
        (ChannelId::DataCh, data_ch.stats()),
        (ChannelId::ValidCh, valid_ch.stats()),
        (ChannelId::ProcessedCh, processed_ch.stats()),
        (ChannelId::ErrorCh, error_ch.stats()),
    ];
    channels.extend(consumer_channels.iter().map(|(id, channel)| (*id, channel.stats())));

    let watch = config.can_deadlock().then(|| {
        let mut lines: Vec<(ChannelId, Box<dyn Waiting>)> = vec![
            (ChannelId::DataCh, Box::new(data_ch.clone())),
            (ChannelId::ValidCh, Box::new(valid_ch.clone())),
            (ChannelId::ProcessedCh, Box::new(processed_ch.clone())),
            (ChannelId::ErrorCh, Box::new(error_ch.clone())),
        ];
        lines
            .extend(consumer_channels.iter().map(|(id, channel)| (*id, Box::new(channel.clone()) as Box<dyn Waiting>)));
        DeadlockWatch::new(lines, window.clone())
    });

    let progress = Arc::new(Progress::default());
    let totals = Arc::new(Mutex::new(Totals::default()));
    let processed_bytes = Arc::new(AtomicU64::new(0));
    let failed_bytes = Arc::new(AtomicU64::new(0));
    let (workers, ended) = StageWorkers::new(&run, &plan, window.clone(), watch);
    let pool = BatchPool::new(run.runtime.own_threads());
    let retries = Retries::new(config, &data_ch);
    let mut tasks = Vec::new();

    let sinks = [
        (outputs.processed, "processed file", processed_bytes.clone()),
        (outputs.failed, "failed file", failed_bytes.clone()),
    ];
    let settlement = Arc::new(Settlement::new(sinks.len(), source.wants_commits()));
    tasks.push(workers.add_one(Stage::Producer, |worker| {
        let producer = Producer::new(worker, source, config, &plan, window.clone(), &progress, &settlement);
        producer.with_retries(retries.clone()).run(data_ch.sender(worker)).boxed()
    }));

    let validator = Arc::new(Validator::new(config, &pool, retries.as_ref()));
    let noted = validator.noted();
    let (data, valid, errors) = (data_ch.clone(), valid_ch.clone(), error_ch.clone());
    tasks.extend(workers.add_stage(StageSpec::new(Stage::Validator, &data_ch, move |worker| {
        let (data, valid, errors) = (data.receiver(worker), valid.sender(worker), errors.sender(worker));
        pool_stage::run(validator.clone(), worker.clone(), data, valid, errors).boxed()
    })));

    let transformer = Arc::new(Transformer::new(config, &pool));
    let (valid, processed, errors) = (valid_ch.clone(), processed_ch.clone(), error_ch.clone());
    let (leaks, tries, kept) = (config.faults.leaked_worker, retries.clone(), processed_ch.clone());
    tasks.extend(workers.add_stage(StageSpec::new(Stage::Transformer, &valid_ch, move |worker| {
        let (valid, processed, errors) = (valid.receiver(worker), processed.sender(worker), errors.sender(worker));
        let (transformer, own) = (transformer.clone(), worker.clone());
        let work = match &tries {
            Some(tries) => retrying_transformer::run(transformer, own, valid, processed, errors, tries.clone()).boxed(),
            None => pool_stage::run(transformer, own, valid, processed, errors).boxed(),
        };
        match leaks && worker.index == 0 {
            false => work,
            true => leak(work, worker.clone(), kept.sender(worker)).boxed(),
        }
    })));

    tasks.push(workers.add_one(Stage::FanOut, |worker| {
        let consumers = consumer_channels.iter().map(|(_, channel)| channel.sender(worker)).collect();
        let (processed, errors) = (processed_ch.receiver(worker), error_ch.receiver(worker));
        fan_out::run(worker.clone(), processed, errors, consumers).boxed()
    }));

    let mut numbers = 0..;
    let [processed, failed] = sinks.map(|(sink, name, bytes)| {
        let number = numbers.next().unwrap_or_default();
        BufferedSink::new(sink, name, bytes, (number, &settlement))
    });
    let fail_fast = config.fail_fast;
    let latencies: [Arc<Latencies>; 2] = Default::default();
    let consumers: [(Stage, Consumer); Stage::CONSUMERS.len()] = [
        (
            Stage::Loader,
            Box::new(|worker, finished, order| {
                loader::run(worker, finished, order, processed, latencies[0].clone()).boxed()
            }),
        ),
        (
            Stage::ErrorHandler,
            Box::new(|worker, finished, order| {
                error_handler::run(worker, finished, order, failed, latencies[1].clone(), fail_fast).boxed()
            }),
        ),
        (
            Stage::MetricsCollector,
            Box::new(|worker, finished, order| metrics_collector::run(worker, finished, order, totals.clone()).boxed()),
        ),
    ];
    for (index, ((stage, consumer), (channel_id, channel))) in consumers.into_iter().zip(&consumer_channels).enumerate()
    {
        assert_eq!((stage, *channel_id), Stage::CONSUMERS[index], "consumers are in the order of the topology");
        tasks.push(workers.add_one(stage, |worker| {
            let order = ReorderBuffer::new(&run.control, &pool, window.as_ref(), index);
            consumer(worker.clone(), channel.receiver(worker), order)
        }));
    }

    workers.all_added();
    // All ends of all channels exist by now. Otherwise a stage that hasn't started would look like one that has ended.
    tasks.into_iter().for_each(Task::spawn);
    let batch = plan.batch();
    let prefix = config.input.rename_prefix.clone();
    let seen =
        Seen { channels, retries, totals, latencies, progress, processed_bytes, failed_bytes, noted, prefix, batch };
    Ok(Handle { monitor: Arc::new(Monitor::new(run, workers, seen)), settlement, ended })
}

/// Does a worker's work, and then keeps an end of a channel without exiting.
async fn leak(work: Work, worker: Arc<WorkerContext>, end: Sender<SharedFinished>) -> Result<(), StageError> {
    work.await?;
    let error = worker.never_exits().await;
    drop(end);
    Err(error)
}

/// Returns what the input channel of a pool does otherwise than usual.
fn policies_of(config: &Config, channel: ChannelId) -> Policies {
    let sharing = match config.queues.sharing {
        config::Sharing::Shared => Sharing::Shared,
        config::Sharing::PerWorker => Sharing::PerReceiver,
        config::Sharing::Stealing => Sharing::Stealing,
    };
    let when_full = match config.queues.when_full {
        WhenFull::DropNewest if channel == ChannelId::DataCh => clearpipe_channel::WhenFull::DropNewest,
        WhenFull::DropOldest if channel == ChannelId::DataCh => clearpipe_channel::WhenFull::DropOldest,
        _ => clearpipe_channel::WhenFull::Block,
    };
    Policies { sharing, when_full }
}

impl Handle {
    /// Returns the monitor, which observes and controls the run.
    pub fn monitor(&self) -> Arc<Monitor> {
        self.monitor.clone()
    }

    /// Returns which records are settled. After [`Handle::finished`], [`Settlement::commit_all`] commits the rest to
    /// the source.
    pub fn settlement(&self) -> Arc<Settlement> {
        self.settlement.clone()
    }

    /// Waits until all workers have exited, including those added during the run.
    ///
    /// # Errors
    /// What made the run fail; if it was aborted, that.
    pub async fn finished(self) -> Result<Metrics, RunError> {
        let failures = self.ended.await;
        let log = self.monitor.end();
        let Ok(failures) = failures else {
            return Err(RunError::Stage(StageError::Panicked("the run ended without a result".to_owned())));
        };
        match cause(failures) {
            Some(StageError::Source(SourceError::Layout(problems))) => Err(ConfigError { problems }.into()),
            Some(error) => Err(RunError::Stage(error)),
            None => {
                log.map_err(RunError::Log)?;
                let metrics = self.monitor.metrics();
                if metrics.processed + metrics.failed + metrics.dropped != metrics.produced {
                    return Err(RunError::Stage(StageError::Lost));
                }
                self.settlement.finish(metrics.produced);
                Ok(metrics)
            }
        }
    }
}

/// The failure that the others follow from: the first in the order of the stages, whichever ended first. Records are lost and
/// workers are aborted where another one has failed.
fn cause(failures: Vec<Failure>) -> Option<StageError> {
    let rank = |error: &StageError| match error {
        StageError::Aborted => 2,
        StageError::Lost => 1,
        _ => 0,
    };
    let first = failures.into_iter().min_by_key(|(stage, worker, error)| (rank(error), *stage, *worker));
    first.map(|(_, _, error)| error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_is_not_what_follows_from_it() {
        let full = || StageError::Panicked("disk full".to_owned());
        let cause_of = |failures: Vec<Failure>| cause(failures).map(|error| error.to_string());
        assert_eq!(cause_of(Vec::new()), None);
        let failures = vec![
            (Stage::Transformer, 1, StageError::Aborted),
            (Stage::Loader, 0, StageError::Lost),
            (Stage::ErrorHandler, 0, full()),
        ];
        assert_eq!(cause_of(failures), Some("internal error: disk full".to_owned()));
        let failures = vec![(Stage::Transformer, 0, StageError::Aborted), (Stage::Loader, 0, StageError::Lost)];
        assert_eq!(cause_of(failures), Some("internal error: records have been lost".to_owned()));
        assert_eq!(cause_of(vec![(Stage::Producer, 0, StageError::Aborted)]), Some("the run was aborted".to_owned()));
    }
}
