//! The header of a table: the names of its columns.

use super::csv_cells::{CellError, Cells};
use super::names::trimmed;
use clearpipe_model::hint::Hint;
use clearpipe_model::problem::Problem;
use clearpipe_model::text::{grouped, shortened};

/// Returns the names in the header, without surrounding spaces and invisible characters.
pub(super) fn column_names(header: &[u8], delimiter: u8) -> Result<Vec<String>, String> {
    // A header that isn't UTF-8 was reported before, with its likely encoding.
    let header = std::str::from_utf8(header)
        .map_err(|error| format!("the header is not UTF-8 (byte {})", grouped(error.valid_up_to() as u64 + 1)))?;
    let cells = Cells::new(header, delimiter).enumerate();
    let names = cells.map(|(index, cell)| match cell {
        Ok(cell) => Ok(trimmed(&cell.to_text()).to_owned()),
        Err(CellError::TextBehindQuote) => {
            Err(format!("the header's cell {} has text after its closing quote", index + 1))
        }
        Err(CellError::NeverClosed) => Err(format!("the header's cell {} has a quote that is never closed", index + 1)),
    });
    names.collect()
}

/// Lists the names of the columns for a message; if there are many, only the first of them.
pub(super) fn name_list(names: &[String]) -> String {
    const MAX_SHOWN: usize = 20;
    let shown: Vec<String> = names.iter().take(MAX_SHOWN).map(|name| shortened(name)).collect();
    let more = names.len() - shown.len();
    let more = if more > 0 { format!(", and {} more", grouped(more as u64)) } else { String::new() };
    shown.join(", ") + &more
}

/// Returns the hint for a header that looks like another format.
pub(super) fn other_format(header: &[u8], names: &[String]) -> Option<Problem> {
    let is_json = match header {
        [b'{', ..] => true,
        // Names may be in brackets, too.
        [b'[', inside @ ..] => {
            matches!(inside.trim_ascii_start().first(), None | Some(b'{' | b'[' | b'"' | b']' | b'-' | b'0'..=b'9'))
        }
        _ => false,
    };
    if is_json {
        return Some(Problem::input("input.format", "the header looks like JSON").with_hint(Hint::ReadAsJson));
    }
    if names.iter().any(|name| name.contains('\r')) {
        let text = "some lines end with a carriage return alone and others with a line feed";
        return Some(Problem::input("", text).with_hint(Hint::UnifyLineEnds));
    }
    let [name] = names else { return None };
    let delimiter = [',', ';', '\t', '|'].into_iter().find(|&delimiter| name.contains(delimiter))?;
    let problem = Problem::input("input.delimiter", "the header is one column only");
    Some(problem.with_hint(Hint::SetDelimiter { delimiter }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(header: &str) -> Vec<String> {
        column_names(header.as_bytes(), b',').unwrap()
    }

    #[test]
    fn names_stand_without_spaces() {
        assert_eq!(names("a, b c ,\" d,\"\"\",\"\","), ["a", "b c", "d,\"", "", ""]);
    }

    #[test]
    fn a_header_that_is_none() {
        let problem = |header: &[u8]| column_names(header, b',').unwrap_err();
        assert_eq!(problem(b"a,\"b"), "the header's cell 2 has a quote that is never closed");
        assert_eq!(problem(b"\"a\"b"), "the header's cell 1 has text after its closing quote");
        assert_eq!(problem(b"a,\xff"), "the header is not UTF-8 (byte 3)");
    }

    #[test]
    fn a_long_header_is_told_in_part() {
        let header: Vec<String> = (0..1030).map(|index| format!("c{index}")).collect();
        assert!(name_list(&header).ends_with("c18, c19, and 1,010 more"));
        assert_eq!(name_list(&header[..2]), "c0, c1");
    }

    #[test]
    fn another_format_is_recognised() {
        let hint = |header: &str| Some(other_format(header.as_bytes(), &names(header))?.hint()?.clone());
        for (header, expected) in [
            ("{\"id\":1}", Hint::ReadAsJson),
            ("id;value", Hint::SetDelimiter { delimiter: ';' }),
            ("id\tvalue", Hint::SetDelimiter { delimiter: '\t' }),
            ("id,a\rb,c", Hint::UnifyLineEnds),
        ] {
            assert_eq!(hint(header).unwrap(), expected);
        }
        assert_eq!(hint("value"), None);
        assert_eq!(hint("a;b,c"), None);
    }
}
