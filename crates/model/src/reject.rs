//! Why a record is rejected.
//!
//! A [`Reason`] is data: a code, the field it is about, and what was found there. It is phrased in one place for the
//! failed file ([`Display`](fmt::Display), which includes what was found) and for a summary ([`Reason::summary`], which
//! describes what many records have in common). Neither names a flag or a control: each front end phrases its own
//! advice for the code.

use crate::field::{Field, FieldSet};
use crate::record::Status;
use crate::text::{grouped, shortened, visible};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a record or a line is rejected, and its position.
#[derive(Clone, Debug, PartialEq)]
pub struct Reject {
    /// What is wrong.
    pub reason: Reason,
    /// The line number in the input, from 1.
    pub line: u64,
    /// The column in bytes, from 1, if it is known.
    pub column: Option<usize>,
}

/// `line 5, column 3: expected a value`.
impl fmt::Display for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Reject { reason, line, column } = self;
        write!(f, "line {line}")?;
        if let Some(column) = column {
            write!(f, ", column {column}")?;
        }
        write!(f, ": {reason}")
    }
}

/// Why a record or a line is rejected.
///
/// The reasons of rules come last; they reject records that could be parsed.
#[derive(Clone, Debug, PartialEq, strum::EnumDiscriminants)]
#[strum_discriminants(
    name(ReasonCode),
    doc = " Which reason it is, without what was found.",
    derive(Hash, Serialize, Deserialize),
    serde(rename_all = "snake_case"),
    cfg_attr(feature = "typescript", derive(ts_rs::TS)),
    cfg_attr(test, derive(strum::EnumIter)),
    allow(missing_docs)
)]
pub enum Reason {
    /// A line, or a cell of it, is not UTF-8.
    InvalidUtf8 {
        /// The cell, in a table.
        field: Option<FieldName>,
    },
    /// The line is longer than the limit.
    LineTooLong {
        /// Its length in bytes.
        length: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// The record, which may span lines, is longer than the limit.
    RecordTooLong {
        /// Its length in bytes.
        length: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// The line is JSON or begins like it, but is not an object.
    NotAnObject {
        /// What it is, with its article.
        found: &'static str,
    },
    /// The line doesn't begin as an object does.
    ObjectExpected,
    /// The line ends inside the object.
    UnexpectedEnd,
    /// A word that is not a JSON value.
    InvalidValue {
        /// The beginning of the word.
        word: Box<str>,
    },
    /// A word that stands for a number in other languages, but not in JSON.
    InvalidNumber {
        /// The beginning of the word.
        word: Box<str>,
    },
    /// There is no value where there should be one.
    ValueExpected,
    /// There is no quoted key where there should be one.
    KeyExpected,
    /// There is a comma after the last member.
    TrailingComma,
    /// There is text after the object.
    TrailingText,
    /// A backslash and a character that isn't an escape.
    UnknownEscape,
    /// A string has a control character that isn't escaped.
    ControlCharacter,
    /// An escape is half of a surrogate pair.
    UnpairedSurrogate {
        /// The escape.
        escape: Box<str>,
    },
    /// Another error of the grammar of JSON.
    InvalidJson {
        /// What the parser says.
        message: Box<str>,
    },
    /// A known field comes twice.
    DuplicateField {
        /// The field.
        field: Field,
    },
    /// A known field has a value of the wrong type.
    WrongType {
        /// The field.
        field: Field,
        /// The type that it must have, with its article.
        wanted: &'static str,
        /// The type of its value, with its article.
        found: &'static str,
    },
    /// A number is beyond the range of a 64-bit float.
    NumberTooLarge {
        /// The field that it is in.
        field: FieldName,
        /// The beginning of the number.
        text: Box<str>,
    },
    /// A cell that should be a number isn't one.
    NotANumber {
        /// The cell.
        field: FieldName,
        /// The beginning of its text.
        text: Box<str>,
        /// Whether it would be one without its commas.
        has_commas: bool,
    },
    /// There is text after the closing quote of a cell.
    TextAfterQuote {
        /// The cell.
        field: FieldName,
    },
    /// The opening quote of a cell is never closed.
    UnclosedQuote {
        /// The cell.
        field: FieldName,
        /// Within this many bytes.
        limit: u64,
    },
    /// A row has more or fewer cells than the header.
    CellCount {
        /// The number of its cells.
        found: u64,
        /// The number of columns in the header.
        expected: u64,
    },
    /// Required fields are missing, empty or blank.
    MissingFields {
        /// Which.
        fields: FieldSet,
    },
    /// The value is outside the range.
    ValueOutOfRange {
        /// The smallest value that is accepted.
        min: f64,
        /// The largest.
        max: f64,
    },
    /// The timestamp is not RFC 3339.
    InvalidTimestamp,
    /// The unit can't be transformed.
    InvalidUnit,
    /// There is no value to transform.
    NoValue,
    /// The anomaly score is beyond the range of a 64-bit float.
    ScoreOutOfRange,
    /// A Validator panicked.
    ValidatorPanicked {
        /// The message of the panic.
        message: Box<str>,
    },
    /// A Transformer panicked.
    TransformerPanicked {
        /// The message of the panic.
        message: Box<str>,
    },
    /// The transformation failed for a while, and was tried often enough.
    GaveUp {
        /// How often it was tried.
        tries: u32,
        /// Whether the last try took too long.
        timed_out: bool,
    },
    /// The transformation wasn't tried: too many had failed.
    BreakerOpen,
}

/// A field, as the input names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldName {
    /// A member of an object.
    Field(Field),
    /// A column, by its name in the header.
    Column(Box<str>),
    /// A cell beyond the columns of the header, by its number, from 1.
    Cell(usize),
}

impl fmt::Display for FieldName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FieldName::Field(field) => write!(f, "`{field}`"),
            FieldName::Column(name) => write!(f, "column `{}`", shortened(name)),
            FieldName::Cell(number) => write!(f, "cell {number}"),
        }
    }
}

