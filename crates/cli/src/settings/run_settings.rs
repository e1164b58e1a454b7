//! Everything that a configuration file or a flag can set: the configuration of the engine, and the files of the
//! command, which the engine doesn't know.

use clearpipe_core::config::{Config, Kind, Plan, SETTINGS, Setting};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The settings of `clearpipe run`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RunSettings {
    /// The configuration of the engine.
    #[serde(flatten)]
    pub config: Config,
    /// Where the results go.
    pub output: OutputOptions,
}

/// The files of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OutputOptions {
    /// The folder of the two files. Default: the current one.
    pub dir: Option<String>,
    /// The file of the processed records; `-` is the standard output. Default `processed_data.jsonl`.
    pub processed: String,
    /// The file of the failed records; `-` is the standard output. Default `failed_data.jsonl`.
    pub failed: String,
    /// The file of the metrics, JSON; `-` is the standard output. Default none.
    pub metrics: Option<String>,
    /// The file of the event log. Default none.
    pub trace: Option<String>,
    /// Whether to wait until the files are on the disk, so that they survive a loss of power. Default false.
    pub fsync: bool,
}

impl Default for OutputOptions {
    fn default() -> Self {
        OutputOptions {
            dir: None,
            processed: "processed_data.jsonl".to_owned(),
            failed: "failed_data.jsonl".to_owned(),
            metrics: None,
            trace: None,
            fsync: false,
        }
    }
}

/// The name of the table of [`OutputOptions`] in a configuration file.
const OUTPUT: &str = "output";

/// The settings of [`OutputOptions`].
static OUTPUT_SETTINGS: &[Setting] = &[
    Setting::of_front_end("output.dir", Kind::Text),
    Setting::of_front_end("output.processed", Kind::Text),
    Setting::of_front_end("output.failed", Kind::Text),
    Setting::of_front_end("output.metrics", Kind::Text),
    Setting::of_front_end("output.trace", Kind::Text),
    Setting::of_front_end("output.fsync", Kind::Switch),
];

/// Returns all settings, those of the engine and those of the command.
pub fn all() -> impl Iterator<Item = &'static Setting> {
    SETTINGS.iter().chain(OUTPUT_SETTINGS)
}

/// Returns the setting at a path.
pub fn at(path: &str) -> Option<&'static Setting> {
    all().find(|setting| setting.path == path)
}

/// Returns the plan of a run: it has an input if files are named.
pub fn plan_of(config: &Config) -> Plan {
    if config.input.file.is_empty() { Plan::of_generator(config) } else { Plan::of_input(config) }
}

/// A value that can't be read.
#[derive(Debug)]
pub struct WrongValue {
    /// The path of its setting, or of an element of a list: `validator.required.1`. Empty for the whole.
    pub path: String,
    /// The message of serde.
    pub message: String,
}

impl RunSettings {
    /// Reads settings. Missing ones have their defaults.
    ///
    /// # Errors
    /// Returns the first value that can't be read.
    pub fn read(mut json: Value) -> Result<RunSettings, WrongValue> {
        // Not by `serde(flatten)`, which would lose the path of a wrong value.
        let output = json.as_object_mut().and_then(|settings| settings.remove(OUTPUT));
        let config = deserialize(json, "")?;
        let output = output.map(|output| deserialize(output, OUTPUT)).transpose()?;
        Ok(RunSettings { config, output: output.unwrap_or_default() })
    }

    /// Checks every setting and the combinations of settings. Returns all problems, each with the path of its setting.
    pub fn problems(&self) -> Vec<(String, String)> {
        let problems = self.config.check().err().map(|error| error.problems).unwrap_or_default();
        let of_config = problems.iter().map(|problem| (problem.path().to_owned(), problem.to_string()));
        let OutputOptions { dir, processed, failed, metrics, trace, .. } = &self.output;
        let names = [
            ("dir", dir.as_deref()),
            ("processed", Some(&**processed)),
            ("failed", Some(&**failed)),
            ("metrics", metrics.as_deref()),
            ("trace", trace.as_deref()),
        ];
        let empty = names.into_iter().filter(|(_, name)| *name == Some("")).map(|(key, _)| {
            let path = format!("{OUTPUT}.{key}");
            let problem = format!("`{path}` is empty; give it a name, or leave it out");
            (path, problem)
        });
        of_config.chain(empty).collect()
    }

    /// Returns the JSON Schema of a configuration file.
    pub fn schema() -> Schema {
        let mut schema = Config::schema();
        let mut generator = SchemaGenerator::default();
        let mut table = generator.subschema_for::<OutputOptions>();
        table.insert(
            "description".to_owned(),
            json!("Where the results go. Used by the CLI; a page keeps them itself."),
        );
        table.insert("default".to_owned(), json!(OutputOptions::default()));
        let parts = [("/properties", OUTPUT.to_owned(), table.to_value())];
        let definitions = generator.take_definitions(true).into_iter();
        for (pointer, key, part) in parts.into_iter().chain(definitions.map(|(key, part)| ("/$defs", key, part))) {
            if let Some(place) = schema.pointer_mut(pointer).and_then(Value::as_object_mut) {
                place.insert(key, part);
            }
        }
        schema
    }
}

fn deserialize<T: DeserializeOwned>(json: Value, at: &str) -> Result<T, WrongValue> {
    serde_path_to_error::deserialize(json).map_err(|error| {
        // `validator.required[1]`, or `.` for the whole.
        let path = error.path().to_string().replace(['[', ']'], ".").replace("..", ".");
        let path = format!("{at}.{}", path.trim_matches('.'));
        WrongValue { path: path.trim_matches('.').to_owned(), message: error.inner().to_string() }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_of_the_output_has_one_row_of_its_kind() {
        let defaults = serde_json::to_value(OutputOptions::default()).unwrap();
        let kind = |value: &Value| if value.is_boolean() { Kind::Switch } else { Kind::Text };
        let expected: Vec<_> =
            defaults.as_object().unwrap().iter().map(|(key, value)| (format!("{OUTPUT}.{key}"), kind(value))).collect();
        let found: Vec<_> = OUTPUT_SETTINGS.iter().map(|setting| (setting.path.to_owned(), setting.kind)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_written_is_read() {
        let mut settings = RunSettings::default();
        settings.config.workers = 7;
        settings.output.dir = Some("results".to_owned());
        let json = serde_json::to_value(&settings).unwrap();
        assert_eq!((&json["workers"], &json["output"]["dir"]), (&json!(7), &json!("results")));
        assert_eq!(RunSettings::read(json).unwrap(), settings);
        assert_eq!(RunSettings::read(json!({})).unwrap(), RunSettings::default());
    }

    #[test]
    fn a_wrong_value_has_its_path() {
        for (json, path) in [
            (json!({ "output": { "fsync": 1 } }), "output.fsync"),
            (json!({ "output": 5 }), "output"),
            (json!({ "output": { "dir": "" , "drr": "" } }), "output.drr"),
            (json!({ "validator": { "required": ["id", 7] } }), "validator.required.1"),
            (json!(7), ""),
        ] {
            assert_eq!(RunSettings::read(json.clone()).unwrap_err().path, path, "{json}");
        }
    }
}
