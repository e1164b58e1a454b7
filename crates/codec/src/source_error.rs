//! Why reading an input failed.

use clearpipe_model::input_label::InputLabel;
use clearpipe_model::problem::Problem;
use std::io;

/// Why reading an input failed.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Reading failed.
    #[error("{}", unreadable(.0))]
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
            (error, Some(name)) => error.named(name),
            (error, None) => error,
        }
    }

    /// Adds the name of the input to an error of reading it.
    pub fn named(self, name: &str) -> SourceError {
        match self {
            // The code that opened it may have included the name already.
            SourceError::Io(error) if NamedError::within(&error).is_none() => {
                SourceError::Io(NamedError::wrap(name, error))
            }
            error => error,
        }
    }
}

fn unreadable(error: &io::Error) -> String {
    match NamedError::within(error) {
        None => format!("the input can't be read: {error}"),
        Some(NamedError { name, error }) if name == "-" => format!("the standard input can't be read: {error}"),
        Some(NamedError { name, error }) => format!("the input {name} can't be read: {error}"),
    }
}

/// An error of reading an input that says which input it is.
#[derive(Debug, thiserror::Error)]
#[error("{name}: {error}")]
pub struct NamedError {
    name: String,
    #[source]
    error: io::Error,
}

impl NamedError {
    /// Adds the name of the input to an error; `-` is the standard input.
    pub fn wrap(name: &str, error: io::Error) -> io::Error {
        io::Error::new(error.kind(), NamedError { name: name.to_owned(), error })
    }

    /// Returns the error that has the name of the input, perhaps within another one.
    fn within(error: &io::Error) -> Option<&NamedError> {
        let inner = error.get_ref()?;
        inner.downcast_ref().or_else(|| NamedError::within(inner.downcast_ref()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_is_named_once() {
        let label = InputLabel::new(Some("b.csv".to_owned()), true, None);
        let of_input = |error| SourceError::Io(error).of_input(&label).to_string();
        let cut_off = || io::Error::new(io::ErrorKind::UnexpectedEof, "it is cut off");
        assert_eq!(of_input(cut_off()), "the input b.csv can't be read: it is cut off");
        assert_eq!(of_input(NamedError::wrap("b.csv", cut_off())), "the input b.csv can't be read: it is cut off");
        let wrapped = io::Error::other(NamedError::wrap("b.csv", cut_off()));
        assert_eq!(of_input(wrapped), "the input b.csv can't be read: it is cut off");
        // Not by the text alone, which may come from the data.
        assert_eq!(of_input(io::Error::other("b.csv: x")), "the input b.csv can't be read: b.csv: x");
        let unnamed = SourceError::Io(cut_off());
        assert_eq!(unnamed.to_string(), "the input can't be read: it is cut off");
        assert_eq!(unnamed.named("-").to_string(), "the standard input can't be read: it is cut off");
    }
}
