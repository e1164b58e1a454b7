//! Observes and controls a run from outside.

use super::stage_workers::StageWorkers;
use crate::config::{Config, ConfigError};
use crate::control::Control;
use crate::metrics::{
    ChannelMetrics, FailedByStatus, Latencies, LatencyByOutcome, Metrics, ReasonMetrics, StageMetrics, State, Totals,
};
use crate::runtime::TaskId;
use crate::stages::producer::Progress;
use crate::stages::retries::Retries;
use crate::trace::Tracer;
use crate::worker::RunContext;
use clearpipe_channel::ChannelStats;
use clearpipe_model::notice::{InputNotice, Notice};
use clearpipe_model::record::{Noted, NotedOfAny};
use clearpipe_model::topology::{ChannelId, Stage};
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// Observes and controls a run.
pub struct Monitor {
    run: RunContext,
    workers: Arc<StageWorkers>,
    seen: Seen,
    end: OnceLock<Duration>,
}

/// Where the stages report their progress.
pub(super) struct Seen {
    pub channels: Vec<(ChannelId, Arc<ChannelStats>)>,
    pub retries: Option<Arc<Retries>>,
    pub totals: Arc<Mutex<Totals>>,
    /// Of the processed and of the failed records.
    pub latencies: [Arc<Latencies>; 2],
    pub progress: Arc<Progress>,
    pub processed_bytes: Arc<AtomicU64>,
    pub failed_bytes: Arc<AtomicU64>,
    /// What the Validators noted while reading the input.
    pub noted: Arc<NotedOfAny>,
    /// The prefix of fields that were stored under another name.
    pub prefix: String,
    /// The most records that travel together.
    pub batch: usize,
}

impl Seen {
    /// Returns the notices about the input so far.
    fn notices(&self) -> Vec<InputNotice> {
        let mut notices = self.progress.notices.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let noted = self.noted.get();
        if noted.has(Noted::KEPT) {
            notices.push(Notice::KeptFields { prefix: self.prefix.clone() }.into());
        }
        if noted.has(Noted::RENAMED) {
            notices.push(Notice::RenamedMembers.into());
        }
        notices
    }
}

impl Monitor {
    pub(super) fn new(run: RunContext, workers: Arc<StageWorkers>, seen: Seen) -> Monitor {
        Monitor { run, workers, seen, end: OnceLock::new() }
    }

    /// Ends the run: stops its clock and closes its log, which gets the final metrics.
    pub(super) fn end(&self) -> io::Result<()> {
        let _ = self.end.set(self.run.control.now());
        self.run.tracer.finish_log(&|| self.metrics())
    }

    /// Applies the number of Validators and of Transformers, the service times, the rate limit and the burst of a
    /// configuration immediately, and ignores the rest of it. Workers finish the records they have, both those that are
    /// retired and those that took several records while there was no service time.
    ///
    /// # Errors
    /// If the configuration is invalid; then nothing changes.
    pub fn adjust(&self, config: &Config) -> Result<(), ConfigError> {
        self.workers.adjust(config)
    }

    /// Returns the controls of the run.
    pub fn control(&self) -> &Control {
        &self.run.control
    }

    /// Returns the event log.
    pub fn tracer(&self) -> &Tracer {
        &self.run.tracer
    }

    /// Returns how long the run has taken so far, without pauses. After the run, returns its total time.
    pub fn elapsed(&self) -> Duration {
        self.end.get().copied().unwrap_or_else(|| self.run.control.now())
    }

    /// Returns the state of a worker, if there is such a worker.
    pub(crate) fn state(&self, task: TaskId) -> Option<State> {
        self.workers.state(task)
    }

    /// Returns the current metrics.
    pub fn metrics(&self) -> Metrics {
        let now = self.elapsed();
        let totals = self.seen.totals.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let failed_by_status =
            FailedByStatus { invalid: totals.invalid, transformation_error: totals.transformation_errors };
        let failed = failed_by_status.total();
        let [of_processed, of_failed] = &self.seen.latencies;
        let latency = LatencyByOutcome { processed: of_processed.metrics(), failed: of_failed.metrics() };
        let elapsed = now.as_secs_f64();
        let per_second = (totals.processed + failed) as f64 / elapsed;
        let stage = |stage| StageMetrics { stage, workers: self.workers.metrics(stage, now) };
        Metrics {
            produced: self.seen.progress.produced.load(Ordering::Relaxed),
            processed: totals.processed,
            failed,
            dropped: self.seen.channels.iter().map(|(_, stats)| stats.dropped()).sum(),
            sent_back: self.seen.retries.as_ref().map_or(0, |retries| retries.sent_back()),
            failed_by_status,
            reasons: totals.reasons.most_frequent().into_iter().map(ReasonMetrics::from).collect(),
            anomalies: totals.anomalies,
            total_value: Some(totals.value.value()).filter(|sum| sum.is_finite()),
            elapsed_seconds: elapsed,
            records_per_second: if per_second.is_finite() { per_second } else { 0.0 },
            latency,
            processed_bytes: self.seen.processed_bytes.load(Ordering::Relaxed),
            failed_bytes: self.seen.failed_bytes.load(Ordering::Relaxed),
            input_bytes: self.seen.progress.input_bytes.load(Ordering::Relaxed),
            replaced_fields: self.seen.noted.get().has(Noted::REPLACED),
            notices: self.seen.notices(),
            stopped: self.run.control.is_stopped(),
            paused: self.run.control.is_paused(),
            threads: self.run.runtime.threads(),
            batch: self.seen.batch,
            stages: Stage::ALL.into_iter().map(stage).collect(),
            channels: self.seen.channels.iter().map(|(id, stats)| ChannelMetrics::of(*id, stats)).collect(),
            trace_sample: self.run.tracer.sample(),
            trace_dropped_records: self.run.tracer.dropped_records(),
            trace_dropped_task_events: self.run.tracer.dropped_task_events(),
        }
    }
}