/// The step that rejects a record. Every reason belongs to one, so that a new one has to be assigned.
#[derive(Clone, Copy, PartialEq)]
enum Step {
    /// The line can't be decoded.
    Decoding,
    /// A required field is missing.
    Presence,
    /// Another rule of the Validators.
    Rules,
    /// A Validator panicked.
    ValidatorPanic,
    /// A transformation.
    Transformations,
}

/// What distinguishes reasons with the same code.
#[derive(Clone, Copy, PartialEq)]
enum Subject<'a> {
    None,
    Fields(FieldSet),
    Column(&'a str),
    /// Any cell beyond the header.
    Cell,
}

impl<'a> From<&'a FieldName> for Subject<'a> {
    fn from(name: &'a FieldName) -> Subject<'a> {
        match name {
            FieldName::Field(field) => Subject::of(*field),
            FieldName::Column(name) => Subject::Column(name),
            FieldName::Cell(_) => Subject::Cell,
        }
    }
}

impl Subject<'_> {
    fn of(field: Field) -> Subject<'static> {
        Subject::Fields([field].into_iter().collect())
    }
}

/// Returns whether this is the error of a record that a rule rejected, in this version or an earlier one: the pipeline
/// wrote such a record. (Missing fields are not included: if the record was read from an input, the failed file
/// contains its line instead.)
pub fn is_rule_error(error: &str) -> bool {
    /// The text in versions before 0.1.0.
    const EARLIER_TIMESTAMP: &str = "Timestamp is no RFC 3339 time";
    if let Some(range) = error.strip_prefix(OUT_OF_RANGE) {
        return range.strip_suffix(')').is_some_and(is_range);
    }
    let is_timestamp = |begin: &str| error.strip_prefix(begin) == Some(TIMESTAMP_EXAMPLE);
    [INVALID_UNIT, NO_VALUE, SCORE_OUT_OF_RANGE, BREAKER_OPEN].contains(&error)
        || is_timestamp(INVALID_TIMESTAMP)
        || is_timestamp(EARLIER_TIMESTAMP)
        // Followed by the message of a panic.
        || error.starts_with(VALIDATOR_PANICKED)
        || error.starts_with(TRANSFORMER_PANICKED)
        || error.starts_with(GAVE_UP)
}

