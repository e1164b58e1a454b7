//! Fields of an input with the names of those that the pipeline writes itself.
//!
//! They belong to the user, and are kept under another name, unless
//!
//! - they carry no information: `null`, or the status `raw`, which every record has before it is processed; or
//! - the record is one that the pipeline wrote: the status `processed` with `processed_at`, `anomaly_score` and
//!   `is_anomaly`, or the status `invalid` or `transformation_error` with an error that the pipeline reports. Then they
//!   are replaced, so that processing the results again changes nothing. With the status of a failed record, so are the
//!   `line` and the `file` right before it, which give the position of the record.

use crate::jsonl::{OUTCOME_FIELDS, POSITION_FIELDS};
use clearpipe_model::record::Status;
use clearpipe_model::reject::is_rule_error;

/// The place of these fields among [`OUTCOME_FIELDS`].
const STATUS: usize = 0;
const ERROR: usize = 1;

/// The fields of a record with these names: their values, as written in JSON.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct OutcomeFields<'a>([Option<&'a str>; OUTCOME_FIELDS.len()]);

/// A condition on the value of such a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Test {
    /// It carries no information.
    Nothing { is_status: bool },
    /// It carries information.
    Something { is_status: bool },
    /// It carries information, and isn't one of these.
    SomethingBut { is_status: bool, own: Own },
    /// It is one of these.
    Is(Own),
    /// It isn't one of these.
    IsNot(Own),
    /// Always true.
    Any,
}

/// Values that the pipeline writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Own {
    /// The status of a processed record.
    Processed,
    /// The status of a failed one.
    Failed,
    /// Why it failed.
    Reason,
    /// The line that it was on.
    Line,
    /// The input that contained it.
    File,
}

/// Returns the values to expect of a field that gives the position of a record: the pipeline writes it with the
/// outcome.
pub(super) fn position(name: &str) -> Option<Own> {
    let is = |own| {
        let renamed = name.strip_prefix("input_");
        let rest = renamed.unwrap_or(name).strip_prefix(own)?;
        let number =
            rest.strip_prefix('_').map(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()));
        (rest.is_empty() || (renamed.is_some() && number == Some(true))).then_some(())
    };
    match (is(POSITION_FIELDS[0]), is(POSITION_FIELDS[1])) {
        (Some(()), _) => Some(Own::File),
        (_, Some(())) => Some(Own::Line),
        _ => None,
    }
}

/// Returns the index of a name in [`OUTCOME_FIELDS`].
pub(super) fn place(name: &str) -> Option<usize> {
    // The first letter rules out most names.
    let is_possible = matches!(name.as_bytes().first(), Some(b's' | b'e' | b'p' | b'a' | b'i'));
    OUTCOME_FIELDS.iter().position(|field| is_possible && *field == name)
}

/// Returns whether the value of such a field carries information.
pub(super) fn says_something(place: usize, value: &[u8]) -> bool {
    Test::something(place).holds(value)
}

impl Test {
    /// Returns the test that the field at this index carries no information.
    pub fn nothing(place: usize) -> Test {
        Test::Nothing { is_status: place == STATUS }
    }

    /// Returns the test that the field at this index carries information.
    pub fn something(place: usize) -> Test {
        Test::Something { is_status: place == STATUS }
    }

    /// Returns whether the test holds for a value, as written in JSON.
    #[inline]
    pub fn holds(self, value: &[u8]) -> bool {
        let says_nothing = |is_status| value == b"null" || (is_status && value == b"\"raw\"");
        match self {
            Test::Nothing { is_status } => says_nothing(is_status),
            Test::Something { is_status } => !says_nothing(is_status),
            Test::SomethingBut { is_status, own } => !says_nothing(is_status) && !own.is(value),
            Test::Is(own) => own.is(value),
            Test::IsNot(own) => !own.is(value),
            Test::Any => true,
        }
    }
}

impl Own {
    /// Returns whether a value, as written in JSON, is one of these.
    pub fn is(self, value: &[u8]) -> bool {
        match self {
            Own::Processed => value == b"\"processed\"",
            Own::Failed => inside_quotes(value).is_some_and(|inside| {
                Status::ALL.iter().any(|status| status.is_failed() && status.as_str().as_bytes() == inside)
            }),
            Own::Reason => {
                let inside = inside_quotes(value);
                inside.and_then(|inside| std::str::from_utf8(inside).ok()).is_some_and(is_rule_error)
            }
            Own::Line => value.iter().all(u8::is_ascii_digit),
            Own::File => value.first() == Some(&b'"'),
        }
    }
}

fn inside_quotes(value: &[u8]) -> Option<&[u8]> {
    value.strip_prefix(b"\"")?.strip_suffix(b"\"")
}

impl<'a> OutcomeFields<'a> {
    /// Notes a field. Returns `false` if it has occurred already.
    pub fn note(&mut self, place: usize, value: &'a str) -> bool {
        self.0[place].replace(value).is_none()
    }

    /// Returns whether any of them carries information.
    pub fn say_something(&self) -> bool {
        self.values().any(|(place, value)| says_something(place, value.as_bytes()))
    }

