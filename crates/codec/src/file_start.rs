//! The beginning of an input as text, for a preview before a run.

use super::byte_order_mark::MARK;
use super::content::{self, Content};
use super::encoding::Decoded;
use super::file_source::FirstRecords;
use super::inputs::Counted;
use super::table_start::{Rows, TableStart};
use crate::compression::{Compression, UnpackedAsync, unpacked_start};
use crate::encoding::Encoding;
use crate::format::Format;
use crate::options::InputOptions;
use clearpipe_model::field::Field;
use clearpipe_model::problem::Problem;
use futures::io::AsyncRead;
use serde::Serialize;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// The beginning of an input.
#[derive(Debug, PartialEq, Eq)]
pub struct FileStart {
    /// Its first bytes, decompressed and as UTF-8. Bytes that are invalid in its encoding are invalid here.
    pub bytes: Vec<u8>,
    /// Whether these are all of them.
    pub whole: bool,
    /// Why the input can't hold records, if it can't.
    pub problem: Option<Problem>,
    /// Whether another encoding may solve the problem.
    pub may_be_encoded: bool,
    /// The first records that are there as a whole.
    pub records: Vec<FirstRecord>,
    /// What it is as a table, if it is one.
    pub table: Option<TableStart>,
}

/// What the beginning of an input is read by.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reading<'a> {
    /// The name of the file.
    pub name: &'a str,
    /// See [`InputOptions::format`].
    pub format: Format,
    /// See [`InputOptions::encoding`].
    pub encoding: Encoding,
    /// See [`InputOptions::delimiter`]. If it isn't set, it is guessed, though a run would take a comma.
    pub delimiter: Option<char>,
}

/// One of the first records of an input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct FirstRecord {
    /// The line that it begins on, from 1.
    pub line: u64,
    /// The record as it stands in the input, with replacement characters for bytes that are invalid in its encoding.
    pub text: String,
}

impl FileStart {
    /// How many records are in [`FileStart::records`] at most.
    const RECORDS: usize = 4;

    /// Returns the beginning of an input whose first bytes, or all of them (`is_whole`), are `start`. Looks at no more
    /// than the first `most` bytes after decompression.
    ///
    /// # Errors
    /// If the compressed data is damaged.
    pub fn new(start: &[u8], is_whole: bool, most: usize, reading: Reading<'_>) -> io::Result<FileStart> {
        let (unpacked, whole) = unpacked_start(start, is_whole, most)?;
        let bytes = decoded(&unpacked, whole, reading.encoding)?;
        let mut text = &*bytes;
        while let Some(rest) = text.strip_prefix(MARK) {
            text = rest;
        }
        let look = |bytes| content::look(bytes, InputOptions::default().max_line, whole);
        // No encoding turns an image into text. Checks that need more bytes than there are don't decide anything here.
        let (problem, may_be_encoded) = match (look(&unpacked), look(text)) {
            (Content::Other(problem), _) | (_, Content::Other(problem)) => (Some(problem), false),
            (_, Content::Zeros { problem, is_utf_16 }) => (Some(problem), is_utf_16),
            (_, Content::Text | Content::TooShort) => (None, false),
        };
        let mut start = FileStart { bytes, whole, problem, may_be_encoded, records: Vec::new(), table: None };
        if start.problem.is_none() {
            start.look_at_records(reading);
        }
        Ok(start)
    }

    /// Cuts the first records, and looks at the header of a table.
    fn look_at_records(&mut self, Reading { name, format, delimiter, .. }: Reading<'_>) {
        let format = match format {
            Format::Auto => Format::of_name(name).unwrap_or_default(),
            format => format,
        };
        // Tabs always separate the cells of TSV.
        let given = delimiter.filter(|_| matches!(format, Format::Auto | Format::Csv));
        let mut first = FirstRecords::default();
        let mut table: Option<Rows> = None;
        for delimiter in [given, Some(';'), Some('\t'), Some('|')] {
            let options = InputOptions { format, delimiter, ..InputOptions::default() };
            let found = self.first_records(options, None, TableStart::ROWS);
            let rows = Rows::of(&found);
            // Only as long as neither the settings nor the table itself says what separates the cells.
            let is_said = delimiter == given && (given.is_some() || !rows.as_ref().is_some_and(Rows::has_commas));
            let is_better = match (&rows, &table) {
                (Some(rows), Some(table)) => rows.is_better_than(table),
                (_, None) => true,
                (None, Some(_)) => false,
            };
            if is_better {
                (first, table) = (found, rows);
            }
            if is_said {
                break;
            }
        }
        self.table = table.map(|rows| TableStart::of(rows, stem(name)));
        let records = first.records.iter().take(Self::RECORDS);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        self.records = records.map(|(line, bytes)| FirstRecord { line: *line, text: text(bytes) }).collect();
    }

