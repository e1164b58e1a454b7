//! Builds [`RunSettings`] from a file and flags. All problems are reported together, each with its origin.
//!
//! File and flags are merged into one [tree], in which a flag replaces the node of the file. Only then is the tree read
//! as a configuration, so that an invalid setting is handled the same way wherever it was set.

#[cfg(test)]
mod fuzz;
mod idle;
mod json;
pub mod run_settings;
pub mod set;
mod suggestion;
mod toml;
pub mod tree;
pub mod yaml;

pub use run_settings::RunSettings;

use clearpipe_core::config::number::{self, NumberError};
use clearpipe_core::config::{self, Config};
use clearpipe_io::text;
use clearpipe_model::field::Field;
use run_settings::WrongValue;
use std::fmt;
use std::io::Read;
use std::path::Path;
use suggestion::{Unknown, suggest};
use tree::{Entry, Node, Origin, Value};

/// The settings so far.
pub struct Settings {
    tree: Node,
    /// The name of the file, for errors.
    file: Option<String>,
    problems: Vec<Problem>,
}

/// The result of resolving settings.
#[derive(Debug)]
pub struct Resolved {
    /// The settings.
    pub settings: RunSettings,
    /// Where each of them was set.
    pub origins: Origins,
    /// Whether the number of records to generate was set.
    pub has_records: bool,
    /// Settings without effect, one line each.
    pub warnings: Vec<String>,
}

/// Where the settings were set, for problems that are found after they have been resolved.
#[derive(Debug)]
pub struct Origins {
    tree: Node,
    file: Option<String>,
}

/// All problems of the settings.
#[derive(Debug)]
pub struct SettingsError {
    /// The heading for a conflict with an input, if the settings alone are valid.
    title: Option<String>,
    file: Option<String>,
    problems: Vec<Problem>,
}

/// One of the problems.
#[derive(Clone, Debug, PartialEq)]
struct Problem {
    origin: Option<Origin>,
    message: String,
}

/// The table whose keys are the fields of a record.
const MAPPING: &str = "input.map";

/// The largest configuration file; real ones have a few kilobytes.
pub const MAX_FILE_BYTES: u64 = 128 << 10;

/// The maximum number of problems that are reported together.
pub const MAX_PROBLEMS: usize = 100;

/// The formats of a configuration file.
#[derive(Clone, Copy, Debug, PartialEq)]
enum FileFormat {
    Yaml,
    Json,
    Toml,
}

impl FileFormat {
    fn of_extension(extension: &str) -> Option<FileFormat> {
        match extension.to_lowercase().as_str() {
            "yaml" | "yml" => Some(FileFormat::Yaml),
            "json" => Some(FileFormat::Json),
            "toml" => Some(FileFormat::Toml),
            _ => None,
        }
    }
}

/// A syntax error in a file.
#[derive(Debug)]
pub struct SyntaxError {
    origin: Origin,
    message: String,
}

impl SyntaxError {
    /// Returns where it is.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Returns the message without its position.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl Settings {
    /// Creates empty settings: all defaults.
    pub fn none() -> Settings {
        Settings { tree: Node::empty_table(Origin::START), file: None, problems: Vec::new() }
    }

    /// Creates settings from a table that is a part of another file.
    pub fn of_tree(tree: Node) -> Settings {
        Settings { tree, file: None, problems: Vec::new() }
    }

    /// Reads the settings of a file, in the format of its extension.
    pub fn of_file(path: &Path) -> Result<Settings, SettingsError> {
        let name = text::name(path);
        let failed = |message| SettingsError {
            title: None,
            file: None,
            problems: vec![Problem { origin: None, message: format!("{name}: {message}") }],
        };
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        let format = FileFormat::of_extension(extension)
            .ok_or_else(|| failed("unknown extension; expected .yaml, .json or .toml".to_owned()))?;
        let mut bytes = Vec::new();
        let file = std::fs::File::open(path).map_err(|error| failed(error.to_string()))?;
        file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(|error| failed(error.to_string()))?;
        if bytes.len() as u64 > MAX_FILE_BYTES {
            return Err(failed("too large for a configuration file; the limit is 128 KiB".to_owned()));
        }
        Settings::of_bytes(&name, format, bytes)
    }

