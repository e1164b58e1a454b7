//! Where in an input a block of JSON is.

use super::line_ends::LineEnds;

/// Where the records of a block are in an input that is JSON, but not JSON Lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonPlace {
    /// What is before this byte of the block belongs to something else.
    pub(crate) start: usize,
    /// Where in its line this byte is, from 0.
    pub(crate) column: u64,
    /// What ends the lines.
    pub(crate) ends: LineEnds,
}
