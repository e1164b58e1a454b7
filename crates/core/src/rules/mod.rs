//! The rules that the Validators check, one file each.
//!
//! A rule sees a batch of records and refuses those that break it. It needn't know whether they were generated or read.

mod required_fields;
mod rfc3339_timestamps;
mod value_range;

use crate::config::ValidatorRules;
use crate::records::{Memo, Records, Selection};
use required_fields::RequiredFields;
use rfc3339_timestamps::Rfc3339Timestamps;
use std::fmt;
use value_range::ValueRange;

/// A rule that valid records must follow.
pub trait Rule: fmt::Debug + Send + Sync {
    /// Refuses the selected records that break the rule. The result must not depend on which records are in the batch.
    ///
    /// If it panics, it is called again for each record alone, and a record for which it panics again is refused.
    fn check<'r>(&'r self, records: Records<'_>, selection: &mut Selection<'_, 'r>, memo: &mut Memo);
}

/// Returns the rules of a configuration, in the order in which they are checked: a record fails for the first that it
/// breaks.
pub fn rules_of(config: &ValidatorRules) -> Vec<Box<dyn Rule>> {
    let mut rules: Vec<Box<dyn Rule>> = vec![
        Box::new(ValueRange::new(config.value_min, config.value_max)),
        Box::new(RequiredFields::new(&config.required)),
    ];
    if config.rfc3339_timestamps {
        rules.push(Box::new(Rfc3339Timestamps::new()));
    }
    rules
}
