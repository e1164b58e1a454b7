//! The summary of a run, for people.

use crate::files::Files;
use crate::notices;
use crate::reasons;
use crate::settings::run_settings;
use anstyle::{AnsiColor, Style};
use clearpipe_core::config::{Config, RuntimeKind};
use clearpipe_core::metrics::{ChannelMetrics, Distribution, LatencyMetrics, Metrics, StageMetrics, WorkerMetrics};
use clearpipe_io::text;
use clearpipe_model::topology::Stage;
use std::fmt::{self, Display, Formatter};
use std::path::Path;
use std::time::Duration;

/// Headings.
const HEADING: Style = Style::new().bold();
/// Details.
const DIM: Style = Style::new().dimmed();
/// Processed records, busy time, and channels that were never full.
const GOOD: Style = AnsiColor::Green.on_default();
/// Time ready to run, but without a thread.
const READY: Style = AnsiColor::Cyan.on_default();
/// Failed records.
const BAD: Style = AnsiColor::Red.on_default();
/// Blocked time, and channels that were full.
const SLOW: Style = AnsiColor::Yellow.on_default();

/// The width of a bar, in characters.
const BAR: usize = 30;

/// The number of reasons that are shown.
const REASONS: usize = 3;

/// The maximum length of a reason, in characters.
const MAX_REASON_WIDTH: usize = 76;

/// The summary of a run, with escape codes for colours. The output stream removes them if necessary.
pub struct Summary<'a> {
    /// The metrics of the run.
    pub metrics: &'a Metrics,
    /// The settings of the run.
    pub config: &'a Config,
    /// Where the results went.
    pub files: &'a Files,
    /// Whether to show each worker.
    pub verbose: bool,
}

impl Display for Summary<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f)?;
        self.results(f)?;
        self.reasons(f)?;
        self.figures(f)?;
        self.stages(f)?;
        self.channels(f)?;
        self.other_files(f)
    }
}

