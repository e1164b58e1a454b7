//! The file format of the event log, format 2, and its writer.
//!
//! The first line is a JSON object: `{"clearpipe_events":2,…}` with the version of Clearpipe that wrote it, the names of
//! the kinds of events by their number, and those settings of the run that differ from the defaults of that version.
//! `topology` describes the pipeline: which stages have a pool of workers, and which stages send to and receive from
//! which channel; without it, it is [`Topology::standard`] of that version. `part` is there if the log has only a
//! [part of the run](super::cut). Behind the newline come 4 bytes, the checksum of the line with the newline, and then the
//! blocks.
//!
//! All numbers of a fixed size are little-endian and unsigned. All checksums are CRC-32, as gzip has them. All times are
//! nanoseconds since the run began.
//!
//! # Blocks
//!
//! A block has from 1 to 4,096 events, in the order of time:
//!
//! | bytes | |
//! |---|---|
//! | 4 | `blk2` |
//! | 4 | the size of the key frame in bytes; 0 if there is none |
//! | 4 | the size of the compressed events in bytes |
//! | 4 | the number of events |
//! | 8 | the time of the first event |
//! | 8 | the time of the last event |
//! | 4 | the checksum of the key frame and the compressed events |
//! | 4 | the checksum of these 36 bytes |
//! | | the [key frame](super::state): the state of the pipeline before the first event |
//! | | the events as columns (see `columns.rs`), compressed by DEFLATE without a wrapper (RFC 1951) |
//!
//! Blocks are in the order of time too, with rare exceptions: a thread can be interrupted between reading the clock and
//! writing its event, for longer than the writer waits for it. Such an event is in a later block. So a reader must sort
//! the events of blocks whose times overlap, with a stable sort. Then no event comes before its cause: events of one
//! thread at the same time keep their order, and an event caused by one of another thread has a later time. From the
//! first such event on, blocks have no key frame. The first block has none either, since nothing has happened before it,
//! unless the log begins in the middle of the run.
//!
//! # Index
//!
//! Behind each 1,024 blocks, and behind the last one, is a part of the index:
//!
//! | bytes | |
//! |---|---|
//! | 4 | `idx2` |
//! | 4 | the number of blocks in this part |
//! | 8, 4, 8, 8 each | the position of the block in the file, its number of events, the times of its first and last event |
//! | 8 | the position of the part before; 0 if there is none |
//! | 4 | the checksum of what is above |
//!
//! # Tables
//!
//! Behind the index may be tables, with what is known of the run besides its events:
//!
//! | bytes | |
//! |---|---|
//! | 4 | `tbl2` |
//! | 4 | their size in bytes when compressed |
//! | 4 | their size in bytes, at most 8 MiB |
//! | 4 | the checksum of the compressed bytes |
//! | 4 | the checksum of these 16 bytes |
//! | | a JSON object with the [tables](super::tables), compressed by DEFLATE without a wrapper |
//!
//! # End
//!
//! The last 16 bytes of a complete log are the position of the last part (8), the checksum of this position (4), and
//! `end\n`. A file without them was cut off, or its writer was killed; it can be read from the front.
//!
//! # Example
//!
//! The events of a log in which record 0 is produced at 1,000 ns and has arrived in `dataCh` at 1,300 ns, both in thread
//! 1, in hexadecimal. The compressed part is a stored block of DEFLATE, so that it can be read here.
//!
//! ```text
//! 62 6c 6b 32  00 00 00 00  15 00 00 00  02 00 00 00   blk2, no key frame, 21 bytes of events, 2 events
//! e8 03 00 00 00 00 00 00  14 05 00 00 00 00 00 00     from 1,000 to 1,300 ns
//! 89 85 db a7  e1 b9 ff 87                             checksums of the content and the header
//! 01 10 00 ef ff                                       DEFLATE: the last block, stored, 16 bytes
//! 02  04 00  00 10                                     2 pairs: produced at the Producer, arrive at dataCh
//! 00 01                                                the pair of each event
//! 00 ac 02                                             0 and 300 ns since the event before
//! 02 00                                                records: 0 + 1, a change of 1 from 0; the same one
//! 00 00                                                workers: the first of each stage
//! 01 02                                                thread 1, for 2 events
//! ```
//!
//! # Format 1
//!
//! The first line is `{"clearpipe_events":1,…}`, with all settings. Behind the newline are the events, 16 bytes each: two
//! little-endian 64-bit words as [`super::Event`] describes, roughly in the order of time. It is still read.