    /// Reads the settings of a file with this name and content.
    fn of_bytes(name: &str, format: FileFormat, bytes: Vec<u8>) -> Result<Settings, SettingsError> {
        let file = Some(name.to_owned());
        let failed = |origin, message| SettingsError {
            title: None,
            file: file.clone(),
            problems: vec![Problem { origin: Some(origin), message }],
        };
        let text = String::from_utf8(bytes).map_err(|error| {
            let valid = String::from_utf8_lossy(&error.as_bytes()[..error.utf8_error().valid_up_to()]).into_owned();
            failed(Origin::in_text(&valid, valid.len()), "the file is not UTF-8".to_owned())
        })?;
        let text = text.trim_start_matches('\u{feff}');
        let parsed = match format {
            FileFormat::Yaml => yaml::parse(text),
            FileFormat::Json => json::parse(text),
            FileFormat::Toml => toml::parse(text),
        };
        let tree = parsed.map_err(|error| failed(error.origin, text::visible(&error.message).into_owned()))?;
        match tree.value {
            Value::Table(_) => Ok(Settings { tree, file, problems: Vec::new() }),
            Value::Null => Ok(Settings { tree: Node::empty_table(Origin::START), file, problems: Vec::new() }),
            other => Err(failed(tree.origin, format!("this is {other}; a configuration is a table of settings"))),
        }
    }

    /// Sets the value of a flag, replacing any previous one.
    pub fn set(&mut self, path: &str, flag: &str, value: Value) {
        let origin = Origin::Flag(text::visible(flag).into_owned());
        self.tree.set(path, Node { value, origin });
    }

    /// Adds a problem with the value of a flag.
    pub fn add_problem(&mut self, flag: &str, message: String) {
        let origin = Some(Origin::Flag(text::visible(flag).into_owned()));
        self.problems.push(Problem { origin, message: text::visible(&message).into_owned() });
    }

    /// Resolves the settings to a configuration.
    ///
    /// # Errors
    /// All problems together.
    pub fn resolve(mut self) -> Result<Resolved, SettingsError> {
        self.refuse_unknown_keys();
        let settings = self.read();
        // Refused settings have their defaults now, so these are other problems.
        for (path, message) in settings.problems() {
            let origin = self.tree.find(&path).map(|(_, origin)| origin.clone());
            self.problems.push(Problem { origin, message });
        }
        let warnings = self.report_idle(&settings.config);
        let has_records = self.tree.find("records").is_some_and(|(node, _)| node.value != Value::Null);
        let Settings { tree, file, mut problems } = self;
        if problems.is_empty() {
            return Ok(Resolved { settings, origins: Origins { tree, file }, has_records, warnings });
        }
        problems.sort_by_key(|problem| match problem.origin {
            Some(Origin::File { line, column }) => (0, line, column),
            Some(Origin::Flag(_)) => (1, 0, 0),
            None => (2, 0, 0),
        });
        Err(SettingsError { title: None, file, problems })
    }

    /// Adds problems for flags that have no effect. For settings of a file without effect, returns warnings.
    fn report_idle(&mut self, config: &Config) -> Vec<String> {
        let mut warnings = Vec::new();
        for idle::Idle { path, message, warns } in idle::find(config) {
            match self.tree.find(path).filter(|(node, _)| node.value != Value::Null) {
                Some((_, origin @ Origin::Flag(_))) => {
                    self.problems.push(Problem { origin: Some(origin.clone()), message });
                }
                Some((_, Origin::File { line, column })) if warns => {
                    let file = self.file.as_deref().unwrap_or("the configuration");
                    warnings.push(format!("{file}:{line}:{column}: `{path}` has no effect: {message}"));
                }
                _ => {}
            }
        }
        warnings
    }

    /// Removes unknown settings and reports them.
    fn refuse_unknown_keys(&mut self) {
        let known = serde_json::to_value(RunSettings::default()).unwrap_or_default();
        let mut paths = Vec::new();
        find_paths(&known, "", &mut paths);
        // The mapping is empty by default; its keys are the fields.
        paths.extend(Field::ALL.map(|field| format!("{MAPPING}.{field}")));
        take_unknown(&mut self.tree, &known, &paths, "", &mut self.problems);
    }

    /// Deserializes the tree. An invalid value is reported and removed, and the rest is read again.
    fn read(&mut self) -> RunSettings {
        let mut removed = RemovedElements::default();
        loop {
            let json = self.tree.to_json();
            let (path, said) = match RunSettings::read(json) {
                Ok(settings) => return settings,
                Err(WrongValue { path, message }) => (path, message),
            };
            let path = path.as_str();
            let shown = removed.original(path);
            let problem = match self.tree.find(path) {
                Some((node, origin)) => match as_expected(&node.value, &said) {
                    Some(Ok(value)) => {
                        self.tree.replace(path, value);
                        continue;
                    }
                    Some(Err(problem)) => {
                        Problem { origin: Some(origin.clone()), message: format!("`{shown}`: {problem}") }
                    }
                    None => {
                        let wrong = config::describe_wrong_value(&node.value.to_string(), &text::visible(&said));
                        Problem { origin: Some(origin.clone()), message: format!("`{shown}` {wrong}") }
                    }
                },
                None => Problem { origin: None, message: said },
            };
            self.problems.push(problem);
            removed.note(path);
            if self.problems.len() >= MAX_PROBLEMS || !self.tree.remove(path) {
                return RunSettings::default();
            }
        }
    }
}

