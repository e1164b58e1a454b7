//! Values and ranges as lessons write them: `80%`, `100ms`, `0.9..1.1`, `1 ± 2%`.

use crate::numbers;
use clearpipe_core::config::number::{self, NumberError};

/// Two values are the same if they differ by less than this share: they have been calculated in different ways.
const ROUNDING: f64 = 1e-9;

/// A value, and whether it is written as a percentage.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Amount {
    value: f64,
    is_percentage: bool,
}

/// A range of values, open where it has no end. If it is written as one value, it also has this value.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Span {
    /// The value, if it is one with or without a tolerance.
    pub value: Option<f64>,
    /// The smallest value.
    pub from: Option<f64>,
    /// The largest value.
    pub to: Option<f64>,
}

impl Span {
    /// Reads a value, a value with a tolerance, or a range.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(text: &str) -> Result<Span, String> {
        if let Some((value, tolerance)) = text.split_once('±') {
            let (value, tolerance) = (amount(value)?, amount(tolerance)?);
            let by = match tolerance.is_percentage && !value.is_percentage {
                true => value.value.abs() * tolerance.value,
                false => tolerance.value,
            };
            if by < 0.0 {
                return Err(format!("`{text}` has a tolerance below 0"));
            }
            return Ok(Span::around(value.value, by));
        }
        let Some((from, to)) = text.split_once("..") else {
            let value = amount(text)?.value;
            return Ok(Span::around(value, 0.0));
        };
        let end = |text: &str| match text.trim() {
            "" => Ok(None),
            text => amount(text).map(|amount| Some(amount.value)),
        };
        match (end(from)?, end(to)?) {
            (None, None) => Err(format!("`{text}` has no end; write a range such as `0.9..1.1`, `2..` or `..1`")),
            (Some(from), Some(to)) if from > to => Err(format!("`{text}` ends before it begins")),
            (from, to) => Ok(Span { value: None, from, to }),
        }
    }

    /// Returns a value with a tolerance.
    pub fn around(value: f64, tolerance: f64) -> Span {
        Span { value: Some(value), from: Some(value - tolerance), to: Some(value + tolerance) }
    }

    /// Returns how far a value in it may be from its middle. `None` if the range is open.
    pub fn tolerance(&self) -> Option<f64> {
        Some((self.to? - self.from?) / 2.0)
    }

    /// Returns whether a value is in it.
    pub fn contains(&self, value: f64) -> bool {
        self.from.is_none_or(|from| value >= from - rounding(from))
            && self.to.is_none_or(|to| value <= to + rounding(to))
    }

    /// Returns whether all values of another range are in it.
    pub fn contains_all(&self, other: &Span) -> bool {
        let from = self.from.is_none() || other.from.is_some_and(|from| self.contains(from));
        let to = self.to.is_none() || other.to.is_some_and(|to| self.contains(to));
        from && to
    }
}

/// How two values may be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `>=`
    AtLeast,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `<`
    Below,
    /// `=`
    Equal,
}

impl Comparison {
    /// All of them. One that begins like another one comes first.
    pub const ALL: [Comparison; 5] =
        [Comparison::AtLeast, Comparison::AtMost, Comparison::Above, Comparison::Below, Comparison::Equal];

    /// Returns how it is written.
    pub fn sign(self) -> &'static str {
        match self {
            Comparison::AtLeast => ">=",
            Comparison::AtMost => "<=",
            Comparison::Above => ">",
            Comparison::Below => "<",
            Comparison::Equal => "=",
        }
    }

    /// Returns whether it holds. Values that differ by rounding only are the same.
    pub fn holds(self, one: f64, other: f64) -> bool {
        let by = rounding(other);
        match self {
            Comparison::AtLeast => one >= other - by,
            Comparison::AtMost => one <= other + by,
            Comparison::Above => one > other + by,
            Comparison::Below => one < other - by,
            Comparison::Equal => (one - other).abs() <= by,
        }
    }
}

/// Reads a value.
///
/// # Errors
/// What is wrong with it.
pub fn value(text: &str) -> Result<f64, String> {
    amount(text).map(|amount| amount.value)
}

fn rounding(value: f64) -> f64 {
    /// The smallest values that lessons compare, such as a millisecond.
    const SMALLEST: f64 = 1e-3;
    ROUNDING * value.abs().max(SMALLEST)
}

fn amount(text: &str) -> Result<Amount, String> {
    let text = text.trim();
    let wrong = || format!("`{text}` is not a value such as `90`, `80%` or `100ms`");
    let read = |text: &str| {
        number::decimal(text).map_err(|error| match error {
            NumberError::NoNumber => wrong(),
            error => error.to_string(),
        })
    };
    if let Some(percentage) = text.strip_suffix('%') {
        return Ok(Amount { value: read(percentage)? / 100.0, is_percentage: true });
    }
    let value = match text.ends_with(char::is_alphabetic) {
        true => numbers::time(text).map_err(|_| wrong())?.as_secs_f64(),
        false => read(text)?,
    };
    Ok(Amount { value, is_percentage: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_units() {
        for (text, expected) in [
            ("90", 90.0),
            ("1,000", 1000.0),
            ("80%", 0.8),
            ("8.5 %", 0.085),
            ("100ms", 0.1),
            ("2 s", 2.0),
            ("-1", -1.0),
        ] {
            assert_eq!(value(text), Ok(expected), "{text}");
        }
        for text in ["", "x", "5 parsecs", "%", "1%%"] {
            assert!(value(text).unwrap_err().contains("is not a value such as"), "{text}");
        }
        assert!(value("1,5").unwrap_err().contains("write 1.5"));
    }

    #[test]
    fn ranges_may_be_open_or_have_a_tolerance() {
        let ends = |text: &str| {
            let span = Span::read(text).unwrap();
            [span.from, span.to].map(|end| end.map(|end| (end * 1e9).round() / 1e9))
        };
        assert_eq!(ends("0.9..1.1"), [Some(0.9), Some(1.1)]);
        assert_eq!(ends("2.."), [Some(2.0), None]);
        assert_eq!(ends("..100ms"), [None, Some(0.1)]);
        assert_eq!(ends("1 ± 0.02"), [Some(0.98), Some(1.02)]);
        assert_eq!(ends("2 ± 2%"), [Some(1.96), Some(2.04)]);
        assert_eq!(ends("80% ± 3%"), [Some(0.77), Some(0.83)]);
        assert_eq!(ends("100ms ± 5ms"), [Some(0.095), Some(0.105)]);
        assert_eq!(ends("819"), [Some(819.0), Some(819.0)]);
        for (text, problem) in [
            ("..", "has no end"),
            ("2..1", "ends before it begins"),
            ("1 ±", "is not a value"),
            ("1 ± -1", "a tolerance below 0"),
            ("a..b", "`a` is not a value"),
        ] {
            assert!(Span::read(text).unwrap_err().contains(problem), "{text}");
        }
    }

    #[test]
    fn rounding_makes_no_difference() {
        let third = 0.1 + 0.2;
        assert!(Comparison::AtMost.holds(third, 0.3) && !Comparison::Above.holds(third, 0.3));
        assert!(Comparison::Equal.holds(third, 0.3) && Span::around(0.3, 0.0).contains(third));
        assert!(!Comparison::AtLeast.holds(0.2999, 0.3) && !Comparison::Below.holds(0.3, 0.3));
    }
}
