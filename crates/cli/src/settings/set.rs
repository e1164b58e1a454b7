//! The value of a `--set`: as in a YAML file (and therefore as in JSON), except that lists need no brackets.

use super::tree::{Node, Origin, Value};
use super::yaml;
use clearpipe_core::config::Config;

/// Returns the value that `text` stands for in the setting at `path`.
///
/// # Errors
/// What is wrong with the text, if it should be a list or a table and isn't.
pub fn value_of(path: &str, text: &str) -> Result<Value, String> {
    let text = text.trim();
    let flag = Origin::Flag(format!("--set {path}"));
    match (kind_of(path), text) {
        (_, "null" | "~") => Ok(Value::Null),
        (Kind::List | Kind::ListInBrackets, _) if text.starts_with('[') => parsed(text, &flag),
        (Kind::List, _) => {
            let node = |value| Node { value, origin: flag.clone() };
            Ok(Value::List(items(text)?.into_iter().map(node).collect()))
        }
        (Kind::Table, _) if text.starts_with('{') => parsed(text, &flag),
        _ => Ok(Value::of_plain(text)),
    }
}

enum Kind {
    List,
    /// Text, or a list in brackets. Without brackets, a comma is part of a name.
    ListInBrackets,
    Table,
    Scalar,
}

/// Returns the kind of a setting, by its default.
fn kind_of(path: &str) -> Kind {
    let defaults = serde_json::to_value(Config::default()).unwrap_or_default();
    if path == "input.file" {
        return Kind::ListInBrackets;
    }
    match defaults.pointer(&format!("/{}", path.replace('.', "/"))) {
        Some(serde_json::Value::Array(_)) => Kind::List,
        Some(serde_json::Value::Object(_)) => Kind::Table,
        _ => Kind::Scalar,
    }
}

/// Parses a list in brackets or a table in braces.
fn parsed(text: &str, flag: &Origin) -> Result<Value, String> {
    match yaml::parse(text) {
        Ok(mut node) => {
            node.set_origin(flag);
            Ok(node.value)
        }
        Err(error) => Err(format!("`{text}` can't be read: {}", error.message())),
    }
}

/// Parses the items of a list without brackets. Items with commas or surrounding spaces are quoted.
fn items(text: &str) -> Result<Vec<Value>, String> {
    let mut items = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (item, behind) = match rest.chars().next() {
            Some(quote @ ('"' | '\'')) => quoted(text, rest, quote)?,
            _ => {
                let (item, behind) = rest.split_at(rest.find(',').unwrap_or(rest.len()));
                // Plain texts, not values as in YAML: `no,null` are two words.
                (Value::Plain(item.trim().to_owned()), behind)
            }
        };
        if item == Value::Plain(String::new()) {
            return Err(format!("`{text}` has an empty item; write empty text as \"\""));
        }
        items.push(item);
        rest = match behind.strip_prefix(',') {
            Some(behind) => behind.trim_start(),
            None if behind.is_empty() => break,
            None => return Err(format!("`{text}`: expected a comma after the closing quote")),
        };
    }
    Ok(items)
}

/// Returns the quoted item at the beginning of `rest`, and what follows it.
fn quoted<'a>(text: &str, rest: &'a str, quote: char) -> Result<(Value, &'a str), String> {
    let Some(end) = closing_quote(rest, quote) else {
        return Err(format!("`{text}` has a quote that is never closed"));
    };
    let (item, behind) = rest.split_at(end + 1);
    match yaml::parse(item) {
        Ok(Node { value: value @ Value::Text(_), .. }) => Ok((value, behind.trim_start())),
        _ => Err(format!("`{item}` is not quoted text")),
    }
}

/// Returns the position of the quote that closes the one at the beginning: in double quotes a backslash escapes one, in
/// single quotes another one does.
fn closing_quote(text: &str, quote: char) -> Option<usize> {
    let mut letters = text.char_indices().skip(1).peekable();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' if quote == '"' => drop(letters.next()),
            '\'' if quote == '\'' && letters.next_if(|(_, next)| *next == '\'').is_some() => {}
            _ if letter == quote => return Some(at),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn json_of(path: &str, text: &str) -> Result<serde_json::Value, String> {
        value_of(path, text).map(|value| Node { value, origin: Origin::START }.to_json())
    }

    #[test]
    fn a_list_is_what_yaml_and_json_mean_by_it() {
        let path = "transformer.valid_units";
        for (text, expected) in [
            ("A,B", json!(["A", "B"])),
            (" A , B C ", json!(["A", "B C"])),
            ("A,", json!(["A"])),
            ("[\"A\",\"B\"]", json!(["A", "B"])),
            ("['A', \"B\"]", json!(["A", "B"])),
            ("[A, B]", json!(["A", "B"])),
            ("[A]", json!(["A"])),
            ("[]", json!([])),
            ("", json!([])),
            ("\"a,b\",c", json!(["a,b", "c"])),
            ("'it''s',B", json!(["it's", "B"])),
            ("\"\\u00b0C\", %", json!(["°C", "%"])),
            ("\"a\\\"b\"", json!(["a\"b"])),
            ("\"\"", json!([""])),
            ("null", json!(null)),
        ] {
            assert_eq!(json_of(path, text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_list_that_is_none_is_refused() {
        for (text, problem) in [
            ("A,,B", "an empty item"),
            (",A", "an empty item"),
            ("\"A", "never closed"),
            ("\"A\"B", "expected a comma"),
            ("[A, B", "can't be read: "),
            ("[A] B", "can't be read: "),
        ] {
            let error = json_of("generator.locations", text).unwrap_err();
            assert!(error.contains(problem), "{text}: {error}");
        }
    }

    #[test]
    fn a_table_may_be_set_at_once() {
        assert_eq!(json_of("input.map", "{value: temp, unit: \"'C'\"}"), Ok(json!({"value": "temp", "unit": "'C'"})));
        assert_eq!(json_of("generator.unit", "[C]"), Ok(json!("[C]")));
        assert_eq!(json_of("input.file", "a,b.csv"), Ok(json!("a,b.csv")));
        assert_eq!(json_of("input.file", "[a.csv, b.csv]"), Ok(json!(["a.csv", "b.csv"])));
        assert_eq!(json_of("no.such.setting", "x"), Ok(json!("x")));
    }
}
