//! A field of a table that the mapping gives a fixed text.

use clearpipe_model::field::Field;

/// A field that is the same in all rows.
#[derive(Clone, Debug)]
pub(super) struct Constant {
    /// Which field.
    pub field: Field,
    /// The inside of its JSON string, or its number.
    pub text: Vec<u8>,
    /// Its number, if the field is the value.
    pub value: f64,
    /// Whether it is a text of nothing but blanks.
    pub is_blank: bool,
}
