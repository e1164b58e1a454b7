//! Reads a configuration from JSON: every wrong value is found at once.

use super::{Config, ConfigError};
use clearpipe_model::problem::Problem;
use serde_json::Value;

/// So many wrong values are named at most.
const MOST_PROBLEMS: usize = 50;

impl Config {
    /// Reads settings and checks them. What is missing has its default.
    ///
    /// # Errors
    /// All problems. A value that can't be read stands at its default meanwhile, so that it hides no other problem.
    pub fn from_json(mut json: Value) -> Result<Config, ConfigError> {
        let mut problems = Vec::new();
        let mut removed = RemovedElements::default();
        let config = loop {
            let error = match serde_path_to_error::deserialize::<_, Config>(&json) {
                Ok(config) => break config,
                Err(error) => error,
            };
            let path = setting_path(error.path());
            let pointer = format!("/{}", path.replace('.', "/"));
            let message = error.inner().to_string();
            problems.push(match json.pointer(&pointer) {
                Some(value) => {
                    Problem::setting(removed.original(&path), describe_wrong_value(&value.to_string(), &message))
                }
                None => Problem::setting(&path, describe_wrong_value("", &message)),
            });
            removed.note(&path);
            if problems.len() >= MOST_PROBLEMS || !remove(&mut json, &pointer) {
                break Config::default();
            }
        };
        if let Err(error) = config.check() {
            problems.extend(error.problems);
        }
        if problems.is_empty() { Ok(config) } else { Err(ConfigError { problems }) }
    }
}

/// The path of a setting or of an element of a list: `validator.required.1`.
pub fn setting_path(path: &serde_path_to_error::Path) -> String {
    path.to_string().replace(['[', ']'], ".").replace("..", ".").trim_matches('.').to_owned()
}

/// Says what is wrong with a value, to be read after the name of its setting. `message` is what serde says of it, which
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

/// The elements of lists that have been taken out, so that the others keep their numbers.
#[derive(Debug, Default)]
pub struct RemovedElements(Vec<(String, usize)>);

impl RemovedElements {
    /// The path that a setting has in the original: an element of a list may have been further back.
    pub fn original(&self, path: &str) -> String {
        let Some((list, index)) = element(path) else { return path.to_owned() };
        let mut removed: Vec<usize> = self.0.iter().filter(|(of, _)| of == list).map(|(_, index)| *index).collect();
        removed.sort_unstable();
        let index = removed.into_iter().fold(index, |index, removed| index + usize::from(removed <= index));
        format!("{list}.{index}")
    }

    /// Notes that the value with this path is taken out now.
    pub fn note(&mut self, path: &str) {
        if let Some((list, index)) = element(&self.original(path)) {
            self.0.push((list.to_owned(), index));
        }
    }
}

/// The list that a path names an element of, and its index.
fn element(path: &str) -> Option<(&str, usize)> {
    let (list, index) = path.rsplit_once('.')?;
    Some((list, index.parse().ok()?))
}

/// Takes a value out. False if it isn't there.
fn remove(json: &mut Value, pointer: &str) -> bool {
    let Some((parent, key)) = pointer.rsplit_once('/') else { return false };
    match json.pointer_mut(parent) {
        Some(Value::Object(table)) => table.remove(key).is_some(),
        Some(Value::Array(list)) => match key.parse() {
            Ok(at) if at < list.len() => {
                list.remove(at);
                true
            }
            _ => false,
        },
        _ => false,
    }
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
