//! Timestamps must be RFC 3339 times.

use super::Rule;
use crate::batch::Row;
use crate::records::{FieldText, Memo, Records, Selection, Why};
use clearpipe_codec::jsonl::FailedSuffix;
use clearpipe_model::field::Field;
use clearpipe_model::reject::Reason;
use clearpipe_model::time::is_rfc3339;

/// Rejects records whose timestamp isn't an [RFC 3339](https://www.rfc-editor.org/rfc/rfc3339) time. A record without a
/// timestamp passes.
#[derive(Debug)]
pub struct Rfc3339Timestamps(FailedSuffix);

impl Rfc3339Timestamps {
    /// Creates the rule.
    pub fn new() -> Rfc3339Timestamps {
        Rfc3339Timestamps(FailedSuffix::new(Reason::InvalidTimestamp))
    }
}

impl Rule for Rfc3339Timestamps {
    fn check<'r>(&'r self, records: Records<'_>, selection: &mut Selection<'_, 'r>, memo: &mut Memo) {
        let Records { rows, fields } = records;
        let mut is_valid = |row: &Row| {
            let (record, buffers) = fields.record(row, &mut memo.builder);
            record.timestamp.is_absent() || is_rfc3339(&buffers.decoded(record.timestamp))
        };
        let shared = match (fields.text_of(Field::Timestamp), rows.first()) {
            (FieldText::Shared, Some(row)) => Some(is_valid(row)),
            _ => None,
        };
        if shared != Some(true) {
            selection.retain(rows, |row| {
                if shared.unwrap_or_else(|| is_valid(row)) { Ok(()) } else { Err(Why::Shared(&self.0)) }
            });
        }
    }
}
