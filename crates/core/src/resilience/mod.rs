//! What to do when something fails for a while: policies as state machines. Time and random numbers go in, a decision
//! comes out, so that every runtime, the virtual clock and the tests share them.

mod breaker;
mod retry;

pub use breaker::{Allowed, Breaker};
pub use retry::{Outcome, RetryPolicy, Verdict};
