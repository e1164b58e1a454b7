//! A model of JSON that isn't JSON Lines, as simple as possible.

use super::csv_model::Ends;
use super::model::{Expected, MARK};

/// The layout of JSON.
pub enum Layout {
    Lines,
    Framed,
    /// It isn't JSON, or its elements aren't objects.
    Refused,
}

/// Returns the layout of an input, examining no more than the longest record.
pub fn layout(input: &[u8], ends: Ends, max_line: usize) -> Layout {
    let start = space(input);
    if start > max_line {
        return Layout::Lines;
    }
    let all = &input[start..];
    let window = &all[..all.len().min(max_line + 1)];
    let first_line = window.split(|byte| ends.is_end(*byte)).next().unwrap_or_default();
    let has_more_lines = first_line.len() < window.len();
    match window.first() {
        Some(0x1E) => Layout::Framed,
        Some(b'[') => {
            let inside = window[1..].trim_ascii_start();
            let is_literal = [&b"null"[..], b"true", b"false"].iter().any(|word| {
                let rest = inside.strip_prefix(*word);
                rest.is_some_and(|rest| !rest.first().is_some_and(u8::is_ascii_alphanumeric))
            });
            match inside.first() {
                None | Some(b'{' | b']') => Layout::Framed,
                Some(first) if !(is_literal || matches!(first, b'[' | b'"' | b'-' | b'0'..=b'9')) => or_table(all),
                Some(_)
                    if inside.len() + first_line.len() <= window.len()
                        || matches!(value(first_line, 0), Err(Wrong::TooShort)) =>
                {
                    Layout::Refused
                }
                Some(_) => or_table(all),
            }
        }
        Some(b'{') => {
            // Whitespace of JSON: a form feed makes it a damaged line.
            let is_alone = has_more_lines && first_line[1..].iter().all(|byte| b" \t\r\n".contains(byte));
            match value(window, 0) {
                Ok(end) if end > first_line.len() => Layout::Framed,
                Ok(end) => match first_line[end..].trim_ascii_start().first() {
                    Some(b'{' | b'[' | 0x1E) => Layout::Framed,
                    _ => or_table(all),
                },
                _ if is_alone => Layout::Framed,
                Err(Wrong::TooShort) if has_more_lines => {
                    let line = window[first_line.len()..].trim_ascii_start();
                    let line = line.split(|byte| ends.is_end(*byte)).next().unwrap_or_default().trim_ascii_end();
                    let is_whole = line.starts_with(b"{") && matches!(value(line, 0), Ok(end) if end == line.len());
                    if line.is_empty() || is_whole { or_table(all) } else { Layout::Framed }
                }
                Err(_) => or_table(all),
            }
        }
        _ => or_table(all),
    }
}

/// Returns JSON Lines, unless the first two lines look like a table.
fn or_table(input: &[u8]) -> Layout {
    let window = &input[..input.len().min(4096)];
    let mut lines = window.split(|byte| b"\r\n".contains(byte)).filter(|line| !line.trim_ascii().is_empty());
    let Some(header) = lines.next().filter(|line| !line.iter().any(|byte| b"{}[]:\\".contains(byte))) else {
        return Layout::Lines;
    };
    let count = |line: &[u8], delimiter| line.iter().filter(|byte| **byte == delimiter).count();
    let most = b",;\t|".iter().map(|delimiter| count(header, *delimiter)).max().unwrap_or_default();
    let Some(&delimiter) = b",;\t|".iter().find(|delimiter| count(header, **delimiter) == most) else {
        return Layout::Lines;
    };
    // Tabs around a value are whitespace.
    if count(header.trim_ascii(), delimiter) == 0 {
        return Layout::Lines;
    }
    let row = lines.next();
    let is_named = header.split(|byte| *byte == delimiter).any(|cell| {
        let cell = String::from_utf8_lossy(cell).trim().to_ascii_lowercase();
        let cell = cell.strip_prefix('"').and_then(|cell| cell.strip_suffix('"')).unwrap_or(&cell);
        ["id", "timestamp", "sensor_id", "value", "unit", "location"].contains(&cell)
    });
    match row {
        Some(row) if matches!(row.trim_ascii_start(), [b'{' | b'[', ..]) => Layout::Lines,
        Some(row) if count(row, delimiter) == most || is_named => Layout::Refused,
        None if is_named => Layout::Refused,
        _ => Layout::Lines,
    }
}

