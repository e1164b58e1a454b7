//! The value must be within a range.

use super::Rule;
use crate::records::{Memo, Records, Selection, Why};
use clearpipe_codec::jsonl::FailedSuffix;
use clearpipe_model::reject::Reason;

/// Rejects records whose value is out of range. A record without a value passes.
#[derive(Debug)]
pub struct ValueRange {
    min: f64,
    max: f64,
    rejected: FailedSuffix,
}

impl ValueRange {
    /// Creates a rule for the range from `min` to `max`, both inclusive.
    pub fn new(min: f64, max: f64) -> ValueRange {
        ValueRange { min, max, rejected: FailedSuffix::new(Reason::ValueOutOfRange { min, max }) }
    }
}

impl Rule for ValueRange {
    fn check<'r>(&'r self, records: Records<'_>, selection: &mut Selection<'_, 'r>, _: &mut Memo) {
        let ValueRange { min, max, rejected } = self;
        selection.retain(records.rows, |row| {
            if row.value < *min || row.value > *max { Err(Why::Shared(rejected)) } else { Ok(()) }
        });
    }
}
