//! The transformations that the Transformers apply, one file each.

mod anomaly_score;

use crate::config::TransformerRules;
use crate::records::{Memo, Records, Scored, Selection};
use anomaly_score::AnomalyScore;
use std::fmt;

/// Computes results for records.
///
/// ```
/// use clearpipe_core::records::{Memo, Records, Scored, Selection};
/// use clearpipe_core::transforms::Transform;
///
/// /// Scores a value by its distance from the usual one.
/// #[derive(Debug)]
/// struct Distance {
///     usual: f64,
/// }
///
/// impl Transform for Distance {
///     fn apply<'r>(
///         &'r self,
///         records: Records<'_>,
///         selection: &mut Selection<'_, 'r>,
///         _: &mut Memo,
///         scored: &mut [Scored],
///     ) {
///         selection.retain_into(records.rows, scored, |row| {
///             let score = (row.value - self.usual).abs();
///             Ok(Scored { score, is_anomaly: score > 10.0 })
///         });
///     }
/// }
/// ```
pub trait Transform: fmt::Debug + Send + Sync {
    /// Stores the results for the selected records in the elements of `scored` at their indices, and rejects records
    /// that can't be transformed. The result must not depend on which records are in the batch.
    ///
    /// If it panics, it is called again for each record alone, and a record for which it panics again is rejected.
    fn apply<'r>(
        &'r self,
        records: Records<'_>,
        selection: &mut Selection<'_, 'r>,
        memo: &mut Memo,
        scored: &mut [Scored],
    );
}

/// Returns the transformations of a configuration, in the order in which they are applied.
pub fn transforms_of(config: &TransformerRules) -> Vec<Box<dyn Transform>> {
    vec![Box::new(AnomalyScore::new(config))]
}
