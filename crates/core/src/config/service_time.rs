//! The time that a stage takes for each record.

use super::number::{self, NumberError};
use super::values::{or_else, text_form};
use clearpipe_model::random;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

/// The time that a step takes for each record.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(type = "string"))]
pub enum ServiceTime {
    /// No time.
    #[default]
    Off,
    /// Always the same time. Written as `5ms`.
    Fixed(Duration),
    /// Uniform between two times, chosen by the seed for each record. Written as `0-20ms`.
    Random(Duration, Duration),
    /// Exponential with this mean, chosen by the seed for each record: most times are short, a few are long. Written as
    /// `exponential 20ms`.
    Exponential(Duration),
    /// One of two times, chosen by the seed for each record. Written as `5ms or 200ms 5%`.
    Either {
        /// The usual time.
        usual: Duration,
        /// The other time.
        other: Duration,
        /// The share of the records that take the other time, from 0 to 1.
        share: f64,
    },
    /// The times of a list, in turn: record i takes item i mod n. Written as `5ms, 10ms, 200ms`.
    List(Arc<[Duration]>),
}

/// The maximum number of times in a list.
const MAX_LIST: usize = 1000;

const PATTERN: &str = "`off`, a time such as `5ms`, a range such as `0-20ms`, `exponential 20ms`, `5ms or 200ms 5%`, or \
                       a list such as `5ms, 10ms, 200ms`";

impl ServiceTime {
    /// The longest time that can be set.
    pub const MAX: Duration = Duration::from_secs(3600);

    /// Returns whether it takes any time.
    pub fn is_on(&self) -> bool {
        !matches!(self, ServiceTime::Off)
    }

    /// Returns the time for the record with this number; `random` returns its random number. At most [`ServiceTime::MAX`].
    pub fn of(&self, record: u64, random: impl FnOnce() -> u64) -> Duration {
        let fraction = || random::fraction(random());
        match self {
            ServiceTime::Off => Duration::ZERO,
            ServiceTime::Fixed(time) => *time,
            ServiceTime::Random(least, most) => *least + share_of(*most - *least, fraction()),
            // The inverse of the distribution function (Devroye, "Non-Uniform Random Variate Generation", 1986, II.2).
            // `libm` gives the same bits on every platform, which the logarithm of the standard library doesn't.
            ServiceTime::Exponential(mean) => share_of(*mean, -libm::log(1.0 - fraction())).min(Self::MAX),
            ServiceTime::Either { usual, other, share } => *if fraction() < *share { other } else { usual },
            ServiceTime::List(times) => times[(record % times.len() as u64) as usize],
        }
    }
}

/// Returns the product, cut off to whole nanoseconds, so that every engine computes the same sum.
fn share_of(time: Duration, share: f64) -> Duration {
    Duration::from_nanos((share * time.as_nanos() as f64) as u64)
}

impl fmt::Display for ServiceTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ServiceTime::Off => f.write_str("off"),
            ServiceTime::Fixed(time) => write!(f, "{time:?}"),
            ServiceTime::Random(least, most) => write!(f, "{least:?}-{most:?}"),
            ServiceTime::Exponential(mean) => write!(f, "exponential {mean:?}"),
            ServiceTime::Either { usual, other, share } => {
                write!(f, "{usual:?} or {other:?} {}%", (share * 1e14).round() / 1e12)
            }
            ServiceTime::List(times) => times.iter().enumerate().try_for_each(|(at, time)| {
                f.write_str(if at > 0 { ", " } else { "" })?;
                write!(f, "{time:?}")
            }),
        }
    }
}

impl FromStr for ServiceTime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let trimmed = text.trim();
        if trimmed == "off" {
            return Ok(ServiceTime::Off);
        }
        let time = |part: &str| one_time(part, text);
        if let Some(mean) = trimmed.strip_prefix("exponential ") {
            return Ok(match time(mean)? {
                Duration::ZERO => ServiceTime::Off,
                mean => ServiceTime::Exponential(mean),
            });
        }
        if let Some((usual, other)) = trimmed.split_once(" or ") {
            return either(usual, other, text);
        }
        let items = split_list(trimmed);
        if items.len() > 1 {
            if items.len() > MAX_LIST {
                return Err(format!("a list of {} times is too long; {MAX_LIST} are possible", items.len()));
            }
            let times = items.into_iter().map(time).collect::<Result<Vec<_>, _>>()?;
            let is_on = times.iter().any(|time| !time.is_zero());
            return Ok(if is_on { ServiceTime::List(times.into()) } else { ServiceTime::Off });
        }
        range(trimmed, text)
    }
}

