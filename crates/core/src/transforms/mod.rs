//! The transformations that the Transformers apply, one file each.

mod anomaly_score;

use crate::config::TransformerRules;
use crate::records::{Memo, Records, Scored, Selection};
use anomaly_score::AnomalyScore;
use std::fmt;

/// Works out something about records.
pub trait Transform: fmt::Debug + Send + Sync {
    /// Works it out for the selected records, into the elements of `scored` at their indices, and refuses records that it
    /// can't be worked out for. Must not depend on which records are in the batch.
    ///
    /// If it panics, it is called again for each record alone; the one that it then panics for is refused.
    fn apply<'r>(
        &'r self,
        records: Records<'_>,
        selection: &mut Selection<'_, 'r>,
        memo: &mut Memo,
        scored: &mut [Scored],
    );
}

/// The transformations of a configuration, in the order in which they are applied.
pub fn transforms_of(config: &TransformerRules) -> Vec<Box<dyn Transform>> {
    vec![Box::new(AnomalyScore::new(config))]
}