use super::EventKind;
use super::block::{self, Entry, Header, TablesHeader};
use super::columns::Encoder;
use super::state::{Pipeline, State};
use super::tables::Tables;
use crate::config::Config;
use crate::metrics::Metrics;
use clearpipe_model::topology::Topology;
use flate2::write::DeflateEncoder;
use flate2::{Compress, Compression, FlushCompress, Status};
use serde::Serialize;
use serde_json::Value;
use std::io::{self, Write};
use std::time::Duration;

/// The version of the format.
pub const VERSION: u32 = 2;

/// How late events are waited for. A thread can be interrupted between reading the clock and writing its event.
const LATE: Duration = Duration::from_millis(100);

/// The most events that wait for others, 4 MiB, however little time has passed.
const MAX_WAITING: usize = 1 << 18;

/// How many bytes are written at once, roughly.
const BUFFER: usize = 1 << 16;

/// The first line of a log.
#[derive(Serialize)]
struct FirstLine<'a> {
    clearpipe_events: u32,
    version: &'a str,
    kinds: [EventKind; EventKind::ALL.len()],
    config: Value,
}

/// Writes a log.
pub struct LogWriter {
    /// The events that may still be preceded by others; those before `begin` have been written.
    waiting: Vec<[u64; 2]>,
    begin: usize,
    /// How many of them are in the order of time. The others have come since.
    sorted: usize,
    /// Behind a pointer, since the page's engine creates no log: without one, it needs no code for this.
    blocks: Box<dyn Blocks + Send>,
}

/// Where the blocks go.
pub(super) trait Blocks {
    /// Writes a block of events, which are in the order of time.
    fn write(&mut self, events: &[[u64; 2]]);

    /// Writes what follows the last block of a run with these final metrics. Returns the first error.
    fn finish(&mut self, metrics: &Metrics) -> io::Result<()>;
}

impl LogWriter {
    /// Creates a log and writes its first line. `settings` are those of the run: a [`Config`], to which a front end may
    /// have added settings of its own.
    pub fn new(out: Box<dyn Write + Send>, settings: &impl Serialize) -> LogWriter {
        LogWriter { waiting: Vec::new(), begin: 0, sorted: 0, blocks: Box::new(BlockWriter::of_run(out, settings)) }
    }

    /// Adds an event.
    pub(super) fn push(&mut self, event: [u64; 2]) {
        self.waiting.push(event);
    }

    /// Writes the events that hardly any other event can precede. `now` is a time before the latest events were taken
    /// from the rings.
    pub(super) fn settle(&mut self, now: Duration) {
        self.write(now.saturating_sub(LATE).as_nanos() as u64, MAX_WAITING);
    }

    /// Writes the events up to a time, and others if more than `most` would remain, but no incomplete block.
    fn write(&mut self, until: u64, most: usize) {
        self.sort();
        let waiting = &self.waiting[self.begin..];
        let settled = waiting.partition_point(|event| event[0] >> 16 <= until);
        let settled = settled.max(waiting.len().saturating_sub(most));
        let (blocks, _) = waiting[..settled].as_chunks::<{ block::MAX_EVENTS }>();
        blocks.iter().for_each(|events| self.blocks.write(events));
        self.begin += blocks.as_flattened().len();
        // Seldom, since all that remains is moved.
        if self.begin > self.waiting.len() / 2 {
            self.waiting.drain(..self.begin);
            self.sorted -= self.begin;
            self.begin = 0;
        }
    }

