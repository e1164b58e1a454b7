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
    /// This column may be the one for a field.
    MapField {
        /// The field.
        field: Field,
        /// The name of the column, as a user would type it.
        column: String,
    },
    /// A column must be chosen for a field. For any field but the value, a constant is possible as well.
    ChooseColumn {
        /// The field.
        field: Field,
        /// The name of a likely column, as a user would type it.
        suggestion: Option<String>,
    },
    /// The suggestions of all other hints for fields, combined.
    MapFields {
        /// The suggested columns.
        columns: Vec<FieldColumn>,
    },
    /// A column that would otherwise be lost must be renamed in the header, or mapped to a field.
    KeepColumn {
        /// The name of the column.
        column: String,
    },
    /// Several columns have the same name: all but one must be renamed in the header.
    RenameColumns,
    /// If the input is JSON, the format must be set to JSON Lines.
    ReadAsJson,
    /// If the input is a table, the format must be set to CSV or TSV.
    ReadAsTable {
        /// The character that separates its cells.
        delimiter: char,
    },
    /// If this character separates the cells of the table, the delimiter must be set.
    SetDelimiter {
        /// The character.
        delimiter: char,
    },
    /// If the input is in this encoding, the encoding must be set.
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
        /// The number of these lines.
        lines: u64,
        /// The table after them.
        table: TableForm,
    },
    /// If the columns of the table are the fields in their usual order, a header with their names must be put before
    /// it.
    AddHeader {
        /// The table.
        table: TableForm,
    },
    /// A header must be put before the table.
    NameColumns {
        /// The number of columns.
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

/// A field, and the column that it may come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct FieldColumn {
    /// The field.
    pub field: Field,
    /// The name of the column, as a user would type it.
    pub column: String,
}

/// An encoding that an input may be in. It is serialized as its name in the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum LikelyEncoding {
    /// UTF-16, little-endian.
    #[serde(rename = "utf-16le")]
    Utf16Le,
    /// UTF-16, big-endian.
    #[serde(rename = "utf-16be")]
    Utf16Be,
    /// Windows-1252, a superset of the printable characters of Latin-1.
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

/// How a table is written, as far as another program must know to read or change it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct TableForm {
    /// The character that separates its cells.
    pub delimiter: char,
    /// The name of its encoding in the configuration, if it isn't UTF-8.
    pub encoding: Option<String>,
    /// Whether its lines end with a carriage return and no line feed.
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
