//! Many interleavings on the virtual clock: with random settings, every record ends in exactly one file, no channel
//! exceeds its capacity, and no run hangs. In some of the runs the settings change meanwhile, and in most of them workers
//! yield in places where they would yield only on threads.
//!
//! `CLEARPIPE_SEEDS=10000` sets the number of seeds to try (default: 1,000); `CLEARPIPE_SEED=7` runs only this seed.

mod support;

use clearpipe_codec::Format;
use clearpipe_core::config::{BatchSize, Clock, Config, Injection, RuntimeKind, Service, ServiceTime, StageService};
use clearpipe_core::pipeline::Monitor;
use clearpipe_core::runtime::{Runtime, Virtual, YieldPoints};
use clearpipe_core::trace::EventKind;
use clearpipe_model::random::Random;
use clearpipe_model::topology::Stage;
use std::collections::{BTreeMap, HashSet};
use std::fmt::Write;
use std::time::Duration;

/// Returns a configuration that follows from a seed.
fn config(seed: u64) -> Config {
    let mut random = Random::new(seed);
    let mut chance = |one_in: u64| random.below(one_in) == 0;
    let flags: [bool; 5] = [chance(2), chance(2), chance(8), chance(3), chance(3)];
    let [given_capacity, fixed_batch, unordered, panics, window] = flags;
    let mut config =
        Config { seed, records: random.below(200), workers: 1 + random.below(8) as usize, ..Config::default() };
    config.clock = Clock::Fixed("2026-01-01T00:00:00Z".parse().unwrap());
    config.runtime.kind = RuntimeKind::Virtual;
    config.runtime.cores = 1 + random.below(4) as usize;
    config.validator.workers = Some(1 + random.below(8) as usize);
    config.ordered = !unordered;
    if given_capacity {
        config.channels.capacity = Some(1 + random.below(10) as usize);
        config.channels.error = Some(1 + random.below(3) as usize);
        config.channels.loader = Some(1 + random.below(5) as usize);
    }
    if fixed_batch {
        config.batch = BatchSize::Fixed(1 + random.below(20) as usize);
    }
    if window {
        config.window = Some(1 + random.below(40) as usize);
    }
    if panics {
        config.faults.validator_panic = Injection::Share(0.1);
        config.faults.transformer_panic = Injection::Every(7);
    }
    if random.below(4) == 0 {
        config.generator.invalid_value = Injection::Share(0.5);
    }
    let mut service = || {
        let mut time = || match random.below(4) {
            0 => ServiceTime::Fixed(Duration::from_micros(random.below(5000))),
            1 => ServiceTime::Random(Duration::ZERO, Duration::from_micros(1 + random.below(20_000))),
            _ => ServiceTime::Off,
        };
        StageService { wait: time(), compute: time() }
    };
    config.service.producer = service();
    config.service.validator = service();
    config.service.transformer = service();
    config.service.loader = service();
    config.service.error_handler = service();
    config.service.metrics_collector = service();
    config
}

/// Returns where the workers of a seed's run yield.
fn yields(seed: u64) -> YieldPoints {
    YieldPoints { taken: !seed.is_multiple_of(2), sent: seed % 4 >= 2 }
}

/// Changes a run while it continues, in ways that follow from a seed.
fn meddle(seed: u64, monitor: &Monitor, runtime: &Virtual) {
    let mut random = Random::new(seed ^ 0x5eed);
    let mut now = config(seed);
    for _ in 0..random.below(3) * random.below(12) {
        for _ in 0..random.below(200) {
            let before = runtime.now();
            runtime.step();
            assert!(runtime.now() >= before, "seed {seed}: the clock went back");
        }
        match random.below(7) {
            0 => now.service = config(random.below(1000)).service,
            1 => {
                now.generator.rate_limit = [0.0, 1e3, 1e5][random.below(3) as usize];
                now.generator.burst = 1 + random.below(30);
            }
            2 => monitor.control().pause(),
            3 => monitor.control().resume(),
            4 => monitor.control().step(),
            _ => {
                now.validator.workers = Some(1 + random.below(9) as usize);
                now.transformer.workers = Some(1 + random.below(9) as usize);
            }
        }
        monitor.adjust(&now).unwrap();
    }
    monitor.control().resume();
}

