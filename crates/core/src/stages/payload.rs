//! What the Producer and the Validators send.

use crate::batch::{Batch, Group, Traceable, find};
use crate::generator::GeneratedBatch;
use clearpipe_channel::Weighted;
use clearpipe_codec::Parser;
use clearpipe_model::input_label::InputLabel;
use clearpipe_model::record::{Line, Record};
use clearpipe_model::record_number;
use std::sync::Arc;

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
            number.into_iter().for_each(|number| *number = record_number::traced(*number));
        }
    }
}

/// What the Validators send: the records that are valid.
#[derive(Debug)]
pub enum Valid {
    /// Records of the generator.
    Generated(GeneratedBatch),
    /// Records that were read.
    Read(Box<RecordBatch>),
}

/// Records that were read from lines and travel together.
#[derive(Debug)]
pub struct RecordBatch {
    /// The records.
    pub batch: Batch<Record>,
    /// The lines that they were read from, and others.
    pub lines: Vec<Line>,
    /// What says which input they came from.
    pub label: InputLabel,
}

impl RecordBatch {
    /// The line that a record was read from.
    pub fn line_of(&self, number: u64) -> Option<&Line> {
        find(&self.lines, number, |line| line.number).map(|at| &self.lines[at])
    }
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

impl Weighted for Raw {
    fn weight(&self) -> usize {
        match self {
            Raw::Generated(batch) => batch.items.len(),
            Raw::Lines(lines) => lines.batch.items.len(),
        }
    }
}

impl Traceable for Raw {
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

impl Weighted for Valid {
    fn weight(&self) -> usize {
        match self {
            Valid::Generated(batch) => batch.items.len(),
            Valid::Read(records) => records.batch.items.len(),
        }
    }
}

impl Traceable for Valid {
    fn numbers(&self) -> impl Iterator<Item = u64> + Clone {
        let (generated, records): (_, &[Record]) = match self {
            Valid::Generated(batch) => (Some(batch), &[]),
            Valid::Read(records) => (None, &records.batch.items),
        };
        numbers(generated, records, |record| record.number)
    }

    fn group(&self) -> &Group {
        match self {
            Valid::Generated(batch) => &batch.group,
            Valid::Read(records) => &records.batch.group,
        }
    }

    fn find(&self, number: u64) -> Option<usize> {
        match self {
            Valid::Generated(batch) => find(&batch.items, number, |record| record.number),
            Valid::Read(records) => find(&records.batch.items, number, |record| record.number),
        }
    }
}
