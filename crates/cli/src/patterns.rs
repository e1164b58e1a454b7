//! The files that a pattern such as `logs/*.csv` means.

use glob::{MatchOptions, Pattern, PatternError};
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

/// Why a pattern means no files.
#[derive(Debug)]
pub enum Problem {
    /// It isn't one.
    Pattern(&'static str),
    /// A folder can't be read.
    Folder(PathBuf, io::Error),
}

/// The files that a pattern means, sorted by name in each folder; hidden ones only where it says so, and none of the
/// folders that match. Names that aren't UTF-8 match like all others, which the iterator of the `glob` crate leaves out.
///
/// # Errors
/// If it is no pattern, or if a folder can't be read.
pub fn files(pattern: &str) -> Result<Vec<PathBuf>, Problem> {
    let mut found = Vec::new();
    let parts: Vec<Part> = Path::new(pattern).components().map(Part::new).collect::<Result<_, _>>()?;
    expand(&PathBuf::new(), &parts, &mut found)?;
    found.retain(|path| !path.is_dir());
    // `**` may lead to a file in several ways.
    let mut seen = std::collections::HashSet::new();
    found.retain(|path| seen.insert(path.clone()));
    Ok(found)
}

/// A component of the path of a pattern.
enum Part<'a> {
    /// A name, a root, or `..`.
    Literal(&'a OsStr),
    /// Names that match.
    Names(Pattern),
    /// Any number of folders, none included: `**`.
    Folders,
}

impl<'a> Part<'a> {
    fn new(component: Component<'a>) -> Result<Part<'a>, Problem> {
        let name = component.as_os_str();
        match name.to_str().filter(|name| name.contains(['*', '?', '['])) {
            Some("**") => Ok(Part::Folders),
            Some(pattern) => {
                Pattern::new(pattern).map(Part::Names).map_err(|error: PatternError| Problem::Pattern(error.msg))
            }
            None => Ok(Part::Literal(name)),
        }
    }
}

fn expand(base: &Path, parts: &[Part<'_>], found: &mut Vec<PathBuf>) -> Result<(), Problem> {
    let Some((part, rest)) = parts.split_first() else {
        if base.symlink_metadata().is_ok() {
            found.push(base.to_owned());
        }
        return Ok(());
    };
    match part {
        Part::Literal(name) => expand(&base.join(name), rest, found),
        Part::Names(pattern) => {
            for name in names(base)?.iter().filter(|name| matches(pattern, name)) {
                let path = base.join(name);
                if rest.is_empty() || path.is_dir() {
                    expand(&path, rest, found)?;
                }
            }
            Ok(())
        }
        Part::Folders => {
            expand(base, rest, found)?;
            for name in names(base)?.iter().filter(|name| !is_hidden(name)) {
                let path = base.join(name);
                // A link may lead in a circle.
                if path.symlink_metadata().is_ok_and(|about| about.is_dir()) {
                    expand(&path, parts, found)?;
                }
            }
            Ok(())
        }
    }
}

fn matches(pattern: &Pattern, name: &OsStr) -> bool {
    let options = MatchOptions { require_literal_leading_dot: true, ..MatchOptions::default() };
    pattern.matches_with(&name.to_string_lossy(), options)
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

/// The names in a folder, sorted; none if there is no such folder.
fn names(folder: &Path) -> Result<Vec<std::ffi::OsString>, Problem> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let problem = |error| Problem::Folder(folder.to_owned(), error);
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        Err(error) => return Err(problem(error)),
    };
    let mut names =
        entries.map(|entry| entry.map(|entry| entry.file_name())).collect::<io::Result<Vec<_>>>().map_err(problem)?;
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(folder: &Path, pattern: &str) -> Vec<String> {
        let pattern = folder.join(pattern);
        let paths = files(pattern.to_str().unwrap()).unwrap();
        paths.iter().map(|path| path.strip_prefix(folder).unwrap().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn patterns_mean_files() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.csv", "a.csv", ".hidden.csv", "c.txt", "x/d.csv", "x/y/e.csv", "x/z.csv/f.csv"] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        assert_eq!(found(folder.path(), "*.csv"), ["a.csv", "b.csv"]);
        assert_eq!(found(folder.path(), ".*.csv"), [".hidden.csv"]);
        assert_eq!(found(folder.path(), "[ac].*"), ["a.csv", "c.txt"]);
        assert_eq!(found(folder.path(), "?/*.csv"), ["x/d.csv"]);
        assert_eq!(found(folder.path(), "*/*/*.csv"), ["x/y/e.csv", "x/z.csv/f.csv"]);
        assert_eq!(found(folder.path(), "**/e.csv"), ["x/y/e.csv"]);
        assert_eq!(found(folder.path(), "x/**/*.csv"), ["x/d.csv", "x/y/e.csv", "x/z.csv/f.csv"]);
        assert_eq!(found(folder.path(), "**/**/d.csv"), ["x/d.csv"]);
        assert_eq!(found(folder.path(), "none/*.csv"), [""; 0]);
        assert!(matches!(files("[a"), Err(Problem::Pattern(_))));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn names_that_are_not_utf8_match() {
        use std::os::unix::ffi::OsStrExt;
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(OsStr::from_bytes(b"a\xff.csv")), "").unwrap();
        assert_eq!(found(folder.path(), "*.csv"), ["a\u{fffd}.csv"]);
        assert_eq!(found(folder.path(), "a?.csv"), ["a\u{fffd}.csv"]);
    }
}
