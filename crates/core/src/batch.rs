//! Batches: what travels through the channels. A batch of one record is the textbook pipeline; a larger one saves
//! channel operations. The results are the same.

use crate::batch_pool::Checkout;
use crate::channel::Permit;
use crate::generator::GeneratedBatch;
use crate::input_label::InputLabel;
use crate::metrics::PartialSum;
use crate::record::{Buffers, Line, Outcome, Record, Status};
use crate::source::Parser;
use crate::trace;
use smallvec::SmallVec;
use std::sync::Arc;
use triomphe::UniqueArc;

/// Which part of the production a batch belongs to: the records that the Producer sent together.
///
/// A group is split where some of its records fail. Its parts travel on different channels and meet again behind the
/// fan-out, where each consumer puts them back in order (see [`crate::stages`]).
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// Its place in the order of production, from 0.
    pub index: u64,
    /// How many records it had when it was produced.
    pub size: u32,
    /// What not every group has. In one place, since a group is copied for each of its parts.
    held: Option<Arc<Held>>,
}

/// What a group holds as long as any part of it is there.
#[derive(Debug)]
struct Held {
    /// What the bytes of its lines take of what may be in flight.
    _bytes: Option<Permit>,
    traced: Vec<u64>,
}

impl Group {
    /// A group that was not read from an input, of which no record is traced.
    pub fn new(index: u64, size: u32) -> Group {
        Group { index, size, held: None }
    }

    /// The same group. It holds the bytes of its lines, and the records of these numbers, which are in order, are traced.
    pub fn holding(self, bytes: Option<Permit>, traced: Vec<u64>) -> Group {
        let holds = bytes.is_some() || !traced.is_empty();
        Group { held: holds.then(|| Arc::new(Held { _bytes: bytes, traced })), ..self }
    }

    /// The numbers of its records that are traced, in their order. Where few are, a group need not be looked through for
    /// them.
    pub fn traced(&self) -> &[u64] {
        self.held.as_ref().map_or(&[], |held| &held.traced)
    }
}

/// Something that travels through a channel: how many records it counts for.
pub trait Weight {
    /// The number of records; at least 1.
    fn records(&self) -> usize;

    /// The numbers of the records.
    fn numbers(&self) -> impl Iterator<Item = u64> + Clone;

    /// The group that they were produced in.
    fn group(&self) -> &Group;

    /// Which of the records has this number, whose mark does not count.
    fn find(&self, number: u64) -> Option<usize>;

    /// Does something with each record that is traced, given which of the records it is, and its marked number.
    fn for_each_traced(&self, mut each: impl FnMut(usize, u64)) {
        /// Finding a record takes about as long as looking at so many.
        const AS_LONG: usize = 8;
        let traced = self.group().traced();
        if traced.is_empty() {
            return;
        }
        if traced.len() * AS_LONG < self.records() {
            let marked = traced.iter().map(|&number| trace::traced(number));
            marked.for_each(|number| self.find(number).into_iter().for_each(|at| each(at, number)));
        } else {
            let all = self.numbers().enumerate();
            all.filter(|(_, number)| trace::is_traced(*number)).for_each(|(at, number)| each(at, number));
        }
    }
}

/// Which of some items, which are in the order of their numbers, has this number.
fn find<T>(items: &[T], number: u64, number_of: impl Fn(&T) -> u64) -> Option<usize> {
    items.binary_search_by_key(&trace::number(number), |item| trace::number(number_of(item))).ok()
}

/// Records that travel together, with the buffers that their texts are in.
#[derive(Debug)]
pub struct Batch<T> {
    /// The group that they were produced in.
    pub group: Group,
    /// The records.
    pub items: Vec<T>,
    /// Their input: a block of the input file.
    pub input: Arc<Vec<u8>>,
    /// What was made for them: escaped text, fields that are constant.
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
    Generated(GeneratedBatch),
    /// Lines of an input file, not looked at yet. (They are large, and what travels through a channel is better small.)
    Lines(Box<LineBatch>),
}

/// Lines of an input file that travel together.
#[derive(Debug)]
pub struct LineBatch {
    /// The lines and the block they are in.
    pub batch: Batch<Line>,
    /// What makes records of them.
    pub parser: Arc<Parser>,
    /// What says which input they came from.
    pub label: InputLabel,
}

