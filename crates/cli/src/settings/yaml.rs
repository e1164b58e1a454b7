//! YAML → tree.

use super::SyntaxError;
use super::tree::{Entry, Node, Origin, Value};
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span};
use std::collections::HashSet;

/// The maximum nesting of lists and tables. The configuration has four levels.
const DEEPEST: usize = 32;

/// Reads a file of one document.
pub fn parse(text: &str) -> Result<Node, SyntaxError> {
    let mut reader = Reader { parser: Parser::new_from_str(text) };
    reader.expect_start()?;
    match reader.next()? {
        (Event::StreamEnd, _) => Ok(Node::empty_table(Origin::START)),
        (Event::DocumentStart(_), _) => {
            let (event, span) = reader.next()?;
            let root = reader.node(event, span, 0)?;
            let _end_of_document = reader.next()?;
            match reader.next()? {
                (Event::StreamEnd, _) => Ok(root),
                (_, span) => Err(at(span, "unexpected second document")),
            }
        }
        (_, span) => Err(at(span, "not a YAML document")),
    }
}

struct Reader<'a> {
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Span), SyntaxError> {
        match self.parser.next() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => Err(of_scan(&error)),
            None => Err(SyntaxError { origin: Origin::START, message: "the file ends too early".to_owned() }),
        }
    }

    fn expect_start(&mut self) -> Result<(), SyntaxError> {
        self.next().map(drop)
    }

    fn node(&mut self, event: Event<'a>, span: Span, depth: usize) -> Result<Node, SyntaxError> {
        if depth > DEEPEST {
            return Err(at(span, "this is too deep"));
        }
        let origin = origin(span);
        let value = match event {
            Event::Scalar(text, ScalarStyle::Plain, _, None) => Value::of_plain(&text),
            Event::Scalar(text, ..) => Value::Text(text.into_owned()),
            Event::SequenceStart(..) => {
                let mut nodes = Vec::new();
                loop {
                    match self.next()? {
                        (Event::SequenceEnd, _) => break Value::List(nodes),
                        (event, span) => nodes.push(self.node(event, span, depth + 1)?),
                    }
                }
            }
            Event::MappingStart(..) => Value::Table(self.table(depth)?),
            Event::Alias(_) => return Err(at(span, "aliases (`*name`) are not supported; write the value again")),
            _ => return Err(at(span, "a value is missing")),
        };
        Ok(Node { value, origin })
    }

    fn table(&mut self, depth: usize) -> Result<Vec<Entry>, SyntaxError> {
        let (mut entries, mut keys) = (Vec::new(), HashSet::new());
        loop {
            let (key, span) = match self.next()? {
                (Event::MappingEnd, _) => return Ok(entries),
                (Event::Scalar(key, ..), span) => (key.into_owned(), span),
                (_, span) => return Err(at(span, "the key must be a word")),
            };
            if !keys.insert(key.clone()) {
                return Err(at(span, &format!("duplicate key `{}`", clearpipe_io::text::visible(&key))));
            }
            let (event, value_span) = self.next()?;
            let node = self.node(event, value_span, depth + 1)?;
            entries.push(Entry { key, origin: origin(span), node });
        }
    }
}

fn origin(span: Span) -> Origin {
    Origin::File { line: span.start.line(), column: span.start.col() + 1 }
}

fn at(span: Span, message: &str) -> SyntaxError {
    SyntaxError { origin: origin(span), message: message.to_owned() }
}

fn of_scan(error: &ScanError) -> SyntaxError {
    let marker = error.marker();
    let origin = Origin::File { line: marker.line(), column: marker.col() + 1 };
    SyntaxError { origin, message: error.info().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_know_their_place() {
        let tree =
            parse("# settings\nworkers: 4\ngenerator:\n  locations: [North, 'South']\n  rate_limit: 1.5\n").unwrap();
        assert_eq!(
            tree.to_json(),
            serde_json::json!({
                "workers": 4, "generator": { "locations": ["North", "South"], "rate_limit": 1.5 }
            })
        );
        let (south, _) = tree.find("generator.locations.1").unwrap();
        assert_eq!(south.origin, Origin::File { line: 4, column: 22 });
        assert_eq!(tree.find("workers").unwrap().1, &Origin::File { line: 2, column: 1 });
    }

    #[test]
    fn an_empty_file_has_no_settings() {
        assert_eq!(parse("# nothing\n").unwrap().to_json(), serde_json::json!({}));
    }

    #[test]
    fn errors_know_their_place() {
        for (text, line, column) in [
            ("workers: 1\nworkers: 2\n", 2, 1),
            ("workers: [1\n", 2, 1),
            ("a: &x 1\nb: *x\n", 2, 4),
            ("---\na: 1\n---\nb: 2\n", 3, 1),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(error.origin, Origin::File { line, column }, "{text}: {}", error.message);
        }
    }
}