/// Returns what is wrong with the run of a seed, if anything.
fn problem(seed: u64) -> Option<String> {
    let config = config(seed);
    let meddle = |monitor: &Monitor, runtime: &Virtual| meddle(seed, monitor, runtime);
    let results = match support::run_steered(&config, None, yields(seed), meddle) {
        Ok(results) => results,
        Err(failed) => return Some(format!("{failed:?}")),
    };
    let metrics = &results.metrics;
    let id = |line: &[u8]| {
        serde_json::from_slice::<serde_json::Value>(line).ok().and_then(|line| Some(line["id"].as_str()?.to_owned()))
    };
    let ids = |bytes: &[u8]| -> Vec<Option<String>> {
        bytes.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()).map(id).collect()
    };
    let (processed, failed) = (ids(&results.processed), ids(&results.failed));
    let all: HashSet<_> = processed.iter().chain(&failed).flatten().collect();
    let mut problem = String::new();
    let mut check = |holds: bool, what: &str| {
        if !holds {
            let _ = writeln!(problem, "{what}");
        }
    };
    check(metrics.produced == config.records, "not all records were produced");
    check(all.len() as u64 == config.records, "some record is in no file");
    check((processed.len() + failed.len()) as u64 == config.records, "some record is in the files twice");
    check(metrics.processed == processed.len() as u64, "the processed file has not what was counted");
    check(metrics.failed == failed.len() as u64, "the failed file has not what was counted");
    if config.ordered {
        check(processed.is_sorted() && failed.is_sorted(), "the order is not that of production");
    }
    for worker in metrics.stages.iter().flat_map(|stage| &stage.workers) {
        let sum = worker.busy_seconds + worker.ready_seconds + worker.waiting_seconds + worker.blocked_seconds;
        check((sum - metrics.elapsed_seconds).abs() < 1e-6, "a worker's time is not that of the run");
        check(worker.state.is_none(), "a worker is still there");
    }
    for channel in &metrics.channels {
        check(channel.highest_depth <= channel.capacity, "a channel exceeded its capacity");
        check(channel.depth == 0, "a channel is not empty");
    }
    (!problem.is_empty()).then_some(problem)
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

#[test]
fn no_interleaving_loses_a_record_or_hangs() {
    let seeds = match number("CLEARPIPE_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("CLEARPIPE_SEEDS").unwrap_or(1_000),
    };
    let tried = seeds.end - seeds.start;
    for seed in seeds {
        if let Some(problem) = problem(seed) {
            panic!(
                "seed {seed}: {problem}\nIts configuration: {}\nTo repeat it:\n  CLEARPIPE_SEED={seed} cargo test -p \
                 clearpipe-core --test virtual_clock no_interleaving",
                serde_json::to_string(&config(seed)).unwrap()
            );
        }
    }
    println!("{tried} seeds tried");
}

/// Returns a configuration in which nothing takes time and some records fail: all that can differ from run to run is the
/// order in which tasks run.
fn timeless(number: u64) -> Config {
    let mut random = Random::new(number);
    let mut config = Config { seed: number, records: 2 + random.below(5), ..Config::default() };
    config.workers = 1 + random.below(3) as usize;
    config.validator.workers = Some(1 + random.below(3) as usize);
    config.channels.capacity = Some(1 + random.below(3) as usize);
    config.ordered = number.is_multiple_of(2);
    config.generator.invalid_value = Injection::Every(3);
    config.runtime.kind = RuntimeKind::Virtual;
    config.trace.enabled = true;
    config
}

/// An event of a record, apart from its time: what, where, which worker, which record.
type What = (EventKind, u8, u16, Option<u64>);

/// What was different in some runs.
#[derive(Debug, Default)]
struct Orders {
    /// The order of all events of records.
    events: HashSet<Vec<What>>,
    /// For each channel and file, the order in which records arrived there.
    arrivals: HashSet<BTreeMap<u8, Vec<Option<u64>>>>,
}

impl Orders {
    fn add(&mut self, log: &[u8]) {
        let of_tasks = [EventKind::Woken, EventKind::RunStart, EventKind::RunEnd];
        let events: Vec<_> = support::events(log).into_iter().filter(|event| !of_tasks.contains(&event.kind)).collect();
        let mut arrivals: BTreeMap<u8, Vec<Option<u64>>> = BTreeMap::new();
        for event in events.iter().filter(|event| matches!(event.kind, EventKind::Arrive | EventKind::Written)) {
            arrivals.entry(event.node).or_default().push(event.record);
        }
        self.events.insert(events.iter().map(|event| (event.kind, event.node, event.worker, event.record)).collect());
        self.arrivals.insert(arrivals);
    }
}

