//! An event log in Chrome's trace-event format, for Perfetto and other trace viewers. The command and the page share it.
//!
//! | what is shown | from |
//! |---|---|
//! | a track for each worker, with a slice while it works on records | `work_start` to `work_end` |
//! | a slice on that track while a full channel holds it up | `blocked` to `released` |
//! | a track for each thread, with a slice for each run of a task | `run_start` to `run_end` |
//! | a counter for each channel: the traced records in it | `arrive` and `depart` |
//! | a mark on a worker's track | `fault` |
//!
//! A worker takes a whole batch at once, so its records overlap, but slices of one track must not, unless one is within
//! the other. So there is one slice from the first record taken until none is left, with the number of records. For the
//! Loader and the Error Handler it includes the time in which they hold back records that came too early.
//!
//! The format has no order, so only open slices are kept in memory.

use super::EventKind;
use super::read::Logged;
use super::state::State;
use clearpipe_model::json_text::write_escaped;
use clearpipe_model::topology::Topology;
use std::fmt;
use std::io::{self, Write};
use std::ops::Range;

const WORKERS: u8 = 1;
const THREADS: u8 = 2;
const CHANNELS: u8 = 3;

/// Writes a trace.
pub struct Chrome<W> {
    out: W,
    topology: Topology,
    sample: u64,
    is_empty: bool,
    workers: Sorted<(u8, u16), Work>,
    threads: Sorted<u8, Option<Slice>>,
    /// The stage that a thread last worked for; for all outside the runtime, if it is `None`.
    stages: Sorted<Option<u8>, u8>,
    channels: Sorted<u8, Depth>,
    /// The time of the last event.
    end: u64,
}

/// Values by key. A tree would be several kilobytes of code for each type, which the page would load.
type Sorted<K, V> = Vec<(K, V)>;

/// The value of a key, and whether it is a new one.
fn entry<K: Ord, V: Default>(sorted: &mut Sorted<K, V>, key: K) -> (&mut V, bool) {
    let found = sorted.binary_search_by(|(other, _)| other.cmp(&key));
    let (Ok(at) | Err(at)) = found;
    if found.is_err() {
        sorted.insert(at, (key, V::default()));
    }
    (&mut sorted[at].1, found.is_err())
}

/// The records that a worker is working on.
#[derive(Default)]
struct Work {
    start: u64,
    /// How many records it has taken since `start`.
    taken: u64,
    open: u64,
    first: u64,
    /// Since when it can't send, and the channel that is full.
    blocked: Option<(u64, u8)>,
}

/// A running task.
struct Slice {
    start: u64,
    name: String,
}

/// The records in a channel.
#[derive(Default)]
struct Depth {
    records: i64,
    /// When it changed, if that has not been written yet.
    changed: Option<u64>,
}

impl<W: Write> Chrome<W> {
    /// A trace without events, of a pipeline of which every `sample`th record was traced.
    pub fn new(out: W, topology: Topology, sample: u64) -> Chrome<W> {
        let (workers, threads, stages, channels) = Default::default();
        Chrome { out, topology, sample, is_empty: true, workers, threads, stages, channels, end: 0 }
    }

    /// Begins with the channels as they are in the state before the first event, if the log doesn't begin with the run.
    pub fn begins_with(mut self, state: &State) -> Chrome<W> {
        for node in self.topology.channels.iter().map(|channel| channel.node) {
            entry(&mut self.channels, node).0.records = state.depth(node) as i64;
        }
        self
    }