    /// Reads the first records with these options, whose encoding doesn't matter any more.
    #[inline(never)]
    fn first_records(&self, mut options: InputOptions, required: Option<&[Field]>, most: usize) -> FirstRecords {
        // Decisions that may need a line's length of bytes are made by the bytes that there are.
        let length =
            if self.whole { usize::MAX } else { self.bytes.len().saturating_sub(64).max(self.bytes.len() / 2).max(1) };
        options.encoding = Encoding::UTF_8;
        options.max_line = options.max_line.min(length);
        FirstRecords::read(beginning(&self.bytes, self.whole), options, required, most)
    }

    /// Returns whether a run with these options and these required fields can read the table: whether its header fits.
    pub fn fits(&self, options: &InputOptions, required: &[Field]) -> bool {
        let first = self.first_records(options.clone(), Some(required), 1);
        first.is_fine && first.layout().is_some()
    }
}

/// Returns the name of a file without its extensions.
fn stem(name: &str) -> &str {
    let name = Compression::strip_extensions(name);
    name.rsplit_once('.').map_or(name, |(stem, _)| if stem.is_empty() { name } else { stem })
}

/// Returns the beginning of an input as UTF-8. A character that continues after it is left out.
fn decoded(bytes: &[u8], is_whole: bool, encoding: Encoding) -> io::Result<Vec<u8>> {
    // The same types as those of a run, though there is nothing to decompress: so there is one copy of their code.
    let reader = Counted::new(UnpackedAsync::new(beginning(bytes, is_whole), ""), Arc::default());
    let mut reader = Decoded::new(reader, encoding);
    let mut context = Context::from_waker(futures::task::noop_waker_ref());
    let mut decoded = Vec::new();
    let mut room = [0; 4096];
    loop {
        match Pin::new(&mut reader).poll_read(&mut context, &mut room) {
            Poll::Ready(Ok(0)) | Poll::Pending => return Ok(decoded),
            Poll::Ready(Ok(length)) => decoded.extend_from_slice(&room[..length]),
            Poll::Ready(Err(error)) => return Err(error),
        }
    }
}

/// Reads the beginning of the input; the rest isn't available yet.
fn beginning(bytes: &[u8], is_whole: bool) -> Box<dyn AsyncRead + Send + Unpin> {
    Box::new(Beginning { bytes: io::Cursor::new(bytes.to_vec()), is_whole })
}

struct Beginning {
    bytes: io::Cursor<Vec<u8>>,
    is_whole: bool,
}

impl AsyncRead for Beginning {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, into: &mut [u8]) -> Poll<io::Result<usize>> {
        match io::Read::read(&mut self.bytes, into) {
            Ok(0) if !self.is_whole => Poll::Pending,
            result => Poll::Ready(result),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::MappingEntry;
    use crate::mapping_guess::GuessedOrigin;

    fn in_encoding(encoding: &str) -> Reading<'_> {
        Reading { encoding: encoding.parse().unwrap(), ..Reading::default() }
    }

    fn start(bytes: &[u8], encoding: &str) -> FileStart {
        FileStart::new(bytes, true, 1000, in_encoding(encoding)).unwrap()
    }

    /// Returns the beginning of a file in UTF-8.
    fn named(name: &str, text: &str, format: Format, delimiter: Option<char>) -> FileStart {
        let reading = Reading { name, format, delimiter, ..Reading::default() };
        FileStart::new(text.as_bytes(), true, 100_000, reading).unwrap()
    }

    fn automatic(name: &str, text: &str) -> FileStart {
        named(name, text, Format::Auto, None)
    }

    fn header(start: &FileStart) -> Option<Vec<&str>> {
        Some(start.table.as_ref()?.header.iter().map(String::as_str).collect())
    }

