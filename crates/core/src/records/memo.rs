//! What a worker remembers from one batch to the next.

use super::Fields;
use crate::batch::{LineContent, Row};
use crate::generator::RowBuilder;
use clearpipe_model::record::{Buffers, Text};

/// What a worker keeps for a rule or a transformation from one batch to the next. Results don't depend on it.
#[derive(Debug, Default)]
pub struct Memo {
    /// Puts generated records together.
    pub builder: RowBuilder,
    /// What was decided about units.
    pub units: UnitMemo,
}

/// Decisions about units, of which there are few, as a rule: each is looked into only once.
#[derive(Debug, Default)]
pub struct UnitMemo {
    /// Of each entry of the generator's dictionary, once it was needed.
    of_entries: Vec<bool>,
    /// The last unit that was read, if it was in the same buffers, which is quick to compare.
    last: Option<(Text, bool)>,
    read: Vec<(Box<[u8]>, bool)>,
}

/// Decisions about the units of a batch.
pub enum UnitsOfBatch<'m> {
    /// Of generated records, by their entry.
    Generated(&'m [bool]),
    /// Of records that were read.
    Read(&'m mut UnitMemo, &'m LineContent),
}

impl UnitMemo {
    /// How many units are remembered; more would take longer to find than to look into.
    const MOST: usize = 8;

    /// The decisions about the units of a batch. `decide` must always say the same of the same unit.
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
        if self.read.len() < Self::MOST {
            self.read.push((bytes.into(), decision));
        }
        decision
    }
}

impl UnitsOfBatch<'_> {
    /// What `decide` says about the unit of a record, now or earlier.
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
