//! Numbers as text: JSON's grammar, and the variants in tables.

use clearpipe_model::reject::{FieldName, Reason};
use clearpipe_model::text::beginning;

/// A number that was read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Number {
    /// Its value; finite.
    pub value: f64,
    /// Whether its text is a JSON number, so that it can be kept as written.
    pub is_json: bool,
}

impl Number {
    /// Writes the number as JSON. It keeps the digits of `text`, which it was read from; if that isn't JSON, only what
    /// JSON forbids is changed: a plus sign, leading zeros, no digit before or after the decimal point. The result is
    /// at most one byte longer.
    pub fn write(self, text: &str, out: &mut Vec<u8>) {
        if self.is_json {
            return out.extend_from_slice(text.as_bytes());
        }
        let (sign, unsigned) = match text.strip_prefix('-') {
            Some(unsigned) => ("-", unsigned),
            None => ("", text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = unsigned.split_at(unsigned.find(['e', 'E']).unwrap_or(unsigned.len()));
        let (integer, fraction) = mantissa.split_at(mantissa.find('.').unwrap_or(mantissa.len()));
        let integer = match integer.trim_start_matches('0') {
            "" => "0",
            integer => integer,
        };
        let fraction = if fraction == "." { "" } else { fraction };
        [sign, integer, fraction, exponent].iter().for_each(|part| out.extend_from_slice(part.as_bytes()));
    }
}

/// Why a text isn't a valid number for a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NumberError {
    /// It isn't a number.
    Invalid,
    /// No finite 64-bit float can hold it.
    TooLarge,
}

impl NumberError {
    /// Returns the reason to reject a record in which this field has the text.
    pub fn reason(self, field: FieldName, text: &str) -> Reason {
        let beginning = beginning(text).into();
        match self {
            NumberError::Invalid => Reason::NotANumber { field, text: beginning, has_commas: has_commas(text) },
            NumberError::TooLarge => Reason::NumberTooLarge { field, text: beginning },
        }
    }
}

/// The powers of ten that a 64-bit float holds exactly.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];

/// Returns the JSON number at the beginning of `text`, and its length; `None` if there is none, or it isn't finite.
///
/// Most numbers have so few digits that a single multiplication or division returns the nearest float: both the digits
/// and the power of ten are then exact floats (William D. Clinger, “How to Read Floating Point Numbers Accurately”,
/// 1990). The others are left to the standard library.
pub(super) fn plain(text: &[u8]) -> Option<(f64, usize)> {
    /// All smaller integers are exact floats.
    const EXACT: u64 = 1 << 53;
    let is_negative = text.first() == Some(&b'-');
    let start = usize::from(is_negative);
    let (integer, integer_length) = digits(&text[start..], 0);
    if integer_length == 0 || (integer_length > 1 && text[start] == b'0') {
        return None;
    }
    let mut at = start + integer_length;
    let mut mantissa = integer;
    let mut places = 0;
    if text.get(at) == Some(&b'.') {
        (mantissa, places) = digits(&text[at + 1..], integer);
        if places == 0 {
            return None;
        }
        at += 1 + places;
    }
    let has_exponent = matches!(text.get(at), Some(b'e' | b'E'));
    // More digits may have overflowed.
    let is_exact = integer_length + places < 20 && mantissa < EXACT;
    if !has_exponent && is_exact && places < POWERS.len() {
        let magnitude = mantissa as f64 / POWERS[places];
        return Some((if is_negative { -magnitude } else { magnitude }, at));
    }
    unusual(text, at, is_exact.then_some((mantissa as f64, places)))
}

/// Reads a number with an exponent, which begins at `at`, or with more digits than a float has. `exact` is its digits
/// without the decimal point and how many come after the point, if that is exact.
#[inline(never)]
fn unusual(text: &[u8], at: usize, exact: Option<(f64, usize)>) -> Option<(f64, usize)> {
    let mut end = at;
    if matches!(text.get(at), Some(b'e' | b'E')) {
        let (exponent, length) = exponent(&text[at + 1..])?;
        end += 1 + length;
        if let Some((mantissa, places)) = exact {
            let power = exponent - places as i64;
            if let Some(scale) = POWERS.get(power.unsigned_abs() as usize) {
                let magnitude = if power < 0 { mantissa / scale } else { mantissa * scale };
                return Some((if text[0] == b'-' { -magnitude } else { magnitude }, end));
            }
        }
    }
    let number: f64 = std::str::from_utf8(&text[..end]).ok()?.parse().ok()?;
    number.is_finite().then_some((number, end))
}

/// Reads the exponent after an `e`, and its length. One that is too large for any float stays too large.
fn exponent(text: &[u8]) -> Option<(i64, usize)> {
    /// Above all exponents for which the digits can be scaled exactly.
    const MAX_MAGNITUDE: i64 = 1 << 32;
    let sign = usize::from(matches!(text.first(), Some(b'+' | b'-')));
    let digits = text[sign..].iter().map(|byte| byte.wrapping_sub(b'0')).take_while(|digit| *digit < 10);
    let (magnitude, length) = digits.fold((0, 0), |(magnitude, length), digit| {
        ((10 * magnitude + i64::from(digit)).min(MAX_MAGNITUDE), length + 1)
    });
    let exponent = if text.first() == Some(&b'-') { -magnitude } else { magnitude };
    (length > 0).then_some((exponent, sign + length))
}

/// Reads all digits: returns `before` with them appended (or an arbitrary value, if there are too many), and their
/// number.
fn digits(text: &[u8], before: u64) -> (u64, usize) {
    let mut number = before;
    for (at, byte) in text.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return (number, at);
        }
        number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
    }
    (number, text.len())
}

