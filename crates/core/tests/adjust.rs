//! Settings that change during a run.

mod support;

use clearpipe_core::config::{BatchSize, Config, ServiceTime, StageService};
use clearpipe_core::metrics::Metrics;
use clearpipe_core::pipeline::{self, Handle, Monitor, Outputs, RecordsFrom};
use clearpipe_core::runtime::{Local, Pool, Runtime, Virtual};
use clearpipe_model::random::Random;
use clearpipe_model::topology::Stage;
use std::sync::Arc;
use std::time::Duration;

fn textbook() -> Config {
    Config { records: 1_000_000_000, workers: 2, batch: BatchSize::Fixed(1), ..Config::default() }
}

fn start(config: &Config, runtime: Arc<dyn Runtime>) -> Handle {
    let nowhere = || Box::new(futures::io::sink());
    let outputs = Outputs { processed: nowhere(), failed: nowhere(), log: None };
    pipeline::start(config, RecordsFrom::Generator, outputs, runtime).unwrap()
}

fn wait(time: Duration) -> StageService {
    StageService { wait: ServiceTime::Fixed(time), compute: ServiceTime::Off }
}

/// Lets a run continue for a time.
fn pass(runtime: &Virtual, time: Duration) {
    runtime.block_on(runtime.sleep(time)).unwrap();
}

/// Returns how many records the workers of a stage have taken, and how many workers there are.
fn stage(metrics: &Metrics, stage: Stage) -> (u64, usize) {
    let workers = &metrics.stages.iter().find(|found| found.stage == stage).unwrap().workers;
    let present = workers.iter().filter(|worker| worker.state.is_some()).count();
    (workers.iter().map(|worker| worker.records).sum(), present)
}

/// Returns how many records are finished per second.
fn rate(runtime: &Virtual, monitor: &Monitor) -> u64 {
    let finished = || monitor.metrics().processed + monitor.metrics().failed;
    let before = finished();
    pass(runtime, Duration::from_secs(1));
    finished() - before
}

#[test]
fn workers_come_and_go() {
    let runtime = Virtual::new(1, 3);
    let mut config = textbook();
    config.service.validator = wait(Duration::from_millis(10));
    let handle = start(&config, Arc::new(runtime.clone()));
    let monitor = handle.monitor();
    for (workers, per_second) in [(2, 200), (8, 800), (1, 100), (3, 300), (64, 6400), (2, 200)] {
        config.validator.workers = Some(workers);
        monitor.adjust(&config).unwrap();
        // Retired workers finish the records they have.
        pass(&runtime, Duration::from_millis(20));
        assert_eq!(stage(&monitor.metrics(), Stage::Validator).1, workers);
        let found = rate(&runtime, &monitor);
        assert!(found.abs_diff(per_second) <= workers as u64, "{found} a second by {workers} workers");
    }
    // No slot has been used twice.
    assert_eq!(monitor.metrics().stages[1].workers.len(), 64);
    monitor.control().stop();
    let end = runtime.block_on(handle.finished()).unwrap().unwrap();
    assert_eq!(end.produced, end.processed + end.failed);
    assert_eq!(stage(&end, Stage::Validator), (end.produced, 0));
}

#[test]
fn workers_who_wait_for_records_leave_at_once() {
    let runtime = Virtual::new(1, 3);
    let mut config = textbook();
    config.workers = 50;
    config.generator.rate_limit = 0.1;
    let handle = start(&config, Arc::new(runtime.clone()));
    pass(&runtime, Duration::from_secs(1));
    config.workers = 1;
    handle.monitor().adjust(&config).unwrap();
    pass(&runtime, Duration::ZERO);
    let metrics = handle.monitor().metrics();
    assert_eq!((stage(&metrics, Stage::Validator).1, stage(&metrics, Stage::Transformer).1), (1, 1));
}

#[test]
fn rates_and_service_times_change_at_once() {
    let hour = Duration::from_secs(3600);
    let runtime = Virtual::new(1, 3);
    let mut config = textbook();
    config.service.validator = wait(hour);
    config.generator.rate_limit = 1.0 / 3600.0;
    let handle = start(&config, Arc::new(runtime.clone()));
    let monitor = handle.monitor();
    pass(&runtime, Duration::from_secs(10));
    assert_eq!(monitor.metrics().processed + monitor.metrics().failed, 0);
    config.service.validator = StageService::default();
    config.generator.rate_limit = 100.0;
    monitor.adjust(&config).unwrap();
    // Even a wait of an hour ends.
    pass(&runtime, Duration::from_millis(1));
    assert!(monitor.metrics().processed + monitor.metrics().failed > 0);
    assert_eq!(rate(&runtime, &monitor), 100);
    config.generator.rate_limit = 1000.0;
    config.generator.burst = 50;
    monitor.adjust(&config).unwrap();
    assert!(rate(&runtime, &monitor).abs_diff(1000) <= 50);
}

