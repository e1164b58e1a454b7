//! The verdicts on given metrics: `tests/vectors/verdicts.json`, which the page's tests use too.

use super::{Bottleneck, Limit};
use clearpipe_core::config::Config;
use clearpipe_core::metrics::Metrics;
use clearpipe_model::topology::{ChannelId, Stage};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const SECONDS: f64 = 10.0;

/// A row of the table.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Verdict {
    name: String,
    #[serde(default)]
    rate_limit: f64,
    #[serde(default)]
    service: Map<String, Value>,
    /// The differences from a usual run.
    #[serde(default)]
    metrics: Map<String, Value>,
    /// Stages that are not named have one worker, which waits.
    stages: BTreeMap<Stage, Spent>,
    channels: BTreeMap<ChannelId, Map<String, Value>>,
    limit: Limit,
    stage: Option<Stage>,
    /// The more detailed verdict of the page. Only used by its tests.
    #[serde(rename = "says")]
    _says: String,
}

/// Shares of the time of each worker, which waits for the rest of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Spent {
    workers: usize,
    busy: f64,
    ready: f64,
    blocked: f64,
}

impl Verdict {
    fn config(&self) -> Config {
        let config = json!({ "generator": { "rate_limit": self.rate_limit }, "service": self.service });
        serde_json::from_value(config).unwrap()
    }

    fn metrics(&self) -> Metrics {
        let idle = Spent { workers: 1, busy: 0.0, ready: 0.0, blocked: 0.0 };
        let stages = Stage::ALL.map(|stage| {
            let Spent { workers, busy, ready, blocked } = self.stages.get(&stage).unwrap_or(&idle);
            let worker = json!({
                "records": 0, "state": null, "busy_seconds": SECONDS * busy, "ready_seconds": SECONDS * ready,
                "blocked_seconds": SECONDS * blocked, "waiting_seconds": SECONDS * (1.0 - busy - ready - blocked),
            });
            json!({ "stage": stage, "workers": vec![worker; *workers] })
        });
        let channels = ChannelId::ALL.map(|channel| {
            let passed = self.metrics.get("processed").cloned().unwrap_or(1000.into());
            let mut figures = json!({
                "channel": channel, "capacity": 100, "depth": 0, "highest_depth": 0, "passed": passed, "blocked_sends": 0,
                "blocked_seconds": 0.0,
            });
            change(&mut figures, self.channels.get(&channel).unwrap_or(&Map::new()));
            figures
        });
        let mut metrics = json!({
            "produced": 1000, "processed": 1000, "failed": 0,
            "failed_by_status": { "invalid": 0, "transformation_error": 0 }, "reasons": [], "anomalies": 0,
            "total_value": 0.0, "elapsed_seconds": SECONDS, "records_per_second": 100.0, "processed_bytes": 0,
            "failed_bytes": 0, "input_bytes": 0, "replaced_fields": false, "notices": [], "stopped": false,
            "paused": false, "threads": 2, "batch": 1, "stages": stages, "channels": channels, "trace_sample": 0,
            "trace_dropped_records": 0, "trace_dropped_task_events": 0,
        });
        change(&mut metrics, &self.metrics);
        serde_json::from_value(metrics).unwrap()
    }
}

fn change(figures: &mut Value, changes: &Map<String, Value>) {
    changes.iter().for_each(|(key, value)| figures[key] = value.clone());
}

#[test]
fn figures_have_the_verdict_of_the_table() {
    let verdicts: Vec<Verdict> = serde_json::from_str(include_str!("../../../../tests/vectors/verdicts.json")).unwrap();
    assert!(verdicts.len() > 20);
    for verdict in verdicts {
        let found = Bottleneck::of(&verdict.metrics(), &verdict.config());
        assert_eq!((found.limit, found.stage), (verdict.limit, verdict.stage), "{}: {found}", verdict.name);
    }
}
