//! Cuts a part out of an event log.
//!
//! The part is a log of format 2 that begins in the middle of the run. Its first line has a member `part`:
//!
//! | member | |
//! |---|---|
//! | `from_ns`, `to_ns` | the first and the last time of the part, in nanoseconds since the run began |
//! | `events_before` | how many events of the run come before the first one in the log |
//! | `events_after` | how many come after the last one; if there are none, the part ends with the run |
//! | `halvings` | how often sampling had been halved before that |
//!
//! The first block has a key frame: the state before its first event. So the state at any time of the part, with all that
//! had been counted until then, is that of the whole log.
//!
//! Usually, the log begins a little before the part. Whoever works out the state from events alone, as the page does, or
//! shows how a record came to where it is, needs the events of what is in flight and of what the workers do when the part
//! begins. The log has all events of the run from the first of these on. Nobody can tell what those before them would
//! have said, so a reader shows nothing before the part begins.

use super::EventKind;
use super::block;
use super::log::{BlockWriter, Blocks, VERSION};
use super::read::{Defect, LogError, LogReader, PartOfRun, seconds};
use super::state::{InFlight, Pipeline, State};
use clearpipe_model::json_text;
use serde_json::Value;
use std::io::{self, Read, Seek, Write};

/// How many events before the part are tried first, if no record is in flight.
const FIRST_TRY: u64 = 64;

/// Why a part can't be cut out of a log.
#[derive(Debug, thiserror::Error)]
pub enum CutError {
    /// The log can't be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The log is damaged or incomplete.
    #[error("{}", .0)]
    Defect(String),
    /// The part would end before it begins.
    #[error("the part would end, at {} s, before it begins, at {} s", seconds(*.to), seconds(*.from))]
    Backwards {
        /// When it would begin, in nanoseconds.
        from: u64,
        /// When it would end.
        to: u64,
    },
    /// The log has nothing at one of the times.
    #[error("{} s is not in the log, which goes from {} s to {} s", seconds(*.time), seconds(*.from), seconds(*.to))]
    Beyond {
        /// That time, in nanoseconds.
        time: u64,
        /// When the log begins.
        from: u64,
        /// When it ends.
        to: u64,
    },
    /// Nothing happens in the part.
    #[error("there is no event from {} s to {} s", seconds(*.from), seconds(*.to))]
    Empty {
        /// When the part begins, in nanoseconds.
        from: u64,
        /// When it ends.
        to: u64,
    },
    /// The part can't be written.
    #[error(transparent)]
    Output(io::Error),
}

/// What was cut out of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Which part of the run it is.
    pub part: PartOfRun,
    /// How many events happen in it.
    pub events: u64,
    /// How many events before it are in the log as well.
    pub lead_in: u64,
}

/// Writes the part of a log from one time to another, in nanoseconds since the run began; both belong to it. Without
/// them, it begins with the log, or ends with it.
///
/// # Errors
/// If the log can't be read to its end, there is no such part, or it can't be written. Then `out` may have been given a
/// part of it.
pub fn cut<R: Read + Seek>(
    log: &mut LogReader<R>,
    from: Option<u64>,
    to: Option<u64>,
    out: Box<dyn Write + Send>,
) -> Result<Cut, CutError> {
    let (from, to) = times(log, from, to)?;
    let start = Start::find(log, from)?;
    let (mut lead_in, mut within) = (0, 0);
    while let Some(event) = log.next_packed()?.filter(|event| time(*event) <= to) {
        *if time(event) < from { &mut lead_in } else { &mut within } += 1;
    }
    if within == 0 {
        return Err(CutError::Empty { from, to });
    }
    let earlier = log.header().part();
    let behind = log.events() - (start.index + lead_in + within);
    let part = PartOfRun {
        from_ns: from,
        to_ns: to,
        events_before: start.index + earlier.map_or(0, |part| part.events_before),
        events_after: behind + earlier.map_or(0, |part| part.events_after),
        halvings: start.halvings.or(earlier.map(|part| part.halvings)).unwrap_or(0),
    };
    let line = first_line(log, part)?;
    let pipeline = log.pipeline();
    let Start { state, .. } = Start::at(log, &pipeline, start.index)?;
    let mut writer = BlockWriter::new(out, &line, pipeline, (part.events_before > 0).then_some(state));
    let mut events = Vec::new();
    while let Some(event) = log.next_packed()?.filter(|event| time(*event) <= to) {
        events.push(event);
        if events.len() == block::MAX_EVENTS {
            writer.write(&events);
            events.clear();
        }
    }
    writer.write(&events);
    let tables = log.tables().map(|tables| tables.clone().of_part(part));
    writer.end(tables.as_ref()).map_err(CutError::Output)?;
    Ok(Cut { part, events: within, lead_in })
}

