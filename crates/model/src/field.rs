//! The fields of a record that an input can contain.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A field of a record that can be mapped to a column and required by the Validators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Field {
    /// Which record this is.
    Id,
    /// When it was measured, RFC 3339.
    Timestamp,
    /// Which sensor measured it.
    SensorId,
    /// The measured value.
    Value,
    /// The unit of the value.
    Unit,
    /// Where the sensor is.
    Location,
}

impl Field {
    /// All fields, in the order of the files.
    pub const ALL: [Field; 6] =
        [Field::Id, Field::Timestamp, Field::SensorId, Field::Value, Field::Unit, Field::Location];

    /// Returns its name in the files and in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Field::Id => "id",
            Field::Timestamp => "timestamp",
            Field::SensorId => "sensor_id",
            Field::Value => "value",
            Field::Unit => "unit",
            Field::Location => "location",
        }
    }

    /// Returns the field with this name, if there is one.
    pub fn of_name(name: &str) -> Option<Field> {
        Field::ALL.into_iter().find(|field| field.as_str() == name)
    }

    /// Returns its index in [`Field::ALL`].
    pub fn index(self) -> usize {
        self as usize
    }
}

/// A set of fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct FieldSet(u8);

impl FieldSet {
    /// Returns whether the set is empty.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns whether a field is in the set.
    pub fn contains(self, field: Field) -> bool {
        self.0 & 1 << field.index() != 0
    }

    /// Returns the fields, in the order of the files.
    pub fn iter(self) -> impl Iterator<Item = Field> {
        Field::ALL.into_iter().filter(move |field| self.contains(*field))
    }
}

impl FromIterator<Field> for FieldSet {
    fn from_iter<I: IntoIterator<Item = Field>>(fields: I) -> FieldSet {
        FieldSet(fields.into_iter().fold(0, |set, field| set | 1 << field.index()))
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Field {
    type Err = String;

    /// Parses a name.
    ///
    /// # Errors
    /// A sentence that names the available fields.
    fn from_str(name: &str) -> Result<Field, String> {
        Field::of_name(name).ok_or_else(|| {
            let names: Vec<&str> = Field::ALL.iter().map(|field| field.as_str()).collect();
            format!("there is no field `{}`; the fields are {}", crate::text::shortened(name), names.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for (index, field) in Field::ALL.into_iter().enumerate() {
            assert_eq!(field.index(), index);
            assert_eq!(field.to_string().parse(), Ok(field));
            assert_eq!(serde_json::to_string(&field).unwrap(), format!("\"{field}\""));
        }
    }

    #[test]
    fn a_set_has_each_field_once_and_in_order() {
        let set: FieldSet = [Field::Unit, Field::Id, Field::Unit].into_iter().collect();
        assert_eq!(set.iter().collect::<Vec<_>>(), [Field::Id, Field::Unit]);
        assert!(!set.is_empty() && set.contains(Field::Id) && !set.contains(Field::Value));
        assert!(FieldSet::default().is_empty());
        assert_eq!(Field::ALL.into_iter().collect::<FieldSet>().iter().count(), 6);
    }

    #[test]
    fn an_unknown_name_is_told_the_known_ones() {
        let error = "temp".parse::<Field>().unwrap_err();
        assert_eq!(error, "there is no field `temp`; the fields are id, timestamp, sensor_id, value, unit, location");
    }
}
