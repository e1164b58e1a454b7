//! Tests the file sources against a model, against the `csv` crate, and by reading back what was written.

mod source_support;

use clearpipe_codec::jsonl::OUTCOME_FIELDS;
use clearpipe_codec::{Format, InputOptions};
use clearpipe_model::field::Field;
use proptest::prelude::*;
use source_support::json_model::members;
use source_support::{Case, check, read};

/// Generates how an input arrives: the lengths of its pieces, and how many records are requested.
fn way() -> impl Strategy<Value = (Vec<usize>, usize)> {
    let lengths = prop_oneof![
        Just(vec![1]),
        Just(vec![usize::MAX]),
        prop::collection::vec(1..20_usize, 1..5),
        prop::collection::vec(1..2000_usize, 1..5)
    ];
    (lengths, 1..50_usize)
}

fn max_line() -> impl Strategy<Value = usize> {
    prop_oneof![Just(1 << 20), 1..10_usize, 1..300_usize]
}

/// Generates bytes from the significant parts of a format, so that much of it is nearly valid.
fn bytes_of(parts: &'static [&'static [u8]]) -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        8 => prop::sample::select(parts).prop_map(<[u8]>::to_vec),
        1 => prop::collection::vec(any::<u8>(), 1..4)
    ];
    prop::collection::vec(part, 0..80).prop_map(|parts| parts.concat())
}

const JSON_PARTS: &[&[u8]] = &[
    b"{",
    b"}",
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b":",
    b",",
    b"\n",
    b"\n",
    b"\r\n",
    b" ",
    b"\t",
    b"\\",
    b"\\u00",
    b"\\ud83d",
    b"\\ude00",
    b"id",
    b"\"id\":",
    b"\"value\":",
    b"\"unit\":\"u\"",
    b"\"status\":1",
    b"\"status\":\"invalid\"",
    b"\"error\":\"No value for transformation\"",
    b"\"line\":5,\"status\":\"invalid\",\"error\":\"No value for transformation\"",
    b",\"x\":2",
    b"1",
    b"-0",
    b"1e309",
    b"0.5",
    b"null",
    b"true",
    b"NaN",
    b"\"x\":1",
    b",\"y\":[1,{}]",
    b"{\"id\":\"a\",\"value\":5}\n",
    b"\xEF\xBB\xBF",
    b"\xC3\xB6",
];

/// Small changes to a line.
const NEARLY: &[&str] = &[
    "", "", "\"", "\\", "\\\"", "\\u00e9", "\\ud83d", ",", ":", "0", "1", "-", ".5", "e9", "e999", "{", "}", " ", "\t",
    "\u{1}", "ö", "null", "\"\"", "\n", "\r",
];

const CSV_PARTS: &[&[u8]] = &[
    b",",
    b",",
    b"\"",
    b"\"",
    b"\n",
    b"\n",
    b"\r\n",
    b"\r",
    b" ",
    b"\t",
    b"\"\"",
    b"\",\"",
    b"\"\n",
    b"a",
    b"b c",
    b"5",
    b"id,value\n",
    b"value",
    b"+5",
    b"n/a",
    b"1e309",
    b"1,2\n",
    b"\"x\",\"y\"\n",
    b"z\",\"\n",
    b"\x01",
    b"\\",
    b"\xEF\xBB\xBF",
    b"\xC3\xB6",
    b"status,",
    b"processed_at,anomaly_score,is_anomaly,",
    b"raw",
    b"input_status,",
    b"ID,",
    b"'x',",
    b"\xE2\x80\x8B",
    b";",
];

/// Returns the configuration for this many cases, or a hundred times as many with `CLEARPIPE_LONG`.
fn config(cases: u32) -> ProptestConfig {
    let factor = if std::env::var_os("CLEARPIPE_LONG").is_some() { 100 } else { 1 };
    ProptestConfig::with_cases(factor * cases)
}

fn options(format: Format, max_line: usize) -> InputOptions {
    InputOptions { format, max_line, ..InputOptions::default() }
}