#[test]
fn with_yield_points_there_are_more_schedules_and_none_of_them_loses_or_reorders_a_record() {
    const CONFIGURATIONS: u64 = 20;
    let schedules = number("CLEARPIPE_SEEDS").unwrap_or(1_000) / CONFIGURATIONS;
    let ways = [YieldPoints::NONE, YieldPoints::TAKEN, YieldPoints { taken: false, sent: true }, YieldPoints::ALL];
    let found = ways.map(|yields| {
        let (mut events, mut arrivals) = (0, 0);
        for number in 0..CONFIGURATIONS {
            let mut config = timeless(number);
            let mut orders = Orders::default();
            for schedule in 0..schedules {
                config.runtime.seed = Some(schedule);
                let results = support::run_steered(&config, None, yields, |_, _| ()).unwrap();
                let name = || format!("configuration {number}, schedule {schedule}, {yields:?}");
                let [processed, failed] = [&results.processed, &results.failed].map(|bytes| numbers(bytes));
                if config.ordered {
                    assert!(processed.is_sorted() && failed.is_sorted(), "{}", name());
                }
                let mut all = [processed, failed].concat();
                all.sort_unstable();
                assert!(all.iter().copied().eq(0..config.records), "{}: {all:?}", name());
                orders.add(&results.log);
            }
            (events, arrivals) = (events + orders.events.len(), arrivals + orders.arrivals.len());
        }
        println!(
            "{yields:?}: {events} orders of events, {arrivals} of arrivals, in {CONFIGURATIONS} × {schedules} runs"
        );
        (events, arrivals)
    });
    let [none, taken, sent, all] = found.map(|(_, arrivals)| arrivals);
    // Between two batches, workers yield at random even without them.
    assert!(taken > 3 * none / 2 && all > 3 * none / 2 && sent >= none / 2, "{found:?}");
    let [none, taken, _, all] = found.map(|(events, _)| events);
    assert!(taken > none && all > none, "{found:?}");
}

/// Returns the numbers of the generated records in a file.
fn numbers(lines: &[u8]) -> Vec<u64> {
    let number = |line: &str| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        line["id"].as_str().unwrap().trim_start_matches("rec-").parse().unwrap()
    };
    std::str::from_utf8(lines).unwrap().lines().map(number).collect()
}

/// Returns a file whose lines have very different lengths; some aren't records.
fn long_lines(seed: u64) -> Vec<u8> {
    let mut random = Random::new(seed);
    let mut input = Vec::new();
    for record in 0..random.below(120) {
        let longest = if random.below(10) == 0 { 20_000 } else { 100 };
        let note = "x".repeat(random.below(longest) as usize);
        let value = random.below(1200);
        let line = match random.below(20) {
            0 => note,
            _ => format!(
                "{{\"id\":\"{record}\",\"timestamp\":\"t\",\"sensor_id\":\"s\",\"value\":{value},\"unit\":\"u\",\
                 \"location\":\"l\",\"note\":\"{note}\"}}"
            ),
        };
        input.extend_from_slice(line.as_bytes());
        input.push(b'\n');
    }
    input
}