/// Parses a single time, from 0 to an hour. `whole` is the text it is a part of, for messages.
fn one_time(part: &str, whole: &str) -> Result<Duration, String> {
    within_an_hour(duration(part, None).map_err(|error| or_else(error, || no_time(whole)))?.0, whole)
}

fn within_an_hour(time: Duration, whole: &str) -> Result<Duration, String> {
    if time > ServiceTime::MAX { Err(format!("`{whole}` is longer than an hour")) } else { Ok(time) }
}

fn no_time(whole: &str) -> String {
    format!("`{whole}` is none of {}", PATTERN.replace(", or a list", " and a list"))
}

/// Parses `5ms or 200ms 5%`, which was split at the `or`.
fn either(usual: &str, other: &str, whole: &str) -> Result<ServiceTime, String> {
    let (other, share) = other.trim().rsplit_once(' ').ok_or_else(|| no_time(whole))?;
    let percent = share.strip_suffix('%').ok_or_else(|| no_time(whole))?;
    let share = number::decimal(percent).map_err(|error| or_else(error, || no_time(whole)))? / 100.0;
    if !(0.0..=1.0).contains(&share) {
        return Err(format!("`{whole}`: the share must be from 0% to 100%"));
    }
    let (usual, other) = (one_time(usual, whole)?, one_time(other, whole)?);
    Ok(if usual.is_zero() && other.is_zero() { ServiceTime::Off } else { ServiceTime::Either { usual, other, share } })
}

/// Splits a list at its commas. A comma within a number separates thousands: an item ends with its unit, or with a
/// comma and a space.
fn split_list(text: &str) -> Vec<&str> {
    let (mut items, mut start) = (Vec::new(), 0);
    for (at, _) in text.match_indices(',') {
        let after_unit = text[..at].ends_with(char::is_alphabetic);
        if after_unit || text[at + 1..].starts_with(char::is_whitespace) {
            items.push(&text[start..at]);
            start = at + 1;
        }
    }
    items.push(&text[start..]);
    items
}

/// Parses `5ms` or `0-20ms`.
fn range(text: &str, whole: &str) -> Result<ServiceTime, String> {
    let (least, most) = match text.split_once('-') {
        None => (None, text),
        Some((least, most)) => (Some(least), most),
    };
    let duration = |text, unit| duration(text, unit).map_err(|error| or_else(error, || no_time(whole)));
    let (most, unit) = duration(most, None)?;
    let least = match least {
        None => most,
        Some(least) => duration(least, Some(unit))?.0,
    };
    match (least, within_an_hour(most, whole)?) {
        (Duration::ZERO, Duration::ZERO) => Ok(ServiceTime::Off),
        (least, most) if least == most => Ok(ServiceTime::Fixed(most)),
        (least, most) if least < most => Ok(ServiceTime::Random(least, most)),
        _ => Err(format!("`{whole}`: the range ends before it begins")),
    }
}

/// Parses a number with a unit. Without a unit, `default` is used; 0 needs none.
fn duration(text: &str, default: Option<&'static str>) -> Result<(Duration, &'static str), NumberError> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit() && !".,_".contains(c)).unwrap_or(text.len());
    let number = number::decimal(&text[..digits])?;
    let unit = match text[digits..].trim() {
        "" if number == 0.0 => default.unwrap_or("s"),
        "" => default.ok_or(NumberError::NoNumber)?,
        "ns" => "ns",
        "us" | "µs" | "μs" => "us",
        "ms" => "ms",
        "s" => "s",
        _ => return Err(NumberError::NoNumber),
    };
    let seconds = match unit {
        "ns" => number * 1e-9,
        "us" => number * 1e-6,
        "ms" => number * 1e-3,
        _ => number,
    };
    Ok((Duration::try_from_secs_f64(seconds).map_err(|_| NumberError::NoNumber)?, unit))
}

