//! A step of a schedule, and the path of steps that leads to a state.

use crate::runtime::TaskId;
use std::fmt;
use std::str::FromStr;

/// What happens next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// A ready task runs until it waits, yields or ends. Written as [`TaskId`] is.
    Run(TaskId),
    /// No task is ready, and the clock advances to the next deadline. Written as `C`.
    MoveOn,
}

/// Steps in the order in which they are taken. Written with spaces in between: `P V1 V2 T1 F L`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path(pub Vec<Step>);

/// A text that is no path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no step: the steps are P, V1, V2, …, T1, T2, …, F, L, E, M, and C for the clock")]
pub struct NoStep {
    /// The part of the text that is no step.
    pub text: String,
}

const MOVE_ON: &str = "C";

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Run(task) => task.fmt(f),
            Step::MoveOn => f.pad(MOVE_ON),
        }
    }
}

impl FromStr for Step {
    type Err = NoStep;

    fn from_str(text: &str) -> Result<Step, NoStep> {
        match text {
            MOVE_ON => Ok(Step::MoveOn),
            _ => text.parse().map(Step::Run).map_err(|_| NoStep { text: text.to_owned() }),
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(" ")?;
            }
            step.fmt(f)?;
        }
        Ok(())
    }
}

impl FromStr for Path {
    type Err = NoStep;

    fn from_str(text: &str) -> Result<Path, NoStep> {
        text.split_whitespace().map(str::parse).collect::<Result<_, _>>().map(Path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_read_as_it_is_written() {
        for text in ["", "P V1 V2 T10 F L E M C", "C C"] {
            assert_eq!(text.parse::<Path>().map(|path| path.to_string()).as_deref(), Ok(text));
        }
        assert_eq!("P X1".parse::<Path>(), Err(NoStep { text: "X1".to_owned() }));
    }
}
