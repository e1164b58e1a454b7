//! The `clearpipe` command.

fn main() {}
