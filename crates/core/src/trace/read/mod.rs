//! Reads an event log: returns its events in the order of time, with little memory.
//!
//! A log is only roughly in order: see its [format](super::log). So first the earliest time after each of its parts is
//! found: from the index, or in format 1 by reading it all. Then it is read part by part, and returns the events that no
//! later part can precede. So only events that are out of order are held back, and not the whole log.
//!
//! A newer version may have kinds that this version doesn't know. The log's first line contains their names, so they
//! can be shown, but not interpreted.

mod error;
mod header;
mod parts;

pub use error::{Defect, LogError, seconds};
pub use header::{Header, PartOfRun};

use super::state::{Pipeline, State};
use super::tables::Tables;
use super::{Event, EventKind, block, columns};
use crate::config::{Config, Plan};
use flate2::Decompress;
use parts::{Layout, Part};
use serde_json::Value;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

/// The number of events that are read at once.
const TOGETHER: u64 = 1 << 16;

/// The maximum length of the first line.
const MAX_HEADER: u64 = 16 << 20;

/// The maximum number of events that are held back because they are out of order, 64 MiB. A log is out of order by what
/// the rings of the threads hold.
const MAX_HELD: usize = 64 * TOGETHER as usize;

/// The maximum number of problems of a configuration that are listed.
const MAX_PROBLEMS: usize = 5;

/// The size of an event in bytes in format 1.
const EVENT: u64 = 16;

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

/// Reads a log from its beginning to its end, or from a time on.
pub struct LogReader<R> {
    source: BufReader<R>,
    /// The position of the source, so that what is buffered can be used.
    position: u64,
    first_line: Vec<u8>,
    header: Header,
    config: Config,
    plan: Plan,
    /// The number of whole events in the log.
    events: u64,
    tables: Option<Tables>,
    defect: Option<Defect>,
    /// The number of events of format 1 that [`LogReader::scan`] hasn't read.
    unscanned: u64,
    /// The parts of the log; in format 1 only those that have been scanned.
    parts: Vec<Part>,
    /// The index of the next part.
    next_part: usize,
    /// How many events to read at once.
    together: u64,
    blocks_read: u64,
    /// The key frame and the compressed events of the block that was read last.
    content: Vec<u8>,
    inflate: Decompress,
    columns: Vec<u8>,
    /// The events that were read, in the order of time from `next` on.
    held: Vec<[u64; 2]>,
    next: usize,
    /// The end of the events in `held` that may be returned.
    ready: usize,
}

impl<R: Read + Seek> LogReader<R> {
    /// Opens a log. In format 1 it must be complete, since nothing else says what is missing; in format 2,
    /// [`LogReader::defect`] does.
    ///
    /// # Errors
    /// If the file isn't a log, or is incomplete or unreadable.
    pub fn open(source: R) -> Result<LogReader<R>, LogError> {
        let mut reader = LogReader::begin(source)?;
        if let Some(Defect::WithinEvent { bytes }) = reader.defect {
            return Err(LogError::CutOff(bytes));
        }
        while reader.scan()? {}
        Ok(reader)
    }

