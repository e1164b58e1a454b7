//! What a case is (`case`), where it is run (`engine`), and what is different from what it expects (`compare`).

pub mod case;
pub mod compare;
pub mod engine;
