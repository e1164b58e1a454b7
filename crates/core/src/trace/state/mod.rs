//! The state of a pipeline at a time, as its events tell it: what is in which channel, what each worker does, and how
//! much has happened. It is a function of the events up to then and of nothing else: whoever begins with an earlier
//! state and applies the events since arrives at the same one.
//!
//! Only traced records have events. If not every record is traced, the others aren't in the state either.

mod in_flight;
mod key_frame;
mod pipeline;
mod worker;

pub(super) use in_flight::InFlight;
pub use pipeline::Pipeline;
pub use worker::Doing;

use super::EventKind;
use clearpipe_model::topology::{FIRST_CHANNEL, LAST_CHANNEL};
use std::collections::{BTreeMap, VecDeque};
use worker::Worker;

/// How many channels there can be.
const CHANNELS: usize = (LAST_CHANNEL - FIRST_CHANNEL) as usize + 1;

/// How many stages there can be.
const STAGES: usize = FIRST_CHANNEL as usize;

/// The number that stands for no record in a packed event.
const NO_RECORD: u64 = (1 << 40) - 1;

/// What has happened to the traced records up to a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// How many were produced.
    pub produced: u64,
    /// How many a Transformer processed, anomalies among them.
    pub processed: u64,
    /// How many of these are anomalies.
    pub anomalies: u64,
    /// How many a Validator rejected.
    pub invalid: u64,
    /// How many a Transformer rejected.
    pub transformation_errors: u64,
    /// How many lines were handed on to be written to a file.
    pub written: u64,
    /// How many the Metrics Collector counted.
    pub counted: u64,
}

/// The state of a pipeline after some of its events, which must come in the order of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    totals: Totals,
    /// By channel: its records, the oldest first.
    channels: [VecDeque<u64>; CHANNELS],
    /// By channel: how many records have arrived.
    arrived: [u64; CHANNELS],
    /// By stage.
    workers: [Vec<Worker>; STAGES],
    /// The stage of each record that is at one of the stages which send to the same channel. Otherwise an event in that
    /// channel would not tell whose it is.
    at_stage: BTreeMap<u64, u8>,
}

impl Default for State {
    fn default() -> State {
        State {
            totals: Totals::default(),
            channels: std::array::from_fn(|_| VecDeque::new()),
            arrived: [0; CHANNELS],
            workers: std::array::from_fn(|_| Vec::new()),
            at_stage: BTreeMap::new(),
        }
    }
}

/// A worker of a [`State`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkerState {
    /// The number of its stage in events.
    pub stage: u8,
    /// Its number in the stage, from 0.
    pub worker: u16,
    /// What it does.
    pub doing: Doing,
    /// The record that it works on or tries to send.
    pub record: Option<u64>,
}

impl State {
    /// Returns what has happened so far.
    pub fn totals(&self) -> Totals {
        self.totals
    }

