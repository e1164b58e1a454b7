//! The events of each level, as the page must have them too: `tests/vectors/levels-golden.json`.
//!
//! `CLEARPIPE_BLESS=1` writes the file.

use super::check::YIELDS;
use super::level::{Level, Task};
use crate::lesson::built_in;
use clearpipe_core::schedule::{Path, Schedule};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::path::PathBuf;

/// Returns the path that a level has: the best one, the one to where it is halted, or that of the first seed.
fn path(level: &Level) -> Path {
    match &level.task {
        Task::Play { best: Some(path), .. } | Task::Predict { at: path, .. } => path.clone(),
        // To the end, always with the first task.
        Task::Play { best: None, .. } => {
            let mut schedule = Schedule::new(&level.setup.config, YIELDS).unwrap();
            while let Some(&step) = schedule.choices().first() {
                schedule.step(step).unwrap();
            }
            schedule.path().clone()
        }
        Task::Break { .. } => {
            let mut schedule = Schedule::new(&level.setup.config, YIELDS).unwrap();
            schedule.follow_seed(1);
            schedule.path().clone()
        }
    }
}

fn golden(level: &Level) -> Value {
    let mut schedule = Schedule::new(&level.setup.config, YIELDS).unwrap();
    let path = path(level);
    path.0.iter().for_each(|&step| schedule.step(step).unwrap());
    let mut bytes = Sha256::new();
    schedule.events().iter().flat_map(|event| event.pack()).for_each(|word| bytes.update(word.to_le_bytes()));
    let digest: String = bytes.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    json!({ "path": path.to_string(), "events": schedule.events().len(), "sha256": digest })
}

#[test]
fn the_events_of_each_level_are_the_same() {
    let levels = built_in::levels().unwrap();
    let found: Map<String, Value> = levels.iter().map(|level| (level.id.clone(), golden(level))).collect();
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/levels-golden.json");
    if std::env::var_os("CLEARPIPE_BLESS").is_some() {
        let lines: Vec<String> = found.iter().map(|(id, golden)| format!("{}: {golden}", json!(id))).collect();
        std::fs::write(file, format!("{{\n{}\n}}\n", lines.join(",\n"))).unwrap();
        return;
    }
    let golden: Map<String, Value> = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    assert!(found.keys().eq(golden.keys()), "the levels have changed: run this with CLEARPIPE_BLESS=1");
    for (id, events) in &found {
        assert_eq!(events, &golden[id], "{id}");
    }
}
