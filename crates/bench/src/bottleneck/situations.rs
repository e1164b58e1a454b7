//! Situations, and the verdicts that are correct for each: `tests/vectors/situations.json`, which the page's tests use
//! too.
//!
//! Each situation is run here, on the virtual clock or on the pool. The command's verdict on the whole run must be one
//! of the correct ones; and each piece of advice in the table is tested by applying it. The measurements on the virtual
//! clock are stored beside the table, for the page.
//! `CLEARPIPE_WRITE_VECTORS=1 cargo test -p clearpipe-bench situations` rewrites them.

use super::Bottleneck;
use super::vectors::{folder, has_all, merge};
use clearpipe_core::config::Config;
use clearpipe_core::metrics::Metrics;
use clearpipe_core::pipeline::{self, Outputs, RecordsFrom};
use clearpipe_core::runtime::{Pool, Runtime, Virtual};
use futures::future::BoxFuture;
use futures::io::AsyncRead;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// A row of the table.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Situation {
    name: String,
    judge: Judge,
    /// The differences from the reference run in which records travel one by one.
    config: Value,
    /// The interval in which lines of an input arrive, in milliseconds.
    #[serde(default)]
    line_every_ms: Option<u64>,
    /// The time span that is examined, in seconds of the run. Only used by the page's tests, like the fields below.
    #[serde(default)]
    window: Option<[f64; 2]>,
    #[serde(default, rename = "may")]
    _may: Vec<String>,
    #[serde(default, rename = "must_not")]
    _must_not: Vec<String>,
    /// The correct verdicts on the whole run.
    over: Vec<String>,
    #[serde(default)]
    changes: Vec<Change>,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Judge {
    /// Exact, in simulated time.
    Virtual,
    /// Real threads: the best of three.
    Pool,
}

/// Settings by their paths, and whether the run is faster with them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    set: Map<String, Value>,
    helps: bool,
}

/// The measurements of a situation.
#[derive(Serialize)]
struct Measured {
    config: Config,
    /// At the beginning of the window, unless that is the beginning of the run.
    before: Option<Metrics>,
    now: Option<Metrics>,
    over: Metrics,
}

/// A change is worthwhile if it makes the run faster by more than this share.
const WORTH: f64 = 0.03;

