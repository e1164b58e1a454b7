//! Reads a case from its folder.

use super::engine::{Engine, Found};
use clearpipe_core::config::{Config, ConfigError};
use clearpipe_core::metrics::{Metrics, ReasonMetrics};
use clearpipe_model::hint::Hint;
use clearpipe_model::notice::InputNotice;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A folder of `tests/cases`.
pub struct Case {
    /// One sentence on what it shows.
    pub about: String,
    /// Its configuration.
    pub config: Config,
    /// Whether it sets the number of workers, the number of cores or the batch size; then all engines use these.
    pub pins: Pins,
    /// Its inputs, each with its name and its bytes; none if its records are generated.
    pub inputs: Vec<(String, Vec<u8>)>,
    /// Whether it takes too long for a debug build.
    pub large: bool,
    /// Whether only the hashes of its files are compared.
    pub hashes: bool,
    /// Engines that it can't run on, and why.
    pub skip: BTreeMap<Engine, String>,
    /// Engines on which it is known to fail, and why.
    pub known_failures: BTreeMap<Engine, String>,
    /// The expected outcome, or what is wrong with its files.
    pub expected: Result<Expected, String>,
    folder: PathBuf,
}

/// The settings of a case that the engines would otherwise choose themselves.
#[derive(Clone, Copy, Debug)]
pub struct Pins {
    pub workers: bool,
    pub cores: bool,
    pub batch: bool,
}

/// The expected outcome of a case.
#[derive(Debug)]
pub enum Expected {
    /// An error, before any record.
    Error(Refusal),
    /// Results.
    Results { files: Files, metrics: ExpectedMetrics },
}

/// Why there are no results.
#[derive(Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong, in the words of a program that has nothing to add.
    pub message: String,
    /// What can be done about each problem; empty if no problem has a hint.
    pub hints: Vec<Option<Hint>>,
}

impl Refusal {
    /// Returns the problem of a run that has no list of problems.
    pub fn of(error: &impl ToString) -> Refusal {
        Refusal { message: error.to_string(), hints: Vec::new() }
    }
}

impl From<&ConfigError> for Refusal {
    fn from(error: &ConfigError) -> Refusal {
        let hints: Vec<Option<Hint>> = error.problems.iter().map(|problem| problem.hint().cloned()).collect();
        let hints = if hints.iter().all(Option::is_none) { Vec::new() } else { hints };
        Refusal { message: error.to_string(), hints }
    }
}

/// The two files of a run.
#[derive(Debug, PartialEq, Eq)]
pub enum Files {
    /// The whole files.
    Bytes { processed: Vec<u8>, failed: Vec<u8> },
    /// Only their SHA-256 hashes.
    Hashes(Hashes),
}

/// `sha256.json`: the hashes of files that are too long to be stored.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hashes {
    pub processed: String,
    pub failed: String,
}

/// `metrics.json`: the part of the metrics that is the same whenever the input is the same.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedMetrics {
    pub produced: u64,
    pub processed: u64,
    pub failed: u64,
    pub failed_by_status: ExpectedFailed,
    pub anomalies: u64,
    /// `null` in JSON if the sum is infinite.
    pub total_value: Option<f64>,
    pub input_bytes: u64,
    pub processed_bytes: u64,
    pub failed_bytes: u64,
    /// Left out if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<ReasonMetrics>,
    /// Left out if it is false.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub replaced_fields: bool,
    /// Left out if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<InputNotice>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedFailed {
    pub invalid: u64,
    pub transformation_error: u64,
}

impl From<&Metrics> for ExpectedMetrics {
    fn from(metrics: &Metrics) -> ExpectedMetrics {
        ExpectedMetrics {
            produced: metrics.produced,
            processed: metrics.processed,
            failed: metrics.failed,
            failed_by_status: ExpectedFailed {
                invalid: metrics.failed_by_status.invalid,
                transformation_error: metrics.failed_by_status.transformation_error,
            },
            anomalies: metrics.anomalies,
            total_value: metrics.total_value,
            input_bytes: metrics.input_bytes,
            processed_bytes: metrics.processed_bytes,
            failed_bytes: metrics.failed_bytes,
            reasons: metrics.reasons.clone(),
            replaced_fields: metrics.replaced_fields,
            notices: metrics.notices.clone(),
        }
    }
}

/// `case.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Description {
    about: String,
    #[serde(default)]
    config: Value,
    /// Its inputs, if there are several.
    #[serde(default)]
    inputs: Vec<InputDescription>,
    #[serde(default)]
    large: bool,
    #[serde(default)]
    skip: BTreeMap<Engine, String>,
    #[serde(default)]
    known_failures: BTreeMap<Engine, String>,
}

/// An input in `case.json`.
#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum InputDescription {
    /// The name of its file.
    Name(String),
    /// The name of its file, and a name that files can't have on every system.
    Named { file: String, name: String },
}

/// Returns all cases by name, or why one can't be read.
pub fn cases() -> Vec<(String, Result<Case, String>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases");
    let Ok(entries) = fs::read_dir(root) else { return Vec::new() };
    let folders = entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir());
    let named = |folder: PathBuf| Some((folder.file_name()?.to_str()?.to_owned(), Case::read(folder)));
    let mut cases: Vec<_> = folders.filter_map(named).collect();
    cases.sort_by(|(one, _), (other, _)| one.cmp(other));
    cases
}

