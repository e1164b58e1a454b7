//! Numbers as people write them, wherever a setting is written as text: on the command line, in a file, in the page.
//!
//! Thousands may be separated by commas or underscores: `1,000`, `1_000_000`. Any other comma is refused: in much of
//! the world it is the decimal separator, and `1,5` must not become 15.

use std::fmt;

/// Why a text isn't a valid number for a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NumberError {
    /// It isn't a number.
    NoNumber,
    /// It has a comma that doesn't separate thousands.
    DecimalComma {
        /// The text.
        text: String,
        /// A valid number to write instead, if it is known.
        instead: Option<String>,
    },
    /// It has underscores that don't separate thousands.
    Underscores(String),
    /// It is below 0.
    Negative(String),
    /// It isn't a whole number.
    NotWhole(String),
    /// It is too large for any setting.
    TooLarge(String),
}

impl std::error::Error for NumberError {}

impl fmt::Display for NumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NumberError::NoNumber => f.write_str("this is no number"),
            NumberError::DecimalComma { text, instead: Some(instead) } => {
                write!(f, "`{text}`: a comma separates thousands, as in 1,000; with a decimal point, write {instead}")
            }
            NumberError::DecimalComma { text, instead: None } => {
                write!(f, "`{text}`: a comma separates groups of three digits, as in 1,000,000")
            }
            NumberError::Underscores(text) => {
                write!(f, "`{text}`: an underscore separates groups of three digits, as in 1_000_000")
            }
            NumberError::Negative(text) => write!(f, "`{text}` is below 0"),
            NumberError::NotWhole(text) => write!(f, "`{text}` is not a whole number"),
            NumberError::TooLarge(text) => write!(f, "`{text}` is too large"),
        }
    }
}

/// Parses a whole number, 0 or more. `1e6` is a whole number too.
///
/// # Errors
/// If the text isn't a whole number.
pub fn whole(text: &str) -> Result<u64, NumberError> {
    /// Floats are exact up to this number.
    const EXACT: f64 = (1_u64 << 53) as f64;
    let plain = without_separators(text)?;
    if let Ok(number) = plain.parse() {
        return Ok(number);
    }
    let number: f64 = plain.parse().map_err(|_| NumberError::NoNumber)?;
    let text = text.trim().to_owned();
    match number {
        ..0.0 => Err(NumberError::Negative(text)),
        _ if number > EXACT => Err(NumberError::TooLarge(text)),
        _ if number.fract() != 0.0 => Err(NumberError::NotWhole(text)),
        _ => Ok(number as u64),
    }
}

/// Parses any finite number.
///
/// # Errors
/// If the text isn't a number.
pub fn decimal(text: &str) -> Result<f64, NumberError> {
    let number: f64 = without_separators(text)?.parse().map_err(|_| NumberError::NoNumber)?;
    if number.is_finite() { Ok(number) } else { Err(NumberError::TooLarge(text.trim().to_owned())) }
}

/// Returns the text of a number with only a sign, digits, a point and an exponent.
fn without_separators(text: &str) -> Result<String, NumberError> {
    let text = text.trim();
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(unsigned) => ("-", unsigned),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = unsigned.split_at(unsigned.find(['e', 'E']).unwrap_or(unsigned.len()));
    let (integer, fraction) = mantissa.split_at(mantissa.find('.').unwrap_or(mantissa.len()));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_exponent = |text: &str| {
        let digits = text.get(1..).unwrap_or_default();
        let digits = digits.strip_prefix(['+', '-']).unwrap_or(digits);
        text.is_empty() || !digits.is_empty() && is_digits(digits)
    };
    let is_of = |separators: &str| {
        let is_mantissa = |byte: u8| byte.is_ascii_digit() || byte == b'.' || separators.as_bytes().contains(&byte);
        let has_digits = mantissa.bytes().any(|byte| byte.is_ascii_digit());
        has_digits && mantissa.bytes().all(is_mantissa) && is_exponent(exponent)
    };
    if !is_of(",_") {
        return Err(NumberError::NoNumber);
    }
    let point = fraction.strip_prefix('.').unwrap_or_default();
    let is_right = is_digits(point) && (is_digits(integer) || is_grouped(integer, ',') || is_grouped(integer, '_'));
    match is_right {
        true => Ok(format!("{sign}{}{fraction}{exponent}", integer.replace([',', '_'], ""))),
        false if is_of("_") && mantissa.contains('_') && is_digits(&point.replace('_', "")) => {
            Err(NumberError::Underscores(text.to_owned()))
        }
        false if mantissa.contains(',') => {
            let instead = instead_of(mantissa).map(|mantissa| format!("{sign}{mantissa}{exponent}"));
            Err(NumberError::DecimalComma { text: text.to_owned(), instead })
        }
        false => Err(NumberError::NoNumber),
    }
}

