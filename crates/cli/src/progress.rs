//! The progress bar of a run, with its rate and the remaining time, on a terminal only.

use clearpipe_core::pipeline::Monitor;
use clearpipe_io::input::InputProgress;
use clearpipe_io::text;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::VecDeque;
use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Shorter runs show no bar, because it would only flicker.
const PATIENCE: Duration = Duration::from_millis(400);

/// The interval between updates of the bar.
const TICK: Duration = Duration::from_millis(100);

/// The period over which the rate is averaged.
const MEMORY: Duration = Duration::from_secs(4);

/// Prints messages without corrupting the bar.
#[derive(Clone)]
pub struct Speaker {
    quiet: bool,
    bar: Arc<Mutex<Option<ProgressBar>>>,
}

impl Speaker {
    /// A speaker; a quiet one prints nothing.
    pub fn new(quiet: bool) -> Speaker {
        Speaker { quiet, bar: Arc::default() }
    }

    /// Prints a line.
    pub fn say(&self, line: &str) {
        if self.quiet {
            return;
        }
        match &*self.bar.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(bar) => bar.suspend(|| crate::console::say(line)),
            None => crate::console::say(line),
        }
    }

    fn set_bar(&self, bar: Option<ProgressBar>) {
        *self.bar.lock().unwrap_or_else(PoisonError::into_inner) = bar;
    }
}

/// How much there is to do.
pub enum Work {
    /// This number of records is generated.
    Records(u64),
    /// An input is read.
    Input(InputProgress),
}

/// A bar, drawn by its own thread until it is dropped.
pub struct Progress {
    done: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Progress {
    /// Shows a run.
    pub fn show(run: Arc<Monitor>, work: Work, speaker: &Speaker) -> Progress {
        let done = Arc::new(AtomicBool::new(false));
        let (is_done, speaker) = (done.clone(), speaker.clone());
        let draw = move || {
            let start = Instant::now();
            thread::park_timeout(PATIENCE);
            if is_done.load(Ordering::Acquire) {
                return;
            }
            let bar = new_bar(&work);
            speaker.set_bar(Some(bar.clone()));
            let mut pace = Pace::default();
            while !is_done.load(Ordering::Acquire) {
                draw(&bar, &run, &work, &mut pace, start.elapsed());
                thread::park_timeout(TICK);
            }
            speaker.set_bar(None);
            bar.finish_and_clear();
        };
        // Without a thread there is just no bar.
        let thread = thread::Builder::new().name("clearpipe-progress".to_owned()).spawn(draw).ok();
        Progress { done, thread }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}

/// A progress bar that the caller advances, if the standard error is a terminal.
pub fn steps(quiet: bool) -> ProgressBar {
    if quiet || !is_for_people() {
        return ProgressBar::hidden();
    }
    let template = if colors() { "{bar:28.cyan/dim} {wide_msg}" } else { "{bar:28} {wide_msg}" };
    with_style(ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr()), template)
}

/// Whether the standard error is a terminal that supports a bar.
pub fn is_for_people() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|terminal| terminal != "dumb")
}

/// Whether the standard error supports colours.
fn colors() -> bool {
    anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never
}

fn with_style(bar: ProgressBar, template: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.with_style(style.progress_chars("━╸─"))
}

fn new_bar(work: &Work) -> ProgressBar {
    let length = match work {
        Work::Records(records) => Some(*records),
        Work::Input(input) => input.size,
    };
    let template = match (length.is_some(), colors()) {
        (true, true) => "{bar:28.cyan/dim} {percent:>3} %  {wide_msg}",
        (true, false) => "{bar:28} {percent:>3} %  {wide_msg}",
        (false, _) => "{spinner} {wide_msg}",
    };
    with_style(ProgressBar::with_draw_target(length, ProgressDrawTarget::stderr_with_hz(20)), template)
}

fn draw(bar: &ProgressBar, run: &Monitor, work: &Work, pace: &mut Pace, elapsed: Duration) {
    let metrics = run.metrics();
    let records = metrics.processed + metrics.failed;
    let position = match work {
        Work::Records(_) => records,
        Work::Input(input) => input.bytes(),
    };
    pace.add(elapsed, records, position);
    let mut message = format!("{} records · {}/s", text::count(records), text::rate(pace.records_per_second()));
    if metrics.failed > 0 {
        message += &format!(" · {} failed", text::count(metrics.failed));
    }
    match bar.length().and_then(|length| pace.time_for(length.saturating_sub(position))) {
        _ if metrics.stopped => message += " · stopping",
        Some(left) if left < Duration::from_secs(100 * 3600) => message += &format!(" · {} left", whole_seconds(left)),
        _ => {}
    }
    bar.set_position(position);
    bar.set_message(message);
    bar.tick();
}

fn whole_seconds(time: Duration) -> String {
    match time.as_secs() {
        seconds @ ..60 => format!("{} s", seconds.max(1)),
        _ => text::time(time),
    }
}

/// The recent speed.
#[derive(Default)]
struct Pace {
    /// The time, the number of records, and the position in the input.
    samples: VecDeque<(Duration, u64, u64)>,
}

impl Pace {
    fn add(&mut self, now: Duration, records: u64, position: u64) {
        self.samples.push_back((now, records, position));
        while self.samples.len() > 2 && self.samples.front().is_some_and(|(then, ..)| now - *then > MEMORY) {
            self.samples.pop_front();
        }
    }

    fn records_per_second(&self) -> f64 {
        self.per_second(|(_, records, _)| *records)
    }

    /// How long this much work will take.
    fn time_for(&self, work: u64) -> Option<Duration> {
        Duration::try_from_secs_f64(work as f64 / self.per_second(|(.., position)| *position)).ok()
    }

    fn per_second(&self, of: impl Fn(&(Duration, u64, u64)) -> u64) -> f64 {
        let (Some(first), Some(last)) = (self.samples.front(), self.samples.back()) else { return 0.0 };
        let first = if self.samples.len() > 1 { *first } else { (Duration::ZERO, 0, 0) };
        let seconds = last.0.saturating_sub(first.0).as_secs_f64();
        if seconds > 0.0 { of(last).saturating_sub(of(&first)) as f64 / seconds } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_is_that_of_the_last_seconds() {
        let mut pace = Pace::default();
        assert_eq!(pace.time_for(5), None);
        for second in 0..10 {
            pace.add(Duration::from_secs(second), second * 10, second * second);
        }
        assert_eq!(pace.records_per_second(), 10.0);
        // The work goes faster and faster: from 25 to 81 in the last four seconds.
        assert_eq!(pace.time_for(28), Some(Duration::from_secs(2)));
    }
}
