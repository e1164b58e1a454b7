//! The interface between the bytes of an input and its records.

use crate::json_template::LineTemplates;
use clearpipe_model::record::{Line, Noted, Record};
use clearpipe_model::reject::Reject;
use std::fmt;

/// Converts lines to records. All lines of one input have the same decoder, which may know more than the lines contain,
/// such as the header of a table.
pub trait Decode: fmt::Debug + Send + Sync {
    /// Decodes lines of a block, and appends a record for each of them to `into`.
    ///
    /// `templates` remembers the templates of earlier lines; a caller that decodes many lines keeps it. The result doesn't
    /// depend on it.
    fn decode(&self, templates: &mut LineTemplates, lines: &[Line], block: &[u8], into: &mut Decoded);

    /// Decodes a single line. The texts of the record refer to `block` where they can be used unchanged; the others are
    /// appended to `scratch`.
    ///
    /// # Errors
    /// [`Reject`] if the line can't be parsed: where it is, and why. `scratch` is then unchanged.
    fn decode_line(&self, line: &Line, block: &[u8], scratch: &mut Vec<u8>) -> Result<Record, Reject>;
}

/// Decoded records.
#[derive(Debug, Default)]
pub struct Decoded {
    /// A record for each line, in the order of the lines. For a line that can't be parsed, it has no fields.
    pub records: Vec<Record>,
    /// The texts of the records that could not be used unchanged from the block.
    pub scratch: Vec<u8>,
    /// What was noted while the lines were read.
    pub noted: Noted,
    /// The lines that can't be parsed, by the index of their record, in ascending order.
    pub rejects: Vec<(usize, Reject)>,
}

impl Decoded {
    /// Drops all records from this index on. Their texts stay.
    pub fn truncate(&mut self, records: usize) {
        self.records.truncate(records);
        self.rejects.retain(|(index, _)| *index < records);
    }
}
