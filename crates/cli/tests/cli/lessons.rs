//! Runs on the virtual clock that teach something, held event for event: `tests/vectors/lessons.json` has their flags,
//! `lessons-golden.json` what comes of them.
//!
//! They are the same on every machine. Where one differs, the engine does something at another time or in another order
//! than before. If that is meant, `CLEARPIPE_BLESS=1 CLEARPIPE_LONG=1 cargo test -p clearpipe --test cli -- lessons`
//! writes what comes of them now.

use crate::support::Place;
use clearpipe_core::trace::read::LogReader;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs::{self, File};
use std::path::PathBuf;

/// Seeds of the random times and faults. In the short form only the first.
const SEEDS: [u64; 3] = [1, 2, 3];

#[derive(Deserialize)]
struct Lesson {
    lesson: u32,
    about: String,
    flags: String,
}

/// What came of a run.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Golden {
    events: u64,
    /// SHA-256 of the events, a line each: nanoseconds, kind, node, worker, and record.
    digest: String,
    /// What was measured, added up for each stage. Of all seeds but the first, its SHA-256.
    metrics: Value,
}

type AllGolden = BTreeMap<String, BTreeMap<u64, Golden>>;

fn vector(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors").join(name)
}

fn is_set(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| value == "1")
}

fn run(lesson: &Lesson, seed: u64) -> Golden {
    let place = Place::new();
    let files = "--metrics m.json --trace run.events";
    place.run(&format!("run -q --runtime virtual --seed {seed} {} {files}", lesson.flags)).fine();
    let mut log = LogReader::open(File::open(place.path("run.events")).unwrap()).unwrap();
    let (mut events, mut digest, mut line) = (0, Sha256::new(), String::new());
    while let Some(event) = log.next_event().unwrap() {
        line.clear();
        let (kind, node) = (log.header().kind(event.kind), log.header().node(event.node));
        let record = event.record.map_or(-1, |record| record as i64);
        writeln!(line, "{} {kind} {node} {} {record}", event.time, event.worker).unwrap();
        digest.update(&line);
        events += 1;
    }
    let measured = measured(&place.json("m.json"));
    let metrics = match seed == SEEDS[0] {
        true => measured,
        false => Value::String(hex(Sha256::new().chain_update(measured.to_string()))),
    };
    Golden { events, digest: hex(digest), metrics }
}

fn hex(digest: Sha256) -> String {
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The metrics that every version has, added up for each stage.
fn measured(metrics: &Value) -> Value {
    let stage = |stage: &Value| {
        let sum = |name: &str| {
            let workers = stage["workers"].as_array().unwrap().iter();
            workers.map(|worker| worker[name].as_f64().unwrap_or(0.0)).sum::<f64>()
        };
        let sums = ["records", "busy_seconds", "ready_seconds", "waiting_seconds", "blocked_seconds"].map(sum);
        // Sums depend on their order, in the last digits.
        (stage["stage"].as_str().unwrap().to_owned(), json!(sums.map(|sum| (sum * 1e9).round() / 1e9)))
    };
    let stages: serde_json::Map<String, Value> = metrics["stages"].as_array().unwrap().iter().map(stage).collect();
    let kept = ["produced", "processed", "failed", "total_value", "elapsed_seconds", "channels"];
    let mut measured: serde_json::Map<String, Value> =
        kept.into_iter().map(|name| (name.to_owned(), metrics[name].clone())).collect();
    measured.insert("stages".to_owned(), Value::Object(stages));
    Value::Object(measured)
}

#[test]
fn lessons_are_the_same_event_for_event() {
    let lessons: Vec<Lesson> = serde_json::from_slice(&fs::read(vector("lessons.json")).unwrap()).unwrap();
    let seeds = if is_set("CLEARPIPE_LONG") { &SEEDS[..] } else { &SEEDS[..1] };
    let found: AllGolden = std::thread::scope(|scope| {
        let name = |lesson: &Lesson| format!("{} {}", lesson.lesson, lesson.about);
        let runs = |lesson: &Lesson| seeds.iter().map(|&seed| (seed, run(lesson, seed))).collect();
        let half = lessons.len().div_ceil(2);
        let parts = lessons.chunks(half).map(|part| {
            scope.spawn(move || part.iter().map(|lesson| (name(lesson), runs(lesson))).collect::<Vec<_>>())
        });
        parts.collect::<Vec<_>>().into_iter().flat_map(|part| part.join().unwrap()).collect()
    });
    assert_eq!(found.len(), lessons.len(), "two lessons have the same name");
    if is_set("CLEARPIPE_BLESS") {
        assert!(is_set("CLEARPIPE_LONG"), "bless all seeds: set CLEARPIPE_LONG=1 as well");
        // A line for each, so that a change is seen to be one of some of them.
        let line = |(name, seeds)| format!("{}: {}", json!(name), serde_json::to_string(seeds).unwrap());
        let lines: Vec<String> = found.iter().map(line).collect();
        fs::write(vector("lessons-golden.json"), format!("{{\n{}\n}}\n", lines.join(",\n"))).unwrap();
        return;
    }
    let golden: AllGolden = serde_json::from_slice(&fs::read(vector("lessons-golden.json")).unwrap()).unwrap();
    assert!(golden.keys().eq(found.keys()), "the set of lessons changed: {:?}", found.keys());
    for (name, seeds) in found {
        for (seed, run) in seeds {
            assert_eq!(run, golden[&name][&seed], "{name}, seed {seed}");
        }
    }
}