/// Returns whether a text is a range as written in [`Reason::ValueOutOfRange`]: `-5-10.5`.
fn is_range(text: &str) -> bool {
    let is_number = |text: &str| {
        let digits = text.strip_prefix('-').unwrap_or(text);
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    };
    // The first character may be a minus sign.
    let dash = text.char_indices().skip(1).find(|(_, letter)| *letter == '-');
    dash.is_some_and(|(at, _)| is_number(&text[..at]) && is_number(&text[at + 1..]))
}

// The wording of this one and of the unit's is taken from the specification.
const OUT_OF_RANGE: &str = "Value out of expected range (";
const INVALID_TIMESTAMP: &str = "Timestamp is not an RFC 3339 time";
const TIMESTAMP_EXAMPLE: &str = " such as 2026-01-31T23:59:59Z";
const INVALID_UNIT: &str = "Invalid unit for transformation";
const NO_VALUE: &str = "No value for transformation";
const SCORE_OUT_OF_RANGE: &str = "Anomaly score out of the range of a 64-bit float";
const VALIDATOR_PANICKED: &str = "the Validator panicked: ";
const TRANSFORMER_PANICKED: &str = "the Transformer panicked: ";
const GAVE_UP: &str = "the Transformer gave up after ";
const BREAKER_OPEN: &str = "not transformed: the circuit breaker is open";

impl Reason {
    /// Returns the code of the reason, without what was found.
    pub fn code(&self) -> ReasonCode {
        self.into()
    }

    /// Returns whether the failed file contains the record as it was read, in a field `raw`, instead of field by field:
    /// its line could not be decoded, or it isn't certain that its fields are right.
    pub fn is_written_raw(&self) -> bool {
        match self.step() {
            Step::Decoding | Step::Presence | Step::ValidatorPanic => true,
            Step::Rules | Step::Transformations => false,
        }
    }

    /// Returns the status of a record that is rejected for this reason.
    pub fn status(&self) -> Status {
        match self.step() {
            Step::Decoding | Step::Presence | Step::ValidatorPanic | Step::Rules => Status::Invalid,
            Step::Transformations => Status::TransformationError,
        }
    }

    fn step(&self) -> Step {
        match self {
            Reason::InvalidUtf8 { .. }
            | Reason::LineTooLong { .. }
            | Reason::RecordTooLong { .. }
            | Reason::NotAnObject { .. }
            | Reason::ObjectExpected
            | Reason::UnexpectedEnd
            | Reason::InvalidValue { .. }
            | Reason::InvalidNumber { .. }
            | Reason::ValueExpected
            | Reason::KeyExpected
            | Reason::TrailingComma
            | Reason::TrailingText
            | Reason::UnknownEscape
            | Reason::ControlCharacter
            | Reason::UnpairedSurrogate { .. }
            | Reason::InvalidJson { .. }
            | Reason::DuplicateField { .. }
            | Reason::WrongType { .. }
            | Reason::NumberTooLarge { .. }
            | Reason::NotANumber { .. }
            | Reason::TextAfterQuote { .. }
            | Reason::UnclosedQuote { .. }
            | Reason::CellCount { .. } => Step::Decoding,
            Reason::MissingFields { .. } => Step::Presence,
            Reason::ValueOutOfRange { .. } | Reason::InvalidTimestamp => Step::Rules,
            Reason::ValidatorPanicked { .. } => Step::ValidatorPanic,
            Reason::InvalidUnit
            | Reason::NoValue
            | Reason::ScoreOutOfRange
            | Reason::TransformerPanicked { .. }
            | Reason::GaveUp { .. }
            | Reason::BreakerOpen => Step::Transformations,
        }
    }

