//! Why reading an input failed.

use clearpipe_model::input_label::InputLabel;
use clearpipe_model::problem::Problem;
use std::io;

/// Why reading an input failed.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Reading failed.
    #[error("the input can't be read: {0}")]
    Io(#[from] io::Error),
    /// The input doesn't fit the settings, or the header of a table doesn't fit the mapping and the required fields:
    /// all problems together. An error of the configuration rather than of the data.
    #[error("{}", .0.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n"))]
    Layout(Vec<Problem>),
    /// The source can't commit settled records.
    #[error("records can't be committed to the source: {0}")]
    Commit(#[source] io::Error),
}

impl SourceError {
    /// Adds which of several inputs the error is about.
    pub(crate) fn of_input(self, label: &InputLabel) -> SourceError {
        match (self, label.name()) {
            (SourceError::Layout(problems), Some(name)) => {
                SourceError::Layout(problems.into_iter().map(|problem| problem.of_input(name)).collect())
            }
            // The code that opened it may have included the name already.
            (SourceError::Io(error), Some(name)) if !error.to_string().starts_with(&format!("{name}: ")) => {
                SourceError::Io(io::Error::new(error.kind(), format!("{name}: {error}")))
            }
            (error, _) => error,
        }
    }
}
