//! Checks the configuration in the first line of an event log: whether a run can have had it.
//!
//! A log comes from a file, and its reader makes room for the number of workers in it. A newer version may have written
//! it, so unknown settings are ignored.

use super::{Config, ConfigError};
use clearpipe_model::problem::Problem;
use serde_json::{Map, Value};

/// The table that doesn't affect the size of a run, and is only for whoever opens the files.
const INPUT: &str = "input";

impl Config {
    /// Checks the configuration of an event log, as far as this version knows its settings.
    ///
    /// # Errors
    /// Returns all settings that no run can have had.
    pub fn check_logged(logged: &Value) -> Result<(), ConfigError> {
        let logged = match logged {
            // Then nothing depends on it.
            Value::Null => return Ok(()),
            Value::Object(logged) => logged,
            _ => return Err(ConfigError { problems: vec![Problem::input("", "it is not a table")] }),
        };
        let mut checked = Checked { known: default_json(), problems: Vec::new() };
        for (key, value) in logged.iter().filter(|(key, _)| key.as_str() != INPUT) {
            checked.take(&format!("/{key}"), value);
        }
        let Checked { known, mut problems } = checked;
        // `known` contains only readable values.
        if let Ok(config) = serde_json::from_value::<Config>(known)
            && let Err(error) = config.check()
        {
            problems.extend(error.problems);
        }
        if problems.is_empty() { Ok(()) } else { Err(ConfigError { problems }) }
    }
}

fn default_json() -> Value {
    serde_json::to_value(Config::default()).unwrap_or(Value::Object(Map::new()))
}

/// A configuration built from the values that can be read.
struct Checked {
    known: Value,
    problems: Vec<Problem>,
}

impl Checked {
    /// Takes over a setting or the settings of a table; `path` is a JSON pointer.
    fn take(&mut self, path: &str, value: &Value) {
        match (self.known.pointer(path), value) {
            // A setting of a newer version.
            (None, _) => {}
            (Some(Value::Object(_)), Value::Object(entries)) => {
                for (key, value) in entries {
                    self.take(&format!("{path}/{}", key.replace('~', "~0").replace('/', "~1")), value);
                }
            }
            // serde would also accept a list.
            (Some(Value::Object(_)), value) => self.refuse(path, value),
            (Some(default), value) => {
                let is_text = default.is_string() && value.is_string();
                let before = default.clone();
                self.put(path, value.clone());
                if serde_json::from_value::<Config>(self.known.clone()).is_err() {
                    self.put(path, before);
                    // A text may be an option of a newer version.
                    if !is_text {
                        self.refuse(path, value);
                    }
                }
            }
        }
    }

    fn refuse(&mut self, path: &str, value: &Value) {
        let path = path.trim_start_matches('/').replace('/', ".");
        self.problems.push(Problem::setting(path, format!("is {}", described(value))));
    }

    fn put(&mut self, path: &str, value: Value) {
        if let Some(place) = self.known.pointer_mut(path) {
            *place = value;
        }
    }
}

fn described(value: &Value) -> String {
    match value {
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a table".to_owned(),
        Value::String(_) => "a text".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `web/analysis/logged-config.test.ts` tests what the page does with the same configurations.
    #[test]
    fn what_no_run_has_is_found() {
        let vectors: Vec<Value> =
            serde_json::from_str(include_str!("../../../../tests/vectors/logged-configs.json")).unwrap();
        for vector in &vectors {
            let mut config = default_json();
            merge(&mut config, &vector["config"]);
            let problems = Config::check_logged(&config).err().map(|error| error.to_string());
            match vector["problem"].as_str() {
                None => assert_eq!(problems, None, "{vector}"),
                Some(name) => {
                    assert!(problems.as_ref().is_some_and(|problem| problem.contains(name)), "{vector}: {problems:?}")
                }
            }
        }
        assert!(vectors.len() > 20);
        assert_eq!(Config::check_logged(&Value::Null), Ok(()));
        assert!(Config::check_logged(&Value::from(7)).is_err());
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
