//! Reads a configuration from JSON and finds every wrong value.

use super::{Config, ConfigError};
use clearpipe_model::problem::Problem;
use serde_json::Value;

impl Config {
    /// Reads settings and checks them. Missing settings have their defaults.
    ///
    /// ```
    /// use clearpipe_core::config::Config;
    /// use serde_json::json;
    ///
    /// let config = Config::from_json(json!({ "workers": 4, "generator": { "unit": "kPa" } }))?;
    /// assert_eq!((config.workers, config.records, &*config.generator.unit), (4, 50, "kPa"));
    ///
    /// // All problems are found, not only the first.
    /// let error = Config::from_json(json!({ "workers": 0, "records": "many" })).unwrap_err();
    /// let paths: Vec<&str> = error.problems.iter().map(|problem| problem.path()).collect();
    /// assert_eq!(paths, ["records", "workers"]);
    /// # Ok::<(), clearpipe_core::config::ConfigError>(())
    /// ```
    ///
    /// # Errors
    /// Returns all problems. A value that can't be read is replaced by its default for the check, so that it hides no
    /// other problem.
    pub fn from_json(json: Value) -> Result<Config, ConfigError> {
        let mut problems = Vec::new();
        // serde reports only the first wrong value, and not where it is.
        let config: Config = serde_json::from_value(json.clone()).unwrap_or_else(|error| {
            let right = right_part(&json, "", &|value| value, &mut problems);
            if problems.is_empty() {
                problems.push(Problem::input("", error.to_string()));
            }
            right.and_then(|right| serde_json::from_value(right).ok()).unwrap_or_default()
        });
        if let Err(error) = config.check() {
            problems.extend(error.problems);
        }
        if problems.is_empty() { Ok(config) } else { Err(ConfigError { problems }) }
    }
}

/// Returns a part of a configuration without the values that can't be read, and adds those to the problems. `path` is
/// the name of the part, and `around` creates a configuration that contains only this part.
fn right_part(part: &Value, path: &str, around: &dyn Fn(Value) -> Value, problems: &mut Vec<Problem>) -> Option<Value> {
    let error = match serde_json::from_value::<Config>(around(part.clone())) {
        Ok(_) => return Some(part.clone()),
        Err(error) => error.to_string(),
    };
    let before = problems.len();
    let name = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    let right = match part {
        Value::Object(entries) => {
            let right = entries.iter().filter_map(|(key, value)| {
                let around_entry = |value: Value| around(Value::Object([(key.clone(), value)].into_iter().collect()));
                Some((key.clone(), right_part(value, &name(key), &around_entry, problems)?))
            });
            Some(Value::Object(right.collect()))
        }
        Value::Array(elements) => {
            let right = elements.iter().enumerate().filter_map(|(at, element)| {
                right_part(element, &name(&at.to_string()), &|value| around(Value::Array(vec![value])), problems)
            });
            Some(Value::Array(right.collect()))
        }
        _ => None,
    };
    // The value itself is wrong, and not something in it.
    if problems.len() == before || right.is_none() {
        problems.truncate(before);
        problems.push(Problem::setting(path, describe_wrong_value(&part.to_string(), &error)));
        return None;
    }
    right
}

/// Describes what is wrong with a value, as a continuation of its setting's name. `message` is serde's message, which
/// names Rust types.
pub fn describe_wrong_value(value: &str, message: &str) -> String {
    if message.starts_with("unknown field") {
        return "is not a setting".to_owned();
    }
    let expected = message.rsplit_once(", expected ").map(|(_, expected)| expected);
    let expected = match expected {
        Some("u64" | "usize") => "a whole number, 0 or more",
        Some("f64") => "a number",
        Some("a string") => "a string",
        Some("a boolean") => "true or false",
        Some("a sequence") => "a list",
        Some("a map") => "a table",
        Some("a character") => "one character",
        Some(expected) if expected.starts_with("struct ") => "a table",
        Some(expected) if message.starts_with("unknown variant") => {
            return format!("is {value}; it must be {}", expected.replace('`', ""));
        }
        Some(expected) if message.starts_with("invalid") => expected,
        _ => return format!("is invalid: {message}"),
    };
    format!("is {value}; it must be {expected}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn problems(json: Value) -> Vec<(String, String)> {
        let error = Config::from_json(json).unwrap_err();
        let parts = |problem: &Problem| match problem {
            Problem::Setting { path, text } | Problem::Input { path, text, .. } => (path.clone(), text.clone()),
        };
        error.problems.iter().map(parts).collect()
    }

    #[test]
    fn what_cannot_be_read_hides_no_other_problem() {
        let found = problems(json!({
            "workers": 0,
            "service": { "validator": { "wait": "5" }, "loader": { "wait": "6" } },
            "runtime": { "cores": 1.5, "kind": "pol" },
            "validator": { "required": ["id", "name", "unit", 7] },
            "input": { "map": { "unit": "'l/s" }, "format": "jsonl" },
        }));
        let paths: Vec<&str> = found.iter().map(|(path, _)| path.as_str()).collect();
        let expected = [
            "validator.required.1",
            "validator.required.3",
            "runtime.kind",
            "runtime.cores",
            "service.validator.wait",
            "service.loader.wait",
            "input.map.unit",
            "workers",
        ];
        let sorted = |mut paths: Vec<&'static str>| -> Vec<&str> {
            paths.sort_unstable();
            paths
        };
        let mut found_paths = paths.clone();
        found_paths.sort_unstable();
        assert_eq!(found_paths, sorted(expected.to_vec()), "{found:?}");
        let text = |path: &str| &found.iter().find(|(found, _)| found == path).unwrap().1;
        assert_eq!(text("workers"), "is 0; it must be from 1 to 65535");
        assert_eq!(text("runtime.cores"), "is 1.5; it must be a whole number, 0 or more");
        assert_eq!(text("runtime.kind"), "is \"pol\"; it must be one of pool, local, virtual");
    }

    #[test]
    fn what_is_no_setting_is_found() {
        let found = problems(json!({ "wrokers": 2, "workers": 0 }));
        assert_eq!(found[0], ("wrokers".to_owned(), "is not a setting".to_owned()));
        assert_eq!(found[1].0, "workers");
    }

    #[test]
    fn what_is_right_is_read() {
        assert_eq!(Config::from_json(json!({})).unwrap(), Config::default());
        assert_eq!(Config::from_json(json!({ "workers": 5 })).unwrap().workers, 5);
    }
}
