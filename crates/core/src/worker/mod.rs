//! A worker of a stage: its context, its task, and why it exits.

mod context;
mod error;
mod task;

pub use context::{RunContext, WorkerContext};
pub use error::StageError;
pub(crate) use task::{Exit, Task};
