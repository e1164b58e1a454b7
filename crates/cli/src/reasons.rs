//! Why records failed, counted while their lines pass by on the way to the file.

use futures::io::AsyncWrite;
use std::collections::HashMap;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

/// So many lines are looked at; so the work, and the reasons to remember, are bounded.
const MOST_LINES: u64 = 10_000;

/// The reasons that were seen.
#[derive(Clone, Default)]
pub struct Reasons(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    counts: HashMap<String, Count>,
    lines: u64,
}

struct Count {
    count: u64,
    /// The order in which reasons were seen first.
    first: u64,
    first_line: Option<u64>,
}

/// A reason, and how often it was seen.
#[derive(Debug, PartialEq, Eq)]
pub struct Reason {
    /// The text of `error`, without the place in the input.
    pub text: String,
    /// How often.
    pub count: u64,
    /// The first line of the input that it is true of, if it is about lines.
    pub first_line: Option<u64>,
}

impl Reasons {
    /// Passes a file's lines on, and looks at them.
    pub fn watch(&self, out: Box<dyn AsyncWrite + Send + Unpin>) -> Box<dyn AsyncWrite + Send + Unpin> {
        Box::new(Watched { out, reasons: self.clone(), is_looking: true })
    }

    /// The most frequent reasons, of those with the same count the first that was seen; how many others there are; and
    /// how many lines were looked at.
    pub fn most_frequent(&self, most: usize) -> (Vec<Reason>, usize, u64) {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<_> = seen.counts.iter().collect();
        all.sort_by_key(|(_, count)| (std::cmp::Reverse(count.count), count.first));
        let others = all.len().saturating_sub(most);
        let reason = |(text, seen): (&String, &Count)| Reason {
            text: text.clone(),
            count: seen.count,
            first_line: seen.first_line,
        };
        (all.into_iter().take(most).map(reason).collect(), others, seen.lines)
    }

    /// Looks at lines; false if it has seen enough.
    fn look_at(&self, lines: &[u8]) -> bool {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for line in lines.split_inclusive(|&byte| byte == b'\n') {
            if seen.lines == MOST_LINES {
                return false;
            }
            seen.lines += 1;
            let first = seen.lines;
            if let Some(reason) = reason_of(line) {
                let (first_line, text) = without_place(&reason, &Place::of(line));
                match seen.counts.get_mut(text) {
                    Some(count) => count.count += 1,
                    None => drop(seen.counts.insert(text.to_owned(), Count { count: 1, first, first_line })),
                }
            }
        }
        true
    }
}

/// The text of `error` of a line of the failed file.
pub fn reason_of(line: &[u8]) -> Option<String> {
    /// Within a string the quotes would be escaped, so this can only be the key; and what the record brought along
    /// comes behind it.
    const KEY: &[u8] = b",\"error\":\"";
    let start = memchr::memmem::find(line, KEY)? + KEY.len();
    let text = &line[start..];
    let is_escaped = |at: usize| text[..at].iter().rev().take_while(|&&byte| byte == b'\\').count() % 2 == 1;
    let end = memchr::memchr_iter(b'"', text).find(|&at| !is_escaped(at))?;
    Some(clearpipe_model::json_text::unescape(&text[..end]).into_owned())
}

/// Where a line of the failed file says that it comes from.
#[derive(Default)]
struct Place {
    /// The input, if there are several. With a source field, the line names it elsewhere.
    file: Option<String>,
    /// The line.
    line: Option<u64>,
}

impl Place {
    /// These come first in a line. A record that could be read begins with its `id`.
    fn of(line: &[u8]) -> Place {
        let mut place = Place::default();
        let Some(mut rest) = line.strip_prefix(b"{") else { return place };
        if let Some(name) = rest.strip_prefix(b"\"file\":") {
            let mut strings = serde_json::Deserializer::from_slice(name).into_iter::<String>();
            place.file = strings.next().and_then(Result::ok);
            rest = name.get(strings.byte_offset()..).and_then(|rest| rest.strip_prefix(b",")).unwrap_or_default();
        }
        if let Some(number) = rest.strip_prefix(b"\"line\":") {
            let end = number.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(number.len());
            place.line = std::str::from_utf8(&number[..end]).ok().and_then(|number| number.parse().ok());
        }
        place
    }
}

