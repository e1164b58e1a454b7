//! Reads the configuration in the first line of an event log: whether a run can have had it.
//!
//! A log comes from a file, and its reader makes room for the number of workers in it. A newer version may have written
//! it, so unknown settings are ignored, and so are texts that aren't options here.

use super::{Config, ConfigError};
use clearpipe_model::problem::Problem;
use serde_json::{Map, Value};

/// The tables that don't say anything about the size of a run. What is allowed in them depends on the machine: on the
/// files that it has, and on whether panics can be caught there.
const UNCHECKED: [&str; 2] = ["input", "faults"];

impl Config {
    /// Reads the configuration of an event log, as far as this version knows its settings and their options. The others
    /// have their defaults, and so has everything if `logged` is null.
    ///
    /// # Errors
    /// Returns all settings that no run can have had.
    pub fn from_log(logged: &Value) -> Result<Config, ConfigError> {
        let mut settings = match logged {
            Value::Null => return Ok(Config::default()),
            Value::Object(_) => logged.clone(),
            _ => return Err(ConfigError { problems: vec![Problem::input("", "it is not a table")] }),
        };
        for name in UNCHECKED {
            if let Some(table @ Value::Object(_)) = settings.get_mut(name) {
                *table = Value::Object(Map::new());
            }
        }
        Config::read(settings, is_of_newer_version)
    }
}

/// Returns whether a setting or its value may be one that only a newer version knows. `message` is serde's.
fn is_of_newer_version(name: &str, value: &Value, message: &str) -> bool {
    // A number that is written as a text is only too large.
    let is_word = |text: &str| !text.bytes().all(|byte| byte.is_ascii_digit());
    let is_option = value.as_str().is_some_and(is_word) && !message.starts_with("invalid type");
    is_option || message.starts_with(&format!("unknown field `{name}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_run_has_is_found() {
        let vectors: Vec<Value> =
            serde_json::from_str(include_str!("../../../../tests/vectors/logged-configs.json")).unwrap();
        for vector in &vectors {
            let mut config = serde_json::to_value(Config::default()).unwrap();
            merge(&mut config, &vector["config"]);
            let problems = Config::from_log(&config).err().map(|error| error.to_string());
            match vector["problem"].as_str() {
                None => assert_eq!(problems, None, "{vector}"),
                Some(name) => {
                    let name = format!("`{name}`");
                    assert!(problems.as_ref().is_some_and(|problem| problem.contains(&name)), "{vector}: {problems:?}")
                }
            }
        }
        assert!(vectors.len() > 20);
        assert_eq!(Config::from_log(&Value::Null), Ok(Config::default()));
        assert!(Config::from_log(&Value::from(7)).is_err());
        let logged = serde_json::json!({ "workers": 7, "telepathy": 1, "runtime": { "kind": "quantum", "cores": 2 } });
        let config = Config::from_log(&logged).unwrap();
        assert_eq!((config.workers, config.runtime.cores, config.records), (7, 2, Config::default().records));
    }

    fn merge(into: &mut Value, changes: &Value) {
        match (into, changes) {
            (Value::Object(into), Value::Object(changes)) if !into.is_empty() => {
                changes.iter().for_each(|(key, change)| merge(into.entry(key.clone()).or_insert(Value::Null), change));
            }
            (into, change) => *into = change.clone(),
        }
    }
}
