//! The JSON Schema of a configuration.

use super::{Config, Range, SETTINGS};
use schemars::Schema;
use serde_json::{Value, json};

impl Config {
    /// Returns the JSON Schema: the types, descriptions and defaults of the fields, and the ranges of the registry.
    pub fn schema() -> Schema {
        let mut schema = schemars::schema_for!(Config);
        for setting in SETTINGS {
            let (least, most) = match setting.range {
                Range::Any => continue,
                Range::Whole(least, u64::MAX) => (json!(least), None),
                Range::Whole(least, most) | Range::PowersOfTwo(least, most) => (json!(least), Some(json!(most))),
                Range::NotNegative(_) => (json!(0), None),
            };
            let at = pointer(schema.as_value(), setting.path);
            if let Some(property) = schema.pointer_mut(&at).and_then(Value::as_object_mut) {
                property.insert("minimum".to_owned(), least);
                property.extend(most.map(|most| ("maximum".to_owned(), most)));
            }
        }
        schema
    }
}

/// Returns the JSON pointer to the schema of a setting.
fn pointer(schema: &Value, path: &str) -> String {
    path.split('.').fold(String::new(), |at, key| {
        let reference = schema.pointer(&at).and_then(|table| table["$ref"].as_str());
        let at = reference.and_then(|reference| reference.strip_prefix('#')).unwrap_or(&at);
        format!("{at}/properties/{key}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_in_the_schema() {
        let schema = Config::schema().to_value();
        let at = |path| schema.pointer(&pointer(&schema, path)).unwrap();
        assert_eq!((&at("workers")["minimum"], &at("workers")["maximum"]), (&json!(1), &json!(65_535)));
        assert_eq!((&at("batch")["minimum"], &at("batch")["maximum"]), (&json!(1), &json!(65_536)));
        assert_eq!((&at("trace.sample")["minimum"], at("trace.sample").get("maximum")), (&json!(1), None));
        assert_eq!(at("generator.rate_limit")["minimum"], 0);
        for setting in SETTINGS {
            assert!(at(setting.path).get("default").is_some(), "{}", setting.path);
        }
    }
}
