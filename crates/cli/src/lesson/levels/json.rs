//! The levels as JSON, for the page: everything that is in the files.

use super::level::{Level, Task};
use serde_json::{Value, json};

/// Returns all levels.
pub fn of(levels: &[Level]) -> Value {
    levels.iter().map(level).collect()
}

fn level(level: &Level) -> Value {
    json!({
        "number": level.number,
        "id": level.id,
        "title": level.title,
        "config": level.setup.json,
        "task": task(&level.task),
        "before": level.before,
        "after": level.after,
    })
}

fn task(task: &Task) -> Value {
    let kind = task.kind();
    match task {
        Task::Play { aim, goal, best } => {
            json!({ "kind": kind, "aim": aim, "goal": goal, "best": best.as_ref().map(ToString::to_string) })
        }
        Task::Predict { ask, at, first } => json!({ "kind": kind, "ask": ask, "at": at.to_string(), "first": first }),
        Task::Break { aim, goal, seeds, found } => {
            json!({ "kind": kind, "aim": aim, "goal": goal, "seeds": seeds, "found": found })
        }
    }
}