    /// Sorts the events that have come since the last time among the latest ones before: the others are earlier.
    fn sort(&mut self) {
        let (before, new) = self.waiting.split_at(self.sorted);
        let Some(earliest) = new.iter().map(|event| event[0] >> 16).min() else { return };
        let from = self.begin + before[self.begin..].partition_point(|event| event[0] >> 16 <= earliest);
        // Stable, since events of one thread at the same time are in order.
        self.waiting[from..].sort_by_key(|event| event[0] >> 16);
        self.sorted = self.waiting.len();
    }

    /// Writes the remaining events, and what follows them.
    ///
    /// # Errors
    /// Returns the first error since the log was created.
    pub(super) fn finish(&mut self, metrics: &Metrics) -> io::Result<()> {
        self.write(u64::MAX, 0);
        let rest = &self.waiting[self.begin..];
        if !rest.is_empty() {
            self.blocks.write(rest);
        }
        (self.begin, self.sorted) = (0, 0);
        self.waiting.clear();
        self.blocks.finish(metrics)
    }
}

/// Compresses blocks, and keeps what is needed to write key frames and the index.
pub(super) struct BlockWriter {
    out: Box<dyn Write + Send>,
    buffer: Vec<u8>,
    error: Option<io::Error>,
    /// The position of the next byte in the file.
    at: u64,
    /// The blocks since the last part of the index.
    index: Vec<Entry>,
    /// The position of the last part of the index.
    index_at: u64,
    pipeline: Pipeline,
    /// Whether nothing has happened before the first block.
    begins_with_run: bool,
    state: State,
    /// The time of the last event.
    last: u64,
    /// Whether all events so far were in order. Otherwise the state is wrong.
    is_in_order: bool,
    encoder: Encoder,
    deflate: Compress,
    key_frame: Vec<u8>,
    columns: Vec<u8>,
    compressed: Vec<u8>,
}

impl BlockWriter {
    /// Writes the log of a run with these settings.
    fn of_run(out: Box<dyn Write + Send>, settings: &impl Serialize) -> BlockWriter {
        let (line, config, error) = match first_line(settings) {
            Ok((line, config)) => (line, config, None),
            Err(error) => (Vec::new(), Config::default(), Some(error.into())),
        };
        let pipeline = Pipeline::new(&Topology::standard(), &config);
        BlockWriter { error, ..BlockWriter::new(out, &line, pipeline, None) }
    }

    /// Writes a log with this first line, which ends with a newline. `state` is what is known of the state before the first
    /// event, if the log doesn't begin with the run.
    pub(super) fn new(
        out: Box<dyn Write + Send>,
        line: &[u8],
        pipeline: Pipeline,
        state: Option<State>,
    ) -> BlockWriter {
        let mut writer = BlockWriter {
            out,
            buffer: Vec::new(),
            error: None,
            at: 0,
            index: Vec::new(),
            index_at: 0,
            pipeline,
            begins_with_run: state.is_none(),
            state: state.unwrap_or_default(),
            last: 0,
            is_in_order: true,
            encoder: Encoder::new(),
            deflate: Compress::new(Compression::fast(), false),
            key_frame: Vec::new(),
            columns: Vec::new(),
            compressed: Vec::with_capacity(2 * block::MAX_COLUMNS),
        };
        writer.add(line);
        writer.add(&block::checksum(&[line]).to_le_bytes());
        writer
    }

    fn add(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
        self.at += bytes.len() as u64;
    }

    /// Keeps an error for the end, since events are recorded where errors can't be handled.
    fn flush(&mut self) {
        if self.error.is_none() {
            self.error = self.out.write_all(&self.buffer).err();
        }
        self.buffer.clear();
    }

    /// Writes a part of the index.
    fn add_index(&mut self) {
        let (part, at) = (block::index_part(&self.index, self.index_at), self.at);
        self.add(&part);
        self.index_at = at;
        self.index.clear();
    }

    fn has_blocks(&self) -> bool {
        !self.index.is_empty() || self.index_at > 0
    }

    /// Compresses the columns.
    fn compress(&mut self) -> io::Result<()> {
        self.deflate.reset();
        self.compressed.clear();
        // There is room for more than data that can't be compressed takes.
        match self.deflate.compress_vec(&self.columns, &mut self.compressed, FlushCompress::Finish)? {
            Status::StreamEnd => Ok(()),
            status => Err(io::Error::other(format!("the events can't be compressed: {status:?}"))),
        }
    }

