//! Inputs that don't hold records as text: recognised by their first bytes, and reported with a name and a hint.

use crate::format::Format;
use clearpipe_model::field::Field;
use clearpipe_model::hint::{Hint, LikelyEncoding};
use clearpipe_model::problem::Problem;
use memchr::memchr;

/// How many bytes are enough to recognise a kind of file: the first block of a tar archive.
const NAMED: usize = 512;

/// What the beginning of an input shows.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// It may be text.
    Text,
    /// It is something else.
    Other(Problem),
    /// It contains zeros, which only occur in text in another encoding; `is_utf_16` is whether it looks like UTF-16.
    Zeros { problem: Problem, is_utf_16: bool },
    /// More bytes are needed.
    TooShort,
}

/// A kind of file: the bytes it begins with, its name, and a hint.
type Kind = (&'static [u8], &'static str, Option<Hint>);

// A file that holds no records has no hint.
const CONVERT: Option<Hint> = Some(Hint::Convert);
const SAVE_AS_CSV: Option<Hint> = Some(Hint::SaveAsCsv);
const CONVERT_TO_UTF_8: Option<Hint> = Some(Hint::ConvertToUtf8);
const UNPACK: Option<Hint> = Some(Hint::Unpack);

static KINDS: &[Kind] = &[
    (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an old Office document, such as an Excel workbook (.xls)", SAVE_AS_CSV),
    (b"PAR1", "a Parquet file", CONVERT),
    (b"PARE", "an encrypted Parquet file", CONVERT),
    (b"ARROW1", "an Arrow file", CONVERT),
    (b"FEA1", "a Feather file", CONVERT),
    (b"\xFF\xFF\xFF\xFF", "an Arrow stream", CONVERT),
    (b"Obj\x01", "an Avro file", CONVERT),
    (b"ORC\x0A", "an ORC file", CONVERT),
    (b"ORC\x08", "an ORC file", CONVERT),
    (b"SQLite format 3\0", "a SQLite database", Some(Hint::ExportTable)),
    (b"\x89HDF\r\n\x1A\n", "an HDF5 file", CONVERT),
    (b"\x93NUMPY", "a NumPy array", CONVERT),
    (b"%PDF-", "a PDF document", None),
    (b"{\\rtf", "a rich text document", Some(Hint::SaveAsText)),
    (b"7z\xBC\xAF\x27\x1C", "a 7z archive", UNPACK),
    (b"Rar!\x1A\x07", "a RAR archive", UNPACK),
    (b"\x04\x22\x4D\x18", "compressed with LZ4", UNPACK),
    (b"\x1F\x9D", "compressed with compress (.Z)", UNPACK),
    (b"LZIP\x01", "compressed with lzip", UNPACK),
    (b"\xFF\x06\0\0sNaPpY", "compressed with Snappy", UNPACK),
    (b"\x89PNG", "a PNG image", None),
    (b"\xFF\xD8\xFF", "a JPEG image", None),
    (b"GIF87a", "a GIF image", None),
    (b"GIF89a", "a GIF image", None),
    (b"II*\0", "a TIFF image", None),
    (b"MM\0*", "a TIFF image", None),
    (b"\x7FELF", "a program", None),
    (b"\0asm", "a WebAssembly module", None),
    (b"\xCA\xFE\xBA\xBE", "a program", None),
    (b"\xFF\xFE\0\0", "text in UTF-32", CONVERT_TO_UTF_8),
    (b"\0\0\xFE\xFF", "text in UTF-32", CONVERT_TO_UTF_8),
];

/// Recognises the kind of an input by its first line, looking at no more than `longest` bytes and [`Format::SNIFF`].
pub(super) fn look(bytes: &[u8], longest: usize, at_end: bool) -> Content {
    let longest = longest.min(Format::SNIFF);
    let bytes = &bytes[..bytes.len().min(longest)];
    let at_end = at_end || bytes.len() == longest;
    let start = bytes.trim_ascii_start();
    match start.first() {
        // The usual beginning of JSON is unambiguous; `{\rtf` takes more bytes to rule out.
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
    if let Some((_, what, hint)) = kind {
        return other(what, hint.clone());
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
            other("a web page (HTML), perhaps an error message instead of the data", None)
        }
        () if lowercase.starts_with(b"<?xml") => other("XML", CONVERT),
        () => Content::Text,
    }
}

/// Reports a file that doesn't hold records as text.
fn other(what: &str, hint: Option<Hint>) -> Content {
    let text = format!("the input is {what}");
    Content::Other(match hint {
        Some(hint) => Problem::input("", text).with_hint(hint),
        None => Problem::input("", text + "; there are no records in it"),
    })
}

/// Recognises a zip archive by the names of its first files.
fn zip(bytes: &[u8]) -> Content {
    let has = |text: &str| memchr::memmem::find(bytes, text.as_bytes()).is_some();
    let (what, hint) = if has("oasis.opendocument.spreadsheet") {
        ("a spreadsheet (.ods)", SAVE_AS_CSV)
    } else if has("[Content_Types].xml") || has("xl/") || has("_rels/.rels") {
        ("a spreadsheet such as an Excel workbook (.xlsx), or another Office document", SAVE_AS_CSV)
    } else {
        ("a zip archive", UNPACK)
    };
    other(what, hint)
}

/// Recognises data that contains zeros.
fn zeros(bytes: &[u8]) -> Content {
    let zeros_at = |parity| bytes.iter().skip(parity).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros_at(0), zeros_at(1));
    let half = bytes.len() / 2;
    // In UTF-16 text, most bytes of one half are zero, and none of the other half.
    let encoding = match () {
        () if even == 0 && 4 * odd > half => Some(LikelyEncoding::Utf16Le),
        () if odd == 0 && 4 * even > half => Some(LikelyEncoding::Utf16Be),
        () => None,
    };
    let text = "the input is not text: it has bytes that are zero (NUL)";
    let problem = match encoding {
        Some(encoding) => Problem::input("input.encoding", text).with_hint(Hint::SetEncoding { encoding }),
        None => Problem::input("", format!("{text}; JSON Lines and CSV have none")),
    };
    Content::Zeros { problem, is_utf_16: encoding.is_some() }
}

