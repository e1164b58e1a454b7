//! Times, read from the system or fixed, and written as RFC 3339.

mod rfc3339;

use jiff::civil::{Date, DateTime};
use jiff::fmt::temporal::DateTimePrinter;
use jiff::tz::Offset;
use std::str::FromStr;

/// The length of a time as text, for four-digit years.
const LENGTH: usize = "2026-01-31T23:59:59.000000Z".len();

/// A time, in microseconds since 1970-01-01T00:00:00Z. Written in UTC with microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Returns the system's time.
    pub fn now() -> Timestamp {
        let since_epoch = web_time::SystemTime::now().duration_since(web_time::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(since_epoch.as_micros() as i64)
    }

    /// Creates a time that is this many microseconds after 1970-01-01T00:00:00Z.
    pub fn from_micros(micros: i64) -> Timestamp {
        Timestamp(micros)
    }

    /// Returns the microseconds since 1970-01-01T00:00:00Z.
    pub fn as_micros(self) -> i64 {
        self.0
    }

    /// Appends it to `out`, as in `2026-01-31T23:59:59.000000Z`.
    pub fn write(self, out: &mut Vec<u8>) {
        static PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(6));
        // A time beyond the year 9999 can come neither from a clock nor from a text, so the last valid one is written
        // instead.
        let time = self.date_time().unwrap_or(if self.0 < 0 { DateTime::MIN } else { DateTime::MAX });
        let _ = PRINTER.print_datetime(&time, &mut *out);
        out.push(b'Z');
    }

    /// Returns date and time in UTC, if they are in the years of [`jiff`].
    fn date_time(self) -> Option<DateTime> {
        /// jiff's timestamps end within the last two days of the year 9999, so that each has a date in every time zone.
        const TWO_DAYS: i64 = 2 * 24 * 60 * 60 * 1_000_000;
        // Not by adding a duration to the epoch: the errors of that make the page's engine 20 kB larger, compressed.
        let before = jiff::Timestamp::from_microsecond(self.0.checked_sub(TWO_DAYS)?).ok()?;
        let before = Offset::UTC.to_datetime(before);
        let date = before.date().tomorrow().and_then(Date::tomorrow).ok()?;
        Some(date.to_datetime(before.time()))
    }
}

impl Timestamp {
    /// Writes it over the text of another time. Returns `false` if the length differs; the text is then meaningless.
    ///
    /// If both are in the same second, only six digits are written.
    pub fn overwrite(self, text: &mut [u8], before: Timestamp) -> bool {
        const SECOND: i64 = 1_000_000;
        /// The years from 1970 on, in seconds.
        const FOUR_DIGIT_YEARS: std::ops::Range<i64> = 0..253_402_300_800;
        const FRACTION: std::ops::Range<usize> = LENGTH - 7..LENGTH - 1;
        let second = self.0.div_euclid(SECOND);
        if text.len() == LENGTH && second == before.0.div_euclid(SECOND) && FOUR_DIGIT_YEARS.contains(&second) {
            let mut micros = self.0.rem_euclid(SECOND);
            for digit in text[FRACTION].iter_mut().rev() {
                *digit = b'0' + (micros % 10) as u8;
                micros /= 10;
            }
            return true;
        }
        let mut anew = Vec::with_capacity(LENGTH);
        self.write(&mut anew);
        let fits = anew.len() == text.len();
        if fits {
            text.copy_from_slice(&anew);
        }
        fits
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = Vec::new();
        self.write(&mut text);
        f.write_str(&String::from_utf8_lossy(&text))
    }
}

/// Parses RFC 3339, as in `2026-01-31T23:59:59Z` or with an offset; digits beyond microseconds are truncated.
impl FromStr for Timestamp {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match rfc3339::parse(text) {
            Some(moment) => Ok(Timestamp(moment.micros)),
            None => Err(format!("`{text}` is not an RFC 3339 time such as 2026-01-31T23:59:59Z")),
        }
    }
}

/// Returns whether a text is an RFC 3339 date and time with an offset.
pub fn is_rfc3339(text: &str) -> bool {
    rfc3339::parse(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_time_is_written_as_the_epoch_plus_a_duration(micros in -300_000_000_000_000_000..300_000_000_000_000_000_i64) {
            let epoch = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
            let time = epoch.saturating_add(SignedDuration::from_micros(micros));
            prop_assert_eq!(Timestamp::from_micros(micros).to_string(), format!("{time:.6}Z"));
        }
    }

    #[test]
    fn times_are_read_and_written() {
        for (text, written) in [
            ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000000Z"),
            ("2026-01-01T02:30:00.1234567+02:30", "2026-01-01T00:00:00.123456Z"),
            ("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.500000Z"),
            ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
            ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000000Z"),
            ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.000000Z"),
        ] {
            assert_eq!(text.parse::<Timestamp>().unwrap().to_string(), written);
        }
    }

    #[test]
    fn times_that_no_text_has_are_the_first_and_the_last() {
        for (micros, written) in [
            (i64::MIN, "-009999-01-01T00:00:00.000000Z"),
            (-377_705_116_800_000_000, "-009999-01-01T00:00:00.000000Z"),
            (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
            (253_402_300_800_000_000, "9999-12-31T23:59:59.999999Z"),
            (i64::MAX, "9999-12-31T23:59:59.999999Z"),
        ] {
            assert_eq!(Timestamp::from_micros(micros).to_string(), written, "{micros}");
        }
    }

    #[test]
    fn what_is_no_rfc3339_is_refused() {
        for text in [
            "",
            "2026-01-01",
            "2026-01-01T00:00:00",
            "2026-01-01T00Z",
            "2026-13-01T00:00:00Z",
            "2026-01-01T00:00:00Z[UTC]",
            "yesterday, at about ten",
        ] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }
}
