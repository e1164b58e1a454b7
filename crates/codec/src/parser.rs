//! Converts the lines of an input to records.

use super::{csv_row, json_lines};
use crate::csv_layout::CsvLayout;
use crate::decode::{Decode, Decoded};
use crate::json_place::JsonPlace;
use crate::json_template::LineTemplates;
use crate::options::Renaming;
use clearpipe_model::record::{Line, Record};
use clearpipe_model::reject::{Reason, Reject};

/// How the lines of one input become records.
#[derive(Clone, Debug)]
pub enum Parser {
    /// Each line is a JSON object.
    JsonLines(Renaming),
    /// Each record is a JSON value, which may span lines.
    Json(Renaming, JsonPlace),
    /// Each line is a row of a table, and the header defines the meaning of its cells.
    Csv(CsvLayout),
}

impl Decode for Parser {
    fn decode(&self, templates: &mut LineTemplates, lines: &[Line], block: &[u8], into: &mut Decoded) {
        let Decoded { records, scratch, noted, rejects } = into;
        records.reserve(lines.len());
        for line in lines {
            match self.parse_like(templates, line, block, scratch) {
                Ok(record) => {
                    *noted = noted.and(record.noted);
                    records.push(record);
                }
                Err(reject) => {
                    rejects.push((records.len(), reject));
                    records.push(Record::empty(line.number));
                }
            }
        }
    }

    fn decode_line(&self, line: &Line, block: &[u8], scratch: &mut Vec<u8>) -> Result<Record, Reject> {
        self.parse(line, block, scratch)
    }
}

impl Parser {
    /// Reads one line.
    ///
    /// `block` is the block that the line was cut from, that is [`Lines::block`](crate::Lines::block). The texts of the
    /// record refer to it where they can be used unchanged; the others are appended to `scratch`, which the records of
    /// a batch share.
    ///
    /// ```
    /// use clearpipe_codec::{Parser, Renaming};
    /// use clearpipe_model::record::{Buffers, Line};
    ///
    /// let block = br#"{"id":"a1","value":2e1,"unit":"\u004b"}"#;
    /// let line = Line { number: 0, start: 0, length: block.len() as u32, line: 1, cut_from: None };
    /// let mut scratch = Vec::new();
    /// let record = Parser::JsonLines(Renaming::default()).parse(&line, block, &mut scratch).unwrap();
    /// let texts = Buffers { input: block, scratch: &scratch };
    /// assert_eq!((record.value, texts.bytes(record.value_text)), (20.0, &b"2e1"[..]));
    /// assert_eq!((texts.bytes(record.unit), &*texts.decoded(record.unit)), (&br"\u004b"[..], "K"));
    /// assert!(record.location.is_absent());
    /// ```
    ///
    /// # Errors
    /// [`Reject`] if the line can't be parsed: where it is, and why. `scratch` is then unchanged. A *missing* field
    /// isn't an error here: the record then has [`Text::ABSENT`](clearpipe_model::record::Text::ABSENT).
    pub fn parse(&self, line: &Line, block: &[u8], scratch: &mut Vec<u8>) -> Result<Record, Reject> {
        self.parse_anew(line, block, scratch, None)
    }

    /// Does the same, faster for a line that looks like an earlier one. `templates` holds the templates of earlier lines;
    /// a caller that reads many lines keeps it.
    ///
    /// # Errors
    /// The same as [`Parser::parse`].
    pub fn parse_like(
        &self,
        templates: &mut LineTemplates,
        line: &Line,
        block: &[u8],
        scratch: &mut Vec<u8>,
    ) -> Result<Record, Reject> {
        let has_template = line.cut_from.is_none() && !matches!(self, Parser::Csv(_));
        if has_template && let Some(record) = templates.read(line, block, scratch) {
            return Ok(record);
        }
        let templates = (has_template && templates.want_to_learn()).then_some(templates);
        self.parse_anew(line, block, scratch, templates)
    }

    /// Reads a line without any template.
    fn parse_anew(
        &self,
        line: &Line,
        block: &[u8],
        scratch: &mut Vec<u8>,
        templates: Option<&mut LineTemplates>,
    ) -> Result<Record, Reject> {
        if let Some(length) = line.cut_from {
            let limit = u64::from(line.length);
            let reason = match self {
                Parser::Json(..) => Reason::RecordTooLong { length, limit },
                Parser::JsonLines(_) | Parser::Csv(_) => Reason::LineTooLong { length, limit },
            };
            return Err(Reject { reason, line: line.line, column: None });
        }
        let before = scratch.len();
        let result = match self {
            Parser::JsonLines(renaming) => json_lines::parse(renaming, line, block, scratch, templates),
            Parser::Json(renaming, place) => {
                json_lines::parse_framed(renaming, line, block, scratch, templates, *place)
            }
            Parser::Csv(layout) => csv_row::parse(layout, line, block, scratch),
        };
        if result.is_err() {
            scratch.truncate(before);
        }
        result
    }

    /// Returns an upper bound on what `lines` lines of `length` bytes in total append to the scratch buffer.
    pub(crate) fn scratch_bound(&self, lines: usize, length: usize) -> usize {
        match self {
            Parser::JsonLines(_) | Parser::Json(..) => json_lines::scratch_bound(lines, length),
            Parser::Csv(layout) => layout.scratch_bound(lines, length),
        }
    }
}
