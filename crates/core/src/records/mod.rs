//! Records as rules and transformations see them: a row for each, and its fields.
//!
//! Generated and read records look the same here, so all processing of records is written once. Only finding a field
//! differs ([`Fields`]).

mod decode;
mod encode;
mod fields;
mod memo;
mod selection;

pub use decode::decode;
pub use encode::{Encode, JsonLines, Scored};
pub use fields::{FieldText, Fields};
pub use memo::{Memo, UnitMemo, UnitsOfBatch};
pub(crate) use selection::reject_unwritable;
pub use selection::{Rejection, Rejections, Selection, Why, remove_rejected, split_rejected};

use crate::batch::{RecordBatch, Row};
use crate::generator::Dictionary;

/// The records of a batch.
#[derive(Clone, Copy, Debug)]
pub struct Records<'a> {
    /// A row for each record, in the order of production.
    pub rows: &'a [Row],
    /// Where their fields are.
    pub fields: Fields<'a>,
}

impl<'a> Records<'a> {
    /// Creates the records of a batch that has been decoded. `dictionary` is the generator's dictionary.
    #[inline]
    pub fn of(batch: &'a RecordBatch, dictionary: &'a Dictionary) -> Records<'a> {
        Records { rows: &batch.rows, fields: Fields::of(&batch.content, dictionary) }
    }
}
