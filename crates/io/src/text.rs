//! Formatting numbers for people, making texts safe to show, and drawing bars of characters.

pub use clearpipe_model::text::{grouped as count, visible, visible_lines};

use clearpipe_model::text::visible_name;
use std::borrow::Cow;
use std::path::Path;
use std::time::Duration;

/// Formats a file name for a message. It may contain anything, including invalid UTF-8 or control characters for the
/// terminal.
pub fn name(path: impl AsRef<Path>) -> String {
    visible_name(path.as_ref().as_os_str())
}

/// Makes a text that is ready to be printed safe: it keeps its lines and its styles (colours, bold …), and no other
/// escape sequence or control character.
pub fn with_styles(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|letter| letter == '\u{1b}') {
        return visible_lines(text);
    }
    let mut safe = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\u{1b}') {
        let (before, sequence) = rest.split_at(at);
        safe += &visible_lines(before);
        let length = style_length(sequence).unwrap_or(1);
        let (sequence, behind) = sequence.split_at(length);
        if length > 1 {
            safe.push_str(sequence)
        } else {
            safe += &visible(sequence)
        }
        rest = behind;
    }
    Cow::Owned(safe + &visible_lines(rest))
}

/// Escapes the invisible characters in lines of JSON, in the syntax of JSON.
pub fn json(line: &str) -> String {
    let mut safe = String::with_capacity(line.len());
    for letter in line.chars() {
        match visible(letter.encode_utf8(&mut [0; 4])) {
            Cow::Borrowed(same) => safe.push_str(same),
            Cow::Owned(_) if letter == '\n' => safe.push(letter),
            Cow::Owned(_) => {
                letter.encode_utf16(&mut [0; 2]).iter().for_each(|unit| safe += &format!("\\u{unit:04x}"));
            }
        }
    }
    safe
}

/// Returns the length of the style at the beginning of a text, as in `ESC [ 1 ; 31 m`.
fn style_length(text: &str) -> Option<usize> {
    let parameters = text.strip_prefix("\u{1b}[")?;
    let end = parameters.find(|letter: char| !letter.is_ascii_digit() && letter != ';')?;
    parameters[end..].starts_with('m').then_some("\u{1b}[".len() + end + 1)
}

/// Formats a sum or an average, with as many decimals as are meaningful.
pub fn decimal(number: f64) -> String {
    if !number.is_finite() || number.abs() >= 1e15 || (number != 0.0 && number.abs() < 1e-3) {
        return format!("{number:e}");
    }
    let text = format!("{:.3}", number.abs());
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    let decimals = decimals.trim_end_matches('0');
    let sign = if number < 0.0 { "−" } else { "" };
    let whole = count(whole.parse().unwrap_or_default());
    if decimals.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{decimals}") }
}

/// Formats a share of a whole.
pub fn percent(part: f64, whole: f64) -> String {
    let share = if whole > 0.0 { part / whole * 100.0 } else { 0.0 };
    format!("{share:.1} %")
}

/// Formats a size in bytes.
pub fn bytes(bytes: u64) -> String {
    let units = ["kB", "MB", "GB", "TB", "PB", "EB"];
    let mut size = bytes as f64;
    let mut unit = "bytes";
    for larger in units {
        if size < 999.5 {
            break;
        }
        size /= 1000.0;
        unit = larger;
    }
    match (unit, bytes) {
        ("bytes", 1) => "1 byte".to_owned(),
        ("bytes", _) => format!("{bytes} bytes"),
        _ if size < 9.95 => format!("{size:.1} {unit}"),
        _ => format!("{size:.0} {unit}"),
    }
}

/// Formats a duration.
pub fn time(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    match seconds {
        ..1e-6 => format!("{:.0} ns", seconds * 1e9),
        ..1e-3 => format!("{} µs", three_digits(seconds * 1e6)),
        ..0.9995 => format!("{} ms", three_digits(seconds * 1e3)),
        ..60.0 => format!("{} s", three_digits(seconds)),
        ..3600.0 => format!("{} min {:02} s", time.as_secs() / 60, time.as_secs() % 60),
        _ => format!("{} h {:02} min", time.as_secs() / 3600, time.as_secs() / 60 % 60),
    }
}

/// Formats a rate in records per second.
pub fn rate(per_second: f64) -> String {
    match per_second {
        ..10.0 => format!("{per_second:.1}"),
        _ => count(per_second.round() as u64),
    }
}

/// Formats a large number with three digits, followed by a unit: `15.6 M`, `382 k`, `16.2 MB`.
pub fn short(number: f64, unit: &str) -> String {
    let (mut size, mut prefix) = (number.abs(), "");
    for larger in ["k", "M", "G", "T"] {
        if size < 999.5 {
            break;
        }
        (size, prefix) = (size / 1000.0, larger);
    }
    let sign = if number < 0.0 { "−" } else { "" };
    let digits = if size == 0.0 { "0".to_owned() } else { three_digits(size) };
    match (prefix, unit) {
        ("", "") => format!("{sign}{digits}"),
        _ => format!("{sign}{digits} {prefix}{unit}"),
    }
}

