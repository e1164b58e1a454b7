//! Chrome's trace-event format, for Perfetto and other trace viewers.
//!
//! | what is shown | from |
//! |---|---|
//! | a track for each worker, with a slice while it works on records | `work_start` to `work_end` |
//! | a track for each thread, with a slice for each run of a task | `run_start` to `run_end` |
//! | a counter for each channel: the traced records in it | `arrive` and `depart` |
//! | a mark on a worker's track | `fault` |
//!
//! A worker takes a whole batch at once, so its records overlap, but slices of one track must not. So there is one
//! slice from the first record taken until none is left, with the number of records. For the Loader and the Error
//! Handler it includes the time in which they hold back records that came too early.
//!
//! The format has no order, so only open slices are kept in memory.

use super::{Log, Printer, nth};
use clearpipe_core::trace::EventKind;
use clearpipe_core::trace::read::Logged;
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{self, Write};

const WORKERS: u8 = 1;
const THREADS: u8 = 2;
const CHANNELS: u8 = 3;

/// Writes a trace.
pub struct Chrome<W> {
    out: W,
    is_empty: bool,
    workers: BTreeMap<(u8, u16), Work>,
    threads: BTreeMap<u8, Option<Slice>>,
    channels: BTreeMap<u8, Depth>,
    /// The time of the last event.
    end: u64,
}

/// The records that a worker is working on.
#[derive(Default)]
struct Work {
    start: u64,
    /// How many records it has taken since `start`.
    taken: u64,
    open: u64,
    first: u64,
}

/// A running task.
struct Slice {
    start: u64,
    name: String,
}

/// The records in a channel.
struct Depth {
    name: String,
    records: i64,
    /// When it changed, if that has not been written yet.
    changed: Option<u64>,
}

impl<W: Write> Chrome<W> {
    /// A trace without events.
    pub fn new(out: W) -> Chrome<W> {
        let (workers, threads, channels) = Default::default();
        Chrome { out, is_empty: true, workers, threads, channels, end: 0 }
    }

    fn entry(&mut self, entry: &str) -> io::Result<()> {
        let before = match std::mem::replace(&mut self.is_empty, false) {
            true => "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n",
            false => ",\n",
        };
        self.out.write_all(before.as_bytes())?;
        self.out.write_all(entry.as_bytes())
    }

    /// Names a process, or one of its threads.
    fn name(&mut self, process: u8, thread: Option<u32>, name: &str) -> io::Result<()> {
        let what = if thread.is_some() { "thread_name" } else { "process_name" };
        let entry =
            json!({ "ph": "M", "name": what, "pid": process, "tid": thread.unwrap_or(0), "args": { "name": name } });
        self.entry(&entry.to_string())
    }

    fn slice(&mut self, process: u8, thread: u32, name: &str, from: u64, to: u64, records: u64) -> io::Result<()> {
        let records = if records > 0 { format!(",\"args\":{{\"records\":{records}}}") } else { String::new() };
        self.entry(&format!(
            "{{\"ph\":\"X\",\"name\":{},\"pid\":{process},\"tid\":{thread},\"ts\":{},\"dur\":{}{records}}}",
            json!(name),
            micros(from),
            micros(to.saturating_sub(from))
        ))
    }

    /// The track of a worker.
    fn work(&mut self, log: &Log, event: &Logged) -> io::Result<()> {
        let track = track(event);
        if !self.workers.contains_key(&(event.place, event.worker)) {
            self.name(WORKERS, Some(track), &worker(log, event))?;
        }
        let record = event.record.unwrap_or(0);
        let work = self.workers.entry((event.place, event.worker)).or_default();
        match event.known {
            Some(EventKind::WorkStart) => {
                if work.open == 0 {
                    *work = Work { start: event.time, first: record, ..Work::default() };
                }
                work.taken += 1;
                work.open += 1;
                Ok(())
            }
            Some(EventKind::WorkEnd) if work.open == 1 => {
                work.open = 0;
                let (start, taken, first) = (work.start, work.taken, work.first);
                self.slice(WORKERS, track, &records_from(first, taken), start, event.time, taken)
            }
            Some(EventKind::WorkEnd) => {
                work.open = work.open.saturating_sub(1);
                Ok(())
            }
            _ => {
                let name = format!("{} at record {record}", log.kind(event.kind));
                let time = micros(event.time);
                let entry = format!(
                    "{{\"ph\":\"i\",\"s\":\"t\",\"name\":{},\"pid\":{WORKERS},\"tid\":{track},\"ts\":{time}}}",
                    json!(name)
                );
                self.entry(&entry)
            }
        }
    }

