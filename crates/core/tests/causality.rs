//! In an event log nothing happens before its cause, however different the clocks of the threads are: a record is
//! received after it was sent, a channel never exceeds its capacity, and no worker that has exited still has a record.

mod support;

use clearpipe_core::config::{BatchSize, Config, Injection, RuntimeKind, ServiceTime, StageService, TraceOptions};
use clearpipe_core::pipeline::{self, Outputs, RecordsFrom};
use clearpipe_core::runtime::{Core, OnWake, Pool, Runtime, TaskId};
use clearpipe_core::trace::EventKind;
use clearpipe_core::trace::log::LogWriter;
use clearpipe_core::trace::read::{LogReader, Logged};
use clearpipe_model::random;
use clearpipe_model::time::Timestamp;
use clearpipe_model::topology::{ChannelId, Stage};
use futures::future::BoxFuture;
use std::collections::{BTreeMap, HashMap};
use std::io::Cursor;
use std::sync::Arc;
use std::time::Duration;

/// A pool whose threads have clocks like those of web workers: each is a little off, and coarse.
struct Skewed {
    pool: Pool,
    coarse: Duration,
    apart: Duration,
}

impl Runtime for Skewed {
    fn spawn(&self, whose: TaskId, task: BoxFuture<'static, ()>, on_wake: OnWake) {
        self.pool.spawn(whose, task, on_wake);
    }

    fn now(&self) -> Duration {
        let now = self.pool.now();
        let coarse = self.coarse.as_nanos().max(1);
        let now = Duration::from_nanos((now.as_nanos() / coarse * coarse) as u64);
        // Threads outside the pool are in the middle.
        now + self.apart * self.pool.thread().map_or(1, |thread| 2 * thread as u32)
    }

    fn wall_clock(&self) -> Timestamp {
        self.pool.wall_clock()
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        self.pool.sleep(time)
    }

    fn core(&self) -> Option<BoxFuture<'static, Core>> {
        self.pool.core()
    }

    fn compute(&self, time: Duration) -> BoxFuture<'static, ()> {
        self.pool.compute(time)
    }

    fn should_yield(&self) -> bool {
        self.pool.should_yield()
    }

    fn thread(&self) -> Option<usize> {
        self.pool.thread()
    }

    fn threads(&self) -> usize {
        self.pool.threads()
    }
}

fn config(records: u64, batch: usize, capacity: usize) -> Config {
    let mut config = Config { records, workers: 3, batch: BatchSize::Fixed(batch), ..Config::default() };
    config.channels.capacity = Some(capacity);
    config.generator.invalid_value = Injection::Every(3);
    config.trace = TraceOptions { enabled: true, ..TraceOptions::default() };
    config
}

/// Returns the events of a run on these clocks, in the order of the log.
fn events(config: &Config, coarse: Duration, apart: Duration) -> Vec<Logged> {
    let log = support::Shared::default();
    let outputs = Outputs {
        processed: Box::new(futures::io::sink()),
        failed: Box::new(futures::io::sink()),
        log: Some(LogWriter::new(Box::new(log.clone()), config)),
    };
    let pool = Pool::new(3).unwrap();
    let runtime = Arc::new(Skewed { pool: pool.clone(), coarse, apart });
    let handle = pipeline::start(config, RecordsFrom::Generator, outputs, runtime).unwrap();
    let metrics = futures::executor::block_on(handle.finished()).unwrap();
    assert_eq!(metrics.processed + metrics.failed, config.records);
    read(log.bytes())
}

fn read(log: Vec<u8>) -> Vec<Logged> {
    let mut reader = LogReader::open(Cursor::new(log)).unwrap();
    std::iter::from_fn(|| reader.next_event().unwrap()).collect()
}

/// Returns how far a record has come; `None` for an event that isn't a step. After the fan-out there are three ways.
fn step(event: &Logged) -> Option<(usize, u32)> {
    use EventKind::*;
    let within = |first: u32| {
        Some(match event.known? {
            WorkStart => first,
            Fault => first + 1,
            Produced | Valid | Invalid | Processed | Anomaly | TransformationError | Written | Counted => first + 2,
            WorkEnd => first + 3,
            Blocked => first + 4,
            Released => first + 5,
            Arrive => first + 6,
            Depart => first + 7,
            _ => return None,
        })
    };
    let stage = |stage: Stage| event.node == stage.node_id();
    let channel = |channel: ChannelId| event.node == channel.node_id();
    let (way, first) = if stage(Stage::Producer) || channel(ChannelId::DataCh) {
        (0, 0)
    } else if stage(Stage::Validator) || channel(ChannelId::ValidCh) {
        (0, 10)
    } else if stage(Stage::Transformer) || channel(ChannelId::ProcessedCh) || channel(ChannelId::ErrorCh) {
        (0, 20)
    } else if stage(Stage::FanOut) {
        // The fan-out is done when all three channels have the record.
        return (event.known == Some(WorkStart)).then_some((0, 30));
    } else {
        let consumers = [Stage::Loader, Stage::ErrorHandler, Stage::MetricsCollector];
        let channels = [ChannelId::LoaderCh, ChannelId::ErrorHandlerCh, ChannelId::MetricsCh];
        let way = (0..3).find(|&at| stage(consumers[at]) || channel(channels[at]))?;
        (way + 1, if channel(channels[way]) { 40 } else { 50 })
    };
    Some((way, within(first)?))
}