    #[test]
    fn it_is_utf_8_whatever_it_was() {
        let utf_16 = |mark: &str| -> Vec<u8> {
            format!("{mark}id,größe\n1,€\n").encode_utf16().flat_map(u16::to_le_bytes).collect()
        };
        for (bytes, encoding) in [
            ("id,größe\n1,€\n".as_bytes(), "auto"),
            (&utf_16("\u{feff}"), "auto"),
            (&utf_16(""), "auto"),
            (&utf_16(""), "utf-16le"),
            (b"id,gr\xF6\xDFe\n1,\x80\n", "windows-1252"),
            (b"id,gr\xF6\xDFe\n1,\xA4\n", "iso-8859-15"),
        ] {
            let FileStart { bytes, whole, problem, .. } = start(bytes, encoding);
            assert_eq!((&*String::from_utf8(bytes).unwrap(), whole, problem), ("id,größe\n1,€\n", true, None));
        }
        assert_eq!(start(b"id,gr\xF6\xDFe\n", "auto").bytes, b"id,gr\xF6\xDFe\n");
    }

    #[test]
    fn of_a_long_one_only_the_beginning() {
        let text = "é".repeat(1000);
        let cut = FileStart::new(text.as_bytes(), true, 11, in_encoding("auto")).unwrap();
        assert_eq!((cut.bytes.len(), cut.whole, cut.problem), (11, false, None));
        let utf_16: Vec<u8> = "a,\u{1F600}".repeat(100).encode_utf16().flat_map(u16::to_le_bytes).collect();
        let cut = FileStart::new(&utf_16, false, 6, in_encoding("auto")).unwrap();
        assert_eq!((&*cut.bytes, cut.whole), (&b"a,"[..], false));
    }

    #[test]
    fn other_files_are_named() {
        let png = [&b"\x89PNG\r\n\x1A\n\0\0"[..], &[0; 600]].concat();
        for encoding in ["auto", "windows-1252"] {
            let FileStart { problem, may_be_encoded, .. } = start(&png, encoding);
            assert_eq!(problem.unwrap().to_string(), "the input is a PNG image; there are no records in it");
            assert!(!may_be_encoded);
        }
        let cyrillic: Vec<u8> = "имя,id,x\n1,2,3\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(start(&cyrillic, "auto").may_be_encoded);
        assert_eq!(start(&cyrillic, "utf-16le").problem, None);
    }

    #[test]
    fn the_name_and_the_first_line_tell_whether_it_is_a_table() {
        for (name, text, names) in [
            ("x.jsonl", "a,b\n", None),
            ("x.csv", "\u{feff}a,b\n", Some(vec!["a", "b"])),
            ("x.txt", "{\"id\":1}\n", None),
            ("x.txt", "[{\"id\":1}]", None),
            ("x.txt", "a,b", Some(vec!["a", "b"])),
            ("x.txt", "a\tb\n", Some(vec!["a", "b"])),
            ("x.tsv", "a\tb", Some(vec!["a", "b"])),
            ("x.csv", "a;b", Some(vec!["a", "b"])),
            ("x.csv.gz", "\n \n \"a\",\u{200b}b \r\n", Some(vec!["\"a\"", "b"])),
            ("x.csv", "", None),
            // What would be a problem of a run.
            ("x.csv", "id,id,ID\n", Some(vec!["id", "id", "ID"])),
            ("x.csv", "1,2026-01-01\n", Some(vec!["1", "2026-01-01"])),
        ] {
            assert_eq!(header(&automatic(name, text)), names, "{name}: {text}");
        }
        assert_eq!(header(&named("x.jsonl", "a;b,c", Format::Csv, Some(';'))), Some(vec!["a", "b,c"]));
        assert_eq!(header(&named("x.csv", "a;b,c", Format::Jsonl, Some(';'))), None);
        assert_eq!(header(&named("x.tsv", "a\tb;c", Format::Auto, Some(';'))), Some(vec!["a", "b;c"]));
        let windows_1252 = start(b"gr\xF6\xDFe,b\n", "auto");
        assert_eq!(header(&windows_1252), Some(vec!["gr\u{fffd}\u{fffd}e", "b"]));
    }

    #[test]
    fn what_separates_the_cells() {
        let delimiter = |text: &str| automatic("x.csv", text).table.unwrap().delimiter;
        assert_eq!(delimiter("a,b\n1,2\n"), ',');
        assert_eq!(delimiter("a;b;c\n1,5;2;3\n2,5;3;4\n"), ';');
        assert_eq!(delimiter("date, time|flow\n1|2\n3|4\n5|6\n"), '|');
        assert_eq!(delimiter("a\tb\n1\t2\n"), '\t');
        assert_eq!(delimiter("one\n1\n"), ',');
        assert_eq!(delimiter("a;b\n1;2\nTotal\n"), ';');
        assert_eq!(delimiter("sep=|\na;b;c|d\n"), '|');
        assert_eq!(delimiter("\"a;b\nc;d\",e\n1,2\n"), ',');
        assert_eq!(named("x.csv", "a;b\n1;2\n", Format::Auto, Some('|')).table.unwrap().delimiter, '|');
    }

