//! Settings before they become a [`Config`](clearpipe_core::config::Config): a tree of values with their origins, so
//! that an error can name the line of a file, or the flag.

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
    /// A scalar without quotes. Its type depends on what the setting expects: `1,000` can be a number of records, or a
    /// unit.
    Plain(String),
    /// A list.
    List(Vec<Node>),
    /// A table; its keys are distinct.
    Table(Vec<Entry>),
}

/// An entry of a table.
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
    /// In the configuration file.
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

    /// Returns the position of a byte in the file's text.
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
    /// Creates a table without entries.
    pub fn empty_table(origin: Origin) -> Node {
        Node { value: Value::Table(Vec::new()), origin }
    }

    /// Sets the origin of the node and of everything in it.
    pub fn set_origin(&mut self, origin: &Origin) {
        self.origin = origin.clone();
        match &mut self.value {
            Value::List(nodes) => nodes.iter_mut().for_each(|node| node.set_origin(origin)),
            Value::Table(entries) => entries.iter_mut().for_each(|entry| {
                entry.origin = origin.clone();
                entry.node.set_origin(origin);
            }),
            _ => {}
        }
    }

    /// Returns the node at a path such as `validator.required.0`, and where its key was written.
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

    /// Sets the node at a path, and creates the tables on the way if necessary.
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

    /// Replaces the value at a path. If the new value is text in a list, all scalars of the list become text.
    pub fn replace(&mut self, path: &str, value: Value) {
        let parents = path.rsplit_once('.').map(|(parents, _)| parents);
        if let (Value::Text(_), Some(parents)) = (&value, parents)
            && let Some(Node { value: Value::List(nodes), .. }) = self.find_mut(parents.split('.'))
        {
            for node in nodes {
                if let Value::Plain(text) = &mut node.value {
                    node.value = Value::Text(std::mem::take(text));
                }
            }
        } else if let Some(place) = self.find_mut(path.split('.')) {
            place.value = value;
        }
    }

    fn find_mut<'a>(&mut self, path: impl Iterator<Item = &'a str>) -> Option<&mut Node> {
        let mut node = self;
        for part in path {
            node = match &mut node.value {
                Value::Table(entries) => {
                    entries.iter_mut().find(|entry| entry.key == part).map(|entry| &mut entry.node)?
                }
                Value::List(nodes) => part.parse().ok().and_then(|at: usize| nodes.get_mut(at))?,
                _ => return None,
            };
        }
        Some(node)
    }

    /// Removes the node at a path. Returns `false` if there is none.
    pub fn remove(&mut self, path: &str) -> bool {
        let (parents, last) = path.rsplit_once('.').map_or((None, path), |(parents, last)| (Some(parents), last));
        let parents = parents.into_iter().flat_map(|parents| parents.split('.'));
        let Some(parent) = self.find_mut(parents) else { return false };
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

    /// Converts the tree to JSON. Entries without a value are omitted, so that they keep their defaults.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(flag) => (*flag).into(),
            Value::Number(number) => number.clone().into(),
            Value::Text(text) => text.clone().into(),
            Value::Plain(text) => plain_to_json(text),
            Value::List(nodes) => nodes.iter().map(Node::to_json).collect(),
            Value::Table(entries) => {
                let given = entries.iter().filter(|entry| entry.node.value != Value::Null);
                serde_json::Value::Object(given.map(|entry| (entry.key.clone(), entry.node.to_json())).collect())
            }
        }
    }
}

impl Value {
    /// Creates a value written without quotes.
    pub fn of_plain(text: &str) -> Value {
        match text {
            "" | "~" | "null" | "Null" | "NULL" => Value::Null,
            _ => Value::Plain(text.to_owned()),
        }
    }
}

/// Converts a scalar without quotes to JSON, following YAML's core schema.
fn plain_to_json(text: &str) -> serde_json::Value {
    match text {
        "true" | "True" | "TRUE" => return true.into(),
        "false" | "False" | "FALSE" => return false.into(),
        _ => {}
    }
    if !text.starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first)) {
        return text.into();
    }
    let digits = text.strip_prefix('+').unwrap_or(text);
    let whole = digits.parse::<u64>().map(Into::into).or_else(|_| digits.parse::<i64>().map(Into::into)).ok();
    let number = whole.or_else(|| serde_json::Number::from_f64(digits.parse().ok()?));
    number.map_or_else(|| text.into(), serde_json::Value::Number)
}

/// The value as shown in an error.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("empty"),
            Value::Bool(flag) => write!(f, "{flag}"),
            Value::Number(number) => write!(f, "{number}"),
            Value::Text(text) => write!(f, "{text:?}"),
            Value::Plain(text) => match plain_to_json(text) {
                serde_json::Value::String(_) => write!(f, "{text:?}"),
                _ => f.write_str(text),
            },
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
        assert_eq!(tree.find("channels.data").unwrap().0.value, Value::Plain("5".to_owned()));
        assert_eq!(tree.find("required.1").unwrap().0.value, Value::Plain("x".to_owned()));
        assert!(tree.find("channels.error").is_none());
        assert!(tree.remove("required.1") && !tree.remove("required.1") && tree.remove("channels.data"));
        assert_eq!(tree.to_json(), serde_json::json!({ "channels": { "valid": 6 }, "required": ["id"] }));
    }

    #[test]
    fn plain_values_are_those_of_yaml() {
        let json = |text: &str| Node { value: Value::of_plain(text), origin: Origin::START }.to_json();
        let number = |text: &str| json(text).is_number();
        assert!(["0", "-1", "+7", "1.5", "1e3", ".5", "18446744073709551615"].into_iter().all(number));
        assert!(!["5ms", "1,5", "off", "every 10", "5%", "-", ".inf", "0-20ms"].into_iter().any(number));
        assert_eq!(Value::of_plain("null"), Value::Null);
        assert_eq!(json("true"), true);
    }
}