/// Returns when the part begins and ends.
fn times<R: Read + Seek>(log: &LogReader<R>, from: Option<u64>, to: Option<u64>) -> Result<(u64, u64), CutError> {
    // Without its index or its tables, all events are there.
    let has_all = matches!(log.defect(), Some(Defect::Index | Defect::Tables));
    if let Some(warning) = log.warning().filter(|_| !has_all) {
        return Err(CutError::Defect(warning));
    }
    let whole = log.header().part();
    let begin = whole.map_or(0, |part| part.from_ns);
    let end = whole.map(|part| part.to_ns).or(log.last_time()).unwrap_or(0);
    let (first, last) = (from.unwrap_or(begin), to.unwrap_or(end));
    if let (Some(from), Some(to)) = (from, to)
        && from > to
    {
        return Err(CutError::Backwards { from, to });
    }
    match [first, last].into_iter().find(|time| !(begin..=end).contains(time)) {
        Some(time) => Err(CutError::Beyond { time, from: begin, to: end }),
        None => Ok((first, last)),
    }
}

/// Where the log of a part begins.
struct Start {
    /// The index of its first event in the log that it is cut out of.
    index: u64,
    /// The state before that event.
    state: State,
    /// How often sampling had been halved before it, as far as the log says.
    halvings: Option<u16>,
}

impl Start {
    /// Finds a late event from which on the events alone lead to all that matters at a time. Afterwards, it is the next
    /// event of the log.
    fn find<R: Read + Seek>(log: &mut LogReader<R>, from: u64) -> Result<Start, LogError> {
        let pipeline = log.pipeline();
        let mut state = log.rewind()?.ok_or(LogError::NoBeginning)?;
        let mut in_flight = InFlight::default();
        let mut before = 0;
        while let Some(event) = log.next_packed()?.filter(|event| time(*event) < from) {
            state.apply(&pipeline, event);
            in_flight.apply(&pipeline, event, before);
            before += 1;
        }
        let mut lead_in = in_flight.oldest().map_or(0, |oldest| before - oldest);
        loop {
            let index = before - lead_in;
            Start::at(log, &pipeline, index)?;
            let mut alone = State::default();
            for _ in index..before {
                let Some(event) = log.next_packed()? else { break };
                alone.apply(&pipeline, event);
            }
            if index == 0 || alone.continues_like(&state, &pipeline) {
                return Start::at(log, &pipeline, index);
            }
            lead_in = (2 * lead_in).max(FIRST_TRY).min(before);
        }
    }

    /// Goes to the event at an index.
    fn at<R: Read + Seek>(log: &mut LogReader<R>, pipeline: &Pipeline, index: u64) -> Result<Start, LogError> {
        let mut start = Start { index, state: log.rewind()?.ok_or(LogError::NoBeginning)?, halvings: None };
        for _ in 0..index {
            let Some(event) = log.next_packed()? else { break };
            start.state.apply(pipeline, event);
            if (event[0] >> 8) as u8 == EventKind::Sampling as u8 {
                start.halvings = Some((event[1] >> 8) as u16);
            }
        }
        Ok(start)
    }
}

/// Returns the first line of the log of a part: that of the whole log, with what is different.
fn first_line<R: Read + Seek>(log: &LogReader<R>, part: PartOfRun) -> Result<Vec<u8>, LogError> {
    let text = String::from_utf8_lossy(log.first_line());
    let mut members = match json_text::parse(&text).map_err(LogError::DamagedHeader)? {
        Value::Object(members) => members,
        _ => return Err(LogError::NoLog),
    };
    members.remove("clearpipe_events");
    // In format 1, besides the topology.
    members.remove("places");
    members.insert("part".to_owned(), serde_json::to_value(part).map_err(LogError::DamagedHeader)?);
    let members = serde_json::to_string(&members).map_err(LogError::DamagedHeader)?;
    // This comes first: it identifies the file.
    Ok(format!("{{\"clearpipe_events\":{VERSION},{}\n", &members[1..]).into_bytes())
}

fn time(event: [u64; 2]) -> u64 {
    event[0] >> 16
}