    #[test]
    fn of_what_is_no_text_there_is_no_table() {
        let start = automatic("x.csv", "a,b\0\0\0c");
        assert!(start.problem.is_some());
        assert_eq!((start.records, start.table), (vec![], None));
    }

    #[test]
    fn the_first_records() {
        let records = |name: &str, text: &str| -> Vec<(u64, String)> {
            automatic(name, text).records.into_iter().map(|FirstRecord { line, text }| (line, text)).collect()
        };
        let expected = |records: &[(u64, &str)]| -> Vec<(u64, String)> {
            records.iter().map(|(line, text)| (*line, (*text).to_owned())).collect()
        };
        assert_eq!(
            records("x.jsonl", "{\"a\":\"\\\"\"}\n\n \n{\"b\"\n{}"),
            expected(&[(1, "{\"a\":\"\\\"\"}"), (4, "{\"b\""), (5, "{}")])
        );
        assert_eq!(
            records("x.csv", "a,b\n1,\"x \"\"\ny\"\n\n2,5\" pipe\n3,\"\"\n4,\"z\n\"\n5,6\n"),
            expected(&[(2, "1,\"x \"\"\ny\""), (5, "2,5\" pipe"), (6, "3,\"\""), (7, "4,\"z\n\"")])
        );
        assert_eq!(records("x.json", "[{\"a\":1},\n{\n\"b\":2}]"), expected(&[(1, "{\"a\":1}"), (2, "{\n\"b\":2}")]));
        assert_eq!(records("x.csv", "a;b\r1;2\r3;4\r"), expected(&[(2, "1;2"), (3, "3;4")]));
        assert_eq!(records("x.csv", "a,b\n"), []);
    }

    #[test]
    fn what_is_not_there_as_a_whole_is_left_out() {
        let first = |text: &str, most| {
            let reading = Reading { name: "x.csv", ..Reading::default() };
            let start = FileStart::new(text.as_bytes(), true, most, reading).unwrap();
            (start.table.map(|table| table.header), start.records.len())
        };
        let names = Some(vec!["a".to_owned(), "b".to_owned()]);
        assert_eq!(first("a,b\n1,2\n3,4\n", 8), (names.clone(), 1));
        assert_eq!(first("a,b\n1,2\n3,4\n", 7), (names.clone(), 0));
        assert_eq!(first("a,b\n1,2\n3,4\n", 3), (None, 0));
        // The line ends are decided by what there is.
        assert_eq!(first(&format!("a,b\r{}", "1,2\r".repeat(1000)), 200), (names, 4));
    }

    #[test]
    fn a_decimal_comma_is_found() {
        let start = automatic("x.csv", "a;b;c\n1;12,5;x\n2; 13,5 ;9,5\n");
        let commas = start.table.unwrap().decimal_commas;
        assert_eq!(commas, [None, Some("12,5".to_owned()), Some("9,5".to_owned())]);
    }

    #[test]
    fn a_guess_that_is_whole_fits() {
        let fits = |text: &str| {
            let start = automatic("river.csv.gz", text);
            let mut map = crate::Mapping::default();
            for GuessedOrigin { field, origin, .. } in start.table.clone().unwrap().guess {
                map.add(MappingEntry { field, origin }).unwrap();
            }
            let plain = start.fits(&InputOptions::default(), &Field::ALL);
            (plain, start.fits(&InputOptions { map, ..InputOptions::default() }, &Field::ALL))
        };
        assert_eq!(fits("day,flow\n2026-01-01,5.5\n2026-01-02,7\n"), (false, true));
        assert_eq!(fits("ID,time,flow\n7,x,5\n"), (false, true));
        assert_eq!(fits("id,timestamp,sensor_id,value,unit,location\n"), (true, true));
        for text in [
            // No column for the value, and none for the timestamp.
            "day,note\n2026-01-01,x\n",
            "what,flow\nx,5\n",
            // Another delimiter than a run takes, and a line before the header.
            "time;value\n1;2\n",
            "River\nday,flow\n2026-01-01,5\n",
        ] {
            assert_eq!(fits(text), (false, false), "{text}");
        }
    }

    #[test]
    fn stems() {
        assert_eq!(["a.b.csv.gz", ".csv", "x", "x.CSV.ZST", ""].map(stem), ["a.b", ".csv", "x", "x", ""]);
    }
}