    /// Returns whether both are the same reason for the same field, whatever was found there: a summary counts them
    /// together.
    #[inline]
    pub fn is_like(&self, other: &Reason) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other) && self.subject() == other.subject()
    }

    /// Returns the names of the fields that it is about, as written in the input.
    pub fn fields(&self) -> Vec<String> {
        match self.subject() {
            Subject::None | Subject::Cell => Vec::new(),
            Subject::Fields(fields) => fields.iter().map(|field| field.to_string()).collect(),
            Subject::Column(name) => vec![name.to_owned()],
        }
    }

    fn subject(&self) -> Subject<'_> {
        match self {
            Reason::InvalidUtf8 { field: Some(field) }
            | Reason::NumberTooLarge { field, .. }
            | Reason::NotANumber { field, .. }
            | Reason::TextAfterQuote { field }
            | Reason::UnclosedQuote { field, .. } => field.into(),
            Reason::DuplicateField { field } | Reason::WrongType { field, .. } => Subject::of(*field),
            Reason::MissingFields { fields } => Subject::Fields(*fields),
            Reason::ValueOutOfRange { .. } | Reason::NoValue => Subject::of(Field::Value),
            Reason::InvalidTimestamp => Subject::of(Field::Timestamp),
            Reason::InvalidUnit => Subject::of(Field::Unit),
            Reason::InvalidUtf8 { field: None }
            | Reason::LineTooLong { .. }
            | Reason::RecordTooLong { .. }
            | Reason::NotAnObject { .. }
            | Reason::ObjectExpected
            | Reason::UnexpectedEnd
            | Reason::InvalidValue { .. }
            | Reason::InvalidNumber { .. }
            | Reason::ValueExpected
            | Reason::KeyExpected
            | Reason::TrailingComma
            | Reason::TrailingText
            | Reason::UnknownEscape
            | Reason::ControlCharacter
            | Reason::UnpairedSurrogate { .. }
            | Reason::InvalidJson { .. }
            | Reason::CellCount { .. }
            | Reason::ScoreOutOfRange
            | Reason::ValidatorPanicked { .. }
            | Reason::TransformerPanicked { .. }
            | Reason::GaveUp { .. }
            | Reason::BreakerOpen => Subject::None,
        }
    }

    /// Describes what the records have in common that are rejected for reasons like this one.
    pub fn summary(&self) -> String {
        self.summary_of(|field| match field {
            FieldName::Cell(_) => "a cell beyond the header".to_owned(),
            other => other.to_string(),
        })
    }

    /// Describes what the records have in common that are rejected for the same reason, in any field.
    pub fn summary_of_any_field(&self) -> String {
        self.summary_of(|_| "other columns".to_owned())
    }

    fn summary_of(&self, name: impl Fn(&FieldName) -> String) -> String {
        match self {
            Reason::InvalidUtf8 { field: Some(field) } => format!("{}: invalid UTF-8", name(field)),
            Reason::LineTooLong { limit, .. } => format!("the line is longer than {} bytes", grouped(*limit)),
            Reason::RecordTooLong { limit, .. } => format!("the record is longer than {} bytes", grouped(*limit)),
            Reason::NotAnObject { .. } => "not a JSON object".to_owned(),
            Reason::InvalidValue { .. } => "not a JSON value".to_owned(),
            Reason::InvalidNumber { .. } => "not a JSON number".to_owned(),
            Reason::InvalidJson { .. } => "invalid JSON".to_owned(),
            Reason::UnpairedSurrogate { .. } => "unpaired surrogate escape".to_owned(),
            Reason::WrongType { field, wanted, .. } => format!("`{field}` is not {wanted}"),
            Reason::NumberTooLarge { field, .. } => format!("{}: too large for a 64-bit float", name(field)),
            Reason::NotANumber { field, .. } => format!("{}: not a number", name(field)),
            Reason::TextAfterQuote { field } => format!("{}: text after the closing quote", name(field)),
            Reason::UnclosedQuote { field, .. } => format!("{}: no closing quote", name(field)),
            Reason::CellCount { .. } => "the row has more or fewer fields than the header".to_owned(),
            Reason::ValidatorPanicked { .. } => "the Validator panicked".to_owned(),
            Reason::TransformerPanicked { .. } => "the Transformer panicked".to_owned(),
            Reason::GaveUp { .. } => "the Transformer gave up after its last try".to_owned(),
            other => other.to_string(),
        }
    }

    /// Returns what was found, if that isn't the same for all reasons like this one; shortened if it is long.
    pub fn example(&self) -> Option<String> {
        Some(match self {
            Reason::LineTooLong { length, .. } | Reason::RecordTooLong { length, .. } => {
                format!("{} bytes", grouped(*length))
            }
            Reason::NotAnObject { found } | Reason::WrongType { found, .. } => (*found).to_owned(),
            Reason::InvalidValue { word } | Reason::InvalidNumber { word } => visible(word).into_owned(),
            Reason::InvalidJson { message } => shortened(message),
            Reason::UnpairedSurrogate { escape } => escape.to_string(),
            Reason::NumberTooLarge { text, .. } => visible(text).into_owned(),
            Reason::NotANumber { text, .. } => format!("{text:?}"),
            Reason::CellCount { found, expected } => format!("{} instead of {}", grouped(*found), grouped(*expected)),
            Reason::ValidatorPanicked { message } | Reason::TransformerPanicked { message } => shortened(message),
            Reason::GaveUp { tries, .. } => format!("{tries} failed"),
            _ => return None,
        })
    }
}

