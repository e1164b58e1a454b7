//! Settings that change during a run: `tests/vectors/changes.json`, for the page, which tells what each change brought.
//!
//! Each is run on the virtual clock, and so is the truth: the same run with the setting changed from its beginning.
//! What the page would measure of them is stored beside the table.
//! `CLEARPIPE_WRITE_VECTORS=1 cargo test -p clearpipe-bench changes` rewrites it.

use super::vectors::{folder, has_all, merge};
use clearpipe_core::config::Config;
use clearpipe_core::metrics::Metrics;
use clearpipe_core::pipeline::{self, Outputs, RecordsFrom};
use clearpipe_core::runtime::{Runtime, Virtual};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;

/// A row of the table.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    name: String,
    /// The differences from the reference run in which records travel one by one.
    config: Value,
    /// When the settings change, and until when the run is watched, in seconds.
    at: f64,
    until: f64,
    /// Settings by their paths.
    set: Map<String, Value>,
}

/// What was measured of a change with one seed.
#[derive(Serialize)]
struct Measured {
    before: Config,
    after: Config,
    /// The time between two rows in seconds. The first one is that of the time 0.
    interval: f64,
    /// Records produced, processed and failed; the depth of each channel; how many records have passed each.
    rows: Vec<Vec<u64>>,
    /// Records per second while nothing changes, with the old and with the new settings.
    rate_before: f64,
    rate_after: f64,
}

const SEEDS: [u64; 2] = [1, 2];

/// The number of rows.
const ROWS: u32 = 160;

/// The share of a run after which it counts as being in full swing, and from which on it may be ending.
const IN_FULL_SWING: [f64; 2] = [0.25, 0.9];

fn config(change: &Change, set: &Map<String, Value>, seed: u64) -> Config {
    let mut config = json!({
        "seed": seed, "batch": 1, "clock": "fixed:2026-01-01T00:00:00Z", "runtime": { "kind": "virtual", "cores": 4 },
    });
    merge(&mut config, &change.config);
    for (path, value) in set {
        let place = path.split('.').fold(&mut config, |place, name| &mut place[name]);
        *place = value.clone();
    }
    let config: Config = serde_json::from_value(config).unwrap_or_else(|error| panic!("{}: {error}", change.name));
    config.check().unwrap_or_else(|error| panic!("{}: {error}", change.name));
    config
}

/// Runs it in simulated time. Takes the metrics at these times, and changes the settings at one of them.
fn simulate(
    config: &Config,
    times: impl Iterator<Item = Duration>,
    change: Option<(Duration, &Config)>,
) -> (Vec<Metrics>, Metrics) {
    let machine = Virtual::new(config.runtime.cores, config.seed);
    let runtime: Arc<dyn Runtime> = Arc::new(machine.clone());
    let outputs =
        Outputs { processed: Box::new(futures::io::sink()), failed: Box::new(futures::io::sink()), log: None };
    let run = pipeline::start(config, RecordsFrom::Generator, outputs, runtime).unwrap();
    let monitor = run.monitor();
    let reach = |time: Duration| {
        while machine.run_task() || machine.next_deadline().is_some_and(|next| next <= time && machine.move_on()) {}
        machine.advance(time);
    };
    let mut change = change;
    let mut seen = Vec::new();
    for time in times {
        if let Some((at, changed)) = change
            && at <= time
        {
            reach(at);
            monitor.adjust(changed).unwrap();
            change = None;
        }
        reach(time);
        seen.push(monitor.metrics());
    }
    (seen, machine.block_on(run.finished()).unwrap().unwrap())
}

/// Returns the records per second of a run in full swing.
fn rate(config: &Config) -> f64 {
    let seconds = simulate(config, std::iter::empty(), None).1.elapsed_seconds;
    let times = IN_FULL_SWING.map(|share| Duration::from_secs_f64(seconds * share));
    let (seen, _) = simulate(config, times.into_iter(), None);
    let finished = |metrics: &Metrics| metrics.processed + metrics.failed;
    let [from, to] = [&seen[0], &seen[1]];
    (finished(to) - finished(from)) as f64 / (to.elapsed_seconds - from.elapsed_seconds)
}

fn measure(change: &Change, seed: u64) -> Measured {
    let [before, after] = [&Map::new(), &change.set].map(|set| config(change, set, seed));
    let interval = change.until / f64::from(ROWS);
    let times = (0..=ROWS).map(|row| Duration::from_secs_f64(interval * f64::from(row)));
    let (seen, _) = simulate(&before, times, Some((Duration::from_secs_f64(change.at), &after)));
    let row = |metrics: &Metrics| {
        let totals = [metrics.produced, metrics.processed, metrics.failed];
        let depths = metrics.channels.iter().map(|channel| channel.depth as u64);
        let passed = metrics.channels.iter().map(|channel| channel.passed);
        totals.into_iter().chain(depths).chain(passed).collect()
    };
    let rows = seen.iter().map(row).collect();
    Measured { interval, rows, rate_before: rate(&before), rate_after: rate(&after), before, after }
}

/// What is stored for the page's tests is what the engine does.
#[test]
fn changes_are_measured_as_the_page_has_them() {
    let text = std::fs::read_to_string(folder().join("changes.json")).unwrap();
    let table: Vec<Change> = serde_json::from_str(&text).unwrap();
    let path = folder().join("changes-measured.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|_| "{}".to_owned());
    let stored: Map<String, Value> = serde_json::from_str(&text).unwrap();
    let is_written = std::env::var_os("CLEARPIPE_WRITE_VECTORS").is_some();
    let mut lines = Vec::new();
    for change in &table {
        for seed in SEEDS {
            let name = format!("{}, seed {seed}", change.name);
            let measured = serde_json::to_value(measure(change, seed)).unwrap();
            assert!(
                is_written || stored.get(&name).is_some_and(|stored| has_all(&measured, stored)),
                "{name}: the measurements have changed; CLEARPIPE_WRITE_VECTORS=1 cargo test -p clearpipe-bench changes \
                 rewrites them",
            );
            lines.push(format!("  {}: {measured}", json!(name)));
        }
    }
    if is_written {
        std::fs::write(&path, format!("{{\n{}\n}}\n", lines.join(",\n"))).unwrap();
    } else {
        assert_eq!(stored.len(), lines.len(), "there are measurements of what is no change any more");
    }
}
