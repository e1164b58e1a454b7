//! Numbers on the command line that are no settings.

use clearpipe_core::config::number::{self, NumberError};
use std::time::Duration;

/// A number, or what is wrong with it; `what` to write if it isn't a number at all.
pub fn whole(text: &str, what: &str) -> Result<u64, String> {
    number::whole(text).map_err(|error| why(error, what))
}

/// What is wrong with a number; `what` to write if it isn't a number at all.
pub fn why(error: NumberError, what: &str) -> String {
    if error == NumberError::NoNumber { what.to_owned() } else { error.to_string() }
}

/// Reads a time of a run, such as `1.5s`.
pub fn time(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is not a time such as `1.5s`, `20ms`, `300us` or `0`");
    let trimmed = text.trim();
    let digits = trimmed.find(|c: char| !c.is_ascii_digit() && !".,_".contains(c)).unwrap_or(trimmed.len());
    let number = number::decimal(&trimmed[..digits]).map_err(|error| why(error, &wrong()))?;
    let unit = match trimmed[digits..].trim() {
        "" if number == 0.0 => 1.0,
        "ns" => 1e-9,
        "us" | "µs" | "μs" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        _ => return Err(wrong()),
    };
    Duration::try_from_secs_f64(number * unit).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        for (text, nanos) in
            [("1.5s", 1_500_000_000), ("20 ms", 20_000_000), ("0", 0), ("7ns", 7), ("2m", 120_000_000_000)]
        {
            assert_eq!(time(text), Ok(Duration::from_nanos(nanos)), "{text}");
        }
        for text in ["", "5", "s", "-1s", "1 fortnight"] {
            assert!(time(text).unwrap_err().starts_with(&format!("`{text}` is not a time")), "{text}");
        }
    }
}
