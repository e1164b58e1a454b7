//! Reads a configuration from JSON and finds every wrong value.

use super::registry::Range;
use super::{Config, ConfigError, SETTINGS};
use clearpipe_model::json_text;
use clearpipe_model::problem::Problem;
use clearpipe_model::text::shortened;
use serde_json::{Map, Value};

/// Whether a wrong value counts as missing rather than as a problem, given its name, the value and serde's message.
type IsIgnored = fn(&str, &Value, &str) -> bool;

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
        Config::read(json, |_, _, _| false)
    }

    /// Like [`Config::from_json`], but some wrong values are ignored.
    pub(super) fn read(mut json: Value, is_ignored: IsIgnored) -> Result<Config, ConfigError> {
        let mut problems = Vec::new();
        if json.is_array() {
            problems.push(Problem::input("", "the configuration is a list; it must be a table"));
            json = Value::Object(Map::new());
        }
        empty_lists(&mut json, "", &mut problems);
        let before = problems.len();
        // serde reports only the first wrong value, and not where it is.
        let config: Config = serde_json::from_value(json.clone()).unwrap_or_else(|error| {
            let right = right_part(&json, "", &|value| value, is_ignored, &mut problems);
            let config = right.and_then(|right| serde_json::from_value(right).ok());
            if config.is_none() && problems.len() == before {
                problems.push(Problem::input("", error.to_string()));
            }
            config.unwrap_or_default()
        });
        if let Err(error) = config.check() {
            problems.extend(error.problems);
        }
        if problems.is_empty() { Ok(config) } else { Err(ConfigError { problems }) }
    }
}

/// Empties lists where there should be tables: serde would accept the values of a table without their names.
fn empty_lists(table: &mut Value, path: &str, problems: &mut Vec<Problem>) {
    let Value::Object(entries) = table else { return };
    for (key, value) in entries {
        let path = joined(path, key);
        if !is_table(&path) {
            continue;
        }
        if value.is_array() {
            problems.push(Problem::setting(path, "is a list; it must be a table"));
            *value = Value::Object(Map::new());
        } else {
            empty_lists(value, &path, problems);
        }
    }
}

/// Returns whether this is the path of a table with settings in it.
fn is_table(path: &str) -> bool {
    let is_in_it = |setting: &str| setting.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'));
    path.is_empty() || SETTINGS.iter().any(|setting| is_in_it(setting.path))
}

fn object(key: &str, value: Value) -> Value {
    let mut entries = Map::new();
    json_text::insert(&mut entries, key, value);
    Value::Object(entries)
}

fn joined(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// Returns a part of a configuration without the values that can't be read, and adds those to the problems. `path` is
/// the name of the part, and `around` creates a configuration that contains only this part.
fn right_part(
    part: &Value,
    path: &str,
    around: &dyn Fn(Value) -> Value,
    is_ignored: IsIgnored,
    problems: &mut Vec<Problem>,
) -> Option<Value> {
    let error = match serde_json::from_value::<Config>(around(part.clone())) {
        Ok(_) => return Some(part.clone()),
        Err(error) => error.to_string(),
    };
    let name = path.rsplit('.').next().unwrap_or(path);
    if !is_table(path) && is_ignored(name, part, &error) {
        return None;
    }
    let before = problems.len();
    let fits = |value: Value| serde_json::from_value::<Config>(around(value)).is_ok();
    let right = match part {
        Value::Object(entries) if fits(Value::Object(Map::new())) => {
            let mut right = Map::new();
            for (key, value) in entries {
                let around_entry = |value| around(object(key, value));
                if let Some(value) = right_part(value, &joined(path, key), &around_entry, is_ignored, problems) {
                    json_text::insert(&mut right, key, value);
                }
            }
            Some(Value::Object(right))
        }
        Value::Array(elements) if fits(Value::Array(Vec::new())) => {
            let right = elements.iter().enumerate().filter_map(|(at, element)| {
                let around_element = |value| around(Value::Array(vec![value]));
                right_part(element, &joined(path, &at.to_string()), &around_element, is_ignored, problems)
            });
            Some(Value::Array(right.collect()))
        }
        _ => None,
    };
    // The value itself is wrong, not something inside it.
    if right.is_none() || problems.len() == before && !right.clone().is_some_and(fits) {
        problems.truncate(before);
        problems.push(Problem::setting(path, describe_part(path, part, &error)));
        return None;
    }
    right
}

/// Describes what is wrong with a value of a setting, as a continuation of its name.
fn describe_part(path: &str, part: &Value, message: &str) -> String {
    let value = shortened(&part.to_string());
    match SETTINGS.iter().find(|setting| setting.path == path).map(|setting| setting.range) {
        // A whole number that can't be read is too large for the machine: WebAssembly has 32 bits.
        Some(Range::Whole(least, most)) if part.is_u64() => format!("is {value}; it must be from {least} to {most}"),
        _ => describe_wrong_value(&value, message),
    }
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
    fn a_list_is_no_table() {
        assert_eq!(
            problems(json!([7])),
            [(String::new(), "the configuration is a list; it must be a table".to_owned())]
        );
        let found = problems(json!({ "channels": [], "service": { "loader": [1] }, "workers": 0 }));
        let list = "is a list; it must be a table".to_owned();
        assert_eq!(found[..2], [("channels".to_owned(), list.clone()), ("service.loader".to_owned(), list)]);
        assert_eq!(found[2].0, "workers");
    }

    #[test]
    fn a_list_or_table_in_place_of_a_number_is_wrong_as_a_whole() {
        let mut found = problems(json!({ "workers": [3], "validator": { "workers": { "a": 1 } } }));
        // The order of the members depends on the features of serde_json.
        found.sort_unstable();
        let text = |value: &str| format!("is {value}; it must be a whole number, 0 or more");
        let expected = [("validator.workers".to_owned(), text("{\"a\":1}")), ("workers".to_owned(), text("[3]"))];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_right_is_read() {
        assert_eq!(Config::from_json(json!({})).unwrap(), Config::default());
        assert_eq!(Config::from_json(json!({ "workers": 5 })).unwrap().workers, 5);
    }
}
