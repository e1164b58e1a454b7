//! Records on their way from the Producer to the Transformers: generated or read, they travel in one type of batch.

use super::{Group, Traceable, find};
use clearpipe_channel::Weighted;
use clearpipe_codec::{Decoded, Lines};
use clearpipe_model::record::{Buffers, Line};
use clearpipe_model::record_number;
use clearpipe_model::time::Timestamp;
use smallvec::SmallVec;

/// What every record of a batch has, whatever its other fields are in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// Its position in the order of production, from 0; marked if the record is traced.
    pub number: u64,
    /// The measured value; NaN where the record has none, and until its line is decoded.
    pub value: f64,
    /// Where its other fields are: an entry of the generator's dictionary, or the index of its line.
    pub entry: u32,
}

/// The rows of a batch, in the order of production.
pub type Rows = SmallVec<[Row; 1]>;

/// Records that travel together. Validators decode the lines among the content, and remove the rows that they refuse.
#[derive(Debug)]
pub struct RecordBatch {
    /// The group that they were produced in.
    pub group: Group,
    /// A row for each record.
    pub rows: Rows,
    /// Where the other fields of the records come from.
    pub content: Content,
}

/// Where the fields of a batch's records come from, other than the value.
#[derive(Debug)]
pub enum Content {
    /// They follow from the number of the record and its entry in the generator's dictionary. (That doesn't travel with the
    /// records: its reference count would be changed by all threads for each batch.)
    Generated {
        /// When the records were produced: their timestamp.
        produced_at: Timestamp,
    },
    /// They are in lines of an input. (Boxed, since what travels through a channel had better be small.)
    Lines(Box<LineContent>),
}

/// Lines of an input, and what a Validator has made of them.
#[derive(Debug)]
pub struct LineContent {
    /// The lines, as they were cut from the input.
    pub lines: Lines,
    /// The record of each line, in the same order. Empty until a Validator has decoded them.
    pub decoded: Decoded,
}

impl RecordBatch {
    /// A batch of lines that nobody has decoded. The first line is that of the record with the number `first`.
    pub fn of_lines(group: Group, lines: Lines, first: u64) -> RecordBatch {
        // Pushing them would look at the capacity for each.
        let mut rows = Rows::from_elem(Row { number: first, value: f64::NAN, entry: 0 }, lines.lines.len());
        for (row, at) in rows.iter_mut().zip(0u32..) {
            row.number += u64::from(at);
            row.entry = at;
        }
        RecordBatch {
            group,
            rows,
            content: Content::Lines(Box::new(LineContent { lines, decoded: Decoded::default() })),
        }
    }

    /// Marks the records that are traced by the group.
    pub fn mark_traced(&mut self) {
        for number in self.group.traced().to_vec() {
            if let Some(at) = self.find(number) {
                self.rows[at].number = record_number::traced(number);
            }
        }
    }
}

/// Rows of several small batches of generated records that were produced at the same time. What is done to them is done to
/// all at once: on its own, each would cost almost as much as many.
#[derive(Debug, Default)]
pub struct SmallBatches(Rows);

impl SmallBatches {
    /// A batch of more records is not small.
    const MAX_ROWS: usize = 16;

    /// How many batches from the first on can be worked on together. At least 1, if there are any.
    #[inline]
    pub fn count(batches: &[RecordBatch]) -> usize {
        let Some(first) = batches.first() else { return 0 };
        let time = |batch: &RecordBatch| match batch.content {
            Content::Generated { produced_at } if batch.rows.len() <= Self::MAX_ROWS => Some(produced_at),
            _ => None,
        };
        let Some(produced_at) = time(first) else { return 1 };
        1 + batches[1..].iter().take_while(|batch| time(batch) == Some(produced_at)).count()
    }

    /// The records of some batches that can be worked on together, as one batch of no group. Returned to
    /// [`SmallBatches::release`], its memory is used again.
    pub fn merge(&mut self, batches: &[RecordBatch]) -> RecordBatch {
        let mut rows = std::mem::take(&mut self.0);
        // As a rule each has one row, which is not worth a call to copy it.
        for batch in batches {
            batch.rows.iter().for_each(|row| rows.push(*row));
        }
        let produced_at = match batches.first().map(|batch| &batch.content) {
            Some(Content::Generated { produced_at }) => *produced_at,
            _ => Timestamp::default(),
        };
        RecordBatch { group: Group::default(), rows, content: Content::Generated { produced_at } }
    }

    /// Keeps the memory of a batch for the next one.
    pub fn release(&mut self, batch: RecordBatch) {
        self.0 = batch.rows;
        self.0.clear();
    }
}

impl LineContent {
    /// The buffers that the texts of the decoded records are in.
    pub fn buffers(&self) -> Buffers<'_> {
        Buffers { input: &self.lines.block, scratch: &self.decoded.scratch }
    }

    /// The line that a record is in.
    pub fn line(&self, row: &Row) -> &Line {
        &self.lines.lines[row.entry as usize]
    }
}

impl Weighted for RecordBatch {
    fn weight(&self) -> usize {
        self.rows.len()
    }
}

impl Traceable for RecordBatch {
    fn numbers(&self) -> impl Iterator<Item = u64> + Clone {
        self.rows.iter().map(|row| row.number)
    }

    fn group(&self) -> &Group {
        &self.group
    }

    fn find(&self, number: u64) -> Option<usize> {
        find(&self.rows, number, |row| row.number)
    }
}
