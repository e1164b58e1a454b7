//! What a level is.

use super::super::lesson::Setup;
use super::super::text::{Block, Inline};
use crate::settings::tree::Origin;
use clearpipe_core::schedule::{Goal, Path};

/// A level.
#[derive(Clone, Debug)]
pub struct Level {
    /// The name of its file, as people see it.
    pub file: String,
    /// Its position among the levels, from the name of the file.
    pub number: Option<u32>,
    /// Its name in links.
    pub id: String,
    /// Where the id is written.
    pub id_origin: Origin,
    /// Its title.
    pub title: String,
    /// The configuration of its runs.
    pub setup: Setup,
    /// What is to be done.
    pub task: Task,
    /// Its text before it is done.
    pub before: Vec<Block>,
    /// Its text afterwards.
    pub after: Vec<Block>,
}

/// What is to be done in a level.
#[derive(Clone, Debug)]
pub enum Task {
    /// The learner chooses each step, until a goal is reached.
    Play {
        /// What the goal is, in a sentence.
        aim: Vec<Inline>,
        /// The goal.
        goal: Goal,
        /// A path to it than which none is shorter; `None` if no schedule reaches the goal.
        best: Option<Path>,
    },
    /// A run is halted, and the learner says which records can be the first that the Loader writes.
    Predict {
        /// The question.
        ask: Vec<Inline>,
        /// The steps after which the run is halted.
        at: Path,
        /// The records that can be the first, in ascending order.
        first: Vec<u64>,
    },
    /// The learner looks for a seed whose schedule reaches a goal.
    Break {
        /// What the goal is, in a sentence.
        aim: Vec<Inline>,
        /// The goal.
        goal: Goal,
        /// How many seeds were tried, from 1 on.
        seeds: u64,
        /// With how many of them the goal is reached.
        found: u64,
    },
}

impl Task {
    /// Returns its name for programs: that of its key in the file.
    pub fn kind(&self) -> &'static str {
        match self {
            Task::Play { .. } => "play",
            Task::Predict { .. } => "predict",
            Task::Break { .. } => "break",
        }
    }
}
