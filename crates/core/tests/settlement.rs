//! A custom source learns which records are settled, and never one that isn't durable in both sinks.

use clearpipe_codec::{FileSource, Input, InputOptions, Lines, SourceError};
use clearpipe_core::config::{BatchSize, Config};
use clearpipe_core::metrics::Metrics;
use clearpipe_core::pipeline::{self, Outputs, RecordsFrom, RunError};
use clearpipe_core::runtime::{Runtime, Virtual};
use clearpipe_core::sink::Sink;
use clearpipe_core::source::Source;
use futures::FutureExt;
use futures::future::BoxFuture;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// The state of a run as seen from outside.
#[derive(Clone, Default)]
struct Seen {
    commits: Arc<Mutex<Vec<u64>>>,
    /// How many records, from the first on, each sink has made durable.
    durable: [Arc<AtomicU64>; 2],
}

impl Seen {
    fn commits(&self) -> Vec<u64> {
        self.commits.lock().unwrap().clone()
    }
}

/// Reads lines, and receives the commits.
struct Broker {
    lines: FileSource,
    seen: Seen,
    runtime: Arc<Virtual>,
    /// The number of records after which it waits for a second.
    waits_at: Option<u64>,
    given: u64,
    wait: Option<BoxFuture<'static, ()>>,
    /// How often a commit is pending before it completes, and whether it succeeds at all.
    pending: usize,
    fails: bool,
    polled: usize,
}

impl Source for Broker {
    fn poll_next(&mut self, context: &mut Context<'_>, want: usize) -> Poll<Result<Option<Lines>, SourceError>> {
        if self.waits_at.is_some_and(|at| self.given >= at) {
            let wait = self.wait.get_or_insert_with(|| self.runtime.sleep(Duration::from_secs(1)));
            ready!(wait.poll_unpin(context));
            self.waits_at = None;
        }
        let lines = ready!(self.lines.poll_next(context, want))?;
        self.given += lines.as_ref().map_or(0, |lines| lines.lines.len() as u64);
        Poll::Ready(Ok(lines))
    }

    fn wants_commits(&self) -> bool {
        true
    }

    fn poll_commit(&mut self, context: &mut Context<'_>, through: u64) -> Poll<io::Result<()>> {
        self.polled += 1;
        if !self.polled.is_multiple_of(self.pending + 1) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if self.fails {
            return Poll::Ready(Err(io::Error::other("the broker is gone")));
        }
        let durable = self.seen.durable.each_ref().map(|durable| durable.load(Ordering::SeqCst));
        assert!(durable.iter().all(|durable| *durable >= through), "{through} committed, {durable:?} durable");
        self.seen.commits.lock().unwrap().push(through);
        Poll::Ready(Ok(()))
    }
}

/// Takes a few bytes at a time, and makes them durable one flush late.
struct Lazy {
    durable: Arc<AtomicU64>,
    before: u64,
}

impl Sink for Lazy {
    fn poll_write(&mut self, _: &mut Context<'_>, lines: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(lines.len().min(1_000)))
    }

    fn poll_durable(&mut self, _: &mut Context<'_>, through: u64) -> Poll<io::Result<u64>> {
        let durable = std::mem::replace(&mut self.before, through);
        self.durable.store(durable, Ordering::SeqCst);
        Poll::Ready(Ok(durable))
    }

    fn poll_close(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.durable.store(u64::MAX, Ordering::SeqCst);
        Poll::Ready(Ok(()))
    }
}

/// Returns lines of this many records, of which every `fails`th can't be transformed.
fn lines(records: u64, fails: u64) -> FileSource {
    let line = |number: u64| {
        let unit = if number % fails == fails - 1 { "INVALID_UNIT" } else { "unit_A" };
        let value = number % 7;
        format!(
            "{{\"id\":\"{number}\",\"timestamp\":\"2026-01-01T00:00:00Z\",\"sensor_id\":\"s\",\"value\":{value},\
             \"unit\":\"{unit}\",\"location\":\"x\"}}\n"
        )
    };
    let text: String = (0..records).map(line).collect();
    let input = Input::new(Box::new(futures::io::Cursor::new(text.into_bytes())));
    FileSource::new(input, &InputOptions::default(), &[])
}

