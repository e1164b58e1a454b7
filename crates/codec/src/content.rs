//! Inputs that hold no records as text: told by their first bytes, and named, so that somebody knows what to do.

use crate::format::Format;
use clearpipe_model::field::Field;
use clearpipe_model::problem::Problem;
use memchr::memchr;

/// How many bytes tell what something is: the first block of a tar archive.
const NAMED: usize = 512;

/// What the beginning of an input tells.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// It may be text.
    Text,
    /// It is something else; what, and what to do.
    Other(Problem),
    /// It has zeros, which no text has but in another encoding; what to do, and whether it seems to be UTF-16.
    Zeros { problem: Problem, is_utf_16: bool },
    /// More bytes are needed.
    TooShort,
}

/// A kind of file: what it begins with, what it is, and what to do about it.
type Kind = (&'static [u8], &'static str, &'static str);

const CONVERT: &str = "convert it to CSV or JSON Lines first";
const UNPACK: &str = "unpack it first";
const DECOMPRESS: &str = "decompress it first";
const NO_RECORDS: &str = "there are no records in it";

const KINDS: &[Kind] = &[
    (
        b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
        "an old Office document, such as an Excel workbook (.xls)",
        "save it as CSV first",
    ),
    (b"PAR1", "a Parquet file", CONVERT),
    (b"PARE", "an encrypted Parquet file", CONVERT),
    (b"ARROW1", "an Arrow file", CONVERT),
    (b"FEA1", "a Feather file", CONVERT),
    (b"\xFF\xFF\xFF\xFF", "an Arrow stream", CONVERT),
    (b"Obj\x01", "an Avro file", CONVERT),
    (b"ORC\x0A", "an ORC file", CONVERT),
    (b"ORC\x08", "an ORC file", CONVERT),
    (b"SQLite format 3\0", "a SQLite database", "export a table as CSV first"),
    (b"\x89HDF\r\n\x1A\n", "an HDF5 file", CONVERT),
    (b"\x93NUMPY", "a NumPy array", CONVERT),
    (b"%PDF-", "a PDF document", NO_RECORDS),
    (b"{\\rtf", "a rich text document", "save it as plain text first"),
    (b"7z\xBC\xAF\x27\x1C", "a 7z archive", UNPACK),
    (b"Rar!\x1A\x07", "a RAR archive", UNPACK),
    (b"\x04\x22\x4D\x18", "compressed with LZ4", DECOMPRESS),
    (b"\x1F\x9D", "compressed with compress (.Z)", DECOMPRESS),
    (b"LZIP\x01", "compressed with lzip", DECOMPRESS),
    (b"\xFF\x06\0\0sNaPpY", "compressed with Snappy", DECOMPRESS),
    (b"\x89PNG", "a PNG image", NO_RECORDS),
    (b"\xFF\xD8\xFF", "a JPEG image", NO_RECORDS),
    (b"GIF87a", "a GIF image", NO_RECORDS),
    (b"GIF89a", "a GIF image", NO_RECORDS),
    (b"II*\0", "a TIFF image", NO_RECORDS),
    (b"MM\0*", "a TIFF image", NO_RECORDS),
    (b"\x7FELF", "a program", NO_RECORDS),
    (b"\0asm", "a WebAssembly module", NO_RECORDS),
    (b"\xCA\xFE\xBA\xBE", "a program", NO_RECORDS),
    (b"\xFF\xFE\0\0", "text in UTF-32", "convert it to UTF-8 first"),
    (b"\0\0\xFE\xFF", "text in UTF-32", "convert it to UTF-8 first"),
];

/// What an input is that begins like this, by its first line: no more is looked at than `longest` bytes, and than
/// [`Format::SNIFF`].
pub(super) fn look(bytes: &[u8], longest: usize, at_end: bool) -> Content {
    let longest = longest.min(Format::SNIFF);
    let bytes = &bytes[..bytes.len().min(longest)];
    let at_end = at_end || bytes.len() == longest;
    let start = bytes.trim_ascii_start();
    match start.first() {
        // The usual beginning of JSON says at once what it is; of `{\rtf` that can't be said yet.
        Some(b'[') => return Content::Text,
        Some(b'{') if start.get(1).is_some_and(|byte| *byte != b'\\') => return Content::Text,
        _ => {}
    }
    let line_end = memchr(b'\n', start);
    let first_line = &start[..line_end.unwrap_or(start.len())];
    let has_zero = memchr(0, first_line).is_some();
    let kind = KINDS.iter().find(|(magic, ..)| bytes.starts_with(magic));
    let is_zip = [b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"].iter().any(|magic| bytes.starts_with(*magic));
    let is_named = kind.is_some() || is_zip || has_zero;
    let has_enough = if is_named { bytes.len() >= NAMED } else { line_end.is_some() };
    if !has_enough && !at_end {
        return Content::TooShort;
    }
    let other = |what: &str, advice: &str| Content::Other(Problem::input("", format!("the input is {what}; {advice}")));
    if let Some((_, what, advice)) = kind {
        return other(what, advice);
    }
    let named = &bytes[..bytes.len().min(NAMED)];
    if is_zip {
        return zip(named);
    }
    if named.get(257..262) == Some(b"ustar") {
        return other("a tar archive", UNPACK);
    }
    if has_zero {
        return zeros(named);
    }
    let lowercase = start[..start.len().min(16)].to_ascii_lowercase();
    match () {
        () if lowercase.starts_with(b"<!doctype html") || lowercase.starts_with(b"<html") => {
            other("a web page (HTML), perhaps an error message instead of the data", NO_RECORDS)
        }
        () if lowercase.starts_with(b"<?xml") => other("XML", CONVERT),
        () => Content::Text,
    }
}

/// What a zip archive is, by the names of its first files.
fn zip(bytes: &[u8]) -> Content {
    let has = |text: &str| memchr::memmem::find(bytes, text.as_bytes()).is_some();
    let (what, advice) = if has("oasis.opendocument.spreadsheet") {
        ("a spreadsheet (.ods)", "save the sheet as CSV first")
    } else if has("[Content_Types].xml") || has("xl/") || has("_rels/.rels") {
        ("a spreadsheet such as an Excel workbook (.xlsx), or another Office document", "save the sheet as CSV first")
    } else {
        ("a zip archive", UNPACK)
    };
    Content::Other(Problem::input("", format!("the input is {what}; {advice}")))
}

/// What something is that has zeros.
fn zeros(bytes: &[u8]) -> Content {
    let zeros_at = |parity| bytes.iter().skip(parity).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros_at(0), zeros_at(1));
    let half = bytes.len() / 2;
    // Of text in UTF-16, most of one half is zero, and nothing of the other.
    let (hint, is_utf_16) = match () {
        () if even == 0 && 4 * odd > half => ("if it is UTF-16, say --encoding utf-16le", true),
        () if odd == 0 && 4 * even > half => ("if it is UTF-16, say --encoding utf-16be", true),
        () => ("JSON Lines and CSV have none", false),
    };
    let text = format!("the input is not text: it has bytes that are zero (NUL); {hint}");
    Content::Zeros { problem: Problem::input(if is_utf_16 { "input.encoding" } else { "" }, text), is_utf_16 }
}

/// Says of an input that should be JSON Lines that it looks like a table, if it does: by its first two lines. `Err` if
/// more bytes are needed.
pub(super) fn table_instead_of_json(bytes: &[u8], at_end: bool) -> Result<Option<Problem>, ()> {
    let bytes = &bytes[..bytes.len().min(Format::SNIFF)];
    let at_end = at_end || bytes.len() == Format::SNIFF;
    let is_end = |byte: &u8| b"\r\n".contains(byte);
    let mut lines = bytes.split_inclusive(is_end).filter(|line| !line.trim_ascii().is_empty());
    let is_whole = |line: &[u8]| line.last().is_some_and(is_end) || at_end;
    let Some(header) = lines.next().filter(|line| is_whole(line)) else {
        return if at_end { Ok(None) } else { Err(()) };
    };
    // What is left of a damaged object has one of these.
    if header.iter().any(|byte| b"{}[]:\\".contains(byte)) {
        return Ok(None);
    }
    let count = |line: &[u8], delimiter: u8| line.iter().filter(|byte| **byte == delimiter).count();
    let delimiter = *b",;\t|".iter().rev().max_by_key(|delimiter| count(header, **delimiter)).unwrap_or(&b',');
    // Tabs around a value are white space.
    if count(header.trim_ascii(), delimiter) == 0 {
        return Ok(None);
    }
    let cells = count(header, delimiter);
    let is_table = match lines.next() {
        None if !at_end => return Err(()),
        Some(row) if !is_whole(row) => return Err(()),
        Some(row) if matches!(row.trim_ascii_start().first(), Some(b'{' | b'[')) => false,
        Some(row) if count(row, delimiter) == cells => true,
        _ => header.split(|byte| *byte == delimiter).any(is_field),
    };
    let option = match delimiter {
        b'\t' => "--format tsv".to_owned(),
        b',' => "--format csv".to_owned(),
        other => format!("--format csv --delimiter '{}'", other as char),
    };
    let text = format!("the input is not JSON but looks like a table; if it is one, say {option}");
    Ok(is_table.then(|| Problem::input("input.format", text)))
}

/// Whether a cell is the name of a field.
fn is_field(cell: &[u8]) -> bool {
    let cell = cell.trim_ascii();
    let cell = cell.strip_prefix(b"\"").and_then(|cell| cell.strip_suffix(b"\"")).unwrap_or(cell);
    Field::ALL.iter().any(|field| cell.eq_ignore_ascii_case(field.as_str().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the whole input is; it must be the same however it grows.
    fn content(bytes: &[u8]) -> Content {
        let look = |bytes, at_end| look(bytes, 10_000, at_end);
        let whole = look(bytes, true);
        for length in 0..bytes.len() {
            match look(&bytes[..length], false) {
                Content::TooShort => {}
                answer => {
                    assert_eq!(answer, whole, "{length} bytes of {}", bytes.escape_ascii());
                }
            }
        }
        whole
    }

    fn named(bytes: &[u8]) -> String {
        match content(&[bytes, &[b'x'; 600]].concat()) {
            Content::Other(problem) | Content::Zeros { problem, .. } => problem.to_string(),
            other => panic!("{other:?}: {}", bytes.escape_ascii()),
        }
    }

    #[test]
    fn other_files_are_named() {
        for (bytes, what) in [
            (
                &b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0\x0A\x0D\x0A\0\0\0\0\0\0\0\0\0\x13\0\0\0[Content_Types].xml"[..],
                ".xlsx",
            ),
            (b"PK\x03\x04\x14\0\0\x08\0\0mimetypeapplication/vnd.oasis.opendocument.spreadsheet", ".ods"),
            (b"PK\x03\x04\x14\0\0\x08\0\0data.csv", "a zip archive; unpack it first"),
            (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", ".xls"),
            (b"PAR1\x15\0", "a Parquet file; convert it to CSV or JSON Lines first"),
            (b"SQLite format 3\0", "a SQLite database"),
            (b"%PDF-1.7\n", "a PDF document"),
            (b"\x89PNG\r\n\x1a\n\0", "a PNG image"),
            (b"\x1f\x9d\x90", "compress (.Z)"),
            (b"{\\rtf1\\ansi", "a rich text document"),
            (b"<!DOCTYPE HTML>\n<html>", "a web page"),
            (b"\n <html lang=\"en\">\n", "a web page"),
            (b"<?xml version=\"1.0\"?>\n", "the input is XML"),
            (b"a\0b\0c\0d\0e\0f\0g\0h", "bytes that are zero (NUL); JSON Lines and CSV have none"),
            (b"\0\0\0\0", "bytes that are zero (NUL)"),
        ] {
            let sentence = named(bytes);
            assert!(sentence.contains(what), "{sentence}");
        }
        let mut tar = vec![0; 1024];
        tar[..8].copy_from_slice(b"data.csv");
        tar[257..262].copy_from_slice(b"ustar");
        assert_eq!(content(&tar), Content::Other(Problem::input("", "the input is a tar archive; unpack it first")));
        let cyrillic: Vec<u8> = "имя,id,x\n1,2,3\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let Content::Zeros { problem, is_utf_16: true } = content(&cyrillic) else { panic!("it is UTF-16") };
        assert!(problem.to_string().ends_with("--encoding utf-16le"), "{problem}");
    }

    #[test]
    fn text_is_text() {
        for text in
            ["", "{", "{\"a\":\0", "[", " \n{}", "id,value\n1\0", "ORC,id\n", "PK,id\n", "Obj", "<a>,b\n", "BZh\n"]
        {
            assert_eq!(content(text.as_bytes()), Content::Text, "{text}");
        }
        let look = |bytes, at_end| look(bytes, 10_000, at_end);
        assert_eq!(look(b"{\"a", false), Content::Text, "at once");
        assert_eq!(look(b"id,val", false), Content::TooShort);
        assert_eq!(look(&[b'a'; 5000], false), Content::Text);
    }

    #[test]
    fn a_table_is_no_json() {
        let hint = |input: &str| {
            let whole = table_instead_of_json(input.as_bytes(), true).unwrap();
            for length in 0..input.len() {
                let answer = table_instead_of_json(&input.as_bytes()[..length], false);
                assert!(answer.is_err() || answer == Ok(whole.clone()), "{length} bytes of {input}");
            }
            whole.map(|problem| problem.to_string().rsplit_once("say ").unwrap().1.to_owned())
        };
        assert_eq!(hint("id,value\na,5\n").as_deref(), Some("--format csv"));
        assert_eq!(hint("a;b;c\n1;2,5;3\n").as_deref(), Some("--format csv --delimiter ';'"));
        assert_eq!(hint("id\tvalue").as_deref(), Some("--format tsv"));
        assert_eq!(hint("\"ID\",\"x\"\n\"a,b\",5\n").as_deref(), Some("--format csv"));
        for lines in [
            "",
            "hello\nid,value\n",
            "made by x, y\n{\"id\":1}\n",
            "a,\"b\":5}\n",
            "a,b\n1\n",
            "id\n5\n",
            "null\t\n\t1\n",
        ] {
            assert_eq!(hint(lines), None, "{lines}");
        }
    }
}