    /// Opens a log of which only the first line must be complete; [`LogReader::defect`] says whether the rest is. In
    /// format 1, reads no more than that line, so that a caller can [scan](LogReader::scan) a long log in steps.
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
        let mut start = first_line.len() as u64;
        if header.version() > 1 {
            let mut sum = [0; 4];
            if length < start + 4 {
                // Nothing follows, and the line may be cut off itself.
                sum = [0xff; 4];
            } else {
                source.read_exact(&mut sum)?;
            }
            Header::verify(&first_line, sum)?;
            start += 4;
        }
        let config = Config::from_log(header.config()).map_err(|error| {
            LogError::Config(error.problems.iter().take(MAX_PROBLEMS).map(ToString::to_string).collect())
        })?;
        let is_input = match &header.config()["input"]["file"] {
            Value::Null => false,
            Value::Array(names) => !names.is_empty(),
            _ => true,
        };
        let plan = if is_input { Plan::of_input(&config) } else { Plan::of_generator(&config) };
        let mut tables = None;
        let (parts, defect, events, unscanned) = if header.version() > 1 {
            let Layout { parts, tables: tables_at, mut defect } = parts::layout(&mut source, start, length)?;
            let events = parts.iter().map(|part| part.events).sum();
            if let Some(at) = tables_at {
                source.seek(SeekFrom::Start(at))?;
                tables = read_tables(&mut source)?;
                if tables.is_none() {
                    defect.get_or_insert(Defect::Tables);
                }
            }
            source.seek(SeekFrom::Start(start))?;
            (parts, defect, events, 0)
        } else {
            let (events, bytes) = ((length.saturating_sub(start)) / EVENT, length.saturating_sub(start) % EVENT);
            let defect = (bytes > 0).then_some(Defect::WithinEvent { bytes });
            (Vec::new(), defect, events, events)
        };
        Ok(LogReader {
            source,
            position: start,
            first_line,
            header,
            config,
            plan,
            events,
            tables,
            defect,
            unscanned,
            parts,
            next_part: 0,
            together: TOGETHER,
            blocks_read: 0,
            content: Vec::new(),
            inflate: Decompress::new(false),
            columns: Vec::new(),
            held: Vec::new(),
            next: 0,
            ready: 0,
        })
    }

    /// In format 1, reads the next events for their times, and returns whether there are more. If this isn't called until
    /// it returns false, the first call for events does the rest.
    ///
    /// # Errors
    /// If reading the log fails.
    pub fn scan(&mut self) -> Result<bool, LogError> {
        if self.unscanned == 0 {
            return Ok(false);
        }
        let (at, events) = (self.position, self.unscanned.min(TOGETHER));
        let (mut first, mut last) = (u64::MAX, 0);
        for _ in 0..events {
            let time = time(self.read_event()?);
            (first, last) = (first.min(time), last.max(time));
        }
        self.parts.push(Part { at, events, first, last, behind: u64::MAX });
        self.unscanned -= events;
        if self.unscanned == 0 {
            parts::look_behind(&mut self.parts);
        }
        Ok(self.unscanned > 0)
    }

    /// Reads the next parts into `held`. Returns false if there are none.
    fn read_parts(&mut self) -> Result<bool, LogError> {
        while self.scan()? {}
        if self.next_part == self.parts.len() {
            return Ok(false);
        }
        self.held.drain(..self.next);
        self.next = 0;
        if self.held.len() > MAX_HELD {
            return Err(LogError::OutOfOrder);
        }
        let (mut behind, mut read) = (u64::MAX, 0);
        while let Some(&part) = self.parts.get(self.next_part)
            && read < self.together
        {
            self.read_part(part)?;
            self.next_part += 1;
            read += part.events;
            behind = part.behind;
        }
        // A stable sort, since events of one thread at the same time are in order.
        self.held.sort_by_key(|event| time(*event));
        self.ready = self.held.partition_point(|event| time(*event) <= behind);
        Ok(true)
    }

    /// Reads the events of a part into `held`.
    fn read_part(&mut self, part: Part) -> Result<(), LogError> {
        self.seek(part.at)?;
        let from = self.held.len();
        if self.header.version() > 1 {
            self.read_block(part)?;
        } else {
            for _ in 0..part.events {
                let event = self.read_event()?;
                self.held.push(event);
            }
        }
        for (&event, at) in self.held[from..].iter().zip(0..) {
            let kind = kind(event);
            if usize::from(kind) >= self.header.kinds() {
                let at = if self.header.version() > 1 { part.at } else { part.at + at * EVENT };
                return Err(LogError::Damaged { at, kind });
            }
        }
        Ok(())
    }

    /// Reads the events of a block of format 2 into `held`.
    fn read_block(&mut self, part: Part) -> Result<(), LogError> {
        let damaged = || LogError::DamagedBlock { at: part.at, events: part.events };
        let header = self.read_block_header(part)?;
        let (key_frame, from) = (header.key_frame as usize, self.held.len());
        let compressed = &self.content[key_frame..];
        self.columns.clear();
        self.columns.reserve(block::MAX_COLUMNS);
        if !block::inflate(&mut self.inflate, compressed, &mut self.columns) {
            return Err(damaged());
        }
        columns::decode(&self.columns, part.events as usize, part.first, &mut self.held).ok_or_else(damaged)?;
        let ends_in_time = self.held[from..].last().is_some_and(|event| time(*event) == part.last);
        ends_in_time.then_some(()).ok_or_else(damaged)
    }

    /// Reads the header and the content of a block, and checks both.
    fn read_block_header(&mut self, part: Part) -> Result<block::Header, LogError> {
        let damaged = || LogError::DamagedBlock { at: part.at, events: part.events };
        self.blocks_read += 1;
        let mut bytes = [0; block::HEADER];
        self.read_exact(&mut bytes)?;
        let header = block::Header::read(&bytes).ok_or_else(damaged)?;
        let block::Header { events, first, last, .. } = header;
        if (u64::from(events), first, last) != (part.events, part.first, part.last) {
            return Err(damaged());
        }
        self.content.clear();
        // Not resized, since a damaged length could be too large for the memory.
        let read = (&mut self.source).take(header.content()).read_to_end(&mut self.content)?;
        self.position += read as u64;
        let is_whole = read as u64 == header.content() && block::checksum(&[&self.content]) == header.sum;
        is_whole.then_some(header).ok_or_else(damaged)
    }

    fn read_event(&mut self) -> io::Result<[u64; 2]> {
        let mut bytes = [0; EVENT as usize];
        self.read_exact(&mut bytes)?;
        let event = u128::from_le_bytes(bytes);
        Ok([event as u64, (event >> 64) as u64])
    }

    fn read_exact(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        self.source.read_exact(bytes)?;
        self.position += bytes.len() as u64;
        Ok(())
    }

    fn seek(&mut self, at: u64) -> io::Result<()> {
        // Keeps what is buffered.
        self.source.seek_relative(at.wrapping_sub(self.position) as i64)?;
        self.position = at;
        Ok(())
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

    /// Returns what the log says of its run besides its events, if it says anything.
    pub fn tables(&self) -> Option<&Tables> {
        self.tables.as_ref()
    }

    /// Returns how many blocks have been read; one that was read twice counts twice. 0 in format 1.
    pub fn blocks_read(&self) -> u64 {
        self.blocks_read
    }

    /// Returns what is wrong with the log, although it can be read.
    pub fn defect(&self) -> Option<Defect> {
        self.defect
    }

    /// Says what is wrong with the log, if anything is.
    pub fn warning(&self) -> Option<String> {
        Some(self.defect?.explain(self.events, self.last_time().unwrap_or(0)))
    }

    /// Returns the next event.
    ///
    /// # Errors
    /// If reading the log fails, or the event has a kind that the first line doesn't name.
    pub fn next_event(&mut self) -> Result<Option<Logged>, LogError> {
        Ok(self.next_packed()?.map(Logged::of))
    }

    /// Returns the next event, packed as in [`Event`].
    pub(super) fn next_packed(&mut self) -> Result<Option<[u64; 2]>, LogError> {
        if !self.is_ready()? {
            return Ok(None);
        }
        self.next += 1;
        Ok(Some(self.held[self.next - 1]))
    }

    /// Returns the next events, packed as in [`Event`], in the order of time; nothing after the last one. How many that
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

    /// Reads parts until there is an event to return. Returns false after the last one.
    fn is_ready(&mut self) -> Result<bool, LogError> {
        while self.next == self.ready {
            if !self.read_parts()? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Returns the state of the pipeline at a time, after all events up to then. Afterwards, the next event is the first
    /// one behind that time. In format 2, this reads hardly more than the block with that time.
    ///
    /// # Errors
    /// Like [`LogReader::next_event`]; also if the log has only a part of the run, and the time isn't in it.
    pub fn state_at(&mut self, time: u64) -> Result<State, LogError> {
        if let Some(part) = self.header.part()
            && !(part.from_ns..=part.to_ns).contains(&time)
        {
            return Err(LogError::NotInPart { from: part.from_ns, to: part.to_ns });
        }
        self.go_to(time.saturating_add(1))?.ok_or(LogError::NoBeginning)
    }

    /// Returns the state before the part of the run that the log has, or before the run; nothing if the log doesn't say.
    /// Afterwards, the next event is the first one of it, and those that only explain its beginning have been read.
    ///
    /// # Errors
    /// Like [`LogReader::next_event`].
    pub fn begin_part(&mut self) -> Result<Option<State>, LogError> {
        self.go_to(self.header.part().map_or(0, |part| part.from_ns))
    }

    /// Returns the state before all events from a time on; nothing if the log doesn't say. Afterwards, the next event is the
    /// first one of these.
    fn go_to(&mut self, time: u64) -> Result<Option<State>, LogError> {
        while self.scan()? {}
        let parts = std::mem::take(&mut self.parts);
        let mut state = None;
        let nearest = match time.checked_sub(1) {
            Some(before) => parts::nearest(&parts, before, |part| {
                state = self.key_frame(*part)?;
                Ok::<bool, LogError>(state.is_some())
            }),
            None => Ok(0),
        };
        self.parts = parts;
        let nearest = nearest?;
        let state = match state {
            None => self.first_state()?,
            found => found,
        };
        let is_known = state.is_some();
        let mut state = state.unwrap_or_default();
        self.go_to_part(nearest);
        let pipeline = self.pipeline();
        self.together = 1;
        let done = self.follow(time, &pipeline, &mut state);
        self.together = TOGETHER;
        done.map(|()| is_known.then_some(state))
    }

    /// Returns the state before the first event in the log, if the log says so, and makes this the next one.
    ///
    /// # Errors
    /// Like [`LogReader::next_event`].
    pub fn rewind(&mut self) -> Result<Option<State>, LogError> {
        while self.scan()? {}
        let state = self.first_state();
        self.go_to_part(0);
        state
    }

    /// Returns the state before the first event in the log, if the log says so.
    fn first_state(&mut self) -> Result<Option<State>, LogError> {
        if self.header.part().is_none_or(|part| part.events_before == 0) {
            return Ok(Some(State::default()));
        }
        match self.parts.first() {
            Some(&first) => self.key_frame(first),
            None => Ok(None),
        }
    }

    /// Makes the next event the first one of a part.
    fn go_to_part(&mut self, part: usize) {
        self.next_part = part;
        self.held.clear();
        (self.next, self.ready) = (0, 0);
    }

    /// Returns what is needed to follow the events of the log.
    pub(super) fn pipeline(&self) -> Pipeline {
        Pipeline::new(self.header.topology(), &self.config)
    }

    /// Returns the latest time of all events, in nanoseconds since the run began; nothing if there are none.
    pub fn last_time(&self) -> Option<u64> {
        self.parts.iter().map(|part| part.last).max()
    }

    /// Applies the next events before a time.
    fn follow(&mut self, before: u64, pipeline: &Pipeline, state: &mut State) -> Result<(), LogError> {
        while let Some(event) = self.next_packed()? {
            if time(event) >= before {
                self.next -= 1;
                break;
            }
            state.apply(pipeline, event);
        }
        Ok(())
    }

    /// Returns the state before the first event of a part, if the log has it there.
    fn key_frame(&mut self, part: Part) -> Result<Option<State>, LogError> {
        if self.header.version() == 1 {
            return Ok(None);
        }
        self.seek(part.at)?;
        let size = self.read_block_header(part)?.key_frame as usize;
        if size == 0 {
            return Ok(None);
        }
        let damaged = LogError::DamagedBlock { at: part.at, events: part.events };
        State::read(&self.content[..size]).map(Some).ok_or(damaged)
    }
}

/// Reads the tables at the present position; nothing if they are damaged, or aren't any.
fn read_tables(source: &mut impl Read) -> io::Result<Option<Tables>> {
    let mut bytes = Vec::new();
    source.take(block::TABLES_HEADER as u64).read_to_end(&mut bytes)?;
    let header = bytes.as_slice().try_into().ok().and_then(block::TablesHeader::read);
    let Some(header) = header else { return Ok(None) };
    bytes.clear();
    source.take(header.compressed.into()).read_to_end(&mut bytes)?;
    if bytes.len() != header.compressed as usize || block::checksum(&[&bytes]) != header.sum {
        return Ok(None);
    }
    let mut json = Vec::with_capacity(header.size as usize + 1);
    let is_whole = block::inflate(&mut Decompress::new(false), &bytes, &mut json) && json.len() == header.size as usize;
    Ok(String::from_utf8(json).ok().filter(|_| is_whole).and_then(|json| Tables::read(&json)))
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
mod tests;
