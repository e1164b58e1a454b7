//! Where the tasks of a run stand: what each ready task would do next, and what the others wait for.

use super::setup::Setup;
use super::state::State;
use crate::runtime::TaskId;
use clearpipe_model::topology::{ChannelId, Stage};
use serde::{Serialize, Serializer};
use std::time::Duration;

/// The next thing that a ready task would do. It may do more before it waits or yields. As JSON, for example:
/// `{"does":"takes","channel":"dataCh","record":3}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "does", rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Next {
    /// It takes the oldest record of a channel or, if there is none, finds the channel empty and waits.
    Takes {
        /// The channel.
        channel: ChannelId,
        /// The record, if there is one.
        record: Option<u64>,
    },
    /// It takes the service time of the record that it has, or the rest of it, and then sends the record on.
    WorksOn {
        /// The record.
        record: u64,
    },
    /// It sends a record, which it makes or works on first.
    Sends {
        /// The record.
        record: u64,
        /// Where it sends it. The fan-out then sends it to the other consumers too.
        channel: ChannelId,
    },
    /// It finishes a record that it has taken: the Loader and the Error Handler write its line, and the Metrics Collector
    /// counts it.
    Finishes {
        /// The record.
        record: u64,
    },
    /// It lets other tasks run: what it was blocked with has been sent meanwhile.
    Yields,
    /// It writes the lines that it has collected to the file.
    WritesOut,
    /// It ends, since no record will come any more.
    Ends,
}

/// What a task waits for. As JSON, for example: `{"for":"full","what":"validCh"}`; a time is in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "for", content = "what", rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Wait {
    /// For room in a channel that is full.
    Full(ChannelId),
    /// For a record from a channel that is empty. The fan-out waits for either of two channels.
    Empty(ChannelId),
    /// For records in flight to be finished: the window is full.
    Window,
    /// For a simulated core.
    Core,
    /// For a time on the virtual clock.
    Time(
        #[serde(serialize_with = "seconds")]
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        Duration,
    ),
}

fn seconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(time.as_secs_f64())
}

/// Returns what a ready task would do next.
pub(super) fn next(setup: &Setup, state: &State, task: TaskId) -> Next {
    let record = state.records(task).last().copied();
    match (task.stage, record) {
        (Stage::Producer, Some(record)) => Next::Sends { record, channel: ChannelId::DataCh },
        (Stage::Producer, None) if state.produced() < setup.config.records => {
            Next::Sends { record: state.produced(), channel: ChannelId::DataCh }
        }
        (Stage::Producer, None) => Next::Ends,
        (Stage::Validator | Stage::Transformer, Some(record)) if setup.serves(task.stage) => Next::WorksOn { record },
        (Stage::Validator | Stage::Transformer, Some(record)) => {
            Next::Sends { record, channel: setup.output(task.stage, record) }
        }
        (Stage::Validator | Stage::Transformer, None) if state.is_to_yield(task) => Next::Yields,
        (Stage::FanOut, record) => match (record, Stage::CONSUMERS.get(state.fan_out(task).1)) {
            (Some(record), Some(&(_, channel))) => Next::Sends { record, channel },
            _ => takes(state, task),
        },
        // Otherwise it keeps the record until its turn comes.
        (_, Some(record)) if state.is_serving(task) => Next::Finishes { record },
        (stage, _) => match takes(state, task) {
            Next::Takes { record: None, .. }
                if state.has_unwritten(stage) && state.deadlines(task).next().is_none() =>
            {
                Next::WritesOut
            }
            takes => takes,
        },
    }
}

/// Returns what a task that receives would do next.
fn takes(state: &State, task: TaskId) -> Next {
    let inputs = ChannelId::ALL.into_iter().filter(|channel| channel.receivers().contains(&task.stage));
    let mut inputs: Vec<ChannelId> = inputs.collect();
    // The fan-out takes turns.
    if inputs.first() == state.fan_out(task).0.as_ref() {
        inputs.reverse();
    }
    let filled = inputs.iter().find_map(|&channel| Some((channel, *state.channel(channel).first()?)));
    match (filled, inputs.first()) {
        (Some((channel, record)), _) => Next::Takes { channel, record: Some(record) },
        (None, Some(&channel)) if !inputs.iter().all(|&channel| state.is_closed(channel)) => {
            Next::Takes { channel, record: None }
        }
        _ => Next::Ends,
    }
}

/// Returns what a task that is neither ready nor has ended waits for: usually one thing, but the fan-out waits for two
/// channels, and a consumer that has collected lines also for the time to write them.
pub(super) fn waits(state: &State, task: TaskId) -> Vec<Wait> {
    let mut waits = Vec::new();
    let lines = ChannelId::ALL.into_iter().filter(|&channel| state.senders_in_line(channel).contains(&task));
    waits.extend(lines.map(Wait::Full));
    if waits.is_empty() && state.is_blocked(task) {
        waits.push(Wait::Window);
    }
    if state.waits_for_record(task) {
        let inputs = ChannelId::ALL.into_iter().filter(|channel| channel.receivers().contains(&task.stage));
        waits.extend(inputs.map(Wait::Empty));
    }
    if state.waits_for_core(task) {
        waits.push(Wait::Core);
    }
    waits.extend(state.deadlines(task).map(Wait::Time));
    waits
}
