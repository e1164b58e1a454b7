//! The metrics of a run, during it and at its end.

mod activity;
mod latency;

pub use activity::{Activity, Spent, State};
pub use latency::{Distribution, Latencies, LatencyMetrics, Times};

use crate::batch::{Finished, ReasonCount, ReasonCounts};
use clearpipe_channel::ChannelStats;
use clearpipe_model::notice::InputNotice;
use clearpipe_model::record::Status;
use clearpipe_model::reject::ReasonCode;
use clearpipe_model::sum::ExactSum;
use clearpipe_model::topology::{ChannelId, Stage};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The counts of the Metrics Collector.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    /// Records that went through all stages.
    pub processed: u64,
    /// Records that failed in a Validator.
    pub invalid: u64,
    /// Records that failed in a Transformer.
    pub transformation_errors: u64,
    /// Processed records whose anomaly score is above the threshold.
    pub anomalies: u64,
    /// The sum of the values of the processed records.
    pub value: ExactSum,
    /// Why records failed.
    pub reasons: ReasonCounts,
}

impl Totals {
    /// Counts finished records.
    pub fn add(&mut self, finished: &Finished) {
        let records = finished.outcomes.len() as u64;
        if finished.status.is_failed() {
            self.reasons.merge(&finished.reasons);
        }
        match finished.status {
            Status::Processed => {
                self.processed += records;
                self.anomalies += u64::from(finished.anomalies);
                self.value.add_partial(&finished.sum);
            }
            Status::Invalid => self.invalid += records,
            Status::TransformationError => self.transformation_errors += records,
        }
    }
}

/// Derives the traits that all metrics share. Counts fit into 53 bits, so they are numbers in JavaScript.
macro_rules! metrics {
    ($($item:item)*) => {$(
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
        $item
    )*};
}

metrics! {

/// The metrics of a run, during it or at its end.
pub struct Metrics {
    /// Records that the Producer sent.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub produced: u64,
    /// Records that the Metrics Collector counted as processed.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub processed: u64,
    /// Records that the Metrics Collector counted as failed.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub failed: u64,
    /// Records that were dropped because dataCh was full; see
    /// [`queues.when_full`](crate::config::QueueRules::when_full).
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub dropped: u64,
    /// How often a record was sent back to dataCh to be tried again; see [`retry.tries`](crate::config::Retry::tries).
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub sent_back: u64,
    /// The failed records by their status.
    pub failed_by_status: FailedByStatus,
    /// Why records failed, most frequent first; reasons with the same count in the order of their first records. Each
    /// failed record is counted once.
    pub reasons: Vec<ReasonMetrics>,
    /// Processed records whose anomaly score is above the threshold.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub anomalies: u64,
    /// The sum of the values of the processed records, rounded once. `null` if it is beyond the range of a 64-bit float
    /// (about ±1.8e308), since no JSON number would be right then.
    pub total_value: Option<f64>,
    /// How long the run took, or has taken so far, without pauses; virtual seconds on the virtual clock.
    pub elapsed_seconds: f64,
    /// Processed and failed records per second, on average.
    pub records_per_second: f64,
    /// How long the records took, by their outcome.
    #[serde(default)]
    pub latency: LatencyByOutcome,
    /// Bytes of the lines written to the processed file.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub processed_bytes: u64,
    /// Bytes of the lines written to the failed file.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub failed_bytes: u64,
    /// Bytes read from the input, after decompression; 0 for generated records.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub input_bytes: u64,
    /// Whether any record of the input was written by the pipeline before, so that its `status`, `error`,
    /// `processed_at`, `anomaly_score` and `is_anomaly` were replaced or left out.
    pub replaced_fields: bool,
    /// Other notices about the input.
    pub notices: Vec<InputNotice>,
    /// Whether the run was stopped before its end.
    pub stopped: bool,
    /// Whether the run is paused.
    pub paused: bool,
    /// The number of threads, or of simulated cores.
    pub threads: usize,
    /// The most records that travel together.
    pub batch: usize,
    /// The stages, in the order of the specification.
    pub stages: Vec<StageMetrics>,
    /// The channels, in the order of the specification.
    pub channels: Vec<ChannelMetrics>,
    /// Every Nth record is currently traced, where N is this number; 0 if none is.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub trace_sample: u64,
    /// Records that the sampling chose but that were not traced because the event log was full.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub trace_dropped_records: u64,
    /// Events of tasks that were not recorded because the event log was full.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub trace_dropped_task_events: u64,
}

/// How long records took, by their outcome.
#[derive(Default)]
pub struct LatencyByOutcome {
    /// Those in the processed file.
    pub processed: LatencyMetrics,
    /// Those in the failed file.
    pub failed: LatencyMetrics,
}

/// The failed records by their status.
pub struct FailedByStatus {
    /// Failed in a Validator.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub invalid: u64,
    /// Failed in a Transformer.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub transformation_error: u64,
}

/// A reason, and the records that failed for it.
pub struct ReasonMetrics {
    /// The code of the reason.
    pub code: ReasonCode,
    /// The status of the records: `invalid` if a Validator rejected them, `transformation_error` if a Transformer did.
    pub status: Status,
    /// The fields that the reason is about: columns by their names in the header if a cell is wrong, and fields of the
    /// record by their names if a rule rejects it. Empty if it is about no field, or about many.
    pub fields: Vec<String>,
    /// A text for what the records have in common.
    pub text: String,
    /// The value found in the first record, if it isn't the same in all.
    pub example: Option<String>,
    /// How many records failed for this reason.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub count: u64,
    /// The first of them.
    pub first: FirstFailed,
}

/// The first record that failed for a reason.
pub struct FirstFailed {
    /// Its position in the order of production, from 0.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub record: u64,
    /// A text for what is wrong with it.
    pub error: String,
    /// The name of the input that it is in, if there are several.
    pub input: Option<String>,
    /// The number of the wrong line, from 1; `null` if the record was generated. A record that spans several lines may
    /// begin before it.
    #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
    pub line: Option<u64>,
    /// The column in bytes, from 1, if it is known.
    #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
    pub column: Option<usize>,
}

/// The metrics of a stage.
pub struct StageMetrics {
    /// The stage.
    pub stage: Stage,
    /// Its workers.
    pub workers: Vec<WorkerMetrics>,
}

/// The metrics of a worker. The four times add up to the time of the run.
pub struct WorkerMetrics {
    /// Records that it has taken, or produced.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub records: u64,
    /// Its current state: `busy`, `ready`, `blocked` or `waiting`. `null` before it has started and after it has
    /// exited.
    pub state: Option<WorkerState>,
    /// The time it worked, or took a service time.
    pub busy_seconds: f64,
    /// The time it could have continued, but waited for a thread or a simulated core.
    pub ready_seconds: f64,
    /// The time it waited for something to receive, including the time before it started and after it exited.
    pub waiting_seconds: f64,
    /// The time it was blocked by a full channel.
    pub blocked_seconds: f64,
}

/// The metrics of a channel.
pub struct ChannelMetrics {
    /// The channel.
    pub channel: ChannelId,
    /// How many records it can hold.
    pub capacity: usize,
    /// How many records it holds.
    pub depth: usize,
    /// The most records it has held.
    pub highest_depth: usize,
    /// Records that have left it.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub passed: u64,
    /// How often a sender found it full.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub blocked_sends: u64,
    /// How long its senders were blocked, in total.
    pub blocked_seconds: f64,
}

}

