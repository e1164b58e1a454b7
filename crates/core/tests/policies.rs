//! What channels, locks and sends do otherwise than usual.

mod support;

use clearpipe_core::config::{BatchSize, Config, Injection, RuntimeKind, ServiceTime, Sharing, WhenFull};
use clearpipe_core::metrics::Metrics;
use clearpipe_core::pipeline::{self, Outputs, RecordsFrom};
use clearpipe_core::runtime::{Pool, Runtime, Virtual};
use std::sync::Arc;
use std::time::Duration;

fn millis(millis: u64) -> ServiceTime {
    ServiceTime::Fixed(Duration::from_millis(millis))
}

/// Records that are all valid, on the virtual clock.
fn config(records: u64) -> Config {
    let mut config = Config { records, ..Config::default() };
    config.runtime.kind = RuntimeKind::Virtual;
    config.generator.invalid_value = Injection::Off;
    config.generator.invalid_unit = Injection::Off;
    config
}

fn start(config: &Config, runtime: Arc<dyn Runtime>) -> pipeline::Handle {
    let nowhere = || Box::new(futures::io::sink());
    let outputs = Outputs { processed: nowhere(), failed: nowhere(), log: None };
    pipeline::start(config, RecordsFrom::Generator, outputs, runtime).unwrap()
}

fn run(config: &Config) -> Metrics {
    let machine = Virtual::new(config.runtime.cores, config.schedule_seed());
    let handle = start(config, Arc::new(machine.clone()));
    machine.block_on(handle.finished()).unwrap().unwrap()
}

fn run_on_pool(config: &Config) -> Metrics {
    let mut config = config.clone();
    config.runtime.kind = RuntimeKind::Pool;
    futures::executor::block_on(start(&config, Arc::new(Pool::new(2).unwrap())).finished()).unwrap()
}

#[test]
fn one_worker_at_a_time_has_the_lock() {
    let mut config = config(80);
    config.transformer.workers = Some(8);
    config.service.transformer.wait = millis(15);
    config.locks.transformer = millis(5);
    let metrics = run(&config);
    // 80 times 5 ms, after the first 15 ms.
    assert!((metrics.elapsed_seconds - 0.415).abs() < 1e-9, "{}", metrics.elapsed_seconds);
    let workers = &metrics.stages[2].workers;
    let blocked: f64 = workers.iter().map(|worker| worker.blocked_seconds).sum();
    // Four would do: of 8 × 415 ms, the rest is spent waiting for the lock.
    assert!(blocked > 0.4 * 8.0 * metrics.elapsed_seconds, "{blocked}");
    config.locks.transformer = ServiceTime::Off;
    assert!((run(&config).elapsed_seconds - 0.150).abs() < 1e-9);
    // On threads it takes at least as long.
    config.locks.transformer = millis(5);
    assert!(run_on_pool(&config).elapsed_seconds > 0.4);
}

#[test]
fn a_lock_waits_while_the_run_is_paused_and_lets_an_abort_pass() {
    let mut config = config(10);
    config.locks.validator = ServiceTime::Fixed(Duration::from_secs(60));
    let machine = Virtual::new(1, 1);
    let handle = start(&config, Arc::new(machine.clone()));
    let monitor = handle.monitor();
    while machine.now() < Duration::from_secs(60) {
        assert!(machine.step());
    }
    monitor.control().abort();
    assert!(machine.block_on(handle.finished()).unwrap().is_err());
    assert!(machine.now() <= Duration::from_secs(61), "{:?}", machine.now());
}

#[test]
fn sends_cost_time_on_the_virtual_clock_so_that_batches_pay() {
    let mut config = config(640);
    config.runtime.cores = 1;
    config.queues.send_cost = millis(1);
    let time = |batch| run(&Config { batch: BatchSize::Fixed(batch), ..config.clone() }).elapsed_seconds;
    // A batch is sent by the Producer, a Validator and a Transformer, and three times by the fan-out.
    for batch in [1, 4, 16, 64] {
        let sends = 6 * 640 / batch;
        assert!((time(batch) - sends as f64 / 1000.0).abs() < 1e-9, "batch {batch}: {}", time(batch));
    }
    let mut off = config.clone();
    off.queues.send_cost = ServiceTime::Off;
    assert!(run(&off).elapsed_seconds == 0.0);
    // Elsewhere it has no effect.
    assert!(run_on_pool(&config).elapsed_seconds < 3.0);
}

