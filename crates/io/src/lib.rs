//! Files and pipes of the Clearpipe command: inputs that are read in turn, outputs that appear completely or not at
//! all, and formatting of names, counts and rates for people.

pub mod input;
pub mod inputs;
mod opened;
pub mod output;
mod patterns;
pub mod text;
