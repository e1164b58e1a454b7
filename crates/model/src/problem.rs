//! Problems with the settings of a run, or with an input given these settings.

use crate::hint::Hint;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A problem with the settings of a run, or with an input given these settings.
///
/// `Display` writes a complete message. A front end that shows the problem beside its setting uses the text instead.
/// Neither says what can be done about it: each front end phrases the hint and appends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Problem {
    /// The value of a setting is wrong.
    Setting {
        /// The setting, such as `channels.capacity`.
        path: String,
        /// What is wrong with it, as a continuation of its name: `is 0; it must be at least 1`.
        text: String,
    },
    /// An input doesn't fit the settings.
    Input {
        /// The setting that can be changed to suit the input, such as `input.map`; empty if there is none.
        path: String,
        /// What is wrong: a sentence without a full stop, so that the hint can follow.
        text: String,
        /// What can be done about it, if anything is known.
        hint: Option<Hint>,
        /// The name of the input, if there are several.
        input: Option<String>,
    },
}

impl Problem {
    /// Creates a problem with the value of a setting; `text` follows its name.
    pub fn setting(path: impl Into<String>, text: impl Into<String>) -> Problem {
        Problem::Setting { path: path.into(), text: text.into() }
    }

    /// Creates a problem with an input; `path` is the setting that can be changed to fit it, or empty.
    pub fn input(path: impl Into<String>, text: impl Into<String>) -> Problem {
        Problem::Input { path: path.into(), text: text.into(), hint: None, input: None }
    }

    /// Returns the problem with a hint added. A problem with a setting includes the advice in its text.
    pub fn with_hint(self, hint: Hint) -> Problem {
        match self {
            Problem::Input { path, text, input, .. } => Problem::Input { path, text, hint: Some(hint), input },
            setting @ Problem::Setting { .. } => setting,
        }
    }

    /// Returns the setting that it is about; empty if there is none.
    pub fn path(&self) -> &str {
        match self {
            Problem::Setting { path, .. } | Problem::Input { path, .. } => path,
        }
    }

    /// Returns the hint, if there is one.
    pub fn hint(&self) -> Option<&Hint> {
        match self {
            Problem::Input { hint, .. } => hint.as_ref(),
            Problem::Setting { .. } => None,
        }
    }

    /// Removes the name of its input, and returns it.
    pub fn take_input(&mut self) -> Option<String> {
        match self {
            Problem::Input { input, .. } => input.take(),
            Problem::Setting { .. } => None,
        }
    }

    /// Returns the problem with the name of its input added. A problem with a setting becomes one with this input.
    pub fn of_input(self, name: &str) -> Problem {
        let input = Some(name.to_owned());
        match self {
            Problem::Input { path, text, hint, .. } => Problem::Input { path, text, hint, input },
            Problem::Setting { path, text } => {
                Problem::Input { text: format!("`{path}` {text}"), path, hint: None, input }
            }
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Setting { path, text } => write!(f, "`{path}` {text}"),
            Problem::Input { text, input: None, .. } => f.write_str(text),
            Problem::Input { text, input: Some(name), .. } => write!(f, "{name}: {text}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_stands_alone() {
        let setting = Problem::setting("workers", "is 0; it must be at least 1");
        assert_eq!(setting.to_string(), "`workers` is 0; it must be at least 1");
        assert_eq!(setting.path(), "workers");
        assert_eq!(setting.of_input("a.csv").to_string(), "a.csv: `workers` is 0; it must be at least 1");
        let input = Problem::input("input.map", "no column gives `value`");
        assert_eq!(input.to_string(), "no column gives `value`");
        assert_eq!(input.hint(), None);
        let input = input.with_hint(Hint::RenameColumns).of_input("a.csv");
        assert_eq!(input.to_string(), "a.csv: no column gives `value`");
        assert_eq!(input.hint(), Some(&Hint::RenameColumns));
        let mut input = input;
        assert_eq!(input.take_input(), Some("a.csv".to_owned()));
        assert_eq!(input.to_string(), "no column gives `value`");
    }
}
