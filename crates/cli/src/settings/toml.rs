//! TOML → tree.

use super::SyntaxError;
use super::tree::{Entry, Node, Origin, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Reads a file.
pub fn parse(text: &str) -> Result<Node, SyntaxError> {
    let source = Source(text);
    match DeTable::parse(text) {
        Ok(table) => {
            let value = source.table(table.get_ref())?;
            Ok(Node { value, origin: Origin::START })
        }
        Err(error) => {
            let origin = error.span().map_or(Origin::START, |span| source.origin(span.start));
            Err(SyntaxError { origin, message: error.message().to_owned() })
        }
    }
}

struct Source<'a>(&'a str);

impl Source<'_> {
    fn table(&self, table: &DeTable<'_>) -> Result<Value, SyntaxError> {
        let entry = |(key, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
            let key: &Spanned<std::borrow::Cow<'_, str>> = key;
            let origin = self.origin(key.span().start);
            Ok(Entry { key: key.get_ref().to_string(), origin, node: self.node(value)? })
        };
        let mut entries: Vec<Entry> = table.iter().map(entry).collect::<Result<_, _>>()?;
        // The crate sorts the keys; problems are listed in the order of the file.
        entries.sort_by_key(|entry| match entry.origin {
            Origin::File { line, column } => (line, column),
            Origin::Flag(_) => (0, 0),
        });
        Ok(Value::Table(entries))
    }

    fn node(&self, value: &Spanned<DeValue<'_>>) -> Result<Node, SyntaxError> {
        let origin = self.origin(value.span().start);
        let out_of_range =
            |text: &str| SyntaxError { origin: origin.clone(), message: format!("unsupported number {text}") };
        let value = match value.get_ref() {
            DeValue::String(text) => Value::Text(text.to_string()),
            DeValue::Boolean(flag) => Value::Bool(*flag),
            DeValue::Datetime(time) => Value::Text(time.to_string()),
            DeValue::Integer(integer) => {
                let parsed = u64::from_str_radix(integer.as_str(), integer.radix()).map(Into::into);
                let parsed = parsed.or_else(|_| i64::from_str_radix(integer.as_str(), integer.radix()).map(Into::into));
                Value::Number(parsed.map_err(|_| out_of_range(integer.as_str()))?)
            }
            DeValue::Float(float) => {
                let parsed = float.as_str().parse().ok().and_then(serde_json::Number::from_f64);
                Value::Number(parsed.ok_or_else(|| out_of_range(float.as_str()))?)
            }
            DeValue::Array(items) => Value::List(items.iter().map(|item| self.node(item)).collect::<Result<_, _>>()?),
            DeValue::Table(table) => self.table(table)?,
        };
        Ok(Node { value, origin })
    }

    fn origin(&self, offset: usize) -> Origin {
        Origin::in_text(self.0, offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_know_their_place() {
        let tree =
            parse("workers = 4\n[generator]\nlocations = [\"North\", \"South\"]\nrate_limit = 1_000.5\n").unwrap();
        assert_eq!(
            tree.to_json(),
            serde_json::json!({
                "workers": 4, "generator": { "locations": ["North", "South"], "rate_limit": 1000.5 }
            })
        );
        assert_eq!(tree.find("generator.rate_limit").unwrap().1, &Origin::File { line: 4, column: 1 });
        assert_eq!(tree.find("generator.locations.1").unwrap().0.origin, Origin::File { line: 3, column: 23 });
    }

    #[test]
    fn errors_know_their_place() {
        for (text, line) in [("a = 1\na = 2\n", 2), ("a = \n", 1), ("a = 1\nb = nan\n", 2)] {
            let error = parse(text).unwrap_err();
            assert!(matches!(error.origin, Origin::File { line: found, .. } if found == line), "{text}: {error:?}");
        }
    }
}
