//! Finds the files that match a pattern such as `logs/*.csv`.

use glob::{MatchOptions, Pattern};
use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

/// Why the files of a pattern can't be determined.
#[derive(Debug)]
pub enum PatternProblem {
    /// The pattern is invalid, for this reason.
    Invalid(&'static str),
    /// A path can't be examined.
    Path(PathBuf, io::Error),
}

/// Returns whether a path may be a pattern.
pub fn is_pattern(path: &Path) -> bool {
    path.components().any(|component| pattern_of(component).is_some())
}

/// Returns the files that match a pattern, sorted by name in each folder. Hidden files match only a pattern that starts
/// with a dot; folders never match. Unlike with `glob::glob`, names that aren't UTF-8 match too.
///
/// # Errors
/// If the pattern is invalid, or if a folder or a file can't be examined.
pub fn files(pattern: &Path) -> Result<Vec<PathBuf>, PatternProblem> {
    if pattern.as_os_str().as_encoded_bytes().ends_with(b"/") {
        // Only folders, which never match.
        return Ok(Vec::new());
    }
    let parts: Vec<Part> = pattern.components().map(Part::new).collect::<Result<_, _>>()?;
    let mut found = Vec::new();
    expand(Path::new(""), &parts, &mut found)?;
    // `**` may lead to the same file in several ways.
    let mut seen = HashSet::new();
    found.retain(|path| seen.insert(path.clone()));
    Ok(found)
}

/// A component of the path of a pattern.
enum Part<'a> {
    /// A name, a root, or `..`.
    Literal(&'a OsStr),
    /// Names that match.
    Names(Pattern),
    /// Any number of folders, including none: `**`.
    Folders,
}

/// Returns the component as a pattern, if it is one.
fn pattern_of(component: Component<'_>) -> Option<&str> {
    match component {
        Component::Normal(name) => name.to_str().filter(|name| name.contains(['*', '?', '['])),
        _ => None,
    }
}

impl<'a> Part<'a> {
    fn new(component: Component<'a>) -> Result<Part<'a>, PatternProblem> {
        match pattern_of(component) {
            Some("**") => Ok(Part::Folders),
            Some(pattern) => Pattern::new(pattern).map(Part::Names).map_err(|error| PatternProblem::Invalid(error.msg)),
            None => Ok(Part::Literal(component.as_os_str())),
        }
    }
}

/// Adds the files that match the rest of a pattern, starting from a folder.
fn expand(base: &Path, parts: &[Part<'_>], found: &mut Vec<PathBuf>) -> Result<(), PatternProblem> {
    let Some((part, rest)) = parts.split_first() else {
        if !is_folder(base)?.unwrap_or(true) {
            found.push(base.to_owned());
        }
        return Ok(());
    };
    match part {
        Part::Literal(name) => expand(&base.join(name), rest, found),
        Part::Names(pattern) => {
            for name in names(base)?.iter().filter(|name| matches(pattern, name)) {
                let path = base.join(name);
                // A dangling link is reported when it is opened.
                if rest.is_empty() && is_folder(&path)?.is_none() {
                    found.push(path);
                } else {
                    expand(&path, rest, found)?;
                }
            }
            Ok(())
        }
        Part::Folders => {
            expand(base, rest, found)?;
            for name in names(base)?.iter().filter(|name| !is_hidden(name)) {
                let path = base.join(name);
                // A link may lead to a cycle.
                let about = path.symlink_metadata().map_err(|error| PatternProblem::Path(path.clone(), error))?;
                if about.is_dir() {
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

/// Returns whether a path is a folder; `None` if it doesn't exist.
fn is_folder(path: &Path) -> Result<Option<bool>, PatternProblem> {
    match fs::metadata(path) {
        Ok(about) => Ok(Some(about.is_dir())),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(PatternProblem::Path(path.to_owned(), error)),
    }
}

/// Returns the names in a folder, sorted; empty if there is no such folder.
fn names(folder: &Path) -> Result<Vec<OsString>, PatternProblem> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let problem = |error| PatternProblem::Path(folder.to_owned(), error);
    let entries = match fs::read_dir(folder) {
        Err(error) if is_absent(&error) => return Ok(Vec::new()),
        entries => entries.map_err(problem)?,
    };
    let names: io::Result<Vec<_>> = entries.map(|entry| entry.map(|entry| entry.file_name())).collect();
    let mut names = names.map_err(problem)?;
    names.sort();
    Ok(names)
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(folder: &Path, pattern: impl AsRef<Path>) -> Vec<String> {
        let paths = files(&folder.join(pattern)).unwrap();
        paths.iter().map(|path| path.strip_prefix(folder).unwrap().to_string_lossy().into_owned()).collect()
    }

    fn folder_with(names: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        folder
    }

    #[test]
    fn patterns_mean_files() {
        let names = ["b.csv", "a.csv", ".hidden.csv", "c.txt", "x/d.csv", "x/y/e.csv", "x/z.csv/f.csv", ".g/h.csv"];
        let folder = folder_with(&names);
        assert_eq!(found(folder.path(), "*.csv"), ["a.csv", "b.csv"]);
        assert_eq!(found(folder.path(), ".*.csv"), [".hidden.csv"]);
        assert_eq!(found(folder.path(), "[ac].*"), ["a.csv", "c.txt"]);
        assert_eq!(found(folder.path(), "?/*.csv"), ["x/d.csv"]);
        assert_eq!(found(folder.path(), "*/d.csv"), ["x/d.csv"]);
        assert_eq!(found(folder.path(), "*/*/*.csv"), ["x/y/e.csv", "x/z.csv/f.csv"]);
        assert_eq!(found(folder.path(), "**/e.csv"), ["x/y/e.csv"]);
        assert_eq!(found(folder.path(), "**/*.csv"), ["a.csv", "b.csv", "x/d.csv", "x/y/e.csv", "x/z.csv/f.csv"]);
        assert_eq!(found(folder.path(), "**/**/d.csv"), ["x/d.csv"]);
        assert_eq!(found(folder.path(), "x/../[a]*"), ["x/../a.csv"]);
        assert_eq!(found(folder.path(), "none/*.csv"), [""; 0]);
        assert_eq!(found(folder.path(), "a.csv/*.csv"), [""; 0]);
        assert_eq!(found(folder.path(), "*/"), [""; 0]);
        assert!(matches!(files(Path::new("[a")), Err(PatternProblem::Invalid(_))));
        assert!(is_pattern(Path::new("x/[ab]/c")) && !is_pattern(Path::new("x/y")));
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_but_not_in_circles() {
        use std::os::unix::fs::symlink;
        let folder = folder_with(&["x/a.csv"]);
        symlink("..", folder.path().join("x/up")).unwrap();
        symlink("nowhere", folder.path().join("x/broken.csv")).unwrap();
        assert_eq!(found(folder.path(), "x/*.csv"), ["x/a.csv", "x/broken.csv"]);
        assert_eq!(found(folder.path(), "**/a.csv"), ["x/a.csv"]);
        assert_eq!(found(folder.path(), "x/*/x/a*"), ["x/up/x/a.csv"]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn names_that_are_not_utf8_match() {
        use std::os::unix::ffi::OsStrExt;
        let odd = OsStr::from_bytes(b"a\xff");
        let folder = folder_with(&[]);
        fs::create_dir(folder.path().join(odd)).unwrap();
        fs::write(folder.path().join(odd).join(OsStr::from_bytes(b"b\xff.csv")), "").unwrap();
        assert_eq!(found(folder.path(), "*/*.csv"), ["a\u{fffd}/b\u{fffd}.csv"]);
        assert_eq!(found(folder.path(), Path::new(odd).join("b?.csv")), ["a\u{fffd}/b\u{fffd}.csv"]);
    }

    #[cfg(unix)]
    #[test]
    fn what_cannot_be_looked_at_is_an_error() {
        use std::os::unix::fs::PermissionsExt;
        let folder = folder_with(&["x/a.csv"]);
        let x = folder.path().join("x");
        for (mode, pattern) in [(0o444, "x/*.csv"), (0o444, "*/a.csv"), (0o000, "x/*.csv"), (0o000, "**/*.csv")] {
            fs::set_permissions(&x, fs::Permissions::from_mode(mode)).unwrap();
            let found = files(&folder.path().join(pattern));
            // Root may access everything.
            let is_allowed = fs::metadata(x.join("a.csv")).is_ok();
            assert!(if is_allowed { found.is_ok() } else { found.is_err() }, "{mode:o} {pattern} {found:?}");
        }
        fs::set_permissions(&x, fs::Permissions::from_mode(0o755)).unwrap();
    }
}
