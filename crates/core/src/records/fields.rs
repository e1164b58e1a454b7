//! The fields of a batch's records, generated or read.

use crate::batch::{Content, InputPlace, LineContent, Row};
use crate::generator::{Dictionary, Origin, RowBuilder};
use clearpipe_codec::jsonl::{self, LineSuffix, Position};
use clearpipe_model::field::{Field, FieldSet};
use clearpipe_model::record::{Buffers, Noted, Record};
use clearpipe_model::reject::Reject;

use super::{Scored, Why};

/// Where the fields of a batch's records are.
#[derive(Clone, Copy, Debug)]
pub enum Fields<'a> {
    /// The fields follow from the rows.
    Generated(Origin<'a>),
    /// The fields were read from lines.
    Read(&'a LineContent),
}

/// How the records of a batch share the text of a field.
#[derive(Clone, Copy, Debug)]
pub enum FieldText {
    /// All records of the batch have the same text.
    Shared,
    /// Each record has its own text, or one of a few.
    Each,
}

impl<'a> Fields<'a> {
    /// Returns the fields of a batch with this content. `dictionary` is the generator's dictionary.
    #[inline]
    pub fn of(content: &'a Content, dictionary: &'a Dictionary) -> Fields<'a> {
        match content {
            Content::Generated { produced_at } => Fields::Generated(Origin { dictionary, produced_at: *produced_at }),
            Content::Lines(content) => Fields::Read(content),
        }
    }

    /// Returns whether the records of the batch share the text of a field, so that it only needs to be checked once.
    pub fn text_of(self, field: Field) -> FieldText {
        match (self, field) {
            (Fields::Generated(_), Field::Timestamp) => FieldText::Shared,
            _ => FieldText::Each,
        }
    }

    /// Returns a record with all its fields, and the buffers of its texts. For generated records they are built here.
    pub fn record<'b>(self, row: &Row, builder: &'b mut RowBuilder) -> (Record, Buffers<'b>)
    where
        'a: 'b,
    {
        match self {
            Fields::Generated(origin) => builder.record(origin, row),
            Fields::Read(content) => (content.decoded.records[row.entry as usize], content.buffers()),
        }
    }

    /// Returns whether no record of the batch can lack a field, which is known of generated records.
    pub fn are_all_complete(self) -> bool {
        matches!(self, Fields::Generated(origin) if origin.dictionary.are_all_complete())
    }

    /// Returns whether a record has all its fields, and none is blank. May return false for a complete record.
    #[inline]
    pub fn is_complete(self, row: &Row) -> bool {
        match self {
            Fields::Generated(origin) => origin.dictionary.is_complete(row),
            Fields::Read(content) => {
                let record = &content.decoded.records[row.entry as usize];
                record.is_complete() && !record.noted.has(Noted::BLANK)
            }
        }
    }

    /// Returns which of some fields a record lacks: those that are missing, empty or blank.
    pub fn missing(self, row: &Row, fields: &[Field], builder: &mut RowBuilder) -> FieldSet {
        let (record, buffers) = self.record(row, builder);
        fields.iter().copied().filter(|field| is_missing(&record, *field, buffers)).collect()
    }

    /// Returns where a rejected record was read, or `None` if it was generated.
    pub fn place(self, row: &Row, why: &Why<'_>) -> Option<InputPlace> {
        let Fields::Read(content) = self else { return None };
        let (label, line) = (content.lines.label.clone(), content.line(row).line);
        Some(match why {
            Why::Shared(_) => InputPlace { label, line, column: None },
            Why::Own(reject) => InputPlace { label, line: reject.line.max(line), column: reject.column },
        })
    }

    /// Writes the line of a processed record.
    #[inline]
    pub(super) fn write_processed(
        self,
        row: &Row,
        builder: &mut RowBuilder,
        out: &mut Vec<u8>,
        suffix: &LineSuffix,
        Scored { score, is_anomaly }: Scored,
    ) {
        match self {
            Fields::Generated(origin) => {
                let pieces = builder.pieces(origin, row);
                jsonl::write_pieces_processed(out, pieces, row.value, suffix, score, is_anomaly);
            }
            Fields::Read(content) => {
                let record = &content.decoded.records[row.entry as usize];
                jsonl::write_processed(out, record, content.buffers(), suffix, score, is_anomaly);
            }
        }
    }

    /// Writes the line of a rejected record.
    pub(super) fn write_failed(self, row: &Row, why: &Why<'_>, builder: &mut RowBuilder, out: &mut Vec<u8>) {
        match (self, why) {
            (Fields::Generated(origin), Why::Shared(shared)) => {
                jsonl::write_pieces_failed(out, builder.pieces(origin, row), row.value, shared.suffix());
            }
            (Fields::Generated(origin), Why::Own(reject)) => {
                let suffix = LineSuffix::failed(&reject.reason);
                jsonl::write_pieces_failed(out, builder.pieces(origin, row), row.value, &suffix);
            }
            (Fields::Read(content), Why::Shared(shared)) => write_read(content, row, shared.suffix(), out),
            (Fields::Read(content), Why::Own(reject)) if !reject.reason.is_written_raw() => {
                write_read(content, row, &LineSuffix::failed(&reject.reason), out);
            }
            (Fields::Read(content), Why::Own(reject)) => {
                let line = content.line(row);
                let reject = Reject { line: reject.line.max(line.line), ..Reject::clone(reject) };
                jsonl::write_malformed(out, line, &content.lines.block, &reject, &content.lines.label);
            }
        }
    }
}

/// Writes the line of a rejected record that was read.
fn write_read(content: &LineContent, row: &Row, suffix: &LineSuffix, out: &mut Vec<u8>) {
    let record = &content.decoded.records[row.entry as usize];
    let position = Position { label: &content.lines.label, line: content.line(row).line };
    jsonl::write_failed(out, record, content.buffers(), suffix, Some(position));
}

/// Returns whether a field is missing, empty or blank.
fn is_missing(record: &Record, field: Field, buffers: Buffers<'_>) -> bool {
    let text = match field {
        Field::Value => return record.value.is_nan(),
        Field::Id => record.id,
        Field::Timestamp => record.timestamp,
        Field::SensorId => record.sensor_id,
        Field::Unit => record.unit,
        Field::Location => record.location,
    };
    text.is_empty() || clearpipe_model::json_text::is_blank(buffers.bytes(text))
}
