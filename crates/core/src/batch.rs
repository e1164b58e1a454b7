//! Batches: what travels through the channels. A batch of one record is the textbook pipeline; a larger one saves
//! channel operations. The results are the same.

use crate::channel::Taken;
use crate::record::{Buffers, Line, Outcome, Record, Status};
use crate::recycled::{Recycled, Spare};
use crate::source::Parser;
use crate::trace;
use std::sync::Arc;

/// Which part of the production a batch belongs to: the records that the Producer sent together.
///
/// A group is split where some of its records fail. Its parts travel on different channels and meet again behind the
/// fan-out, where each consumer puts them back in order (see [`the stages`]).
#[derive(Clone, Debug)]
pub struct Group {
    /// Its place in the order of production, from 0.
    pub index: u64,
    /// How many records it had when it was produced.
    pub size: u32,
    /// What the bytes of its lines take of what may be in flight; nothing if they were not read from an input. Held as
    /// long as any part of the group is.
    pub bytes: Option<Arc<Taken>>,
    /// Whether any of its records is traced. Where few are, most groups need not be looked through.
    pub traced: bool,
}

impl Group {
    /// A group that takes no bytes of an input.
    pub fn new(index: u64, size: u32) -> Group {
        Group { index, size, bytes: None, traced: false }
    }
}

/// Something that travels through a channel: how many records it counts for.
pub trait Weight {
    /// The number of records; at least 1.
    fn records(&self) -> usize;

    /// The numbers of the records.
    fn numbers(&self) -> impl Iterator<Item = u64> + Clone;

    /// Whether any of the records may be traced; if not, nothing is to be recorded.
    fn is_traced(&self) -> bool;
}

/// Records that travel together, with the buffers that their texts are in.
#[derive(Debug)]
pub struct Batch<T> {
    /// The group that they were produced in.
    pub group: Group,
    /// The records.
    pub items: Vec<T>,
    /// Their input: a block of the input file, or the generator's names.
    pub input: Arc<Vec<u8>>,
    /// What was made for them: ids, timestamps, escaped text.
    pub scratch: Vec<u8>,
}

impl<T> Batch<T> {
    /// The buffers that the records' texts point into.
    pub fn buffers(&self) -> Buffers<'_> {
        Buffers { input: &self.input, scratch: &self.scratch }
    }
}

/// What the Producer sends.
#[derive(Debug)]
pub enum Raw {
    /// Records of the generator.
    Records(Batch<Record>),
    /// Lines of an input file, not looked at yet.
    Lines {
        /// The lines and the block they are in.
        batch: Batch<Line>,
        /// What makes records of them.
        parser: Arc<Parser>,
    },
}

impl Raw {
    /// The group that they were produced in.
    pub fn group(&self) -> Group {
        match self {
            Raw::Records(batch) => batch.group.clone(),
            Raw::Lines { batch, .. } => batch.group.clone(),
        }
    }

    /// Marks the record at `index` as traced, and the group with it.
    pub fn trace(&mut self, index: usize) {
        let (group, number) = match self {
            Raw::Records(batch) => (&mut batch.group, &mut batch.items[index].number),
            Raw::Lines { batch, .. } => (&mut batch.group, &mut batch.items[index].number),
        };
        group.traced = true;
        *number = trace::traced(*number);
    }
}

/// Where the buffers of finished records come back to.
#[derive(Clone, Debug, Default)]
pub struct SpareFinished {
    outcomes: Spare<Outcome>,
    lines: Spare<u8>,
}

/// Finished records and their lines: what the consumers get. It is never changed again, so all three share one.
#[derive(Debug)]
pub struct Finished {
    /// The group that they were produced in.
    pub group: Group,
    /// The records, in the order of production.
    pub outcomes: Recycled<Outcome>,
    /// Their lines for the file, one behind the other, in the same order.
    pub lines: Recycled<u8>,
    /// How many records there will be, about.
    expected: usize,
}

impl Finished {
    /// No records yet, of a group; about so many are expected.
    pub fn new(group: Group, expected: usize) -> Finished {
        Finished { group, outcomes: Recycled::default(), lines: Recycled::default(), expected }
    }

    /// The same, in buffers that are used again if the batch is large.
    pub fn reusing(spare: &SpareFinished, group: Group, expected: usize) -> Finished {
        /// With few records, allocating is cheap, and a large buffer would be held up by little.
        const WORTH: usize = 64;
        if expected < WORTH {
            return Finished::new(group, expected);
        }
        Finished { group, outcomes: spare.outcomes.take(), lines: spare.lines.take(), expected }
    }

    /// Adds a record, whose line `write` appends. The number must be above those before.
    pub fn push(
        &mut self,
        number: u64,
        value: f64,
        status: Status,
        is_anomaly: bool,
        write: impl FnOnce(&mut Vec<u8>),
    ) {
        // A line that was begun and not finished, since its writer panicked, is not to stay.
        self.lines.truncate(self.outcomes.last().map_or(0, |last| last.line_end as usize));
        write(&mut self.lines);
        if self.outcomes.is_empty() {
            self.make_room();
        }
        let line_end = self.lines.len() as u32;
        self.outcomes.push(Outcome { number, value, status, is_anomaly, line_end });
    }

    /// Makes room for all records that are expected, given the first line: the others will be much like it. So the lines
    /// need not be moved to a larger place again and again while they grow.
    fn make_room(&mut self) {
        /// An extraordinary first line shall not cost memory.
        const MOST: usize = 1 << 20;
        let each = self.lines.len() + self.lines.len() / 8;
        self.outcomes.reserve(self.expected.max(1));
        self.lines.reserve((self.expected.saturating_sub(1) * each).min(MOST));
    }

    /// Finishes it, for all consumers to share; nothing if it has no records.
    pub fn share(self) -> Option<Arc<Finished>> {
        (!self.outcomes.is_empty()).then(|| Arc::new(self))
    }

    /// Each outcome with its line (and the newline).
    pub fn with_lines(&self) -> impl Iterator<Item = (&Outcome, &[u8])> {
        let mut start = 0;
        self.outcomes.iter().map(move |outcome| {
            let end = outcome.line_end as usize;
            (outcome, &self.lines[std::mem::replace(&mut start, end)..end])
        })
    }
}

impl Weight for Batch<Record> {
    fn records(&self) -> usize {
        self.items.len()
    }

    fn numbers(&self) -> impl Iterator<Item = u64> + Clone {
        self.items.iter().map(|record| record.number)
    }

    fn is_traced(&self) -> bool {
        self.group.traced
    }
}

impl Weight for Raw {
    fn records(&self) -> usize {
        match self {
            Raw::Records(batch) => batch.items.len(),
            Raw::Lines { batch, .. } => batch.items.len(),
        }
    }

    fn numbers(&self) -> impl Iterator<Item = u64> + Clone {
        let (records, lines): (&[Record], &[Line]) = match self {
            Raw::Records(batch) => (&batch.items, &[]),
            Raw::Lines { batch, .. } => (&[], &batch.items),
        };
        records.iter().map(|record| record.number).chain(lines.iter().map(|line| line.number))
    }

    fn is_traced(&self) -> bool {
        match self {
            Raw::Records(batch) => batch.group.traced,
            Raw::Lines { batch, .. } => batch.group.traced,
        }
    }
}

impl Weight for Arc<Finished> {
    fn records(&self) -> usize {
        self.outcomes.len()
    }

    fn numbers(&self) -> impl Iterator<Item = u64> + Clone {
        self.outcomes.iter().map(|outcome| outcome.number)
    }

    fn is_traced(&self) -> bool {
        self.group.traced
    }
}
