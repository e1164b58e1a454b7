//! Reads a case (`case`), runs it (`engine`), and compares the results with the expected ones (`compare`).

pub mod case;
pub mod compare;
pub mod engine;
