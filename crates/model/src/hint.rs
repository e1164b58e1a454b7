//! What a user can do about a problem of an input.
//!
//! A [`Hint`] is data. It doesn't name a flag or a control: each front end phrases it in its own words, after the text
//! of the problem it belongs to.

use crate::field::Field;
use serde::{Deserialize, Serialize};

/// What can be done about a problem of an input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Hint {
    /// This column may be the one that is meant.
    MapField {
        /// The field that it may give.
        field: Field,
        /// Its name, as a person would type it.
        column: String,
    },
    /// A column must be chosen for a field. Unless it is the value, it may also be the same for all records.
    ChooseColumn {
        /// The field.
        field: Field,
        /// The name of the column that may be the one, as a person would type it.
        suggestion: Option<String>,
    },
    /// All that the other hints suggest for fields, to be done at once.
    MapFields {
        /// The columns, by field.
        columns: Vec<FieldColumn>,
    },
    /// A column that would get lost must be renamed in the header, or give a field.
    KeepColumn {
        /// Its name.
        column: String,
    },
    /// All columns of the same name but one must be renamed in the header.
    RenameColumns,
    /// If the input is JSON, it must be read as JSON Lines are.
    ReadAsJson,
    /// If the input is a table, it must be read as one.
    ReadAsTable {
        /// What separates its cells.
        delimiter: char,
    },
    /// If this separates the cells of the table, that must be set.
    SetDelimiter {
        /// The character.
        delimiter: char,
    },
    /// If the input is in this encoding, that must be set.
    SetEncoding {
        /// The encoding.
        encoding: LikelyEncoding,
    },
    /// The limit for the length of a line may be raised.
    RaiseMaxLine,
    /// All lines must end in the same way.
    UnifyLineEnds,
    /// The lines before the header must be left out.
    SkipLines {
        /// How many they are.
        lines: u64,
        /// The table behind them.
        table: TableForm,
    },
    /// If the columns of the table are the fields, in their order, a header that says so must be put before it.
    AddHeader {
        /// The table.
        table: TableForm,
    },
    /// A header must be put before the table.
    NameColumns {
        /// How many columns it has.
        count: usize,
    },
    /// The file must be converted to CSV or JSON Lines.
    Convert,
    /// The sheet must be saved as CSV.
    SaveAsCsv,
    /// A table of the database must be exported as CSV.
    ExportTable,
    /// The document must be saved as plain text.
    SaveAsText,
    /// The text must be converted to UTF-8.
    ConvertToUtf8,
    /// The file must be unpacked or decompressed.
    Unpack,
}

/// A column that may give a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct FieldColumn {
    /// The field.
    pub field: Field,
    /// The name of the column, as a person would type it.
    pub column: String,
}

/// An encoding that an input may be in. Its name is that in the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum LikelyEncoding {
    /// UTF-16, little-endian.
    #[serde(rename = "utf-16le")]
    Utf16Le,
    /// UTF-16, big-endian.
    #[serde(rename = "utf-16be")]
    Utf16Be,
    /// Windows-1252, of which Latin-1 is a part.
    #[serde(rename = "windows-1252")]
    Windows1252,
}

impl LikelyEncoding {
    /// Returns its name in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            LikelyEncoding::Utf16Le => "utf-16le",
            LikelyEncoding::Utf16Be => "utf-16be",
            LikelyEncoding::Windows1252 => "windows-1252",
        }
    }
}

/// How a table is written: what another program that is to read or change it must know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct TableForm {
    /// What separates its cells.
    pub delimiter: char,
    /// The name of its encoding in the configuration, if it isn't UTF-8.
    pub encoding: Option<String>,
    /// Whether a carriage return alone ends its lines.
    pub has_returns: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_json() {
        let hint = Hint::SetEncoding { encoding: LikelyEncoding::Utf16Le };
        assert_eq!(serde_json::to_string(&hint).unwrap(), r#"{"kind":"set_encoding","encoding":"utf-16le"}"#);
        for encoding in [LikelyEncoding::Utf16Le, LikelyEncoding::Utf16Be, LikelyEncoding::Windows1252] {
            assert_eq!(serde_json::to_value(encoding).unwrap(), encoding.as_str());
        }
    }
}