/// Describes the problem of a single record.
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::InvalidUtf8 { field: None } => f.write_str("invalid UTF-8"),
            Reason::InvalidUtf8 { field: Some(field) } => write!(f, "{field}: invalid UTF-8"),
            Reason::LineTooLong { length, limit } => {
                write!(f, "the line is {} bytes long; the limit is {}", grouped(*length), grouped(*limit))
            }
            Reason::RecordTooLong { length, limit } => {
                write!(f, "the record is {} bytes long; the limit is {}", grouped(*length), grouped(*limit))
            }
            Reason::NotAnObject { found } => write!(f, "expected a JSON object, found {found}"),
            Reason::ObjectExpected => f.write_str("expected a JSON object, which begins with `{`"),
            Reason::UnexpectedEnd => f.write_str("the line ends inside the object"),
            Reason::InvalidValue { word } => write!(f, "`{}` is not a JSON value", visible(word)),
            Reason::InvalidNumber { word } => write!(f, "`{}` is not a JSON number", visible(word)),
            Reason::ValueExpected => f.write_str("expected a value"),
            Reason::KeyExpected => f.write_str("expected a key in double quotes"),
            Reason::TrailingComma => f.write_str("trailing comma after the last field"),
            Reason::TrailingText => f.write_str("unexpected text after the object"),
            Reason::UnknownEscape => f.write_str("unknown escape sequence"),
            Reason::ControlCharacter => f.write_str("control characters in a string must be escaped"),
            Reason::UnpairedSurrogate { escape } => write!(f, "unpaired surrogate escape {escape}"),
            Reason::InvalidJson { message } => f.write_str(message),
            Reason::DuplicateField { field } => write!(f, "duplicate field `{field}`"),
            Reason::WrongType { field, wanted, found } => write!(f, "`{field}` must be {wanted}, but is {found}"),
            Reason::NumberTooLarge { field, text } => {
                write!(f, "{field}: {} is too large for a 64-bit float", visible(text))
            }
            Reason::NotANumber { field, text, has_commas } => {
                write!(f, "{field}: {text:?} is not a number")?;
                let hint = "; decimal commas and thousands separators are not supported";
                f.write_str(if *has_commas { hint } else { "" })
            }
            Reason::TextAfterQuote { field } => write!(f, "{field}: text after the closing quote"),
            Reason::UnclosedQuote { field, limit } => {
                write!(
                    f,
                    "{field}: no closing quote within {} bytes, or only after lines that look like rows",
                    grouped(*limit)
                )
            }
            Reason::CellCount { found, expected } => {
                let fields = if *found == 1 { "field" } else { "fields" };
                write!(f, "the row has {} {fields}, the header {}", grouped(*found), grouped(*expected))
            }
            Reason::MissingFields { fields } => missing(f, *fields),
            Reason::ValueOutOfRange { min, max } => write!(f, "{OUT_OF_RANGE}{min}-{max})"),
            Reason::InvalidTimestamp => write!(f, "{INVALID_TIMESTAMP}{TIMESTAMP_EXAMPLE}"),
            Reason::InvalidUnit => f.write_str(INVALID_UNIT),
            Reason::NoValue => f.write_str(NO_VALUE),
            Reason::ScoreOutOfRange => f.write_str(SCORE_OUT_OF_RANGE),
            Reason::ValidatorPanicked { message } => write!(f, "{VALIDATOR_PANICKED}{message}"),
            Reason::TransformerPanicked { message } => write!(f, "{TRANSFORMER_PANICKED}{message}"),
            Reason::GaveUp { tries, timed_out } => {
                let unit = if *tries == 1 { "try" } else { "tries" };
                let why = if *timed_out { "; the last one took too long" } else { "" };
                write!(f, "{GAVE_UP}{tries} failed {unit}{why}")
            }
            Reason::BreakerOpen => f.write_str(BREAKER_OPEN),
        }
    }
}

