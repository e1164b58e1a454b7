//! Notices: what a user should know about an input although it isn't an error.

use crate::field::Field;
use serde::{Deserialize, Serialize};

/// A notice about an input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Notice {
    /// The input has no records: it is empty, or nothing follows its header.
    NoRecords,
    /// The input has no byte order mark, but it starts like text in this encoding, and is read as such.
    GuessedEncoding {
        /// The name of the encoding in the configuration.
        encoding: String,
    },
    /// No column gives the id, so the id of each record is made from its row number.
    IdsFromRows,
    /// Columns have another name in the output, because theirs is taken or they have none.
    RenamedColumns {
        /// The first of these columns, at most [`Notice::MAX_COLUMNS`].
        columns: Vec<RenamedColumn>,
        /// The number of all such columns.
        count: usize,
    },
    /// A field that isn't required is missing, but a column has a similar name.
    SimilarColumn {
        /// The field.
        field: Field,
        /// The name of the column.
        column: String,
    },
    /// Records had fields whose names the pipeline uses itself; they were kept under another name.
    KeptFields {
        /// The prefix of their new names.
        prefix: String,
    },
    /// Objects had several members of the same name; all but the first were kept under another name.
    RenamedMembers,
}

/// A notice and the inputs that it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct InputNotice {
    /// The notice.
    #[serde(flatten)]
    pub notice: Notice,
    /// The name of the first input that it is about. Omitted if there is only one input, or if it may be any of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub input: Option<String>,
    /// The number of other inputs that it is also about. Omitted if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional, type = "number"))]
    pub further_inputs: Option<u64>,
}

/// A column that has another name in the output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct RenamedColumn {
    /// The number of the column, from 1.
    pub column: usize,
    /// Its name in the header.
    pub name: String,
    /// Its name in the output.
    pub kept_as: String,
}

impl Notice {
    /// The maximum number of renamed columns that are listed.
    pub const MAX_COLUMNS: usize = 10;
}

impl From<Notice> for InputNotice {
    fn from(notice: Notice) -> InputNotice {
        InputNotice { notice, input: None, further_inputs: None }
    }
}
