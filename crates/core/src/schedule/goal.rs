//! What a schedule is to reach.

use super::state::State;
use clearpipe_model::topology::{ChannelId, Stage};
use serde::{Deserialize, Serialize};

/// A goal of a schedule. As JSON, for example: `{"full":"validCh"}`, `{"blocked":["producer","validator"]}`,
/// `{"only":"loader"}`, `{"before":[1,0]}`, `{"order":[2,1,0]}`, `"over"`, `"deadlock"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Goal {
    /// A channel is full.
    Full(ChannelId),
    /// At the same time, a worker of each of these stages is blocked.
    Blocked(Vec<Stage>),
    /// The Loader has written the first of these records, and hasn't written the second one before.
    Before(u64, u64),
    /// The records that the Loader has written begin with these, in this order.
    Order(Vec<u64>),
    /// Tasks are ready, and all of them belong to this stage: the others can't go on without it.
    Only(Stage),
    /// The whole run is over.
    Over,
    /// The run isn't over, but no task can ever go on.
    Deadlock,
}

impl Goal {
    /// Returns whether a state is a goal.
    pub fn is_reached(&self, state: &State) -> bool {
        match self {
            Goal::Full(channel) => state.channel(*channel).len() >= state.capacity(*channel),
            Goal::Blocked(stages) => {
                stages.iter().all(|&stage| state.tasks().any(|task| task.stage == stage && state.is_blocked(task)))
            }
            Goal::Before(first, second) => {
                state.processed().iter().find(|&record| record == first || record == second) == Some(first)
            }
            Goal::Order(records) => state.processed().starts_with(records),
            Goal::Only(stage) => !state.ready().is_empty() && state.ready().iter().all(|task| task.stage == *stage),
            Goal::Over => state.is_over(),
            Goal::Deadlock => state.is_deadlock(),
        }
    }
}
