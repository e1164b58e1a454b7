//! Levels of the scheduler game: the learner chooses which task runs next, predicts what can come of it, or looks for a
//! seed that goes wrong. `docs/lessons.md` says how they are written.
//!
//! | module | about |
//! |---|---|
//! | `level` | what a level is |
//! | `file` | from a file to a level, with all problems |
//! | `check` | whether what levels say is what a search of all schedules finds |
//! | `json` | levels for the page |

pub mod check;
pub mod file;
#[cfg(test)]
mod golden_tests;
pub mod json;
// The topic of the folder, and a type of its own.
#[allow(clippy::module_inception)]
pub mod level;

pub use level::Level;