    /// Returns the records in the channel with this number, in the order in which they arrived.
    pub fn channel(&self, node: u8) -> impl ExactSizeIterator<Item = u64> + '_ {
        static NOTHING: VecDeque<u64> = VecDeque::new();
        channel_index(node).map_or(&NOTHING, |at| &self.channels[at]).iter().copied()
    }

    /// Returns how many records are in the channel with this number.
    pub fn depth(&self, node: u8) -> usize {
        channel_index(node).map_or(0, |at| self.channels[at].len())
    }

    /// Returns how many records have arrived in the channel with this number.
    pub fn arrived(&self, node: u8) -> u64 {
        channel_index(node).map_or(0, |at| self.arrived[at])
    }

    /// Returns all workers of which there was an event, stage by stage.
    pub fn workers(&self) -> impl Iterator<Item = WorkerState> + '_ {
        self.workers.iter().zip(0..).flat_map(|(workers, stage)| {
            workers.iter().zip(0..).filter(|(worker, _)| worker.is_known()).map(move |(state, worker)| WorkerState {
                stage,
                worker,
                doing: state.doing(),
                record: state.record(),
            })
        })
    }

    /// Returns whether what follows is the same as from another state, apart from what has been counted.
    pub(super) fn continues_like(&self, other: &State, pipeline: &Pipeline) -> bool {
        let worker =
            |state: &State, stage: usize, worker: usize| state.workers[stage].get(worker).copied().unwrap_or_default();
        let same_workers = (0..STAGES).all(|stage| {
            let workers = self.workers[stage].len().max(other.workers[stage].len());
            let role = pipeline.role(stage as u8);
            (0..workers).all(|at| worker(self, stage, at).continues_like(worker(other, stage, at), role))
        });
        same_workers && self.channels == other.channels && self.at_stage == other.at_stage
    }

    /// Applies the next event, which is packed. Events of unknown kinds change nothing. Returns the worker that it is
    /// about, by the number of its stage and its own, if it is about one.
    pub(super) fn apply(&mut self, pipeline: &Pipeline, event: [u64; 2]) -> Option<(u8, u16)> {
        let &kind = EventKind::ALL.get(usize::from((event[0] >> 8) as u8))?;
        let node = event[0] as u8;
        let record = Some(event[1] >> 24).filter(|&record| record != NO_RECORD);
        let channel = channel_index(node);
        let mut whose = None;
        if kind == EventKind::Sampling {
            // It has the number of halvings in place of the worker. Once there are some, tasks have no events any more.
            if (event[1] >> 8) as u16 > 0 {
                self.workers.iter_mut().flatten().for_each(Worker::forget_task);
            }
        } else if let Some(stage) = self.stage_of(pipeline, kind, node, record) {
            let (workers, worker) = (&mut self.workers[usize::from(stage)], usize::from((event[1] >> 8) as u16));
            if workers.len() <= worker {
                workers.resize(worker + 1, Worker::default());
            }
            workers[worker].apply(pipeline.role(stage), pipeline.is_rate_limited(), kind, channel.is_some(), record);
            whose = Some((stage, worker as u16));
        }
        if let Some(record) = record {
            self.count(pipeline, kind, node, record);
        }
        whose
    }

    /// Returns what a worker does, by the number of its stage and its own.
    pub(super) fn doing(&self, (stage, worker): (u8, u16)) -> Doing {
        let workers = self.workers.get(usize::from(stage));
        workers.and_then(|workers| workers.get(usize::from(worker))).copied().unwrap_or_default().doing()
    }

    /// Returns the stage of the worker that an event belongs to.
    fn stage_of(&self, pipeline: &Pipeline, kind: EventKind, node: u8, record: Option<u64>) -> Option<u8> {
        let Some(channel) = channel_index(node) else { return Some(node).filter(|&node| node < FIRST_CHANNEL) };
        if kind == EventKind::Depart {
            return pipeline.receiver(channel);
        }
        match pipeline.senders(channel) {
            [] => None,
            // A record that goes back for another try comes from elsewhere.
            [sender] if pipeline.role(*sender).is_source => {
                Some(record.and_then(|record| self.at_stage.get(&record)).copied().unwrap_or(*sender))
            }
            [sender] => Some(*sender),
            _ => self.at_stage.get(&record?).copied(),
        }
    }

    /// Follows a record.
    fn count(&mut self, pipeline: &Pipeline, kind: EventKind, node: u8, record: u64) {
        let totals = &mut self.totals;
        match (kind, channel_index(node)) {
            (EventKind::Arrive, Some(channel)) => {
                self.arrived[channel] += 1;
                self.channels[channel].push_back(record);
                let next = pipeline.receiver(channel);
                if next.is_none_or(|stage| !pipeline.role(stage).shares_a_channel) {
                    self.at_stage.remove(&record);
                }
            }
            (EventKind::Depart, Some(channel)) => {
                let records = &mut self.channels[channel];
                // Nearly always the first.
                if let Some(at) = records.iter().position(|&other| other == record) {
                    records.remove(at);
                }
                if let Some(stage) = pipeline.receiver(channel)
                    && pipeline.role(stage).shares_a_channel
                {
                    self.at_stage.insert(record, stage);
                }
            }
            (EventKind::Dropped, Some(channel)) => {
                let records = &mut self.channels[channel];
                if let Some(at) = records.iter().position(|&other| other == record) {
                    records.remove(at);
                }
                self.at_stage.remove(&record);
            }
            (EventKind::Produced, _) => totals.produced += 1,
            (EventKind::Processed, _) => totals.processed += 1,
            (EventKind::Anomaly, _) => {
                totals.processed += 1;
                totals.anomalies += 1;
            }
            (EventKind::Invalid, _) => totals.invalid += 1,
            (EventKind::TransformationError, _) => totals.transformation_errors += 1,
            (EventKind::Written, _) => totals.written += 1,
            (EventKind::Counted, _) => totals.counted += 1,
            _ => {}
        }
    }
}

fn channel_index(node: u8) -> Option<usize> {
    node.checked_sub(FIRST_CHANNEL).map(usize::from).filter(|&at| at < CHANNELS)
}
