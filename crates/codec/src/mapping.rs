//! Which column of a table, or which constant, a field comes from.

use clearpipe_model::field::Field;
use clearpipe_model::text::shortened;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// Where a field comes from.
///
/// As text: the name of a column as it stands, or a constant in single or double quotes (`'l/s'`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(with = "String"))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(as = "String"))]
pub enum Origin {
    /// From the column of this name.
    Column(String),
    /// The same text for all records.
    Constant(String),
}

impl FromStr for Origin {
    type Err = String;

    /// Parses a column's name or a quoted constant.
    ///
    /// # Errors
    /// A sentence that describes the problem: an empty text, an empty constant, or a quote that is not closed.
    fn from_str(text: &str) -> Result<Origin, String> {
        let text = text.trim();
        let Some(quote @ ('\'' | '"')) = text.chars().next() else {
            if text.is_empty() {
                return Err("the name of a column, or a constant in quotes, is missing".to_owned());
            }
            return Ok(Origin::Column(text.to_owned()));
        };
        match text[1..].strip_suffix(quote) {
            None => Err(format!("the constant {} has no closing quote ({quote})", shortened(text))),
            Some("") => Err("the constant is empty; leave the field out instead".to_owned()),
            Some(constant) => Ok(Origin::Constant(constant.to_owned())),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Column(name) => f.write_str(name),
            Origin::Constant(text) => write!(f, "'{text}'"),
        }
    }
}

impl TryFrom<String> for Origin {
    type Error = String;

    fn try_from(text: String) -> Result<Origin, String> {
        text.parse()
    }
}

impl From<Origin> for String {
    fn from(origin: Origin) -> String {
        origin.to_string()
    }
}

/// One entry of a [`Mapping`], as written on the command line: `value=temp_max`, `unit='l/s'`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingEntry {
    /// The field.
    pub field: Field,
    /// Where it comes from.
    pub origin: Origin,
}

impl FromStr for MappingEntry {
    type Err = String;

    /// Parses `FIELD=COLUMN` or `FIELD='CONSTANT'`. The first `=` counts, so a column's name may contain one.
    ///
    /// # Errors
    /// A sentence that describes the problem.
    fn from_str(text: &str) -> Result<MappingEntry, String> {
        let Some((field, origin)) = text.split_once('=') else {
            return Err(format!("`{}` is no mapping; write FIELD=COLUMN or FIELD='CONSTANT'", shortened(text)));
        };
        let field = field.trim().parse()?;
        let origin = origin.parse().map_err(|problem| format!("`{}`: {problem}", shortened(text)))?;
        Ok(MappingEntry { field, origin })
    }
}

impl fmt::Display for MappingEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.field, self.origin)
    }
}

/// Which field comes from which column or constant. A field that isn't in it comes from the column of its own name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, Origin>")]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(with = "BTreeMap<Field, Origin>", extend("propertyNames" = serde_json::json!({ "enum": Field::ALL })))
)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Mapping(BTreeMap<Field, Origin>);

/// Deserialized as strings first, so that the path of an error names the field.
impl TryFrom<BTreeMap<String, Origin>> for Mapping {
    type Error = String;

    fn try_from(entries: BTreeMap<String, Origin>) -> Result<Mapping, String> {
        // Collecting them would sort them, and another sort makes the engine of the page larger.
        let mut mapping = Mapping::default();
        for (name, origin) in entries {
            mapping.0.insert(name.parse()?, origin);
        }
        Ok(mapping)
    }
}

impl Mapping {
    /// Adds an entry.
    ///
    /// # Errors
    /// A sentence, if the field is already mapped to something else.
    pub fn add(&mut self, entry: MappingEntry) -> Result<(), String> {
        let MappingEntry { field, origin } = entry;
        match self.0.get(&field) {
            Some(other) if *other != origin => {
                Err(format!("the field {field} is mapped twice: {field}={other} and {field}={origin}"))
            }
            _ => {
                self.0.insert(field, origin);
                Ok(())
            }
        }
    }

    /// Returns where a field comes from, if it is mapped.
    pub fn get(&self, field: Field) -> Option<&Origin> {
        self.0.get(&field)
    }

    /// Returns whether nothing is mapped.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns all entries, in the order of the fields.
    pub fn iter(&self) -> impl Iterator<Item = (Field, &Origin)> {
        self.0.iter().map(|(&field, origin)| (field, origin))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(text: &str) -> Result<(Field, Origin), String> {
        text.parse().map(|MappingEntry { field, origin }| (field, origin))
    }

    #[test]
    fn columns_and_constants() {
        let column = |name: &str| Origin::Column(name.to_owned());
        let constant = |text: &str| Origin::Constant(text.to_owned());
        assert_eq!(entry("value=temp_max"), Ok((Field::Value, column("temp_max"))));
        assert_eq!(entry("value=Water flow [l/s]"), Ok((Field::Value, column("Water flow [l/s]"))));
        assert_eq!(entry(" value = a=b "), Ok((Field::Value, column("a=b"))));
        assert_eq!(entry("unit='l/s'"), Ok((Field::Unit, constant("l/s"))));
        assert_eq!(entry("unit=\"l/s\""), Ok((Field::Unit, constant("l/s"))));
        assert_eq!(entry("unit='it's'"), Ok((Field::Unit, constant("it's"))));
        assert_eq!(entry("unit=' '"), Ok((Field::Unit, constant(" "))));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, problem) in [
            ("value", "`value` is no mapping; write FIELD=COLUMN or FIELD='CONSTANT'"),
            ("temp=x", "there is no field `temp`; the fields are id, timestamp, sensor_id, value, unit, location"),
            ("value=", "`value=`: the name of a column, or a constant in quotes, is missing"),
            ("unit='l/s", "`unit='l/s`: the constant 'l/s has no closing quote (')"),
            ("unit='", "`unit='`: the constant ' has no closing quote (')"),
            ("unit=''", "`unit=''`: the constant is empty; leave the field out instead"),
        ] {
            assert_eq!(entry(text), Err(problem.to_owned()));
        }
    }

    #[test]
    fn a_field_is_mapped_once() {
        let mut mapping = Mapping::default();
        mapping.add("value=a".parse().unwrap()).unwrap();
        mapping.add("value=a".parse().unwrap()).unwrap();
        let error = mapping.add("value=b".parse().unwrap()).unwrap_err();
        assert_eq!(error, "the field value is mapped twice: value=a and value=b");
    }

    #[test]
    fn as_json() {
        let text = r#"{"value":"temp_max","unit":"'l/s'"}"#;
        let mapping: Mapping = serde_json::from_str(text).unwrap();
        assert_eq!(mapping.get(Field::Value), Some(&Origin::Column("temp_max".to_owned())));
        assert_eq!(mapping.get(Field::Unit), Some(&Origin::Constant("l/s".to_owned())));
        assert_eq!(serde_json::to_string(&mapping).unwrap(), text);

        let error = serde_json::from_str::<Mapping>(r#"{"unit":"'l/s"}"#).unwrap_err().to_string();
        assert!(error.contains("no closing quote"), "{error}");
        assert!(serde_json::from_str::<Mapping>(r#"{"temp":"x"}"#).is_err());
    }
}
