//! The rules that the Validators check, one file each.
//!
//! A rule sees a batch of records and rejects those that break it. It needn't know whether they were generated or read.

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
///
/// ```
/// use clearpipe_core::batch::Group;
/// use clearpipe_core::config::Config;
/// use clearpipe_core::generator::{Dictionary, Generator};
/// use clearpipe_core::records::{Memo, Records, Rejections, Selection, Why};
/// use clearpipe_core::rules::Rule;
/// use clearpipe_model::reject::Reason;
/// use clearpipe_model::time::Timestamp;
///
/// #[derive(Debug)]
/// struct NotNegative;
///
/// impl Rule for NotNegative {
///     fn check<'r>(&'r self, records: Records<'_>, selection: &mut Selection<'_, 'r>, _: &mut Memo) {
///         let why = || Why::own(Reason::ValueOutOfRange { min: 0.0, max: f64::MAX });
///         selection.retain(records.rows, |row| if row.value < 0.0 { Err(why()) } else { Ok(()) });
///     }
/// }
///
/// // Every tenth generated record has the value -1.
/// let config = Config::default();
/// let batch = Generator::new(&config).batch(Group::new(0, 20), 0..20, Timestamp::default());
/// let dictionary = Dictionary::new(&config.generator);
/// let mut rejections = Rejections::new();
/// let mut selection = Selection::new(0..20, &mut rejections);
/// NotNegative.check(Records::of(&batch, &dictionary), &mut selection, &mut Memo::default());
/// assert_eq!(rejections.iter().map(|rejection| rejection.row).collect::<Vec<_>>(), [0, 10]);
/// ```
pub trait Rule: fmt::Debug + Send + Sync {
    /// Rejects the selected records that break the rule. The result must not depend on which records are in the batch.
    ///
    /// If it panics, it is called again for each record alone, and a record for which it panics again is rejected.
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
