//! Identifies which of several inputs a line came from.

use crate::json_text::write_escaped;
use crate::record::{Buffers, Record, Text};
use std::sync::Arc;

/// The label of an input, shared by its lines; empty if there is only one input.
#[derive(Clone, Debug, Default)]
pub struct InputLabel(Option<Arc<Label>>);

#[derive(Debug)]
struct Label {
    /// The name that positions begin with.
    name: Option<String>,
    source_field: Option<SourceField>,
}

/// A field that names the input, added to each of its records.
#[derive(Debug)]
struct SourceField {
    /// The field as it appears among the unknown fields of a record: `,"name":"input"`.
    member: Vec<u8>,
}

impl InputLabel {
    /// Creates the label of an input with this name. `in_positions` means that positions name the input; `source_field`
    /// is the name of the field that is added to each of its records.
    pub fn new(name: Option<String>, in_positions: bool, source_field: Option<&str>) -> InputLabel {
        // An input without a name is called what the command calls the standard input.
        let text = name.as_deref().unwrap_or("-");
        let source_field = source_field.map(|field| {
            let mut member = b",\"".to_vec();
            write_escaped(&mut member, field);
            member.extend_from_slice(b"\":\"");
            write_escaped(&mut member, text);
            member.push(b'"');
            SourceField { member }
        });
        let name = in_positions.then(|| text.to_owned());
        let says_something = name.is_some() || source_field.is_some();
        InputLabel(says_something.then(|| Arc::new(Label { name, source_field })))
    }

    /// Returns the name that positions begin with, if there are several inputs.
    pub fn name(&self) -> Option<&str> {
        self.0.as_ref()?.name.as_deref()
    }

    /// Returns the field that names the input, as it appears among the unknown fields of a record: `,"name":"input"`.
    /// Empty if there is none.
    pub fn member(&self) -> &[u8] {
        self.source_field().map_or(&[], |field| &field.member)
    }

    /// Adds the field that names the input to a record, after its unknown fields, none of which has the same name.
    #[inline]
    pub fn add_to(&self, record: &mut Record, input: &[u8], scratch: &mut Vec<u8>) {
        if let Some(field) = self.source_field() {
            field.add_to(record, input, scratch);
        }
    }

    /// Returns an upper bound on what [`InputLabel::add_to`] appends to the scratch buffer for `records` records whose
    /// unknown fields have at most `extra` bytes in total.
    pub fn scratch_bound(&self, records: usize, extra: usize) -> usize {
        self.source_field().map_or(0, |field| extra + records * field.member.len())
    }

    fn source_field(&self) -> Option<&SourceField> {
        self.0.as_ref()?.source_field.as_ref()
    }
}

impl SourceField {
    fn add_to(&self, record: &mut Record, input: &[u8], scratch: &mut Vec<u8>) {
        let start = scratch.len();
        let extra = Buffers { input, scratch }.bytes(record.extra).to_vec();
        scratch.extend_from_slice(&extra);
        scratch.extend_from_slice(&self.member);
        record.extra = Text::in_scratch(start, scratch.len() - start);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(label: &InputLabel, extra: &str) -> String {
        let mut record = Record::empty(0);
        let mut scratch = b"before".to_vec();
        if !extra.is_empty() {
            record.extra = Text::in_input(0, extra.len());
        }
        label.add_to(&mut record, extra.as_bytes(), &mut scratch);
        assert!(scratch.len() - 6 <= label.scratch_bound(1, extra.len()));
        let bytes = Buffers { input: extra.as_bytes(), scratch: &scratch }.bytes(record.extra);
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[test]
    fn the_field_stands_behind_the_unknown_ones() {
        let label = InputLabel::new(Some("a \"b\".csv".to_owned()), true, Some("source"));
        let member = r#","source":"a \"b\".csv""#;
        assert_eq!(added(&label, ""), member);
        assert_eq!(added(&label, r#","x":1"#), format!(r#","x":1{member}"#));
        assert_eq!(added(&label, r#","x":{"source":1}"#), format!(r#","x":{{"source":1}}{member}"#));
        assert_eq!(label.name(), Some("a \"b\".csv"));
        assert_eq!(label.member(), member.as_bytes());
    }

    #[test]
    fn a_single_input_needs_no_label() {
        let label = InputLabel::new(Some("a.csv".to_owned()), false, None);
        assert!(label.0.is_none());
        assert_eq!(added(&label, r#","x":1"#), r#","x":1"#);
    }
}
