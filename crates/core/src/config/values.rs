//! The settings that are written as text with a syntax of their own.

use super::number::{self, NumberError};
use clearpipe_model::random::{self, Purpose};
use clearpipe_model::time::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::str::FromStr;

/// Gives a type its text form in files: written with `Display` and read with `FromStr`; a number can also be read as a
/// number.
macro_rules! text_form {
    ($type:ty, $name:literal, $pattern:expr) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Visitor;
                impl de::Visitor<'_> for Visitor {
                    type Value = $type;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($pattern)
                    }
                    fn visit_str<E: de::Error>(self, text: &str) -> Result<$type, E> {
                        text.parse().map_err(E::custom)
                    }
                    fn visit_u64<E: de::Error>(self, number: u64) -> Result<$type, E> {
                        self.visit_str(&number.to_string())
                    }
                    fn visit_i64<E: de::Error>(self, number: i64) -> Result<$type, E> {
                        self.visit_str(&number.to_string())
                    }
                    fn visit_f64<E: de::Error>(self, number: f64) -> Result<$type, E> {
                        self.visit_str(&number.to_string())
                    }
                    // YAML reads an unquoted `off` as false.
                    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<$type, E> {
                        self.visit_str(if flag { "on" } else { "off" })
                    }
                }
                deserializer.deserialize_any(Visitor)
            }
        }

        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": ["string", "number"], "description": $pattern })
            }
        }
    };
}

pub(super) use text_form;

/// The most records that travel together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(type = "string"))]
pub enum BatchSize {
    /// Starts with 1 and doubles with each batch.
    #[default]
    Auto,
    /// All the records that are available, up to this number.
    Fixed(usize),
}

impl BatchSize {
    /// The largest batch of [`BatchSize::Auto`]. Smaller ones cost channel operations, larger ones only memory.
    pub const MAX_AUTO: usize = 1024;

    /// Returns the most records that may travel together.
    pub fn most(self) -> usize {
        match self {
            BatchSize::Auto => Self::MAX_AUTO,
            BatchSize::Fixed(size) => size,
        }
    }
}

impl fmt::Display for BatchSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BatchSize::Auto => f.write_str("auto"),
            BatchSize::Fixed(size) => size.fmt(f),
        }
    }
}

impl FromStr for BatchSize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "auto" {
            return Ok(BatchSize::Auto);
        }
        let wrong = || format!("`{text}` is neither a number of records nor `auto`");
        let size = number::whole(text).map_err(|error| or_else(error, wrong))?;
        usize::try_from(size).map(BatchSize::Fixed).map_err(|_| wrong())
    }
}

text_form!(BatchSize, "BatchSize", "a number of records, or `auto`");

/// The source of the time of day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(type = "string"))]
pub enum Clock {
    /// The runtime's clock: the time of day, or the virtual clock.
    #[default]
    System,
    /// Always the same time.
    Fixed(Timestamp),
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Clock::System => f.write_str("system"),
            Clock::Fixed(time) => write!(f, "fixed:{time}"),
        }
    }
}

impl FromStr for Clock {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.strip_prefix("fixed:") {
            Some(time) => time.parse().map(Clock::Fixed),
            None if text == "system" => Ok(Clock::System),
            None => Err(format!("`{text}` is neither `system` nor `fixed:` and a time such as 2026-01-31T23:59:59Z")),
        }
    }
}

text_form!(Clock, "Clock", "`system`, or `fixed:` and an RFC 3339 time");

/// Selects the records into which something is injected.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(type = "string"))]
pub enum Injection {
    /// No records.
    #[default]
    Off,
    /// The records whose number is divisible by this (at least 1).
    Every(u64),
    /// This share of the records, from 0 to 1, chosen by the seed.
    Share(f64),
}

impl Injection {
    /// Returns whether a record is selected.
    pub fn hits(self, seed: u64, purpose: Purpose, record: u64) -> bool {
        self.selects(seed, purpose as u64, record)
    }

    /// Returns whether a record is selected by the random numbers of this purpose.
    pub(crate) fn selects(self, seed: u64, purpose: u64, record: u64) -> bool {
        match self {
            Injection::Off => false,
            Injection::Every(n) => record.is_multiple_of(n),
            Injection::Share(share) => random::fraction(random::of_record(seed, purpose, record)) < share,
        }
    }
}

impl fmt::Display for Injection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Injection::Off => f.write_str("off"),
            Injection::Every(n) => write!(f, "every {n}"),
            Injection::Share(share) => write!(f, "{}%", (share * 1e14).round() / 1e12),
        }
    }
}

impl FromStr for Injection {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is none of `off`, `every 10` and `5%`");
        if text == "off" {
            Ok(Injection::Off)
        } else if let Some(n) = text.strip_prefix("every ") {
            let n = number::whole(n).map_err(|error| or_else(error, wrong))?;
            if n > 0 { Ok(Injection::Every(n)) } else { Err(wrong()) }
        } else if let Some(percent) = text.strip_suffix('%') {
            let share = number::decimal(percent).map_err(|error| or_else(error, wrong))? / 100.0;
            if (0.0..=1.0).contains(&share) { Ok(Injection::Share(share)) } else { Err(wrong()) }
        } else {
            Err(wrong())
        }
    }
}

text_form!(Injection, "Injection", "`every 10`, a share such as `5%`, or `off`");

/// Returns the message for a wrong number or, if there is no number, for the whole text.
pub(super) fn or_else(error: NumberError, wrong: impl Fn() -> String) -> String {
    if error == NumberError::NoNumber { wrong() } else { error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip<T: FromStr<Err = String> + fmt::Display>(text: &str) -> String {
        text.parse::<T>().unwrap().to_string()
    }

    #[test]
    fn texts_are_read_and_written() {
        assert_eq!(round_trip::<BatchSize>("auto"), "auto");
        assert_eq!(round_trip::<BatchSize>("256"), "256");
        assert_eq!(round_trip::<Clock>("fixed:2026-01-01T00:00:00Z"), "fixed:2026-01-01T00:00:00.000000Z");
        assert_eq!(round_trip::<Injection>("every 10"), "every 10");
        assert_eq!(round_trip::<Injection>("12.5%"), "12.5%");
    }

    #[test]
    fn wrong_texts_are_refused() {
        assert!("-1".parse::<BatchSize>().is_err());
        assert!("fixed:today".parse::<Clock>().is_err());
        assert!("every 0".parse::<Injection>().is_err());
        assert!("101%".parse::<Injection>().is_err());
    }

    #[test]
    fn numbers_in_texts_may_have_thousands_but_no_decimal_comma() {
        assert_eq!("1,000".parse(), Ok(BatchSize::Fixed(1000)));
        assert_eq!("every 1_000".parse(), Ok(Injection::Every(1000)));
        let instead = |number: &str, error: String| assert!(error.ends_with(&format!("write {number}")), "{error}");
        instead("1.5", "1,5".parse::<BatchSize>().unwrap_err());
        instead("2.5", "2,5%".parse::<Injection>().unwrap_err());
    }
}
