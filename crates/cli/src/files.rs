//! The exact file names of a run: flags may have names that are not UTF-8, which settings can't.

use crate::flags::RunArgs;
use crate::settings::RunSettings;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Where the records of a run come from, and where the results go.
#[derive(Clone, Debug, PartialEq)]
pub struct Files {
    /// The inputs: files, folders and patterns.
    pub inputs: Vec<PathBuf>,
    /// The folder of the two files.
    pub folder: Option<PathBuf>,
    /// The file of the processed records.
    pub processed: PathBuf,
    /// The file of the failed records.
    pub failed: PathBuf,
    /// The file of the metrics.
    pub metrics: Option<PathBuf>,
    /// The file of the event log.
    pub trace: Option<PathBuf>,
    /// Whether to wait until the files are on the disk.
    pub fsync: bool,
}

impl Files {
    /// The files named by the flags, or else by the settings.
    pub fn new(args: &RunArgs, settings: &RunSettings) -> Files {
        let (flags, RunSettings { config, output }) = (&args.settings, settings);
        let named = |flag: &str, setting: Option<&str>| {
            let name = flags.value(flag).or(setting.map(OsStr::new));
            name.map(PathBuf::from)
        };
        let folder = named("out-dir", output.dir.as_deref());
        let in_folder = |flag: &str, setting: &str| {
            let name = Path::new(flags.value(flag).unwrap_or(OsStr::new(setting)));
            match &folder {
                Some(folder) if name != Path::new("-") => folder.join(name),
                _ => name.to_owned(),
            }
        };
        let inputs = match (&config.input.file[..], flags.values("input")) {
            // `--set input.file=null` takes precedence over other flags.
            ([], _) => Vec::new(),
            (names, []) => names.iter().map(PathBuf::from).collect(),
            (_, names) => names.iter().map(PathBuf::from).collect(),
        };
        Files {
            inputs,
            processed: in_folder("processed", &output.processed),
            failed: in_folder("failed", &output.failed),
            metrics: named("metrics", output.metrics.as_deref()),
            trace: named("trace", output.trace.as_deref()),
            folder,
            fsync: output.fsync,
        }
    }

    /// All files written by the run.
    pub fn results(&self) -> impl Iterator<Item = &Path> {
        let others = [&self.metrics, &self.trace].into_iter().flatten();
        [&self.processed, &self.failed].into_iter().chain(others).map(PathBuf::as_path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flags::SettingFlags;

    #[test]
    fn flags_win_and_only_the_two_files_are_in_the_folder() {
        let mut settings = RunSettings::default();
        settings.output.dir = Some("set".to_owned());
        settings.output.metrics = Some("m.json".to_owned());
        let flags = SettingFlags::default().with("failed", ["-"]).with("out-dir", ["flag"]).with("trace", ["t"]);
        let args = RunArgs { settings: flags, ..RunArgs::default() };
        let files = Files::new(&args, &settings);
        let names: Vec<&str> = files.results().map(|file| file.to_str().unwrap()).collect();
        assert_eq!(names, ["flag/processed_data.jsonl", "-", "m.json", "t"]);
    }
}