    /// The track of a thread.
    fn run(&mut self, log: &Log, event: &Logged) -> io::Result<()> {
        let Some(thread) = event.thread else { return Ok(()) };
        if !self.threads.contains_key(&thread) {
            self.name(THREADS, Some(u32::from(thread) + 1), &format!("thread {}", nth(thread)))?;
        }
        let running = self.threads.entry(thread).or_default();
        if event.known == Some(EventKind::RunStart) {
            let name = worker(log, event);
            *running = Some(Slice { start: event.time, name });
        } else if let Some(Slice { start, name }) = running.take() {
            self.slice(THREADS, u32::from(thread) + 1, &name, start, event.time, 0)?;
        }
        Ok(())
    }

    /// The counter of a channel. Changes within a microsecond are merged, because a batch arrives record by record.
    fn count(&mut self, log: &Log, event: &Logged) -> io::Result<()> {
        let new = || Depth { name: log.place(event.place).to_owned(), records: 0, changed: None };
        let depth = self.channels.entry(event.place).or_insert_with(new);
        let before = depth.changed.replace(event.time).filter(|time| time / 1000 != event.time / 1000);
        let written = before.map(|time| depth.entry(time));
        depth.records += if event.known == Some(EventKind::Arrive) { 1 } else { -1 };
        written.map_or(Ok(()), |entry| self.entry(&entry))
    }
}

impl Depth {
    fn entry(&self, time: u64) -> String {
        format!(
            "{{\"ph\":\"C\",\"name\":{},\"pid\":{CHANNELS},\"ts\":{},\"args\":{{\"records\":{}}}}}",
            json!(self.name),
            micros(time),
            // Two simultaneous events of different threads may come in the wrong order.
            self.records.max(0)
        )
    }
}

impl<W: Write> Printer for Chrome<W> {
    fn event(&mut self, log: &Log, event: &Logged) -> io::Result<()> {
        if self.is_empty {
            let channels = match log.sample() {
                1 => "Channels".to_owned(),
                sample => format!("Channels (1 in {sample} records)"),
            };
            for (process, name) in [(WORKERS, "Workers"), (THREADS, "Threads"), (CHANNELS, &channels)] {
                self.name(process, None, name)?;
            }
        }
        self.end = event.time;
        match event.known {
            Some(EventKind::WorkStart | EventKind::WorkEnd | EventKind::Fault) => self.work(log, event),
            Some(EventKind::RunStart | EventKind::RunEnd) => self.run(log, event),
            Some(EventKind::Arrive | EventKind::Depart) => self.count(log, event),
            _ => Ok(()),
        }
    }

    /// Closes all open slices: the log of an aborted run may end anywhere.
    fn finish(&mut self) -> io::Result<()> {
        let end = self.end;
        for ((place, worker), work) in std::mem::take(&mut self.workers) {
            if work.open > 0 {
                let track = u32::from(place) << 16 | u32::from(worker);
                self.slice(WORKERS, track, &records_from(work.first, work.taken), work.start, end, work.taken)?;
            }
        }
        for (thread, running) in std::mem::take(&mut self.threads) {
            if let Some(Slice { start, name }) = running {
                self.slice(THREADS, u32::from(thread) + 1, &name, start, end, 0)?;
            }
        }
        for depth in std::mem::take(&mut self.channels).into_values() {
            if let Some(time) = depth.changed {
                self.entry(&depth.entry(time))?;
            }
        }
        let end = if self.is_empty { "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[]}\n" } else { "\n]}\n" };
        self.out.write_all(end.as_bytes())?;
        self.out.flush()
    }
}

/// The track of a worker.
fn track(event: &Logged) -> u32 {
    u32::from(event.place) << 16 | u32::from(event.worker)
}

/// The name of a worker.
fn worker(log: &Log, event: &Logged) -> String {
    format!("{} {}", log.place(event.place), nth(event.worker))
}

fn records_from(first: u64, count: u64) -> String {
    match count {
        1 => format!("record {first}"),
        _ => format!("{count} records from {first}"),
    }
}

/// Nanoseconds in the unit of the format.
fn micros(nanos: u64) -> String {
    format!("{}.{:03}", nanos / 1000, nanos % 1000)
}
