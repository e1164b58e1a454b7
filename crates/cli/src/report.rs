//! `--summary json`: the summary of a run for programs.

use crate::files::Files;
use crate::notices::{self, RunNotice};
use clearpipe_core::config::Config;
use clearpipe_core::metrics::{FailedByStatus, Metrics, ReasonMetrics};
use clearpipe_io::text;
use clearpipe_model::record::Status;
use clearpipe_model::reject::ReasonCode;
use serde::Serialize;
use std::path::Path;

/// The object that is written, on one line. Fields may be added, but never removed.
#[derive(Serialize)]
struct Report<'a> {
    /// The exit status of the command.
    exit_status: u8,
    /// Whether the source was stopped before its end: by a signal, or by `--fail-fast`.
    stopped: bool,
    produced: u64,
    processed: u64,
    failed: u64,
    /// Records that were dropped because dataCh was full; see `queues.when_full`.
    dropped: u64,
    /// How often a record was sent back to be tried again; see `retry.tries`.
    sent_back: u64,
    failed_by_status: FailedByStatus,
    anomalies: u64,
    /// The sum of all values; null if it exceeds a 64-bit float.
    total_value: Option<f64>,
    elapsed_seconds: f64,
    records_per_second: f64,
    input_bytes: u64,
    /// All reasons, most frequent first; the counts add up to `failed`.
    reasons: Vec<Reason>,
    /// The number of failed records that were counted: all of them.
    reasons_of: u64,
    /// What the summary for people says about the inputs.
    notices: Vec<Notice<'a>>,
    files: Places,
}

#[derive(Serialize)]
struct Notice<'a> {
    #[serde(flatten)]
    notice: RunNotice<'a>,
    /// The same for people.
    text: String,
}

#[derive(Serialize)]
struct Reason {
    code: ReasonCode,
    status: Status,
    fields: Vec<String>,
    error: String,
    example: Option<String>,
    count: u64,
    first_input: Option<String>,
    first_line: Option<u64>,
    first_column: Option<usize>,
}

impl From<&ReasonMetrics> for Reason {
    fn from(reason: &ReasonMetrics) -> Reason {
        Reason {
            code: reason.code,
            status: reason.status,
            fields: reason.fields.clone(),
            error: reason.text.clone(),
            example: reason.example.clone(),
            count: reason.count,
            first_input: reason.first.input.clone(),
            first_line: reason.first.line,
            first_column: reason.first.column,
        }
    }
}

#[derive(Serialize)]
struct Places {
    processed: Place,
    failed: Place,
    metrics: Option<String>,
    trace: Option<String>,
}

#[derive(Serialize)]
struct Place {
    name: String,
    bytes: u64,
}

/// The summary as a line of JSON.
pub fn json(metrics: &Metrics, config: &Config, files: &Files, exit_status: u8) -> anyhow::Result<String> {
    let name = |path: &Path| path.to_string_lossy().into_owned();
    let notices = notices::of(metrics, config).into_iter();
    let report = Report {
        exit_status,
        stopped: metrics.stopped,
        produced: metrics.produced,
        processed: metrics.processed,
        failed: metrics.failed,
        dropped: metrics.dropped,
        sent_back: metrics.sent_back,
        failed_by_status: metrics.failed_by_status.clone(),
        anomalies: metrics.anomalies,
        total_value: metrics.total_value,
        elapsed_seconds: metrics.elapsed_seconds,
        records_per_second: metrics.records_per_second,
        input_bytes: metrics.input_bytes,
        reasons: metrics.reasons.iter().map(Reason::from).collect(),
        reasons_of: metrics.failed,
        notices: notices.map(|notice| Notice { text: notice.text(), notice }).collect(),
        files: Places {
            processed: Place { name: name(&files.processed), bytes: metrics.processed_bytes },
            failed: Place { name: name(&files.failed), bytes: metrics.failed_bytes },
            metrics: files.metrics.as_deref().map(name),
            trace: files.trace.as_deref().map(name),
        },
    };
    Ok(text::json(&serde_json::to_string(&report)?) + "\n")
}