    /// Returns whether the pipeline wrote the record.
    pub fn is_own(&self) -> bool {
        self.possible()
            .is_some_and(|(status, error)| self.is(STATUS, status) && error.is_none_or(|error| self.is(ERROR, error)))
    }

    /// Returns whether the pipeline wrote the record as a failed one.
    pub fn is_own_failure(&self) -> bool {
        self.0[ERROR].is_some() && self.is_own()
    }

    /// Returns the test for the value of each field under which the findings about this record also apply to another
    /// one with the same fields.
    pub fn test(&self, place: usize) -> Test {
        let is_status = place == STATUS;
        let possible = self.possible();
        if self.is_own() {
            return match (place, possible) {
                (STATUS, Some((status, _))) => Test::Is(status),
                (ERROR, Some((_, Some(error)))) => Test::Is(error),
                _ => Test::Any,
            };
        }
        let value = self.0[place].unwrap_or_default().as_bytes();
        // It is enough to rule out one of the two for the record not to be the pipeline's.
        let refuting = possible.map(|(status, error)| match error {
            Some(error) if self.is(STATUS, status) => (ERROR, error),
            _ => (STATUS, status),
        });
        match (says_something(place, value), refuting) {
            (false, _) => Test::nothing(place),
            (true, Some((at, own))) if at == place => Test::SomethingBut { is_status, own },
            (true, _) => Test::something(place),
        }
    }

    /// Returns what the status, and the error if there is one, would be if the pipeline had written the record; `None`
    /// if it can't have, whatever their values.
    fn possible(&self) -> Option<(Own, Option<Own>)> {
        let [Some(_), error, others @ ..] = self.0 else { return None };
        match (error, others.iter().flatten().count()) {
            (None, 3) => Some((Own::Processed, None)),
            (Some(_), 0) => Some((Own::Failed, Some(Own::Reason))),
            _ => None,
        }
    }

    fn is(&self, place: usize, own: Own) -> bool {
        self.0[place].is_some_and(|value| own.is(value.as_bytes()))
    }

    fn values(&self) -> impl Iterator<Item = (usize, &'a str)> {
        self.0.into_iter().enumerate().filter_map(|(place, value)| Some((place, value?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fields<'a>(values: &[(usize, &'a str)]) -> OutcomeFields<'a> {
        let mut fields = OutcomeFields::default();
        values.iter().for_each(|(place, value)| assert!(fields.note(*place, value)));
        fields
    }

    #[test]
    fn what_the_pipeline_wrote() {
        let processed = [(0, "\"processed\""), (2, "\"\""), (3, "1"), (4, "true")];
        assert!(fields(&processed).is_own());
        assert!(!fields(&processed[..3]).is_own());
        assert!(!fields(&[&processed[..], &[(1, "\"x\"")]].concat()).is_own());
        assert!(fields(&[(0, "\"invalid\""), (1, "\"Value out of expected range (0-9)\"")]).is_own());
        assert!(fields(&[(0, "\"transformation_error\""), (1, "\"the Transformer panicked: x\"")]).is_own());
        assert!(!fields(&[(0, "\"invalid\""), (1, "\"sensor offline\"")]).is_own());
        assert!(!fields(&[(0, "503"), (1, "\"Value out of expected range (0-9)\"")]).is_own());
        assert!(!fields(&[(0, "\"invalid\"")]).is_own());
        assert!(!fields(&[(1, "\"Invalid unit for transformation\"")]).is_own());
    }

    #[test]
    fn what_says_nothing() {
        assert!(!fields(&[(0, "\"raw\""), (1, "null")]).say_something());
        assert!(fields(&[(1, "\"raw\"")]).say_something());
        assert!(fields(&[(0, "\"\"")]).say_something());
    }

    proptest! {
        /// A template applies to each line that passes the tests learned with it.
        #[test]
        fn what_passes_the_tests_is_judged_the_same(
            there in prop::array::uniform5(any::<bool>()),
            values in prop::array::uniform5((0..8_usize, 0..8_usize)),
        ) {
            const VALUES: [&str; 8] = [
                "null", "\"raw\"", "\"processed\"", "\"invalid\"", "503", "\"x\"", "\"Invalid unit for transformation\"",
                "\"transformation_error\"",
            ];
            let of = |which: fn((usize, usize)) -> usize| -> Vec<(usize, &str)> {
                (0..5).filter(|at| there[*at]).map(|at| (at, VALUES[which(values[at])])).collect()
            };
            let (learnt, other) = (fields(&of(|pair| pair.0)), fields(&of(|pair| pair.1)));
            prop_assert!(learnt.values().all(|(place, value)| learnt.test(place).holds(value.as_bytes())));
            if other.values().all(|(place, value)| learnt.test(place).holds(value.as_bytes())) {
                prop_assert_eq!(learnt.is_own(), other.is_own());
                for ((place, one), (_, another)) in learnt.values().zip(other.values()) {
                    let says_something = [one, another].map(|value| says_something(place, value.as_bytes()));
                    prop_assert!(learnt.is_own() || says_something[0] == says_something[1]);
                }
            }
        }
    }
}
