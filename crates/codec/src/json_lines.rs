//! Converts a line of JSON Lines to a record.

use super::json_member::{is_on_one_line, name_of, push_on_one_line};
use super::json_reason::{self, Problem};
use super::json_renamed;
use super::json_template::{Kind, LineTemplates, TemplateBuilder};
use super::names::Names;
use super::number::NumberError;
use super::outcome_fields::{self, OutcomeFields};
use crate::json_place::JsonPlace;
use crate::options::{InputOptions, Renaming};
use clearpipe_model::field::Field;
use clearpipe_model::record::{Line, Noted, Record, Text};
use clearpipe_model::reject::{FieldName, Reason, Reject};
use serde::de::{Deserializer as _, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;
use smallvec::SmallVec;
use std::borrow::Cow;
use std::fmt;

/// Reads a line; see [`Parser::parse`](super::Parser::parse). What was appended to `scratch` stays there on an error.
/// If the line can be parsed, it becomes a template.
pub(super) fn parse(
    renaming: &Renaming,
    line: &Line,
    block: &[u8],
    scratch: &mut Vec<u8>,
    templates: Option<&mut LineTemplates>,
) -> Result<Record, Reject> {
    let bytes = line.bytes(block);
    parse_object(renaming, line, bytes, scratch, templates).map_err(|Problem { at, reason }| Reject {
        line: line.line,
        column: Some(at + 1),
        reason,
    })
}

/// Reads a record that may span lines, and may begin anywhere on its first line.
pub(super) fn parse_framed(
    renaming: &Renaming,
    line: &Line,
    block: &[u8],
    scratch: &mut Vec<u8>,
    templates: Option<&mut LineTemplates>,
    place: JsonPlace,
) -> Result<Record, Reject> {
    let bytes = line.bytes(block);
    parse_object(renaming, line, bytes, scratch, templates).map_err(|Problem { at, reason }| {
        let at = line.start as usize + at;
        let before = &block[place.start..at];
        let column = match place.ends.find_last(before) {
            Some(line_end) => before.len() - line_end,
            None => before.len() + place.column as usize + 1,
        };
        let lines = place.ends.count(&block[line.start as usize..at]);
        Reject { reason, line: line.line + lines, column: Some(column) }
    })
}

/// Returns an upper bound on what `lines` lines of `length` bytes in total append to the scratch buffer.
pub(super) fn scratch_bound(lines: usize, length: usize) -> usize {
    /// The shortest members that can be renamed: `"":1,` and `"error":1,`.
    const SHORTEST: usize = 5;
    const SHORTEST_OUTCOME: usize = 10;
    // Unknown fields are copied, each with at most the preceding comma.
    let renamed =
        length / SHORTEST * Names::MAX_SUFFIX_LENGTH + length / SHORTEST_OUTCOME * InputOptions::MAX_PREFIX_LENGTH;
    length + lines + renamed
}

fn parse_object(
    renaming: &Renaming,
    line: &Line,
    bytes: &[u8],
    scratch: &mut Vec<u8>,
    templates: Option<&mut LineTemplates>,
) -> Result<Record, Problem> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| Problem { at: error.valid_up_to(), reason: Reason::InvalidUtf8 { field: None } })?;
    json_reason::expect_object(text)?;
    let before = scratch.len();
    let mut reader = Reader {
        text,
        start: line.start as usize,
        record: Record::empty(line.number),
        seen: [false; Field::ALL.len()],
        names: SmallVec::new(),
        outcome: OutcomeFields::default(),
        is_ambiguous: false,
        extra: Extra::Nothing,
        builder: templates.is_some().then(TemplateBuilder::default),
        scratch,
        problem: None,
    };
    let mut json = serde_json::Deserializer::from_str(text);
    let result = json.deserialize_map(&mut reader).and_then(|()| json.end());
    if let Some(problem) = reader.problem {
        return Err(problem);
    }
    result.map_err(|error| json_reason::explain(&error, text))?;
    json_reason::expect_whole_characters(text)?;
    let Reader { mut record, extra, mut builder, outcome, mut is_ambiguous, names, scratch, .. } = reader;
    // Everything that is the same for all lines like this one.
    let mut of_all = Noted::NOTHING;
    is_ambiguous |= json_renamed::is_any_twice(&names) || outcome.say_something() || renaming.is_source_field(&names);
    if is_ambiguous {
        scratch.truncate(before);
        builder = builder.is_some().then(TemplateBuilder::default);
        let (extra, noted) = json_renamed::extra(renaming, text, scratch, builder.as_mut());
        (record.extra, of_all) = (extra, noted);
        record.noted = record.noted.and(noted);
    } else {
        record.extra = extra.text(line.start as usize, scratch.len());
    }
    if let (Some(builder), Some(templates)) = (builder, templates) {
        builder.finish(text, of_all).into_iter().for_each(|template| templates.learn(template));
    }
    Ok(record)
}

