//! Comparing names regardless of invisible differences, and keeping names unique.

use clearpipe_model::json_text::write_escaped;
use clearpipe_model::text::is_hidden;
use std::collections::{HashMap, HashSet};

/// Returns whether a character is invisible: byte order marks, zero-width spaces and joiners, soft hyphens and
/// directional marks.
fn is_invisible(letter: char) -> bool {
    !letter.is_control() && is_hidden(None, letter)
}

/// Returns a name without surrounding spaces and invisible characters.
pub(super) fn trimmed(name: &str) -> &str {
    name.trim_matches(|letter: char| letter.is_whitespace() || is_invisible(letter))
}

/// Returns a name as a person would type it: without any invisible characters, and without surrounding spaces and
/// quotes.
pub(super) fn typed(name: &str) -> String {
    let visible: String = name.chars().filter(|letter| !is_invisible(*letter)).collect();
    let name = visible.trim();
    let quotes = [('\'', '\''), ('"', '"'), ('`', '`'), ('“', '”'), ('‘', '’'), ('«', '»'), ('„', '“')];
    let inside = quotes.iter().find_map(|(open, close)| name.strip_prefix(*open)?.strip_suffix(*close));
    inside.map_or(name, str::trim).to_owned()
}

/// Returns the text before the value of an unknown field of this name: `,"name":`.
pub(super) fn before_value(name: &str) -> Vec<u8> {
    let mut text = b",\"".to_vec();
    write_escaped(&mut text, name);
    text.extend_from_slice(b"\":");
    text
}

/// Gives the members of an object unique names.
#[derive(Debug, Default)]
pub(super) struct Names {
    taken: HashSet<String>,
    /// The number that is tried next for a name.
    next: HashMap<String, u64>,
}

impl Names {
    /// At most this many bytes are added to a name.
    pub const MAX_SUFFIX_LENGTH: usize = 21;

    /// Creates a set in which these names are taken.
    pub fn new<'a>(taken: impl IntoIterator<Item = &'a str>) -> Names {
        Names { taken: taken.into_iter().map(str::to_owned).collect(), next: HashMap::new() }
    }

    /// Takes a name. Returns `false` if it was taken already.
    pub fn take(&mut self, name: &str) -> bool {
        !self.taken.contains(name) && self.taken.insert(name.to_owned())
    }

    /// Takes this name or, if it is taken already, the first of `name_2`, `name_3`, … that is free.
    pub fn take_like(&mut self, name: &str) -> String {
        if self.take(name) {
            return name.to_owned();
        }
        let mut number = self.next.get(name).copied().unwrap_or(2);
        let free = loop {
            let numbered = format!("{name}_{number}");
            number += 1;
            if self.take(&numbered) {
                break numbered;
            }
        };
        self.next.insert(name.to_owned(), number);
        free
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_is_left_out() {
        assert_eq!(trimmed("\u{FEFF}\u{FEFF} id\u{200B}\u{A0}"), "id");
        assert_eq!(trimmed("a\u{200B}b"), "a\u{200B}b");
        assert_eq!(trimmed("\u{FEFF}"), "");
        assert_eq!(typed(" 'sensor\u{200B}_id' "), "sensor_id");
        assert_eq!(typed("“id”"), "id");
        assert_eq!(typed("'id"), "'id");
        assert_eq!(typed("'"), "'");
    }

    #[test]
    fn names_stay_apart() {
        let mut names = Names::new(["a", "a_3", "b"]);
        let given: Vec<String> = ["a", "a", "c", "c", "a_2", "c_2"].map(|name| names.take_like(name)).into();
        assert_eq!(given, ["a_2", "a_4", "c", "c_2", "a_2_2", "c_2_2"]);
    }

    #[test]
    fn many_of_one_name_take_linear_time() {
        let mut names = Names::default();
        (0..100_000).for_each(|_| drop(names.take_like("x")));
        assert_eq!(names.take_like("x"), "x_100001");
    }
}