/// Returns a word in the singular or plural form that matches a number.
pub fn plural(number: u64, word: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {word}{ending}", count(number))
}

/// Returns the first characters of a text, if it is long.
pub fn shortened(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        None => text.to_owned(),
        Some(_) => {
            let end = text.char_indices().nth(longest.saturating_sub(1)).map_or(0, |(end, _)| end);
            format!("{}…", &text[..end])
        }
    }
}

/// Returns the end of a text that is longer than `longest` characters.
pub fn shortened_in_front(text: &str, longest: usize) -> String {
    match text.char_indices().rev().nth(longest.saturating_sub(1)) {
        None | Some((0, _)) => text.to_owned(),
        Some((start, first)) => format!("…{}", &text[start + first.len_utf8()..]),
    }
}

/// Returns how many of `cells` each share gets, so that they add up to all of them and no share above 0 is lost if
/// there is room for it.
pub fn cells<const N: usize>(shares: [f64; N], cells: usize) -> [usize; N] {
    let total: f64 = shares.iter().sum();
    if total <= 0.0 {
        return [0; N];
    }
    let exact = shares.map(|share| share / total * cells as f64);
    let mut given = exact.map(|share| share.floor() as usize);
    while given.iter().sum::<usize>() < cells {
        let lack = |at: &usize| exact[*at] - given[*at] as f64;
        let Some(most) = (0..N).max_by(|one, other| lack(one).total_cmp(&lack(other))) else { break };
        given[most] += 1;
    }
    given
}

fn three_digits(number: f64) -> String {
    match number {
        ..9.995 => format!("{number:.2}"),
        ..99.95 => format!("{number:.1}"),
        _ => format!("{number:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        assert_eq!([0, 999, 1000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([0.0, 1234.5, -0.25, 1e300, 1e-9].map(decimal), ["0", "1,234.5", "−0.25", "1e300", "1e-9"]);
        assert_eq!(
            [0, 1, 999, 1000, 12_345, 999_999].map(bytes),
            ["0 bytes", "1 byte", "999 bytes", "1.0 kB", "12 kB", "1.0 MB"]
        );
        assert_eq!(
            [0.0, 9.876, 999.4, 999.6, 15_634_000.0, 2.5e13].map(|number| short(number, "")),
            ["0", "9.88", "999", "1.00 k", "15.6 M", "25.0 T"]
        );
        assert_eq!((short(16_200_000.0, "B"), short(-12.0, "B")), ("16.2 MB".to_owned(), "−12.0 B".to_owned()));
        assert_eq!([0.4, 12.6, 1_234_567.0].map(rate), ["0.4", "13", "1,234,567"]);
        assert_eq!(plural(1, "worker"), "1 worker");
        assert_eq!(plural(2000, "worker"), "2,000 workers");
    }

    #[test]
    fn nothing_but_styles_steers_the_terminal() {
        for (text, expected) in [
            ("plain\n", "plain\n"),
            ("\u{1b}[1;31mred\u{1b}[0m\n", "\u{1b}[1;31mred\u{1b}[0m\n"),
            ("a\u{1b}[2Jb\u{1b}]0;x\u{7}", "a\\u{1b}[2Jb\\u{1b}]0;x\\u{7}"),
            ("\u{1b}[1mö\r\u{1b}", "\u{1b}[1mö\\r\\u{1b}"),
            ("\u{9b}31m\u{1b}[", "\\u{9b}31m\\u{1b}["),
        ] {
            assert_eq!(with_styles(text), expected);
        }
        assert_eq!(name("a\nb"), "a\\nb");
        assert_eq!(json("{\"ö\u{202e}\u{e0041}\":1}"), "{\"ö\\u202e\\udb40\\udc41\":1}");
    }

    #[test]
    fn times() {
        let texts =
            [0.0, 12e-6, 0.0123, 0.9999, 12.0, 61.0, 3661.0].map(|seconds| time(Duration::from_secs_f64(seconds)));
        assert_eq!(texts, ["0 ns", "12.0 µs", "12.3 ms", "1.00 s", "12.0 s", "1 min 01 s", "1 h 01 min"]);
    }

    #[test]
    fn long_texts_are_cut() {
        assert_eq!(shortened("äöüß", 4), "äöüß");
        assert_eq!(shortened("äöüßx", 4), "äöü…");
        assert_eq!([shortened_in_front("äöüß", 4), shortened_in_front("xäöüß", 4)], ["äöüß", "…öüß"]);
    }

    #[test]
    fn cells_add_up() {
        assert_eq!(cells([1.0, 1.0, 1.0], 10), [3, 3, 4]);
        assert_eq!(cells([0.0, 0.0], 10), [0, 0]);
        assert_eq!(cells([99.0, 0.0, 1.0], 10), [10, 0, 0]);
    }
}
