//! The number of a record: its position in the order of production, from 0.
//!
//! Its highest bit marks a traced record, so that every stage can recognise it at no cost.

const TRACED: u64 = 1 << 63;

/// Returns the number without the mark.
pub fn number(marked: u64) -> u64 {
    marked & !TRACED
}

/// Returns whether the number is marked as that of a traced record.
pub fn is_traced(marked: u64) -> bool {
    marked & TRACED != 0
}

/// Returns the number, marked as that of a traced record.
pub fn traced(number: u64) -> u64 {
    number | TRACED
}
