//! Records on their way from the Producer to the Transformers: generated and read records travel in the same type of
//! batch.

use super::{Group, Traceable, find};
use clearpipe_channel::Weighted;
use clearpipe_codec::{Decoded, Lines};
use clearpipe_model::record::{Buffers, Line};
use clearpipe_model::record_number;
use clearpipe_model::time::Timestamp;
use smallvec::SmallVec;

/// The data that every record of a batch has, wherever its other fields are.
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

/// Records that travel together. Validators decode the lines in the content, and remove the rows that they reject.
#[derive(Debug)]
pub struct RecordBatch {
    /// The group that they were produced in.
    pub group: Group,
    /// A row for each record.
    pub rows: Rows,
    /// Where the other fields of the records are.
    pub content: Content,
}

/// Where the fields of a batch's records are, apart from the value.
#[derive(Debug)]
pub enum Content {
    /// They follow from the number of the record and its entry in the generator's dictionary. (The dictionary doesn't
    /// travel with the records: all threads would change its reference count for each batch.)
    Generated {
        /// The timestamp of the records: when they were produced.
        produced_at: Timestamp,
    },
    /// They are in lines of an input. (Boxed to keep channel items small.)
    Lines(Box<LineContent>),
}

/// Lines of an input, and the records that a Validator decoded from them.
#[derive(Debug)]
pub struct LineContent {
    /// The lines as they were read.
    pub lines: Lines,
    /// The record of each line, in the same order. Empty until a Validator has decoded them.
    pub decoded: Decoded,
}

impl RecordBatch {
    /// Returns the batch as it was before a Validator decoded its lines.
    pub fn undecoded(mut self) -> RecordBatch {
        if let Content::Lines(content) = &mut self.content {
            content.decoded.truncate(0);
        }
        self
    }

    /// Creates a batch of lines that haven't been decoded. The first line has the record with the number `first`.
    pub fn of_lines(group: Group, lines: Lines, first: u64) -> RecordBatch {
        // Pushing the rows one by one would check the capacity for each.
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

    /// Marks the records that the group lists as traced.
    pub fn mark_traced(&mut self) {
        for number in self.group.traced().to_vec() {
            if let Some(at) = self.find(number) {
                self.rows[at].number = record_number::traced(number);
            }
        }
    }
}

/// Rows of several small batches of generated records that were produced at the same time. They are processed together,
/// since processing each alone would cost almost as much as processing many.
#[derive(Debug, Default)]
pub struct SmallBatches(Rows);

impl SmallBatches {
    /// A batch with more records isn't small.
    const MAX_ROWS: usize = 16;

    /// Returns how many batches, from the first on, can be processed together: at least 1, if there are any.
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

    /// Merges some batches that can be processed together into one batch without a group. Pass it to
    /// [`SmallBatches::release`] to reuse its memory.
    pub fn merge(&mut self, batches: &[RecordBatch]) -> RecordBatch {
        let mut rows = std::mem::take(&mut self.0);
        // Usually each has one row, for which a call to copy it doesn't pay off.
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
    /// Returns the buffers that contain the texts of the decoded records.
    pub fn buffers(&self) -> Buffers<'_> {
        Buffers { input: &self.lines.block, scratch: &self.decoded.scratch }
    }

    /// Returns the line that contains a record.
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