impl Summary<'_> {
    fn results(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Metrics { processed, failed, .. } = *self.metrics;
        let [processed_count, failed_count] = [processed, failed].map(text::count);
        let width = processed_count.len().max(failed_count.len()).max(6);
        let share = |part: u64| text::percent(part as f64, (processed + failed) as f64);
        let [processed_file, failed_file] = [&self.files.processed, &self.files.failed].map(|file| name_of(file));
        let file_width = processed_file.chars().count().max(failed_file.chars().count());
        let row = |f: &mut Formatter<'_>, style: Style, name, count: &str, share: &str, file: &str, size| {
            writeln!(
                f,
                "  {style}{name:<11}{count:>width$}{style:#}  {share:>7}   {file:<file_width$}  {DIM}{size:>9}{DIM:#}"
            )
        };
        let sizes = [self.metrics.processed_bytes, self.metrics.failed_bytes].map(text::bytes);
        row(f, GOOD, "processed", &processed_count, &share(processed), &processed_file, &sizes[0])?;
        let style = if failed > 0 { BAD } else { DIM };
        row(f, style, "failed", &failed_count, &share(failed), &failed_file, &sizes[1])?;
        match self.metrics.dropped {
            0 => Ok(()),
            dropped => writeln!(
                f,
                "  {BAD}{:<11}{:>width$}{BAD:#}  {DIM}because dataCh was full; in neither file{DIM:#}",
                "dropped",
                text::count(dropped)
            ),
        }
    }

    fn reasons(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let failed = self.metrics.failed;
        if failed == 0 {
            return Ok(());
        }
        let by_status = &self.metrics.failed_by_status;
        let (shown, others) = self.metrics.reasons.split_at(self.metrics.reasons.len().min(REASONS));
        writeln!(
            f,
            "\n  {HEADING}Why they failed{HEADING:#}  {DIM}{} invalid, {}{DIM:#}",
            text::count(by_status.invalid),
            text::plural(by_status.transformation_error, "transformation error"),
        )?;
        let counts: Vec<String> = shown.iter().map(|reason| text::count(reason.count)).collect();
        let width = counts.iter().map(|count| count.chars().count()).max().unwrap_or(0);
        for (reason, count) in shown.iter().zip(&counts) {
            write!(f, "  {count:>width$} × {}", reasons::phrase(reason, MAX_REASON_WIDTH))?;
            match (reasons::place(&reason.first), reason.count) {
                (None, _) => writeln!(f)?,
                (Some(place), 1) => writeln!(f, "  {DIM}({place}){DIM:#}")?,
                (Some(place), _) => writeln!(f, "  {DIM}(first: {place}){DIM:#}")?,
            }
        }
        if !others.is_empty() {
            let records: u64 = others.iter().map(|reason| reason.count).sum();
            writeln!(
                f,
                "  {DIM}and {} for {}; `error` of each failed record says why{DIM:#}",
                text::count(records),
                text::plural(others.len() as u64, "other reason")
            )?;
        }
        Ok(())
    }

    fn figures(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let metrics = self.metrics;
        let virtually = if self.config.runtime.kind == RuntimeKind::Virtual { " of virtual time" } else { "" };
        let elapsed = text::time(Duration::try_from_secs_f64(metrics.elapsed_seconds).unwrap_or_default());
        let share = text::percent(metrics.anomalies as f64, metrics.processed as f64);
        writeln!(f)?;
        let row = |f: &mut Formatter<'_>, name, value: &str, more: &str| {
            writeln!(f, "  {name:<15}{HEADING}{value}{HEADING:#}{DIM}{more}{DIM:#}")
        };
        if metrics.sent_back > 0 {
            row(f, "tried again", &text::count(metrics.sent_back), "  a record may come back several times")?;
        }
        row(f, "anomalies", &text::count(metrics.anomalies), &format!("  {share} of the processed"))?;
        match metrics.total_value {
            Some(sum) => row(f, "sum of values", &text::decimal(sum), "")?,
            None => row(f, "sum of values", "too large", "  exceeds a 64-bit float")?,
        }
        row(f, "time", &elapsed, &format!("{virtually}  {}", self.workers()))?;
        let read = match metrics.input_bytes {
            0 => String::new(),
            bytes => format!("  {} of input", text::bytes(bytes)),
        };
        row(f, "throughput", &format!("{} records/s", text::rate(metrics.records_per_second)), &read)?;
        for (name, latency) in [("latency", &metrics.latency.processed), ("of failed", &metrics.latency.failed)] {
            latency_rows(f, name, latency)?;
        }
        for notice in notices::of(metrics, self.config) {
            writeln!(f, "  {DIM}{:<15}{}{DIM:#}", "input", notice.line())?;
        }
        Ok(())
    }

    /// The workers and the threads they ran on.
    fn workers(&self) -> String {
        let plan = run_settings::plan_of(self.config);
        let count = |stage| plan.workers(stage) as u64;
        let (validators, transformers) = (count(Stage::Validator), count(Stage::Transformer));
        let workers = match validators == transformers {
            true => text::plural(validators, "worker"),
            false => format!("{} + {}", text::count(validators), text::plural(transformers, "worker")),
        };
        let threads = self.metrics.threads as u64;
        match self.config.runtime.kind {
            RuntimeKind::Pool => format!("{workers} on {}", text::plural(threads, "thread")),
            RuntimeKind::Local => format!("{workers} on one thread"),
            RuntimeKind::Virtual => format!("{workers} on {}", text::plural(threads, "simulated core")),
        }
    }

    fn stages(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\n  {HEADING}{:<23}{HEADING:#}{GOOD}█{GOOD:#} busy  {READY}▓{READY:#} ready  {SLOW}▒{SLOW:#} blocked  \
             {DIM}░ waiting{DIM:#}",
            "Where the time went",
        )?;
        for stage in &self.metrics.stages {
            let name = stage_name(stage);
            time_row(f, &name, &stage.workers, self.metrics.elapsed_seconds)?;
            if self.verbose && stage.workers.len() > 1 {
                for (at, worker) in stage.workers.iter().enumerate() {
                    let name = format!("  {} · {}", at + 1, text::count(worker.records));
                    time_row(f, &name, std::slice::from_ref(worker), self.metrics.elapsed_seconds)?;
                }
            }
        }
        Ok(())
    }

    fn channels(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\n  {HEADING}{:<23}{HEADING:#}{DIM}fullest, and how long senders were blocked{DIM:#}",
            "Channels"
        )?;
        for channel in &self.metrics.channels {
            channel_row(f, channel)?;
        }
        Ok(())
    }

    fn other_files(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Files { metrics, trace, .. } = self.files;
        if metrics.is_none() && trace.is_none() {
            return Ok(());
        }
        writeln!(f)?;
        if let Some(file) = metrics {
            writeln!(f, "  {:<15}{}", "metrics", name_of(file))?;
        }
        if let Some(file) = trace {
            writeln!(f, "  {:<15}{}", "event log", name_of(file))?;
        }
        if self.metrics.trace_dropped_records > 0 {
            writeln!(
                f,
                "  {SLOW}{} missing from the event log, because it was full{SLOW:#}",
                text::plural(self.metrics.trace_dropped_records, "record")
            )?;
        }
        Ok(())
    }
}