/// Writes the fields last if there are several, so that the problem remains visible if the text is cut off.
fn missing(f: &mut fmt::Formatter<'_>, fields: FieldSet) -> fmt::Result {
    let names: Vec<String> = fields.iter().map(|field| format!("`{field}`")).collect();
    match &names[..] {
        [name] => write!(f, "required field {name} is missing"),
        names => write!(f, "required fields are missing: {}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use strum::IntoEnumIterator;

    fn column(name: &str) -> FieldName {
        FieldName::Column(name.into())
    }

    fn not_a_number(field: FieldName, text: &str) -> Reason {
        Reason::NotANumber { field, text: text.into(), has_commas: text.contains(',') }
    }

    #[test]
    fn a_reject_says_where_it_is() {
        let reject = Reject { reason: Reason::ValueExpected, line: 5, column: Some(3) };
        assert_eq!(reject.to_string(), "line 5, column 3: expected a value");
        assert_eq!(Reject { column: None, ..reject }.to_string(), "line 5: expected a value");
    }

    #[test]
    fn reasons_that_differ_in_what_was_found_are_alike() {
        let (one, other) = (not_a_number(column("a"), "1,5"), not_a_number(column("a"), "x"));
        assert!(one.is_like(&other) && !one.is_like(&not_a_number(column("b"), "1,5")));
        assert_eq!(one.summary(), other.summary());
        assert_eq!(one.example().unwrap(), "\"1,5\"");
        assert_eq!(one.fields(), ["a"]);
        let row = |found| Reason::CellCount { found, expected: 7 };
        assert!(row(1).is_like(&row(9)));
        assert!(not_a_number(FieldName::Cell(3), "").is_like(&not_a_number(FieldName::Cell(4), "")));
        assert!(!Reason::NoValue.is_like(&Reason::InvalidUnit));
        let [value, number] = ["None", "NaN"].map(Box::from);
        assert!(!Reason::InvalidValue { word: value }.is_like(&Reason::InvalidNumber { word: number }));
        let [one, other] = ["expected `:`", "expected `,`"].map(|text| Reason::InvalidJson { message: text.into() });
        assert!(one.is_like(&other) && one.summary() == other.summary());
        let missing = |fields: &[Field]| Reason::MissingFields { fields: fields.iter().copied().collect() };
        assert!(!missing(&[Field::Id]).is_like(&missing(&[Field::Id, Field::Unit])));
        assert_eq!(missing(&[Field::Unit, Field::Id]).fields(), ["id", "unit"]);
    }

    #[test]
    fn all_missing_fields_are_named() {
        let missing = |fields: &[Field]| Reason::MissingFields { fields: fields.iter().copied().collect() }.to_string();
        assert_eq!(missing(&[Field::Unit]), "required field `unit` is missing");
        assert_eq!(missing(&[Field::Unit, Field::Id]), "required fields are missing: `id`, `unit`");
    }

    #[test]
    fn what_was_found_is_shortened_and_visible() {
        let text = not_a_number(column(&format!("a\u{1b}{}", "9".repeat(99))), "x").to_string();
        assert_eq!(text, format!("column `a\\u{{1b}}{}…`: \"x\" is not a number", "9".repeat(38)));
        let panicked = Reason::ValidatorPanicked { message: "x".repeat(99).into() };
        assert_eq!(panicked.example().unwrap().chars().count(), 41);
    }

    #[test]
    fn codes_are_names_for_programs() {
        let code = |reason: &Reason| serde_json::to_string(&reason.code()).unwrap();
        assert_eq!(code(&Reason::ScoreOutOfRange), "\"score_out_of_range\"");
        assert_eq!(code(&Reason::InvalidUtf8 { field: None }), "\"invalid_utf8\"");
        assert_eq!(code(&not_a_number(column("a"), "")), "\"not_a_number\"");
    }

    /// Returns a reason with this code. A new reason needs one, so that the tests below include it.
    fn sample(code: ReasonCode) -> Reason {
        let (field, text) = (column("a"), || Box::from("x"));
        match code {
            ReasonCode::InvalidUtf8 => Reason::InvalidUtf8 { field: Some(field) },
            ReasonCode::LineTooLong => Reason::LineTooLong { length: 9, limit: 5 },
            ReasonCode::RecordTooLong => Reason::RecordTooLong { length: 9, limit: 5 },
            ReasonCode::NotAnObject => Reason::NotAnObject { found: "a list" },
            ReasonCode::ObjectExpected => Reason::ObjectExpected,
            ReasonCode::UnexpectedEnd => Reason::UnexpectedEnd,
            ReasonCode::InvalidValue => Reason::InvalidValue { word: text() },
            ReasonCode::InvalidNumber => Reason::InvalidNumber { word: text() },
            ReasonCode::ValueExpected => Reason::ValueExpected,
            ReasonCode::KeyExpected => Reason::KeyExpected,
            ReasonCode::TrailingComma => Reason::TrailingComma,
            ReasonCode::TrailingText => Reason::TrailingText,
            ReasonCode::UnknownEscape => Reason::UnknownEscape,
            ReasonCode::ControlCharacter => Reason::ControlCharacter,
            ReasonCode::UnpairedSurrogate => Reason::UnpairedSurrogate { escape: text() },
            ReasonCode::InvalidJson => Reason::InvalidJson { message: text() },
            ReasonCode::DuplicateField => Reason::DuplicateField { field: Field::Id },
            ReasonCode::WrongType => Reason::WrongType { field: Field::Id, wanted: "a string", found: "a number" },
            ReasonCode::NumberTooLarge => Reason::NumberTooLarge { field, text: text() },
            ReasonCode::NotANumber => not_a_number(field, "x"),
            ReasonCode::TextAfterQuote => Reason::TextAfterQuote { field },
            ReasonCode::UnclosedQuote => Reason::UnclosedQuote { field, limit: 9 },
            ReasonCode::CellCount => Reason::CellCount { found: 9, expected: 5 },
            ReasonCode::MissingFields => Reason::MissingFields { fields: [Field::Id].into_iter().collect() },
            ReasonCode::ValueOutOfRange => Reason::ValueOutOfRange { min: 0.0, max: 1.5 },
            ReasonCode::InvalidTimestamp => Reason::InvalidTimestamp,
            ReasonCode::InvalidUnit => Reason::InvalidUnit,
            ReasonCode::NoValue => Reason::NoValue,
            ReasonCode::ScoreOutOfRange => Reason::ScoreOutOfRange,
            ReasonCode::ValidatorPanicked => Reason::ValidatorPanicked { message: text() },
            ReasonCode::TransformerPanicked => Reason::TransformerPanicked { message: text() },
            ReasonCode::GaveUp => Reason::GaveUp { tries: 3, timed_out: true },
            ReasonCode::BreakerOpen => Reason::BreakerOpen,
        }
    }

    #[test]
    fn the_errors_of_rules_and_transformations_are_known_when_they_are_read_again() {
        for code in ReasonCode::iter() {
            let reason = sample(code);
            assert_eq!(reason.code(), code);
            let is_ours = !matches!(reason.step(), Step::Decoding | Step::Presence);
            assert_eq!(is_rule_error(&reason.to_string()), is_ours, "{reason}: add its text to is_rule_error");
        }
        assert!(is_rule_error(&Reason::ValueOutOfRange { min: -1e300, max: -0.25 }.to_string()));
        assert!(is_rule_error("Timestamp is no RFC 3339 time such as 2026-01-31T23:59:59Z"));
        // Others only begin like one.
        for text in [
            "",
            "Value out of expected range (my machine)",
            "Value out of expected range (0-9) again",
            "Value out of expected range (-5)",
            "Value out of expected range (5-)",
            "Invalid unit for transformation: my own text",
            "Timestamp is not an RFC 3339 time",
        ] {
            assert!(!is_rule_error(text), "{text}");
        }
    }
}
