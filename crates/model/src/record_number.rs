//! The number of a record: its position in the order of production, from 0.
//!
//! Its highest bit marks a record that is traced, so that every stage can tell at no cost.

const TRACED: u64 = 1 << 63;

/// The number without the mark.
pub fn number(marked: u64) -> u64 {
    marked & !TRACED
}

/// Whether the number is marked as that of a traced record.
pub fn is_traced(marked: u64) -> bool {
    marked & TRACED != 0
}

/// The number, marked as that of a traced record.
pub fn traced(number: u64) -> u64 {
    number | TRACED
}
