//! `--max-failed`: how many records may fail.

use crate::numbers::{whole, why};
use clearpipe_core::config::number;

/// How many records may fail.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MaxFailed {
    /// A number of records.
    Count(u64),
    /// A percentage.
    Percent(f64),
}

impl MaxFailed {
    /// Returns whether `failed` of `all` records are more than allowed.
    pub fn is_exceeded(self, failed: u64, all: u64) -> bool {
        match self {
            MaxFailed::Count(most) => failed > most,
            MaxFailed::Percent(most) => failed as f64 * 100.0 > most * all as f64,
        }
    }
}

impl std::str::FromStr for MaxFailed {
    type Err = String;

    fn from_str(text: &str) -> Result<MaxFailed, String> {
        const WHAT: &str = "write a number of records such as 10, or a percentage from 0% to 100%";
        match text.strip_suffix('%') {
            None => whole(text, WHAT).map(MaxFailed::Count),
            Some(percent) => match number::decimal(percent).map_err(|error| why(error, WHAT))? {
                percent @ 0.0..=100.0 => Ok(MaxFailed::Percent(percent)),
                _ => Err(WHAT.to_owned()),
            },
        }
    }
}

impl std::fmt::Display for MaxFailed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            MaxFailed::Count(count) => write!(f, "{count}"),
            MaxFailed::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_many_may_fail() {
        let most = |text: &str| text.parse::<MaxFailed>();
        assert_eq!(most("10"), Ok(MaxFailed::Count(10)));
        assert_eq!(most("1,000"), Ok(MaxFailed::Count(1000)));
        assert_eq!(most("0.5%"), Ok(MaxFailed::Percent(0.5)));
        assert!(most("1,5%").unwrap_err().ends_with("write 1.5"));
        assert!(most("1,00").unwrap_err().ends_with("write 1.00"));
        assert!(most("101%").is_err() && most("-1").is_err() && most("few").is_err() && most("").is_err());
        assert!(!most("9").unwrap().is_exceeded(9, 50) && most("8").unwrap().is_exceeded(9, 50));
        assert!(!most("18%").unwrap().is_exceeded(9, 50) && most("17.9%").unwrap().is_exceeded(9, 50));
        assert!(!most("0%").unwrap().is_exceeded(0, 0));
    }
}
