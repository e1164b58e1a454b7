//! The registry of settings: everything that the checks, the flags, the schema and the page need to know about each
//! setting.
//!
//! [`SETTINGS`](super::SETTINGS) has a row for every leaf of [`Config`]. A setting has the type, the default and the
//! description of its field; the row adds what the type can't express. Each front end uses the rows: the command for
//! its flags (`crates/cli/src/flags/table.rs`), the page for its controls (`web/engine/generated/settings.ts`). A front
//! end has its own rows for settings that only it has, such as the command's output files.

use super::{BatchSize, Clock, Config, Injection, RuntimeKind, ServiceTime, Sharing, WhenFull};
use clearpipe_codec::{Encoding, Format, Mapping};
use clearpipe_model::field::Field;
use serde_json::Value;

/// A setting.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Its path in a configuration, such as `generator.burst`.
    pub path: &'static str,
    /// The kind of its values.
    pub kind: Kind,
    /// Which values are allowed.
    pub range: Range,
    /// Whether a change takes effect during a run; for the page.
    #[cfg(feature = "typescript")]
    pub is_live: bool,
    /// Its label and key on the page, if the page has a control for it.
    #[cfg(feature = "typescript")]
    pub on_page: Option<OnPage>,
    amount: fn(&Config) -> Amount,
}

/// The label and the key of a setting on the page.
#[cfg(feature = "typescript")]
#[derive(Clone, Copy, Debug)]
pub struct OnPage {
    /// The label of its control.
    pub label: &'static str,
    /// Its key in links, which must never change. `None` if links can't contain the setting.
    pub key: Option<&'static str>,
}

/// The kind of values that a setting has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A whole number, 0 or more.
    Whole,
    /// A finite number.
    Number,
    /// True or false.
    Switch,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A string.
    Text,
    /// A list of strings.
    List,
    /// Fields, and the columns or constants that they come from.
    Mapping,
    /// [`BatchSize`].
    Batch,
    /// [`Clock`].
    Clock,
    /// [`Injection`].
    Injection,
    /// [`ServiceTime`].
    ServiceTime,
}

/// The values of its kind that a setting allows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Range {
    /// All of them.
    Any,
    /// Whole numbers from the first to the second.
    Whole(u64, u64),
    /// Powers of two from the first to the second.
    PowersOfTwo(u64, u64),
    /// Numbers that are not negative; the text completes “it must be …”.
    NotNegative(&'static str),
}

/// The numeric value of a setting, if it is a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Amount {
    /// It has no value, or one that isn't a number.
    None,
    /// A whole number.
    Whole(u64),
    /// Any number.
    Number(f64),
}

/// The row of a setting, given by its path in [`Config`]: `setting!(generator.burst)`.
macro_rules! setting {
    ($first:ident $(. $next:ident)*) => {
        $crate::config::registry::Setting::new(
            concat!(stringify!($first) $(, ".", stringify!($next))*),
            $crate::config::registry::kind_of(|config| &config.$first $(. $next)*),
            |config| $crate::config::registry::SettingType::amount(&config.$first $(. $next)*),
        )
    };
}
pub(super) use setting;

impl Setting {
    /// Creates a setting that allows all values of its kind; see [`setting!`].
    pub(super) const fn new(path: &'static str, kind: Kind, amount: fn(&Config) -> Amount) -> Setting {
        Setting {
            path,
            kind,
            range: Range::Any,
            #[cfg(feature = "typescript")]
            is_live: false,
            #[cfg(feature = "typescript")]
            on_page: None,
            amount,
        }
    }

    /// Creates a setting of a front end, which isn't in [`Config`].
    pub const fn of_front_end(path: &'static str, kind: Kind) -> Setting {
        Setting::new(path, kind, |_| Amount::None)
    }

    /// Returns the same setting with a range.
    pub(super) const fn within(self, range: Range) -> Setting {
        Setting { range, ..self }
    }

    /// Returns the same setting with a control on the page, and with a key in links.
    pub(super) const fn on_page(self, label: &'static str, key: &'static str) -> Setting {
        self.shown(label, Some(key))
    }

    /// Returns the same setting with a control on the page, but without a key, so that links can't contain it.
    pub(super) const fn on_page_only(self, label: &'static str) -> Setting {
        self.shown(label, None)
    }

