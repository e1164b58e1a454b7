//! The inputs of a run: finding the files that the names on the command line refer to, and reading them one after the
//! other.

use crate::input::{self, InputEnd, InputProgress};
use crate::patterns::{self, PatternProblem};
use crate::text;
use anyhow::Result;
use clearpipe_codec::{self as source, Format};
use futures::stream;
use std::collections::HashSet;
use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};

/// The name of the standard input.
pub const STDIN: &str = "-";

/// The files that the names refer to, in the order in which they are read.
#[derive(Debug, Default)]
pub struct InputFiles {
    /// Their paths; `-` is the standard input.
    pub names: Vec<PathBuf>,
    /// The files in folders that are not read: a sentence for each folder.
    pub notes: Vec<String>,
}

/// Inputs that are being read.
pub struct OpenInputs {
    /// The inputs for the pipeline.
    pub inputs: source::Inputs,
    /// Ends them early.
    pub end: InputEnd,
    /// Their progress.
    pub progress: InputProgress,
}

impl InputFiles {
    /// Finds the files that `names` refer to. A name is that of a file, a pattern such as `logs/*.csv`, or a folder,
    /// which stands for the files in it that have a known extension.
    ///
    /// # Errors
    /// All problems, a sentence each.
    pub fn find(names: &[PathBuf]) -> Result<InputFiles, Vec<String>> {
        let mut files = InputFiles::default();
        let mut problems = Vec::new();
        for name in names {
            if let Err(problem) = files.add(name) {
                problems.push(problem);
            }
        }
        problems.extend(files.repeated());
        if problems.is_empty() { Ok(files) } else { Err(problems) }
    }

    fn add(&mut self, name: &Path) -> Result<(), String> {
        if name == Path::new(STDIN) {
            self.names.push(name.to_owned());
            return Ok(());
        }
        match fs::metadata(name) {
            Ok(about) if about.is_dir() => self.add_folder(name),
            // A name that exists is never a pattern.
            Ok(_) => self.add_file(name),
            Err(_) if patterns::is_pattern(name) => self.add_pattern(name),
            Err(error) => Err(cannot_read(name, &error)),
        }
    }

    fn add_file(&mut self, name: &Path) -> Result<(), String> {
        // If there are several files, each is opened when its turn comes. Whether that is possible is checked before
        // anything is written.
        let cannot = |error: io::Error| cannot_read(name, &error);
        if fs::metadata(name).map_err(cannot)?.is_file() {
            drop(File::open(name).map_err(cannot)?);
        }
        self.names.push(name.to_owned());
        Ok(())
    }

    fn add_pattern(&mut self, pattern: &Path) -> Result<(), String> {
        let paths = patterns::files(pattern).map_err(|problem| match problem {
            PatternProblem::Invalid(why) => format!("the pattern {} can't be used: {why}", text::name(pattern)),
            PatternProblem::Path(path, error) => cannot_read(&path, &error),
        })?;
        let before = self.names.len();
        for path in paths {
            self.add_file(&path)?;
        }
        if self.names.len() == before {
            Err(format!("no file matches the pattern {}", text::name(pattern)))
        } else {
            Ok(())
        }
    }

    fn add_folder(&mut self, folder: &Path) -> Result<(), String> {
        let mut paths = Vec::new();
        for entry in fs::read_dir(folder).map_err(|error| cannot_read(folder, &error))? {
            paths.push(entry.map_err(|error| cannot_read(folder, &error))?.path());
        }
        paths.sort();
        let is_hidden = |path: &Path| path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        let is_known = |path: &Path| {
            let name = path.file_name().map(|name| name.to_string_lossy());
            name.is_some_and(|name| Format::of_name(&name).is_some()) && !path.is_dir()
        };
        paths.retain(|path| !is_hidden(path));
        let (known, rest): (Vec<PathBuf>, Vec<PathBuf>) = paths.into_iter().partition(|path| is_known(path));
        if known.is_empty() {
            return Err(format!(
                "the folder {} has no file that is named .jsonl, .ndjson, .json, .csv or .tsv (or compressed)",
                text::name(folder)
            ));
        }
        for path in known {
            self.add_file(&path)?;
        }
        if !rest.is_empty() {
            self.notes.push(format!("Not read in {}: {}.", text::name(folder), listed(&rest)));
        }
        Ok(())
    }

