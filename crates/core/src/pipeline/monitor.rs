//! What can be seen of a run from outside, and how it is steered.

use super::stage_workers::StageWorkers;
use crate::config::{Config, ConfigError};
use crate::control::Control;
use crate::metrics::{ChannelMetrics, FailedByStatus, Metrics, ReasonMetrics, StageMetrics, Totals};
use crate::stages::producer::Progress;
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

/// What can be seen of a run, and how it is steered.
pub struct Monitor {
    run: RunContext,
    workers: Arc<StageWorkers>,
    seen: Seen,
    end: OnceLock<Duration>,
}

/// Where the stages say how far they are.
pub(super) struct Seen {
    pub channels: Vec<(ChannelId, Arc<ChannelStats>)>,
    pub totals: Arc<Mutex<Totals>>,
    pub progress: Arc<Progress>,
    pub processed_bytes: Arc<AtomicU64>,
    pub failed_bytes: Arc<AtomicU64>,
    /// What was worth knowing of how the input was read.
    pub noted: Arc<NotedOfAny>,
    /// What the names of fields begin with that were kept under another name.
    pub prefix: String,
    /// How many records travel together at most.
    pub batch: usize,
}

impl Seen {
    /// What is worth knowing of the input so far.
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

    /// The run has ended: its clock counts no further, and its log is closed.
    pub(super) fn end(&self) -> io::Result<()> {
        let _ = self.end.set(self.run.control.now());
        self.run.tracer.finish_log()
    }

    /// Takes from a configuration the number of Validators and of Transformers, the service times, the rate limit and
    /// the burst, and applies them at once; what else is in it does not matter. Workers finish what they have: those who
    /// are too many, and those who have taken up several records while there was no service time.
    ///
    /// # Errors
    /// If the configuration is wrong; then nothing is changed.
    pub fn adjust(&self, config: &Config) -> Result<(), ConfigError> {
        self.workers.adjust(config)
    }

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
        let totals = self.seen.totals.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let failed = totals.invalid + totals.transformation_errors;
        let elapsed = now.as_secs_f64();
        let per_second = (totals.processed + failed) as f64 / elapsed;
        let stage = |stage| StageMetrics { stage, workers: self.workers.metrics(stage, now) };
        Metrics {
            produced: self.seen.progress.produced.load(Ordering::Relaxed),
            processed: totals.processed,
            failed,
            failed_by_status: FailedByStatus {
                invalid: totals.invalid,
                transformation_error: totals.transformation_errors,
            },
            reasons: totals.reasons.most_frequent().into_iter().map(ReasonMetrics::from).collect(),
            anomalies: totals.anomalies,
            total_value: Some(totals.value.value()).filter(|sum| sum.is_finite()),
            elapsed_seconds: elapsed,
            records_per_second: if per_second.is_finite() { per_second } else { 0.0 },
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
