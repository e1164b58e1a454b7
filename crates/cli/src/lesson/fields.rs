//! Tables of a lesson file: their keys, and values of the expected kind.

use super::problems::{Problems, instead};
use crate::settings::tree::{Entry, Node, Origin, Value};

/// A table of which only some keys are known.
pub struct Table<'a> {
    entries: &'a [Entry],
    origin: &'a Origin,
    /// What it is, for messages: `the lesson`, `question 1`.
    what: String,
}

impl<'a> Table<'a> {
    /// Reads a table. Unknown keys are reported.
    pub fn read(
        node: &'a Node,
        origin: &'a Origin,
        what: impl Into<String>,
        keys: &[&str],
        problems: &mut Problems,
    ) -> Option<Table<'a>> {
        let what = what.into();
        let entries = entries(node, origin, &what, problems)?;
        for Entry { key, origin, .. } in entries.iter().filter(|entry| !keys.contains(&entry.key.as_str())) {
            problems.add(origin, format!("{what} has no key `{key}`; {}", instead(key, keys, "keys")));
        }
        Some(Table { entries, origin, what })
    }

    /// Returns an entry with a value, if there is one.
    pub fn get(&self, key: &str) -> Option<&'a Entry> {
        self.entries.iter().find(|entry| entry.key == key && entry.node.value != Value::Null)
    }

    /// Returns an entry with a value, and reports one that is missing.
    pub fn required(&self, key: &str, problems: &mut Problems) -> Option<&'a Entry> {
        let found = self.get(key);
        if found.is_none() {
            let empty = self.entries.iter().find(|entry| entry.key == key);
            let origin = empty.map_or(self.origin, |entry| &entry.origin);
            problems.add(origin, format!("{} has no `{key}`", self.what));
        }
        found
    }

    /// Returns a text that must be there.
    pub fn text(&self, key: &str, problems: &mut Problems) -> Option<(String, &'a Origin)> {
        let entry = self.required(key, problems)?;
        Some((text(&entry.node, key, problems)?, &entry.node.origin))
    }
}

/// Returns the entries of a table, and reports what is none.
pub fn entries<'a>(node: &'a Node, origin: &Origin, what: &str, problems: &mut Problems) -> Option<&'a [Entry]> {
    match &node.value {
        Value::Table(entries) => Some(entries),
        other => {
            problems.add(origin, format!("{what} is {other}; it must be a table"));
            None
        }
    }
}

/// Returns where a key of a table is written. It may have dots.
pub fn key<'a>(node: &'a Node, key: &str) -> Option<&'a Origin> {
    let Value::Table(entries) = &node.value else { return None };
    entries.iter().find(|entry| entry.key == key).map(|entry| &entry.origin)
}

/// Returns the items of a list, and reports what is none.
pub fn list<'a>(node: &'a Node, what: &str, problems: &mut Problems) -> Option<&'a [Node]> {
    match &node.value {
        Value::List(nodes) => Some(nodes),
        other => {
            problems.add(&node.origin, format!("`{what}` is {other}; it must be a list"));
            None
        }
    }
}

/// Returns a text as it was written, and reports what is none.
pub fn text(node: &Node, what: &str, problems: &mut Problems) -> Option<String> {
    let text = match &node.value {
        Value::Plain(text) | Value::Text(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        other => {
            problems.add(&node.origin, format!("`{what}` is {other}; it must be text"));
            return None;
        }
    };
    if text.is_empty() {
        problems.add(&node.origin, format!("`{what}` is empty"));
        return None;
    }
    Some(text)
}
