//! Decodes lines into records.

use super::{Rejection, Selection, Why};
use crate::batch::{Content, LineContent, RecordBatch, Row};
use clearpipe_codec::LineTemplates;

/// Decodes the lines of the selected records, and rejects lines that aren't records. All earlier lines must have been
/// decoded. Generated records have no lines. `templates` contains what was learned from earlier lines.
#[inline]
pub fn decode(batch: &mut RecordBatch, selection: &mut Selection<'_, '_>, templates: &mut LineTemplates) {
    if let Content::Lines(content) = &mut batch.content {
        decode_lines(content, &mut batch.rows, selection, templates);
    }
}

fn decode_lines(
    LineContent { lines, decoded }: &mut LineContent,
    rows: &mut [Row],
    selection: &mut Selection<'_, '_>,
    templates: &mut LineTemplates,
) {
    let range = selection.range();
    lines.decoder.decode(templates, &lines.lines[range.clone()], &lines.block, decoded);
    assert_eq!(decoded.records.len(), range.end, "a decoder must return one record for each line");
    let records = &mut decoded.records[range.clone()];
    if !lines.label.member().is_empty() {
        records.iter_mut().for_each(|record| lines.label.add_to(record, &lines.block, &mut decoded.scratch));
    }
    rows[range].iter_mut().zip(records).for_each(|(row, record)| row.value = record.value);
    let rejection = |(row, reject)| Rejection { row, why: Why::Own(Box::new(reject)) };
    selection.reject(decoded.rejects.drain(..).map(rejection));
}
