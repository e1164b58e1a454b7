//! The anomaly score of the specification.

use super::Transform;
use crate::config::TransformerRules;
use crate::records::{Memo, Records, Scored, Selection, Why};
use clearpipe_codec::jsonl::FailedSuffix;
use clearpipe_model::record::{Buffers, Text};
use clearpipe_model::reject::Reason;
use memchr::memchr;

/// Scores records: multiplies the value, and marks scores above a threshold as anomalies. Rejects records whose unit
/// can't be transformed.
#[derive(Debug)]
pub struct AnomalyScore {
    rules: TransformerRules,
    invalid_unit: FailedSuffix,
    no_value: FailedSuffix,
    out_of_range: FailedSuffix,
}

impl AnomalyScore {
    /// Creates the transformation of a configuration.
    pub fn new(config: &TransformerRules) -> AnomalyScore {
        let mut rules = config.clone();
        // Spaces around a unit don't matter. Those in the configuration are removed once.
        for unit in rules.invalid_units.iter_mut().chain(&mut rules.valid_units) {
            *unit = unit.trim().to_owned();
        }
        AnomalyScore {
            rules,
            invalid_unit: FailedSuffix::new(Reason::InvalidUnit),
            no_value: FailedSuffix::new(Reason::NoValue),
            out_of_range: FailedSuffix::new(Reason::ScoreOutOfRange),
        }
    }

    /// Returns whether a record with this unit can be transformed.
    fn accepts(&self, unit: Text, buffers: Buffers<'_>) -> bool {
        let bytes = buffers.bytes(unit);
        // Most units have neither escapes nor surrounding spaces.
        let is_plain = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii_graphic);
        let decoded;
        let unit = if is_plain(bytes.first()) && is_plain(bytes.last()) && memchr(b'\\', bytes).is_none() {
            bytes
        } else {
            decoded = buffers.decoded(unit);
            decoded.trim().as_bytes()
        };
        let is_unit = |other: &String| other.as_bytes() == unit;
        let TransformerRules { invalid_units, valid_units, .. } = &self.rules;
        !invalid_units.iter().any(is_unit) && (valid_units.is_empty() || valid_units.iter().any(is_unit))
    }
}

impl Transform for AnomalyScore {
    fn apply<'r>(
        &'r self,
        records: Records<'_>,
        selection: &mut Selection<'_, 'r>,
        memo: &mut Memo,
        scored: &mut [Scored],
    ) {
        let accepts = |unit: Text, buffers: Buffers<'_>| self.accepts(unit, buffers);
        let mut units = memo.units.of_batch(records.fields, accepts);
        selection.retain_into(records.rows, scored, |row| {
            if !units.decide(row, accepts) {
                return Err(Why::Shared(&self.invalid_unit));
            }
            let score = row.value * self.rules.multiplier;
            if !score.is_finite() {
                let why = if row.value.is_nan() { &self.no_value } else { &self.out_of_range };
                return Err(Why::Shared(why));
            }
            Ok(Scored { score, is_anomaly: score > self.rules.threshold })
        });
    }
}
