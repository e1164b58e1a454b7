//! The rules that the Validators check, one file each.
//!
//! A rule sees a batch of records and refuses those that break it. It need not know whether they were generated or read.

mod required_fields;
mod rfc3339_timestamps;
mod value_range;

use crate::config::ValidatorRules;
use crate::records::{Memo, Records, Selection};
use required_fields::RequiredFields;
use rfc3339_timestamps::Rfc3339Timestamps;
use std::fmt;
use value_range::ValueRange;

/// A rule that records must keep to be valid.
pub trait Rule: fmt::Debug + Send + Sync {
    /// Refuses those of the selected records that break the rule. Must not depend on which records are in the batch.
    ///
    /// If it panics, it is called again for each record alone; the one that it then panics for is refused.
    fn check<'r>(&'r self, records: Records<'_>, selection: &mut Selection<'_, 'r>, memo: &mut Memo);
}

/// The rules of a configuration, in the order in which they are checked: a record fails for the first that it breaks.
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
