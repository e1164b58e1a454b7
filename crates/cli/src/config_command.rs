//! `clearpipe config`: an example configuration, and its schema.

use crate::args::ConfigArgs;
use crate::failure::Failure;
use crate::settings::RunSettings;
use anyhow::{Context, anyhow};
use serde_json::Value;

/// The width of the comments in the example.
const WIDTH: usize = 100;

/// Prints the example or the schema. Returns the exit status.
pub fn run(args: &ConfigArgs) -> Result<u8, Failure> {
    let text = if args.example { example()? } else { schema()? };
    debug_assert!(args.example || args.schema, "clap asks for one of the two");
    crate::console::print(&text, false)?;
    Ok(0)
}

/// The JSON Schema of the configuration.
fn schema() -> anyhow::Result<String> {
    Ok(serde_json::to_string_pretty(&RunSettings::schema()).context("the schema can't be written")? + "\n")
}

/// All settings with their defaults, as YAML; the comments are the schema's descriptions.
fn example() -> anyhow::Result<String> {
    let schema = RunSettings::schema().to_value();
    let defaults = serde_json::to_value(RunSettings::default()).context("the defaults can't be written")?;
    let mut example = Example { schema: &schema, text: String::new() };
    example.comment(
        "A configuration of Clearpipe: every setting with its default. Omit what you don't change; `null` means the \
         default that the comment names.",
        0,
    );
    example.comment("Use it with: clearpipe run --config FILE. Flags override it.", 0);
    example.table(&schema, &defaults, 0)?;
    Ok(example.text)
}

struct Example<'a> {
    schema: &'a Value,
    text: String,
}

