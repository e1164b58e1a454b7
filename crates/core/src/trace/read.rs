//! Reads an event log: returns its events in the order of time, with little memory.
//!
//! The rings of the threads are written to a log one after the other, so it is only roughly in order. It is read twice:
//! first to find the earliest time after each block, then block by block, returning the events that no later block can
//! precede. So only events that are out of order are held back, and not the whole log.
//!
//! A newer version may have kinds that this version doesn't know. The log's first line contains their names, so they
//! can be shown, but not interpreted.

use super::log::VERSION;
use super::{Event, EventKind};
use crate::config::{Config, Plan};
use clearpipe_model::json_text;
use clearpipe_model::text::visible;
use clearpipe_model::topology::Topology;
use serde::de::Error;
use serde_json::Value;
use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

/// The number of events in a block.
const BLOCK: u64 = 1 << 16;

/// The maximum length of the first line.
const MAX_HEADER: u64 = 16 << 20;

/// The maximum number of events that are held back because they are out of order, 64 MiB. A log is out of order by what
/// the rings of the threads hold.
const MAX_HELD: usize = 64 * BLOCK as usize;

/// The maximum number of problems of a configuration that are listed.
const MAX_PROBLEMS: usize = 5;

/// The first bytes of every log.
const BEGINNING: &[u8] = b"{\"clearpipe_events\":";

/// The size of an event in bytes.
const EVENT: u64 = 16;

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
    #[error("it is damaged: at byte {at} there is an event of the kind {kind}, which its first line does not name")]
    Damaged {
        /// The position of the event in the file.
        at: u64,
        /// The number of its kind.
        kind: u8,
    },
}

/// One event of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Logged {
    /// The number of its kind; [`Header::kind`] gives the name.
    pub kind: u8,
    /// The kind, if this version knows it.
    pub known: Option<EventKind>,
    /// Nanoseconds since the run began.
    pub time: u64,
    /// The number of the node; [`Header::node`] gives the name.
    pub node: u8,
    /// The record, if the event has one.
    pub record: Option<u64>,
    /// The worker of the stage, from 0.
    pub worker: u16,
    /// The thread, if it is one of the runtime's.
    pub thread: Option<u8>,
}

/// The first line, which defines the numbers in events.
#[derive(Debug)]
pub struct Header {
    kinds: Vec<String>,
    topology: Topology,
    /// Not a `Config`, since a newer version may have settings that are unknown here.
    config: Value,
}

impl Header {
    /// Reads a first line. Doesn't check its configuration.
    ///
    /// # Errors
    /// If it isn't the first line of a log, or the log has a newer format.
    pub fn read(line: &[u8]) -> Result<Header, LogError> {
        if !line.starts_with(BEGINNING) {
            return Err(LogError::NoLog);
        }
        let text = std::str::from_utf8(line).map_err(|error| LogError::DamagedHeader(Error::custom(error)))?;
        let mut json = json_text::parse(text).map_err(LogError::DamagedHeader)?;
        let damaged = |problem| LogError::DamagedHeader(Error::custom(problem));
        let version = json["clearpipe_events"].as_u64().ok_or_else(|| damaged("its version is not a number"))?;
        if version == 0 {
            return Err(damaged("there is no format 0"));
        }
        // Before anything else: in a newer version, the other keys may have another meaning.
        if version > VERSION.into() {
            return Err(LogError::Newer(version));
        }
        let name = |kind: &Value| Some(visible(kind.as_str()?).into_owned());
        let kinds = match &json["kinds"] {
            Value::Null => Some(Vec::new()),
            kinds => kinds.as_array().and_then(|kinds| kinds.iter().map(name).collect()),
        };
        let kinds = kinds.ok_or_else(|| damaged("the kinds of events are not a list of names"))?;
        let topology = match json.get("topology") {
            // Logs of earlier versions have none.
            None => Topology::standard(),
            Some(topology) => Topology::from_json(topology).map_err(LogError::Topology)?,
        };
        let config = json.get_mut("config").map(Value::take).unwrap_or_default();
        // The names are shown to people, and come from a file.
        Ok(Header { kinds, topology: topology.with_visible_names(), config })
    }

    /// Returns the name of a kind.
    pub fn kind(&self, number: u8) -> &str {
        self.kinds.get(usize::from(number)).map_or("unknown", String::as_str)
    }

    /// Returns the name of a node.
    pub fn node(&self, number: u8) -> &str {
        self.topology.name(number)
    }

    /// Returns the topology of the pipeline that wrote the log.
    pub fn topology(&self) -> &Topology {
        &self.topology
    }

