//! Records that go back to be tried again, and the deadlocks that this makes possible.

mod support;

use clearpipe_core::config::{BatchSize, Config, Injection, RuntimeKind, ServiceTime};
use clearpipe_core::metrics::Metrics;
use clearpipe_core::pipeline::{self, Outputs, RecordsFrom, RunError};
use clearpipe_core::runtime::{Local, Pool, Runtime, Virtual, YieldPoints};
use clearpipe_core::worker::StageError;
use std::sync::Arc;
use std::time::Duration;

/// Where a run takes place.
enum Machine {
    Pool(usize),
    Local,
    /// With this seed of the schedule.
    Virtual(u64),
}

const MACHINES: [Machine; 4] = [Machine::Pool(1), Machine::Pool(2), Machine::Local, Machine::Virtual(0)];

/// Runs a configuration without keeping its output.
fn run(config: &Config, machine: &Machine) -> Result<Metrics, RunError> {
    let nowhere = || Box::new(futures::io::sink());
    let outputs = Outputs { processed: nowhere(), failed: nowhere(), log: None };
    let start = |runtime: Arc<dyn Runtime>| pipeline::start(config, RecordsFrom::Generator, outputs, runtime).unwrap();
    match machine {
        Machine::Pool(threads) => futures::executor::block_on(start(Arc::new(Pool::new(*threads).unwrap())).finished()),
        Machine::Local => {
            let local = Local::new();
            local.block_on(start(Arc::new(local.clone())).finished())
        }
        Machine::Virtual(seed) => {
            let machine = Virtual::new(2, *seed).with_yields(YieldPoints::TAKEN);
            machine.block_on(start(Arc::new(machine.clone())).finished()).expect("deadlocks are found before")
        }
    }
}

/// Four records in ten fail at each try, and there is little room.
fn flaky(capacity: usize) -> Config {
    let mut config = Config { records: 300, workers: 2, batch: BatchSize::Fixed(1), ..Config::default() };
    config.channels.capacity = Some(capacity);
    config.generator.invalid_value = Injection::Every(10);
    config.faults.transient = Injection::Share(0.4);
    config.retry.tries = 3;
    config
}

#[test]
fn records_are_tried_until_they_succeed_or_have_been_tried_often_enough() {
    let mut found = Vec::new();
    for machine in &MACHINES {
        // There is room for all records, so that nobody blocks anybody.
        let metrics = run(&flaky(1000), machine).unwrap();
        assert_eq!((metrics.produced, metrics.processed + metrics.failed), (300, 300));
        let reasons: Vec<_> = metrics.reasons.iter().map(|reason| (reason.text.clone(), reason.count)).collect();
        found.push((metrics.sent_back, metrics.processed, reasons));
    }
    assert!(found.windows(2).all(|two| two[0] == two[1]), "what fails is decided by the seed: {found:#?}");
    let (sent_back, processed, _) = &found[0];
    // Of the 270 valid records, 40% come back, and 40% of these again; 6.4% are given up. Invalid units fail, too.
    assert!((120..180).contains(sent_back) && (215..245).contains(processed), "{found:#?}");
}

#[test]
fn a_record_that_always_fails_is_given_up() {
    let mut config = flaky(1000);
    (config.faults.transient, config.retry.tries) = (Injection::Every(1), 4);
    let metrics = run(&config, &Machine::Virtual(1)).unwrap();
    assert_eq!((metrics.processed, metrics.failed, metrics.sent_back), (0, 300, 3 * 270));
}

#[test]
fn a_circle_with_little_room_ends_in_a_deadlock_that_is_named_on_every_runtime() {
    let mut config = flaky(1);
    config.faults.transient = Injection::Share(0.9);
    config.retry.tries = 10;
    for ordered in [false, true] {
        config.ordered = ordered;
        for machine in &MACHINES {
            let error = run(&config, machine).unwrap_err();
            assert!(matches!(error, RunError::Stage(StageError::Deadlock(_))), "{error}");
            let text = error.to_string();
            assert!(text.starts_with("deadlock: every worker waits for another one: "), "{text}");
            assert!(text.contains("2 Transformers for room in dataCh"), "{text}");
            assert!(text.contains("2 Validators for room in validCh"), "{text}");
        }
    }
}

