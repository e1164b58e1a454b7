//! What travels through a channel.

/// An item of a channel: how much of the capacity it takes.
pub trait Weighted {
    /// The number of records in it; at least 1.
    fn weight(&self) -> usize;
}