    /// Writes what follows the last block: the index, and tables, if there are any. Returns the first error.
    pub(super) fn end(&mut self, tables: Option<&Tables>) -> io::Result<()> {
        self.add_index();
        if let Some(tables) = tables {
            self.add_tables(tables.to_json().as_bytes())?;
        }
        self.add(&block::tail(self.index_at));
        self.flush();
        match self.error.take() {
            Some(error) => Err(error),
            None => self.out.flush(),
        }
    }

    /// Writes tables. Leaves them out if they are too large: a log without them is whole.
    fn add_tables(&mut self, json: &[u8]) -> io::Result<()> {
        let Some(size) = u32::try_from(json.len()).ok().filter(|&size| size <= block::MAX_TABLES) else {
            return Ok(());
        };
        let mut compress = DeflateEncoder::new(Vec::new(), Compression::default());
        compress.write_all(json)?;
        let compressed = compress.finish()?;
        let sum = block::checksum(&[&compressed]);
        let header = TablesHeader { compressed: compressed.len() as u32, size, sum };
        self.add(&header.bytes());
        self.add(&compressed);
        Ok(())
    }
}

impl Blocks for BlockWriter {
    fn write(&mut self, events: &[[u64; 2]]) {
        let (Some(first), Some(last)) = (events.first(), events.last()) else { return };
        let (first, last) = (first[0] >> 16, last[0] >> 16);
        self.is_in_order &= first >= self.last;
        self.last = self.last.max(last);
        self.key_frame.clear();
        if self.is_in_order {
            let is_first = !self.has_blocks();
            if !is_first || !self.begins_with_run {
                self.state.write(&mut self.key_frame);
            }
            if is_first && !self.begins_with_run && self.key_frame.is_empty() {
                self.error.get_or_insert_with(|| io::Error::other("too many records are in flight at its beginning"));
            }
            for &event in events {
                self.state.apply(&self.pipeline, event);
            }
        }
        self.encoder.encode(events, &mut self.columns);
        if let Err(error) = self.compress() {
            self.error.get_or_insert(error);
            return;
        }
        let header = Header {
            key_frame: self.key_frame.len() as u32,
            columns: self.compressed.len() as u32,
            events: events.len() as u32,
            first,
            last,
            sum: block::checksum(&[&self.key_frame, &self.compressed]),
        };
        self.index.push(Entry { at: self.at, events: header.events, first, last });
        self.at += block::HEADER as u64 + header.content();
        self.buffer.extend_from_slice(&header.bytes());
        self.buffer.extend_from_slice(&self.key_frame);
        self.buffer.extend_from_slice(&self.compressed);
        if self.index.len() == block::MAX_ENTRIES {
            self.add_index();
        }
        if self.buffer.len() >= BUFFER {
            self.flush();
        }
    }

    fn finish(&mut self, metrics: &Metrics) -> io::Result<()> {
        self.end(Some(&Tables::of_run(metrics)))
    }
}

/// Returns the first line, and the configuration in it.
fn first_line(settings: &impl Serialize) -> Result<(Vec<u8>, Config), serde_json::Error> {
    let mut settings = serde_json::to_value(settings)?;
    let config = Config::from_log(&settings).unwrap_or_default();
    without(&mut settings, &serde_json::to_value(Config::default())?);
    let line = FirstLine {
        clearpipe_events: VERSION,
        version: env!("CARGO_PKG_VERSION"),
        kinds: EventKind::ALL,
        config: settings,
    };
    let mut line = serde_json::to_vec(&line)?;
    line.push(b'\n');
    Ok((line, config))
}

/// Removes settings with their default values, and tables in which none is left.
fn without(settings: &mut Value, defaults: &Value) {
    let (Value::Object(settings), Value::Object(defaults)) = (settings, defaults) else { return };
    settings.retain(|name, value| {
        let Some(default) = defaults.get(name) else { return true };
        without(value, default);
        let is_empty = value.as_object().is_some_and(|table| table.is_empty()) && default.is_object();
        value != default && !is_empty
    });
}