/// Collects the members of the object as serde_json finds them.
struct Reader<'a> {
    /// The line.
    text: &'a str,
    /// Where the line begins in its block.
    start: usize,
    record: Record,
    /// Which of the known fields have occurred, by [`Field::index`].
    seen: [bool; Field::ALL.len()],
    /// The names of the unknown fields.
    names: SmallVec<[Cow<'a, str>; 8]>,
    /// The fields that are named like those that the pipeline writes itself.
    outcome: OutcomeFields<'a>,
    /// Whether one of these occurred twice.
    is_ambiguous: bool,
    extra: Extra,
    /// Makes a template of the line, if it is wanted.
    builder: Option<TemplateBuilder>,
    scratch: &'a mut Vec<u8>,
    /// The problem of a field that is valid JSON.
    problem: Option<Problem>,
}

/// The unknown fields so far, each as `,"name":value`.
#[derive(Clone, Copy, Debug)]
enum Extra {
    Nothing,
    /// They are in the line in this form, from here to here.
    InLine(usize, usize),
    /// They are in the scratch buffer, from here to its end.
    InScratch(usize),
}

impl Extra {
    /// Returns the text of all unknown fields, for a line that begins at `start` in its block.
    fn text(self, start: usize, scratch_length: usize) -> Text {
        match self {
            Extra::Nothing => Text::ABSENT,
            Extra::InLine(from, to) => Text::in_input(start + from, to - from),
            Extra::InScratch(from) => Text::in_scratch(from, scratch_length - from),
        }
    }
}

impl<'a> Reader<'a> {
    /// Adds a member. `key` and `value` are slices of the line, as they are written there.
    fn member(&mut self, key: &'a str, value: &'a str) -> Result<(), Problem> {
        let name = name_of(key);
        let field = Field::of_name(&name);
        let outcome = outcome_fields::place(&name);
        if let Some(builder) = &mut self.builder {
            let at = value.as_ptr() as usize - self.text.as_ptr() as usize;
            let kind = match (field, outcome) {
                (Some(field), _) => Kind::of_field(field),
                // All of them, or the line is examined again.
                (_, Some(place)) => Kind::silent(place),
                (None, None) => Kind::Extra(format!(",{key}:").into_bytes()),
            };
            builder.member(self.text, at..at + value.len(), kind);
        }
        match (field, outcome) {
            (Some(field), _) => self.field(field, key, value)?,
            (_, Some(place)) => self.is_ambiguous |= !self.outcome.note(place, value),
            (None, None) => {
                self.names.push(name);
                self.extra(key, value);
            }
        }
        Ok(())
    }

    fn field(&mut self, field: Field, key: &str, value: &str) -> Result<(), Problem> {
        if std::mem::replace(&mut self.seen[field.index()], true) {
            return Err(Problem { at: self.place(key), reason: Reason::DuplicateField { field } });
        }
        let at = self.place(value);
        let wrong_type =
            |wanted| Problem { at, reason: Reason::WrongType { field, wanted, found: json_reason::type_of(value) } };
        match (value.as_bytes()[0], field) {
            (b'n', _) => {}
            (b'-' | b'0'..=b'9', Field::Value) => {
                // Not serde_json's own number, which may be off by one bit.
                let number = value.parse().unwrap_or(f64::NAN);
                if !number.is_finite() {
                    let reason = NumberError::TooLarge.reason(FieldName::Field(field), value);
                    return Err(Problem { at, reason });
                }
                self.record.value = number;
                self.record.value_text = Text::in_input(self.start + at, value.len());
            }
            (_, Field::Value) => return Err(wrong_type("a number")),
            (b'"', _) => {
                let is_blank = clearpipe_model::json_text::is_blank(&value.as_bytes()[1..value.len() - 1]);
                self.record.noted = self.record.noted.and(Noted::BLANK.when(is_blank));
                *self.record.text_mut(field) = Text::in_input(self.start + at + 1, value.len() - 2);
            }
            _ => return Err(wrong_type("a string")),
        }
        Ok(())
    }

