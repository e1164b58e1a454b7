//! What to do about a table that does not begin with a header: advice that works when it is typed.

use super::csv_header::column_names;
use super::csv_layout::CsvLayout;
use super::line_ends::LineEnds;
use super::number;
use super::suggestion::plain;
use crate::encoding::Encoding;
use crate::mapping::Origin;
use crate::options::InputOptions;
use clearpipe_model::field::Field;
use clearpipe_model::problem::Problem;
use clearpipe_model::text::grouped;
use clearpipe_model::time::is_rfc3339;

/// What may separate cells.
const DELIMITERS: [u8; 4] = *b",;\t|";

/// The delimiter that the first line of a table names for Excel: `sep=;`.
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

/// Whether a line may stand before a header: a comment, or a title, which has no cells.
pub(super) fn may_precede(line: &[u8]) -> bool {
    let is_comment = [&b"#"[..], b"//", b"%"].iter().any(|mark| line.starts_with(mark));
    let has_cells = line.iter().any(|byte| DELIMITERS.contains(byte));
    std::str::from_utf8(line).is_ok() && (!has_cells || (is_comment && !names_a_field(line)))
}

/// Whether a line has the name of a field, as a header does that begins with the mark of a comment.
fn names_a_field(line: &[u8]) -> bool {
    let names = |delimiter| column_names(line, delimiter).unwrap_or_default();
    let is_field = |name: &String| Field::ALL.iter().any(|field| plain(field.as_str()) == plain(name));
    DELIMITERS.into_iter().any(|delimiter| names(delimiter).iter().filter(|name| is_field(name)).count() > 1)
}

/// A table that does not begin with a header that fits.
pub(super) struct Headless<'a> {
    pub options: &'a InputOptions,
    pub required: &'a [Field],
    /// What separates the cells.
    pub delimiter: u8,
    /// The name of the input; the standard input has none.
    pub name: Option<&'a str>,
    /// Its encoding, if it isn't UTF-8.
    pub encoding: Option<Encoding>,
    /// What ends its lines.
    pub ends: LineEnds,
}

