//! Why an event log can't be read, or not completely.

use crate::trace::log::VERSION;
use clearpipe_model::text::grouped;
use std::io;

/// Why an event log can't be read.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// Reading failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The file doesn't begin like a log.
    #[error("it is not an event log; event logs begin with a line {{\"clearpipe_events\":{VERSION},…}}")]
    NoLog,
    /// The first line can't be read.
    #[error("its first line is damaged ({0}); copy or record it again")]
    DamagedHeader(serde_json::Error),
    /// No run can have this configuration.
    #[error("its first line has a configuration that no run can have: {}", .0.join("; "))]
    Config(Vec<String>),
    /// No pipeline can have this topology.
    #[error("its first line has an impossible topology: {0}")]
    Topology(String),
    /// The log has a newer format.
    #[error("it was written by a newer version of Clearpipe (format {0}; this one reads {VERSION})")]
    Newer(u64),
    /// The last event is incomplete.
    #[error("it is cut off: {0} bytes are left of its last event, which has 16; copy or record it again")]
    CutOff(u64),
    /// Too many events have to be held back to return them in order.
    #[error("its events are too far out of order; copy or record it again")]
    OutOfOrder,
    /// The bytes aren't a valid event.
    #[error(
        "it is damaged: at byte {} there is an event of the kind {kind}, which its first line does not name",
        grouped(*.at)
    )]
    Damaged {
        /// The position of the event, or of its block, in the file.
        at: u64,
        /// The number of its kind.
        kind: u8,
    },
    /// The log has only a part of the run, and the time isn't in it.
    #[error("it has only a part of the run, from {} s to {} s", seconds(*.from), seconds(*.to))]
    NotInPart {
        /// When the part begins, in nanoseconds.
        from: u64,
        /// When it ends.
        to: u64,
    },
    /// The log has only a part of the run, and doesn't say what the state was when it begins.
    #[error("it has only a part of the run, and the state with which that begins is missing")]
    NoBeginning,
    /// A block isn't as it was written.
    #[error(
        "it is damaged: the {} events at byte {} can't be read; copy or record it again",
        grouped(*.events), grouped(*.at)
    )]
    DamagedBlock {
        /// The position of the block in the file.
        at: u64,
        /// The number of its events.
        events: u64,
    },
}

/// Writes a time in nanoseconds as seconds, exactly and without needless zeros.
pub fn seconds(nanos: u64) -> String {
    let exact = format!("{}.{:09}", nanos / 1_000_000_000, nanos % 1_000_000_000);
    exact.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// What is wrong with a log of which the events, or some of them, can be read all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    /// It ends within an event. Only in logs of format 1, which have no end that could be missing.
    WithinEvent {
        /// How many bytes of the event are left.
        bytes: u64,
    },
    /// Its end is missing.
    NoEnd,
    /// What is at this position is damaged, and nothing behind it can be read.
    At(u64),
    /// Its index is damaged, and nothing else.
    Index,
    /// What it says of its run besides the events is damaged, or can't be true.
    Tables,
}

impl Defect {
    /// Says what is wrong, and what can be read nevertheless: so many events, the last one at a time in nanoseconds.
    pub fn explain(self, events: u64, last: u64) -> String {
        let (seconds, micros) = (last / 1_000_000_000, last / 1000 % 1_000_000);
        let shown = format!("{} events, up to {seconds}.{micros:06} s, are shown", grouped(events));
        match self {
            Defect::WithinEvent { .. } => {
                "The file ends in the middle of an event: it was not written or copied to its \
                end. What is there is shown; copy it again for the rest."
                    .to_owned()
            }
            Defect::NoEnd => {
                format!("The file has no end: the run was killed, or the file was not copied completely. Its {shown}.")
            }
            Defect::At(at) => {
                format!(
                    "The file is damaged at byte {}. The first {shown}; copy or record it again for the rest.",
                    grouped(at)
                )
            }
            Defect::Index => "The index of the file is damaged. All its events are shown.".to_owned(),
            Defect::Tables => {
                "What the file says of changed settings and measurements is damaged. All its events are shown."
                    .to_owned()
            }
        }
    }
}