    /// Returns a sentence for each file that would be read twice.
    fn repeated(&self) -> Vec<String> {
        let identity = |name: &PathBuf| match name == Path::new(STDIN) {
            true => Some(name.clone()),
            // A file that isn't regular can be read again, such as a process substitution in a shell.
            false => fs::metadata(name).ok().filter(Metadata::is_file).and_then(|_| fs::canonicalize(name).ok()),
        };
        let mut seen = HashSet::new();
        let mut is_repeated = |name: &PathBuf| identity(name).is_some_and(|identity| !seen.insert(identity));
        let repeated = self.names.iter().filter(|name| is_repeated(name));
        repeated.map(|name| format!("{} would be read twice; name it once", for_people(name))).collect()
    }

    /// Returns the sum of their sizes in bytes, if all of them are files.
    fn size(&self) -> Option<u64> {
        let is_stdin = |name: &PathBuf| name == Path::new(STDIN);
        let size = |name: &PathBuf| fs::metadata(name).ok().filter(|about| !is_stdin(name) && about.is_file());
        self.names.iter().map(|name| size(name).map(|about| about.len())).sum()
    }

    /// Opens the first input, and each of the others when the previous one has ended. See [`input::open`] for
    /// `may_wait`.
    ///
    /// # Errors
    /// If the first can't be opened.
    pub fn open(&self, may_wait: bool) -> Result<OpenInputs> {
        let are_several = self.names.len() > 1;
        let end = InputEnd::default();
        let progress = InputProgress::new(self.size());
        let mut names = self.names.clone().into_iter();
        let open = {
            let (end, progress) = (end.clone(), progress.clone());
            move |name: PathBuf| -> Result<source::Input> {
                let input = input::open(&name, may_wait, &end, &progress)?;
                Ok(match name == Path::new(STDIN) {
                    true => source::Input::new(input),
                    false => source::Input::named(name.to_string_lossy().into_owned(), input),
                })
            }
        };
        let first = names.next().map(&open).transpose()?;
        let rest = {
            let end = end.clone();
            names.map_while(move |name| (!end.is_ended()).then(|| open(name).map_err(into_io)))
        };
        let inputs = source::Inputs::of(stream::iter(first.map(Ok).into_iter().chain(rest)), are_several);
        Ok(OpenInputs { inputs, end, progress })
    }
}

/// Converts the error of an input to an I/O error.
fn into_io(error: anyhow::Error) -> io::Error {
    io::Error::other(format!("{error:#}"))
}

/// Returns the name of an input for people.
pub fn for_people(name: &Path) -> String {
    match name == Path::new(STDIN) {
        true => "the standard input".to_owned(),
        false => format!("the input {}", text::name(name)),
    }
}

fn cannot_read(name: &Path, error: &io::Error) -> String {
    format!("the input {} can't be read: {error}", text::name(name))
}

/// Lists file names for a sentence; if there are many, only the first.
fn listed(paths: &[PathBuf]) -> String {
    const MAX_SHOWN: usize = 5;
    let name = |path: &PathBuf| text::name(path.file_name().unwrap_or_default());
    let shown: Vec<String> = paths.iter().take(MAX_SHOWN).map(name).collect();
    let rest = paths.len().saturating_sub(MAX_SHOWN);
    let more = if rest > 0 { format!(" and {}", text::plural(rest as u64, "other")) } else { String::new() };
    format!("{}{more}", shown.join(", "))
}