/// Fails if the log has an effect before its cause.
fn check(events: &[Logged], config: &Config, name: &str) {
    assert!(events.is_sorted_by_key(|event| event.time), "{name}: the log is not in the order of time");
    let mut steps: HashMap<u64, [u32; 4]> = HashMap::new();
    let mut depths: BTreeMap<u8, i64> = BTreeMap::new();
    let mut held: HashMap<(u64, usize), (u8, u16)> = HashMap::new();
    let mut runs: HashMap<(u8, u16), Option<u8>> = HashMap::new();
    let mut on_threads: HashMap<Option<u8>, (u8, u16)> = HashMap::new();
    for event in events {
        let worker = (event.node, event.worker);
        match event.known {
            Some(EventKind::RunStart) => {
                assert_eq!(runs.insert(worker, event.thread), None, "{name}: {event:?}: it runs already");
                assert_eq!(on_threads.insert(event.thread, worker), None, "{name}: {event:?}: another one runs there");
            }
            Some(EventKind::RunEnd) => {
                assert_eq!(runs.remove(&worker), Some(event.thread), "{name}: {event:?}: it did not run there");
                on_threads.remove(&event.thread);
            }
            Some(EventKind::Woken) => {}
            _ if event.record.is_none() => {}
            _ => {
                // A worker acts while its task runs, but other tasks may move in the items that it has queued.
                let sends = matches!(event.known, Some(EventKind::Arrive | EventKind::Released));
                let is_stage = Stage::ALL.iter().any(|stage| stage.node_id() == event.node);
                assert!(!is_stage || sends || event.known == Some(EventKind::Sampling) || runs.contains_key(&worker));
            }
        }
        let (Some(record), Some((way, at))) = (event.record, step(event)) else { continue };
        let ways = steps.entry(record).or_default();
        let before = if way == 0 { ways[0] } else { ways[way].max(ways[0]) };
        assert!(before <= at, "{name}: {event:?} comes after step {before} of the record, and is step {at}");
        ways[way] = at;
        match event.known {
            Some(EventKind::Arrive) => {
                // The fan-out has it until it is in all three channels, which isn't distinguished here.
                held.remove(&(record, 0));
                held.remove(&(record, way));
                *depths.entry(event.node).or_default() += 1;
            }
            Some(EventKind::Depart) => *depths.entry(event.node).or_default() -= 1,
            Some(EventKind::WorkStart) => drop(held.insert((record, way), worker)),
            Some(EventKind::WorkEnd) if event.node > Stage::Transformer.node_id() => drop(held.remove(&(record, way))),
            _ => {}
        }
        let capacity = config.channels.capacity.unwrap() as i64;
        if let Some(depth) = depths.get(&event.node) {
            assert!((0..=capacity).contains(depth), "{name}: after {event:?} the channel holds {depth} of {capacity}");
        }
    }
    assert_eq!(steps.len() as u64, config.records, "{name}: some records are missing");
    assert!(depths.values().all(|depth| *depth == 0), "{name}: a channel is not empty at the end: {depths:?}");
    assert!(held.is_empty(), "{name}: workers that have ended have records still: {held:?}");
    assert!(runs.is_empty(), "{name}: a task has no end: {runs:?}");
}

#[test]
fn on_clocks_that_differ_a_record_is_received_after_it_was_sent() {
    let nanos = Duration::from_nanos;
    for (coarse, apart) in [(nanos(1), nanos(0)), (nanos(5000), nanos(0)), (nanos(100), nanos(7000))] {
        for (batch, capacity) in [(1, 1), (1, 4), (4, 10)] {
            let config = config(1500, batch, capacity);
            let name =
                format!("clocks {coarse:?} coarse and {apart:?} apart, batches of {batch}, buffers of {capacity}");
            check(&events(&config, coarse, apart), &config, &name);
        }
    }
}

#[test]
fn tasks_that_sleep_and_go_on_elsewhere_keep_their_order() {
    let mut config = config(150, 1, 2);
    let random = |most| ServiceTime::Random(Duration::ZERO, Duration::from_micros(most));
    config.service.validator = StageService { wait: random(400), compute: random(50) };
    config.service.transformer = StageService { wait: random(600), compute: random(50) };
    config.service.error_handler = StageService { wait: random(100), compute: ServiceTime::Off };
    check(&events(&config, Duration::from_micros(5), Duration::from_micros(40)), &config, "with service times");
}

#[test]
fn where_one_clock_is_enough_times_are_those_that_were_measured() {
    for seed in 0..20 {
        let mut config = config(60, 1 + seed as usize % 3, 3);
        config.runtime.kind = RuntimeKind::Virtual;
        config.seed = seed;
        // Whole milliseconds, so that a delayed event would be noticed.
        let wait = |at| ServiceTime::Fixed(Duration::from_millis(random::of_record(seed, 77, at) % 5));
        config.service.validator = StageService { wait: wait(0), compute: wait(1) };
        config.service.transformer = StageService { wait: wait(2), compute: wait(3) };
        config.service.loader = StageService { wait: wait(4), compute: ServiceTime::Off };
        let events = read(support::run(&config, None).unwrap().log);
        check(&events, &config, &format!("seed {seed}"));
        assert!(events.iter().all(|event| event.time % 1_000_000 == 0), "seed {seed}: a time was changed");
    }
}
