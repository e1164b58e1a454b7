//! What the tests with tables in `tests/vectors` share.

use serde_json::Value;
use std::path::{Path, PathBuf};

pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors")
}

/// Sets what `changes` sets, deeply.
pub fn merge(into: &mut Value, changes: &Value) {
    match (into, changes) {
        (Value::Object(into), Value::Object(changes)) => {
            changes.iter().for_each(|(key, value)| merge(into.entry(key).or_insert(Value::Null), value));
        }
        (into, changes) => *into = changes.clone(),
    }
}

/// Returns whether everything that is stored was measured; there may be more measurements.
pub fn has_all(measured: &Value, stored: &Value) -> bool {
    match (measured, stored) {
        (Value::Object(measured), Value::Object(stored)) => {
            stored.iter().all(|(key, stored)| measured.get(key).is_some_and(|measured| has_all(measured, stored)))
        }
        (Value::Array(measured), Value::Array(stored)) => {
            measured.len() == stored.len()
                && measured.iter().zip(stored).all(|(measured, stored)| has_all(measured, stored))
        }
        (Value::Number(measured), Value::Number(stored)) => {
            let [measured, stored] = [measured, stored].map(|number| number.as_f64().unwrap_or(f64::NAN));
            (measured - stored).abs() <= 1e-9 * measured.abs().max(1.0)
        }
        (measured, stored) => measured == stored,
    }
}
