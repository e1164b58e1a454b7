//! How workers spend their time: four shares, which add up to the time of the run for each worker.

mod support;

use clearpipe_core::config::{BatchSize, Config, RuntimeKind, ServiceTime, StageService};
use clearpipe_core::metrics::{Metrics, WorkerMetrics};
use clearpipe_model::topology::Stage;
use std::time::Duration;

const OFF: ServiceTime = ServiceTime::Off;

fn millis(time: u64) -> ServiceTime {
    ServiceTime::Fixed(Duration::from_millis(time))
}

/// Returns a textbook pipeline on the virtual clock.
fn config(records: u64, workers: usize, cores: usize) -> Config {
    let mut config = Config { records, workers, batch: BatchSize::Fixed(1), ..Config::default() };
    config.runtime.kind = RuntimeKind::Virtual;
    config.runtime.cores = cores;
    config
}

fn run(config: &Config) -> Metrics {
    let metrics = support::run(config, None).unwrap().metrics;
    for worker in metrics.stages.iter().flat_map(|stage| &stage.workers) {
        let sum = worker.busy_seconds + worker.ready_seconds + worker.waiting_seconds + worker.blocked_seconds;
        assert!((sum - metrics.elapsed_seconds).abs() < 1e-9, "{worker:?} of {} s", metrics.elapsed_seconds);
    }
    metrics
}

/// Returns what the workers of a stage spent together: busy, ready, waiting, blocked.
fn spent(metrics: &Metrics, stage: Stage) -> [f64; 4] {
    let workers = &metrics.stages.iter().find(|found| found.stage == stage).unwrap().workers;
    let sum = |time: fn(&WorkerMetrics) -> f64| (workers.iter().map(time).sum::<f64>() * 1e9).round() / 1e9;
    [
        sum(|worker| worker.busy_seconds),
        sum(|worker| worker.ready_seconds),
        sum(|worker| worker.waiting_seconds),
        sum(|worker| worker.blocked_seconds),
    ]
}

#[test]
fn a_worker_without_a_core_is_ready_and_not_busy() {
    let mut config = config(640, 64, 1);
    config.service.validator = StageService { wait: OFF, compute: millis(10) };
    let [busy, ready, waiting, blocked] = spent(&run(&config), Stage::Validator);
    // 64 Validators share one core: it computes all the time, and 63 wait for it until the records run out.
    assert_eq!((busy, blocked), (6.4, 0.0));
    assert!(ready > 0.8 * 63.0 * 6.4 && ready + waiting > 62.9 * 6.4, "ready {ready} s, waiting {waiting} s");
}

#[test]
fn with_a_core_for_each_nobody_is_ready() {
    let mut config = config(640, 64, 64);
    config.service.validator = StageService { wait: OFF, compute: millis(10) };
    assert_eq!(spent(&run(&config), Stage::Validator), [6.4, 0.0, 0.0, 0.0]);
}

#[test]
fn serving_a_waiting_time_is_being_busy() {
    let mut config = config(10, 1, 1);
    config.generator.invalid_value = clearpipe_core::config::Injection::Off;
    config.service.producer = StageService { wait: millis(20), compute: OFF };
    config.service.validator = StageService { wait: millis(5), compute: OFF };
    let metrics = run(&config);
    assert_eq!(spent(&metrics, Stage::Producer)[0], 0.2);
    // The Validator waits for each record, and the run ends with its last one (and the lines being written).
    let [busy, ready, waiting, blocked] = spent(&metrics, Stage::Validator);
    assert_eq!((busy, ready, blocked), (0.05, 0.0, 0.0));
    assert!((waiting - (metrics.elapsed_seconds - 0.05)).abs() < 1e-9);
}

#[test]
fn a_rate_limit_is_waiting() {
    let mut config = config(11, 1, 1);
    config.generator.rate_limit = 100.0;
    assert_eq!(spent(&run(&config), Stage::Producer), [0.0, 0.0, 0.1, 0.0]);
}

#[test]
fn a_full_channel_blocks() {
    let mut config = config(20, 1, 1);
    config.channels.capacity = Some(1);
    config.service.validator = StageService { wait: millis(10), compute: OFF };
    let metrics = run(&config);
    let [busy, ready, _, blocked] = spent(&metrics, Stage::Producer);
    // The first record is taken immediately and the second has room: the other 18 have to wait for 10 ms each.
    assert_eq!((busy, ready), (0.0, 0.0));
    assert!((0.17..=0.19).contains(&blocked), "{blocked} s");
    let channel = &metrics.channels[0];
    assert!((channel.blocked_seconds - blocked).abs() < 1e-9, "{channel:?}");
}

#[test]
fn on_threads_the_shares_add_up_too() {
    for kind in [RuntimeKind::Pool, RuntimeKind::Local] {
        let mut config = Config { records: 20_000, workers: 5, batch: BatchSize::Fixed(1), ..Config::default() };
        config.runtime.kind = kind;
        let metrics = run(&config);
        let busy: f64 = Stage::ALL.iter().map(|&stage| spent(&metrics, stage)[0]).sum();
        // No more workers can be busy than there are threads (some of which the system may interrupt).
        let threads = metrics.threads as f64;
        assert!(busy <= threads * metrics.elapsed_seconds * 1.01, "busy for {busy} s on {threads} threads");
        assert!(busy > 0.1 * threads * metrics.elapsed_seconds, "busy for only {busy} s");
    }
}
