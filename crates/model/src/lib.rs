//! What all of Clearpipe shares: the record and its fields, the stages and channels by name, times, sums and texts.
//!
//! Nothing here is asynchronous, reads a file or knows how the pipeline runs.

pub mod field;
pub mod hint;
pub mod input_label;
pub mod json_text;
pub mod notice;
pub mod problem;
pub mod random;
pub mod record;
pub mod record_number;
pub mod reject;
pub mod sum;
pub mod text;
pub mod time;
pub mod topology;
