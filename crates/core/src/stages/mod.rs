//! The stages, one file each. Each is an async function over its ends of the channels; [`crate::pipeline`] wires them.

pub mod buffered_sink;
pub mod error_handler;
pub mod fan_out;
pub mod loader;
pub mod metrics_collector;
mod persist;
pub mod pool_stage;
pub mod producer;
pub mod reorder_buffer;
pub mod retries;
pub mod retrying_transformer;
pub mod transformer;
pub mod validator;