/// Parts `line 5, column 3: no number`, or with several inputs `b.csv, line 5, column 3: no number`, so that what is
/// wrong with many lines is one reason.
fn without_place<'a>(reason: &'a str, place: &Place) -> (Option<u64>, &'a str) {
    let named = || match (&place.file, place.line) {
        (Some(file), _) => without_line(reason.strip_prefix(file.as_str())?.strip_prefix(", ")?),
        (None, Some(line)) => {
            let place = format!(", line {line}");
            reason
                .match_indices(&place)
                .find_map(|(at, _)| without_line(&reason[at + 2..]).filter(|(found, _)| *found == line))
        }
        (None, None) => None,
    };
    let parted = without_line(reason).or_else(named);
    parted.map_or((None, reason), |(line, text)| (Some(line), text))
}

fn without_line(reason: &str) -> Option<(u64, &str)> {
    let (place, text) = reason.strip_prefix("line ")?.split_once(": ")?;
    let (line, column) = place.split_once(", column ").unwrap_or((place, "1"));
    column.parse::<u64>().ok()?;
    Some((line.parse().ok()?, text))
}

struct Watched {
    out: Box<dyn AsyncWrite + Send + Unpin>,
    reasons: Reasons,
    is_looking: bool,
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.out).poll_write(context, bytes);
        if let Poll::Ready(Ok(length)) = written
            && self.is_looking
        {
            self.is_looking = self.reasons.look_at(&bytes[..length]);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.out).poll_flush(context)
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.out).poll_close(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_counted() {
        let reasons = Reasons::default();
        let line = |error: &str| {
            format!(
                "{{\"id\":\"\\\",\\\"error\\\":\\\"no\",\"status\":\"invalid\",\"error\":\"{error}\",\"error\":1}}\n"
            )
        };
        let lines = [line("b"), line("a \\\"x\\\" \\\\"), line("c"), line("c")].concat();
        assert!(reasons.look_at(lines.as_bytes()));
        let reason = |text: &str, count| Reason { text: text.to_owned(), count, first_line: None };
        assert_eq!(reasons.most_frequent(2), (vec![reason("c", 2), reason("b", 1)], 1, 4));
        assert_eq!(reasons.most_frequent(3).0[2], reason("a \"x\" \\", 1));
    }

    #[test]
    fn places_are_no_reasons() {
        let reasons = Reasons::default();
        for reason in ["line 7, column 3: no number", "line 9: no number", "line 8, column 1: no", "line: no"] {
            reasons.look_at(format!("{{,\"error\":\"{reason}\"}}\n").as_bytes());
        }
        let found = reasons.most_frequent(3).0;
        let reason = |text: &str, count, line| Reason { text: text.to_owned(), count, first_line: line };
        assert_eq!(found, [reason("no number", 2, Some(7)), reason("no", 1, Some(8)), reason("line: no", 1, None)]);
    }

    #[test]
    fn places_in_several_inputs_are_no_reasons() {
        let reasons = Reasons::default();
        for line in [
            r#"{"file":"b.jsonl","line":2,"status":"invalid","error":"b.jsonl, line 2: no number"}"#,
            r#"{"file":"a: \"b\".csv","line":12,"error":"a: \"b\".csv, line 12, column 3: no number"}"#,
            // With a source field.
            r#"{"line":3,"status":"invalid","error":"c, d: e.csv, line 3: no number","source":"c, d: e.csv"}"#,
            r#"{"line":3,"status":"invalid","error":"c.csv, line 33: no"}"#,
            r#"{"id":"line","status":"invalid","error":"c.csv, line 3: no"}"#,
        ] {
            reasons.look_at(format!("{line}\n").as_bytes());
        }
        let found = reasons.most_frequent(4).0;
        let reason = |text: &str, count, line| Reason { text: text.to_owned(), count, first_line: line };
        let others = ["c.csv, line 33: no", "c.csv, line 3: no"].map(|text| reason(text, 1, None));
        assert_eq!(found[0], reason("no number", 3, Some(2)));
        assert_eq!(found[1..], others);
    }

    #[test]
    fn it_stops_looking() {
        let reasons = Reasons::default();
        assert!(!reasons.look_at(&b",\"error\":\"x\"\n".repeat(MOST_LINES as usize + 1)));
        assert_eq!(
            reasons.most_frequent(3),
            (vec![Reason { text: "x".to_owned(), count: MOST_LINES, first_line: None }], 0, MOST_LINES)
        );
    }
}