/// Reads a number as it occurs in tables: a JSON number, or also `+5`, `.5`, `5.`, `007`. There must be no spaces
/// around it.
///
/// # Errors
/// [`NumberError`] if it isn't a number, or is too large for a finite 64-bit float.
pub(super) fn read(text: &str) -> Result<Number, NumberError> {
    if let Some((value, length)) = plain(text.as_bytes())
        && length == text.len()
    {
        return Ok(Number { value, is_json: true });
    }
    // `parse` would also accept `inf` and `nan`, which aren't measurements.
    let digits_only = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
    match text.parse::<f64>() {
        Ok(value) if digits_only && value.is_finite() => Ok(Number { value, is_json: is_json(text.as_bytes()) }),
        Ok(_) if digits_only => Err(NumberError::TooLarge),
        _ => Err(NumberError::Invalid),
    }
}

/// Returns whether a text would be a number without its commas.
fn has_commas(text: &str) -> bool {
    text.contains(',') && text.bytes().any(|byte| byte.is_ascii_digit()) && {
        let sign = text.strip_prefix(['-', '+']).unwrap_or(text);
        sign.bytes().all(|byte| byte.is_ascii_digit() || byte == b',' || byte == b'.')
    }
}

/// Returns whether `text` is a JSON number.
fn is_json(text: &[u8]) -> bool {
    length(text) == Some(text.len())
}