impl Origins {
    /// Creates an error from problems, each with the path of its setting.
    pub fn error<'a>(&self, problems: impl IntoIterator<Item = (&'a str, String)>) -> SettingsError {
        let origin = |path| self.tree.find(path).map(|(_, origin)| origin.clone());
        let problems = problems.into_iter().map(|(path, message)| Problem { origin: origin(path), message });
        SettingsError { title: None, file: self.file.clone(), problems: problems.collect() }
    }
}

impl SettingsError {
    /// Creates an error from problems without an origin.
    pub fn of(problems: Vec<impl ToString>) -> SettingsError {
        let problems = problems.into_iter().map(|problem| Problem { origin: None, message: problem.to_string() });
        let problems = problems.collect();
        SettingsError { title: None, file: None, problems }
    }

    /// Creates the error that an input and the settings don't fit each other.
    pub fn of_input(input: &str, problems: Vec<impl ToString>) -> SettingsError {
        SettingsError { title: Some(format!("{input} doesn't fit")), ..SettingsError::of(problems) }
    }

    /// Returns the same error with more problems, which have no origin.
    pub fn and(mut self, problems: Vec<impl ToString>) -> SettingsError {
        self.problems.extend(SettingsError::of(problems).problems);
        self
    }

    /// Returns all problems, each with where it is, if that is known.
    pub fn into_problems(self) -> impl Iterator<Item = (Option<Origin>, String)> {
        self.problems.into_iter().map(|Problem { origin, message }| (origin, message))
    }

    /// Returns whether `clearpipe config --example` helps: one of the problems is in a file.
    pub fn is_of_file(&self) -> bool {
        self.problems.iter().any(|problem| matches!(problem.origin, Some(Origin::File { .. })))
    }
}

impl std::error::Error for SettingsError {}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let write = |f: &mut fmt::Formatter<'_>, problem: &Problem| {
            match &problem.origin {
                Some(Origin::File { line, column }) => {
                    write!(f, "{}:{line}:{column}: ", self.file.as_deref().unwrap_or("the configuration"))?;
                }
                Some(Origin::Flag(flag)) => write!(f, "{flag}: ")?,
                None => {}
            }
            // A name from a file may contain anything.
            f.write_str(&text::visible_lines(&problem.message))
        };
        match (&self.title, &self.problems[..]) {
            (None, [problem]) => write(f, problem),
            (title, problems) => {
                match title {
                    Some(title) => f.write_str(title)?,
                    None => write!(f, "the settings have {} problems", problems.len())?,
                }
                problems.iter().try_for_each(|problem| {
                    f.write_str("\n  ")?;
                    write(f, problem)
                })
            }
        }
    }
}

/// Collects the paths of all settings that are in a table.
fn find_paths(known: &serde_json::Value, at: &str, paths: &mut Vec<String>) {
    let serde_json::Value::Object(known) = known else { return };
    for (key, inner) in known {
        let path = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
        find_paths(inner, &path, paths);
        paths.push(path);
    }
}

/// Removes unknown keys. `known` is a configuration with all keys, `paths` has the path of each.
fn take_unknown(node: &mut Node, known: &serde_json::Value, paths: &[String], at: &str, problems: &mut Vec<Problem>) {
    let Value::Table(entries) = &mut node.value else { return };
    let names: Vec<&str> = match known {
        _ if at == MAPPING => Field::ALL.iter().map(|field| field.as_str()).collect(),
        serde_json::Value::Object(known) => known.keys().map(String::as_str).collect(),
        // A table instead of another value, which is reported later.
        _ => return,
    };
    entries.retain_mut(|Entry { key, origin, node }| {
        let path = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
        if names.contains(&key.as_str()) {
            let is_table = known.get(key.as_str()).is_some_and(serde_json::Value::is_object);
            if let (true, Value::List(_)) = (is_table, &node.value) {
                // serde would accept the values of a table without their names.
                let message = format!("`{}` is a list; it must be a table", text::visible(&path));
                problems.push(Problem { origin: Some(origin.clone()), message });
                return false;
            }
            take_unknown(node, known.get(key.as_str()).unwrap_or(&serde_json::Value::Null), paths, &path, problems);
            return true;
        }
        if problems.len() < MAX_PROBLEMS {
            let suggested = suggest(&Unknown { key, at, value: &node.value }, paths);
            let message = format!("unknown setting `{}`; {suggested}", text::visible(&path));
            problems.push(Problem { origin: Some(origin.clone()), message });
        }
        false
    });
}

