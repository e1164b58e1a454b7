//! Required fields must be present.

use super::Rule;
use crate::records::{Memo, Records, Selection, Why};
use clearpipe_model::field::Field;
use clearpipe_model::reject::Reason;

/// Rejects records that lack a required field: it is missing, empty or blank.
#[derive(Debug)]
pub struct RequiredFields(Vec<Field>);

impl RequiredFields {
    /// Creates a rule that requires these fields.
    pub fn new(fields: &[Field]) -> RequiredFields {
        RequiredFields(fields.to_vec())
    }
}

impl Rule for RequiredFields {
    fn check<'r>(&'r self, records: Records<'_>, selection: &mut Selection<'_, 'r>, memo: &mut Memo) {
        let Records { rows, fields } = records;
        if self.0.is_empty() || fields.are_all_complete() {
            return;
        }
        selection.retain(rows, |row| {
            // Most records have all fields, which is fast to check.
            if fields.is_complete(row) {
                return Ok(());
            }
            let missing = fields.missing(row, &self.0, &mut memo.builder);
            if missing.is_empty() { Ok(()) } else { Err(Why::own(Reason::MissingFields { fields: missing })) }
        });
    }
}
