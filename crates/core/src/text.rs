//! Numbers as people read them, in whatever a person is told.

/// A number with commas between its groups of three digits.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped() {
        let grouped: Vec<String> = [0, 12, 999, 1000, 1_048_576, 12_345_678].map(grouped).into();
        assert_eq!(grouped, ["0", "12", "999", "1,000", "1,048,576", "12,345,678"]);
    }
}