#[test]
fn a_wrong_configuration_changes_nothing() {
    let runtime = Virtual::new(1, 3);
    let mut config = textbook();
    config.generator.rate_limit = 100.0;
    let handle = start(&config, Arc::new(runtime.clone()));
    let monitor = handle.monitor();
    pass(&runtime, Duration::from_secs(1));
    let wrong = Config { workers: 0, ..Config::default() };
    assert_eq!(monitor.adjust(&wrong).unwrap_err().to_string(), "`workers` is 0; it must be from 1 to 65535");
    assert_eq!(rate(&runtime, &monitor), 100);
    assert_eq!(stage(&monitor.metrics(), Stage::Transformer).1, 2);
}

#[test]
fn after_the_end_nobody_is_hired() {
    let runtime = Virtual::new(1, 3);
    let handle = start(&Config::default(), Arc::new(runtime.clone()));
    let monitor = handle.monitor();
    runtime.block_on(handle.finished()).unwrap().unwrap();
    monitor.adjust(&Config { workers: 9, ..Config::default() }).unwrap();
    assert!(!runtime.step());
    assert_eq!(monitor.metrics().stages[1].workers.len(), 3);
}

#[test]
fn on_threads_nothing_is_lost_however_often_it_changes() {
    for round in 0..20 {
        let pool: Arc<dyn Runtime> = Arc::new(Pool::new(2).unwrap());
        let config = Config { records: 200_000, workers: 3, ..Config::default() };
        let handle = start(&config, pool);
        let monitor = handle.monitor();
        let meddler = std::thread::spawn(move || {
            let mut random = Random::new(round);
            for _ in 0..300 {
                let mut config = Config { workers: 1 + random.below(40) as usize, ..Config::default() };
                config.transformer.workers = Some(1 + random.below(3) as usize);
                monitor.adjust(&config).unwrap();
                std::thread::sleep(Duration::from_micros(random.below(100)));
            }
        });
        let metrics = futures::executor::block_on(handle.finished()).unwrap();
        meddler.join().unwrap();
        assert_eq!((metrics.produced, metrics.processed + metrics.failed), (200_000, 200_000));
        assert_eq!(stage(&metrics, Stage::Validator), (200_000, 0));
    }
}

#[test]
fn a_runtime_that_ends_takes_its_workers_with_it() {
    let runtime = Local::new();
    let handle = start(&textbook(), Arc::new(runtime.clone()));
    let monitor = handle.monitor();
    runtime.turn(Duration::from_millis(1));
    monitor.adjust(&Config { workers: 9, ..Config::default() }).unwrap();
    runtime.turn(Duration::from_millis(1));
    assert_eq!(stage(&monitor.metrics(), Stage::Validator).1, 9);
}

#[test]
fn a_rate_is_even_however_records_travel() {
    for (limit, batch) in [(100.0, BatchSize::Auto), (100.0, BatchSize::Fixed(1000)), (50_000.0, BatchSize::Auto)] {
        let runtime = Virtual::new(1, 3);
        let mut config = Config { records: 10_000_000, batch, ..Config::default() };
        config.generator.rate_limit = limit;
        let handle = start(&config, Arc::new(runtime.clone()));
        let monitor = handle.monitor();
        pass(&runtime, Duration::from_millis(100));
        // Every tenth of a second has as many as the others.
        let produced = || monitor.metrics().produced as f64;
        for _ in 0..300 {
            let before = produced();
            pass(&runtime, Duration::from_millis(100));
            let found = produced() - before;
            assert!((found - limit / 10.0).abs() <= 1.0 + limit / 100.0, "{found} of {limit}, {batch:?}");
        }
    }
}

#[test]
fn a_rate_limit_that_is_lifted_holds_nobody_up() {
    let runtime = Virtual::new(1, 3);
    let mut config = textbook();
    config.records = 1000;
    config.generator.rate_limit = 1e-9;
    let handle = start(&config, Arc::new(runtime.clone()));
    let monitor = handle.monitor();
    for _ in 0..200 {
        runtime.step();
    }
    config.generator.rate_limit = 0.0;
    monitor.adjust(&config).unwrap();
    let metrics = runtime.block_on(handle.finished()).unwrap().unwrap();
    assert_eq!(metrics.produced, 1000);
}
