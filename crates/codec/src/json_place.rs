//! The position of a block of JSON in its input.

use super::line_ends::LineEnds;

/// The position of a block's records in an input that is JSON, but not JSON Lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonPlace {
    /// Everything before this byte of the block belongs to something else.
    pub(crate) start: usize,
    /// The position of this byte in its line, from 0.
    pub(crate) column: u64,
    /// The line endings.
    pub(crate) ends: LineEnds,
}
