//! The configuration of an input.

use super::number;
use crate::encoding::Encoding;
use crate::format::Format;
use crate::jsonl::OUTCOME_FIELDS;
use crate::mapping::{Mapping, Origin};
use clearpipe_model::field::Field;
use clearpipe_model::problem::Problem;
use clearpipe_model::reject::FieldName;
use clearpipe_model::text::{grouped, shortened};
use serde::de::{Deserializer, Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// How to read an input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct InputOptions {
    /// The input, or a list of inputs, which are read one after the other. An input is a file, a pattern such as
    /// `logs/*.jsonl`, or a folder, whose files with a known extension are read in order of their names; `-` is the
    /// standard input. Data that is compressed with gzip, zstd, bzip2 or xz is recognised by its content. Only the
    /// command uses this setting; on the page, you choose files. Default: none; records are generated.
    #[serde(serialize_with = "serialize_names", deserialize_with = "deserialize_names")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<OneOrMany>"))]
    #[cfg_attr(feature = "typescript", ts(type = "string | string[] | null"))]
    pub file: Vec<String>,
    /// The format: auto, jsonl, csv or tsv. With auto, the extension of the file decides or, if it has no known one,
    /// the first line. Default: auto.
    pub format: Format,
    /// The character encoding: auto, utf-8, utf-16le, utf-16be, windows-1252, or the name of another encoding in the
    /// WHATWG Encoding Standard. auto is UTF-8, or UTF-16 if the input starts like it. A byte order mark always takes
    /// precedence. Default: auto.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub encoding: Encoding,
    /// For CSV and TSV: the column that each field comes from, or a constant in quotes. Default: each field comes from
    /// the column of the same name.
    pub map: Mapping,
    /// For CSV: the character that separates the cells. It must be an ASCII character other than a double quote, a
    /// carriage return or a line feed. Default: a comma.
    pub delimiter: Option<char>,
    /// The name of a field to add to each record, in both files, with the name of the input that it came from. If a
    /// record already has a field of that name, that field is renamed (`name_2`). Default: none.
    pub source_field: Option<String>,
    /// The maximum number of records to read, from all inputs together; lines that can't be parsed count as well.
    /// At least 1. Default: none; all records are read.
    #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
    pub head: Option<u64>,
    /// The maximum length in bytes of a line, or of a row of a table; a longer one fails.
    /// Default: 1048576 (1 MiB). Range: 1 to 67108864 (64 MiB).
    pub max_line: usize,
    /// The prefix for fields of the input whose names the pipeline uses itself: `status`, `error`, `processed_at`,
    /// `anomaly_score` and `is_anomaly`. A `status` in the input is kept as `input_status`. If the pipeline itself
    /// wrote the input, in an earlier run, its fields are replaced instead. 1 to 32 letters, digits, `_`, `-` and `.`.
    /// Default `input_`.
    pub rename_prefix: String,
}

/// How to rename fields of the input whose names the pipeline uses itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renaming {
    /// The prefix that is put before their names.
    pub(super) prefix: Arc<str>,
    /// [`InputOptions::source_field`], a name that fields of the input can't keep either.
    pub(super) source_field: Option<Arc<str>>,
}

impl Renaming {
    /// Returns whether one of these names is that of the field that names the input.
    pub(super) fn is_source_field(&self, names: &[Cow<'_, str>]) -> bool {
        self.source_field.as_ref().is_some_and(|field| names.iter().any(|name| **name == **field))
    }
}

impl Default for Renaming {
    fn default() -> Renaming {
        InputOptions::default().renaming()
    }
}

/// The fields that the failed file has for a line that can't be parsed.
const LINE_FIELDS: [&str; 2] = ["line", "raw"];

impl InputOptions {
    /// The largest permitted line limit. It keeps everything that is derived from a line far below 2 GiB, the limit of
    /// an offset in a buffer ([`Text`](clearpipe_model::record::Text)).
    pub const MAX_LINE_LIMIT: usize = 64 << 20;

