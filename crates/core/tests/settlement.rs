//! A source of one's own is told which records are settled: never one that is not durable in both sinks.

use clearpipe_codec::{FileSource, Input, InputOptions, Lines, SourceError};
use clearpipe_core::config::{BatchSize, Config};
use clearpipe_core::pipeline::{self, Outputs, RecordsFrom};
use clearpipe_core::runtime::{Runtime, Virtual};
use clearpipe_core::sink::Sink;
use clearpipe_core::source::{Commit, Source};
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

const RECORDS: u64 = 2_000;

/// What is known of a run from outside.
#[derive(Clone, Default)]
struct Seen {
    commits: Arc<Mutex<Vec<u64>>>,
    /// How many records from the first on each sink has made durable.
    durable: [Arc<AtomicU64>; 2],
}

/// Reads lines, and sees the commits.
struct Broker {
    lines: FileSource,
    seen: Seen,
}

impl Source for Broker {
    fn poll_next(&mut self, context: &mut Context<'_>, want: usize) -> Poll<Result<Option<Lines>, SourceError>> {
        self.lines.poll_next(context, want)
    }

    fn commit(&mut self) -> Option<Box<dyn Commit>> {
        Some(Box::new(self.seen.clone()))
    }
}

impl Commit for Seen {
    fn commit(&self, through: u64) {
        let durable = self.durable.each_ref().map(|durable| durable.load(Ordering::SeqCst));
        assert!(durable.iter().all(|durable| *durable >= through), "{through} committed, {durable:?} durable");
        self.commits.lock().unwrap().push(through);
    }
}

/// Takes a few bytes at a time, and is a block behind with making them durable.
struct Lazy {
    durable: Arc<AtomicU64>,
    before: u64,
}

impl Sink for Lazy {
    fn poll_write(&mut self, _: &mut Context<'_>, lines: &[u8], _: u64) -> Poll<io::Result<usize>> {
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

fn commits(config: &Config, seed: u64) -> Vec<u64> {
    let line = |number: u64| {
        let unit = if number.is_multiple_of(11) { "INVALID_UNIT" } else { "unit_A" };
        format!(
            "{{\"id\":\"{number}\",\"timestamp\":\"2026-01-01T00:00:00Z\",\"sensor_id\":\"s\",\"value\":{},\"unit\":\"{unit}\",\"location\":\"x\"}}\n",
            number % 7
        )
    };
    let text: String = (0..RECORDS).map(line).collect();
    let input = Input::new(Box::new(futures::io::Cursor::new(text.into_bytes())));
    let seen = Seen::default();
    let lines = FileSource::new(input, &InputOptions::default(), &[]);
    let sink = |at: usize| Box::new(Lazy { durable: seen.durable[at].clone(), before: 0 });
    let outputs = Outputs { processed: sink(0), failed: sink(1), log: None };
    let runtime = Arc::new(Virtual::new(2, seed));
    let source = RecordsFrom::Source(Box::new(Broker { lines, seen: seen.clone() }));
    let run = pipeline::start(config, source, outputs, runtime.clone() as Arc<dyn Runtime>).unwrap();
    let metrics = runtime.block_on(run.finished()).unwrap().unwrap();
    assert_eq!(metrics.processed + metrics.failed, RECORDS);
    assert!(metrics.failed > 0);
    let commits = seen.commits.lock().unwrap().clone();
    assert!(commits.is_sorted_by(|before, after| before < after), "{commits:?}");
    assert_eq!(commits.last(), Some(&RECORDS));
    commits
}

#[test]
fn only_what_is_durable_is_committed() {
    let config = Config { batch: BatchSize::Fixed(7), ..Config::default() };
    for seed in 0..20 {
        commits(&config, seed);
    }
}

/// Without the order of production nobody knows which records are settled before the run has ended.
#[test]
fn an_unordered_run_is_committed_at_its_end() {
    let config = Config { ordered: false, batch: BatchSize::Fixed(7), ..Config::default() };
    assert_eq!(commits(&config, 1), [RECORDS]);
}
