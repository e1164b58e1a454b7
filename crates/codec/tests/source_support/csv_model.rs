//! A model of CSV, as simple as possible.

use super::json_model::{ModelRecord, free_name, members, reserved_names};
use clearpipe_codec::jsonl::OUTCOME_FIELDS;
use clearpipe_codec::{InputOptions, Origin};
use clearpipe_model::field::Field;

/// Where a row ends within the given bytes.
pub enum RowEnd {
    /// Its last byte is before the line ending at this position.
    At(usize),
    /// At the end of its first line, since there is text after a closing quote.
    FirstLine,
    /// Not in these bytes; and whether their end is within quotes.
    Open { in_quotes: bool },
}

/// Looks for the end of the row, byte by byte.
pub fn row_end(bytes: &[u8], delimiter: u8, ends: Ends) -> RowEnd {
    let mut at = 0;
    let mut at_cell_start = true;
    while at < bytes.len() {
        match bytes[at] {
            byte if ends.is_end(byte) => return RowEnd::At(at),
            b'"' if at_cell_start => {
                at += 1;
                loop {
                    match (bytes.get(at), bytes.get(at + 1)) {
                        (None, _) => return RowEnd::Open { in_quotes: true },
                        (Some(b'"'), Some(b'"')) => at += 2,
                        (Some(b'"'), _) => break,
                        _ => at += 1,
                    }
                }
                at_cell_start = false;
                match &bytes[at + 1..] {
                    [] | [b'\r'] | [b'\r', b'\n', ..] => {}
                    [next, ..] if *next == delimiter || ends.is_end(*next) => {}
                    _ => return RowEnd::FirstLine,
                }
            }
            byte => at_cell_start = byte == delimiter,
        }
        at += 1;
    }
    RowEnd::Open { in_quotes: false }
}

/// The line endings.
#[derive(Clone, Copy, PartialEq)]
pub enum Ends {
    /// `\n` and `\r\n`.
    LineFeed,
    /// `\r` too.
    Any,
}

impl Ends {
    pub fn is_end(self, byte: u8) -> bool {
        byte == b'\n' || (self == Ends::Any && byte == b'\r')
    }

    /// Returns the first line without its ending, and the rest.
    pub fn first_line(self, bytes: &[u8]) -> (&[u8], &[u8]) {
        let end = bytes.iter().position(|byte| self.is_end(*byte)).unwrap_or(bytes.len());
        let line = &bytes[..end];
        match self {
            Ends::LineFeed => (line.strip_suffix(b"\r").unwrap_or(line), bytes.get(end + 1..).unwrap_or_default()),
            Ends::Any => match &bytes[end..] {
                [b'\r', b'\n', rest @ ..] | [_, rest @ ..] => (line, rest),
                [] => (line, &[]),
            },
        }
    }

    /// Returns how many lines end in these bytes.
    pub fn count(self, mut bytes: &[u8]) -> u64 {
        let mut count = 0;
        while bytes.iter().any(|byte| self.is_end(*byte)) {
            bytes = self.first_line(bytes).1;
            count += 1;
        }
        count
    }
}

/// Returns whether one of the next lines of a row would be a row by itself.
pub fn has_swallowed_rows(row: &[u8], delimiter: u8, ends: Ends, columns: usize, value: usize) -> bool {
    let mut rest = row;
    let mut lines = Vec::new();
    while rest.iter().any(|byte| ends.is_end(*byte)) {
        // One after the other, including an empty one within `\r\n`.
        let end = rest.iter().position(|byte| ends.is_end(*byte)).unwrap_or_default();
        rest = &rest[end + 1..];
        lines.push(ends.first_line(rest).0);
    }
    let looks_like_row = |line: &&[u8]| {
        let mut cells = vec![Vec::new()];
        // The cell that contains the quote that closes the one before.
        let mut closed_in = usize::MAX;
        let (mut in_quotes, mut at) = (false, 0);
        // Read both as a continuation after an opening quote, and as a row by itself.
        let is_closing = |at: usize| {
            let before = line[..at].iter().rev().take_while(|byte| **byte == b'"').count();
            let behind = line[at..].iter().take_while(|byte| **byte == b'"').count();
            (before + behind) % 2 == 1 && behind == 1
        };
        while let Some(&byte) = line.get(at) {
            let is_first = cells.last().is_some_and(Vec::is_empty);
            if byte == b'"' && is_closing(at) {
                closed_in = closed_in.min(cells.len() - 1);
            }
            match byte {
                b'"' if is_first && !in_quotes => in_quotes = true,
                b'"' if in_quotes && line.get(at + 1) == Some(&b'"') => {
                    cells.last_mut().expect("a cell").push(byte);
                    at += 1;
                    if is_closing(at) {
                        closed_in = closed_in.min(cells.len() - 1);
                    }
                }
                b'"' if in_quotes => in_quotes = false,
                _ if byte == delimiter && !in_quotes => {
                    cells.push(Vec::new());
                    at += 1;
                    continue;
                }
                _ => {}
            }
            cells.last_mut().expect("a cell").push(byte);
            at += 1;
        }
        (cells.len() == columns).then(|| {
            let cell = String::from_utf8_lossy(&cells[value]).into_owned();
            closed_in > value && matches!(field_text(3, &cell), Some(Some(_)))
        })
    };
    if columns < 2 {
        return false;
    }
    let count = lines.len();
    let looks: Vec<_> = lines.iter().map(looks_like_row).collect();
    let middle = |at: usize| at + 1 < count;
    // A line between the first and the last that is neither blank nor a row shows that this is a text.
    let is_text = (0..count.min(8)).any(|at| middle(at) && looks[at].is_none() && !lines[at].trim_ascii().is_empty());
    let rows = |at: usize| (0..at).filter(|&at| looks[at].is_some()).count();
    let counts = |at: usize| middle(at) || columns > 2 || rows(at) > 0;
    !is_text && (0..count.min(8)).any(|at| looks[at] == Some(true) && counts(at))
}