text_form!(ServiceTime, "ServiceTime", PATTERN);

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> ServiceTime {
        text.parse().unwrap()
    }

    fn millis(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn texts_are_read_and_written() {
        for (text, written) in [
            ("5ms", "5ms"),
            ("0-20ms", "0ns-20ms"),
            ("0ns-20ms", "0ns-20ms"),
            ("500us - 2ms", "500µs-2ms"),
            ("0", "off"),
            ("exponential 20ms", "exponential 20ms"),
            ("exponential 0", "off"),
            ("5ms or 200ms 5%", "5ms or 200ms 5%"),
            ("0 or 1s 0.1%", "0ns or 1s 0.1%"),
            ("0 or 0 50%", "off"),
            ("5ms, 10ms,200ms", "5ms, 10ms, 200ms"),
            ("0, 1,000us", "0ns, 1ms"),
            ("0, 0", "off"),
        ] {
            assert_eq!(read(text).to_string(), written);
            assert_eq!(read(written), read(text), "{written}");
        }
        assert_eq!(read("1,000us"), ServiceTime::Fixed(millis(1)));
        assert_eq!(read("2ms, 3ms"), ServiceTime::List([millis(2), millis(3)].into()));
    }

    #[test]
    fn wrong_texts_are_refused() {
        for text in [
            "5",
            "20-5ms",
            "2h",
            "exponential",
            "exponential 5",
            "exponential 2000s or 1ms 5%",
            "exponential 7200s",
            "5ms or 10ms",
            "5ms or 10ms 101%",
            "5ms or 10ms -1%",
            "5ms or 2h 5%",
            "or 5ms 5%",
            "5ms, ",
            "5ms, 1-2ms",
            "5ms, 7200s",
            ",",
        ] {
            assert!(text.parse::<ServiceTime>().is_err(), "{text}");
        }
        let instead = |number: &str, text: &str| {
            let error = text.parse::<ServiceTime>().unwrap_err();
            assert!(error.ends_with(&format!("write {number}")), "{error}");
        };
        instead("1.5", "1,5ms");
        instead("0.5", "0,5-1ms");
    }

    /// Returns the times of some records.
    fn times(text: &str, records: u64) -> Vec<Duration> {
        let time = read(text);
        (0..records).map(|record| time.of(record, || random::of_record(7, 16, record))).collect()
    }

    #[test]
    fn times_have_the_distribution_that_is_asked_for() {
        const RECORDS: u64 = 100_000;
        let seconds = |text| times(text, RECORDS).iter().map(Duration::as_secs_f64).collect::<Vec<_>>();
        let mean = |times: &[f64]| times.iter().sum::<f64>() / times.len() as f64;
        // A standard error of the mean is 0.06 ms, of the shares 0.0015.
        let exponential = seconds("exponential 20ms");
        assert!((mean(&exponential) - 0.02).abs() < 0.0003, "{}", mean(&exponential));
        let above = |least| exponential.iter().filter(|&&time| time > least).count() as f64 / RECORDS as f64;
        assert!((above(0.02) - (-1f64).exp()).abs() < 0.006 && (above(0.06) - (-3f64).exp()).abs() < 0.004);
        let either = times("5ms or 200ms 5%", RECORDS);
        let share = either.iter().filter(|&&time| time == millis(200)).count() as f64 / RECORDS as f64;
        assert!((share - 0.05).abs() < 0.003 && either.iter().all(|&time| time == millis(5) || time == millis(200)));
        assert_eq!(times("1ms, 2ms, 3ms", 5), [1, 2, 3, 1, 2].map(millis));
    }

    /// The browser tests compare the lesson `retry-storm`, which uses such times, on the page and natively.
    #[test]
    fn exponential_times_are_the_same_on_every_platform() {
        let nanos: Vec<u128> = times("exponential 20ms", 4).iter().map(Duration::as_nanos).collect();
        assert_eq!(nanos, [20_602_181, 46_101_026, 15_212_110, 906_373]);
    }
}