impl Raw {
    /// Marks the records that are traced by the group.
    pub fn mark_traced(&mut self) {
        for number in self.group().traced().to_vec() {
            let at = self.find(number);
            let number = match self {
                Raw::Generated(batch) => at.map(|at| &mut batch.items[at].number),
                Raw::Lines(lines) => at.map(|at| &mut lines.batch.items[at].number),
            };
            number.into_iter().for_each(|number| *number = trace::traced(*number));
        }
    }
}

/// What the Validators send: the records that are valid.
#[derive(Debug)]
pub enum Valid {
    /// Records of the generator.
    Generated(GeneratedBatch),
    /// Records that were read.
    Read(Box<Batch<Record>>),
}

/// Finished records that all consumers share. (It needs no weak references; and who fills it has it alone until then.)
pub type SharedFinished = triomphe::Arc<Finished>;

/// Finished records that ended the same way, and their lines: what the consumers get. It is never changed again, so all
/// three share one.
// In this order, since it is read on other threads than it is written on: what all consumers look at is together with the
// count of who shares it.
#[derive(Debug, Default)]
#[repr(C)]
pub struct Finished {
    /// The group that they were produced in.
    pub group: Group,
    /// What became of them.
    pub status: Status,
    /// How many of them are anomalous.
    pub anomalies: u32,
    /// Where it waits to be used again.
    pub(crate) place: u32,
    /// The records, in the order of production.
    pub outcomes: SmallVec<[Outcome; 1]>,
    /// Their lines for the file, one behind the other, in the same order.
    pub lines: Vec<u8>,
    /// The sum of their values, if they were processed.
    pub sum: PartialSum,
}

impl Finished {
    /// Forgets all records, and what is held for them.
    pub(crate) fn clear(&mut self) {
        self.group = Group::default();
        self.outcomes.clear();
        self.lines.clear();
        self.anomalies = 0;
        self.sum = PartialSum::default();
    }

    /// The bytes that it has room for, about.
    pub(crate) fn room(&self) -> usize {
        self.lines.capacity() + self.outcomes.capacity() * size_of::<Outcome>()
    }

    /// Each record with its line.
    pub fn with_lines(&self) -> impl Iterator<Item = (&Outcome, &[u8])> {
        let mut start = 0;
        self.outcomes.iter().map(move |outcome| {
            let end = outcome.line_end as usize;
            (outcome, &self.lines[std::mem::replace(&mut start, end)..end])
        })
    }
}

/// Collects the records of a group that end in one way. Nothing is made before the first one comes.
pub struct BatchBuilder<'a> {
    group: &'a Group,
    status: Status,
    /// How many records there will be, about.
    expected: usize,
    checkout: &'a Checkout<'a>,
    finished: Option<UniqueArc<Finished>>,
}