/// Either a run ends with all its records, or its deadlock is found: on the virtual clock, an undetected one would be
/// `Stalled`, and elsewhere the test would hang.
#[test]
fn every_deadlock_is_found_and_nothing_else_is_taken_for_one() {
    let (mut ended, mut deadlocks) = (0, 0);
    for seed in 0..300 {
        let mut config = flaky(1 + seed as usize % 16);
        config.faults.transient = Injection::Share(0.2);
        config.seed = seed;
        config.records = 40;
        config.ordered = seed % 2 == 0;
        config.service.transformer.wait = match seed % 3 {
            0 => ServiceTime::Off,
            _ => "exponential 1ms".parse().unwrap(),
        };
        config.runtime.kind = RuntimeKind::Virtual;
        match run(&config, &Machine::Virtual(seed)) {
            Ok(metrics) => {
                assert_eq!(metrics.processed + metrics.failed, 40, "seed {seed}");
                ended += 1;
            }
            Err(RunError::Stage(StageError::Deadlock(_))) => deadlocks += 1,
            Err(error) => panic!("seed {seed}: {error}"),
        }
    }
    assert!(ended > 50 && deadlocks > 50, "{ended} ended, {deadlocks} deadlocks");
}

/// Few records, so that the last thing that happens is often the exit of a worker, and not a wait.
#[test]
fn a_deadlock_that_an_exit_completes_is_found() {
    for seed in 0..2000 {
        let mut config = flaky(1);
        config.seed = seed;
        config.records = 3 + seed % 6;
        config.workers = 1 + seed as usize % 2;
        (config.faults.transient, config.retry.tries) = (Injection::Every(1), 10);
        config.generator.invalid_value = Injection::Off;
        match run(&config, &Machine::Virtual(seed)) {
            Ok(metrics) => assert_eq!(metrics.failed, config.records, "seed {seed}"),
            Err(RunError::Stage(StageError::Deadlock(_))) => {}
            Err(error) => panic!("seed {seed}: {error}"),
        }
    }
}

#[test]
fn a_blocked_worker_that_is_to_be_retired_is_part_of_a_deadlock() {
    let mut found = 0;
    for seed in 0..50 {
        let mut config = flaky(1);
        config.seed = seed;
        config.workers = 4;
        (config.faults.transient, config.retry.tries) = (Injection::Every(1), 10);
        config.service.transformer.wait = ServiceTime::Fixed(Duration::from_millis(1));
        let nowhere = || Box::new(futures::io::sink());
        let outputs = Outputs { processed: nowhere(), failed: nowhere(), log: None };
        let machine = Virtual::new(2, seed);
        let handle = pipeline::start(&config, RecordsFrom::Generator, outputs, Arc::new(machine.clone())).unwrap();
        let monitor = handle.monitor();
        for _ in 0..20 + seed {
            machine.step();
        }
        config.transformer.workers = Some(2);
        // The run may be over.
        let _ = monitor.adjust(&config);
        match machine.block_on(handle.finished()).expect("deadlocks are found before") {
            Err(RunError::Stage(StageError::Deadlock(_))) => found += 1,
            result => panic!("seed {seed}: {result:?}"),
        }
    }
    assert_eq!(found, 50);
}

#[test]
fn a_worker_that_never_exits_is_named_on_every_runtime() {
    let mut config = Config { records: 20, ..Config::default() };
    config.faults.leaked_worker = true;
    for machine in &MACHINES {
        let text = run(&config, machine).unwrap_err().to_string();
        assert!(text.starts_with("deadlock: a Transformer has no more records but doesn't end"), "{text}");
    }
}

/// 100 records a second, and Transformers that can do 121 a second. Whoever has to wait for 200 ms comes back; so there
/// is more to do, and more records have to wait.
#[test]
fn tries_make_an_overload_last_and_a_breaker_ends_it() {
    let mut config = Config { records: 3000, ordered: false, ..Config::default() };
    config.runtime.kind = RuntimeKind::Virtual;
    config.generator.invalid_value = Injection::Off;
    config.generator.invalid_unit = Injection::Off;
    config.channels.capacity = Some(8000);
    config.validator.workers = Some(1);
    config.transformer.workers = Some(4);
    config.service.transformer.wait = "exponential 33ms".parse().unwrap();
    config.generator.rate_limit = 100.0;
    config.retry.timeout = ServiceTime::Fixed(Duration::from_millis(200));
    for seed in 1..=3 {
        config.seed = seed;
        let failed = |tries, failures| {
            let mut config = config.clone();
            (config.retry.tries, config.breaker.failures) = (tries, failures);
            config.breaker.pause = ServiceTime::Fixed(Duration::from_millis(300));
            run(&config, &Machine::Virtual(seed)).unwrap().failed
        };
        let (once, storm, broken) = (failed(1, None), failed(5, None), failed(5, Some(10)));
        assert!(once < 60 && storm > 2000 && broken < 600, "seed {seed}: {once} {storm} {broken}");
    }
}
