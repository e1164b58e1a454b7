//! Checks of the file sources that hold for every input, for the property tests and for fuzzing.
//!
//! [`check`] cuts and parses an input that arrives in pieces, and compares the result with a model: the same rules,
//! written as simply as possible, for an input that is available as a whole.
#![allow(dead_code, reason = "each test uses a part of it")]

pub mod csv_model;
pub mod framed_model;
pub mod json_model;
pub mod model;

use clearpipe_codec::jsonl::{LineSuffix, Position, write_failed, write_malformed, write_processed};
use clearpipe_codec::{Decode, Decoded, FileSource, Format, Input, InputOptions, LineTemplates, SourceError};
use clearpipe_model::record::{Buffers, Line, Record};
use clearpipe_model::reject::{Reason, Reject};
use futures::executor::block_on;
use futures::io::AsyncRead;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A reader that hands out its bytes in pieces of the given lengths, which repeat. It isn't ready before every other
/// read.
pub struct Pieces {
    pub bytes: Vec<u8>,
    pub lengths: Vec<usize>,
    at: usize,
    reads: usize,
    waits: bool,
}

impl Pieces {
    pub fn new(bytes: &[u8], lengths: &[usize]) -> Pieces {
        Pieces { bytes: bytes.to_vec(), lengths: lengths.to_vec(), at: 0, reads: 0, waits: false }
    }
}

impl AsyncRead for Pieces {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, room: &mut [u8]) -> Poll<io::Result<usize>> {
        self.waits = !self.waits && self.reads % 2 == 1;
        if self.waits {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let length = self.lengths[self.reads % self.lengths.len()].clamp(1, room.len());
        let length = length.min(self.bytes.len() - self.at);
        room[..length].copy_from_slice(&self.bytes[self.at..self.at + length]);
        self.reads += 1;
        self.at += length;
        Poll::Ready(Ok(length))
    }
}

/// A record that the source returned, with the output of the parser and the writers.
#[derive(Debug)]
pub struct Seen {
    pub line: Line,
    pub bytes: Vec<u8>,
    /// Its lines in the processed and in the failed file, or why it can't be parsed, with its line in the failed file.
    pub result: Result<[String; 2], (Reject, String)>,
}

/// Reads an input through the source and the parser.
pub fn read(input: &[u8], options: &InputOptions, lengths: &[usize], max: usize) -> Result<Vec<Seen>, Vec<String>> {
    let mut source = FileSource::new(Input::new(Box::new(Pieces::new(input, lengths))), options, &[]);
    let mut all = Vec::new();
    let mut templates = LineTemplates::default();
    loop {
        let lines = match block_on(source.next(max)) {
            Ok(Some(lines)) => lines,
            Ok(None) => return Ok(all),
            Err(SourceError::Layout(problems)) => return Err(problems.iter().map(ToString::to_string).collect()),
            Err(SourceError::Io(error)) if error.kind() == io::ErrorKind::InvalidData => {
                return Err(vec![error.to_string()]);
            }
            Err(error) => panic!("{error}"),
        };
        assert!((1..=max).contains(&lines.lines.len()));
        // All records of a batch are parsed before any is written, since they share the scratch buffer.
        let mut decoded = Decoded::default();
        lines.decoder.decode(&mut templates, &lines.lines, &lines.block, &mut decoded);
        let Decoded { records, scratch, rejects, .. } = decoded;
        assert_eq!(records.len(), lines.lines.len());
        let buffers = Buffers { input: &lines.block, scratch: &scratch };
        let mut rejects = rejects.into_iter().peekable();
        for (at, (line, record)) in lines.lines.iter().zip(records).enumerate() {
            let record = rejects.next_if(|(index, _)| *index == at).map_or(Ok(record), |(_, reject)| Err(reject));
            compare_with_anew(&record, &*lines.decoder, line, buffers);
            let text = |out: Vec<u8>| String::from_utf8(out).expect("UTF-8");
            let result = match record {
                Ok(record) => {
                    assert_eq!(record.number, line.number);
                    let [mut processed, mut failed] = [Vec::new(), Vec::new()];
                    write_processed(&mut processed, &record, buffers, &LineSuffix::processed(b"now"), 0.5, true);
                    let suffix = LineSuffix::failed(&Reason::InvalidJson { message: "-".into() });
                    let position = Position { label: &lines.label, line: line.line };
                    write_failed(&mut failed, &record, buffers, &suffix, Some(position));
                    Ok([text(processed), text(failed)])
                }
                Err(malformed) => {
                    let mut out = Vec::new();
                    write_malformed(&mut out, line, &lines.block, &malformed, &lines.label);
                    Err((malformed, text(out)))
                }
            };
            all.push(Seen { line: *line, bytes: line.bytes(&lines.block).to_vec(), result });
        }
    }
}

