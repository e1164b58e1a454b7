//! Which settings of two logs differ.

use clearpipe_core::config::Config;
use clearpipe_core::trace::read::Header;
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

/// Returns the settings that differ, by name. Those that a log leaves out have their defaults.
pub fn differing(one: &Header, other: &Header) -> Vec<Setting> {
    let (mut one, other) = (all(one), all(other));
    for name in other.keys() {
        one.entry(name.clone()).or_insert(Value::Null);
    }
    let both = one.into_iter().map(|(setting, a)| {
        let b = other.get(&setting).cloned().unwrap_or_default();
        Setting { setting, a, b }
    });
    both.filter(|Setting { a, b, .. }| a != b).collect()
}

/// Returns all settings of a log by their names.
fn all(header: &Header) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    let defaults = serde_json::to_value(Config::default()).unwrap_or_default();
    for settings in [&defaults, header.config()] {
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
            into.insert(name.to_owned(), value.clone());
        }
    }
}
