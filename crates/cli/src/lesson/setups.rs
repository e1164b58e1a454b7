//! The settings of a lesson's runs: parts of a configuration that are merged, and checked as `clearpipe run` does.

use super::lesson::{Setup, pointer};
use super::problems::Problems;
use crate::settings::tree::{Entry, Node, Origin, Value};
use crate::settings::{Resolved, Settings};

/// Settings that a lesson has no use for, and why.
const REFUSED: [(&str, &str); 4] = [
    ("input", "its records are generated"),
    ("output", "its results aren't kept"),
    ("trace", "everything is traced"),
    ("runtime.threads", "it runs on the virtual clock; `runtime.cores` is the number of simulated cores"),
];

/// The most records of a run. All that happens to them is kept in memory.
const MAX_RECORDS: u64 = 100_000;

/// Merges settings: those of the second table replace those of the first one.
pub fn merged(base: &Node, over: &Node) -> Node {
    let (Value::Table(of_base), Value::Table(of_over)) = (&base.value, &over.value) else { return over.clone() };
    let mut entries = of_base.clone();
    for entry in of_over {
        match entries.iter_mut().find(|other| other.key == entry.key) {
            Some(other) => {
                *other = Entry { node: merged(&other.node, &entry.node), ..entry.clone() };
            }
            None => entries.push(entry.clone()),
        }
    }
    Node { value: Value::Table(entries), origin: over.origin.clone() }
}

/// Returns the same settings with another value of one of them.
pub fn with(tree: &Node, path: &str, value: &Node) -> Node {
    let mut tree = tree.clone();
    tree.set(path, value.clone());
    tree
}

/// Reads settings, and reports everything that is wrong with them.
pub fn resolve(tree: &Node, problems: &mut Problems) -> Option<Setup> {
    let mut tree = tree.clone();
    let mut is_right = true;
    for (path, why) in REFUSED {
        if let Some((_, origin)) = tree.find(path) {
            problems.add(origin, format!("a lesson can't set `{path}`: {why}"));
            is_right = false;
            tree.remove(path);
        }
    }
    match tree.find("runtime.kind").map(|(node, origin)| (node.to_json(), origin)) {
        Some((kind, origin)) if kind != "virtual" && !kind.is_null() => {
            problems.add(origin, "`runtime.kind` of a lesson is always virtual; leave it out");
            is_right = false;
        }
        _ => {}
    }
    let kind = Node { value: Value::Text("virtual".to_owned()), origin: Origin::START };
    tree.set("runtime.kind", kind);
    match Settings::of_tree(tree.clone()).resolve() {
        Ok(Resolved { settings, .. }) if settings.config.records > MAX_RECORDS => {
            let origin = tree.find("records").map_or(&tree.origin, |(_, origin)| origin);
            let records = clearpipe_io::text::count(settings.config.records);
            let most = clearpipe_io::text::count(MAX_RECORDS);
            problems.add(origin, format!("`records` is {records}; a run of a lesson has at most {most}"));
            None
        }
        Ok(Resolved { settings, .. }) if is_right => {
            let full = serde_json::to_value(&settings.config).unwrap_or_default();
            Some(Setup { json: part(&tree, &full, ""), config: settings.config })
        }
        Ok(_) => None,
        Err(error) => {
            for (origin, message) in error.into_problems() {
                problems.add(&origin.unwrap_or(tree.origin.clone()), message);
            }
            None
        }
    }
}

/// Returns the part of a whole configuration that a tree sets, with the values as the engine writes them.
fn part(tree: &Node, full: &serde_json::Value, path: &str) -> serde_json::Value {
    match &tree.value {
        Value::Table(entries) => {
            let given = entries.iter().filter(|entry| entry.node.value != Value::Null);
            let entry = |entry: &Entry| {
                let path = if path.is_empty() { entry.key.clone() } else { format!("{path}.{}", entry.key) };
                (entry.key.clone(), part(&entry.node, full, &path))
            };
            serde_json::Value::Object(given.map(entry).collect())
        }
        _ => full.pointer(&pointer(path)).cloned().unwrap_or_default(),
    }
}

/// Returns the value of a setting in a whole configuration. If it follows from another setting, it has that one's value.
pub fn value_in(full: &serde_json::Value, path: &str) -> serde_json::Value {
    let at = |path: &str| full.pointer(&pointer(path)).cloned().unwrap_or_default();
    match at(path) {
        serde_json::Value::Null => match path {
            "validator.workers" | "transformer.workers" => at("workers"),
            path if path.starts_with("channels.") => at("channels.capacity"),
            "runtime.seed" => at("seed"),
            _ => serde_json::Value::Null,
        },
        value => value,
    }
}
