//! Formatting numbers and texts for people, in all messages.

use std::borrow::Cow;

/// Formats a number with commas between groups of three digits.
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

/// Makes a text from outside (data, a header, a file name, an argument) safe to show in a line of a message: control
/// characters would control the terminal, bidirectional controls make a text look like another one, and some characters
/// are invisible. Each of them is replaced by its number, as in `\u{1b}`.
///
/// The page has the same rule in `web/visible.ts`, and both are tested with `tests/vectors/visible-text.json`.
pub fn visible(text: &str) -> Cow<'_, str> {
    shown(text, |_| false)
}

/// Does the same for a message of several lines, keeping the line endings.
pub fn visible_lines(text: &str) -> Cow<'_, str> {
    shown(text, |letter| letter == '\n')
}

/// Formats a file name, or another text of the system that may not be UTF-8; an invalid byte is shown as `\xff`.
pub fn visible_name(name: &std::ffi::OsStr) -> String {
    let mut shown = String::new();
    for chunk in name.as_encoded_bytes().utf8_chunks() {
        shown += &visible(chunk.valid());
        chunk.invalid().iter().for_each(|byte| shown += &format!("\\x{byte:02x}"));
    }
    shown
}

fn shown(text: &str, is_kept: impl Fn(char) -> bool) -> Cow<'_, str> {
    let must_go = |before: Option<char>, letter: char| is_hidden(before, letter) && !is_kept(letter);
    let pairs = || text.chars().scan(None, |before, letter| Some((before.replace(letter), letter)));
    if !pairs().any(|(before, letter)| must_go(before, letter)) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for (before, letter) in pairs() {
        match letter {
            _ if !must_go(before, letter) => shown.push(letter),
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            _ => shown += &format!("\\u{{{:x}}}", u32::from(letter)),
        }
    }
    Cow::Owned(shown)
}

/// Returns whether a character is invisible, or has an effect other than being visible.
pub fn is_hidden(before: Option<char>, letter: char) -> bool {
    match letter {
        // It has no more effect than a space.
        '\t' => false,
        _ if letter.is_control() => true,
        // Directional marks, and the characters that embed, override or isolate a direction.
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}' => true,
        // Line and paragraph separators.
        '\u{2028}' | '\u{2029}' => true,
        // Zero-width characters: invisible hyphens and joiners, byte order marks, annotations, tags.
        '\u{ad}' | '\u{34f}' | '\u{180e}' | '\u{200b}' | '\u{2060}'..='\u{2065}' | '\u{3164}' | '\u{feff}' => true,
        '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}' => true,
        // Joiners belong to many scripts, and to emoji; but not after a Latin letter or at the beginning.
        '\u{200c}' | '\u{200d}' => before.is_none_or(|before| before.is_ascii()),
        _ => false,
    }
}

/// Formats a text of the input for an error: shortened if it is long, so that the reason stays readable, and without
/// invisible characters.
pub fn shortened(text: &str) -> String {
    visible(&beginning(text)).into_owned()
}

/// Returns the beginning of a text if it is long, or else all of it.
pub fn beginning(text: &str) -> String {
    const MAX_CHARS: usize = 40;
    match text.char_indices().nth(MAX_CHARS) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped() {
        let grouped: Vec<String> = [0, 12, 999, 1000, 1_048_576, 12_345_678].map(grouped).into();
        assert_eq!(grouped, ["0", "12", "999", "1,000", "1,048,576", "12,345,678"]);
    }

    #[test]
    fn what_can_not_be_seen_is_shown() {
        let vectors: Vec<(String, String)> =
            serde_json::from_str(include_str!("../../../tests/vectors/visible-text.json")).unwrap();
        assert!(vectors.len() > 20);
        for (text, expected) in &vectors {
            assert_eq!(visible(text), *expected);
            assert!(!visible(text).chars().any(|letter| letter.is_control() && letter != '\t'), "{expected}");
            assert_eq!(visible_lines(text), expected.replace("\\n", "\n"), "{expected}");
        }
    }

    #[test]
    fn names_of_files_need_not_be_utf8() {
        assert_eq!(visible_name("a\u{1b}[2Jö".as_ref()), "a\\u{1b}[2Jö");
        #[cfg(unix)]
        {
            use std::os::unix::ffi::OsStrExt;
            assert_eq!(visible_name(std::ffi::OsStr::from_bytes(b"na\xefve\n.csv\xff")), "na\\xefve\\n.csv\\xff");
        }
    }

    #[test]
    fn a_long_text_is_shortened_between_characters() {
        assert_eq!(shortened("short"), "short");
        assert_eq!(shortened(&"ö".repeat(40)), "ö".repeat(40));
        assert_eq!(shortened(&"ö".repeat(41)), format!("{}…", "ö".repeat(40)));
        assert_eq!(shortened(&"\u{1b}".repeat(41)), format!("{}…", "\\u{1b}".repeat(40)));
    }
}