fn table() -> Vec<Situation> {
    let text = std::fs::read_to_string(folder().join("situations.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

impl Situation {
    /// Returns the configuration, with some settings changed.
    fn config(&self, changes: &Map<String, Value>) -> Config {
        let mut config = json!({
            "batch": 1, "channels": { "capacity": 100 }, "clock": "fixed:2026-01-01T00:00:00Z", "runtime": { "kind": "virtual", "cores": 4 },
        });
        merge(&mut config, &self.config);
        for (path, value) in changes {
            let place = path.split('.').fold(&mut config, |place, name| &mut place[name]);
            *place = value.clone();
        }
        if self.judge == Judge::Pool {
            config["runtime"] = json!({ "kind": "pool", "threads": 2 });
        }
        let config: Config = serde_json::from_value(config).unwrap_or_else(|error| panic!("{}: {error}", self.name));
        config.check().unwrap_or_else(|error| panic!("{}: {error}", self.name));
        config
    }

    fn source(&self, records: u64, runtime: &Arc<dyn Runtime>) -> RecordsFrom {
        match self.line_every_ms {
            None => RecordsFrom::Generator,
            Some(every) => RecordsFrom::file(Box::new(Slowly {
                runtime: runtime.clone(),
                every: Duration::from_millis(every),
                left: records,
                sleep: None,
            })),
        }
    }

    /// Runs it in simulated time, and takes the metrics at these times.
    fn simulate<const N: usize>(&self, config: &Config, times: [f64; N]) -> ([Option<Metrics>; N], Metrics) {
        let machine = Virtual::new(config.runtime.cores, config.schedule_seed());
        let runtime: Arc<dyn Runtime> = Arc::new(machine.clone());
        let outputs =
            Outputs { processed: Box::new(futures::io::sink()), failed: Box::new(futures::io::sink()), log: None };
        let source = self.source(config.records, &runtime);
        let run = pipeline::start(config, source, outputs, runtime).unwrap();
        let monitor = run.monitor();
        let seen = times.map(|time| {
            let time = Duration::from_secs_f64(time);
            while machine.run_task() || machine.next_deadline().is_some_and(|next| next <= time && machine.move_on()) {}
            machine.advance(time);
            (time > Duration::ZERO && machine.now() == time).then(|| monitor.metrics())
        });
        (seen, machine.block_on(run.finished()).unwrap().unwrap())
    }

    fn run_on_pool(&self, config: &Config) -> Metrics {
        let runtime: Arc<dyn Runtime> = Arc::new(Pool::new(config.runtime.threads.unwrap_or(2)).unwrap());
        let outputs =
            Outputs { processed: Box::new(futures::io::sink()), failed: Box::new(futures::io::sink()), log: None };
        let source = self.source(config.records, &runtime);
        futures::executor::block_on(pipeline::start(config, source, outputs, runtime).unwrap().finished()).unwrap()
    }

    fn run(&self, config: &Config) -> Metrics {
        match self.judge {
            Judge::Virtual => self.simulate(config, []).1,
            Judge::Pool => self.run_on_pool(config),
        }
    }

    /// Returns the records per second; on real threads, of the best of three runs.
    fn rate(&self, config: &Config) -> f64 {
        let runs = if self.judge == Judge::Pool { 3 } else { 1 };
        (0..runs).map(|_| self.run(config).records_per_second).fold(0.0, f64::max)
    }

    fn measure(&self) -> Measured {
        let config = self.config(&Map::new());
        let [from, to] = self.window.unwrap_or_default();
        let ([before, now], over) = match self.judge {
            Judge::Virtual => self.simulate(&config, [from, to]),
            Judge::Pool => ([None, None], self.run_on_pool(&config)),
        };
        Measured { config, before, now, over }
    }
}

/// An input that arrives line by line.
struct Slowly {
    runtime: Arc<dyn Runtime>,
    every: Duration,
    left: u64,
    sleep: Option<BoxFuture<'static, ()>>,
}

impl AsyncRead for Slowly {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<std::io::Result<usize>> {
        if self.left == 0 {
            return Poll::Ready(Ok(0));
        }
        let sleep = self.runtime.sleep(self.every);
        ready!(self.sleep.get_or_insert(sleep).as_mut().poll(context));
        (self.sleep, self.left) = (None, self.left - 1);
        let line = format!(
            "{}\n",
            json!({ "id": self.left.to_string(), "timestamp": "2026-01-01", "value": 1, "unit": "unit_A", "sensor_id": "s", "location": "l" })
        );
        buffer[..line.len()].copy_from_slice(line.as_bytes());
        Poll::Ready(Ok(line.len()))
    }
}

/// The verdict on the whole run is a correct one.
#[test]
fn situations_are_named_for_what_they_are() {
    let mut wrong = Vec::new();
    for situation in table() {
        let config = situation.config(&Map::new());
        let found = Bottleneck::of(&situation.run(&config), &config);
        let names = names(&found);
        if !names.iter().any(|name| situation.over.contains(name)) {
            let (name, may) = (&situation.name, &situation.over);
            wrong.push(format!("{name}: {found}, which is {names:?}, and not {may:?}\n  {:?}", found.shares));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Returns the names of a verdict in the table.
fn names(found: &Bottleneck) -> Vec<String> {
    use super::{Limit, Stage};
    let of = |name: &str| match found.stage {
        Some(stage) => format!("{name} {}", serde_json::to_value(stage).unwrap().as_str().unwrap_or_default()),
        None => name.to_owned(),
    };
    match (found.limit, found.stage) {
        (Limit::Threads, _) => vec!["cores".to_owned()],
        (Limit::Stage, Some(Stage::Producer)) => vec!["producer".to_owned()],
        (Limit::Stage, Some(Stage::FanOut)) => vec!["fan-out".to_owned()],
        (Limit::Stage, Some(Stage::Validator | Stage::Transformer)) => vec![of("workers"), of("several")],
        (Limit::Stage, _) => vec![of("slow-consumer")],
        (Limit::Channels, _) => vec!["capacity".to_owned()],
        (Limit::Window, _) => vec!["window".to_owned()],
        (Limit::Batch, _) => vec!["batch".to_owned()],
        (Limit::Rate, _) => vec!["rate-limit producer".to_owned()],
        (Limit::Unknown, _) => vec!["too-early".to_owned()],
        (Limit::None, _) => vec!["none".to_owned()],
    }
}

/// Each piece of advice in the table, applied.
#[test]
fn situations_have_the_advice_that_helps() {
    let mut wrong = Vec::new();
    for situation in table() {
        let as_it_is = situation.config(&Map::new());
        for Change { set, helps } in &situation.changes {
            let changed = situation.config(set);
            // On a machine that is busy with other work, a comparison of consecutive runs means little.
            let attempts = if situation.judge == Judge::Pool { 3 } else { 1 };
            let mut gains = Vec::new();
            let is_right = (0..attempts).any(|_| {
                let gain = situation.rate(&changed) / situation.rate(&as_it_is) - 1.0;
                gains.push(gain);
                (gain > WORTH) == *helps
            });
            if !is_right {
                wrong.push(format!("{}: {set:?} makes it faster by {gains:.3?}", situation.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The stored measurements for the page's tests are those of the engine.
#[test]
fn situations_are_measured_as_the_page_has_them() {
    let path = folder().join("situations-measured.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|_| "{}".to_owned());
    let stored: BTreeMap<String, Value> = serde_json::from_str(&text).unwrap();
    let is_written = std::env::var_os("CLEARPIPE_WRITE_VECTORS").is_some();
    let mut lines = Vec::new();
    for situation in table() {
        let measured = serde_json::to_value(situation.measure()).unwrap();
        let is_known = stored.get(&situation.name).is_some_and(|stored| {
            let is_same = |part: &str| has_all(&measured[part], &stored[part]);
            situation.judge == Judge::Pool || ["before", "now", "over"].into_iter().all(is_same)
        });
        assert!(
            is_written || is_known,
            "{}: the measurements have changed; CLEARPIPE_WRITE_VECTORS=1 cargo test -p clearpipe-bench situations \
             rewrites them",
            situation.name
        );
        lines.push(format!("  {}: {measured}", json!(situation.name)));
    }
    if is_written {
        std::fs::write(&path, format!("{{\n{}\n}}\n", lines.join(",\n"))).unwrap();
    } else {
        assert_eq!(stored.len(), lines.len(), "there are measurements of what is no situation any more");
    }
}
