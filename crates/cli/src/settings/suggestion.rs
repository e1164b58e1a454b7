//! What to write instead of a setting that doesn't exist.

use super::tree::{Entry, Value};
use std::cmp::Ordering;

/// An unknown key.
pub struct Unknown<'a> {
    /// The key.
    pub key: &'a str,
    /// The path of the table that it is in; empty for the configuration itself.
    pub at: &'a str,
    /// Its value.
    pub value: &'a Value,
}

/// How much a name is like the key: the better, the less.
type Likeness = (u8, usize);

/// Suggests what to write instead of an unknown key. `paths` has all settings and tables.
pub fn suggest(unknown: &Unknown<'_>, paths: &[String]) -> String {
    let Unknown { key, at, value } = *unknown;
    let (tables, settings): (Vec<&str>, Vec<&str>) =
        paths.iter().map(String::as_str).partition(|path| children(path, paths).next().is_some());
    let listed = |table: &str| children(table, paths).collect::<Vec<_>>().join(", ");
    let found = match value {
        Value::Table(entries) => {
            let tables = most_alike(key, at, &tables);
            // As in `--set a.threshold=5`.
            let inner = innermost(entries).map(|key| most_alike(key, "", &settings));
            if tables.is_empty() { inner.unwrap_or_default() } else { tables }
        }
        _ => most_alike(key, at, &settings),
    };
    if !found.is_empty() {
        let found: Vec<String> = found.into_iter().map(|path| format!("`{path}`")).collect();
        return format!("did you mean {}?", found.join(" or "));
    }
    match most_alike(key, at, &tables).first() {
        Some(table) => format!("did you mean a setting of `{table}`? It has {}", listed(table)),
        None if at.is_empty() => format!("the settings are {}", listed("")),
        None => format!("`{at}` has {}", listed(at)),
    }
}

/// Returns the names in a table.
fn children<'a>(table: &'a str, paths: &'a [String]) -> impl Iterator<Item = &'a str> {
    paths.iter().filter_map(move |path| {
        let name = if table.is_empty() { path } else { path.strip_prefix(table)?.strip_prefix('.')? };
        (!name.contains('.')).then_some(name)
    })
}

/// Returns the key of the only setting within a table.
fn innermost(entries: &[Entry]) -> Option<&str> {
    match entries {
        [Entry { key, node, .. }] => match &node.value {
            Value::Table(entries) => innermost(entries),
            _ => Some(key),
        },
        _ => None,
    }
}

/// Returns the paths whose last component is most like the key, if any is. `at` is the table that the key is in.
fn most_alike<'a>(key: &str, at: &str, paths: &[&'a str]) -> Vec<&'a str> {
    let mut best = (u8::MAX, false, 0, 0);
    let mut found = Vec::new();
    for path in paths {
        let (table, name) = path.rsplit_once('.').unwrap_or(("", path));
        let Some((kind, distance)) = likeness(key, name) else { continue };
        let is_near = table == at && !at.is_empty();
        // Whatever is like it in the same table is as good as the same name in another one, and better if there is both.
        let rank = (if is_near { 0 } else { kind }, table != at, kind, distance);
        match rank.cmp(&best) {
            Ordering::Less => (best, found) = (rank, vec![*path]),
            Ordering::Equal => found.push(*path),
            Ordering::Greater => {}
        }
    }
    found
}

/// Returns how much a name is like a key: the same, by typing errors, or as some of the same words. `None` if it is
/// another name.
fn likeness(key: &str, name: &str) -> Option<Likeness> {
    /// Shorter words are in too many names.
    const SHORTEST_WORD: usize = 3;
    if key == name {
        return Some((0, 0));
    }
    let distance = strsim::damerau_levenshtein(key, name);
    if distance <= key.chars().count().min(9) / 3 {
        return Some((1, distance));
    }
    let has_words =
        |whole: &str, part: &str| part.len() >= SHORTEST_WORD && format!("_{whole}_").contains(&format!("_{part}_"));
    (has_words(name, key) || has_words(key, name)).then_some((2, 0))
}
