//! The text of a number: JSON's grammar, and what tables have instead.

use super::shortened;

/// A number that was read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Number {
    /// What it is; finite.
    pub value: f64,
    /// Whether its text is a JSON number, so that it can be kept as it was written.
    pub is_json: bool,
}

impl Number {
    /// Writes the number as JSON. `text`, that it was read from, keeps its digits; if it isn't JSON, only what JSON
    /// forbids is changed: a plus sign, zeros in front, nothing before or behind the point. At most one byte longer.
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

/// Reads a number as tables have it: a JSON number, or also `+5`, `.5`, `5.`, `007`. No spaces around it.
///
/// # Errors
/// A reason: no number at all, or too large for a finite 64-bit float.
pub(super) fn read(text: &str) -> Result<Number, String> {
    // `parse` would also take `inf` and `nan`, which are no measurement.
    let digits_only = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
    match text.parse::<f64>() {
        Ok(value) if digits_only && value.is_finite() => Ok(Number { value, is_json: is_json(text.as_bytes()) }),
        Ok(_) if digits_only => Err(too_large(text)),
        _ => Err(format!("{:?} is no number", shortened(text))),
    }
}

/// The reason for a number that no finite 64-bit float can hold.
pub(super) fn too_large(text: &str) -> String {
    format!("the number {} is too large for a 64-bit float", shortened(text))
}

/// Whether `text` is a JSON number (RFC 8259, section 6).
fn is_json(text: &[u8]) -> bool {
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let integer = digits(text);
    if integer == 0 || (integer > 1 && text[0] == b'0') {
        return false;
    }
    let mut rest = &text[integer..];
    if let Some(fraction) = rest.strip_prefix(b".") {
        let length = digits(fraction);
        if length == 0 {
            return false;
        }
        rest = &fraction[length..];
    }
    if let [b'e' | b'E', exponent @ ..] = rest {
        let exponent = match exponent {
            [b'+' | b'-', unsigned @ ..] => unsigned,
            unsigned => unsigned,
        };
        return !exponent.is_empty() && digits(exponent) == exponent.len();
    }
    rest.is_empty()
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
        for text in ["", "n/a", "NaN", "inf", "-Infinity", "1,5", "1 000", "5e", "e5", ".", "-", "+", "0x10", "5.5.5"] {
            assert_eq!(read(text), Err(format!("{text:?} is no number")));
        }
        assert_eq!(read("1e309"), Err("the number 1e309 is too large for a 64-bit float".to_owned()));
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
        fn serde_json_agrees(text in "-?[0-9]{0,3}(\\.[0-9]{0,2})?([eE][+-]?[0-9]{0,2})?") {
            prop_assert_eq!(is_json(text.as_bytes()), serde_json::from_str::<f64>(&text).is_ok());
        }
    }
}