    /// Where it is written to.
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.out
    }

    /// Adds an event. They come in the order of time.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn event(&mut self, event: &Logged) -> io::Result<()> {
        if self.is_empty {
            let channels = match self.sample {
                1 => "Channels".to_owned(),
                sample => format!("Channels (1 in {sample} records)"),
            };
            for (process, name) in [(WORKERS, "Workers"), (THREADS, "Threads"), (CHANNELS, &channels)] {
                self.metadata(format_args!("\"process_name\",\"pid\":{process},\"tid\":0"), name)?;
            }
        }
        self.end = event.time;
        match event.known {
            Some(EventKind::WorkStart | EventKind::WorkEnd | EventKind::Fault) => self.work(event),
            Some(EventKind::Blocked | EventKind::Released) => self.blocked(event),
            Some(EventKind::RunStart | EventKind::RunEnd) => self.run(event),
            Some(EventKind::Arrive | EventKind::Depart) => self.count(event),
            _ => Ok(()),
        }
    }

    /// Closes all open slices: the log of an aborted run may end anywhere.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn finish(&mut self) -> io::Result<()> {
        let end = self.end;
        for ((node, worker), work) in std::mem::take(&mut self.workers) {
            if let Some((start, channel)) = work.blocked {
                self.slice(WORKERS, track(node, worker), &self.full(channel), start..end, 0)?;
            }
            if work.open > 0 {
                self.slice(WORKERS, track(node, worker), &work.name(), work.start..end, work.taken)?;
            }
        }
        for (thread, running) in std::mem::take(&mut self.threads) {
            if let Some(Slice { start, name }) = running {
                self.slice(THREADS, u32::from(thread) + 1, &name, start..end, 0)?;
            }
        }
        for (channel, Depth { records, changed }) in std::mem::take(&mut self.channels) {
            if let Some(time) = changed {
                self.counter(channel, time, records)?;
            }
        }
        let end: &[u8] = if self.is_empty { b"{\"displayTimeUnit\":\"ns\",\"traceEvents\":[]}\n" } else { b"\n]}\n" };
        self.out.write_all(end)?;
        self.out.flush()
    }

    fn entry(&mut self, entry: fmt::Arguments<'_>) -> io::Result<()> {
        let before: &[u8] = match std::mem::replace(&mut self.is_empty, false) {
            true => b"{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n",
            false => b",\n",
        };
        self.out.write_all(before)?;
        self.out.write_fmt(entry)
    }

    /// Describes a process or a track.
    fn metadata(&mut self, about: fmt::Arguments<'_>, name: &str) -> io::Result<()> {
        self.entry(format_args!("{{\"ph\":\"M\",\"name\":{about},\"args\":{{\"name\":{}}}}}", Json(name)))
    }

    /// Names a track, and sorts it among the others by its number.
    fn name(&mut self, process: u8, track: u32, name: &str) -> io::Result<()> {
        self.metadata(format_args!("\"thread_name\",\"pid\":{process},\"tid\":{track}"), name)?;
        self.entry(format_args!(
            "{{\"ph\":\"M\",\"name\":\"thread_sort_index\",\"pid\":{process},\"tid\":{track},\
             \"args\":{{\"sort_index\":{track}}}}}"
        ))
    }

    fn slice(&mut self, process: u8, track: u32, name: &str, time: Range<u64>, records: u64) -> io::Result<()> {
        let (start, took) = (Micros(time.start), Micros(time.end.saturating_sub(time.start)));
        let name = Json(name);
        let args = if records > 0 { format!(",\"args\":{{\"records\":{records}}}") } else { String::new() };
        self.entry(format_args!(
            "{{\"ph\":\"X\",\"name\":{name},\"pid\":{process},\"tid\":{track},\"ts\":{start},\"dur\":{took}{args}}}"
        ))
    }

    /// The depth of a channel from a time on.
    fn counter(&mut self, channel: u8, time: u64, records: i64) -> io::Result<()> {
        let name = self.topology.name(channel).to_owned();
        let (name, time) = (Json(&name), Micros(time));
        // Two simultaneous events of different threads may come out of order.
        let records = records.max(0);
        self.entry(format_args!(
            "{{\"ph\":\"C\",\"name\":{name},\"pid\":{CHANNELS},\"ts\":{time},\"args\":{{\"records\":{records}}}}}"
        ))
    }

    /// The records that a worker is working on. Its track is named the first time.
    fn worker(&mut self, node: u8, worker: u16) -> io::Result<&mut Work> {
        if entry(&mut self.workers, (node, worker)).1 {
            self.name(WORKERS, track(node, worker), &self.topology.worker_name(node, worker))?;
        }
        Ok(entry(&mut self.workers, (node, worker)).0)
    }

    /// The track of a worker.
    fn work(&mut self, event: &Logged) -> io::Result<()> {
        *entry(&mut self.stages, event.thread).0 = event.node;
        let track = track(event.node, event.worker);
        let record = event.record.unwrap_or(0);
        let work = self.worker(event.node, event.worker)?;
        match event.known {
            Some(EventKind::WorkStart) => {
                if work.open == 0 {
                    *work = Work { start: event.time, first: record, blocked: work.blocked, ..Work::default() };
                }
                work.taken += 1;
                work.open += 1;
                Ok(())
            }
            Some(EventKind::WorkEnd) => {
                let is_done = work.open == 1;
                work.open = work.open.saturating_sub(1);
                if !is_done {
                    return Ok(());
                }
                let (name, start, taken) = (work.name(), work.start, work.taken);
                self.slice(WORKERS, track, &name, start..event.time, taken)
            }
            _ => {
                let name = format!("fault at record {record}");
                let (name, time) = (Json(&name), Micros(event.time));
                self.entry(format_args!(
                    "{{\"ph\":\"i\",\"s\":\"t\",\"name\":{name},\"pid\":{WORKERS},\"tid\":{track},\"ts\":{time}}}"
                ))
            }
        }
    }

    /// On the track of a worker: it can't send, or can again.
    fn blocked(&mut self, event: &Logged) -> io::Result<()> {
        let Some(node) = self.sender(event) else { return Ok(()) };
        let work = self.worker(node, event.worker)?;
        if event.known == Some(EventKind::Blocked) {
            work.blocked = Some((event.time, event.node));
            return Ok(());
        }
        match work.blocked.take() {
            Some((start, channel)) => {
                self.slice(WORKERS, track(node, event.worker), &self.full(channel), start..event.time, 0)
            }
            None => Ok(()),
        }
    }

    /// The stage that sends to a channel. Where several do, it is the one that the thread works for, if that is known.
    fn sender(&self, event: &Logged) -> Option<u8> {
        let channel = self.topology.channel(event.node)?;
        match channel.senders[..] {
            [sender] => Some(sender),
            _ => {
                let (_, stage) = self.stages.iter().find(|(thread, _)| *thread == event.thread)?;
                channel.senders.contains(stage).then_some(*stage)
            }
        }
    }

    /// The name of a slice for as long as a channel is full.
    fn full(&self, channel: u8) -> String {
        format!("blocked: {} is full", self.topology.name(channel))
    }

    /// The track of a thread.
    fn run(&mut self, event: &Logged) -> io::Result<()> {
        *entry(&mut self.stages, event.thread).0 = event.node;
        let Some(thread) = event.thread else { return Ok(()) };
        let track = u32::from(thread) + 1;
        if entry(&mut self.threads, thread).1 {
            self.name(THREADS, track, &format!("thread {track}"))?;
        }
        let (running, _) = entry(&mut self.threads, thread);
        if event.known == Some(EventKind::RunStart) {
            *running = Some(Slice { start: event.time, name: self.topology.worker_name(event.node, event.worker) });
        } else if let Some(Slice { start, name }) = running.take() {
            self.slice(THREADS, track, &name, start..event.time, 0)?;
        }
        Ok(())
    }

    /// The counter of a channel. Changes within a microsecond are merged, because a batch arrives record by record.
    fn count(&mut self, event: &Logged) -> io::Result<()> {
        let (depth, _) = entry(&mut self.channels, event.node);
        let before = depth.changed.replace(event.time).filter(|time| time / 1000 != event.time / 1000);
        let records = depth.records;
        depth.records += if event.known == Some(EventKind::Arrive) { 1 } else { -1 };
        before.map_or(Ok(()), |time| self.counter(event.node, time, records))
    }
}

