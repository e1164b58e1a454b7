//! The seam between the bytes of an input and its records.

use crate::json_template::LineTemplates;
use clearpipe_model::record::{Line, Noted, Record};
use clearpipe_model::reject::Reject;
use std::fmt;

/// Makes records of lines. The lines of one input have the same decoder, which may know more than the lines say, such as the
/// header of a table.
pub trait Decode: fmt::Debug + Send + Sync {
    /// Decodes lines of a block, and appends a record for each of them to `into`.
    ///
    /// `templates` holds what lines before looked like; a caller that decodes many keeps it. The result doesn't depend on
    /// it.
    fn decode(&self, templates: &mut LineTemplates, lines: &[Line], block: &[u8], into: &mut Decoded);

    /// Decodes a single line. The texts of the record are places in `block` where they can be used as they are; the others
    /// are appended to `scratch`.
    ///
    /// # Errors
    /// [`Reject`] if the line is no record: where it is, and why. `scratch` is then as it was.
    fn decode_line(&self, line: &Line, block: &[u8], scratch: &mut Vec<u8>) -> Result<Record, Reject>;
}

/// Records, as they were decoded.
#[derive(Debug, Default)]
pub struct Decoded {
    /// A record for each line, in the order of the lines. For a line that is no record, it has no fields.
    pub records: Vec<Record>,
    /// The texts of the records that could not be used as they are in the block.
    pub scratch: Vec<u8>,
    /// What is worth knowing of how any of the lines was read.
    pub noted: Noted,
    /// The lines that are no records, by the index of their record, in ascending order.
    pub rejects: Vec<(usize, Reject)>,
}

impl Decoded {
    /// Forgets all records from an index on. Their texts stay.
    pub fn truncate(&mut self, records: usize) {
        self.records.truncate(records);
        self.rejects.retain(|(index, _)| *index < records);
    }
}
