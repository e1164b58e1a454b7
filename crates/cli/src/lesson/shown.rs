//! Measured values for people.

use super::measures::Unit;
use super::values::{Comparison, Span};
use clearpipe_io::text;
use std::time::Duration;

/// Returns a value with its unit.
pub fn value(value: f64, unit: Unit) -> String {
    if value.is_infinite() {
        return "never".to_owned();
    }
    match unit {
        Unit::PerSecond if value < 1000.0 => format!("{value:.1} records/s"),
        Unit::PerSecond => format!("{} records/s", number(value)),
        Unit::Seconds if value == 0.0 => "0 s".to_owned(),
        Unit::Seconds => text::time(Duration::try_from_secs_f64(value).unwrap_or_default()),
        Unit::Share => text::percent(value, 1.0),
        Unit::Records => counted(value, "record"),
        Unit::Workers => counted(value, "worker"),
        Unit::Sends => counted(value, "send"),
        Unit::Ratio => format!("×{}", ratio(value)),
        Unit::YesNo => if value >= 0.5 { "yes" } else { "no" }.to_owned(),
    }
}

/// Returns a value with its unit, and all its digits if it looks like the ends of a range, but isn't one of them.
pub fn exact(number: f64, unit: Unit, range: &Span) -> String {
    let said = value(number, unit);
    let ends = [range.from, range.to].into_iter().flatten();
    match ends.filter(|end| value(*end, unit) == said).all(|end| Comparison::Equal.holds(number, end)) {
        true => said,
        false => format!("{said} ({number})"),
    }
}

/// Returns a range of values.
pub fn span(span: &Span, unit: Unit) -> String {
    let Span { from, to, .. } = *span;
    match (from, to) {
        (Some(from), Some(to)) if from == to => value(from, unit),
        (Some(from), Some(to)) => joined(&[value(from, unit), value(to, unit)], " to "),
        (Some(from), None) => format!("{} or more", value(from, unit)),
        (None, Some(to)) => format!("{} or less", value(to, unit)),
        (None, None) => "any value".to_owned(),
    }
}

/// Returns several values, if they aren't the same.
pub fn values(values: &[f64], unit: Unit) -> String {
    let mut shown: Vec<String> = values.iter().map(|measured| value(*measured, unit)).collect();
    shown.dedup();
    joined(&shown, ", ")
}

/// Joins values. If all have the same unit, only the last one shows it.
fn joined(values: &[String], by: &str) -> String {
    let parts: Option<Vec<(&str, &str)>> = values.iter().map(|value| value.rsplit_once(' ')).collect();
    match parts.as_deref() {
        Some([(_, unit), others @ ..]) if !others.is_empty() && others.iter().all(|(_, other)| other == unit) => {
            let numbers: Vec<&str> = parts.iter().flatten().map(|(number, _)| *number).collect();
            format!("{} {unit}", numbers.join(by))
        }
        _ => values.join(by),
    }
}

fn counted(value: f64, word: &str) -> String {
    let ending = if number(value) == "1" { "" } else { "s" };
    format!("{} {word}{ending}", number(value))
}

/// A number with at most one decimal.
fn number(value: f64) -> String {
    text::decimal((value * 10.0).round() / 10.0)
}

/// A number with two decimals, or as many as matter.
fn ratio(value: f64) -> String {
    match value {
        ..0.1 => text::decimal((value * 1e4).round() / 1e4),
        ..100.0 => format!("{value:.2}"),
        _ => number(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_their_units() {
        for (number, unit, expected) in [
            (90.91, Unit::PerSecond, "90.9 records/s"),
            (0.62, Unit::Seconds, "620 ms"),
            (0.8, Unit::Share, "80.0 %"),
            (1.0, Unit::Records, "1 record"),
            (9.43, Unit::Workers, "9.4 workers"),
            (1.955, Unit::Ratio, "×1.96"),
            (0.0, Unit::Sends, "0 sends"),
            (f64::INFINITY, Unit::Seconds, "never"),
            (0.0, Unit::YesNo, "no"),
        ] {
            assert_eq!(value(number, unit), expected);
        }
        let range = Span::around(90.0, 0.0);
        assert_eq!(exact(89.97, Unit::PerSecond, &range), "90.0 records/s (89.97)");
        assert_eq!([90.0, 89.9].map(|rate| exact(rate, Unit::PerSecond, &range)), ["90.0 records/s", "89.9 records/s"]);
        assert_eq!(span(&Span::read("2..").unwrap(), Unit::Ratio), "×2.00 or more");
        assert_eq!(span(&Span::read("1 ± 2%").unwrap(), Unit::Ratio), "×0.98 to ×1.02");
        assert_eq!(span(&Span::read("77%..83%").unwrap(), Unit::Share), "77.0 to 83.0 %");
        assert_eq!(span(&Span::read("900ms..1.1s").unwrap(), Unit::Seconds), "900 ms to 1.10 s");
        assert_eq!(values(&[1.0, 1.0, 2.0], Unit::Ratio), "×1.00, ×2.00");
    }
}
