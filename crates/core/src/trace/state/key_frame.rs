//! A [`State`] as bytes, in [integers of variable length](crate::trace::varint). The log has one in front of each of its
//! blocks, so that a reader can begin there.
//!
//! In this order:
//!
//! - the totals: produced, processed, anomalies, invalid, transformation errors, written, counted;
//! - the number of channels in which records have arrived; for each, its number, how many have arrived, and the records
//!   in it, the oldest first;
//! - the number of stages with workers; for each, its number, the number of its workers, and for each worker its flags
//!   (`worker.rs` lists them), the number of its open records, and its record's number plus one (0 for none);
//! - the records whose stage must be known because several stages send to one channel, then for each its stage.
//!
//! Records are a list of runs: the number of runs, and for each run the change from one record to the next (from 0 to
//! the first) and how often it repeats. So records that follow each other take a few bytes together.

use super::{CHANNELS, STAGES, State, Totals, Worker};
use crate::trace::varint::{Numbers, put, put_change};
use std::collections::VecDeque;

/// The most records that a key frame can have, 16 MiB. The repetitions in a damaged file could claim any number.
const MAX_RECORDS: u64 = 1 << 21;

/// The most workers of a stage.
const MAX_WORKERS: usize = 1 << 16;

impl State {
    /// Appends the state as bytes; nothing if it is larger than a reader allows.
    pub(in crate::trace) fn write(&self, out: &mut Vec<u8>) {
        let records = self.channels.iter().map(VecDeque::len).sum::<usize>() + self.at_stage.len();
        if records as u64 > MAX_RECORDS {
            return;
        }
        let &Totals { produced, processed, anomalies, invalid, transformation_errors, written, counted } = &self.totals;
        for total in [produced, processed, anomalies, invalid, transformation_errors, written, counted] {
            put(out, total);
        }
        let channels = || (0..CHANNELS).filter(|&at| self.arrived[at] > 0 || !self.channels[at].is_empty());
        put(out, channels().count() as u64);
        for at in channels() {
            put(out, at as u64);
            put(out, self.arrived[at]);
            put_records(out, self.channels[at].iter().copied());
        }
        let stages = || self.workers.iter().enumerate().filter(|(_, workers)| !workers.is_empty());
        put(out, stages().count() as u64);
        for (stage, workers) in stages() {
            put(out, stage as u64);
            put(out, workers.len() as u64);
            workers.iter().flat_map(Worker::parts).for_each(|part| put(out, part));
        }
        put_records(out, self.at_stage.keys().copied());
        self.at_stage.values().for_each(|&stage| put(out, stage.into()));
    }

    /// Reads what was written; nothing if that is something else.
    pub(in crate::trace) fn read(bytes: &[u8]) -> Option<State> {
        let mut numbers = Numbers(bytes);
        let totals = Totals {
            produced: numbers.number()?,
            processed: numbers.number()?,
            anomalies: numbers.number()?,
            invalid: numbers.number()?,
            transformation_errors: numbers.number()?,
            written: numbers.number()?,
            counted: numbers.number()?,
        };
        let mut state = State { totals, ..State::default() };
        let mut room = MAX_RECORDS;
        for _ in 0..numbers.number()? {
            let at = numbers.small::<usize>().filter(|&at| at < CHANNELS)?;
            state.arrived[at] = numbers.number()?;
            state.channels[at] = records(&mut numbers, &mut room)?.into();
        }
        for _ in 0..numbers.number()? {
            let stage = numbers.small::<usize>().filter(|&stage| stage < STAGES)?;
            let count = numbers.small::<usize>().filter(|&count| count <= MAX_WORKERS)?;
            let mut workers = Vec::new();
            for _ in 0..count {
                workers.push(Worker::of([numbers.number()?, numbers.number()?, numbers.number()?])?);
            }
            state.workers[stage] = workers;
        }
        for record in records(&mut numbers, &mut room)? {
            let stage = numbers.small::<u8>().filter(|&stage| usize::from(stage) < STAGES)?;
            state.at_stage.insert(record, stage);
        }
        numbers.0.is_empty().then_some(state)
    }
}

fn put_records(out: &mut Vec<u8>, records: impl Iterator<Item = u64>) {
    let mut runs: Vec<(u64, u64)> = Vec::new();
    let mut last = 0_u64;
    for record in records {
        let change = record.wrapping_sub(last);
        last = record;
        match runs.last_mut() {
            Some((same, count)) if *same == change => *count += 1,
            _ => runs.push((change, 1)),
        }
    }
    put(out, runs.len() as u64);
    for (change, count) in runs {
        put_change(out, change, 0);
        put(out, count);
    }
}

/// Reads a list of records. `room` is how many may still follow.
fn records(numbers: &mut Numbers<'_>, room: &mut u64) -> Option<Vec<u64>> {
    let mut records = Vec::new();
    let mut last = 0_u64;
    for _ in 0..numbers.number()? {
        let (change, count) = (numbers.changed(0)?, numbers.number()?);
        *room = room.checked_sub(count)?;
        for _ in 0..count {
            last = last.wrapping_add(change);
            records.push(last);
        }
    }
    Some(records)
}
