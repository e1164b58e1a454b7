//! A field of a table that the mapping sets to a fixed text.

use clearpipe_model::field::Field;

/// A field with the same value in all rows.
#[derive(Clone, Debug)]
pub(super) struct Constant {
    /// The field.
    pub field: Field,
    /// The inside of its JSON string, or its number.
    pub text: Vec<u8>,
    /// Its number, if it is the value.
    pub value: f64,
    /// Whether its text consists only of blanks.
    pub is_blank: bool,
}