    /// The label and the key exist only if the types of the page are exported.
    #[cfg_attr(not(feature = "typescript"), expect(unused_variables, reason = "only the page uses them"))]
    const fn shown(self, label: &'static str, key: Option<&'static str>) -> Setting {
        Setting {
            #[cfg(feature = "typescript")]
            on_page: Some(OnPage { label, key }),
            ..self
        }
    }

    /// Returns the same setting, marked as one that takes effect during a run.
    pub(super) const fn live(self) -> Setting {
        Setting {
            #[cfg(feature = "typescript")]
            is_live: true,
            ..self
        }
    }

    /// Returns the setting at a path.
    pub fn at(path: &str) -> Option<&'static Setting> {
        super::SETTINGS.iter().find(|setting| setting.path == path)
    }

    /// Returns its value in a configuration in JSON; null if it has none.
    pub fn value_in<'json>(&self, config: &'json Value) -> &'json Value {
        self.path.split('.').fold(config, |table, key| &table[key])
    }

    /// Describes what is wrong with its value in a configuration, as a continuation of its path. `None` if it is valid.
    pub(super) fn problem(&self, config: &Config) -> Option<String> {
        match ((self.amount)(config), self.range) {
            (Amount::Whole(value), Range::Whole(least, most)) if !(least..=most).contains(&value) => {
                Some(format!("is {value}; it must be from {least} to {most}"))
            }
            (Amount::Whole(value), Range::PowersOfTwo(least, most))
                if !(least..=most).contains(&value) || !value.is_power_of_two() =>
            {
                Some(format!("is {value}; it must be a power of two from {least} to {most}"))
            }
            (Amount::Number(value), Range::NotNegative(must)) if !(value.is_finite() && value >= 0.0) => {
                Some(format!("is {value}; it must be {must}"))
            }
            (Amount::Number(value), _) if !value.is_finite() => Some(format!("is {value}; it must be a finite number")),
            _ => None,
        }
    }
}

/// A type that a setting can have.
pub(super) trait SettingType {
    /// The kind of its values.
    const KIND: Kind;

    /// Returns the numeric value, if it has one.
    fn amount(&self) -> Amount {
        Amount::None
    }
}

/// Returns the kind of the setting that `_field` accesses.
pub(super) const fn kind_of<T: SettingType>(_field: fn(&Config) -> &T) -> Kind {
    T::KIND
}

impl SettingType for u64 {
    const KIND: Kind = Kind::Whole;

    fn amount(&self) -> Amount {
        Amount::Whole(*self)
    }
}

impl SettingType for u32 {
    const KIND: Kind = Kind::Whole;

    fn amount(&self) -> Amount {
        Amount::Whole(u64::from(*self))
    }
}

impl SettingType for usize {
    const KIND: Kind = Kind::Whole;

    fn amount(&self) -> Amount {
        Amount::Whole(*self as u64)
    }
}

impl SettingType for f64 {
    const KIND: Kind = Kind::Number;

    fn amount(&self) -> Amount {
        Amount::Number(*self)
    }
}

impl SettingType for BatchSize {
    const KIND: Kind = Kind::Batch;

    fn amount(&self) -> Amount {
        Amount::Whole(self.most() as u64)
    }
}

impl<T: SettingType> SettingType for Option<T> {
    const KIND: Kind = T::KIND;

    fn amount(&self) -> Amount {
        self.as_ref().map_or(Amount::None, T::amount)
    }
}

macro_rules! kinds {
    ($($type:ty => $kind:expr;)*) => {$(
        impl SettingType for $type {
            const KIND: Kind = $kind;
        }
    )*};
}

kinds! {
    bool => Kind::Switch;
    char => Kind::Text;
    String => Kind::Text;
    Encoding => Kind::Text;
    Vec<String> => Kind::List;
    Vec<Field> => Kind::List;
    Mapping => Kind::Mapping;
    Clock => Kind::Clock;
    Injection => Kind::Injection;
    ServiceTime => Kind::ServiceTime;
    Format => Kind::Choice(&["auto", "jsonl", "csv", "tsv"]);
    RuntimeKind => Kind::Choice(&["pool", "local", "virtual"]);
    Sharing => Kind::Choice(&["shared", "per_worker", "stealing"]);
    WhenFull => Kind::Choice(&["block", "drop_newest", "drop_oldest"]);
}

