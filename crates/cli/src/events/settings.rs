//! The settings of logs, by their names: which of two logs differ, and which were changed while a run went on.

use super::Log;
use clearpipe_core::config::Config;
use clearpipe_core::trace::read::seconds;
use clearpipe_io::text;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The settings that say where results are written to, and nothing about the run.
const OUTPUT: &str = "output";

/// A setting that differs.
#[derive(Debug, PartialEq, Serialize)]
pub struct Setting {
    /// Its name, such as `channels.capacity`.
    pub setting: String,
    /// Its value in the first log; null if it has none.
    pub a: Value,
    /// Its value in the second log.
    pub b: Value,
}

/// Settings that were changed while a run went on.
#[derive(Debug, PartialEq, Serialize)]
pub struct Change {
    /// When, in nanoseconds since the run began.
    pub at_ns: u64,
    /// Their values from then on, by name.
    pub settings: BTreeMap<String, Value>,
}

/// Returns the changes of settings while the run of a log went on.
pub fn changes(log: &Log) -> Vec<Change> {
    let mut before = all(log.header().config());
    let mut changes = Vec::new();
    for (at_ns, config) in log.tables().into_iter().flat_map(|tables| tables.changes()) {
        let after = all(config);
        let is_new = |(name, value): &(&String, &Value)| before.get(*name) != Some(*value);
        let settings: BTreeMap<_, _> =
            after.iter().filter(is_new).map(|(name, value)| (name.clone(), value.clone())).collect();
        if !settings.is_empty() {
            changes.push(Change { at_ns, settings });
        }
        before = after;
    }
    changes
}

/// Returns the settings that differ, by name. Those that a log leaves out have their defaults. One that was changed while
/// a run went on is another one from that time on.
pub fn differing(one: &Log, other: &Log) -> Vec<Setting> {
    let (mut one, other) = (all_with_changes(one), all_with_changes(other));
    for name in other.keys() {
        one.entry(name.clone()).or_insert(Value::Null);
    }
    let both = one.into_iter().map(|(setting, a)| {
        let b = other.get(&setting).cloned().unwrap_or_default();
        Setting { setting, a, b }
    });
    both.filter(|Setting { a, b, .. }| a != b).collect()
}

fn all_with_changes(log: &Log) -> BTreeMap<String, Value> {
    let mut all = all(log.header().config());
    for Change { at_ns, settings } in changes(log) {
        all.extend(settings.into_iter().map(|(name, value)| (format!("{name} from {} s on", seconds(at_ns)), value)));
    }
    all
}

/// Returns all settings by their names; those that are left out have their defaults.
fn all(config: &Value) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    let defaults = serde_json::to_value(Config::default()).unwrap_or_default();
    for settings in [&defaults, config] {
        flatten("", settings, &mut all);
    }
    all
}

fn flatten(name: &str, value: &Value, into: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(table) => {
            for (key, value) in table.iter().filter(|(key, _)| !name.is_empty() || *key != OUTPUT) {
                let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                flatten(&name, value, into);
            }
        }
        value => {
            into.insert(text::visible(name).into_owned(), visible(value));
        }
    }
}

/// Returns a value with visible texts: a file may hold anything.
fn visible(value: &Value) -> Value {
    match value {
        Value::String(text) => text::visible(text).into(),
        Value::Array(values) => values.iter().map(visible).collect(),
        value => value.clone(),
    }
}