    /// Returns the sampling interval N: every Nth record was traced.
    pub fn sample(&self) -> u64 {
        self.config["trace"]["sample"].as_u64().unwrap_or(1)
    }
}

/// Reads a log from its beginning to its end.
pub struct LogReader<R> {
    source: BufReader<R>,
    first_line: Vec<u8>,
    header: Header,
    plan: Plan,
    /// The number of whole events in the log.
    events: u64,
    /// The number of bytes after the last whole event.
    cut_off: u64,
    /// The number of events that [`LogReader::scan`] hasn't read.
    unscanned: u64,
    /// The position of the next block.
    at: u64,
    /// For each block that hasn't been read: its number of events, and the earliest time of any event after it. Until
    /// the log has been scanned, the earliest time of its own events.
    blocks: VecDeque<(u64, u64)>,
    /// The events that were read, in the order of time from `next` on.
    held: Vec<[u64; 2]>,
    next: usize,
    /// The end of the events in `held` that may be returned.
    ready: usize,
}

impl<R: Read + Seek> LogReader<R> {
    /// Opens a complete log.
    ///
    /// # Errors
    /// If the file isn't a log, or is incomplete or unreadable.
    pub fn open(source: R) -> Result<LogReader<R>, LogError> {
        let mut reader = LogReader::begin(source)?;
        if reader.cut_off > 0 {
            return Err(LogError::CutOff(reader.cut_off));
        }
        while reader.scan()? {}
        Ok(reader)
    }

    /// Opens a log of which only the first line must be complete; [`LogReader::cut_off`] says whether the rest is. Reads
    /// no more than that line, so that a caller can [scan](LogReader::scan) a long log in steps.
    ///
    /// # Errors
    /// If the file isn't a log, or its first line is damaged or unreadable.
    pub fn begin(source: R) -> Result<LogReader<R>, LogError> {
        let mut source = BufReader::with_capacity(1 << 18, source);
        let length = source.seek(SeekFrom::End(0))?;
        source.seek(SeekFrom::Start(0))?;
        let mut first_line = Vec::new();
        (&mut source).take(MAX_HEADER).read_until(b'\n', &mut first_line)?;
        let header = Header::read(&first_line)?;
        let config = Config::from_log(&header.config).map_err(|error| {
            LogError::Config(error.problems.iter().take(MAX_PROBLEMS).map(ToString::to_string).collect())
        })?;
        let is_input = match &header.config["input"]["file"] {
            Value::Null => false,
            Value::Array(names) => !names.is_empty(),
            _ => true,
        };
        let plan = if is_input { Plan::of_input(&config) } else { Plan::of_generator(&config) };
        let at = first_line.len() as u64;
        let bytes = length.saturating_sub(at);
        let (events, cut_off) = (bytes / EVENT, bytes % EVENT);
        let (blocks, held) = (VecDeque::new(), Vec::new());
        let (unscanned, next, ready) = (events, 0, 0);
        Ok(LogReader { source, first_line, header, plan, events, cut_off, unscanned, at, blocks, held, next, ready })
    }

    /// Reads the next block of events for their times, and returns whether there are more. If this isn't called until it
    /// returns false, the first call for events does the rest.
    ///
    /// # Errors
    /// If reading the log fails.
    pub fn scan(&mut self) -> Result<bool, LogError> {
        if self.unscanned == 0 {
            return Ok(false);
        }
        let count = self.unscanned.min(BLOCK);
        let mut earliest = u64::MAX;
        for _ in 0..count {
            earliest = earliest.min(time(self.read_event()?));
        }
        self.blocks.push_back((count, earliest));
        self.unscanned -= count;
        if self.unscanned == 0 {
            let mut behind = u64::MAX;
            for (_, earliest) in self.blocks.iter_mut().rev() {
                behind = std::mem::replace(earliest, behind).min(behind);
            }
            self.source.seek(SeekFrom::Start(self.at))?;
        }
        Ok(self.unscanned > 0)
    }

    /// Reads the next block into `held`. Returns false if there is none.
    fn read_block(&mut self) -> Result<bool, LogError> {
        while self.scan()? {}
        let Some((count, behind)) = self.blocks.pop_front() else { return Ok(false) };
        self.held.drain(..self.next);
        if self.held.len() > MAX_HELD {
            return Err(LogError::OutOfOrder);
        }
        for _ in 0..count {
            let event = self.read_event()?;
            let kind = kind(event);
            if usize::from(kind) >= self.header.kinds.len() {
                return Err(LogError::Damaged { at: self.at, kind });
            }
            self.at += EVENT;
            self.held.push(event);
        }
        // A stable sort, since events of one thread at the same time are in order.
        self.held.sort_by_key(|event| time(*event));
        self.next = 0;
        self.ready = self.held.partition_point(|event| time(*event) <= behind);
        Ok(true)
    }