impl Headless<'_> {
    /// What to do if the table begins with this line, which is not the first one, and what is wrong with its header
    /// then; `None` if it does not seem to.
    pub fn header_on(&self, line_number: u64, line: &[u8]) -> Option<Vec<Problem>> {
        if may_precede(line) {
            return None;
        }
        let delimiters =
            [self.delimiter].into_iter().chain(DELIMITERS.into_iter().filter(|_| self.options.delimiter.is_none()));
        // The one that fits, or else the one that makes most of it.
        let count = |delimiter: u8| memchr::memchr_iter(delimiter, line).count();
        let fitting = delimiters.clone().find(|delimiter| self.layout(line, *delimiter).is_ok());
        let delimiter = fitting.or_else(|| delimiters.max_by_key(|delimiter| count(*delimiter)))?;
        let lines = match line_number - 1 {
            1 => "the first line does not seem to be part of the table; leave it out".to_owned(),
            lines => format!("the first {} lines do not seem to be part of the table; leave them out", grouped(lines)),
        };
        let advice = format!("{lines}: {}", self.command(&format!("tail -n +{line_number}"), delimiter));
        let problems = self.layout(line, delimiter).err().unwrap_or_default();
        Some([Problem::input("", advice)].into_iter().chain(problems).collect())
    }

    /// Whether the column that gives the timestamps is itself named like one: somebody took a row of data for a header.
    pub fn maps_data(&self) -> bool {
        matches!(self.options.map.get(Field::Timestamp), Some(Origin::Column(name)) if is_time(name))
    }

    /// What to do if the first row looks like data rather than names; `None` if it does not.
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
        let problem = "the first row looks like data, and so the table seems to have no header";
        // Constants of the mapping have no columns.
        let is_usual = names.len() == Field::ALL.len()
            && self.options.map.is_empty()
            && is_time(&names[Field::Timestamp.index()])
            && number::read(&names[Field::Value.index()]).is_ok();
        if !is_usual {
            let text = format!("{problem}; put a line with the names of its {} columns before it", names.len());
            return Some(Problem::input("", text));
        }
        let header: Vec<&str> = Field::ALL.iter().map(|field| field.as_str()).collect();
        let header = header.join(&char::from(self.delimiter).to_string());
        let input = self.content();
        let reading = self.reading(self.delimiter);
        let text = format!(
            "{problem}; if its columns are these, put one before it: {{ echo '{header}'; {input}; }} | {reading}"
        );
        Some(Problem::input("", text))
    }

    fn layout(&self, line: &[u8], delimiter: u8) -> Result<CsvLayout, Vec<Problem>> {
        CsvLayout::new(line, delimiter, self.options, self.required)
    }

    /// The command that reads what a filter leaves of the input.
    fn command(&self, filter: &str, delimiter: u8) -> String {
        let reading = self.reading(delimiter);
        match (self.input(), &self.converters()[..]) {
            (None, []) => format!("{filter} | {reading}"),
            (Some(input), []) => format!("{filter} {input} | {reading}"),
            _ => format!("{} | {filter} | {reading}", self.content()),
        }
    }

    /// The command that gives the content of the input, as other programs can read it.
    fn content(&self) -> String {
        let mut commands = self.converters();
        match (self.input(), commands.first_mut()) {
            (Some(input), Some(first)) if first.starts_with("tr ") => first.push_str(&format!(" < {input}")),
            (Some(input), Some(first)) => first.push_str(&format!(" {input}")),
            (Some(input), None) => commands.push(format!("cat {input}")),
            (None, Some(_)) => {}
            (None, None) => commands.push("cat".to_owned()),
        }
        commands.join(" | ")
    }

    /// What makes lines of text of the input that other programs can read, one command behind the other.
    fn converters(&self) -> Vec<String> {
        let unpacker = self.input().and_then(|_| self.unpacker()).map(str::to_owned);
        let wide = self.encoding.filter(|encoding| encoding.is_wide());
        let iconv = wide.map(|encoding| format!("iconv -f {} -t UTF-8", encoding.name().to_ascii_uppercase()));
        let tr = (self.ends == LineEnds::Any).then(|| "tr '\\r' '\\n'".to_owned());
        [unpacker, iconv, tr].into_iter().flatten().collect()
    }

    /// The command that unpacks the input, if it is compressed.
    fn unpacker(&self) -> Option<&'static str> {
        match self.name?.rsplit('.').next()? {
            "gz" => Some("zcat"),
            "zst" => Some("zstdcat"),
            "bz2" => Some("bzcat"),
            "xz" => Some("xzcat"),
            _ => None,
        }
    }

    /// The input as it is typed in a shell; `None` if it is the standard input.
    fn input(&self) -> Option<String> {
        // What begins so would be taken for an option.
        let path = |name: &str| if name.starts_with('-') { format!("./{name}") } else { name.to_owned() };
        self.name.filter(|name| *name != "-").map(|name| quoted(&path(name)))
    }

    /// The command that reads such a table from its standard input.
    fn reading(&self, delimiter: u8) -> String {
        let mut command = "clearpipe run -i -".to_owned();
        match delimiter {
            b'\t' => command.push_str(" --format tsv"),
            b',' => command.push_str(" --format csv"),
            other => command.push_str(&format!(" --format csv --delimiter {}", quoted(&char::from(other).to_string()))),
        }
        for (field, origin) in self.options.map.iter() {
            command.push_str(&format!(" --map {}", quoted(&format!("{field}={origin}"))));
        }
        // What the command that led here said of the input.
        let (given, usual) = (self.options, InputOptions::default());
        // Without its beginning, a byte order mark no longer tells.
        if let Some(encoding) = self.encoding.filter(|encoding| !encoding.is_wide()) {
            command.push_str(&format!(" --encoding {encoding}"));
        }
        if given.max_line != usual.max_line {
            command.push_str(&format!(" --max-line {}", given.max_line));
        }
        if let Some(name) = &given.source_field {
            command.push_str(&format!(" --source-field {}", quoted(name)));
        }
        if given.rename_prefix != usual.rename_prefix {
            command.push_str(&format!(" --rename-prefix {}", quoted(&given.rename_prefix)));
        }
        command
    }
}

/// Whether a cell is what a name seldom is: a number or a time.
fn is_datum(cell: &str) -> bool {
    number::read(cell).is_ok() || is_time(cell)
}

/// Whether a cell begins like a date.
fn is_time(cell: &str) -> bool {
    let date = cell.as_bytes().get(..10);
    let is_date = date.is_some_and(|date| {
        date.iter()
            .zip(b"dddd-dd-dd")
            .all(|(byte, shape)| if *shape == b'd' { byte.is_ascii_digit() } else { byte == shape })
    });
    is_date || is_rfc3339(cell)
}

