//! Sums that don't depend on the order in which values are added.

mod exact;
mod partial;

pub use exact::ExactSum;
pub use partial::PartialSum;
