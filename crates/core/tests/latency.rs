//! How long records took: on the virtual clock the figures can be worked out.

mod support;

use clearpipe_core::config::{BatchSize, Config, Injection, RuntimeKind, ServiceTime};
use clearpipe_core::metrics::{Distribution, Metrics};
use serde_json::Value;
use std::time::Duration;

fn wait(millis: u64) -> ServiceTime {
    ServiceTime::Fixed(Duration::from_millis(millis))
}

/// Returns a textbook pipeline with a worker for each stage, in which no record fails.
fn config(records: u64) -> Config {
    let mut config = Config { records, workers: 1, batch: BatchSize::Fixed(1), ..Config::default() };
    config.runtime.kind = RuntimeKind::Virtual;
    (config.generator.invalid_value, config.generator.invalid_unit) = (Injection::Off, Injection::Off);
    config
}

fn run(config: &Config) -> Metrics {
    let metrics = support::run(config, None).unwrap().metrics;
    let (processed, failed) = (&metrics.latency.processed, &metrics.latency.failed);
    for latency in [processed, failed] {
        assert_eq!(latency.from_production.count, latency.from_due.count);
    }
    assert_eq!((processed.from_due.count, failed.from_due.count), (metrics.processed, metrics.failed));
    metrics
}

#[track_caller]
fn all_took(found: &Distribution, seconds: f64) {
    let Distribution { count: _, mean_seconds, p50_seconds, p90_seconds, p99_seconds, max_seconds } = *found;
    assert!((mean_seconds - seconds).abs() < 1e-12 && max_seconds == seconds, "{found:?}");
    for percentile in [p50_seconds, p90_seconds, p99_seconds] {
        assert!((percentile - seconds).abs() <= seconds / 60.0, "{found:?}");
    }
}

#[test]
fn an_idle_pipeline_takes_as_long_as_its_stages() {
    let mut config = config(50);
    config.service.producer.wait = wait(20);
    config.service.validator.wait = wait(3);
    config.service.transformer.wait = wait(4);
    config.service.loader.wait = wait(5);
    let latency = run(&config).latency;
    all_took(&latency.processed.from_production, 0.012);
    assert_eq!(latency.processed.from_due, latency.processed.from_production);
    assert_eq!(latency.failed.from_production, Distribution::default());
    // One by one or all in a batch: as many are counted.
    config.batch = BatchSize::Fixed(10);
    run(&config);
}

#[test]
fn failed_records_have_latencies_of_their_own() {
    let mut config = config(20);
    config.generator.invalid_value = Injection::Every(2);
    config.service.producer.wait = wait(20);
    config.service.validator.wait = wait(3);
    config.service.transformer.wait = wait(4);
    let latency = run(&config).latency;
    all_took(&latency.processed.from_production, 0.007);
    all_took(&latency.failed.from_production, 0.003);
}

#[test]
fn time_in_a_queue_counts() {
    // All are produced at once, and the Transformer takes 10 ms for each: 10, 20 … 400 ms.
    let mut config = config(40);
    config.service.transformer.wait = wait(10);
    config.window = Some(1000);
    let found = run(&config).latency.processed.from_production;
    assert!((found.mean_seconds - 0.205).abs() < 1e-12 && found.max_seconds == 0.4, "{found:?}");
    for (percentile, exact) in [(found.p50_seconds, 0.2), (found.p90_seconds, 0.36), (found.p99_seconds, 0.4)] {
        assert!((percentile - exact).abs() <= exact / 60.0, "{found:?}");
    }
}

#[test]
fn what_holds_the_producer_up_counts_from_when_records_were_due() {
    // A record is due every 10 ms, and takes 12 ms: the channels are full soon.
    let mut config = config(40);
    config.generator.rate_limit = 100.0;
    config.service.transformer.wait = wait(12);
    config.channels.capacity = Some(1);
    let latency = run(&config).latency.processed;
    // Record i is written 12 (i + 1) ms after the first one was due, and was due at 10 i ms.
    assert!((latency.from_due.max_seconds - 0.090).abs() < 1e-12, "{latency:?}");
    assert!((latency.from_due.mean_seconds - (0.012 + 0.002 * 19.5)).abs() < 1e-12, "{latency:?}");
    assert!(latency.from_production.max_seconds < latency.from_due.max_seconds, "{latency:?}");
}

#[test]
fn a_burst_is_due_at_its_beginning() {
    let mut config = config(40);
    (config.generator.rate_limit, config.generator.burst) = (100.0, 10);
    config.service.producer.wait = wait(1);
    config.service.transformer.wait = wait(2);
    let latency = run(&config).latency.processed;
    // The first burst begins when the Producer has its first record. The ten records of one are made 1 ms apart, and
    // are written 2 ms apart.
    assert!(latency.from_due.max_seconds >= 0.020, "{latency:?}");
    assert!(latency.from_production.max_seconds < latency.from_due.max_seconds, "{latency:?}");
}

#[test]
fn records_of_an_input_have_latencies() {
    let mut config = config(0);
    config.validator.required = Vec::new();
    config.service.validator.wait = wait(5);
    config.generator.rate_limit = 10.0;
    let lines: String = (0..30).map(|at| format!("{{\"id\":\"{at}\",\"value\":1}}\n")).collect();
    let metrics = support::run(&config, Some(lines.as_bytes())).unwrap().metrics;
    assert_eq!(metrics.latency.processed.from_production.count, 30);
    all_took(&metrics.latency.processed.from_production, 0.005);
}

#[test]
fn the_figures_are_those_of_the_times_in_the_lines() {
    // The Loader takes no time, so a record is written when it is transformed.
    let mut config = config(300);
    config.workers = 4;
    config.ordered = false;
    config.service.validator.wait = ServiceTime::Random(Duration::ZERO, Duration::from_millis(30));
    config.service.transformer.wait = ServiceTime::Random(Duration::ZERO, Duration::from_millis(50));
    let results = support::run(&config, None).unwrap();
    let micros = |line: &Value, field: &str| {
        let text = line[field].as_str().unwrap().trim_end_matches('Z').replace('T', ":").replace(['-', '.'], ":");
        let parts: Vec<u64> = text.split(':').map(|part| part.parse().unwrap()).collect();
        assert_eq!(parts[..3], [1970, 1, 1]);
        ((parts[3] * 60 + parts[4]) * 60 + parts[5]) * 1_000_000 + parts[6]
    };
    let lines = String::from_utf8(results.processed).unwrap();
    let mut times: Vec<u64> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .map(|line: Value| micros(&line, "processed_at") - micros(&line, "timestamp"))
        .collect();
    times.sort_unstable();
    let found = results.metrics.latency.processed.from_production;
    // Times in lines are cut off to microseconds.
    let close = |found: f64, micros: u64, off: f64| (found * 1e6 - micros as f64).abs() <= off * micros as f64 + 2.0;
    assert!(close(found.max_seconds, times[299], 0.0), "{found:?}");
    assert!(close(found.mean_seconds, times.iter().sum::<u64>() / 300, 0.0), "{found:?}");
    assert!(close(found.p50_seconds, times[149], 1.0 / 60.0), "{found:?}");
    assert!(close(found.p90_seconds, times[269], 1.0 / 60.0), "{found:?}");
    assert!(close(found.p99_seconds, times[296], 1.0 / 60.0), "{found:?}");
}