impl Work {
    /// The name of its slice.
    fn name(&self) -> String {
        match self.taken {
            1 => format!("record {}", self.first),
            taken => format!("{taken} records from {}", self.first),
        }
    }
}

/// The track of a worker among all workers.
fn track(node: u8, worker: u16) -> u32 {
    u32::from(node) << 16 | u32::from(worker)
}

/// A text as JSON.
struct Json<'a>(&'a str);

impl fmt::Display for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut inside = Vec::with_capacity(self.0.len());
        write_escaped(&mut inside, self.0);
        write!(f, "\"{}\"", String::from_utf8_lossy(&inside))
    }
}

/// Nanoseconds in the unit of the format.
struct Micros(u64);

impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}", self.0 / 1000, self.0 % 1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::Event;
    use clearpipe_model::topology::{ChannelId, Stage};

    const THREAD: u8 = 0;

    /// The trace of these events, an entry a line: nanoseconds, kind, node, worker, record.
    fn trace(events: &[(u64, EventKind, u8, u16, u64)]) -> String {
        let mut chrome = Chrome::new(Vec::new(), Topology::standard(), 1);
        for &(time, kind, node, worker, record) in events {
            let event = Event { time, kind, node, record: Some(record), worker, thread: THREAD };
            chrome.event(&Logged::of(event.pack())).unwrap();
        }
        chrome.finish().unwrap();
        String::from_utf8(std::mem::take(chrome.get_mut())).unwrap()
    }

    /// Without what every trace begins with.
    fn entries(events: &[(u64, EventKind, u8, u16, u64)]) -> Vec<String> {
        let trace = trace(events);
        serde_json::from_str::<serde_json::Value>(&trace).unwrap();
        let lines = trace.lines().skip(1).filter(|line| !line.contains("\"ph\":\"M\"") && *line != "]}");
        lines.map(|line| line.trim_end_matches(',').to_owned()).collect()
    }

    #[test]
    fn a_batch_is_one_slice_and_a_full_channel_another() {
        let [validator, fan_out] = [Stage::Validator, Stage::FanOut].map(Stage::node_id);
        let [valid_ch, error_ch] = [ChannelId::ValidCh, ChannelId::ErrorCh].map(ChannelId::node_id);
        use EventKind::*;
        let found = entries(&[
            (1000, WorkStart, validator, 1, 7),
            (1000, WorkStart, validator, 1, 8),
            (2500, WorkEnd, validator, 1, 7),
            (3000, WorkEnd, validator, 1, 8),
            (3500, Blocked, valid_ch, 1, 7),
            (4000, Released, valid_ch, 1, 7),
            // Validators and Transformers send there: it is the one that the thread works for.
            (4001, Blocked, error_ch, 1, 8),
            (5000, RunEnd, validator, 1, 0),
            (6000, RunStart, fan_out, 0, 0),
            (6500, Fault, validator, 0, 9),
        ]);
        let slice = |name: &str, track: u32, time: &str, rest: &str| {
            let pid = if track > 1000 { WORKERS } else { THREADS };
            format!("{{\"ph\":\"X\",\"name\":\"{name}\",\"pid\":{pid},\"tid\":{track},{time}{rest}}}")
        };
        assert_eq!(
            found,
            [
                slice("2 records from 7", 65537, "\"ts\":1.000,\"dur\":2.000", ",\"args\":{\"records\":2}"),
                slice("blocked: validCh is full", 65537, "\"ts\":3.500,\"dur\":0.500", ""),
                "{\"ph\":\"i\",\"s\":\"t\",\"name\":\"fault at record 9\",\"pid\":1,\"tid\":65536,\"ts\":6.500}"
                    .to_owned(),
                slice("blocked: errorCh is full", 65537, "\"ts\":4.001,\"dur\":2.499", ""),
                slice("Fan-out", 1, "\"ts\":6.000,\"dur\":0.500", ""),
            ]
        );
    }

    #[test]
    fn what_changes_within_a_microsecond_is_one_change() {
        let data_ch = ChannelId::DataCh.node_id();
        use EventKind::*;
        let found =
            entries(&[(1000, Arrive, data_ch, 0, 1), (1999, Arrive, data_ch, 0, 2), (2000, Depart, data_ch, 0, 1)]);
        let counter = |time: &str, records: u32| {
            format!("{{\"ph\":\"C\",\"name\":\"dataCh\",\"pid\":3,\"ts\":{time},\"args\":{{\"records\":{records}}}}}")
        };
        assert_eq!(found, [counter("1.999", 2), counter("2.000", 1)]);
    }

    #[test]
    fn a_trace_without_events_is_one() {
        assert_eq!(trace(&[]), "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[]}\n");
    }
}