impl Example<'_> {
    /// The settings of one table, in the order of their declaration.
    fn table(&mut self, schema: &Value, defaults: &Value, depth: usize) -> anyhow::Result<()> {
        let schema = self.resolved(schema);
        let properties = schema["properties"].as_object().cloned().unwrap_or_default();
        let defaults = defaults.as_object().ok_or_else(|| anyhow!("the settings are not a table"))?;
        let is_table = |name: &String| defaults[name].as_object().is_some_and(|table| !table.is_empty());
        for name in properties.keys().filter(|name| defaults.contains_key(*name)) {
            let (property, value) = (&properties[name], &defaults[name]);
            let description = property["description"].as_str();
            let description = description
                .map(str::to_owned)
                .or_else(|| self.resolved(property)["description"].as_str().map(str::to_owned));
            if depth == 0 || is_table(name) && !self.text.ends_with(":\n") {
                self.text.push('\n');
            }
            self.comment(&description.unwrap_or_default(), depth);
            self.text.push_str(&"  ".repeat(depth));
            if is_table(name) {
                self.text.push_str(&format!("{name}:\n"));
                self.table(property, value, depth + 1)?;
            } else {
                self.text.push_str(&format!("{name}: {}\n", yaml(value)));
            }
        }
        Ok(())
    }

    /// The schema that a reference points to, or the schema itself.
    fn resolved(&self, schema: &Value) -> Value {
        match schema["$ref"].as_str().and_then(|reference| reference.strip_prefix('#')) {
            Some(pointer) => self.schema.pointer(pointer).cloned().unwrap_or_default(),
            None => schema.clone(),
        }
    }

    fn comment(&mut self, text: &str, depth: usize) {
        let indent = "  ".repeat(depth);
        let mut line = String::new();
        for word in text.split_whitespace() {
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > WIDTH - indent.len() - 2 {
                self.text.push_str(&format!("{indent}# {line}\n"));
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        if !line.is_empty() {
            self.text.push_str(&format!("{indent}# {line}\n"));
        }
    }
}

/// A value as YAML: JSON, without quotes where they aren't needed.
fn yaml(value: &Value) -> String {
    match value {
        Value::String(text) => {
            let is_plain = text.starts_with(|first: char| first.is_ascii_alphabetic())
                && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-. ".contains(letter))
                && !matches!(text.as_str(), "true" | "false" | "null" | "on" | "off" | "yes" | "no")
                && text.trim() == text;
            if is_plain { text.clone() } else { format!("{value}") }
        }
        Value::Array(items) => format!("[{}]", items.iter().map(yaml).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Settings, run_settings};
    use clearpipe_core::config::{Range, Setting};

    #[test]
    fn the_example_is_the_default() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("example.yaml");
        std::fs::write(&path, example().unwrap()).unwrap();
        assert_eq!(Settings::of_file(&path).unwrap().resolve().unwrap().settings, RunSettings::default());
    }

    #[test]
    fn the_example_has_every_setting_and_says_what_it_means() {
        let text = example().unwrap();
        let mut names = Vec::new();
        let mut is_commented = false;
        for line in text.lines() {
            if let Some((name, _)) = line.split_once(':').filter(|_| !line.trim_start().starts_with('#')) {
                assert!(is_commented, "{name} has no comment");
                names.push(name.trim().to_owned());
            }
            is_commented = line.trim_start().starts_with('#');
        }
        let mut expected = Vec::new();
        collect(&serde_json::to_value(RunSettings::default()).unwrap(), &mut expected);
        names.sort();
        expected.sort();
        assert_eq!(names, expected);
    }

    fn collect(value: &Value, names: &mut Vec<String>) {
        for (name, value) in value.as_object().into_iter().flatten() {
            names.push(name.clone());
            collect(value, names);
        }
    }

    /// The description of a setting in the schema.
    fn description(schema: &Value, path: &str) -> String {
        let example = Example { schema, text: String::new() };
        let property =
            path.split('.').fold(schema.clone(), |table, key| example.resolved(&table)["properties"][key].clone());
        property["description"].as_str().unwrap_or_default().replace('\n', " ")
    }

    /// A number as it stands in a description, where it may be followed by punctuation.
    fn number(word: &str) -> Option<u64> {
        word.trim_end_matches(['.', ';', ',']).replace(',', "").parse().ok()
    }

    #[test]
    fn descriptions_name_the_ranges_that_are_checked() {
        let schema = RunSettings::schema().to_value();
        let mut named = 0;
        for Setting { path, range, .. } in run_settings::all() {
            let (Range::Whole(least, most) | Range::PowersOfTwo(least, most)) = range else { continue };
            let description = description(&schema, path);
            let words: Vec<&str> = description.split_whitespace().collect();
            for window in words.windows(3) {
                match (number(window[0]), window[1], number(window[2])) {
                    (Some(from), "to", Some(to)) => assert_eq!((from, to), (*least, *most), "{path}: {description}"),
                    (None, "least", Some(from)) => assert_eq!(from, *least, "{path}: {description}"),
                    _ => continue,
                }
                named += 1;
            }
        }
        assert!(named >= 10, "{named} ranges are named");
    }

    #[test]
    fn descriptions_name_the_defaults_of_the_fields() {
        let schema = RunSettings::schema().to_value();
        let defaults = serde_json::to_value(RunSettings::default()).unwrap();
        let mut named = 0;
        for setting in run_settings::all() {
            let default = match setting.value_in(&defaults).clone() {
                Value::String(text) => text,
                value @ (Value::Bool(_) | Value::Number(_)) => value.to_string().trim_end_matches(".0").to_owned(),
                _ => continue,
            };
            let description = description(&schema, setting.path);
            // “Default 50”, “Default: 50” or “default `auto`”, but not “the default”.
            let Some((_, said)) = description.split_once("Default").or_else(|| description.split_once("; default"))
            else {
                continue;
            };
            let is_digit_group = |at: usize| said[at + 1..].starts_with(|next: char| next.is_ascii_digit());
            let said =
                said.char_indices().filter(|&(at, letter)| letter != '`' && !(letter == ',' && is_digit_group(at)));
            let said: String = said.map(|(_, letter)| letter).collect();
            let said = said.trim_start_matches([':', ' ']);
            let rest = said.strip_prefix(default.as_str());
            let is_right = rest.is_some_and(|rest| !rest.starts_with(|next: char| next.is_alphanumeric()));
            assert!(is_right, "{}: the default is {default}, but its description says: {description}", setting.path);
            named += 1;
        }
        assert!(named >= 40, "{named} defaults are named");
    }

    #[test]
    fn the_schema_is_one() {
        let schema: Value = serde_json::from_str(&schema().unwrap()).unwrap();
        assert_eq!(schema["title"], "Config");
        assert_eq!(schema["properties"]["workers"]["type"], "integer");
    }
}