impl Case {
    /// Reads a case.
    fn read(folder: PathBuf) -> Result<Case, String> {
        let Description { about, config, inputs, large, skip, known_failures } = json(&folder.join("case.json"))?;
        if about.trim().is_empty() {
            return Err("`about` is empty; say in a sentence what the case shows".to_owned());
        }
        for (engine, reason) in skip.iter().chain(&known_failures) {
            if reason.trim().is_empty() {
                return Err(format!("{engine} is excluded without a reason"));
            }
        }
        if Engine::ALL.iter().all(|engine| skip.contains_key(engine)) {
            return Err("it is skipped on all engines".to_owned());
        }
        let pins = Pins {
            workers: config.get("workers").is_some(),
            cores: config.pointer("/runtime/cores").is_some(),
            batch: config.get("batch").is_some(),
        };
        let config: Config = match config {
            Value::Null => Config::default(),
            config => serde_json::from_value(config).map_err(|error| format!("case.json: `config`: {error}"))?,
        };
        let single = input_file(&folder)?;
        if single.is_some() && !inputs.is_empty() {
            return Err("there is an input beside those that case.json names".to_owned());
        }
        let single = single.into_iter().map(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            InputDescription::Name(name)
        });
        let with_name = |input| {
            let (file, name) = match input {
                InputDescription::Name(name) => (name.clone(), name),
                InputDescription::Named { file, name } => (file, name),
            };
            Ok((name, read(&folder.join(file))?))
        };
        let inputs = inputs.into_iter().chain(single).map(with_name).collect::<Result<_, String>>()?;
        let expected = Expected::read(&folder);
        let hashes = folder.join("sha256.json").exists();
        Ok(Case { about, config, pins, inputs, large, hashes, skip, known_failures, expected, folder })
    }

    /// Writes the expected files from the results that were found.
    pub fn write_expected(&self, found: &Found) -> Result<(), String> {
        let write = |name: &str, bytes: &[u8]| {
            fs::write(self.folder.join(name), bytes).map_err(|error| format!("{name}: {error}"))
        };
        let write_json = |name: &str, text: serde_json::Result<String>| {
            write(name, (text.map_err(|error| format!("{name}: {error}"))? + "\n").as_bytes())
        };
        match found {
            Found::Error(Refusal { message, hints }) => {
                write("error.txt", format!("{message}\n").as_bytes())?;
                match &hints[..] {
                    [] => Ok(()),
                    hints => write_json("hints.json", serde_json::to_string_pretty(hints)),
                }
            }
            Found::Ran(ran) => {
                match &ran.files {
                    Files::Hashes(hashes) => write_json("sha256.json", serde_json::to_string_pretty(hashes))?,
                    Files::Bytes { processed, failed } => {
                        write("processed.jsonl", processed)?;
                        write("failed.jsonl", failed)?;
                    }
                }
                write_json("metrics.json", serde_json::to_string_pretty(&ExpectedMetrics::from(&ran.metrics)))
            }
        }
    }
}

impl Expected {
    fn read(folder: &Path) -> Result<Expected, String> {
        let error = folder.join("error.txt");
        if error.exists() {
            let message = String::from_utf8(read(&error)?).map_err(|error| format!("error.txt: {error}"))?;
            let hints = folder.join("hints.json");
            let hints = if hints.exists() { json(&hints)? } else { Vec::new() };
            return Ok(Expected::Error(Refusal { message: message.trim_end_matches('\n').to_owned(), hints }));
        }
        let metrics: ExpectedMetrics = json(&folder.join("metrics.json"))?;
        let hashes = folder.join("sha256.json");
        if hashes.exists() {
            return Ok(Expected::Results { files: Files::Hashes(json(&hashes)?), metrics });
        }
        let (processed, failed) = (read(&folder.join("processed.jsonl"))?, read(&folder.join("failed.jsonl"))?);
        for (name, bytes, lines) in
            [("processed.jsonl", &processed, metrics.processed), ("failed.jsonl", &failed, metrics.failed)]
        {
            let count = check_json_lines(bytes).map_err(|problem| format!("{name}: {problem}"))?;
            if count != lines {
                return Err(format!("{name} has {count} lines, but metrics.json says {lines}"));
            }
        }
        Ok(Expected::Results { files: Files::Bytes { processed, failed }, metrics })
    }
}

/// Returns the number of lines, if each is a JSON object that ends with a newline.
fn check_json_lines(bytes: &[u8]) -> Result<u64, String> {
    let mut count = 0;
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        count += 1;
        if !line.ends_with(b"\n") {
            return Err("the last line has no newline".to_owned());
        }
        if let Err(error) = serde_json::from_slice::<BTreeMap<String, IgnoredAny>>(line) {
            return Err(format!("line {count} is no JSON object: {error}"));
        }
    }
    Ok(count)
}

/// Returns the input of a case: the file whose name, without its extensions, is `input`.
fn input_file(folder: &Path) -> Result<Option<PathBuf>, String> {
    let entries = fs::read_dir(folder).map_err(|error| error.to_string())?;
    let paths = entries.flatten().map(|entry| entry.path());
    let mut inputs =
        paths.filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("input.")));
    match (inputs.next(), inputs.next()) {
        (_, Some(_)) => Err("there are several inputs".to_owned()),
        (input, None) => Ok(input),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error: io::Error| format!("{}: {error}", path.display()))
}

fn json<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<T, String> {
    serde_json::from_slice(&read(path)?).map_err(|error| format!("{}: {error}", path.display()))
}