impl<'a> BatchBuilder<'a> {
    /// No records yet; about so many are expected.
    pub fn new(group: &'a Group, status: Status, expected: usize, checkout: &'a Checkout<'a>) -> BatchBuilder<'a> {
        BatchBuilder { group, status, expected, checkout, finished: None }
    }

    /// Adds a record that failed, whose line `write` appends. The number must be above those before.
    pub fn push(&mut self, number: u64, write: impl FnOnce(&mut Vec<u8>)) {
        self.push_outcome(number, false, write);
    }

    /// Adds a record that was processed.
    #[inline]
    pub fn push_processed(&mut self, number: u64, value: f64, is_anomaly: bool, write: impl FnOnce(&mut Vec<u8>)) {
        let finished = self.push_outcome(number, is_anomaly, write);
        finished.anomalies += u32::from(is_anomaly);
        finished.sum.add(value);
    }

    #[inline]
    fn push_outcome(&mut self, number: u64, is_anomaly: bool, write: impl FnOnce(&mut Vec<u8>)) -> &mut Finished {
        let BatchBuilder { group, status, expected, checkout, finished } = self;
        let finished = finished.get_or_insert_with(|| begin(group, *status, checkout));
        write(&mut finished.lines);
        if *expected > 1 && finished.outcomes.is_empty() {
            make_room(finished, *expected);
        }
        let line_end = finished.lines.len() as u32;
        finished.outcomes.push(Outcome { number, line_end, is_anomaly });
        finished
    }

    /// Forgets a line that was begun and not finished, since its writer panicked.
    pub fn forget_unfinished(&mut self) {
        if let Some(finished) = &mut self.finished {
            let end = finished.outcomes.last().map_or(0, |last| last.line_end as usize);
            finished.lines.truncate(end);
            if finished.outcomes.is_empty() {
                self.finished = None;
            }
        }
    }

    /// For the consumers, if there are any records.
    pub fn share(self) -> Option<SharedFinished> {
        self.finished.map(UniqueArc::shareable)
    }
}

#[inline(never)]
fn begin(group: &Group, status: Status, checkout: &Checkout<'_>) -> UniqueArc<Finished> {
    let mut finished = checkout.take(status);
    finished.group = group.clone();
    finished.status = status;
    finished
}

/// Reserves room for all records, now that the length of a line is known, about.
#[cold]
fn make_room(finished: &mut Finished, expected: usize) {
    /// Lines may be long; then a few more steps of growing do no harm.
    const MOST: usize = 1 << 20;
    let each = finished.lines.len() + finished.lines.len() / 8;
    finished.outcomes.reserve(expected);
    finished.lines.reserve(((expected - 1) * each).min(MOST));
}

/// The numbers of generated records, or else of others. (One of the two is empty.)
fn numbers<'a, T: 'a>(
    generated: Option<&'a GeneratedBatch>,
    others: &'a [T],
    number: impl Fn(&T) -> u64 + Clone + 'a,
) -> impl Iterator<Item = u64> + Clone {
    let generated = generated.map_or(&[][..], |batch| &batch.items);
    generated.iter().map(|record| record.number).chain(others.iter().map(number))
}

impl Weight for Raw {
    fn records(&self) -> usize {
        match self {
            Raw::Generated(batch) => batch.items.len(),
            Raw::Lines(lines) => lines.batch.items.len(),
        }
    }

    fn numbers(&self) -> impl Iterator<Item = u64> + Clone {
        let (generated, lines): (_, &[Line]) = match self {
            Raw::Generated(batch) => (Some(batch), &[]),
            Raw::Lines(lines) => (None, &lines.batch.items),
        };
        numbers(generated, lines, |line| line.number)
    }

    fn group(&self) -> &Group {
        match self {
            Raw::Generated(batch) => &batch.group,
            Raw::Lines(lines) => &lines.batch.group,
        }
    }

    fn find(&self, number: u64) -> Option<usize> {
        match self {
            Raw::Generated(batch) => find(&batch.items, number, |record| record.number),
            Raw::Lines(lines) => find(&lines.batch.items, number, |line| line.number),
        }
    }
}

impl Weight for Valid {
    fn records(&self) -> usize {
        match self {
            Valid::Generated(batch) => batch.items.len(),
            Valid::Read(batch) => batch.items.len(),
        }
    }

    fn numbers(&self) -> impl Iterator<Item = u64> + Clone {
        let (generated, records): (_, &[Record]) = match self {
            Valid::Generated(batch) => (Some(batch), &[]),
            Valid::Read(batch) => (None, &batch.items),
        };
        numbers(generated, records, |record| record.number)
    }

    fn group(&self) -> &Group {
        match self {
            Valid::Generated(batch) => &batch.group,
            Valid::Read(batch) => &batch.group,
        }
    }

    fn find(&self, number: u64) -> Option<usize> {
        match self {
            Valid::Generated(batch) => find(&batch.items, number, |record| record.number),
            Valid::Read(batch) => find(&batch.items, number, |record| record.number),
        }
    }
}

impl Weight for SharedFinished {
    fn records(&self) -> usize {
        self.outcomes.len()
    }

    fn numbers(&self) -> impl Iterator<Item = u64> + Clone {
        self.outcomes.iter().map(|outcome| outcome.number)
    }

    fn group(&self) -> &Group {
        &self.group
    }

    fn find(&self, number: u64) -> Option<usize> {
        find(&self.outcomes, number, |outcome| outcome.number)
    }
}