/// Returns whether the digits are in groups of three. (A number doesn't begin with 0, so `0,500` has no thousands.)
fn is_grouped(integer: &str, separator: char) -> bool {
    let is_group = |group: &str| group.len() == 3 && group.bytes().all(|byte| byte.is_ascii_digit());
    let Some((first, rest)) = integer.split_once(separator) else { return false };
    (1..=3).contains(&first.len())
        && first.bytes().all(|byte| byte.is_ascii_digit())
        && !first.starts_with('0')
        && rest.split(separator).all(is_group)
}

/// Replaces a decimal comma, and possible points between the thousands, by a decimal point.
fn instead_of(mantissa: &str) -> Option<String> {
    let (integer, fraction) = mantissa.split_once(',')?;
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_plain = is_digits(integer) || is_grouped(integer, '.');
    (is_plain && is_digits(fraction)).then(|| format!("{}.{fraction}", integer.replace('.', "")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (text, expected) in [
            ("0", 0.0),
            (" 12 ", 12.0),
            ("+7", 7.0),
            ("-1.50", -1.5),
            (".5", 0.5),
            ("1.", 1.0),
            ("1e3", 1000.0),
            ("2.5E-1", 0.25),
            ("1,000", 1000.0),
            ("12,345,678.25", 12_345_678.25),
            ("1_000_000", 1e6),
            ("-1,000", -1000.0),
        ] {
            assert_eq!(decimal(text), Ok(expected), "{text}");
        }
        assert_eq!(whole("18446744073709551615"), Ok(u64::MAX));
        assert_eq!(whole("18,446,744,073,709,551,615"), Ok(u64::MAX));
        assert_eq!([whole("1e6"), whole("1.0"), whole("-0")], [Ok(1_000_000), Ok(1), Ok(0)]);
    }

    #[test]
    fn a_decimal_comma_is_never_a_separator_of_thousands() {
        for (text, instead) in [
            ("1,5", Some("1.5")),
            ("0,5", Some("0.5")),
            ("-0,500", Some("-0.500")),
            ("1,00", Some("1.00")),
            ("1234,567", Some("1234.567")),
            ("1.234,5", Some("1234.5")),
            ("1,5e3", Some("1.5e3")),
            ("1,5,5", None),
            ("12,34,567", None),
            ("1,0000", Some("1.0000")),
            ("1,", None),
            (",5", None),
            ("1,000,", None),
            ("1_000,5", None),
            ("1,000_000", None),
        ] {
            let expected = NumberError::DecimalComma { text: text.to_owned(), instead: instead.map(str::to_owned) };
            assert_eq!(decimal(text), Err(expected.clone()), "{text}");
            assert_eq!(whole(text), Err(expected), "{text}");
        }
        for text in ["1_0", "1_0000", "_1", "1_", "1.5_0"] {
            assert_eq!(decimal(text), Err(NumberError::Underscores(text.to_owned())), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_none() {
        for text in
            ["", "-", ".", ",", "_", "e5", "1e", "1e+", "nan", "inf", "0x10", "5ms", "1.000.000", "1 000", "--1", "١"]
        {
            assert_eq!(decimal(text), Err(NumberError::NoNumber), "{text}");
            assert_eq!(whole(text), Err(NumberError::NoNumber), "{text}");
        }
        assert_eq!(decimal("1e999"), Err(NumberError::TooLarge("1e999".to_owned())));
        assert_eq!(whole("18446744073709551616"), Err(NumberError::TooLarge("18446744073709551616".to_owned())));
        assert_eq!(whole("-1"), Err(NumberError::Negative("-1".to_owned())));
        assert_eq!(whole("1.5"), Err(NumberError::NotWhole("1.5".to_owned())));
    }
}