/// A text as a POSIX shell reads it.
pub(super) fn quoted(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./=:,+@".contains(&byte);
    if !text.is_empty() && text.bytes().all(is_plain) {
        text.to_owned()
    } else if text.contains(['"', '$', '`', '\\', '!']) || !text.contains('\'') {
        format!("'{}'", text.replace('\'', r"'\''"))
    } else {
        format!("\"{text}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header_on(table: &Headless<'_>, line_number: u64, line: &[u8]) -> Option<Vec<String>> {
        let problems = table.header_on(line_number, line)?;
        Some(problems.iter().map(Problem::to_string).collect())
    }

    fn first_row(table: &Headless<'_>, row: &[u8]) -> Option<String> {
        table.first_row_is_data(row).as_ref().map(Problem::to_string)
    }

    const MAP: &[&str] = &["unit='°C'"];
    const HEADER: &[u8] = b"id,timestamp,sensor_id,value,unit,location";

    fn with<T>(name: Option<&str>, delimiter: Option<char>, map: &[&str], test: impl FnOnce(Headless<'_>) -> T) -> T {
        let mut options = InputOptions { delimiter, ..InputOptions::default() };
        map.iter().for_each(|entry| options.map.add(entry.parse().unwrap()).unwrap());
        let delimiter = delimiter.map_or(b',', |delimiter| delimiter as u8);
        test(Headless {
            options: &options,
            required: &Field::ALL,
            delimiter,
            name,
            encoding: None,
            ends: LineEnds::default(),
        })
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
    fn lines_before_the_header_are_left_out() {
        let header = b"id;timestamp;sensor_id;value;location";
        assert_eq!(
            with(Some("my data.csv.gz"), None, MAP, |table| header_on(&table, 4, header)).unwrap(),
            [
                "the first 3 lines do not seem to be part of the table; leave them out: zcat 'my data.csv.gz' | tail -n +4 | \
              clearpipe run -i - --format csv --delimiter ';' --map \"unit='°C'\""
            ]
        );
        assert_eq!(
            with(Some("-"), Some(';'), MAP, |table| header_on(&table, 2, header)).unwrap(),
            [
                "the first line does not seem to be part of the table; leave it out: tail -n +2 | clearpipe run -i - --format \
              csv --delimiter ';' --map \"unit='°C'\""
            ]
        );
        let problems = with(None, None, MAP, |table| header_on(&table, 2, b"id\ttime\tvalue")).unwrap();
        assert!(
            problems[0].ends_with("tail -n +2 | clearpipe run -i - --format tsv --map \"unit='°C'\""),
            "{problems:?}"
        );
        assert!(problems[1].contains("did you mean --map timestamp=time?"), "{problems:?}");
        assert_eq!(with(None, None, MAP, |table| header_on(&table, 2, b"id")), None);
    }

    #[test]
    fn what_other_programs_cannot_cut_into_lines_is_converted_first() {
        let options = InputOptions { encoding: "utf-16le".parse().unwrap(), ..InputOptions::default() };
        let advice = |name| {
            let (required, encoding, ends) = (&Field::ALL, Some(options.encoding), LineEnds::default());
            let table = Headless { options: &options, required, delimiter: b',', name, encoding, ends };
            let header = header_on(&table, 2, HEADER).unwrap().remove(0);
            let data = first_row(&table, b"r1,2026-01-01T00:00:00Z,s,5,C,North").unwrap();
            [header, data].map(|advice| advice.split(": ").nth(1).unwrap().to_owned())
        };
        let rest = "clearpipe run -i - --format csv";
        let header = "echo 'id,timestamp,sensor_id,value,unit,location'";
        for (name, content) in [
            (Some("x.csv"), "iconv -f UTF-16LE -t UTF-8 x.csv"),
            (Some("x.csv.gz"), "zcat x.csv.gz | iconv -f UTF-16LE -t UTF-8"),
            (None, "iconv -f UTF-16LE -t UTF-8"),
        ] {
            let expected = [format!("{content} | tail -n +2 | {rest}"), format!("{{ {header}; {content}; }} | {rest}")];
            assert_eq!(advice(name), expected);
        }
    }

    #[test]
    fn a_name_is_never_an_option() {
        let advice = with(Some("-a.csv"), None, &[], |table| header_on(&table, 3, HEADER)).unwrap();
        assert!(advice[0].contains("tail -n +3 ./-a.csv | "), "{advice:?}");
    }

    #[test]
    fn carriage_returns_become_line_feeds_first() {
        let options = InputOptions::default();
        let advice = |name| {
            let table = Headless {
                options: &options,
                required: &Field::ALL,
                delimiter: b',',
                name,
                encoding: Some("windows-1252".parse().unwrap()),
                ends: LineEnds::Any,
            };
            header_on(&table, 2, HEADER).unwrap().remove(0).split(": ").nth(1).unwrap().to_owned()
        };
        let rest = "tail -n +2 | clearpipe run -i - --format csv --encoding windows-1252";
        assert_eq!(advice(Some("a b.csv")), format!("tr '\\r' '\\n' < 'a b.csv' | {rest}"));
        assert_eq!(advice(Some("x.csv.gz")), format!("zcat x.csv.gz | tr '\\r' '\\n' | {rest}"));
        assert_eq!(advice(None), format!("tr '\\r' '\\n' | {rest}"));
    }

    #[test]
    fn a_row_of_data_is_no_header() {
        let advice = |row: &[u8]| with(Some("x.csv"), None, &[], |table| first_row(&table, row));
        assert_eq!(
            advice(b"r1,2026-01-01T00:00:00Z,s,5,C,North").unwrap(),
            "the first row looks like data, and so the table seems to have no header; if its columns are these, put one \
             before it: { echo 'id,timestamp,sensor_id,value,unit,location'; cat x.csv; } | clearpipe run -i - --format csv"
        );
        assert!(advice(b"r1,5").unwrap().ends_with("put a line with the names of its 2 columns before it"));
        assert_eq!(advice(HEADER), None);
        let mapped = |map| with(Some("x.csv"), None, map, |table| first_row(&table, b"1,2026-01-01,s,1.5"));
        assert!(mapped(&["timestamp=2026-01-01", "sensor_id=s"]).is_some());
        assert_eq!(mapped(&["sensor_id=s"]), None);
        assert_eq!(advice(b"2019,2020,Value"), None);
        assert_eq!(advice(b"a,b"), None);
        assert_eq!(advice(b"5"), None);
    }
}
