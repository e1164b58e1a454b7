//! JSON → tree.

use super::SyntaxError;
use super::tree::{Entry, Node, Origin, Value};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::HashSet;
use std::fmt;

/// Reads a file.
pub fn parse(text: &str) -> Result<Node, SyntaxError> {
    let raw = read::<&RawValue>(text).map_err(|error| SyntaxError {
        origin: Origin::File { line: error.line().max(1), column: error.column().max(1) },
        message: without_place(&error),
    })?;
    Source(text).node(raw)
}

/// The complete text that contains all raw values, from which their positions are derived.
struct Source<'a>(&'a str);

impl<'a> Source<'a> {
    fn node(&self, raw: &'a RawValue) -> Result<Node, SyntaxError> {
        let part = raw.get();
        let origin = self.origin(part);
        let wrong = |error: serde_json::Error| SyntaxError { origin: origin.clone(), message: without_place(&error) };
        let value = match part.as_bytes().first() {
            Some(b'{') => Value::Table(self.entries(read(part).map_err(wrong)?)?),
            Some(b'[') => {
                let items: Vec<&RawValue> = read(part).map_err(wrong)?;
                Value::List(items.into_iter().map(|item| self.node(item)).collect::<Result<_, _>>()?)
            }
            _ => match read(part).map_err(wrong)? {
                serde_json::Value::Bool(flag) => Value::Bool(flag),
                serde_json::Value::Number(number) => Value::Number(number),
                serde_json::Value::String(text) => Value::Text(text),
                _ => Value::Null,
            },
        };
        Ok(Node { value, origin })
    }

    fn entries(&self, pairs: Pairs<'a>) -> Result<Vec<Entry>, SyntaxError> {
        let (mut entries, mut keys) = (Vec::new(), HashSet::new());
        for (key, raw) in pairs.0 {
            let origin = self.origin_of_key(raw.get());
            if !keys.insert(key.clone()) {
                return Err(SyntaxError {
                    origin,
                    message: format!("duplicate key `{}`", clearpipe_io::text::visible(&key)),
                });
            }
            entries.push(Entry { key, origin, node: self.node(raw)? });
        }
        Ok(entries)
    }

    fn offset(&self, part: &str) -> usize {
        part.as_ptr() as usize - self.0.as_ptr() as usize
    }

    fn origin(&self, part: &str) -> Origin {
        Origin::in_text(self.0, self.offset(part))
    }

    /// Returns the position of the key whose value is `part`: that of its opening quote.
    fn origin_of_key(&self, part: &str) -> Origin {
        let before = self.0[..self.offset(part)].trim_end().trim_end_matches(':').trim_end();
        let inside = before.trim_end_matches('"');
        let is_escaped = |at: usize| inside[..at].bytes().rev().take_while(|&byte| byte == b'\\').count() % 2 == 1;
        let open = inside.rmatch_indices('"').map(|(at, _)| at).find(|&at| !is_escaped(at)).unwrap_or(0);
        Origin::in_text(self.0, open)
    }
}

fn read<'a, T: Deserialize<'a>>(text: &'a str) -> serde_json::Result<T> {
    serde_json::from_str(text)
}

/// Returns the message of serde_json without its "at line 1 column 2", which is relative to a part of the text.
fn without_place(error: &serde_json::Error) -> String {
    let message = error.to_string();
    message.rsplit_once(" at line ").map_or(message.clone(), |(message, _)| message.to_owned())
}

/// An object whose keys keep their order, and may occur twice.
struct Pairs<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PairsVisitor;
        impl<'de> Visitor<'de> for PairsVisitor {
            type Value = Pairs<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<'de>, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(PairsVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_know_their_place() {
        let text = "{\n\t\"workers\": 4, \"gen\\\"erator\" :\n  { \"locations\": [\"North\", \"Süd\", 18446744073709551615] }\n}";
        let tree = parse(text).unwrap();
        assert_eq!(tree.to_json(), serde_json::from_str::<serde_json::Value>(text).unwrap());
        assert_eq!(tree.find("workers").unwrap().1, &Origin::File { line: 2, column: 2 });
        assert_eq!(tree.find("gen\"erator").unwrap().1, &Origin::File { line: 2, column: 16 });
        assert_eq!(tree.find("gen\"erator.locations.2").unwrap().0.origin, Origin::File { line: 3, column: 35 });
    }

    #[test]
    fn errors_know_their_place() {
        for (text, line, column) in
            [("{\n \"a\": 1,\n}", 3, 1), ("{\"a\": 1, \"a\": 2}", 1, 10), ("", 1, 1), ("{\"a\": 'x'}", 1, 7)]
        {
            let error = parse(text).unwrap_err();
            assert_eq!(error.origin, Origin::File { line, column }, "{text}: {}", error.message);
            assert!(!error.message.contains("line"), "{}", error.message);
        }
    }
}