proptest! {
    #![proptest_config(config(1000))]

    #[test]
    fn any_bytes_as_json_lines(
        input in prop_oneof![bytes_of(JSON_PARTS), prop::collection::vec(any::<u8>(), 0..200)],
        max_line in max_line(),
        (lengths, max) in way()
    ) {
        check(&input, &options(Format::Jsonl, max_line), &lengths, max);
    }

    #[test]
    fn any_bytes_as_csv(
        header in prop_oneof![Just(""), Just("id,value\n"), Just("x\n"), Just("a b,value,\"q\"\"\",status\r\n"), Just("x,,x,status,value,x_2,error\n"), Just("status,processed_at,anomaly_score,is_anomaly,error,y\n")],
        input in prop_oneof![bytes_of(CSV_PARTS), prop::collection::vec(any::<u8>(), 0..200)],
        format in prop::sample::select(vec![Format::Csv, Format::Tsv, Format::Auto]),
        max_line in max_line(),
        (lengths, max) in way()
    ) {
        let input = [header.as_bytes(), &input].concat();
        check(&input, &options(format, max_line), &lengths, max);
    }

    #[test]
    fn any_case(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        Case::new(&bytes).check();
    }
}

/// A member of an object: its key, its value, and both as written.
#[derive(Clone, Debug)]
struct Member {
    key: String,
    written_key: String,
    value: String,
}

/// Generates a string as JSON may write it, each character with or without an escape.
fn written(text: String) -> impl Strategy<Value = (String, String)> {
    prop::collection::vec(0..4_u8, text.chars().count()).prop_map(move |ways| {
        let mut json = String::from("\"");
        for (letter, way) in text.chars().zip(ways) {
            match (letter, way) {
                (letter, 0) => {
                    letter.encode_utf16(&mut [0; 2]).iter().for_each(|unit| json += &format!("\\u{unit:04X}"))
                }
                ('/', 1) => json += "\\/",
                (letter, _) => {
                    let quoted = serde_json::to_string(&letter).unwrap();
                    json += &quoted[1..quoted.len() - 1];
                }
            }
        }
        json.push('"');
        (text.clone(), json)
    })
}

fn json_number() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<f64>().prop_filter("finite", |n| n.is_finite()).prop_map(|n| serde_json::to_string(&n).unwrap()),
        "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,25})?([eE][+-]?[0-9]{1,2})?"
    ]
}

fn json_string() -> impl Strategy<Value = String> {
    prop_oneof!["[ -~]{0,8}", any::<String>()].prop_flat_map(written).prop_map(|(_, json)| json)
}

/// Significant values.
const WORDS: &[&str] = &[
    "null",
    "true",
    "\"raw\"",
    "\"processed\"",
    "\"invalid\"",
    "\"transformation_error\"",
    "\"Invalid unit for transformation\"",
    "\"\"",
    "\" \"",
];

fn json_value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        4 => json_number(),
        4 => json_string(),
        2 => prop::sample::select(WORDS.to_vec()).prop_map(str::to_owned),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        let member = (json_string(), inner.clone()).prop_map(|(key, value)| format!("{key} :{value}"));
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(", "))),
            prop::collection::vec(member, 0..4).prop_map(|members| format!("{{{}}}", members.join(",")))
        ]
    })
}

fn unknown_member() -> impl Strategy<Value = Member> {
    let name = prop_oneof![
        prop::sample::select(OUTCOME_FIELDS.to_vec()).prop_map(str::to_owned),
        prop::sample::select(vec!["x", "x_2", "input_status", "input_error", "line", "file", "input_line"])
            .prop_map(str::to_owned),
        "[a-z]{1,3}",
        any::<String>()
    ]
    .prop_filter("unknown", |name| Field::of_name(name).is_none());
    (name.prop_flat_map(written), json_value()).prop_map(|((key, written_key), value)| Member {
        key,
        written_key,
        value,
    })
}

fn known_members() -> impl Strategy<Value = Vec<Member>> {
    let member = |field: Field| {
        let value = if field == Field::Value { json_number().boxed() } else { json_string().boxed() };
        let value = prop_oneof![9 => value, 1 => Just("null".to_owned())];
        (written(field.to_string()), value).prop_map(|((key, written_key), value)| Member { key, written_key, value })
    };
    prop::sample::subsequence(Field::ALL.to_vec(), 0..=6)
        .prop_flat_map(move |fields| fields.into_iter().map(member).collect::<Vec<_>>())
}