/// Returns the cells of a row; `None` if its quotes are wrong.
fn cells(row: &str, delimiter: char) -> Option<Vec<String>> {
    let mut cells = Vec::new();
    let mut letters = row.chars().peekable();
    loop {
        let mut cell = String::new();
        if letters.next_if_eq(&'"').is_some() {
            loop {
                match letters.next()? {
                    '"' if letters.next_if_eq(&'"').is_none() => break,
                    letter => cell.push(letter),
                }
            }
        } else {
            while let Some(letter) = letters.next_if(|letter| *letter != delimiter) {
                cell.push(letter);
            }
        }
        cells.push(cell);
        match letters.next() {
            None => return Some(cells),
            Some(letter) if letter == delimiter => {}
            Some(_) => return None,
        }
    }
}

/// What a column becomes.
#[derive(Clone, Debug, Default)]
struct Column {
    fields: Vec<usize>,
    extra: Option<String>,
    /// The cell without information, if there is one.
    silent: Option<&'static str>,
}

/// Invisible characters.
const INVISIBLE: &str = "\u{AD}\u{200B}\u{200C}\u{200D}\u{200E}\u{200F}\u{2060}\u{FEFF}";

fn is_space(letter: char) -> bool {
    letter.is_whitespace() || INVISIBLE.contains(letter)
}

/// Returns a name as it would be typed.
fn typed(name: &str) -> String {
    let name: String = name.chars().filter(|letter| !INVISIBLE.contains(*letter)).collect();
    let name = name.trim();
    let is_quoted = name.len() > 1
        && ["''", "\"\"", "``"].iter().any(|quotes| name.starts_with(&quotes[..1]) && name.ends_with(&quotes[1..]));
    if is_quoted { name[1..name.len() - 1].trim().to_owned() } else { name.to_owned() }
}

/// The meaning of a table.
pub struct Table {
    delimiter: char,
    columns: Vec<Column>,
    constants: [Option<String>; 6],
    numbers_rows: bool,
}