    /// Keeps an unknown field.
    fn extra(&mut self, key: &str, value: &str) {
        let (key_at, value_at) = (self.place(key), self.place(value));
        // In the line in the wanted form: a comma before it, and only a colon between key and value.
        let stands_so =
            value_at == key_at + key.len() + 1 && self.text.as_bytes()[key_at - 1] == b',' && is_on_one_line(value);
        let end = value_at + value.len();
        self.extra = match self.extra {
            Extra::Nothing if stands_so => Extra::InLine(key_at - 1, end),
            Extra::InLine(from, to) if stands_so && to == key_at - 1 => Extra::InLine(from, end),
            before => {
                let from = match before {
                    Extra::InScratch(from) => from,
                    _ => self.scratch.len(),
                };
                if let Extra::InLine(from, to) = before {
                    self.scratch.extend_from_slice(&self.text.as_bytes()[from..to]);
                }
                self.scratch.push(b',');
                self.scratch.extend_from_slice(key.as_bytes());
                self.scratch.push(b':');
                push_on_one_line(self.scratch, value);
                Extra::InScratch(from)
            }
        };
    }

    /// Returns the offset of a slice within the line.
    fn place(&self, part: &str) -> usize {
        part.as_ptr() as usize - self.text.as_ptr() as usize
    }
}

