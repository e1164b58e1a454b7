//! The identity of a task: whose work it does.

use clearpipe_model::topology::Stage;
use std::fmt;
use std::str::FromStr;

/// The worker whose work a task does. Written as a letter and, for a stage that can have several workers, a number from
/// one: `P`, `V2`, `T1`, `F`, `L`, `E`, `M`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TaskId {
    /// Its stage.
    pub stage: Stage,
    /// Its index among the workers of the stage, from 0.
    pub worker: u16,
}

/// A text that names no task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a task is one of P, V1, V2, …, T1, T2, …, F, L, E and M")]
pub struct NoTask;

fn letter(stage: Stage) -> char {
    match stage {
        Stage::Producer => 'P',
        Stage::Validator => 'V',
        Stage::Transformer => 'T',
        Stage::FanOut => 'F',
        Stage::Loader => 'L',
        Stage::ErrorHandler => 'E',
        Stage::MetricsCollector => 'M',
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letter = letter(self.stage);
        if self.stage.is_pool() {
            f.pad(&format!("{letter}{}", u32::from(self.worker) + 1))
        } else {
            f.pad(letter.encode_utf8(&mut [0; 4]))
        }
    }
}

impl FromStr for TaskId {
    type Err = NoTask;

    fn from_str(text: &str) -> Result<TaskId, NoTask> {
        let stage = Stage::ALL.into_iter().find(|&stage| text.starts_with(letter(stage))).ok_or(NoTask)?;
        let number = &text[1..];
        let worker = match stage.is_pool() {
            true => number.parse::<u16>().ok().and_then(|number| number.checked_sub(1)),
            false => number.is_empty().then_some(0),
        };
        worker.map(|worker| TaskId { stage, worker }).ok_or(NoTask)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_a_letter_and_a_number() {
        for (text, stage, worker) in [
            ("P", Stage::Producer, 0),
            ("V1", Stage::Validator, 0),
            ("T12", Stage::Transformer, 11),
            ("M", Stage::MetricsCollector, 0),
        ] {
            let task = TaskId { stage, worker };
            assert_eq!((task.to_string().as_str(), text.parse()), (text, Ok(task)));
        }
        for text in ["", "X", "P1", "V", "V0", "V1x", "T99999", "É", "v1"] {
            assert_eq!(text.parse::<TaskId>(), Err(NoTask), "{text}");
        }
    }
}