/// Generates the members that the pipeline writes for a failed record, or similar ones.
fn outcome_of_a_failure() -> impl Strategy<Value = Vec<Member>> {
    let value = |own: &'static str| prop_oneof![4 => Just(own.to_owned()), 1 => prop::sample::select(WORDS.to_vec()).prop_map(str::to_owned)];
    let member = |names: &'static [&'static str], own| {
        let key = prop::sample::select(names.to_vec()).prop_flat_map(|name| written(name.to_owned()));
        (key, value(own)).prop_map(|((key, written_key), value)| Member { key, written_key, value })
    };
    (
        prop::option::of(member(&["file", "file", "input_file", "line"], "\"a.csv\"")),
        prop::option::of(member(&["line", "line", "input_line", "input_line_2", "line_2", "file"], "12")),
        member(&["status"], "\"invalid\""),
        member(&["error"], "\"Invalid unit for transformation\""),
    )
        .prop_map(|(file, line, status, error)| file.into_iter().chain(line).chain([status, error]).collect())
}

fn members_in_any_order() -> impl Strategy<Value = Vec<Member>> {
    (known_members(), prop::collection::vec(unknown_member(), 0..5))
        .prop_map(|(known, unknown)| [known, unknown].concat())
        .prop_shuffle()
}

/// Generates members, some of which are those that the pipeline writes itself.
fn members_that_may_be_own() -> impl Strategy<Value = Vec<Member>> {
    let outcome = prop_oneof![2 => Just(Vec::new()), 1 => outcome_of_a_failure()];
    (members_in_any_order(), outcome, any::<prop::sample::Index>()).prop_map(|(mut members, outcome, at)| {
        let at = at.index(members.len() + 1);
        members.splice(at..at, outcome);
        members
    })
}

/// Whether a member gives the position of a record depends on its value: lines that otherwise look the same are not
/// read the same.
#[test]
fn a_position_is_known_by_its_value() {
    let line = |file: &str, line: &str| {
        format!(
            "{{\"file\":{file},\"line\":{line},\"status\":\"invalid\",\"error\":\"No value for transformation\"}}\n"
        )
    };
    let values = ["null", "12", "\"12\"", "-1", "\"a.csv\""];
    for first in values {
        let pairs = values.iter().flat_map(|file| values.iter().map(|number| line(file, number)));
        let input = line(first, first).repeat(3) + &line("\"a.csv\"", first) + &pairs.collect::<String>();
        check(input.as_bytes(), &InputOptions::default(), &[usize::MAX], 1000);
    }
}