impl FailedByStatus {
    /// Returns how many records failed.
    pub fn total(&self) -> u64 {
        let &FailedByStatus { invalid, transformation_error } = self;
        invalid + transformation_error
    }
}

/// The current state of a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum WorkerState {
    /// It works, or takes a service time.
    Busy,
    /// It could continue, but waits for a thread or a simulated core.
    Ready,
    /// It waits for something to receive.
    Waiting,
    /// A channel that it sends to is full.
    Blocked,
}

impl From<&ReasonCount> for ReasonMetrics {
    fn from(ReasonCount { reason, is_of_any_field, count, first, place }: &ReasonCount) -> ReasonMetrics {
        ReasonMetrics {
            code: reason.code(),
            status: reason.status(),
            fields: if *is_of_any_field { Vec::new() } else { reason.fields() },
            text: if *is_of_any_field { reason.summary_of_any_field() } else { reason.summary() },
            example: reason.example(),
            count: *count,
            first: FirstFailed {
                record: *first,
                error: reason.to_string(),
                input: place.as_ref().and_then(|place| place.label.name()).map(str::to_owned),
                line: place.as_ref().map(|place| place.line),
                column: place.as_ref().and_then(|place| place.column),
            },
        }
    }
}

impl WorkerMetrics {
    /// Returns the metrics of a worker when the run has taken this much time.
    pub(crate) fn of(activity: &Activity, elapsed: Duration) -> WorkerMetrics {
        let spent = activity.spent(elapsed);
        // It may have continued since the clock was read: the times must not add up to more than the run's.
        let blocked = spent.blocked.min(elapsed);
        let busy = spent.busy.min(elapsed - blocked);
        let ready = spent.ready.min(elapsed - blocked - busy);
        WorkerMetrics {
            records: activity.records(),
            state: match activity.state() {
                State::Busy => Some(WorkerState::Busy),
                State::Ready => Some(WorkerState::Ready),
                State::Waiting => Some(WorkerState::Waiting),
                State::Blocked => Some(WorkerState::Blocked),
                State::Gone => None,
            },
            busy_seconds: busy.as_secs_f64(),
            ready_seconds: ready.as_secs_f64(),
            waiting_seconds: (elapsed - blocked - busy - ready).as_secs_f64(),
            blocked_seconds: blocked.as_secs_f64(),
        }
    }
}

impl ChannelMetrics {
    /// Returns the current metrics of a channel.
    pub(crate) fn of(channel: ChannelId, stats: &ChannelStats) -> ChannelMetrics {
        ChannelMetrics {
            channel,
            capacity: stats.capacity(),
            depth: stats.depth(),
            highest_depth: stats.highest(),
            passed: stats.passed(),
            blocked_sends: stats.blocked_sends(),
            blocked_seconds: stats.blocked().as_secs_f64(),
        }
    }
}
