//! Files and pipes of the Clearpipe command: inputs that are read in turn, outputs that appear whole or not at all, and
//! how their names, counts and rates are shown to people.

pub mod input;
pub mod inputs;
mod opened;
pub mod output;
mod patterns;
pub mod text;