#[test]
fn few_bytes_in_flight_hang_nothing_and_change_no_result() {
    let sorted = |bytes: &[u8]| {
        let mut lines: Vec<Vec<u8>> = bytes.split(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
        lines.sort();
        lines
    };
    for seed in 0..200 {
        let input = long_lines(seed);
        let mut config = config(seed);
        config.records = 0;
        config.input.format = Format::Jsonl;
        let all = support::run(&config, Some(&input)).unwrap();
        config.window_bytes = 1 + Random::new(seed).below(30_000) as usize;
        let few = support::run(&config, Some(&input)).unwrap();
        for (all, few) in [(&all.processed, &few.processed), (&all.failed, &few.failed)] {
            let is_same = if config.ordered { all == few } else { sorted(all) == sorted(few) };
            assert!(is_same, "seed {seed}: {}", serde_json::to_string(&config).unwrap());
        }
    }
}

#[test]
fn the_bytes_in_flight_are_bounded() {
    for ordered in [true, false] {
        let line = format!("{{\"id\":\"a\",\"value\":1,\"note\":\"{}\"}}\n", "x".repeat(970));
        let input = line.repeat(1000);
        let mut config = Config { ordered, batch: BatchSize::Fixed(10), window_bytes: 100_000, ..Config::default() };
        config.runtime.kind = RuntimeKind::Virtual;
        config.channels.capacity = Some(1000);
        config.service.loader.wait = ServiceTime::Fixed(Duration::from_millis(1));
        config.validator.required.clear();
        let results = support::run(&config, Some(input.as_bytes())).unwrap();
        assert_eq!(results.metrics.processed, 1000);
        let highest = results.metrics.channels.iter().map(|channel| channel.highest_depth).max().unwrap();
        assert!((50..=100).contains(&highest), "ordered {ordered}: {highest} records of 1,000 bytes in a channel");
    }
}

#[test]
fn the_same_seed_is_the_same_run_event_for_event() {
    let traced = |seed: u64| {
        let mut config = config(seed);
        config.records = 100;
        config.trace.enabled = true;
        support::run(&config, None).unwrap().log
    };
    for seed in 0..20 {
        assert!(traced(seed) == traced(seed), "seed {seed}");
    }
    assert!(traced(1) != traced(2));
}

#[test]
fn the_event_log_tells_the_whole_life_of_each_record() {
    for seed in 0..50 {
        let mut config = config(seed);
        config.trace.enabled = true;
        let results = support::run_steered(&config, None, yields(seed), |_, _| ()).unwrap();
        assert_eq!(results.metrics.trace_dropped_records, 0);
        let events = support::events(&results.log);
        let mut depth = [0i64; 32];
        for event in &events {
            match event.kind {
                EventKind::Arrive => depth[event.node as usize] += 1,
                EventKind::Depart => depth[event.node as usize] -= 1,
                _ => {}
            }
            assert!(depth[event.node as usize] >= 0, "seed {seed}: left before it came");
        }
        assert!(depth.iter().all(|&depth| depth == 0), "seed {seed}: a channel is not empty");
        for record in 0..config.records {
            let kinds: Vec<EventKind> =
                events.iter().filter(|event| event.record == Some(record)).map(|event| event.kind).collect();
            // The first one is the initial sampling.
            let kinds: Vec<EventKind> = kinds.into_iter().filter(|&kind| kind != EventKind::Sampling).collect();
            let count = |kind| kinds.iter().filter(|&&found| found == kind).count();
            assert_eq!(kinds.first(), Some(&EventKind::Produced), "seed {seed}, record {record}");
            assert_eq!(count(EventKind::Written), 1, "seed {seed}, record {record}");
            assert_eq!(count(EventKind::Counted), 1, "seed {seed}, record {record}");
            assert_eq!(count(EventKind::Arrive), count(EventKind::Depart));
            assert_eq!(count(EventKind::WorkStart), count(EventKind::WorkEnd), "seed {seed}, record {record}");
        }
    }
}

#[test]
fn a_complete_log_bounds_what_travels_together() {
    let highest_depth = |kind, sample: u64| {
        let mut config = Config { records: 20_000, batch: BatchSize::Fixed(65_536), ..Config::default() };
        config.runtime.kind = kind;
        config.channels.capacity = Some(65_536);
        config.window = Some(1_000_000);
        config.trace.enabled = true;
        config.trace.sample = sample;
        let results = support::run(&config, None).unwrap();
        let born =
            support::events(&results.log).iter().filter(|event| event.kind == EventKind::Produced).count() as u64;
        assert_eq!((born, results.metrics.trace_dropped_records), (20_000 / sample, 0));
        results.metrics.channels.iter().map(|channel| channel.highest_depth).max().unwrap()
    };
    // Room for the events of a thousand is enough; other records may wait behind the first of these.
    assert!(highest_depth(RuntimeKind::Pool, 1) <= 4096);
    assert_eq!(highest_depth(RuntimeKind::Virtual, 100), 20_000);
}

#[test]
fn waiting_scales_with_workers_and_computing_with_cores() {
    let elapsed = |workers: usize, cores: usize, service: StageService| {
        let mut config = Config { records: 640, workers, batch: BatchSize::Fixed(1), ..Config::default() };
        config.runtime.kind = RuntimeKind::Virtual;
        config.runtime.cores = cores;
        config.service.validator = service;
        support::run(&config, None).unwrap().metrics.elapsed_seconds
    };
    let time = ServiceTime::Fixed(Duration::from_millis(10));
    let waiting = || StageService { wait: time.clone(), compute: ServiceTime::Off };
    let computing = || StageService { wait: ServiceTime::Off, compute: time.clone() };
    assert_eq!(elapsed(1, 1, waiting()), 6.4);
    assert_eq!(elapsed(64, 1, waiting()), 0.1);
    assert_eq!(elapsed(64, 1, computing()), 6.4);
    assert_eq!(elapsed(64, 64, computing()), 0.1);
    assert_eq!(elapsed(64, 4, computing()), 1.6);
}

#[test]
fn the_log_says_which_records_are_traced() {
    let mut config = Config { records: 200_000, batch: BatchSize::Fixed(100), ..Config::default() };
    config.runtime.kind = RuntimeKind::Virtual;
    config.generator.rate_limit = 100_000.0;
    config.trace.enabled = true;
    config.trace.sample = 3;
    config.trace.rate = Some(500);
    let results = support::run(&config, None).unwrap();
    // Every 192nd of 100,000 records per second would still be 521 per second.
    assert_eq!((results.metrics.trace_sample, results.metrics.trace_dropped_records), (384, 0));
    let (mut intervals, mut traced) = (Vec::new(), Vec::new());
    for event in support::events(&results.log) {
        match event.kind {
            EventKind::Sampling => {
                assert_eq!(event.node, Stage::Producer.node_id());
                intervals.push((event.record.unwrap(), 3u64 << event.worker));
            }
            EventKind::Produced => traced.extend(event.record),
            EventKind::Woken | EventKind::RunStart => assert!(intervals.len() < 2, "tasks are recorded still"),
            _ => {}
        }
    }
    assert_eq!(intervals[0], (0, 3));
    let ends = intervals.iter().skip(1).map(|&(first, _)| first).chain([config.records]);
    let told = intervals
        .iter()
        .zip(ends)
        .flat_map(|(&(first, interval), end)| (first..end).filter(move |number| number.is_multiple_of(interval)));
    assert!(told.eq(traced.iter().copied()), "{intervals:?}");
    // At most 521 in each of two seconds, and some more until the excess was noticed.
    assert!((500..1500).contains(&traced.len()), "{} were traced", traced.len());
}

#[test]
fn the_seed_of_the_schedule_changes_nothing_but_the_schedule() {
    let run = |schedule: Option<u64>| {
        let mut config = config(11);
        (config.records, config.ordered, config.batch) = (60, false, BatchSize::Fixed(1));
        // Several Transformers finish at the same time: the schedule decides which of them sends first.
        (config.workers, config.service) = (4, Service::default());
        config.service.transformer.wait = ServiceTime::Fixed(Duration::from_millis(5));
        config.service.loader.wait = ServiceTime::Random(Duration::ZERO, Duration::from_millis(9));
        config.runtime.seed = schedule;
        support::run(&config, None).unwrap()
    };
    let lines = |bytes: &[u8]| {
        let mut lines: Vec<String> = String::from_utf8_lossy(bytes).lines().map(str::to_owned).collect();
        lines.sort_unstable();
        lines
    };
    let busy = |metrics: &clearpipe_core::metrics::Metrics| -> u64 {
        let workers = metrics.stages.iter().flat_map(|stage| &stage.workers);
        workers.map(|worker| (worker.busy_seconds * 1e9).round() as u64).sum()
    };
    let usual = run(None);
    let same = run(Some(11));
    assert_eq!((&same.processed, &same.failed), (&usual.processed, &usual.failed), "it is `seed` unless it is set");
    assert_eq!(same.metrics, usual.metrics);
    let others: Vec<_> = (100..120).map(|schedule| run(Some(schedule))).collect();
    for other in &others {
        assert_eq!(lines(&other.processed), lines(&usual.processed));
        assert_eq!(lines(&other.failed), lines(&usual.failed));
        assert_eq!(busy(&other.metrics), busy(&usual.metrics));
    }
    assert!(others.iter().any(|other| other.processed != usual.processed), "all schedules are the same");
}