    /// The longest `rename_prefix`.
    pub(super) const MAX_PREFIX_LENGTH: usize = 32;

    /// Returns how fields are renamed.
    pub(super) fn renaming(&self) -> Renaming {
        Renaming {
            prefix: self.rename_prefix.as_str().into(),
            source_field: self.source_field.as_deref().map(Arc::from),
        }
    }

    /// Checks the settings against each other; pushes all problems.
    pub fn check(&self, problems: &mut Vec<Problem>) {
        let mut refuse = |path: &str, text: String| problems.push(Problem::setting(format!("input.{path}"), text));
        if !(1..=Self::MAX_LINE_LIMIT).contains(&self.max_line) {
            let (length, limit) = (grouped(self.max_line as u64), grouped(Self::MAX_LINE_LIMIT as u64));
            refuse("max_line", format!("is {length}; it must be from 1 to {limit}"));
        }
        if self.file.iter().any(String::is_empty) {
            refuse("file", "is empty; name an input, or leave the setting out".to_owned());
        }
        if self.head == Some(0) {
            refuse("head", "is 0; it must be at least 1".to_owned());
        }
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "_-.".contains(letter);
        if !(1..=Self::MAX_PREFIX_LENGTH).contains(&self.rename_prefix.len())
            || !self.rename_prefix.chars().all(is_plain)
        {
            let (prefix, limit) = (shortened(&self.rename_prefix), Self::MAX_PREFIX_LENGTH);
            refuse("rename_prefix", format!("is {prefix:?}; it must be 1 to {limit} letters, digits, `_`, `-` or `.`"));
        }
        if let Some(delimiter) = self.delimiter {
            if !delimiter.is_ascii() || "\"\r\n".contains(delimiter) {
                let text = format!("is {delimiter:?}; it must be one ASCII character other than a quote or a line end");
                refuse("delimiter", text);
            } else if self.format == Format::Tsv && delimiter != '\t' {
                let text = format!("is {delimiter:?}, but TSV is separated by tabs; choose the format csv for it");
                refuse("delimiter", text);
            }
        }
        if self.format == Format::Jsonl {
            if self.delimiter.is_some() {
                refuse("delimiter", "is only for CSV; JSON Lines has none".to_owned());
            }
            if !self.map.is_empty() {
                refuse("map", "is only for CSV and TSV; the fields of JSON Lines can't be mapped".to_owned());
            }
        }
        if let Some(name) = &self.source_field
            && (name.is_empty()
                || Field::of_name(name).is_some()
                || OUTCOME_FIELDS.contains(&name.as_str())
                || LINE_FIELDS.contains(&name.as_str()))
        {
            refuse("source_field", format!("is {name:?}; choose a name that no other field has"));
        }
        if let Some(Origin::Constant(constant)) = self.map.get(Field::Value)
            && let Err(error) = number::read(constant)
        {
            let reason = error.reason(FieldName::Field(Field::Value), constant);
            refuse("map.value", format!("is invalid: {reason}"));
        }
    }

    /// Returns whether any of the settings that are only for tables is set.
    pub(super) fn is_for_table(&self) -> bool {
        self.delimiter.is_some() || !self.map.is_empty()
    }
}

/// The names of inputs in a configuration file, for the schema: one, or a list.
#[cfg(feature = "schema")]
#[derive(schemars::JsonSchema)]
#[serde(untagged)]
#[allow(dead_code)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

fn serialize_names<S: Serializer>(names: &[String], serializer: S) -> Result<S::Ok, S::Error> {
    match names {
        [] => serializer.serialize_none(),
        [name] => serializer.serialize_str(name),
        names => names.serialize(serializer),
    }
}

fn deserialize_names<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    struct Names;
    impl<'de> Visitor<'de> for Names {
        type Value = Vec<String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("the name of a file or a list of names")
        }

        fn visit_str<E>(self, name: &str) -> Result<Vec<String>, E> {
            Ok(vec![name.to_owned()])
        }

