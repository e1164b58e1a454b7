//! `clearpipe events summary`: what is in a log, in a few lines.

use super::settings::{self, Change};
use super::{Log, not_whole, print_json};
use crate::failure::Failure;
use anyhow::Context;
use clearpipe_core::trace::EventKind;
use clearpipe_core::trace::read::{LogError, PartOfRun};
use clearpipe_core::trace::tables::Tables;
use clearpipe_io::text;
use serde::Serialize;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The totals of a run that are printed, by their names in its metrics.
const MEASURED: [&str; 5] = ["produced", "processed", "failed", "anomalies", "elapsed_seconds"];

/// What is printed, as JSON.
#[derive(Serialize)]
struct Output<'a> {
    format: u32,
    /// Which part of the run the log has; nothing if it has the whole run.
    part: Option<Part>,
    events: u64,
    first_ns: u64,
    last_ns: u64,
    /// What was measured of all records, traced or not; nothing if the log doesn't say.
    measured: Option<Map<String, Value>>,
    /// The settings that were changed while the run went on.
    changes: Vec<Change>,
    marks: Vec<Mark<'a>>,
    /// How many events there are of each kind.
    kinds: Map<String, Value>,
    channels: Vec<Channel<'a>>,
}

#[derive(Serialize)]
struct Part {
    from_ns: u64,
    to_ns: u64,
}

#[derive(Serialize)]
struct Mark<'a> {
    at_ns: u64,
    text: Cow<'a, str>,
}

#[derive(Serialize)]
struct Channel<'a> {
    channel: &'a str,
    arrived: u64,
    highest_depth: u64,
    /// When it first had this depth; nothing if it was always empty.
    highest_at_ns: Option<u64>,
}

/// What was counted.
#[derive(Default)]
struct Counts {
    events: u64,
    first: Option<u64>,
    last: u64,
    kinds: BTreeMap<u8, u64>,
    channels: BTreeMap<u8, Depth>,
}

#[derive(Clone, Copy, Default)]
struct Depth {
    arrived: u64,
    now: u64,
    highest: u64,
    highest_at: Option<u64>,
}

/// Prints a summary. Returns the exit status.
pub fn run(log: &mut Log, name: &str) -> Result<u8, Failure> {
    let counts = count(log).with_context(|| format!("the event log {name} can't be read"))?;
    let header = log.header();
    let kinds = counts.kinds.iter().map(|(&kind, &count)| (header.kind(kind).to_owned(), count.into()));
    let channels = header.topology().channels.iter().map(|channel| {
        let depth = counts.channels.get(&channel.node).copied().unwrap_or_default();
        let Depth { arrived, highest: highest_depth, highest_at: highest_at_ns, .. } = depth;
        Channel { channel: &channel.id, arrived, highest_depth, highest_at_ns }
    });
    let marks = log.tables().into_iter().flat_map(|tables| tables.marks());
    let marks = marks.map(|(at_ns, text)| Mark { at_ns, text: text::visible(text) });
    let output = Output {
        format: header.version(),
        part: header.part().map(|PartOfRun { from_ns, to_ns, .. }| Part { from_ns, to_ns }),
        events: counts.events,
        first_ns: counts.first.unwrap_or(0),
        last_ns: counts.last,
        measured: log.tables().and_then(measured),
        changes: settings::changes(log),
        marks: marks.collect(),
        kinds: kinds.collect(),
        channels: channels.collect(),
    };
    print_json(&output)?;
    not_whole(log, name);
    Ok(0)
}

/// Returns the totals at the end of the run.
fn measured(tables: &Tables) -> Option<Map<String, Value>> {
    let metrics = tables.final_metrics()?;
    let figures = MEASURED
        .into_iter()
        .map(|name| Some((name.to_owned(), metrics.get(name).filter(|value| value.is_number())?.clone())));
    figures.collect()
}

fn count(log: &mut Log) -> Result<Counts, LogError> {
    let mut counts = Counts::default();
    let state = log.begin_part()?.ok_or(LogError::NoBeginning)?;
    if let Some(part) = log.header().part() {
        for channel in &log.header().topology().channels {
            let depth = state.depth(channel.node) as u64;
            let highest_at = (depth > 0).then_some(part.from_ns);
            counts.channels.insert(channel.node, Depth { arrived: 0, now: depth, highest: depth, highest_at });
        }
    }
    while let Some(event) = log.next_event()? {
        counts.events += 1;
        counts.first.get_or_insert(event.time);
        counts.last = event.time;
        *counts.kinds.entry(event.kind).or_default() += 1;
        match event.known {
            Some(EventKind::Arrive) => {
                let depth = counts.channels.entry(event.node).or_default();
                depth.arrived += 1;
                depth.now += 1;
                if depth.now > depth.highest {
                    (depth.highest, depth.highest_at) = (depth.now, Some(event.time));
                }
            }
            Some(EventKind::Depart) => {
                let depth = counts.channels.entry(event.node).or_default();
                depth.now = depth.now.saturating_sub(1);
            }
            _ => {}
        }
    }
    Ok(counts)
}