impl<'de> Visitor<'de> for &mut Reader<'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some((key, value)) = members.next_entry::<&'de RawValue, &'de RawValue>()? {
            if let Err(problem) = self.member(key.get(), value.get()) {
                self.problem = Some(problem);
                return Err(A::Error::custom("see the problem"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Parser;
    use super::*;
    use crate::jsonl::{LineSuffix, write_failed};
    use clearpipe_model::record::Buffers;

    /// Parses a line and returns the record's line in the failed file, or the reason why it can't be parsed.
    fn parse_bytes(text: &[u8]) -> Result<String, String> {
        // Text before and after the line makes wrong offsets visible.
        let block = [b"before", text, b"behind"].concat();
        let line = Line { number: 6, start: 6, length: text.len() as u32, line: 8, cut_from: None };
        let mut scratch = b"scratch".to_vec();
        let result = Parser::JsonLines(Renaming::default()).parse(&line, &block, &mut scratch);
        assert!(scratch.len() - 7 <= Parser::JsonLines(Renaming::default()).scratch_bound(1, text.len()));
        assert_eq!(&scratch[..7], b"scratch");
        let record = result.map_err(|malformed| {
            assert_eq!(scratch, b"scratch");
            malformed.to_string()
        })?;
        let mut out = Vec::new();
        write_failed(
            &mut out,
            &record,
            Buffers { input: &block, scratch: &scratch },
            &LineSuffix::failed(&Reason::InvalidJson { message: "-".into() }),
            None,
        );
        let text = String::from_utf8(out).unwrap();
        serde_json::from_str::<Box<RawValue>>(&text).unwrap();
        Ok(text.replace("\"status\":\"invalid\",\"error\":\"-\"", "#").trim_end().to_owned())
    }

    fn parse(text: &str) -> Result<String, String> {
        parse_bytes(text.as_bytes())
    }

    fn error(text: &str) -> String {
        parse(text).unwrap_err().strip_prefix("line 8, column ").unwrap().to_owned()
    }

    #[test]
    fn a_whole_record() {
        let text = r#" { "x" : 1 , "location":"North", "value" : 0.10, "id":"a\"\u0001","unit":"ö","y":[1, {"a":2}],"z":null,"timestamp":"t","sensor_id":""} "#;
        assert_eq!(
            parse(text).unwrap(),
            r#"{"id":"a\"\u0001","timestamp":"t","sensor_id":"","value":0.10,"unit":"ö","location":"North",#,"x":1,"y":[1, {"a":2}],"z":null}"#
        );
        assert_eq!(parse("{}").unwrap(), "{#}");
    }

    #[test]
    fn null_is_absent() {
        assert_eq!(parse(r#"{"id":null,"value":null,"x":null}"#).unwrap(), r##"{#,"x":null}"##);
    }

    #[test]
    fn values_keep_their_digits() {
        for text in ["0.12345678901234567", "-0", "1e308", "1E+5", "12345678901234567890", "1e-999"] {
            assert_eq!(parse(&format!(r#"{{"value":{text}}}"#)).unwrap(), format!(r##"{{"value":{text},#}}"##));
        }
        assert_eq!(error(r#"{"value":1e309}"#), "10: `value`: 1e309 is too large for a 64-bit float");
        assert_eq!(error(r#"{"value": -1e309}"#), "11: `value`: -1e309 is too large for a 64-bit float");
    }

    #[test]
    fn what_is_named_like_the_pipelines_fields_is_kept() {
        let text = r#"{"status":1,"x":1,"error":{},"processed_at":null,"y":2,"anomaly_score":"","is_anomaly":[]}"#;
        let kept =
            r##"{#,"input_status":1,"x":1,"input_error":{},"y":2,"input_anomaly_score":"","input_is_anomaly":[]}"##;
        assert_eq!(parse(text).unwrap(), kept);
        assert_eq!(parse(r#"{"st\u0061tus":1}"#).unwrap(), r##"{#,"input_status":1}"##);
        assert_eq!(parse(r#"{"status":"raw","error":null,"x":1}"#).unwrap(), r##"{#,"x":1}"##);
        let text = r#"{"status":1,"input_status":2,"x":{"status":1}}"#;
        assert_eq!(parse(text).unwrap(), r##"{#,"input_status_2":1,"input_status":2,"x":{"status":1}}"##);
    }

    #[test]
    fn what_the_pipeline_wrote_is_left_out() {
        let text = r#"{"status":"processed","processed_at":"p","anomaly_score":1,"is_anomaly":true,"input_status":5}"#;
        assert_eq!(parse(text).unwrap(), r##"{#,"input_status":5}"##);
        assert_eq!(parse(r#"{"status":"invalid","error":"Value out of expected range (0-1)"}"#).unwrap(), "{#}");
        let text = r#"{"status":"invalid","error":"sensor offline"}"#;
        assert_eq!(parse(text).unwrap(), r##"{#,"input_status":"invalid","input_error":"sensor offline"}"##);
    }

    #[test]
    fn keys_with_escapes() {
        assert_eq!(parse(r#"{"\u0069d":"a"}"#).unwrap(), r##"{"id":"a",#}"##);
        assert_eq!(parse(r#"{"a\"b":1,"\u0061":2,"a":3}"#).unwrap(), r##"{#,"a\"b":1,"\u0061":2,"a_2":3}"##);
    }

    #[test]
    fn unknown_fields_stay_where_they_are_if_they_can() {
        let extra = |text: &str| {
            let line = Line { number: 0, start: 0, length: text.len() as u32, line: 1, cut_from: None };
            let mut scratch = Vec::new();
            let record = Parser::JsonLines(Renaming::default()).parse(&line, text.as_bytes(), &mut scratch).unwrap();
            let buffers = Buffers { input: text.as_bytes(), scratch: &scratch };
            (String::from_utf8(buffers.bytes(record.extra).to_vec()).unwrap(), scratch.len())
        };
        assert_eq!(extra(r#"{"id":"a","x":1,"y":2}"#), (r#","x":1,"y":2"#.to_owned(), 0));
        assert_eq!(extra(r#"{"id":"a","x":1 ,"y":2}"#), (r#","x":1,"y":2"#.to_owned(), 12));
        assert_eq!(extra(r#"{"x":1,"id":"a","y":2}"#), (r#","x":1,"y":2"#.to_owned(), 12));
        assert_eq!(extra(r#"{"id":"a","x":1,"unit":"u","y":2,"z":3}"#), (r#","x":1,"y":2,"z":3"#.to_owned(), 18));
        assert_eq!(extra(r#"{"id":"a","x": 1}"#), (r#","x":1"#.to_owned(), 6));
        assert_eq!(extra(r#"{"id":"a"}"#), (String::new(), 0));
    }

    #[test]
    fn a_known_field_comes_once() {
        assert_eq!(error(r#"{"id":"a","id":"b"}"#), "11: duplicate field `id`");
        assert_eq!(error(r#"{"value":null,"v\u0061lue":1}"#), "15: duplicate field `value`");
    }

    #[test]
    fn an_unknown_field_that_comes_twice_gets_another_name() {
        assert_eq!(parse(r#"{"x":1,"x":2,"x_2":3,"x":4}"#).unwrap(), r##"{#,"x":1,"x_3":2,"x_2":3,"x_4":4}"##);
        assert_eq!(parse(r#"{"a\"":1, "a\u0022" : 2}"#).unwrap(), r##"{#,"a\"":1,"a\"_2":2}"##);
        let kept = r##"{#,"input_status":1,"input_status_2":2}"##;
        assert_eq!(parse(r#"{"status":1,"status":2}"#).unwrap(), kept);
        let many: String = (0..1000).map(|at| format!("\"x{at}\":0,")).collect();
        assert!(parse(&format!("{{{many}\"x500\":1}}")).unwrap().ends_with(r#","x500_2":1}"#));
    }

    #[test]
    fn wrong_types() {
        assert_eq!(error(r#"{"value":"5"}"#), "10: `value` must be a number, but is a string");
        assert_eq!(error(r#"{"value": true}"#), "11: `value` must be a number, but is a boolean");
        assert_eq!(error(r#"{"id":5}"#), "7: `id` must be a string, but is a number");
        assert_eq!(error(r#"{"unit":[]}"#), "9: `unit` must be a string, but is an array");
        assert_eq!(error(r#"{"unit":{}}"#), "9: `unit` must be a string, but is an object");
    }

    #[test]
    fn lines_that_are_no_object() {
        assert_eq!(error("[1]"), "1: expected a JSON object, found an array");
        assert_eq!(error(" 5"), "2: expected a JSON object, found a number");
        assert_eq!(error("null"), "1: expected a JSON object, found null");
        assert_eq!(error("[{"), "1: expected a JSON object, found the beginning of an array");
        assert_eq!(error("hello"), "1: expected a JSON object, which begins with `{`");
        assert_eq!(error("\u{FEFF}{}"), "1: expected a JSON object, which begins with `{`");
    }

    #[test]
    fn wrong_syntax() {
        for (text, reason) in [
            (r#"{"id":"a" "unit""#, "11: expected `,` or `}`"),
            (r#"{"id":"a""#, "10: the line ends inside the object"),
            (r#"{"id":"a"#, "9: the line ends inside the object"),
            (r#"{"id""#, "6: the line ends inside the object"),
            ("{", "2: the line ends inside the object"),
            (r#"{"id" "a"}"#, "7: expected `:`"),
            (r#"{"id":"a",}"#, "11: trailing comma after the last field"),
            (r#"{,}"#, "2: expected a key in double quotes"),
            (r#"{'id':1}"#, "2: expected a key in double quotes"),
            (r#"{id:1}"#, "2: expected a key in double quotes"),
            (r#"{"id":'a'}"#, "7: expected a value"),
            (r#"{"id":"a"} x"#, "12: unexpected text after the object"),
            (r#"{"id":"a"}{"#, "11: unexpected text after the object"),
            (r#"{"x":[1 2]}"#, "9: expected `,` or `]`"),
            (r#"{"id":"\x"}"#, "8: unknown escape sequence"),
            (r#"{"id":"a\\\u12x4"}"#, "11: unknown escape sequence"),
            ("{\"id\":\"a\tb\"}", "9: control characters in a string must be escaped"),
            ("{\"a\tb\":1}", "4: control characters in a string must be escaped"),
        ] {
            assert_eq!(error(text), reason, "{text}");
        }
    }

    #[test]
    fn wrong_literals() {
        for (text, reason) in [
            ("NaN", "10: `NaN` is not a JSON number"),
            ("-Infinity", "10: `-Infinity` is not a JSON number"),
            ("nan", "10: `nan` is not a JSON number"),
            ("inf", "10: `inf` is not a JSON number"),
            ("+5", "10: `+5` is not a JSON number"),
            ("007", "10: `007` is not a JSON number"),
            ("5.", "10: `5.` is not a JSON number"),
            (".5", "10: `.5` is not a JSON number"),
            ("1e", "10: `1e` is not a JSON number"),
            ("-", "10: `-` is not a JSON number"),
            ("None", "10: `None` is not a JSON value"),
            ("True", "10: `True` is not a JSON value"),
            ("nul", "10: `nul` is not a JSON value"),
            ("undefined", "10: `undefined` is not a JSON value"),
        ] {
            assert_eq!(error(&format!(r#"{{"value":{text}}}"#)), reason, "{text}");
        }
    }

    #[test]
    fn half_characters() {
        assert_eq!(parse(r#"{"x":"\ud83d\ude00\\ud800"}"#).unwrap(), r##"{#,"x":"\ud83d\ude00\\ud800"}"##);
        assert_eq!(error(r#"{"x":"\ud83dx"}"#), r"7: unpaired surrogate escape \ud83d");
        assert_eq!(error(r#"{"\ude00":1}"#), r"3: unpaired surrogate escape \ude00");
        assert_eq!(error(r#"{"x":"\ud83d\n"}"#), r"7: unpaired surrogate escape \ud83d");
    }

    #[test]
    fn not_utf8() {
        assert_eq!(parse_bytes(b"{\"x\":\"\xff\"}").unwrap_err(), "line 8, column 7: invalid UTF-8");
        assert_eq!(parse_bytes(b"{\"x\":1}\xc3").unwrap_err(), "line 8, column 8: invalid UTF-8");
    }
}
