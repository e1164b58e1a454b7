//! Types that all of Clearpipe shares: the record and its fields, the names of stages and channels, times, sums and
//! texts.
//!
//! Nothing here is asynchronous, reads a file or depends on how the pipeline runs.

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
