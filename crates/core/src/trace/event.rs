//! The events of a run.

use serde::{Deserialize, Serialize};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[repr(u8)]
pub enum EventKind {
    /// A record arrived in a channel. Node: the channel; worker: the sending stage's.
    Arrive = 0,
    /// A record left a channel. Node: the channel; worker: the receiving stage's.
    Depart = 1,
    /// A worker began to work on a record. Node: the stage.
    WorkStart = 2,
    /// A worker was done with a record. Node: the stage.
    WorkEnd = 3,
    /// The Producer made the record, or cut it out of the input. Node: the Producer.
    Produced = 4,
    /// A Validator found it valid.
    Valid = 5,
    /// A Validator rejected it: it will be `invalid`.
    Invalid = 6,
    /// A Transformer processed it.
    Processed = 7,
    /// A Transformer processed it, and it is an anomaly.
    Anomaly = 8,
    /// A Transformer rejected it: it will be a `transformation_error`.
    TransformationError = 9,
    /// Its line was handed on to be written to a file. Node: the Loader or the Error Handler.
    Written = 10,
    /// The Metrics Collector counted it.
    Counted = 11,
    /// A sender found the channel full and waits. Node: the channel; record: the first that it wants to send. Or a worker
    /// waits for the lock of its stage. Node: the stage.
    Blocked = 12,
    /// The sender could send, or the worker has the lock.
    Released = 13,
    /// A fault was injected into the record. Node: the stage.
    Fault = 14,
    /// A task was woken, or waits for a simulated core: it could run. Node and worker: whose task.
    Woken = 15,
    /// A task began to run on a thread. Node and worker: whose task.
    RunStart = 16,
    /// It stopped running: it waits, or is done.
    RunEnd = 17,
    /// Other records are traced from now on, or the first ones. Node: the Producer; record: the first that it applies
    /// to; worker: k, when one in [`trace.sample`](crate::config::TraceOptions::sample) × 2ᵏ records is traced, those
    /// whose number is divisible by that. Tasks are recorded only while k is 0.
    Sampling = 18,
    /// A channel dropped a record because it was full. Node: the channel; worker: the sending stage's. The record may have
    /// arrived in the channel before, or not.
    Dropped = 19,
    /// A try of a Transformer failed for a while, and the record goes back to be tried again.
    SentBack = 20,
}

impl EventKind {
    /// All kinds; each at the index that is its number.
    pub const ALL: [EventKind; 21] = {
        use EventKind::*;
        [
            Arrive,
            Depart,
            WorkStart,
            WorkEnd,
            Produced,
            Valid,
            Invalid,
            Processed,
            Anomaly,
            TransformationError,
            Written,
            Counted,
            Blocked,
            Released,
            Fault,
            Woken,
            RunStart,
            RunEnd,
            Sampling,
            Dropped,
            SentBack,
        ]
    };
}

/// One event, packed into two 64-bit words (16 bytes):
///
/// | word | bits | |
/// |---|---|---|
/// | 0 | 16–63 | time in nanoseconds since the run began (78 hours fit; what is later has the last of them) |
/// | 0 | 8–15 | kind |
/// | 0 | 0–7 | node: a stage (0–6) or channel (16–22) |
/// | 1 | 24–63 | number of the record in the order of production; all ones if it concerns none |
/// | 1 | 8–23 | worker |
/// | 1 | 0–7 | thread; 255 for one outside the runtime |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// Nanoseconds since the run began.
    pub time: u64,
    /// What happened.
    pub kind: EventKind,
    /// Where: [`clearpipe_model::topology::Stage::node_id`] or [`clearpipe_model::topology::ChannelId::node_id`].
    pub node: u8,
    /// The record, if it concerns one.
    pub record: Option<u64>,
    /// The worker of the stage, from 0.
    pub worker: u16,
    /// The thread it happened on; 255 for one outside the runtime.
    pub thread: u8,
}

const NO_RECORD: u64 = (1 << 40) - 1;

/// The last time that an event can have.
pub(super) const LAST_TIME: u64 = (1 << 48) - 1;

impl Event {
    /// The packed form.
    pub fn pack(self) -> [u64; 2] {
        let record = self.record.map_or(NO_RECORD, |record| record & NO_RECORD);
        [
            self.time.min(LAST_TIME) << 16 | u64::from(self.kind as u8) << 8 | u64::from(self.node),
            record << 24 | u64::from(self.worker) << 8 | u64::from(self.thread),
        ]
    }

    /// Reads the packed form; nothing if the kind is unknown.
    pub fn unpack(words: [u64; 2]) -> Option<Event> {
        let record = words[1] >> 24;
        Some(Event {
            time: words[0] >> 16,
            kind: *EventKind::ALL.get((words[0] >> 8) as usize & 0xff)?,
            node: words[0] as u8,
            record: (record != NO_RECORD).then_some(record),
            worker: (words[1] >> 8) as u16,
            thread: words[1] as u8,
        })
    }
}