#[test]
fn a_slow_record_holds_up_the_queue_of_its_worker_unless_others_steal() {
    let mut config = config(400);
    config.ordered = false;
    config.validator.workers = Some(1);
    config.transformer.workers = Some(4);
    config.service.transformer.wait = "5ms or 200ms 2%".parse().unwrap();
    config.generator.rate_limit = 300.0;
    config.channels.capacity = Some(400);
    let p99 = |queues| {
        let mut config = config.clone();
        config.queues.sharing = queues;
        let metrics = run(&config);
        assert_eq!(metrics.processed, 400);
        metrics.latency.processed.from_production.p90_seconds
    };
    let [shared, per_worker, stealing] = [Sharing::Shared, Sharing::PerWorker, Sharing::Stealing].map(p99);
    assert!(per_worker > 3.0 * shared && stealing < 1.5 * shared, "{shared} {per_worker} {stealing}");
}

#[test]
fn queues_change_nothing_in_the_results() {
    let mut config = Config { records: 300, ..Config::default() };
    config.clock = "fixed:2026-01-01T00:00:00Z".parse().unwrap();
    config.service.transformer.wait = "0-1ms".parse().unwrap();
    let results = [Sharing::Shared, Sharing::PerWorker, Sharing::Stealing].map(|queues| {
        config.queues.sharing = queues;
        let results = support::run(&config, None).unwrap();
        (results.processed, results.failed)
    });
    assert!(results[0] == results[1] && results[1] == results[2] && results[0].0.len() > 1000);
}

#[test]
fn workers_with_queues_can_be_retired_and_added() {
    let mut config = config(200);
    config.queues.sharing = Sharing::PerWorker;
    config.transformer.workers = Some(4);
    config.service.transformer.wait = millis(10);
    let machine = Virtual::new(2, 1);
    let handle = start(&config, Arc::new(machine.clone()));
    let monitor = handle.monitor();
    for (at, workers) in [(100, 1), (300, 3), (500, 2)] {
        while machine.now() < Duration::from_millis(at) {
            assert!(machine.step());
        }
        config.transformer.workers = Some(workers);
        monitor.adjust(&config).unwrap();
    }
    let metrics = machine.block_on(handle.finished()).unwrap().unwrap();
    assert_eq!(metrics.processed, 200);
}

#[test]
fn a_full_data_ch_drops_records_and_counts_them() {
    let mut config = config(1000);
    config.ordered = false;
    config.transformer.workers = Some(1);
    config.service.transformer.wait = millis(10);
    config.generator.rate_limit = 200.0;
    config.channels.capacity = Some(10);
    let waits = run(&config);
    assert_eq!((waits.dropped, waits.processed), (0, 1000));
    for when_full in [WhenFull::DropNewest, WhenFull::DropOldest] {
        config.queues.when_full = when_full;
        let few = Config { records: 100, ..config.clone() };
        for (metrics, records) in [(run(&config), 1000), (run_on_pool(&few), 100)] {
            assert_eq!((metrics.produced, metrics.processed + metrics.dropped), (records, records));
            assert!(metrics.dropped > records / 5 && metrics.dropped < records, "{}", metrics.dropped);
            // The Producer never waits.
            assert_eq!(metrics.channels[0].blocked_sends, 0);
        }
        assert!((run(&config).elapsed_seconds - 5.0).abs() < 0.3);
    }
    config.ordered = true;
    let problem = config.check().unwrap_err().to_string();
    assert!(problem.contains("`queues.when_full` must be `block` if `ordered` is true"), "{problem}");
}

#[test]
fn an_unbounded_channel_takes_whatever_comes() {
    let mut config = config(5000);
    config.transformer.workers = Some(1);
    config.service.validator.wait = millis(1);
    config.channels.capacity = Some(10);
    config.faults.unbounded_channel = true;
    let metrics = run(&config);
    assert!(metrics.channels[0].highest_depth > 4900, "{}", metrics.channels[0].highest_depth);
    assert_eq!((metrics.channels[0].blocked_sends, metrics.processed), (0, 5000));
}
