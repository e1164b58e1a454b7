//! The formats of an input, and how they are detected.

use super::json_scanner::{Scan, ValueScanner};
use super::line_ends::LineEnds;
use crate::compression::Compression;
use clearpipe_model::text::shortened;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Format of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Format {
    /// By the extension of the file or, if it has no known one, by the first line: JSON Lines if it begins with `{` or
    /// `[`, TSV if it has more tabs than commas, and CSV otherwise.
    #[default]
    Auto,
    /// JSON Lines: one object per line.
    Jsonl,
    /// A table with a header; cells are separated by commas, or by `delimiter`.
    Csv,
    /// A table with a header; cells are separated by tabs.
    Tsv,
}

impl Format {
    /// All formats.
    pub const ALL: [Format; 4] = [Format::Auto, Format::Jsonl, Format::Csv, Format::Tsv];

    /// Returns the format of a file with this name, by its extension, ignoring case and any extension for compressed
    /// files after it (`.gz`, `.zst`, `.bz2`, `.xz`). `None` if the name doesn't determine it.
    pub fn of_name(name: &str) -> Option<Format> {
        let name = Compression::strip_extensions(name).to_ascii_lowercase();
        match name.rsplit_once('.')?.1 {
            "jsonl" | "ndjson" | "json" => Some(Format::Jsonl),
            "csv" => Some(Format::Csv),
            "tsv" | "tab" => Some(Format::Tsv),
            _ => None,
        }
    }

    /// Returns its name in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Auto => "auto",
            Format::Jsonl => "jsonl",
            Format::Csv => "csv",
            Format::Tsv => "tsv",
        }
    }

    /// Detects the format of an input that begins with `bytes` and has these line endings by its first line that isn't
    /// blank. `None` if more bytes are needed, which never happens if there are [`Format::SNIFF`] or they are all
    /// (`at_end`). `bytes` should not begin with a blank line, or `None` becomes frequent; see [`blank_line`].
    pub(super) fn of_content(bytes: &[u8], ends: LineEnds, at_end: bool) -> Option<Format> {
        let bytes = &bytes[..bytes.len().min(Self::SNIFF)];
        let at_end = at_end || bytes.len() == Self::SNIFF;
        match bytes.iter().find(|byte| !b" \t\r\n".contains(byte)) {
            Some(b'{' | 0x1E) => return Some(Format::Jsonl),
            Some(b'[') => match is_array(bytes, ends, at_end) {
                Some(true) => return Some(Format::Jsonl),
                Some(false) => {}
                None => return None,
            },
            Some(_) => {}
            None if at_end => return Some(Format::Jsonl),
            None => return None,
        }
        let line = match ends.find(bytes) {
            Some(end) => &bytes[..end],
            None if at_end => bytes,
            None => return None,
        };
        let count = |wanted| memchr::memchr_iter(wanted, line).count();
        Some(if count(b'\t') > count(b',') { Format::Tsv } else { Format::Csv })
    }

    /// How many bytes of the first line are examined to detect a format.
    pub(super) const SNIFF: usize = 4096;
}

/// Returns whether an input that begins with a bracket is a JSON array; some programs write the names in a table's
/// header in brackets. `None` if more bytes are needed.
fn is_array(bytes: &[u8], ends: LineEnds, at_end: bool) -> Option<bool> {
    let bytes = bytes.trim_ascii_start();
    // No header begins like this, so what is broken later is a broken array.
    if bytes.get(1..).is_some_and(|inside| inside.trim_ascii_start().starts_with(b"{")) {
        return Some(true);
    }
    let line_end = ends.find(bytes);
    let line = &bytes[..line_end.unwrap_or(bytes.len())];
    match ValueScanner::new().scan(line) {
        Scan::Wrong { .. } => Some(false),
        Scan::GoesOn => (line_end.is_some() || at_end).then_some(true),
        Scan::Ends(length) => match line[length..].trim_ascii_start().first() {
            None => (line_end.is_some() || at_end).then_some(true),
            Some(behind) => Some(!b",;\t|".contains(behind)),
        },
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Format {
    type Err = String;

    /// Parses a name.
    ///
    /// # Errors
    /// A sentence that names the available formats.
    fn from_str(name: &str) -> Result<Format, String> {
        Format::ALL
            .into_iter()
            .find(|format| format.as_str() == name)
            .ok_or_else(|| format!("there is no format `{}`; the formats are auto, jsonl, csv, tsv", shortened(name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_tells_the_format() {
        for (name, format) in [
            ("x.csv.gz", Some(Format::Csv)),
            ("x.CSV.ZST", Some(Format::Csv)),
            ("x.jsonl.bz2", Some(Format::Jsonl)),
            ("x.tsv.xz", Some(Format::Tsv)),
            ("x.csv.gz.gz", Some(Format::Csv)),
            ("dir.csv/x.tsv", Some(Format::Tsv)),
            ("a.b.jsonl", Some(Format::Jsonl)),
            ("x.ndjson", Some(Format::Jsonl)),
            ("x.json", Some(Format::Jsonl)),
            ("x.gz", None),
            ("csv", None),
            ("x.txt", None),
            ("", None),
        ] {
            assert_eq!(Format::of_name(name), format, "{name}");
        }
    }

    #[test]
    fn the_first_line_tells_the_format() {
        let of_content = |bytes: &[u8], at_end| Format::of_content(bytes, LineEnds::LineFeeds, at_end);
        for (content, format) in [
            ("{\"id\"", Some(Format::Jsonl)),
            ("  [1]", None),
            ("  [1]\n", Some(Format::Jsonl)),
            ("[{\"id\":1},\n", Some(Format::Jsonl)),
            ("[{", Some(Format::Jsonl)),
            ("[ {\"id\":1} {\"id\":2}]\n", Some(Format::Jsonl)),
            ("[\n", Some(Format::Jsonl)),
            ("[id],[value]\n", Some(Format::Csv)),
            ("[sensor id]\t[value]\n", Some(Format::Tsv)),
            ("id,value", None),
            ("id,value\n", Some(Format::Csv)),
            ("id\tvalue\n", Some(Format::Tsv)),
            ("value\n", Some(Format::Csv)),
            ("", None),
        ] {
            assert_eq!(of_content(content.as_bytes(), false), format, "{content}");
        }
        assert_eq!(of_content(b"id,value", true), Some(Format::Csv));
        assert_eq!(of_content(b"", true), Some(Format::Jsonl));
        assert_eq!(of_content(&b"a\t".repeat(5000), false), Some(Format::Tsv));
        assert_eq!(Format::of_content(b"id,value\r\t\t", LineEnds::Any, false), Some(Format::Csv));
    }

    #[test]
    fn names_read_back() {
        for format in Format::ALL {
            assert_eq!(format.to_string().parse(), Ok(format));
            assert_eq!(serde_json::to_string(&format).unwrap(), format!("\"{format}\""));
        }
        assert!("xml".parse::<Format>().unwrap_err().contains("auto, jsonl, csv, tsv"));
    }
}
