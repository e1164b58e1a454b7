//! What is measured of a run: while it goes on and at its end.

mod activity;

pub use activity::{Activity, Spent, State};

use crate::batch::{Finished, ReasonCount, ReasonCounts};
use clearpipe_channel::ChannelStats;
use clearpipe_model::notice::InputNotice;
use clearpipe_model::record::Status;
use clearpipe_model::reject::ReasonCode;
use clearpipe_model::sum::ExactSum;
use clearpipe_model::topology::{ChannelId, Stage};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What the Metrics Collector counts.
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

/// Derives what all parts of the metrics have in common. Counts fit into 53 bits, so they are numbers in JavaScript.
macro_rules! metrics {
    ($($item:item)*) => {$(
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
        $item
    )*};
}

metrics! {

/// The metrics of a run, at its end or at a moment of it.
pub struct Metrics {
    /// Records that the Producer sent.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub produced: u64,
    /// Records that the Metrics Collector counted as processed.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub processed: u64,
    /// Records that it counted as failed.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub failed: u64,
    /// The failed records by their status.
    pub failed_by_status: FailedByStatus,
    /// Why records failed, most frequent first; reasons with the same count in the order of their first records. Each
    /// failed record is counted once.
    pub reasons: Vec<ReasonMetrics>,
    /// Processed records whose anomaly score is above the threshold.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub anomalies: u64,
    /// The sum of the values of the processed records, rounded once. `null` if it is beyond the range of a 64-bit float
    /// (about ±1.8e308): no number that JSON has would be right then.
    pub total_value: Option<f64>,
    /// How long the run took, or has taken so far, without its pauses; virtual seconds on the virtual clock.
    pub elapsed_seconds: f64,
    /// Processed and failed records in a second, on average.
    pub records_per_second: f64,
    /// Bytes of the lines written to the processed file.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub processed_bytes: u64,
    /// Bytes of the lines written to the failed file.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub failed_bytes: u64,
    /// Bytes read from the input, after decompression; 0 for generated records.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub input_bytes: u64,
    /// Whether any record of the input was one that the pipeline wrote before, so that its `status`, `error`,
    /// `processed_at`, `anomaly_score` and `is_anomaly` were replaced or left out.
    pub replaced_fields: bool,
    /// What else is worth knowing of the input.
    pub notices: Vec<InputNotice>,
    /// Whether the run was told to stop before its end.
    pub stopped: bool,
    /// Whether the run is paused.
    pub paused: bool,
    /// The number of threads, or of simulated cores.
    pub threads: usize,
    /// How many records travel together at most.
    pub batch: usize,
    /// The stages, in the order of the specification.
    pub stages: Vec<StageMetrics>,
    /// The channels, in the order of the specification.
    pub channels: Vec<ChannelMetrics>,
    /// One record in so many is traced at the moment; 0 if none is.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub trace_sample: u64,
    /// Records that the sampling chose and that were not traced, since the event log was full.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub trace_dropped_records: u64,
    /// Events of tasks that were not recorded, since the event log was full.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub trace_dropped_task_events: u64,
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
    /// Which reason.
    pub code: ReasonCode,
    /// What the records are: `invalid` if a Validator refused them, `transformation_error` if a Transformer did.
    pub status: Status,
    /// The fields that it is about: columns by their names in the header where a cell is wrong, and fields of the record
    /// by theirs where a rule refuses it. Empty if it is about no field, or about many.
    pub fields: Vec<String>,
    /// What the records have in common, for a person.
    pub text: String,
    /// What was found in the first of them, where that isn't the same in all.
    pub example: Option<String>,
    /// How many records failed for it.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub count: u64,
    /// The first of them.
    pub first: FirstFailed,
}

/// The first record that failed for a reason.
pub struct FirstFailed {
    /// Its place in the order of production, from 0.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub record: u64,
    /// What is wrong with it, for a person.
    pub error: String,
    /// The name of the input that it is in, if there are several.
    pub input: Option<String>,
    /// The number of the line that is wrong, from 1; `null` if it was generated. A record that spans lines may begin
    /// before it.
    #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
    pub line: Option<u64>,
    /// The column in bytes, from 1, where it is known.
    #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
    pub column: Option<usize>,
}

/// What was measured of a stage.
pub struct StageMetrics {
    /// Which stage.
    pub stage: Stage,
    /// Its workers.
    pub workers: Vec<WorkerMetrics>,
}

/// What was measured of a worker. The four times add up to the time of the run.
pub struct WorkerMetrics {
    /// Records that it has taken up, or made.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub records: u64,
    /// What it does now: `busy`, `ready`, `blocked` or `waiting`. `null` before it has begun and when it has left.
    pub state: Option<WorkerState>,
    /// The time it worked, or served a service time.
    pub busy_seconds: f64,
    /// The time it could have gone on, but waited for a thread or a simulated core.
    pub ready_seconds: f64,
    /// The time it waited for something to receive; also that before it began and after it ended.
    pub waiting_seconds: f64,
    /// The time it was blocked by a full channel.
    pub blocked_seconds: f64,
}

/// What was measured of a channel.
pub struct ChannelMetrics {
    /// Which channel.
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
    /// How long its senders were blocked, added up.
    pub blocked_seconds: f64,
}

}

/// What a worker does now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum WorkerState {
    /// It works, or serves a service time.
    Busy,
    /// It could go on, and waits for a thread or a simulated core.
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
    /// What is known of a worker at a moment of a run that has taken so long.
    pub(crate) fn of(activity: &Activity, elapsed: Duration) -> WorkerMetrics {
        let spent = activity.spent(elapsed);
        // It may have run on since the clock was read: together they are not to be more than there was.
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
    /// What is known of a channel at a moment.
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