/// Returns the value that a setting expects, if it was written without quotes and YAML interprets it differently.
/// `None` if it can't be read differently.
fn as_expected(value: &Value, message: &str) -> Option<Result<Value, NumberError>> {
    let expected = message.rsplit_once(", expected ")?.1;
    let read = match (value, expected) {
        (Value::Plain(text), "a string" | "a character") => Ok(Value::Text(text.clone())),
        (Value::Plain(text), "u64" | "usize") => number::whole(text).map(|whole| Value::Number(whole.into())),
        (Value::Number(written), "u64" | "usize") => {
            number::whole(&written.to_string()).map(|whole| Value::Number(whole.into()))
        }
        (Value::Plain(text), "f64") => number::decimal(text)
            .and_then(|float| serde_json::Number::from_f64(float).map(Value::Number).ok_or(NumberError::NoNumber)),
        _ => return None,
    };
    match read {
        // The general message, with the name of the setting, is clearer about which numbers are allowed.
        Err(NumberError::NoNumber | NumberError::Negative(_) | NumberError::NotWhole(_)) => None,
        Ok(read) if read == *value => None,
        read => Some(read),
    }
}

/// The elements that have been removed from lists, so that messages keep the original indices.
#[derive(Debug, Default)]
struct RemovedElements(Vec<(String, usize)>);

impl RemovedElements {
    /// Returns the path of a setting in the original, where an element of a list may have had a higher index.
    fn original(&self, path: &str) -> String {
        let Some((list, index)) = element(path) else { return path.to_owned() };
        let mut removed: Vec<usize> = self.0.iter().filter(|(of, _)| of == list).map(|(_, index)| *index).collect();
        removed.sort_unstable();
        let index = removed.into_iter().fold(index, |index, removed| index + usize::from(removed <= index));
        format!("{list}.{index}")
    }

    /// Notes that the value at this path is being removed.
    fn note(&mut self, path: &str) {
        if let Some((list, index)) = element(&self.original(path)) {
            self.0.push((list.to_owned(), index));
        }
    }
}

