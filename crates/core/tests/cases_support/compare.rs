//! Compares results with those that a case expects.

use super::case::{Case, Expected, ExpectedMetrics, Files, Refusal};
use super::engine::{Found, Ran};
use clearpipe_codec::Compression;
use clearpipe_core::metrics::{FirstFailed, Metrics};

/// Compares the results with the expected ones.
///
/// # Errors
/// Returns a description of the first difference.
pub fn compare(case: &Case, expected: &Expected, found: &Found) -> Result<(), String> {
    match (expected, found) {
        (Expected::Error(expected), Found::Error(found)) if expected == found => Ok(()),
        (Expected::Error(expected), Found::Error(found)) => {
            let texts = |refusal: &Refusal| format!("{}\n{:#?}", refusal.message, refusal.hints);
            let (expected, found) = (texts(expected), texts(found));
            Err(format!("another error than in error.txt and hints.json\nexpected: {expected}\n   found: {found}"))
        }
        (Expected::Error(expected), Found::Ran(_)) => Err(format!("no error, but expected was: {}", expected.message)),
        (Expected::Results { .. }, Found::Error(error)) => {
            Err(format!("an error instead of results: {}", error.message))
        }
        (Expected::Results { files, metrics }, Found::Ran(ran)) => {
            compare_files(case, files, &ran.files)?;
            compare_metrics(metrics, &ExpectedMetrics::from(&ran.metrics))?;
            check_run(case, ran)
        }
    }
}

fn compare_files(case: &Case, expected: &Files, found: &Files) -> Result<(), String> {
    match (expected, found) {
        (Files::Bytes { processed, failed }, Files::Bytes { processed: found_processed, failed: found_failed }) => {
            let is_ordered = case.config.ordered;
            compare_lines("processed.jsonl", is_ordered, processed, found_processed)?;
            compare_lines("failed.jsonl", is_ordered, failed, found_failed)
        }
        _ if expected == found => Ok(()),
        _ => Err(format!("the files have other hashes\nexpected: {expected:?}\n   found: {found:?}")),
    }
}

/// Compares two files byte for byte or, if they aren't ordered, by their sorted lines.
fn compare_lines(name: &str, is_ordered: bool, expected: &[u8], found: &[u8]) -> Result<(), String> {
    let lines = |bytes| {
        let mut lines: Vec<&[u8]> = <[u8]>::split_inclusive(bytes, |&byte| byte == b'\n').collect();
        if !is_ordered {
            lines.sort_unstable();
        }
        lines
    };
    let (expected, found) = (lines(expected), lines(found));
    let most = expected.len().max(found.len());
    let Some(at) = (0..most).find(|&at| expected.get(at) != found.get(at)) else { return Ok(()) };
    let sorted = if is_ordered { "" } else { " of the sorted lines" };
    let (expected, found) = (expected.get(at).copied(), found.get(at).copied());
    let column = expected.zip(found).map_or(0, |(expected, found)| common(expected, found));
    let column = if column > 0 { format!(", byte {}", column + 1) } else { String::new() };
    Err(format!("{name}, line {}{sorted}{column}\nexpected: {}\n   found: {}", at + 1, shown(expected), shown(found)))
}

/// Returns the length of the common prefix.
fn common(one: &[u8], other: &[u8]) -> usize {
    one.iter().zip(other).take_while(|(one, other)| one == other).count()
}

/// Formats a line for a message.
fn shown(line: Option<&[u8]>) -> String {
    const MAX_CHARS: usize = 2000;
    let Some(line) = line else { return "(no line)".to_owned() };
    let text: String = String::from_utf8_lossy(line.strip_suffix(b"\n").unwrap_or(line)).into_owned();
    let newline = if line.ends_with(b"\n") { "" } else { " (no newline)" };
    match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}…{newline}", &text[..end]),
        None => text + newline,
    }
}

fn compare_metrics(expected: &ExpectedMetrics, found: &ExpectedMetrics) -> Result<(), String> {
    if expected == found {
        return Ok(());
    }
    let text = |metrics| serde_json::to_string(metrics).unwrap_or_default();
    Err(format!("other metrics\nexpected: {}\n   found: {}", text(expected), text(found)))
}

/// Returns whether the failed file has a line with this error, on this line of the input.
fn is_in(first: &FirstFailed, failed: &[u8]) -> bool {
    failed.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).any(|line| {
        let line: serde_json::Value = serde_json::from_slice(line).unwrap_or_default();
        let error = line["error"].as_str().unwrap_or_default();
        // A record that spans several lines begins before the position of its error.
        let is_named = |name| first.line.is_none_or(|at| line[name].as_u64().is_some_and(|begins| begins <= at));
        error.ends_with(&first.error) && (is_named("line") || is_named("input_line"))
    })
}

/// Checks what is true of every run.
fn check_run(case: &Case, ran: &Ran) -> Result<(), String> {
    let Ran { files, metrics } = ran;
    let Metrics { produced, processed, failed, failed_by_status, .. } = metrics;
    let check = |holds: bool, what: &str| if holds { Ok(()) } else { Err(format!("{what}: {metrics:?}")) };
    check(*produced == processed + failed, "a record is in no file or in two")?;
    check(*failed == failed_by_status.total(), "the failed don't add up")?;
    check(*failed == metrics.reasons.iter().map(|reason| reason.count).sum::<u64>(), "the reasons don't add up")?;
    // The case itself states the size of a compressed input.
    if case.inputs.iter().all(|(name, _)| Compression::of_name(name).is_none()) {
        let bytes = case.inputs.iter().map(|(_, bytes)| bytes.len() as u64).sum::<u64>();
        check(metrics.input_bytes == bytes, "not all of the input was read")?;
    }
    if let Files::Bytes { processed, failed } = files {
        check(metrics.processed_bytes == processed.len() as u64, "another length of the processed file")?;
        check(metrics.failed_bytes == failed.len() as u64, "another length of the failed file")?;
        for reason in &metrics.reasons {
            check(is_in(&reason.first, failed), "the failed file has no such reason")?;
        }
    }
    for channel in &metrics.channels {
        check(channel.highest_depth <= channel.capacity, "a channel exceeded its capacity")?;
        check(channel.depth == 0, "a channel is not empty")?;
    }
    Ok(())
}
