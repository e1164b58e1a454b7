//! Notices: what a user should know about an input although it isn't an error.

use crate::field::Field;
use serde::{Deserialize, Serialize};

/// Something that is worth knowing of an input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Notice {
    /// The input has no records: it is empty, or there is nothing behind its header.
    NoRecords,
    /// The input has no byte order mark, but begins as text in this encoding does, and is read so.
    GuessedEncoding {
        /// Its name in the configuration.
        encoding: String,
    },
    /// No column gives the id, so each record's is made from the number of its row.
    IdsFromRows,
    /// Columns have another name in the output: their own is taken, or they have none.
    RenamedColumns {
        /// Which: the first of them.
        columns: Vec<RenamedColumn>,
        /// How many they are.
        count: usize,
    },
    /// A field that need not be there is not, but a column has nearly its name.
    SimilarColumn {
        /// The field.
        field: Field,
        /// The column.
        column: String,
    },
    /// Records had fields named like those that the pipeline writes itself; they were kept under another name.
    KeptFields {
        /// What their names begin with now.
        prefix: String,
    },
    /// Objects had several members of one name; all but the first were kept under another name.
    RenamedMembers,
}

/// A notice, and which input it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct InputNotice {
    /// The notice.
    #[serde(flatten)]
    pub notice: Notice,
    /// The name of the first input that it is about. Left out if there is only one input, or where it may be any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub input: Option<String>,
    /// How many other inputs it is about as well. Left out if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional, type = "number"))]
    pub further_inputs: Option<u64>,
}

/// A column that has another name in the output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct RenamedColumn {
    /// Which column it is, from 1.
    pub column: usize,
    /// Its name in the header.
    pub name: String,
    /// Its name in the output.
    pub kept_as: String,
}

impl Notice {
    /// The maximum number of renamed columns that are listed.
    pub const MOST_COLUMNS: usize = 10;
}

impl From<Notice> for InputNotice {
    fn from(notice: Notice) -> InputNotice {
        InputNotice { notice, input: None, further_inputs: None }
    }
}