/// Runs a broker, and commits the remaining records once the run has succeeded.
fn run(
    config: &Config,
    seed: u64,
    lines: FileSource,
    set: impl FnOnce(&mut Broker),
) -> (Result<Metrics, RunError>, Seen) {
    let seen = Seen::default();
    let runtime = Arc::new(Virtual::new(2, seed));
    let mut broker = Broker {
        lines,
        seen: seen.clone(),
        runtime: runtime.clone(),
        waits_at: None,
        given: 0,
        wait: None,
        pending: 0,
        fails: false,
        polled: 0,
    };
    set(&mut broker);
    let sink = |at: usize| Box::new(Lazy { durable: seen.durable[at].clone(), before: 0 });
    let outputs = Outputs { processed: sink(0), failed: sink(1), log: None };
    let source = RecordsFrom::Source(Box::new(broker));
    let run = pipeline::start(config, source, outputs, runtime.clone() as Arc<dyn Runtime>).unwrap();
    let settlement = run.settlement();
    let result = runtime.block_on(run.finished()).unwrap();
    let before = seen.commits();
    assert!(before.is_sorted_by(|before, after| before < after), "{before:?}");
    runtime.block_on(settlement.commit_all()).unwrap().unwrap();
    let after = seen.commits();
    match &result {
        Ok(metrics) => assert_eq!(after.last(), Some(&metrics.produced)),
        Err(_) => assert_eq!(after, before),
    }
    (result, seen)
}

#[test]
fn only_what_is_durable_is_committed() {
    let config = Config { batch: BatchSize::Fixed(7), ..Config::default() };
    for seed in 0..20 {
        let (metrics, _) = run(&config, seed, lines(2_000, 11), |broker| broker.pending = seed as usize % 3);
        let metrics = metrics.unwrap();
        assert_eq!((metrics.processed, metrics.failed), (1_819, 181));
    }
}

/// Without the order of production, the settled records are only known when the run has ended.
#[test]
fn an_unordered_run_is_committed_at_its_end() {
    let config = Config { ordered: false, batch: BatchSize::Fixed(7), ..Config::default() };
    let (_, seen) = run(&config, 1, lines(2_000, 11), |_| {});
    assert_eq!(seen.commits(), [2_000]);
}

/// A sink that gets no lines delays no commit, neither while the source waits nor while the other sink is busy.
#[test]
fn a_sink_without_lines_holds_no_commit_up() {
    let config = Config { batch: BatchSize::Fixed(100), ..Config::default() };
    let (_, seen) = run(&config, 1, lines(2_000, u64::MAX), |broker| broker.waits_at = Some(1_000));
    assert!(seen.commits().contains(&1_000), "{:?}", seen.commits());

    let config = Config { batch: BatchSize::Auto, ..Config::default() };
    for fails in [u64::MAX, 10_000] {
        let (_, seen) = run(&config, 1, lines(200_000, fails), |_| {});
        let commits = seen.commits();
        assert!(commits.len() > 5, "{commits:?}");
        let between = commits.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
        assert!(between <= 50_000, "{commits:?}");
    }
}

#[test]
fn a_commit_that_fails_fails_the_run() {
    let config = Config { batch: BatchSize::Fixed(100), ..Config::default() };
    let set = |broker: &mut Broker| (broker.waits_at, broker.fails) = (Some(1_000), true);
    let (result, seen) = run(&config, 1, lines(2_000, 11), set);
    assert_eq!(result.unwrap_err().to_string(), "records can't be committed to the source: the broker is gone");
    assert!(seen.commits().is_empty());
}

/// Returns lines from another source, and breaks the later ones.
struct Broken(FileSource, fn(&mut Lines));

impl Source for Broken {
    fn poll_next(&mut self, context: &mut Context<'_>, want: usize) -> Poll<Result<Option<Lines>, SourceError>> {
        let mut lines = ready!(self.0.poll_next(context, want))?;
        lines.iter_mut().filter(|lines| lines.lines[0].number > 100).for_each(self.1);
        Poll::Ready(Ok(lines))
    }
}

#[test]
fn a_source_that_breaks_its_contract_fails_the_run() {
    let none: fn(&mut Lines) = |lines| lines.lines.clear();
    let many = |lines: &mut Lines| lines.lines.resize(11, lines.lines[0]);
    let outside = |lines: &mut Lines| lines.lines[0].length = u32::MAX;
    for (breaks, expected) in [
        (none, "the source returned 0 records, not 1 to 10"),
        (many, "the source returned 11 records, not 1 to 10"),
        (outside, "the source returned a line that is not within its block"),
    ] {
        let config = Config { batch: BatchSize::Fixed(10), ..Config::default() };
        let runtime = Arc::new(Virtual::new(2, 1));
        let nowhere = || Box::new(futures::io::sink());
        let outputs = Outputs { processed: nowhere(), failed: nowhere(), log: None };
        let source = RecordsFrom::Source(Box::new(Broken(lines(2_000, 11), breaks)));
        let run = pipeline::start(&config, source, outputs, runtime.clone() as Arc<dyn Runtime>).unwrap();
        let error = runtime.block_on(run.finished()).unwrap().unwrap_err();
        assert_eq!(error.to_string(), format!("the input can't be read: {expected}"));
    }
}