        fn visit_unit<E>(self) -> Result<Vec<String>, E> {
            Ok(Vec::new())
        }

        fn visit_none<E>(self) -> Result<Vec<String>, E> {
            Ok(Vec::new())
        }

        fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<String>, D::Error> {
            deserializer.deserialize_any(self)
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<String>, A::Error> {
            let mut names = Vec::new();
            while let Some(name) = list.next_element()? {
                names.push(name);
            }
            if names.is_empty() {
                return Err(A::Error::custom("the list is empty; name an input, or leave the setting out"));
            }
            Ok(names)
        }
    }
    deserializer.deserialize_any(Names)
}

impl Default for InputOptions {
    fn default() -> InputOptions {
        InputOptions {
            file: Vec::new(),
            format: Format::Auto,
            encoding: Encoding::default(),
            map: Mapping::default(),
            delimiter: None,
            source_field: None,
            head: None,
            max_line: 1 << 20,
            rename_prefix: "input_".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(json: &str) -> Vec<String> {
        let options: InputOptions = serde_json::from_str(json).unwrap();
        let mut problems = Vec::new();
        options.check(&mut problems);
        problems.iter().map(Problem::to_string).collect()
    }

    #[test]
    fn defaults_are_fine() {
        assert_eq!(serde_json::from_str::<InputOptions>("{}").unwrap(), InputOptions::default());
        assert!(problems("{}").is_empty());
        assert!(problems(r#"{"format":"csv","delimiter":";","map":{"value":"'5'"},"max_line":1}"#).is_empty());
        assert!(problems(r#"{"format":"tsv","delimiter":"\t"}"#).is_empty());
        assert!(serde_json::from_str::<InputOptions>(r#"{"maxline":5}"#).is_err());
    }

    #[test]
    fn all_problems_are_found_at_once() {
        let found = problems(r#"{"format":"jsonl","delimiter":"ö","map":{"value":"'x'"},"max_line":0}"#);
        assert_eq!(
            found,
            [
                "`input.max_line` is 0; it must be from 1 to 67,108,864",
                "`input.delimiter` is 'ö'; it must be one ASCII character other than a quote or a line end",
                "`input.delimiter` is only for CSV; JSON Lines has none",
                "`input.map` is only for CSV and TSV; the fields of JSON Lines can't be mapped",
                "`input.map.value` is invalid: `value`: \"x\" is not a number",
            ]
        );
    }

    #[test]
    fn the_files_are_one_name_or_a_list() {
        for (json, names, again) in [
            ("{}", &[][..], "null"),
            (r#"{"file":null}"#, &[], "null"),
            (r#"{"file":"a.csv"}"#, &["a.csv"], r#""a.csv""#),
            (r#"{"file":["a.csv","-"]}"#, &["a.csv", "-"], r#"["a.csv","-"]"#),
        ] {
            let options: InputOptions = serde_json::from_str(json).unwrap();
            assert_eq!(options.file, names);
            assert_eq!(serde_json::to_value(&options).unwrap()["file"].to_string(), again);
        }
        assert!(serde_json::from_str::<InputOptions>(r#"{"file":5}"#).is_err());
    }

    #[test]
    fn the_source_field_has_a_name_of_its_own() {
        assert!(problems(r#"{"source_field":"source"}"#).is_empty());
        for name in ["", "id", "value", "status", "error", "raw"] {
            assert_eq!(
                problems(&format!(r#"{{"source_field":"{name}"}}"#)),
                [format!("`input.source_field` is \"{name}\"; choose a name that no other field has")]
            );
        }
    }

    #[test]
    fn delimiters() {
        for delimiter in [r#"\""#, r"\n", r"\r", "€"] {
            assert_eq!(problems(&format!(r#"{{"format":"csv","delimiter":"{delimiter}"}}"#)).len(), 1);
        }
        assert_eq!(
            problems(r#"{"format":"tsv","delimiter":";"}"#),
            ["`input.delimiter` is ';', but TSV is separated by tabs; choose the format csv for it"]
        );
    }
}
