//! The events of a block as columns: one after the other, the values of each field of all events. Most of them follow
//! from those before, and are small, so that little remains when they are compressed.
//!
//! All numbers are [integers of variable length](super::varint). A *pair* is a kind and a node that occur together;
//! there are few in a pipeline.
//!
//! | column | for | value |
//! |---|---|---|
//! | pairs | once | how many pairs there are; then, for each, a byte for the kind and a byte for the node, in the order in which they first occur |
//! | codes | each event | the index of its pair |
//! | times | each event | nanoseconds since the event before; for the first event, since the first time of the block |
//! | records | each event | the change of the record's number plus one (0 for no record) since the last event of the same pair; for the first of a pair, since the event before, or 0 |
//! | workers | each event | the change of the worker since the last event of the same pair, or since 0 |
//! | threads | each run of events on the same thread | a byte for the thread, then the number of events |

use super::varint::{Numbers, put, put_change};

/// The highest number of a record in a packed event, which stands for no record.
const RECORD: u64 = (1 << 40) - 1;

/// What is expected of the next event of a pair.
#[derive(Clone, Copy)]
struct Pair {
    /// The kind and the node, as in a packed event.
    what: u16,
    record: u64,
    worker: u64,
}

/// Turns events into columns.
pub(super) struct Encoder {
    /// By the kind and the node of a pair: its index plus one, or 0.
    codes: Box<[u16]>,
    pairs: Vec<Pair>,
    code_column: Vec<u8>,
    times: Vec<u8>,
    records: Vec<u8>,
    workers: Vec<u8>,
    threads: Vec<u8>,
}

impl Encoder {
    pub(super) fn new() -> Encoder {
        let column = || Vec::with_capacity(1 << 14);
        Encoder {
            codes: vec![0; 1 << 16].into(),
            pairs: Vec::new(),
            code_column: column(),
            times: column(),
            records: column(),
            workers: column(),
            threads: column(),
        }
    }

    /// Replaces `out` by the columns of packed events in the order of time.
    pub(super) fn encode(&mut self, events: &[[u64; 2]], out: &mut Vec<u8>) {
        let columns = [&mut self.code_column, &mut self.times, &mut self.records, &mut self.workers, &mut self.threads];
        columns.into_iter().for_each(Vec::clear);
        self.pairs.iter().for_each(|pair| self.codes[usize::from(pair.what)] = 0);
        self.pairs.clear();
        let mut time = events.first().map_or(0, |event| event[0] >> 16);
        let mut record = 0;
        for event in events {
            let what = event[0] as u16;
            let next = (event[1] >> 24).wrapping_add(1) & RECORD;
            let code = match self.codes[usize::from(what)] {
                0 => {
                    self.pairs.push(Pair { what, record, worker: 0 });
                    self.codes[usize::from(what)] = self.pairs.len() as u16;
                    self.pairs.len() - 1
                }
                code => usize::from(code - 1),
            };
            record = next;
            put(&mut self.code_column, code as u64);
            put(&mut self.times, (event[0] >> 16) - time);
            time = event[0] >> 16;
            let pair = &mut self.pairs[code];
            put_change(&mut self.records, record, pair.record);
            pair.record = record;
            let worker = event[1] >> 8 & 0xffff;
            put_change(&mut self.workers, worker, pair.worker);
            pair.worker = worker;
        }
        for run in events.chunk_by(|one, other| one[1] as u8 == other[1] as u8) {
            self.threads.push(run[0][1] as u8);
            put(&mut self.threads, run.len() as u64);
        }
        out.clear();
        put(out, self.pairs.len() as u64);
        self.pairs.iter().for_each(|pair| out.extend_from_slice(&pair.what.to_be_bytes()));
        for column in [&self.code_column, &self.times, &self.records, &self.workers, &self.threads] {
            out.extend_from_slice(column);
        }
    }
}

/// Appends the packed events of columns, of which the first has the time `first`. Returns nothing, and may have appended
/// some of them, if these aren't the columns of `count` events.
pub(super) fn decode(columns: &[u8], count: usize, first: u64, into: &mut Vec<[u64; 2]>) -> Option<()> {
    let mut numbers = Numbers(columns);
    let mut pairs = Vec::new();
    for _ in 0..numbers.number()? {
        let what = u16::from_be_bytes([numbers.byte()?, numbers.byte()?]);
        pairs.push(Pair { what, record: u64::MAX, worker: 0 });
    }
    let from = into.len();
    for _ in 0..count {
        // The index of its pair is needed until the worker and the thread take its place.
        let code: u16 = numbers.small()?;
        into.push([pairs.get(usize::from(code))?.what.into(), code.into()]);
    }
    let events = &mut into[from..];
    let mut time = first;
    for event in events.iter_mut() {
        time = time.checked_add(numbers.number()?).filter(|&time| time < 1 << 48)?;
        event[0] |= time << 16;
    }
    let mut record = 0;
    for event in events.iter_mut() {
        let pair = &mut pairs[event[1] as usize];
        let expected = if pair.record == u64::MAX { record } else { pair.record };
        record = numbers.changed(expected).filter(|&record| record <= RECORD)?;
        pair.record = record;
        event[1] |= (record.wrapping_sub(1) & RECORD) << 24;
    }
    for event in events.iter_mut() {
        let pair = &mut pairs[event[1] as usize & 0xffff];
        pair.worker = numbers.changed(pair.worker).filter(|&worker| worker <= 0xffff)?;
        event[1] = event[1] & !0xff_ffff | pair.worker << 8;
    }
    let mut rest = events;
    while !rest.is_empty() {
        let thread = numbers.byte()?;
        let (run, behind) = rest.split_at_mut_checked(numbers.small()?)?;
        if run.is_empty() {
            return None;
        }
        run.iter_mut().for_each(|event| event[1] |= u64::from(thread));
        rest = behind;
    }
    numbers.0.is_empty().then_some(())
}
