//! Settings before they become a [`Config`](clearpipe_core::config::Config): a tree of values, each of which knows
//! where it was written. That is what lets an error name the line of a file, or the flag.

use std::fmt;

/// A value and where it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where it was written.
    pub origin: Origin,
}

/// The values that YAML, JSON and TOML have in common.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing: the setting keeps its default.
    Null,
    /// True or false.
    Bool(bool),
    /// A number.
    Number(serde_json::Number),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A table; its keys are different.
    Table(Vec<Entry>),
}

/// A key of a table, and what it stands for.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key was written.
    pub origin: Origin,
    /// Its value.
    pub node: Node,
}

/// Where something was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// In the file of the configuration.
    File {
        /// From 1.
        line: usize,
        /// From 1, in characters.
        column: usize,
    },
    /// On the command line, by this flag.
    Flag(String),
}

impl Origin {
    /// The first character of the file.
    pub const START: Origin = Origin::File { line: 1, column: 1 };

    /// The place of a byte of the file's text.
    pub fn in_text(text: &str, offset: usize) -> Origin {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Origin::File {
            line: before.bytes().filter(|&byte| byte == b'\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }
}

impl Node {
    /// A table without entries.
    pub fn empty_table(origin: Origin) -> Node {
        Node { value: Value::Table(Vec::new()), origin }
    }

    /// The node at a path such as `validator.required.0`, and where its key was written.
    pub fn find(&self, path: &str) -> Option<(&Node, &Origin)> {
        let (mut node, mut origin) = (self, &self.origin);
        for part in path.split('.') {
            (node, origin) = match &node.value {
                Value::Table(entries) => {
                    entries.iter().find(|entry| entry.key == part).map(|entry| (&entry.node, &entry.origin))?
                }
                Value::List(nodes) => {
                    part.parse().ok().and_then(|at: usize| nodes.get(at)).map(|node| (node, &node.origin))?
                }
                _ => return None,
            };
        }
        Some((node, origin))
    }

    /// Sets the node at a path, and makes tables on the way where there are none.
    pub fn set(&mut self, path: &str, node: Node) {
        let mut place = self;
        for part in path.split('.') {
            if !matches!(place.value, Value::Table(_)) {
                *place = Node::empty_table(node.origin.clone());
            }
            let Value::Table(entries) = &mut place.value else { unreachable!("it has just become one") };
            let at = entries.iter().position(|entry| entry.key == part).unwrap_or_else(|| {
                entries.push(Entry {
                    key: part.to_owned(),
                    origin: node.origin.clone(),
                    node: Node { value: Value::Null, origin: node.origin.clone() },
                });
                entries.len() - 1
            });
            entries[at].origin = node.origin.clone();
            place = &mut entries[at].node;
        }
        *place = node;
    }

    /// Takes out the node at a path; false if there is none.
    pub fn remove(&mut self, path: &str) -> bool {
        let (parents, last) = path.rsplit_once('.').map_or((None, path), |(parents, last)| (Some(parents), last));
        let mut parent = self;
        for part in parents.into_iter().flat_map(|parents| parents.split('.')) {
            let next = match &mut parent.value {
                Value::Table(entries) => {
                    entries.iter_mut().find(|entry| entry.key == part).map(|entry| &mut entry.node)
                }
                Value::List(nodes) => part.parse().ok().and_then(|at: usize| nodes.get_mut(at)),
                _ => None,
            };
            let Some(next) = next else { return false };
            parent = next;
        }
        match &mut parent.value {
            Value::Table(entries) => {
                let before = entries.len();
                entries.retain(|entry| entry.key != last);
                entries.len() < before
            }
            Value::List(nodes) => match last.parse() {
                Ok(at) if at < nodes.len() => {
                    nodes.remove(at);
                    true
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// The same as JSON. An entry without a value is left out: it keeps its default.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(flag) => (*flag).into(),
            Value::Number(number) => number.clone().into(),
            Value::Text(text) => text.clone().into(),
            Value::List(nodes) => nodes.iter().map(Node::to_json).collect(),
            Value::Table(entries) => {
                let given = entries.iter().filter(|entry| entry.node.value != Value::Null);
                serde_json::Value::Object(given.map(|entry| (entry.key.clone(), entry.node.to_json())).collect())
            }
        }
    }
}

impl Value {
    /// A value as a person writes it without quotes: YAML's core schema.
    pub fn of_plain(text: &str) -> Value {
        match text {
            "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
            "true" | "True" | "TRUE" => return Value::Bool(true),
            "false" | "False" | "FALSE" => return Value::Bool(false),
            _ => {}
        }
        if !text.starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first)) {
            return Value::Text(text.to_owned());
        }
        let digits = text.strip_prefix('+').unwrap_or(text);
        let whole = digits.parse::<u64>().map(Into::into).or_else(|_| digits.parse::<i64>().map(Into::into)).ok();
        let number = whole.or_else(|| serde_json::Number::from_f64(digits.parse().ok()?));
        number.map_or_else(|| Value::Text(text.to_owned()), Value::Number)
    }
}

/// As it is shown in an error.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("empty"),
            Value::Bool(flag) => write!(f, "{flag}"),
            Value::Number(number) => write!(f, "{number}"),
            Value::Text(text) => write!(f, "{text:?}"),
            Value::List(_) => f.write_str("a list"),
            Value::Table(_) => f.write_str("a table"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flag(value: Value) -> Node {
        Node { value, origin: Origin::Flag("--x".to_owned()) }
    }

    #[test]
    fn nodes_are_set_found_and_removed() {
        let mut tree = Node::empty_table(Origin::START);
        tree.set("channels.data", flag(Value::of_plain("5")));
        tree.set("channels.valid", flag(Value::of_plain("6")));
        tree.set("required", flag(Value::List(vec![flag(Value::of_plain("id")), flag(Value::of_plain("x"))])));
        assert_eq!(tree.find("channels.data").unwrap().0.value, Value::Number(5.into()));
        assert_eq!(tree.find("required.1").unwrap().0.value, Value::Text("x".to_owned()));
        assert!(tree.find("channels.error").is_none());
        assert!(tree.remove("required.1") && !tree.remove("required.1") && tree.remove("channels.data"));
        assert_eq!(tree.to_json(), serde_json::json!({ "channels": { "valid": 6 }, "required": ["id"] }));
    }

    #[test]
    fn plain_values_are_those_of_yaml() {
        let number = |text: &str| matches!(Value::of_plain(text), Value::Number(_));
        assert!(["0", "-1", "+7", "1.5", "1e3", ".5", "18446744073709551615"].into_iter().all(number));
        assert!(!["5ms", "1,5", "off", "every 10", "5%", "-", ".inf", "0-20ms"].into_iter().any(number));
        assert_eq!(Value::of_plain("null"), Value::Null);
        assert_eq!(Value::of_plain("true"), Value::Bool(true));
    }
}