/// Returns the length of the JSON number (RFC 8259, section 6) at the beginning of `text`, if there is one.
pub(super) fn length(text: &[u8]) -> Option<usize> {
    let digits = |at: usize| text[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let start = usize::from(text.starts_with(b"-"));
    let integer = digits(start);
    if integer == 0 || (integer > 1 && text[start] == b'0') {
        return None;
    }
    let mut at = start + integer;
    if text.get(at) == Some(&b'.') {
        let fraction = digits(at + 1);
        if fraction == 0 {
            return None;
        }
        at += 1 + fraction;
    }
    if matches!(text.get(at), Some(b'e' | b'E')) {
        at += 1 + usize::from(matches!(text.get(at + 1), Some(b'+' | b'-')));
        let exponent = digits(at);
        if exponent == 0 {
            return None;
        }
        at += exponent;
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn json_numbers_are_recognised() {
        for text in ["0", "-0", "5", "-12.50", "1e308", "1E+5", "1e-5", "0.1", "12345678901234567890"] {
            assert!(read(text).unwrap().is_json, "{text}");
        }
        for (text, value) in [("+5", 5.0), (".5", 0.5), ("5.", 5.0), ("007", 7.0), ("-.5e1", -5.0), ("00", 0.0)] {
            assert_eq!(read(text), Ok(Number { value, is_json: false }), "{text}");
        }
    }

    #[test]
    fn other_numbers_become_json() {
        for (text, json) in [
            ("+5", "5"),
            (".5", "0.5"),
            ("5.", "5"),
            ("007.50", "7.50"),
            ("-.0", "-0.0"),
            ("5.00", "5.00"),
            ("-00.e+07", "-0e+07"),
        ] {
            let mut out = b"10".to_vec();
            read(text).unwrap().write(text, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), format!("10{json}"));
        }
    }

    #[test]
    fn what_is_no_number_says_so() {
        for text in
            ["", "n/a", "NaN", "inf", "-Infinity", ",", "1,5a", "1 000", "5e", "e5", ".", "-", "+", "0x10", "5.5.5"]
        {
            assert_eq!(read(text), Err(NumberError::Invalid));
            assert!(!has_commas(text) || text == ",", "{text}");
        }
        for text in ["1,5", "-0,5", "1.234,5", "1,234.5", "+12,"] {
            assert_eq!(read(text), Err(NumberError::Invalid));
            assert!(has_commas(text), "{text}");
        }
        assert_eq!(read("1e309"), Err(NumberError::TooLarge));
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_json_and_the_same_number(text in "[+-]?[0-9]{0,3}(\\.[0-9]{0,2})?([eE][+-]?[0-9]{0,2})?") {
            if let Ok(number) = read(&text) {
                let mut out = Vec::new();
                number.write(&text, &mut out);
                prop_assert_eq!(serde_json::from_slice::<f64>(&out).unwrap().to_bits(), number.value.to_bits());
                prop_assert!(out.len() <= text.len() + 1);
            }
        }

        #[test]
        fn the_quick_way_gives_the_same(text in "-?[0-9]{0,22}(\\.[0-9]{0,25})?([eE][+-]?[0-9]{0,3})?", behind in "[,} x]?") {
            let read = read(&text).ok().filter(|number| number.is_json);
            let plain = plain(format!("{text}{behind}").as_bytes());
            match read {
                Some(number) => {
                    let (value, length) = plain.unwrap();
                    prop_assert_eq!((value.to_bits(), length), (number.value.to_bits(), text.len()));
                }
                // A text that isn't a number as a whole may begin with one.
                None => prop_assert!(plain.is_none_or(|(_, length)| length < text.len())),
            }
        }

        #[test]
        fn numbers_of_all_sizes(number in prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO) {
            for text in [format!("{number}"), format!("{number:e}"), format!("{number:.3e}"), format!("{number:.9}")] {
                let expected: f64 = text.parse().unwrap();
                let (value, length) = plain(format!("{text},0123456789").as_bytes()).unwrap();
                prop_assert_eq!((value.to_bits(), length), (expected.to_bits(), text.len()), "{}", text);
            }
        }

        #[test]
        fn numbers_with_few_digits(number in any::<i32>(), places in 0..10_usize) {
            let digits = format!("{:011}", number.unsigned_abs());
            let (integer, fraction) = digits.split_at(digits.len() - places);
            let integer = match integer.trim_start_matches('0') { "" => "0", integer => integer };
            let sign = if number < 0 { "-" } else { "" };
            let text = if places == 0 { format!("{sign}{integer}") } else { format!("{sign}{integer}.{fraction}") };
            prop_assert_eq!(plain(text.as_bytes()), Some((text.parse().unwrap(), text.len())));
        }

        #[test]
        fn serde_json_agrees(text in "-?[0-9]{0,3}(\\.[0-9]{0,2})?([eE][+-]?[0-9]{0,2})?") {
            prop_assert_eq!(is_json(text.as_bytes()), serde_json::from_str::<f64>(&text).is_ok());
        }
    }
}