proptest! {
    #![proptest_config(config(500))]

    /// What is written of a record equals what it contained.
    #[test]
    fn records_come_out_as_they_went_in(
        records in prop::collection::vec((members_in_any_order(), "[ \t]{0,2}", "[ \t]{0,1}"), 1..5),
        (lengths, max) in way()
    ) {
        let mut input = String::new();
        for (members, outer, inner) in &records {
            let members: Vec<String> =
                members.iter().map(|m| format!("{inner}{}{inner}:{outer}{}{inner}", m.written_key, m.value)).collect();
            input += &format!("{outer}{{{}}}{outer}\n", members.join(","));
        }
        let seen = read(input.as_bytes(), &InputOptions::default(), &lengths, max).unwrap();
        prop_assert_eq!(seen.len(), records.len());
        for (seen, (given, ..)) in seen.iter().zip(&records) {
            let [_, failed] = seen.result.as_ref().expect("a record");
            let written = members(failed.trim_end()).expect("valid JSON");
            let known = given.iter().filter(|member| Field::of_name(&member.key).is_some() && member.value != "null");
            for member in known.clone() {
                let wanted = (format!("\"{}\"", member.key), &*member.value);
                prop_assert!(written.iter().any(|(key, value)| (*key, *value) == (&*wanted.0, wanted.1)), "{}", failed);
            }
            // Those that keep their names, in order.
            let mut names = Vec::new();
            let unknown = given.iter().filter(|member| {
                let is_known = Field::of_name(&member.key).is_some() || OUTCOME_FIELDS.contains(&member.key.as_str());
                let is_first = !names.contains(&member.key);
                names.push(member.key.clone());
                !is_known && is_first
            });
            let mut rest = written[known.count() + 3..].iter();
            for member in unknown {
                prop_assert!(rest.any(|(key, value)| (*key, *value) == (&*member.written_key, &*member.value)), "{}", failed);
            }
            let names: Vec<String> = written.iter().map(|(key, _)| serde_json::from_str(key).unwrap()).collect();
            prop_assert!((1..names.len()).all(|at| !names[..at].contains(&names[at])), "{}", failed);
        }
    }

    /// Lines that look like the previous one, or nearly so: the fast path must not accept too much.
    #[test]
    fn lines_that_are_nearly_alike(
        members in members_that_may_be_own(),
        (outer, inner) in ("[ \t]{0,1}", "[ ]{0,1}"),
        values in prop::collection::vec(prop::collection::vec(json_value(), 12), 1..4),
        changes in prop::collection::vec((0..8_usize, any::<prop::sample::Index>(), 0..3_usize, 0..NEARLY.len()), 0..6),
        (lengths, max) in way()
    ) {
        let line = |values: &[String]| {
            let member = |(member, value): (&Member, &String)| format!("{}:{inner}{value}", member.written_key);
            let members: Vec<String> = members.iter().zip(values).map(member).collect();
            format!("{outer}{{{}}}\n", members.join(&format!(",{inner}")))
        };
        let same: Vec<String> = members.iter().map(|member| member.value.clone()).collect();
        let mut lines = vec![line(&same); 8];
        lines.extend(values.iter().map(|values| line(values)));
        for (at, place, removed, inserted) in changes {
            let mut bytes = std::mem::take(&mut lines[at]).into_bytes();
            let place = place.index(bytes.len());
            bytes.splice(place..(place + removed).min(bytes.len()), NEARLY[inserted].bytes());
            lines[at] = String::from_utf8_lossy(&bytes).into_owned();
        }
        check(lines.concat().as_bytes(), &options(Format::Jsonl, 1 << 20), &lengths, max);
    }

    /// A well-formed table has the cells that the `csv` crate finds.
    #[test]
    fn tables_read_as_the_csv_crate_reads_them(
        (delimiter, columns) in (prop::sample::select(vec![',', '\t', ';', '|', '\\']), 2..6_usize),
        cells in prop::collection::vec(("[a-c ,;|\t\"\r\n\u{1}ö\\\\]{0,6}", any::<bool>()), 0..60),
        (mark, crlf, last) in any::<(bool, bool, bool)>(),
        (lengths, max) in way()
    ) {
        let line_end = if crlf { "\r\n" } else { "\n" };
        let header: Vec<String> = (0..columns).map(|column| format!("c{column}")).collect();
        let mut rows = vec![header.join(&delimiter.to_string())];
        for row in cells.chunks_exact(columns) {
            let cells: Vec<String> = row.iter().map(|(cell, quote)| {
                if *quote || cell.contains(['\r', '\n', delimiter]) || cell.starts_with('"') {
                    format!("\"{}\"", cell.replace('"', "\"\""))
                } else {
                    cell.clone()
                }
            }).collect();
            rows.push(cells.join(&delimiter.to_string()));
        }
        let mut input = if mark { "\u{FEFF}".to_owned() } else { String::new() };
        input += &rows.join(line_end);
        if last {
            input += line_end;
        }

        let mut options = InputOptions { format: Format::Csv, delimiter: Some(delimiter), ..InputOptions::default() };
        if delimiter == '\t' {
            (options.format, options.delimiter) = (Format::Tsv, None);
        }
        let seen = read(input.as_bytes(), &options, &lengths, max).unwrap();
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter as u8).from_reader(input.as_bytes());
        let expected: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        prop_assert_eq!(seen.len(), cells.len() / columns);
        prop_assert_eq!(seen.len(), expected.len());
        for (number, (seen, expected)) in seen.iter().zip(&expected).enumerate() {
            let [_, failed] = seen.result.as_ref().expect("a record");
            let written = members(failed.trim_end()).expect("valid JSON");
            let id = format!("\"row-{}\"", number + 1);
            prop_assert_eq!(written[0], ("\"id\"", id.as_str()));
            let cells: Vec<String> = written[4..].iter().map(|(_, value)| serde_json::from_str(value).unwrap()).collect();
            prop_assert!(expected.iter().eq(cells.iter().map(String::as_str)), "{expected:?} {cells:?}");
        }
    }
}
