//! The file format of the event log.
//!
//! The first line is a JSON object: `{"clearpipe_events":1,…}` with the names of nodes and kinds by their number, the
//! configuration of the run, and the topology of the pipeline: which stages have a pool of workers, and which stages
//! send to and receive from which channel. Logs of earlier versions have no topology; theirs is [`Topology::standard`].
//! After the newline come the events, 16 bytes each: two little-endian 64-bit words as [`super::Event`] describes. They
//! are roughly, but not strictly, in the order of time. Those of several threads alternate, and a task that begins to
//! run does so at the time at which the previous one stopped, although an event may have been written since. So a
//! reader must sort them by time, with a stable sort. Then no event comes before its cause: events of one thread at the
//! same time keep their order, and an event caused by one of another thread has a later time.

use super::EventKind;
use clearpipe_model::topology::Topology;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// The version of the format.
pub const VERSION: u32 = 1;

/// The first line of a log.
#[derive(Serialize)]
struct Header<'a, S> {
    clearpipe_events: u32,
    #[serde(rename = "places")]
    nodes: BTreeMap<u8, &'a str>,
    kinds: [EventKind; EventKind::ALL.len()],
    topology: &'a Topology,
    config: &'a S,
}

/// Writes a log.
pub struct LogWriter {
    out: Box<dyn Write + Send>,
    buffer: Vec<u8>,
    error: Option<io::Error>,
}

impl LogWriter {
    /// Creates a log and writes its first line. `settings` are those of the run: a [`Config`](crate::config::Config), to
    /// which a front end may have added settings of its own.
    pub fn new(out: Box<dyn Write + Send>, settings: &impl Serialize) -> LogWriter {
        let topology = Topology::standard();
        let stages = topology.stages.iter().map(|stage| (stage.node, stage.name.as_str()));
        let channels = topology.channels.iter().map(|channel| (channel.node, channel.name.as_str()));
        let header = Header {
            clearpipe_events: VERSION,
            nodes: stages.chain(channels).collect(),
            kinds: EventKind::ALL,
            topology: &topology,
            config: settings,
        };
        let mut writer = LogWriter { out, buffer: Vec::new(), error: None };
        match serde_json::to_vec(&header) {
            Ok(line) => writer.buffer.extend_from_slice(&line),
            Err(error) => writer.error = Some(error.into()),
        }
        writer.buffer.push(b'\n');
        writer
    }

    /// Adds an event.
    pub(super) fn push(&mut self, event: [u64; 2]) {
        self.buffer.extend_from_slice(&event[0].to_le_bytes());
        self.buffer.extend_from_slice(&event[1].to_le_bytes());
        if self.buffer.len() >= 1 << 16 {
            self.flush();
        }
    }

    /// Writes the remaining events.
    ///
    /// # Errors
    /// Returns the first error since the log was created.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        self.flush();
        match self.error.take() {
            Some(error) => Err(error),
            None => self.out.flush(),
        }
    }

    /// Keeps an error for the end, since events are recorded where errors can't be handled.
    fn flush(&mut self) {
        if self.error.is_none() {
            self.error = self.out.write_all(&self.buffer).err();
        }
        self.buffer.clear();
    }
}
