//! State that a worker keeps from one batch to the next.

use super::Fields;
use crate::batch::{LineContent, Row};
use crate::generator::RowBuilder;
use clearpipe_model::record::{Buffers, Text};

/// The state that a worker keeps for a rule or a transformation from one batch to the next. It doesn't affect results.
#[derive(Debug, Default)]
pub struct Memo {
    /// Builds generated records.
    pub builder: RowBuilder,
    /// The decisions about units.
    pub units: UnitMemo,
}

/// Decisions about units. Usually there are few units, so that each is checked only once.
#[derive(Debug, Default)]
pub struct UnitMemo {
    /// For each entry of the generator's dictionary, once it was needed.
    of_entries: Vec<bool>,
    /// The last unit that was read. It is in the same buffers, so comparing it is fast.
    last: Option<(Text, bool)>,
    read: Vec<(Box<[u8]>, bool)>,
}

/// Decisions about the units of a batch.
pub enum UnitsOfBatch<'m> {
    /// For generated records, by their dictionary entry.
    Generated(&'m [bool]),
    /// For records that were read.
    Read(&'m mut UnitMemo, &'m LineContent),
}

impl UnitMemo {
    /// The most units that are remembered. Finding one among more would take longer than checking it again.
    const MAX_UNITS: usize = 8;

    /// Returns the decisions about the units of a batch. `decide` must always return the same for the same
    /// text, also for a missing unit and an empty one.
    pub fn of_batch<'m>(
        &'m mut self,
        fields: Fields<'m>,
        decide: impl Fn(Text, Buffers<'_>) -> bool,
    ) -> UnitsOfBatch<'m> {
        match fields {
            Fields::Generated(origin) => {
                let dictionary = origin.dictionary;
                if self.of_entries.is_empty() {
                    let units = (0..dictionary.entries()).map(|entry| dictionary.unit_of(entry));
                    self.of_entries = units.map(|unit| decide(unit, dictionary.buffers())).collect();
                }
                UnitsOfBatch::Generated(&self.of_entries)
            }
            Fields::Read(content) => {
                self.last = None;
                UnitsOfBatch::Read(self, content)
            }
        }
    }

    #[inline]
    fn decide(&mut self, unit: Text, buffers: Buffers<'_>, decide: impl FnOnce(Text, Buffers<'_>) -> bool) -> bool {
        match self.last {
            Some((last, decision)) if last == unit => decision,
            _ => {
                let decision = self.look_up(unit, buffers, decide);
                self.last = Some((unit, decision));
                decision
            }
        }
    }

    fn look_up(&mut self, unit: Text, buffers: Buffers<'_>, decide: impl FnOnce(Text, Buffers<'_>) -> bool) -> bool {
        let bytes = buffers.bytes(unit);
        if let Some(&(_, decision)) = self.read.iter().find(|(known, _)| **known == *bytes) {
            return decision;
        }
        let decision = decide(unit, buffers);
        if self.read.len() < Self::MAX_UNITS {
            self.read.push((bytes.into(), decision));
        }
        decision
    }
}

impl UnitsOfBatch<'_> {
    /// Returns the decision about the unit of a record. Calls `decide` unless it is known.
    #[inline]
    pub fn decide(&mut self, row: &Row, decide: impl Fn(Text, Buffers<'_>) -> bool) -> bool {
        match self {
            UnitsOfBatch::Generated(decisions) => decisions[row.entry as usize],
            UnitsOfBatch::Read(memo, content) => {
                memo.decide(content.decoded.records[row.entry as usize].unit, content.buffers(), decide)
            }
        }
    }
}
