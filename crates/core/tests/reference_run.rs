//! The reference run of the specification, on every runtime.

mod support;

use clearpipe_core::config::{BatchSize, Clock, Config, RuntimeKind};
use serde_json::Value;

fn lines(bytes: &[u8]) -> Vec<Value> {
    bytes
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect()
}

#[test]
fn of_50_records_41_are_processed_and_9_fail() {
    for kind in [RuntimeKind::Pool, RuntimeKind::Local, RuntimeKind::Virtual] {
        let mut config = Config::default();
        config.runtime.kind = kind;
        let results = support::run(&config, None).unwrap();
        let metrics = &results.metrics;
        assert_eq!((metrics.produced, metrics.processed, metrics.failed), (50, 41, 9), "{kind:?}");
        assert_eq!((metrics.failed_by_status.invalid, metrics.failed_by_status.transformation_error), (5, 4));
        let failed: Vec<(String, String, String)> = lines(&results.failed)
            .iter()
            .map(|line| ["id", "status", "error"].map(|key| line[key].as_str().unwrap().to_owned()).into())
            .collect();
        let invalid =
            |id: &str| (id.to_owned(), "invalid".to_owned(), "Value out of expected range (0-1000)".to_owned());
        let unit =
            |id: &str| (id.to_owned(), "transformation_error".to_owned(), "Invalid unit for transformation".to_owned());
        assert_eq!(
            failed,
            [
                invalid("rec-0000"),
                invalid("rec-0010"),
                unit("rec-0011"),
                invalid("rec-0020"),
                unit("rec-0022"),
                invalid("rec-0030"),
                unit("rec-0033"),
                invalid("rec-0040"),
                unit("rec-0044"),
            ]
        );
        let processed = lines(&results.processed);
        assert_eq!(processed.len(), 41);
        let mut sum = 0.0;
        for line in &processed {
            let value = line["value"].as_f64().unwrap();
            assert!((0.0..100.0).contains(&value));
            assert_eq!(line["anomaly_score"].as_f64().unwrap(), value * 0.1);
            assert_eq!(line["is_anomaly"].as_bool().unwrap(), value * 0.1 > 8.0);
            sum += value;
        }
        assert!((sum - metrics.total_value.unwrap()).abs() < 1e-9);
        let anomalies = processed.iter().filter(|line| line["is_anomaly"] == true).count();
        assert_eq!(anomalies as u64, metrics.anomalies);
        assert_eq!(processed[0]["id"], "rec-0001");
        assert_eq!(processed[0]["sensor_id"], "sensor-2");
        assert_eq!(processed[0]["location"], "South");
    }
}

#[test]
fn results_do_not_depend_on_runtime_workers_threads_capacity_or_batch() {
    let mut expected = None;
    for (kind, threads) in
        [(RuntimeKind::Local, 1), (RuntimeKind::Pool, 1), (RuntimeKind::Pool, 2), (RuntimeKind::Virtual, 1)]
    {
        for workers in [1, 2, 8] {
            for (capacity, batch) in
                [(None, BatchSize::Auto), (Some(1), BatchSize::Auto), (Some(100), BatchSize::Fixed(7))]
            {
                let mut config = Config { records: 5_000, workers, batch, ..Config::default() };
                config.clock = Clock::Fixed("2026-01-01T00:00:00Z".parse().unwrap());
                config.channels.capacity = capacity;
                config.runtime.kind = kind;
                config.runtime.threads = Some(threads);
                let results = support::run(&config, None).unwrap();
                for channel in &results.metrics.channels {
                    assert!(channel.highest_depth <= channel.capacity);
                    assert_eq!(capacity.unwrap_or(channel.capacity), channel.capacity);
                }
                let found = (results.processed, results.failed, results.metrics.total_value.map(f64::to_bits));
                let expected = expected.get_or_insert_with(|| found.clone());
                assert!(*expected == found, "{kind:?}, {threads} threads, {workers} workers, {capacity:?}, {batch}");
            }
        }
    }
}
