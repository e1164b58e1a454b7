//! The interface between records and the lines of the output files.

use super::{Fields, Records, Rejection};
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
    /// Writes the rejected records of a batch, which are in the order of production, to `failed`.
    fn encode_rejected(
        &self,
        records: Records<'_>,
        rejected: &[Rejection<'_>],
        builder: &mut RowBuilder,
        failed: &mut BatchBuilder<'_>,
    );

    /// Writes the records of a range of rows: the rejected ones to `failed`, the others to `processed`. `rejected`
    /// contains the rejections in this range, and `scored` an element for each row of the batch; `suffix` follows the
    /// fields in processed lines.
    #[expect(clippy::too_many_arguments, reason = "each is a part of its own, and this is called once for each batch")]
    fn encode(
        &self,
        records: Records<'_>,
        range: Range<usize>,
        rejected: &[Rejection<'_>],
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
    fn encode_rejected(
        &self,
        records: Records<'_>,
        rejected: &[Rejection<'_>],
        builder: &mut RowBuilder,
        failed: &mut BatchBuilder<'_>,
    ) {
        for rejection in rejected {
            push_failed(records.fields, &records.rows[rejection.row], rejection, builder, failed);
        }
    }

    fn encode(
        &self,
        records: Records<'_>,
        range: Range<usize>,
        rejected: &[Rejection<'_>],
        scored: &[Scored],
        suffix: &LineSuffix,
        builder: &mut RowBuilder,
        processed: &mut BatchBuilder<'_>,
        failed: &mut BatchBuilder<'_>,
    ) {
        let Records { rows, fields } = records;
        let mut rejected = rejected.iter().peekable();
        for ((row, scored), at) in rows[range.clone()].iter().zip(&scored[range.clone()]).zip(range.start..) {
            if let Some(rejection) = rejected.next_if(|rejection| rejection.row == at) {
                push_failed(fields, row, rejection, builder, failed);
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
    Rejection { why, .. }: &Rejection<'_>,
    builder: &mut RowBuilder,
    failed: &mut BatchBuilder<'_>,
) {
    let write = |out: &mut Vec<u8>| fields.write_failed(row, why, builder, out);
    failed.push_failed(row.number, why.reason(), || fields.place(row, why), write);
}