/// Returns the list that contains the element at a path, and the element's index.
fn element(path: &str) -> Option<(&str, usize)> {
    let (list, index) = path.rsplit_once('.')?;
    Some((list, index.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    /// Returns the problems of a file with this text and of flags.
    fn problems(name: &str, text: &str, flags: &[(&str, &str, &str)]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let path: PathBuf = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let resolved = Settings::of_file(&path).and_then(|mut settings| {
            flags.iter().for_each(|(path, flag, value)| settings.set(path, flag, Value::of_plain(value)));
            settings.resolve()
        });
        let Err(error) = resolved else { return Vec::new() };
        let place = format!("{}:", path.display());
        error.to_string().replace(&place, "").lines().map(|line| line.trim().to_owned()).collect()
    }

    #[test]
    fn all_problems_are_named_at_once_with_their_places() {
        let text = "worker: 4\nrecords: many\ngenerator:\n  locations: North\n  invalid_unit: sometimes\n  colour: red\n\
                    runtime:\n  kind: pol\n  cores: -1\nordered: maybe\nvalidator:\n  required: [id, name, unit, size]\n";
        let defaults = serde_json::to_value(Config::default()).unwrap();
        let of_generator: Vec<&str> = defaults["generator"].as_object().unwrap().keys().map(String::as_str).collect();
        assert!(of_generator.starts_with(&["sensors", "locations"]));
        assert_eq!(
            problems("x.yaml", text, &[("batch", "--batch", "0"), ("workers", "--workers", "lots")]),
            [
                "the settings have 12 problems",
                "1:1: unknown setting `worker`; did you mean `workers`?",
                "2:1: `records` is \"many\"; it must be a whole number, 0 or more",
                "4:3: `generator.locations` is \"North\"; it must be a list",
                "5:3: `generator.invalid_unit` is invalid: `sometimes` is none of `off`, `every 10` and `5%`",
                &format!("6:3: unknown setting `generator.colour`; `generator` has {}", of_generator.join(", ")),
                "8:3: `runtime.kind` is \"pol\"; it must be one of pool, local, virtual",
                "9:3: `runtime.cores` is -1; it must be a whole number, 0 or more",
                "10:1: `ordered` is \"maybe\"; it must be true or false",
                "12:18: `validator.required.1` is \"name\"; it must be one of id, timestamp, sensor_id, value, unit, \
                 location",
                "12:30: `validator.required.3` is \"size\"; it must be one of id, timestamp, sensor_id, value, unit, \
                 location",
                "--workers: `workers` is \"lots\"; it must be a whole number, 0 or more",
                "--batch: `batch` is 0; it must be from 1 to 65536",
            ]
        );
    }

    #[test]
    fn a_flag_overrides_the_file() {
        assert_eq!(problems("x.toml", "workers = 0\n", &[("workers", "--workers", "2")]), [""; 0]);
        assert_eq!(
            problems("x.toml", "workers = 0\n[input]\nmax_line = 0\n", &[]),
            [
                "the settings have 2 problems",
                "1:1: `workers` is 0; it must be from 1 to 65535",
                "3:1: `input.max_line` is 0; it must be from 1 to 67,108,864"
            ]
        );
    }

    #[test]
    fn a_name_without_its_table_is_found() {
        let flags = [("threshold", "--set threshold", "3"), ("generator.capacity", "--set generator.capacity", "3")];
        assert_eq!(
            problems("x.yaml", "", &flags)[1..],
            [
                "--set threshold: unknown setting `threshold`; did you mean `transformer.threshold`?",
                "--set generator.capacity: unknown setting `generator.capacity`; did you mean `channels.capacity`?"
            ]
        );
        for (flag, suggested) in [
            ("thresold", "did you mean `transformer.threshold`?"),
            ("validator.thresold", "did you mean `transformer.threshold`?"),
            ("transformer.treshold", "did you mean `transformer.threshold`?"),
            ("validator.workrs", "did you mean `validator.workers`?"),
            ("wrokers", "did you mean `workers`?"),
            ("locatons", "did you mean `generator.locations`?"),
            ("faults.validator", "did you mean `faults.validator_panic`?"),
            ("panic", "did you mean `faults.validator_panic` or `faults.transformer_panic`?"),
            ("dataCh", "did you mean `channels.data`?"),
            ("num_workers", "did you mean `workers`?"),
            ("cahnnels.data", "did you mean `channels`?"),
            ("servce.validator.wait", "did you mean `service`?"),
            ("a.threshold", "did you mean `transformer.threshold`?"),
            ("faults.any", "`faults` has validator_panic, transformer_panic"),
            ("runtme", "did you mean a setting of `runtime`? It has kind, threads, cores, seed"),
            ("a.b", "the settings are records, seed, "),
            ("x", "the settings are records, seed, "),
        ] {
            let found = problems("x.yaml", "", &[(flag, "--set", "3")]).concat();
            let (_, found) = found.split_once("; ").unwrap();
            assert!(found.starts_with(suggested), "{flag}: {found}");
        }
        let [problem] = &problems("x.yaml", "wait: 5ms\n", &[])[..] else { panic!() };
        assert!(problem.contains("did you mean `service.producer.wait` or `service.validator.wait` or "), "{problem}");
    }

    #[test]
    fn mappings_are_checked_too() {
        let text = r#"{"input": {"map": {"valu": "x", "unit": "'l/s"}}}"#;
        let found = problems("x.json", text, &[]);
        assert_eq!(found[1], "1:20: unknown setting `input.map.valu`; did you mean `input.map.value`?");
        assert!(
            found[2].contains("1:33: `input.map.unit` is invalid: the constant 'l/s has no closing quote"),
            "{found:?}"
        );
    }

    #[test]
    fn a_null_is_the_default() {
        assert_eq!(problems("x.yaml", "window: null\nworkers:\nvalidator: ~\n", &[]), [""; 0]);
        assert_eq!(problems("x.yaml", "", &[]), [""; 0]);
    }

    #[test]
    fn files_that_are_none() {
        assert_eq!(problems("x.yaml", "- 1\n", &[]), ["1:1: this is a list; a configuration is a table of settings"]);
        let found = problems("x.ini", "", &[]).concat();
        assert!(found.contains("expected .yaml, .json or .toml"), "{found}");
        assert!(Settings::of_file(Path::new("missing.yaml")).err().unwrap().to_string().starts_with("missing.yaml: "));
    }
}
