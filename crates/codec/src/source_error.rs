//! Why an input can't be read on.

use clearpipe_model::input_label::InputLabel;
use std::io;

/// Why an input can't be read on.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Reading failed.
    #[error("the input can't be read: {0}")]
    Io(#[from] io::Error),
    /// The header of a table doesn't fit the mapping and the required fields: all problems at once, a sentence each.
    /// An error of the configuration rather than of the data.
    #[error("{}", .0.join("\n"))]
    Layout(Vec<String>),
}

impl SourceError {
    /// Says which of several inputs it is about.
    pub(crate) fn of_input(self, label: &InputLabel) -> SourceError {
        match (self, label.name()) {
            (SourceError::Layout(problems), Some(name)) => {
                SourceError::Layout(problems.into_iter().map(|problem| format!("{name}: {problem}")).collect())
            }
            // Who opened it may have said its name already.
            (SourceError::Io(error), Some(name)) if !error.to_string().starts_with(&format!("{name}: ")) => {
                SourceError::Io(io::Error::new(error.kind(), format!("{name}: {error}")))
            }
            (error, _) => error,
        }
    }
}