    fn read_event(&mut self) -> io::Result<[u64; 2]> {
        let mut bytes = [0; EVENT as usize];
        self.source.read_exact(&mut bytes)?;
        let event = u128::from_le_bytes(bytes);
        Ok([event as u64, (event >> 64) as u64])
    }

    /// Returns the first line.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Returns the first line as it is in the log.
    pub fn first_line(&self) -> &[u8] {
        &self.first_line
    }

    /// Returns the plan that this version derives from the configuration of the run.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Returns the number of whole events in the log.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// Returns how many bytes are left of an event at the end of the log; 0 if it ends with a whole event.
    pub fn cut_off(&self) -> u64 {
        self.cut_off
    }

    /// Returns the next event.
    ///
    /// # Errors
    /// If reading the log fails, or the event has a kind that the first line doesn't name.
    pub fn next_event(&mut self) -> Result<Option<Logged>, LogError> {
        if !self.is_ready()? {
            return Ok(None);
        }
        self.next += 1;
        Ok(Some(Logged::of(self.held[self.next - 1])))
    }

    /// Returns the next events, packed as in the log, but in the order of time; nothing after the last one. How many that
    /// are depends on the order in which the log has them.
    ///
    /// # Errors
    /// Like [`LogReader::next_event`].
    pub fn next_events(&mut self) -> Result<Option<&[[u64; 2]]>, LogError> {
        if !self.is_ready()? {
            return Ok(None);
        }
        let from = std::mem::replace(&mut self.next, self.ready);
        Ok(Some(&self.held[from..self.ready]))
    }

