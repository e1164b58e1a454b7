//! Detects a table that doesn't begin with a header, and suggests what to do about it.

use super::csv_header::column_names;
use super::csv_layout::CsvLayout;
use super::line_ends::LineEnds;
use super::number;
use super::suggestion::plain;
use crate::encoding::Encoding;
use crate::mapping::Origin;
use crate::options::InputOptions;
use clearpipe_model::field::Field;
use clearpipe_model::hint::{Hint, TableForm};
use clearpipe_model::problem::Problem;
use clearpipe_model::text::grouped;
use clearpipe_model::time::is_rfc3339;

/// The delimiters that are considered.
const DELIMITERS: [u8; 4] = *b",;\t|";

/// Returns the delimiter that the first line of a table declares for Excel: `sep=;`.
pub(super) fn named_delimiter(line: &[u8]) -> Option<u8> {
    let line = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    match line {
        [name @ .., b'=', delimiter] if name.eq_ignore_ascii_case(b"sep") => {
            let is_possible = *delimiter == b'\t' || delimiter.is_ascii_punctuation();
            (is_possible && *delimiter != b'"').then_some(*delimiter)
        }
        _ => None,
    }
}

/// Returns whether a line may come before a header: a comment, or a title, which has no cells.
pub(super) fn may_precede(line: &[u8]) -> bool {
    let is_comment = [&b"#"[..], b"//", b"%"].iter().any(|mark| line.starts_with(mark));
    let has_cells = line.iter().any(|byte| DELIMITERS.contains(byte));
    std::str::from_utf8(line).is_ok() && (!has_cells || (is_comment && !names_a_field(line)))
}

/// Returns whether a line contains the name of a field, as a header does that begins with a comment mark.
fn names_a_field(line: &[u8]) -> bool {
    let names = |delimiter| column_names(line, delimiter).unwrap_or_default();
    let is_field = |name: &String| Field::ALL.iter().any(|field| plain(field.as_str()) == plain(name));
    DELIMITERS.into_iter().any(|delimiter| names(delimiter).iter().filter(|name| is_field(name)).count() > 1)
}

/// A table that doesn't begin with a suitable header.
pub(super) struct Headless<'a> {
    pub options: &'a InputOptions,
    pub required: &'a [Field],
    /// The delimiter.
    pub delimiter: u8,
    /// Its encoding, if it isn't UTF-8.
    pub encoding: Option<Encoding>,
    /// What ends its lines.
    pub ends: LineEnds,
}

impl Headless<'_> {
    /// Returns the problems if the table seems to begin on this line, which is not the first one, including those of
    /// its header; `None` if it doesn't seem to.
    pub fn header_on(&self, line_number: u64, line: &[u8]) -> Option<Vec<Problem>> {
        if may_precede(line) {
            return None;
        }
        let delimiters =
            [self.delimiter].into_iter().chain(DELIMITERS.into_iter().filter(|_| self.options.delimiter.is_none()));
        // Prefer the one that fits, or else the one with the most delimiters.
        let count = |delimiter: u8| memchr::memchr_iter(delimiter, line).count();
        let fitting = delimiters.clone().find(|delimiter| self.layout(line, *delimiter).is_ok());
        let delimiter = fitting.or_else(|| delimiters.max_by_key(|delimiter| count(*delimiter)))?;
        let lines = line_number - 1;
        let text = match lines {
            1 => "the first line does not seem to be part of the table".to_owned(),
            lines => format!("the first {} lines do not seem to be part of the table", grouped(lines)),
        };
        let problem = Problem::input("", text).with_hint(Hint::SkipLines { lines, table: self.form(delimiter) });
        let problems = self.layout(line, delimiter).err().unwrap_or_default();
        Some([problem].into_iter().chain(problems).collect())
    }

    /// Returns whether the column that is mapped to the timestamp is itself named like a timestamp: a row of data was
    /// taken for a header.
    pub fn maps_data(&self) -> bool {
        matches!(self.options.map.get(Field::Timestamp), Some(Origin::Column(name)) if is_time(name))
    }

    /// Returns the problem if the first row looks like data rather than names; `None` if it doesn't.
    pub fn first_row_is_data(&self, row: &[u8]) -> Option<Problem> {
        let names = column_names(row, self.delimiter).ok()?;
        let is_name = |name: &String| Field::ALL.iter().any(|field| plain(field.as_str()) == plain(name));
        let is_mapped = |name: &String| {
            self.options.map.iter().any(|(_, origin)| matches!(origin, Origin::Column(column) if column == name))
        };
        if names.len() < 2
            || (!self.maps_data() && names.iter().any(|name| is_name(name) || is_mapped(name)))
            || !names.iter().any(|cell| is_datum(cell))
        {
            return None;
        }
        // Constants of the mapping have no columns.
        let is_usual = names.len() == Field::ALL.len()
            && self.options.map.is_empty()
            && is_time(&names[Field::Timestamp.index()])
            && number::read(&names[Field::Value.index()]).is_ok();
        let hint = match is_usual {
            true => Hint::AddHeader { table: self.form(self.delimiter) },
            false => Hint::NameColumns { count: names.len() },
        };
        let text = "the first row looks like data, and so the table seems to have no header";
        Some(Problem::input("", text).with_hint(hint))
    }

    /// Describes the table for another program.
    fn form(&self, delimiter: u8) -> TableForm {
        TableForm {
            delimiter: delimiter.into(),
            encoding: self.encoding.map(Encoding::name),
            has_returns: self.ends == LineEnds::Any,
        }
    }

    fn layout(&self, line: &[u8], delimiter: u8) -> Result<CsvLayout, Vec<Problem>> {
        CsvLayout::new(line, delimiter, self.options, self.required)
    }
}