impl Table {
    /// Returns the meaning of a header; `None` if it doesn't fit.
    pub fn new(header: &[u8], delimiter: u8, options: &InputOptions) -> Option<Table> {
        let delimiter = char::from(delimiter);
        let names = cells(std::str::from_utf8(header).ok()?, delimiter)?;
        let names: Vec<&str> = names.iter().map(|name| name.trim_matches(is_space)).collect();
        let mut columns = vec![Column::default(); names.len()];
        let mut constants = [const { None }; 6];
        let mut gone = Vec::new();
        for (at, field) in Field::ALL.into_iter().enumerate() {
            let wanted = match options.map.get(field) {
                Some(Origin::Constant(text)) => {
                    constants[at] = Some(text.clone());
                    gone.push(field.as_str());
                    continue;
                }
                Some(Origin::Column(name)) => {
                    gone.push(field.as_str());
                    name
                }
                None => field.as_str(),
            };
            let mut found: Vec<usize> = (0..names.len()).filter(|at| names[*at] == wanted).collect();
            if found.is_empty() && options.map.get(field).is_some() {
                found = (0..names.len()).filter(|at| typed(names[*at]) == typed(wanted)).collect();
            }
            match found[..] {
                [one] => columns[one].fields.push(at),
                [] if options.map.get(field).is_none() => {}
                _ => return None,
            }
        }
        let has_id = constants[0].is_some() || columns.iter().any(|column| column.fields.contains(&0));
        let free: Vec<usize> = (0..names.len()).filter(|at| columns[*at].fields.is_empty()).collect();
        let is_id = |name: &str| {
            let letters: String = name.chars().filter(|letter| letter.is_alphanumeric()).collect();
            letters.to_lowercase() == "id"
        };
        if free.iter().any(|at| gone.contains(&names[*at]) || (!has_id && is_id(names[*at]))) {
            return None;
        }
        // A first row of data instead of names.
        let is_datum = |cell: &&str| {
            matches!(field_text(3, cell), Some(Some(_))) && cell.trim().len() == cell.len()
                || cell.len() >= 10
                    && cell
                        .bytes()
                        .zip(*b"0000-00-00")
                        .all(|(byte, shape)| if shape == b'0' { byte.is_ascii_digit() } else { byte == shape })
        };
        let is_field = |name: &&str| {
            let plain =
                |name: &str| name.chars().filter(|letter| letter.is_alphanumeric()).collect::<String>().to_lowercase();
            Field::ALL.iter().any(|field| plain(field.as_str()) == plain(name))
        };
        if free.len() == names.len() && names.len() > 1 && names.iter().any(is_datum) && !names.iter().any(is_field) {
            return None;
        }
        let is_own = ["status", "processed_at", "anomaly_score", "is_anomaly"]
            .iter()
            .all(|name| free.iter().any(|at| names[*at] == *name));
        let mut taken = reserved_names();
        taken.extend(free.iter().map(|at| names[*at].to_owned()));
        for at in &free {
            let name = names[*at];
            let is_outcome = OUTCOME_FIELDS.contains(&name);
            let is_first = names.iter().position(|other| *other == name) == Some(*at);
            columns[*at].silent = is_outcome.then_some(if name == "status" { "raw" } else { "" });
            columns[*at].extra = match name {
                _ if is_outcome && is_own => None,
                _ if is_outcome => Some(free_name(&format!("input_{name}"), &mut taken)),
                "" => Some(free_name(&format!("column_{}", at + 1), &mut taken)),
                _ if is_first => Some(name.to_owned()),
                _ => Some(free_name(name, &mut taken)),
            };
        }
        Some(Table { delimiter, columns, constants, numbers_rows: !has_id })
    }

    /// Returns how many columns there are, and which one is the value.
    pub fn shape(&self) -> Option<(usize, usize)> {
        let value = self.columns.iter().position(|column| column.fields.contains(&3))?;
        Some((self.columns.len(), value))
    }

    /// Parses a row; `None` if it can't be parsed.
    pub fn record(&self, row: &[u8], number: u64) -> Option<ModelRecord> {
        let cells = cells(std::str::from_utf8(row).ok()?, self.delimiter)?;
        if cells.len() != self.columns.len() {
            return None;
        }
        let mut record = ModelRecord::default();
        for (cell, column) in cells.iter().zip(&self.columns) {
            for &field in &column.fields {
                record.fields[field] = field_text(field, cell)?;
            }
            let says_nothing = column.silent.is_some_and(|silent| cell.is_empty() || cell == silent);
            if let Some(name) = column.extra.as_ref().filter(|_| !says_nothing) {
                record.extra.push((quoted(name), quoted(cell)));
            }
        }
        for (at, constant) in self.constants.iter().enumerate() {
            if let Some(text) = constant {
                record.fields[at] = field_text(at, text)?;
            }
        }
        if self.numbers_rows {
            record.fields[0] = Some(quoted(&format!("row-{}", number + 1)));
        }
        Some(record)
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a string is JSON")
}

/// Returns a field as JSON; `Some(None)` if it is absent, `None` if it is wrong.
fn field_text(field: usize, text: &str) -> Option<Option<String>> {
    if Field::ALL[field] != Field::Value {
        return Some((!text.is_empty()).then(|| quoted(text)));
    }
    let text = text.trim_matches([' ', '\t', '\n', '\r', '\x0C']);
    if text.is_empty() {
        return Some(None);
    }
    let number: f64 = text.parse().ok()?;
    if !number.is_finite() || text.contains(char::is_alphabetic) && !text.contains(['e', 'E']) {
        return None;
    }
    if members(&format!("{{\"a\":{text}}}")).is_some() {
        return Some(Some(text.to_owned()));
    }
    Some(Some(as_json(text)))
}

/// Converts a number to JSON. It keeps its digits; only what JSON forbids is removed, and only what it requires is
/// added.
fn as_json(text: &str) -> String {
    let (sign, mut digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits.to_owned()),
        None => ("", text.trim_start_matches('+').to_owned()),
    };
    if digits.starts_with('.') {
        digits.insert(0, '0');
    }
    while digits.starts_with('0') && digits[1..].starts_with(|next: char| next.is_ascii_digit()) {
        digits.remove(0);
    }
    if let Some(point) = digits.find('.')
        && !digits[point + 1..].starts_with(|next: char| next.is_ascii_digit())
    {
        digits.remove(point);
    }
    sign.to_owned() + &digits
}
