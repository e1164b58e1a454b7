//! The problems of lesson files, which are all reported at once.

use crate::failure::Failure;
use crate::settings::tree::Origin;
use crate::settings::{MAX_PROBLEMS, SettingsError};
use clearpipe_io::text;

/// The problems of one file.
#[derive(Debug)]
pub struct Problems {
    /// The name of the file, for messages.
    file: String,
    /// Line, column and message of each.
    found: Vec<(usize, usize, String)>,
}

impl Problems {
    /// Creates an empty list for a file with this name, as people see it.
    pub fn of(file: &str) -> Problems {
        Problems { file: file.to_owned(), found: Vec::new() }
    }

    /// Adds a problem, unless the same one is there already.
    pub fn add(&mut self, origin: &Origin, message: impl AsRef<str>) {
        let (line, column) = match origin {
            Origin::File { line, column } => (*line, *column),
            Origin::Flag(_) => (1, 1),
        };
        let problem = (line, column, text::visible(message.as_ref()).into_owned());
        if self.found.len() < MAX_PROBLEMS && !self.found.contains(&problem) {
            self.found.push(problem);
        }
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Returns one line for each, in the order of the file.
    pub fn into_lines(mut self) -> Vec<String> {
        self.found.sort_by_key(|(line, column, _)| (*line, *column));
        let file = &self.file;
        self.found.iter().map(|(line, column, message)| format!("{file}:{line}:{column}: {message}")).collect()
    }
}

/// Returns the failure with these problems, one line each.
pub fn failure(lines: &[String]) -> Failure {
    let said = match lines {
        [line] => line.clone(),
        lines => format!("the lessons have {} problems\n  {}", lines.len(), lines.join("\n  ")),
    };
    SettingsError::of(vec![said]).into()
}

/// Returns the name that a word most likely stands for, if it is like any of them.
pub fn most_alike<'a>(word: &str, names: &[&'a str]) -> Option<&'a str> {
    let limit = word.chars().count().min(9) / 3;
    let distance = |name: &&str| strsim::damerau_levenshtein(&word.to_lowercase(), &name.to_lowercase());
    let best = names.iter().copied().min_by_key(distance)?;
    (distance(&best) <= limit).then_some(best)
}

/// Says what to write instead of a word that is none of the names.
pub fn instead(word: &str, names: &[&str], what: &str) -> String {
    match most_alike(word, names) {
        Some(name) => format!("did you mean `{name}`?"),
        None if names.is_empty() => format!("there are no {what}"),
        None => format!("the {what} are {}", names.join(", ")),
    }
}

/// What the tests of both kinds of files share.
#[cfg(test)]
pub mod testing {
    /// Returns the problems of a file named `x` in which these texts, each of which it has once, have been replaced;
    /// without its name.
    pub fn problems_with<T>(
        file: &str,
        replaced: &[(&str, &str)],
        parse: impl Fn(&str) -> Result<T, Vec<String>>,
    ) -> Vec<String> {
        let mut text = file.to_owned();
        for (before, after) in replaced {
            assert_eq!(text.matches(before).count(), 1, "{before}");
            text = text.replace(before, after);
        }
        let lines = parse(&text).map(|_| Vec::new()).unwrap_or_else(|problems| problems);
        lines.iter().map(|line| line.strip_prefix("x:").unwrap().to_owned()).collect()
    }
}