    /// Reads blocks until there is an event to return. Returns false after the last one.
    fn is_ready(&mut self) -> Result<bool, LogError> {
        while self.next == self.ready {
            if !self.read_block()? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn time(event: [u64; 2]) -> u64 {
    event[0] >> 16
}

fn kind(event: [u64; 2]) -> u8 {
    (event[0] >> 8) as u8
}

impl Logged {
    /// Unpacks an event.
    pub fn of(words: [u64; 2]) -> Logged {
        let kind = kind(words);
        // Unpacked as a known kind, to get the other fields.
        let any = [words[0] & !0xff00, words[1]];
        let Some(Event { time, node, record, worker, thread, .. }) = Event::unpack(any) else {
            unreachable!("the kind 0 is known")
        };
        let known = EventKind::ALL.get(usize::from(kind)).copied();
        Logged { kind, known, time, node, record, worker, thread: (thread != u8::MAX).then_some(thread) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clearpipe_model::random::Random;
    use std::io::Cursor;

    /// Returns a log whose first line names these kinds.
    fn log(kinds: &[&str], events: impl IntoIterator<Item = [u64; 2]>) -> Vec<u8> {
        let nodes = serde_json::json!({ "1": "Validator", "16": "dataCh" });
        let header = serde_json::json!({ "clearpipe_events": 1, "places": nodes, "kinds": kinds, "config": {} });
        let mut bytes = format!("{header}\n").into_bytes();
        events.into_iter().flatten().for_each(|word| bytes.extend_from_slice(&word.to_le_bytes()));
        bytes
    }

    fn event(time: u64, record: u64) -> [u64; 2] {
        let kind = EventKind::Depart;
        Event { time, kind, node: 16, record: Some(record), worker: 2, thread: 255 }.pack()
    }

    fn read(bytes: Vec<u8>) -> Result<Vec<Logged>, String> {
        let mut reader = LogReader::open(Cursor::new(bytes)).map_err(|error| error.to_string())?;
        let next = || reader.next_event().map_err(|error| error.to_string()).transpose();
        std::iter::from_fn(next).collect()
    }

    #[test]
    fn events_come_in_the_order_of_time() {
        let mut random = Random::new(1);
        // More than a few blocks, out of order by less than one block; several events have the same time.
        let events = 5 * BLOCK;
        let mut times: Vec<(u64, u64)> =
            (0..events).map(|number| (number / 3 + random.below(BLOCK / 8), number)).collect();
        let bytes = log(&["arrive", "depart"], times.iter().map(|&(time, number)| event(time, number)));
        let mut reader = LogReader::open(Cursor::new(bytes)).unwrap();
        times.sort_by_key(|(time, _)| *time);
        let mut most_held = 0;
        for &(time, number) in &times {
            let found = reader.next_event().unwrap().unwrap();
            assert_eq!((found.time, found.record, found.known), (time, Some(number), Some(EventKind::Depart)));
            assert_eq!((reader.header().kind(found.kind), reader.header().node(found.node)), ("depart", "dataCh"));
            assert_eq!((found.worker, found.thread), (2, None));
            most_held = most_held.max(reader.held.len() as u64);
        }
        assert_eq!(reader.next_event().unwrap(), None);
        assert!(most_held <= 3 * BLOCK, "{most_held} events were held");
    }

    #[test]
    fn kinds_of_newer_versions_have_their_names() {
        let mut newer = event(7, 9);
        newer[0] = newer[0] & !0xff00 | 200 << 8;
        let kinds: Vec<&str> = (0..=200).map(|kind| if kind == 200 { "dreamt" } else { "x" }).collect();
        let bytes = log(&kinds, [newer]);
        let mut reader = LogReader::open(Cursor::new(bytes)).unwrap();
        let found = reader.next_event().unwrap().unwrap();
        assert_eq!(
            (reader.header().kind(found.kind), found.known, found.time, found.record),
            ("dreamt", None, 7, Some(9))
        );
    }

    #[test]
    fn a_log_says_how_its_pipeline_is_put_together() {
        let bytes = log(&["arrive"], []);
        let reader = LogReader::open(Cursor::new(bytes.clone())).unwrap();
        assert_eq!(reader.header().topology(), &Topology::standard(), "of a log that says nothing about it");
        let with = |topology: serde_json::Value| {
            let mut header: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            header["topology"] = topology;
            // In this order: the first key identifies the file as a log.
            let header = header.to_string();
            let header = header.replace("\"clearpipe_events\":1,", "").replacen('{', "{\"clearpipe_events\":1,", 1);
            read(format!("{header}\n").into_bytes())
        };
        let stage = |node| serde_json::json!({ "node": node, "id": "s", "name": "S", "is_pool": true });
        assert_eq!(with(serde_json::json!({ "stages": [stage(1)], "channels": [] })), Ok(Vec::new()));
        let error = with(serde_json::json!({ "stages": [stage(16)], "channels": [] })).unwrap_err();
        assert!(error.starts_with("its first line has an impossible topology: stage 16 has"), "{error}");
        let error = with(serde_json::json!(null)).unwrap_err();
        assert_eq!(error, "its first line has an impossible topology: malformed");
    }

    #[test]
    fn what_is_no_log_is_said_to_be_none() {
        let whole = log(&["arrive", "depart"], [event(1, 1), event(2, 2)]);
        assert_eq!(read(whole.clone()).unwrap().len(), 2);
        for bytes in [&b""[..], b"{}\n", b"{\"id\":\"rec-0001\"}\n{}\n", &[0; 1000], &whole[..15]] {
            assert!(read(bytes.to_vec()).unwrap_err().starts_with("it is not an event log; "));
        }
        for bytes in
            [&whole[..25], b"{\"clearpipe_events\":0}\n", b"{\"clearpipe_events\":1,\"config\":{\"workers\":1e999}}\n"]
        {
            let error = read(bytes.to_vec()).unwrap_err();
            assert!(error.starts_with("its first line is damaged ("), "{error}");
        }
        let error = read(b"{\"clearpipe_events\":1,\"config\":{\"trace\":{\"ring\":-1}}}\n".to_vec()).unwrap_err();
        assert_eq!(
            error,
            "its first line has a configuration that no run can have: `trace.ring` is -1; it must be a whole number, 0 or more"
        );
        let error = read(b"{\"clearpipe_events\":1,\"config\":{\"workers\":1000000000000}}\n".to_vec()).unwrap_err();
        assert!(error.ends_with(": `workers` is 1000000000000; it must be from 1 to 65535"), "{error}");
        let error = read(whole[..whole.len() - 5].to_vec()).unwrap_err();
        assert!(error.starts_with("it is cut off: 11 bytes are left of its last event"), "{error}");
        let error = read(b"{\"clearpipe_events\":2,\"places\":[]}\n".to_vec()).unwrap_err();
        assert_eq!(error, "it was written by a newer version of Clearpipe (format 2; this one reads 1)");
        let error = read(log(&["arrive"], [event(1, 1)])).unwrap_err();
        assert!(error.ends_with("there is an event of the kind 1, which its first line does not name"), "{error}");
    }
}