/// Compares a record that was read by the fast path with the same line read without templates.
fn compare_with_anew(record: &Result<Record, Reject>, decoder: &dyn Decode, line: &Line, buffers: Buffers<'_>) {
    let mut scratch = Vec::new();
    match (record, decoder.decode_line(line, buffers.input, &mut scratch)) {
        (Ok(record), Ok(anew)) => {
            let texts = |record: &Record, buffers: Buffers<'_>| {
                let Record { id, timestamp, sensor_id, value_text, unit, location, extra, .. } = *record;
                let texts = [id, timestamp, sensor_id, value_text, unit, location, extra];
                texts.map(|text| (text.is_absent(), String::from_utf8(buffers.bytes(text).to_vec()).expect("UTF-8")))
            };
            assert_eq!(texts(record, buffers), texts(&anew, Buffers { scratch: &scratch, ..buffers }));
            assert_eq!(record.value.to_bits(), anew.value.to_bits());
            assert_eq!((record.number, record.noted), (anew.number, anew.noted));
        }
        (Err(malformed), Err(anew)) => assert_eq!(*malformed, anew),
        (record, anew) => panic!("{record:?}, read anew {anew:?}"),
    }
}

/// Reads an input in several ways and compares each with the model.
pub fn check(input: &[u8], options: &InputOptions, lengths: &[usize], max: usize) {
    let Some(expected) = model::read(input, options) else {
        // It must be the same however it is cut.
        let records = |lengths, max| {
            let seen = read(input, options, lengths, max);
            seen.map(|seen| seen.into_iter().map(|seen| (seen.line.line, seen.bytes, seen.result)).collect::<Vec<_>>())
        };
        assert_eq!(records(lengths, max), records(&[usize::MAX], 1000));
        return;
    };
    for (lengths, max) in [(lengths, max), (&[usize::MAX][..], 1000)] {
        let seen = read(input, options, lengths, max);
        match (&seen, &expected) {
            (Ok(seen), Ok(expected)) => {
                assert_eq!(seen.len(), expected.len(), "number of records");
                seen.iter().zip(expected).enumerate().for_each(|(number, (seen, expected))| {
                    assert_eq!(seen.line.number, number as u64);
                    model::compare(seen, expected);
                });
            }
            (Err(problems), Err(())) => assert!(problems.iter().all(|problem| !problem.is_empty())),
            _ => panic!("seen {seen:?}, expected {expected:?}"),
        }
    }
}

/// An input and how to read it, both encoded in the bytes of one file that fuzzing generates.
#[derive(Clone, Debug)]
pub struct Case {
    pub options: InputOptions,
    pub lengths: Vec<usize>,
    pub max: usize,
    pub input: Vec<u8>,
}

impl Case {
    /// How many of the bytes determine how to read the others.
    pub const HEAD: usize = 6;

    /// `bytes`: the format; the mapping; the longest line (2); the pieces; the repetitions; then the input.
    pub fn new(bytes: &[u8]) -> Case {
        let mut head = [0; Self::HEAD];
        let length = bytes.len().min(Self::HEAD);
        head[..length].copy_from_slice(&bytes[..length]);
        let [format, map, long, short, pieces, repeat] = head;
        let input = &bytes[length..];
        let mut options = InputOptions::default();
        options.max_line = match (long, short) {
            (0, _) => options.max_line,
            (1..128, _) => 1 + short as usize,
            (_, _) => 1 + (long as usize - 128) * 256 + short as usize,
        };
        options.format = Format::ALL[format as usize % 4];
        if matches!(options.format, Format::Csv) {
            options.delimiter = [None, Some(';'), Some(' '), Some('a')][format as usize / 4 % 4];
        }
        if options.format != Format::Jsonl {
            for (bit, entry) in ["value=x", "unit='\"\\'", "id=id", "location=a b", "value='+5'"].iter().enumerate() {
                if map & 1 << bit != 0 {
                    let _ = options.map.add(entry.parse().expect("a mapping"));
                }
            }
        }
        let lengths = match pieces {
            0 => vec![usize::MAX],
            1..64 => vec![pieces as usize],
            _ => (0..7).map(|at| 1 + (pieces as usize * (at + 3) * 7919) % (1 << (pieces % 16))).collect(),
        };
        // Sometimes more than a block.
        let times =
            if repeat < 240 || input.is_empty() { 1 } else { 600_000 / input.len() / (256 - repeat as usize) + 1 };
        Case { options, lengths, max: 1 + (pieces as usize * 31) % 700, input: input.repeat(times.min(2000)) }
    }

    pub fn check(&self) {
        check(&self.input, &self.options, &self.lengths, self.max);
    }
}
