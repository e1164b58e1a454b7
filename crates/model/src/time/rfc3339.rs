//! The grammar of RFC 3339, section 5.6, and the time that a text stands for.
//!
//! The year is 0000 to 9999, the fraction of the second has any number of digits, the offset is at most 23:59 either
//! way. `t` and `z` may be lower-case, and a space may replace the `T`, as the RFC allows. `:60` is a leap second,
//! which can only be 23:59:60 UTC on the last day of a month.

use jiff::civil::Date;

const MINUTES_OF_A_DAY: i32 = 24 * 60;

/// The time of an RFC 3339 text, in UTC.
pub(super) struct Moment {
    /// Microseconds since 1970-01-01T00:00:00Z; a leap second counts as the second before it.
    pub micros: i64,
}

/// Reads a text; `None` if it is not RFC 3339.
pub(super) fn parse(text: &str) -> Option<Moment> {
    let (date_time, rest) = text.as_bytes().split_at_checked(19)?;
    let is_shaped = date_time.iter().zip(b"dddd-dd-ddTdd:dd:dd").all(|(byte, shape)| match shape {
        b'd' => byte.is_ascii_digit(),
        b'T' => matches!(byte, b'T' | b't' | b' '),
        _ => byte == shape,
    });
    if !is_shaped {
        return None;
    }
    let number = |from: usize, to: usize| {
        date_time[from..to].iter().fold(0_i16, |number, digit| number * 10 + i16::from(digit - b'0'))
    };
    let date = Date::new(number(0, 4), number(5, 7) as i8, number(8, 10) as i8).ok()?;
    let [hour, minute, second] = [(11, 13), (14, 16), (17, 19)].map(|(from, to)| i32::from(number(from, to)));
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let (micros, rest) = fraction(rest)?;
    // It may be on the previous or the next day, since the offset is subtracted.
    let minute_of_day = hour * 60 + minute - offset(rest)?;
    if second == 60 && !has_leap_second(date, minute_of_day) {
        return None;
    }
    let days = date.duration_since(Date::constant(1970, 1, 1)).as_secs() / (60 * 60 * 24);
    let minutes = days * i64::from(MINUTES_OF_A_DAY) + i64::from(minute_of_day);
    let seconds = minutes * 60 + i64::from(second.min(59));
    Some(Moment { micros: seconds * 1_000_000 + micros })
}

/// Returns the fraction of the second in microseconds, truncated, and what follows it.
fn fraction(text: &[u8]) -> Option<(i64, &[u8])> {
    let Some(digits) = text.strip_prefix(b".") else { return Some((0, text)) };
    let length = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = digits.split_at(length);
    let micros = digits.iter().chain(b"000000").take(6).fold(0, |micros, digit| micros * 10 + i64::from(digit - b'0'));
    (length > 0).then_some((micros, rest))
}

/// Returns the offset from UTC in minutes.
fn offset(text: &[u8]) -> Option<i32> {
    let (sign, digits) = match text {
        [b'Z' | b'z'] => return Some(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => (sign, [h1, h2, m1, m2]),
        _ => return None,
    };
    if !digits.iter().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let [h1, h2, m1, m2] = digits.map(|digit| i32::from(digit - b'0'));
    let (hours, minutes) = (h1 * 10 + h2, m1 * 10 + m2);
    let offset = hours * 60 + minutes;
    (hours <= 23 && minutes <= 59).then_some(if *sign == b'-' { -offset } else { offset })
}

/// Returns whether this minute can have a 61st second: the last one of a month. The minute is that of a day in UTC,
/// counted from the beginning of `date`.
fn has_leap_second(date: Date, minute_of_day: i32) -> bool {
    let date = match minute_of_day.div_euclid(MINUTES_OF_A_DAY) {
        0 => Ok(date),
        1.. => date.tomorrow(),
        _ => date.yesterday(),
    };
    minute_of_day.rem_euclid(MINUTES_OF_A_DAY) == MINUTES_OF_A_DAY - 1
        && date.is_ok_and(|date| date == date.last_of_month())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_the_grammar_allows() {
        for text in [
            "0000-01-01T00:00:00Z",
            "0000-02-29T00:00:00Z",
            "9999-12-31T23:59:59Z",
            "9999-12-31T23:59:59.999999999999999999999-23:59",
            "2026-01-31t23:59:59z",
            "2026-01-31 23:59:59Z",
            "2026-01-31T23:59:59.1+23:59",
            "2026-01-31T23:59:59-00:00",
            "2016-12-31T23:59:60Z",
            "2017-01-01T05:29:60.5+05:30",
            "2015-06-30T15:59:60-08:00",
            "2026-02-28T23:59:60Z",
            "0000-01-01T23:58:60+23:59",
        ] {
            assert!(parse(text).is_some(), "{text}");
        }
    }

    #[test]
    fn what_it_does_not_allow() {
        for text in [
            "2026-01-31T23:59:59",
            "2026-01-31T23:59:59.Z",
            "2026-01-31T23:59:59,5Z",
            "2026-01-31T23:59:59+24:00",
            "2026-01-31T23:59:59+25:59",
            "2026-01-31T23:59:59+05:60",
            "2026-01-31T23:59:59+0530",
            "2026-01-31T23:59:59+05",
            "2026-01-31T23:59:59 Z",
            "2026-01-31T23:59:59Z ",
            "2026-01-31T23:59:59ZZ",
            "2026-01-31T23:59:59Z[UTC]",
            "2026-01-31T24:00:00Z",
            "2026-01-31T23:60:00Z",
            "2026-01-31T23:59:61Z",
            "2026-01-31T23:59Z",
            "2026-02-29T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "+002026-01-31T23:59:59Z",
            "-2026-01-31T23:59:59Z",
            "12026-01-31T23:59:59Z",
            // A leap second can't be anywhere else.
            "2016-12-31T23:58:60Z",
            "2016-12-30T23:59:60Z",
            "2016-12-31T23:59:60+01:00",
            "2024-02-28T23:59:60Z",
            "9999-12-31T23:59:60-23:59",
            "2026-01-31T２3:59:59Z",
        ] {
            assert!(parse(text).is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn as_jiff(seconds in -62_167_219_200..253_402_207_200_i64, nanos in 0..1_000_000_000_i32, offset in -1439..1440_i32) {
            let utc = jiff::Timestamp::new(seconds, nanos).unwrap();
            let local = jiff::tz::Offset::from_seconds(offset * 60).unwrap().to_datetime(utc);
            prop_assume!((0..=9999).contains(&local.year()));
            let sign = if offset < 0 { '-' } else { '+' };
            let (hours, minutes) = (offset.abs() / 60, offset.abs() % 60);
            let text = format!("{}{sign}{hours:02}:{minutes:02}", local);
            let moment = parse(&text);
            prop_assert_eq!(moment.map(|moment| moment.micros), Some(seconds * 1_000_000 + i64::from(nanos) / 1000), "{}", text);
        }
    }
}