/// How long records took. Where the pipeline held the Producer up, also from when they were due.
fn latency_rows(f: &mut Formatter<'_>, name: &str, latency: &LatencyMetrics) -> fmt::Result {
    let LatencyMetrics { from_production, from_due } = latency;
    let time = |seconds: f64| text::time(Duration::try_from_secs_f64(seconds).unwrap_or_default());
    let mut row = |name: &str, figures: &Distribution, more: &str| {
        let [p50, p90, p99, max] =
            [figures.p50_seconds, figures.p90_seconds, figures.p99_seconds, figures.max_seconds].map(time);
        writeln!(
            f,
            "  {name:<15}{HEADING}{p50}{HEADING:#}{DIM}  median, p90 {p90}, p99 {p99}, at most {max}{more}{DIM:#}"
        )
    };
    if from_production.count > 0 {
        row(name, from_production, "")?;
    }
    if from_due != from_production {
        row("", from_due, ", from when they were due")?;
    }
    Ok(())
}

/// The name of an output, for people.
pub fn name_of(file: &Path) -> String {
    if file == Path::new("-") { "standard output".to_owned() } else { text::name(file) }
}

fn stage_name(stage: &StageMetrics) -> String {
    match (stage.stage, stage.workers.len()) {
        (Stage::Validator | Stage::Transformer, workers) => {
            format!("{} × {}", stage.stage, text::count(workers as u64))
        }
        _ => stage.stage.to_string(),
    }
}

fn time_row(f: &mut Formatter<'_>, name: &str, workers: &[WorkerMetrics], elapsed: f64) -> fmt::Result {
    let sum = |time: fn(&WorkerMetrics) -> f64| workers.iter().map(time).sum::<f64>();
    let (busy, ready) = (sum(|worker| worker.busy_seconds), sum(|worker| worker.ready_seconds));
    let (blocked, waiting) = (sum(|worker| worker.blocked_seconds), sum(|worker| worker.waiting_seconds));
    let whole = elapsed * workers.len() as f64;
    let [full, dense, half, empty] = text::cells([busy, ready, blocked, waiting], BAR);
    let bar = |cell: &str, count| cell.repeat(count);
    write!(
        f,
        "  {name:<21}  {GOOD}{}{GOOD:#}{READY}{}{READY:#}{SLOW}{}{SLOW:#}{DIM}{}{DIM:#}",
        bar("█", full),
        bar("▓", dense),
        bar("▒", half),
        bar("░", empty)
    )?;
    let share = |time: f64| if whole > 0.0 { (time / whole * 100.0).round() } else { 0.0 };
    write!(f, "  {:>3} %", share(busy))?;
    match share(blocked) {
        0.0 => writeln!(f),
        blocked => writeln!(f, "  {SLOW}{blocked} % blocked{SLOW:#}"),
    }
}

fn channel_row(f: &mut Formatter<'_>, channel: &ChannelMetrics) -> fmt::Result {
    let depth = format!("{:>6} / {}", text::count(channel.highest_depth as u64), text::count(channel.capacity as u64));
    let [full, empty] = text::cells(
        [channel.highest_depth as f64, (channel.capacity - channel.highest_depth.min(channel.capacity)) as f64],
        15,
    );
    let style = if channel.highest_depth == channel.capacity { SLOW } else { GOOD };
    write!(
        f,
        "  {:<21}  {style}{}{style:#}{DIM}{}{DIM:#} ",
        channel.channel.name(),
        "█".repeat(full),
        "░".repeat(empty)
    )?;
    match channel.blocked_sends {
        0 => writeln!(f, "{depth}"),
        sends => {
            let time = text::time(Duration::try_from_secs_f64(channel.blocked_seconds).unwrap_or_default());
            writeln!(f, "{depth:<16}  {SLOW}{time}{SLOW:#}{DIM} in {}{DIM:#}", text::plural(sends, "wait"))
        }
    }
}
