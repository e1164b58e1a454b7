//! Finds outputs that conflict with each other or with a source of the run.
//!
//! All checks are made before anything is opened.

use super::target::{Identity, STDOUT, Target};
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};

/// An output of a run.
#[derive(Clone, Debug)]
pub struct Output {
    /// The content.
    pub content: Content,
    /// The path.
    pub path: PathBuf,
}

/// The content of an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// The processed records.
    Processed,
    /// The failed records.
    Failed,
    /// The metrics.
    Metrics,
    /// The event log, which is not text.
    Log,
    /// The summary, for people.
    Summary,
}

/// A source of a run.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its role in the run.
    pub what: &'static str,
    /// Its path.
    pub path: PathBuf,
}

/// Returns all problems of the outputs of a run, a sentence each.
pub fn find(outputs: &[Output], sources: &[Source]) -> Vec<String> {
    let sources: Vec<(&Source, Identity)> = sources
        .iter()
        .filter_map(|source| Some((source, identity_of_file(&metadata_of_source(&source.path)?)?)))
        .collect();
    // A target that can't be resolved is reported when it is opened.
    let outputs: Vec<Found> = outputs.iter().filter_map(Found::of).collect();
    let mut problems = Vec::new();
    for (at, found) in outputs.iter().enumerate() {
        for (source, identity) in &sources {
            if found.file == Some(*identity) {
                problems.push(found.is_source(source));
            }
        }
        problems.extend(outputs[..at].iter().filter_map(|before| before.clashes_with(found)));
    }
    problems
}

/// An output and its target.
struct Found<'a> {
    output: &'a Output,
    target: Target,
    /// The identity of the file or pipe; `None` if it doesn't exist yet, and for devices.
    file: Option<Identity>,
    is_regular: bool,
}

impl<'a> Found<'a> {
    fn of(output: &'a Output) -> Option<Found<'a>> {
        let target = Target::of(&output.path).ok()?;
        let metadata = target.metadata();
        let file = metadata.as_ref().and_then(identity_of_file);
        let is_regular = metadata.is_some_and(|found| found.is_file());
        Some(Found { output, target, file, is_regular })
    }

    fn is_source(&self, source: &Source) -> String {
        let (name, what) = (self.name(), source.what);
        match self.target {
            Target::File(_) => format!(
                "{name} is {what} of this run and would be overwritten; name another file, or another folder with \
                 --out-dir"
            ),
            _ => {
                let source = if source.path == Path::new("-") {
                    "the standard input".to_owned()
                } else {
                    crate::text::name(&source.path)
                };
                format!(
                    "{} would go to {what} of this run: {name} and {source} are the same file; send it elsewhere",
                    self.output.content.name()
                )
            }
        }
    }

    /// Returns the problem if both are written.
    fn clashes_with(&self, other: &Found<'_>) -> Option<String> {
        let is_same = match (&self.target, &other.target) {
            (Target::File(one), Target::File(two)) if one == two => true,
            (Target::Descriptor(one), Target::Descriptor(two)) if one == two => true,
            _ => self.file.is_some() && self.file == other.file,
        };
        let is_written_directly = |found: &Found<'_>| !matches!(found.target, Target::File(_));
        let both = [self, other];
        // Lines can take turns in an output that is written directly, but not with the bytes of an event log.
        let may_share = both.into_iter().all(is_written_directly)
            && both.into_iter().all(|found| found.output.content != Content::Log);
        if !is_same || may_share {
            return None;
        }
        let names = both.map(|found| found.name());
        let place = match names[0] == names[1] {
            true => names[0].clone(),
            false if self.is_regular => format!("the same file ({} and {})", names[0], names[1]),
            false => format!("the same place ({} and {})", names[0], names[1]),
        };
        Some(format!(
            "{} and {} can't both go to {place}; name another one",
            self.output.content.name(),
            other.output.content.name()
        ))
    }

    fn name(&self) -> String {
        match self.target {
            Target::Descriptor(STDOUT) => "the standard output".to_owned(),
            _ => crate::text::name(&self.output.path),
        }
    }
}

impl Content {
    fn name(self) -> &'static str {
        match self {
            Content::Processed => "the processed records",
            Content::Failed => "the failed records",
            Content::Metrics => "the metrics",
            Content::Log => "the event log",
            Content::Summary => "the summary",
        }
    }
}

fn metadata_of_source(path: &Path) -> Option<Metadata> {
    match path == Path::new("-") {
        true => Target::Descriptor(0).metadata(),
        false => fs::metadata(path).ok(),
    }
}

/// Returns the identity of a file or pipe. A device has none: its output is not its input.
fn identity_of_file(metadata: &Metadata) -> Option<Identity> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if !metadata.is_file() && !metadata.file_type().is_fifo() {
            return None;
        }
    }
    Identity::of(metadata)
}
