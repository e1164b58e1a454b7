//! The interface between records and the lines of the output files.

use super::{Fields, Records, Refusal};
use crate::batch::{BatchBuilder, Row};
use crate::generator::RowBuilder;
use clearpipe_codec::jsonl::LineSuffix;
use std::fmt;
use std::ops::Range;

/// The results of the Transformers for one record.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Scored {
    /// The anomaly score.
    pub score: f64,
    /// Whether the score is above the threshold.
    pub is_anomaly: bool,
}

/// Writes finished records in the format that the consumers persist.
pub trait Encode: fmt::Debug + Send + Sync {
    /// Writes the refused records of a batch, which are in the order of production, to `failed`.
    fn encode_refused(
        &self,
        records: Records<'_>,
        refused: &[Refusal<'_>],
        builder: &mut RowBuilder,
        failed: &mut BatchBuilder<'_>,
    );

    /// Writes the records of a range of rows: the refused ones to `failed`, the others to `processed`. `refused`
    /// contains the refusals in this range, and `scored` an element for each row of the batch; `suffix` follows the
    /// fields in processed lines.
    #[expect(clippy::too_many_arguments, reason = "each is a part of its own, and this is called once for each batch")]
    fn encode(
        &self,
        records: Records<'_>,
        range: Range<usize>,
        refused: &[Refusal<'_>],
        scored: &[Scored],
        suffix: &LineSuffix,
        builder: &mut RowBuilder,
        processed: &mut BatchBuilder<'_>,
        failed: &mut BatchBuilder<'_>,
    );
}

/// [JSON Lines](https://jsonlines.org), as [`clearpipe_codec::jsonl`] describes them.
#[derive(Clone, Copy, Debug)]
pub struct JsonLines;

impl Encode for JsonLines {
    fn encode_refused(
        &self,
        records: Records<'_>,
        refused: &[Refusal<'_>],
        builder: &mut RowBuilder,
        failed: &mut BatchBuilder<'_>,
    ) {
        for refusal in refused {
            push_failed(records.fields, &records.rows[refusal.row], refusal, builder, failed);
        }
    }

    fn encode(
        &self,
        records: Records<'_>,
        range: Range<usize>,
        refused: &[Refusal<'_>],
        scored: &[Scored],
        suffix: &LineSuffix,
        builder: &mut RowBuilder,
        processed: &mut BatchBuilder<'_>,
        failed: &mut BatchBuilder<'_>,
    ) {
        let Records { rows, fields } = records;
        let mut refused = refused.iter().peekable();
        for ((row, scored), at) in rows[range.clone()].iter().zip(&scored[range.clone()]).zip(range.start..) {
            if let Some(refusal) = refused.next_if(|refusal| refusal.row == at) {
                push_failed(fields, row, refusal, builder, failed);
            } else {
                processed.push_processed(row.number, row.value, scored.is_anomaly, |out| {
                    fields.write_processed(row, builder, out, suffix, *scored);
                });
            }
        }
    }
}

fn push_failed(
    fields: Fields<'_>,
    row: &Row,
    Refusal { why, .. }: &Refusal<'_>,
    builder: &mut RowBuilder,
    failed: &mut BatchBuilder<'_>,
) {
    let write = |out: &mut Vec<u8>| fields.write_failed(row, why, builder, out);
    failed.push_failed(row.number, why.reason(), || fields.place(row, why), write);
}