/// Returns whether a line that begins with a bracket is an array, the beginning of one, or a broken array of objects.
pub fn is_array(line: &[u8]) -> bool {
    if line[1..].trim_ascii_start().starts_with(b"{") {
        return true;
    }
    match value(line, 0) {
        Ok(end) => !line[end..].trim_ascii_start().first().is_some_and(|byte| b",;\t|".contains(byte)),
        Err(Wrong::TooShort) => true,
        Err(Wrong::Here) => false,
    }
}

/// Returns the records of a whole input.
pub fn records(input: &[u8], first_line: u64, ends: Ends, max_line: usize) -> Result<Vec<Expected>, ()> {
    let mut records = Vec::new();
    let mut at = 0;
    let mut take = |at: &mut usize| -> Result<(), ()> {
        let end = value(input, *at).or_else(|wrong| match (wrong, is_word(input[*at])) {
            (Wrong::TooShort, true) => Ok(input.len()),
            _ => Err(()),
        })?;
        let line = first_line + ends.count(&input[..*at]);
        records.push(Expected::framed(&input[*at..end], line, max_line));
        *at = end;
        Ok(())
    };
    loop {
        at += space(&input[at..]);
        match input.get(at) {
            None => break,
            Some(0x1E) => at += 1,
            Some(b'{') => take(&mut at)?,
            Some(b'[') => {
                at += 1;
                at += space(&input[at..]);
                if input.get(at) == Some(&b']') {
                    at += 1;
                    continue;
                }
                loop {
                    at += space(&input[at..]);
                    if input.get(at).is_none_or(|byte| b",]}:".contains(byte)) {
                        return Err(());
                    }
                    take(&mut at)?;
                    at += space(&input[at..]);
                    at += 1;
                    match input.get(at - 1) {
                        Some(b',') => {}
                        Some(b']') => break,
                        _ => return Err(()),
                    }
                }
            }
            Some(_) => return Err(()),
        }
    }
    Ok(records)
}

/// Returns the length of leading whitespace and byte order marks.
fn space(input: &[u8]) -> usize {
    let mut at = 0;
    loop {
        match &input[at..] {
            [b' ' | b'\t' | b'\r' | b'\n', ..] => at += 1,
            rest if rest.starts_with(MARK) => at += MARK.len(),
            _ => return at,
        }
    }
}

enum Wrong {
    TooShort,
    Here,
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+-._".contains(&byte)
}

/// Returns the end of the value that begins at `at`. A word that extends to the end is too short: more of it may
/// follow.
fn value(input: &[u8], at: usize) -> Result<usize, Wrong> {
    // The open values: what closes each, and whether a key, a value, a comma or the end comes next.
    let mut open = Vec::new();
    let mut at = at;
    let skip = |at: &mut usize| *at += input[*at..].iter().take_while(|byte| b" \t\r\n".contains(byte)).count();
    let string = |at: &mut usize| {
        *at += 1;
        loop {
            match input.get(*at) {
                None => return Err(Wrong::TooShort),
                Some(b'"') => break,
                Some(b'\\') => *at += 2,
                Some(_) => *at += 1,
            }
        }
        *at += 1;
        Ok(())
    };
    let key = |at: &mut usize| {
        skip(at);
        match input.get(*at) {
            None => return Err(Wrong::TooShort),
            Some(b'"') => string(at)?,
            Some(_) => return Err(Wrong::Here),
        }
        skip(at);
        match input.get(*at) {
            None => Err(Wrong::TooShort),
            Some(b':') => {
                *at += 1;
                Ok(())
            }
            Some(_) => Err(Wrong::Here),
        }
    };
    loop {
        skip(&mut at);
        match *input.get(at).ok_or(Wrong::TooShort)? {
            opening @ (b'{' | b'[') => {
                let close = opening + 2;
                at += 1;
                skip(&mut at);
                if *input.get(at).ok_or(Wrong::TooShort)? == close {
                    at += 1;
                } else {
                    open.push(close);
                    if opening == b'{' {
                        key(&mut at)?;
                    }
                    continue;
                }
            }
            b'"' => string(&mut at)?,
            byte if is_word(byte) => {
                at += input[at..].iter().take_while(|byte| is_word(**byte)).count();
                if at == input.len() {
                    return Err(Wrong::TooShort);
                }
            }
            _ => return Err(Wrong::Here),
        }
        // After a value.
        loop {
            let Some(&close) = open.last() else { return Ok(at) };
            skip(&mut at);
            let byte = *input.get(at).ok_or(Wrong::TooShort)?;
            at += 1;
            if byte == close {
                open.pop();
            } else if byte != b',' {
                return Err(Wrong::Here);
            } else if close == b'}' {
                key(&mut at)?;
                break;
            } else {
                break;
            }
        }
    }
}