/// Returns whether a cell holds what a name rarely is: a number or a time.
fn is_datum(cell: &str) -> bool {
    number::read(cell).is_ok() || is_time(cell)
}

/// Returns whether a cell begins like a date.
fn is_time(cell: &str) -> bool {
    let date = cell.as_bytes().get(..10);
    let is_date = date.is_some_and(|date| {
        date.iter()
            .zip(b"dddd-dd-dd")
            .all(|(byte, shape)| if *shape == b'd' { byte.is_ascii_digit() } else { byte == shape })
    });
    is_date || is_rfc3339(cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &[u8] = b"id,timestamp,sensor_id,value,unit,location";

    fn with<T>(delimiter: Option<char>, map: &[&str], test: impl FnOnce(Headless<'_>) -> T) -> T {
        let mut options = InputOptions { delimiter, ..InputOptions::default() };
        map.iter().for_each(|entry| options.map.add(entry.parse().unwrap()).unwrap());
        let delimiter = delimiter.map_or(b',', |delimiter| delimiter as u8);
        let (required, ends) = (&Field::ALL, LineEnds::default());
        test(Headless { options: &options, required, delimiter, encoding: None, ends })
    }

    /// Describes a table with lines of UTF-8.
    fn form(delimiter: char) -> TableForm {
        TableForm { delimiter, encoding: None, has_returns: false }
    }

    #[test]
    fn the_line_for_excel() {
        assert_eq!(named_delimiter(b"sep=;"), Some(b';'));
        assert_eq!(named_delimiter(b"\"SEP=\t\""), Some(b'\t'));
        for other in [&b"sep=a"[..], b"sep=", b"sep=\"", b"step=;", b"sep=;;", b"sep,=;"] {
            assert_eq!(named_delimiter(other), None);
        }
    }

    #[test]
    fn lines_before_the_header_are_to_be_left_out() {
        let problems = |delimiter, line_number, line: &[u8]| {
            with(delimiter, &["unit='°C'"], |table| table.header_on(line_number, line))
        };
        let header = b"id;timestamp;sensor_id;value;location";
        for (given, line_number, text) in [
            (None, 4, "the first 3 lines do not seem to be part of the table"),
            (Some(';'), 2, "the first line does not seem to be part of the table"),
        ] {
            let hint = Hint::SkipLines { lines: line_number - 1, table: form(';') };
            assert_eq!(problems(given, line_number, header), Some(vec![Problem::input("", text).with_hint(hint)]));
        }
        let problems_of_names = problems(None, 2, b"id\ttime\tvalue").unwrap();
        assert_eq!(problems_of_names[0].hint(), Some(&Hint::SkipLines { lines: 1, table: form('\t') }));
        assert!(matches!(problems_of_names[1].hint(), Some(Hint::ChooseColumn { field: Field::Timestamp, .. })));
        assert_eq!(problems(None, 2, b"id"), None);
    }

    #[test]
    fn what_other_programs_have_to_know_is_said() {
        let options = InputOptions::default();
        for (encoding, ends, has_returns) in
            [(Some("utf-16le"), LineEnds::LineFeeds, false), (Some("windows-1252"), LineEnds::Any, true)]
        {
            let (required, given) = (&Field::ALL, encoding.map(|name| name.parse().unwrap()));
            let table = Headless { options: &options, required, delimiter: b',', encoding: given, ends };
            let form = TableForm { delimiter: ',', encoding: encoding.map(str::to_owned), has_returns };
            let problems = table.header_on(2, HEADER).unwrap();
            assert_eq!(problems[0].hint(), Some(&Hint::SkipLines { lines: 1, table: form.clone() }));
            let problem = table.first_row_is_data(b"r1,2026-01-01T00:00:00Z,s,5,C,North").unwrap();
            assert_eq!(problem.hint(), Some(&Hint::AddHeader { table: form }));
        }
    }

    #[test]
    fn a_row_of_data_is_no_header() {
        let hint_with = |map: &[&str], row: &[u8]| {
            let problem = with(None, map, |table| table.first_row_is_data(row))?;
            Some(problem.hint().unwrap().clone())
        };
        let hint = |row: &[u8]| hint_with(&[], row);
        assert_eq!(hint(b"r1,2026-01-01T00:00:00Z,s,5,C,North"), Some(Hint::AddHeader { table: form(',') }));
        assert_eq!(hint(b"r1,5"), Some(Hint::NameColumns { count: 2 }));
        assert_eq!(hint(HEADER), None);
        let mapped = |map| hint_with(map, b"1,2026-01-01,s,1.5");
        assert!(mapped(&["timestamp=2026-01-01", "sensor_id=s"]).is_some());
        assert_eq!(mapped(&["sensor_id=s"]), None);
        assert_eq!(hint(b"2019,2020,Value"), None);
        assert_eq!(hint(b"a,b"), None);
        assert_eq!(hint(b"5"), None);
    }
}