#[cfg(test)]
mod tests {
    use super::super::SETTINGS;
    use super::*;
    use serde_json::json;
    use std::collections::BTreeSet;

    /// Collects the paths of the leaves of a configuration.
    fn leaves(value: &Value, at: &str, paths: &mut BTreeSet<String>) {
        match value {
            Value::Object(entries) if !entries.is_empty() => entries.iter().for_each(|(key, value)| {
                leaves(value, &if at.is_empty() { key.clone() } else { format!("{at}.{key}") }, paths);
            }),
            _ => drop(paths.insert(at.to_owned())),
        }
    }

    #[test]
    fn every_setting_has_one_row() {
        let mut expected = BTreeSet::new();
        leaves(&serde_json::to_value(Config::default()).unwrap(), "", &mut expected);
        let mut found = BTreeSet::new();
        for Setting { path, .. } in SETTINGS {
            assert!(found.insert((*path).to_owned()), "SETTINGS has two rows for `{path}`: remove one");
            assert!(
                expected.contains(*path),
                "SETTINGS has a row for `{path}`, which is no leaf of `Config`: correct or remove it"
            );
        }
        let missing: Vec<_> = expected.difference(&found).map(|path| format!("setting!({path})")).collect();
        assert!(
            missing.is_empty(),
            "`Config` has settings without a row: add {} to SETTINGS in crates/core/src/config/mod.rs, with a range if \
             not every value is allowed, and with `on_page` if the page has a control for it",
            missing.join(", ")
        );
    }

    /// Returns the problems with a setting that has this value, if nothing else is set.
    fn problems_with(path: &str, value: Value) -> Vec<String> {
        let json = path.rsplit('.').fold(value, |value, key| json!({ key: value }));
        let problems = Config::from_json(json).err().map(|error| error.problems).unwrap_or_default();
        problems.iter().filter(|problem| problem.path() == path).map(ToString::to_string).collect()
    }

    /// This includes the ranges of `input`, which the codec checks.
    #[test]
    fn the_ranges_are_those_that_are_checked() {
        for &Setting { path, range, .. } in SETTINGS {
            let (right, wrong) = match range {
                Range::Any => continue,
                Range::Whole(least, most) => (
                    vec![json!(least), json!(most)],
                    [least.checked_sub(1), most.checked_add(1)]
                        .into_iter()
                        .flatten()
                        .map(|value| json!(value))
                        .collect(),
                ),
                Range::PowersOfTwo(least, most) => (
                    vec![json!(least), json!(least * 2), json!(most)],
                    vec![json!(least / 2), json!(least + 1), json!(most * 2)],
                ),
                Range::NotNegative(_) => (vec![json!(0), json!(0.5), json!(1e300)], vec![json!(-0.5)]),
            };
            for value in right {
                assert_eq!(problems_with(path, value.clone()), [""; 0], "{path} = {value}");
            }
            for value in wrong {
                assert_eq!(problems_with(path, value.clone()).len(), 1, "{path} = {value}");
            }
        }
    }

    #[test]
    fn the_choices_are_those_that_can_be_read() {
        for setting in SETTINGS {
            let Kind::Choice(choices) = setting.kind else { continue };
            let problem = problems_with(setting.path, json!("?")).concat();
            assert!(problem.ends_with(&format!("it must be one of {}", choices.join(", "))), "{problem}");
        }
    }

    #[test]
    fn numbers_are_finite() {
        let mut config = Config::default();
        config.transformer.multiplier = f64::NAN;
        config.generator.rate_limit = f64::INFINITY;
        let error = config.check().unwrap_err().to_string();
        assert!(error.contains("`transformer.multiplier` is NaN; it must be a finite number"), "{error}");
        assert!(error.contains("`generator.rate_limit` is inf; it must be a number of records a second"), "{error}");
    }

    #[test]
    fn defaults_are_those_of_the_fields() {
        let defaults = serde_json::to_value(Config::default()).unwrap();
        let default = |path| Setting::at(path).unwrap().value_in(&defaults).clone();
        assert_eq!(default("generator.burst"), json!(1));
        assert_eq!(default("generator.invalid_unit"), json!("every 11"));
        assert_eq!(default("window"), Value::Null);
        assert!(Setting::at("generator").is_none());
    }
}
