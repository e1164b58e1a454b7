//! The items of a channel.

/// An item of a channel, which takes up some of the capacity.
pub trait Weighted {
    /// Returns the number of records in it; at least 1.
    fn weight(&self) -> usize;
}