/// Reports an input that should be JSON Lines but looks like a table, judging by its first two lines. Returns `Err` if
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
    // The remains of a damaged object contain one of these.
    if header.iter().any(|byte| b"{}[]:\\".contains(byte)) {
        return Ok(None);
    }
    let count = |line: &[u8], delimiter: u8| line.iter().filter(|byte| **byte == delimiter).count();
    let delimiter = *b",;\t|".iter().rev().max_by_key(|delimiter| count(header, **delimiter)).unwrap_or(&b',');
    // Tabs around a value are whitespace.
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
    let hint = Hint::ReadAsTable { delimiter: delimiter.into() };
    let text = "the input is not JSON but looks like a table";
    Ok(is_table.then(|| Problem::input("input.format", text).with_hint(hint)))
}

/// Returns whether a cell is the name of a field.
fn is_field(cell: &[u8]) -> bool {
    let cell = cell.trim_ascii();
    let cell = cell.strip_prefix(b"\"").and_then(|cell| cell.strip_suffix(b"\"")).unwrap_or(cell);
    Field::ALL.iter().any(|field| cell.eq_ignore_ascii_case(field.as_str().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recognises the whole input; the answer must not depend on how it grows.
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

    fn named(bytes: &[u8]) -> (String, Option<Hint>) {
        match content(&[bytes, &[b'x'; 600]].concat()) {
            Content::Other(problem) | Content::Zeros { problem, .. } => (problem.to_string(), problem.hint().cloned()),
            other => panic!("{other:?}: {}", bytes.escape_ascii()),
        }
    }

    #[test]
    fn other_files_are_named() {
        for (bytes, what, hint) in [
            (
                &b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0\x0A\x0D\x0A\0\0\0\0\0\0\0\0\0\x13\0\0\0[Content_Types].xml"[..],
                ".xlsx",
                SAVE_AS_CSV,
            ),
            (b"PK\x03\x04\x14\0\0\x08\0\0mimetypeapplication/vnd.oasis.opendocument.spreadsheet", ".ods", SAVE_AS_CSV),
            (b"PK\x03\x04\x14\0\0\x08\0\0data.csv", "a zip archive", UNPACK),
            (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", ".xls", SAVE_AS_CSV),
            (b"PAR1\x15\0", "a Parquet file", CONVERT),
            (b"SQLite format 3\0", "a SQLite database", Some(Hint::ExportTable)),
            (b"%PDF-1.7\n", "a PDF document; there are no records in it", None),
            (b"\x89PNG\r\n\x1a\n\0", "a PNG image", None),
            (b"\x1f\x9d\x90", "compress (.Z)", UNPACK),
            (b"{\\rtf1\\ansi", "a rich text document", Some(Hint::SaveAsText)),
            (b"<!DOCTYPE HTML>\n<html>", "a web page", None),
            (b"\n <html lang=\"en\">\n", "a web page", None),
            (b"<?xml version=\"1.0\"?>\n", "the input is XML", CONVERT),
            (b"a\0b\0c\0d\0e\0f\0g\0h", "bytes that are zero (NUL); JSON Lines and CSV have none", None),
            (b"\0\0\0\0", "bytes that are zero (NUL)", None),
        ] {
            let (sentence, found) = named(bytes);
            assert!(sentence.contains(what), "{sentence}");
            assert_eq!(found, hint, "{sentence}");
        }
        let mut tar = vec![0; 1024];
        tar[..8].copy_from_slice(b"data.csv");
        tar[257..262].copy_from_slice(b"ustar");
        assert_eq!(content(&tar), other("a tar archive", UNPACK));
        let cyrillic: Vec<u8> = "имя,id,x\n1,2,3\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let Content::Zeros { problem, is_utf_16: true } = content(&cyrillic) else { panic!("it is UTF-16") };
        assert_eq!(problem.hint(), Some(&Hint::SetEncoding { encoding: LikelyEncoding::Utf16Le }));
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
            whole.map(|problem| problem.hint().cloned())
        };
        for (input, delimiter) in [
            ("id,value\na,5\n", ','),
            ("a;b;c\n1;2,5;3\n", ';'),
            ("id\tvalue", '\t'),
            ("\"ID\",\"x\"\n\"a,b\",5\n", ','),
        ] {
            assert_eq!(hint(input), Some(Some(Hint::ReadAsTable { delimiter })), "{input}");
        }
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
