//! `clearpipe events`: an event log as text, as JSON Lines, or for a trace viewer; the state at a time; a summary; a part of
//! a log; and the differences between two.

mod cut;
mod diff;
mod settings;
mod state;
mod summary;

use crate::args::{EventsArgs, EventsCommand, Global};
use crate::failure::Failure;
use crate::settings::SettingsError;
use anyhow::{Context, anyhow};
use clearpipe_core::trace::EventKind;
use clearpipe_core::trace::chrome::Chrome;
use clearpipe_core::trace::read::{Header, LogError, LogReader, Logged};
use clearpipe_io::output::{Destination, Unfinished};
use clearpipe_io::text;
use serde::Serialize;
use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::Path;
use std::time::Duration;

/// A log, read from a file.
type Log = LogReader<File>;

/// Prints events, one after the other.
trait Printer {
    /// Prints an event.
    fn event(&mut self, log: &Header, event: &Logged) -> io::Result<()>;

    /// Prints whatever follows the last event.
    fn finish(&mut self) -> io::Result<()>;
}

/// Returns a time as it is in a log. Nothing in a log is as late as what doesn't fit.
fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// Why printing stopped early.
enum Ended {
    /// The log can't be read.
    Log(LogError),
    /// The output can't be written.
    Output(io::Error),
}

/// Prints a log. Returns the exit status.
pub fn run(args: &EventsArgs, global: &Global) -> Result<u8, Failure> {
    match (&args.command, &args.file) {
        (Some(EventsCommand::State { file, at }), _) => state::run(&mut open(file)?, &text::name(file), *at),
        (Some(EventsCommand::Summary { file }), _) => summary::run(&mut open(file)?, &text::name(file)),
        (Some(EventsCommand::Cut(args)), _) => cut::run(args, global),
        (Some(EventsCommand::Diff(args)), _) => diff::run(args),
        (None, Some(file)) => list(file, args, global),
        // The parser has seen to it.
        (None, None) => Err(anyhow!("no event log was given").into()),
    }
}

/// Opens a log.
fn open(path: &Path) -> Result<Log, Failure> {
    if path == Path::new("-") {
        let problem =
            "an event log can't be read from the standard input, because it is read twice; save it to a file first";
        return Err(SettingsError::of(vec![problem.to_owned()]).into());
    }
    let unreadable = || format!("the event log {} can't be read", text::name(path));
    let file = File::open(path).with_context(unreadable)?;
    if !file.metadata().with_context(unreadable)?.is_file() {
        // It is read twice, to sort the events by time.
        return Err(anyhow!("not a regular file; save the log to a file first").context(unreadable()).into());
    }
    Ok(LogReader::open(file).with_context(unreadable)?)
}

/// Says what is wrong with a log that could be read, if anything is.
fn not_whole(log: &Log, name: &str) {
    if let Some(warning) = log.warning() {
        crate::console::say(&format!("the event log {name} is not whole. {warning}"));
    }
}

fn print_json(output: &impl Serialize) -> anyhow::Result<()> {
    let mut json = serde_json::to_string_pretty(output)?;
    json.push('\n');
    crate::console::print(&json, false)
}

/// Prints the events of a log.
fn list(path: &Path, args: &EventsArgs, global: &Global) -> Result<u8, Failure> {
    let name = text::name(path);
    let unreadable = || format!("the event log {name} can't be read");
    let mut log = open(path)?;
    let files = Unfinished::default();
    let place = args.chrome.as_deref().unwrap_or(Path::new("-"));
    if args.chrome.is_some() {
        keep(path, place)?;
    }
    let out = BufWriter::with_capacity(1 << 16, Destination::open(place, &files)?);
    let begun = match args.chrome {
        // With what comes before a part, or the slices in which it begins would be missing.
        Some(_) => log.rewind(),
        None => log.begin_part(),
    };
    let state = begun.with_context(unreadable)?;
    let mut printer: Box<dyn Printer> = match (&args.chrome, args.json) {
        (Some(_), _) => {
            let (topology, sample) = (log.header().topology().clone(), log.header().sample());
            Box::new(Chrome::new(out, topology, sample).begins_with(&state.unwrap_or_default()))
        }
        (None, true) => Box::new(JsonLines(out)),
        (None, false) => Box::new(Text(out)),
    };
    let printed = print(&mut log, args.record, &mut *printer);
    drop(printer);
    let found = match printed {
        Ok(found) => {
            files.finish()?;
            found
        }
        // The reader of the output is gone, which is fine.
        Err(Ended::Output(error)) if error.kind() == ErrorKind::BrokenPipe => return Ok(0),
        Err(ended) => {
            files.discard();
            return Err(match ended {
                Ended::Log(error) => anyhow!(error).context(unreadable()),
                Ended::Output(error) => anyhow!(error).context("the events can't be written"),
            }
            .into());
        }
    };
    not_whole(&log, &name);
    if let (Some(record), 0) = (args.record, found) {
        let traced = match log.header().sample() {
            1 => String::new(),
            sample => format!("; only 1 in {} records was traced", text::count(sample)),
        };
        return Err(anyhow!("the event log {name} has no event of record {record}{traced}").into());
    }
    if let Some(file) = args.chrome.as_deref().filter(|file| *file != Path::new("-") && !global.quiet) {
        let (events, file) = (text::plural(found, "event"), text::name(file));
        crate::console::say(&format!("{events} to {file}; open it at ui.perfetto.dev"));
    }
    Ok(0)
}

/// Refuses to write to a log that is being read.
fn keep(log: &Path, place: &Path) -> Result<(), Failure> {
    let is_same =
        std::fs::canonicalize(place).is_ok_and(|place| std::fs::canonicalize(log).is_ok_and(|log| log == place));
    match is_same {
        true => Err(anyhow!("{} is the event log and would be overwritten; name another file", text::name(log)).into()),
        false => Ok(()),
    }
}

/// Prints all events, or those of one record. Returns how many there were.
fn print(log: &mut Log, record: Option<u64>, printer: &mut dyn Printer) -> Result<u64, Ended> {
    let mut found = 0;
    while let Some(event) = log.next_event().map_err(Ended::Log)? {
        if record.is_none_or(|record| event.record == Some(record) && !is_sampling(&event)) {
            printer.event(log.header(), &event).map_err(Ended::Output)?;
            found += 1;
        }
    }
    printer.finish().map_err(Ended::Output)?;
    Ok(found)
}

/// Whether an event is about which records are traced, rather than about a record.
fn is_sampling(event: &Logged) -> bool {
    event.known == Some(EventKind::Sampling)
}

/// What an event of the kind `sampling` says: that of the records from `first` on, one in `sample` × 2^`halvings` is
/// traced. If all are, it says no more than it always did.
fn sampled(sample: u64, halvings: u16, first: u64) -> String {
    match 1_u64.checked_shl(halvings.into()).and_then(|factor| sample.checked_mul(factor)) {
        Some(1) => format!("record {first}"),
        Some(interval) => format!("record {first} on: 1 in {}", text::count(interval)),
        None => format!("record {first} on: hardly any"),
    }
}

/// The number of a worker or thread, counted from one for people. Programs get it as it is in the log.
fn nth(index: impl Into<u32>) -> u32 {
    index.into() + 1
}

impl<W: Write> Printer for Chrome<W> {
    fn event(&mut self, _: &Header, event: &Logged) -> io::Result<()> {
        Chrome::event(self, event)
    }

    fn finish(&mut self) -> io::Result<()> {
        Chrome::finish(self)
    }
}

/// One line of text per event.
struct Text<W>(W);

impl<W: Write> Printer for Text<W> {
    fn event(&mut self, log: &Header, event: &Logged) -> io::Result<()> {
        writeln!(self.0, "{}", InWords(log, event))
    }

    fn finish(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// An event as a line of text.
struct InWords<'a>(&'a Header, &'a Logged);

impl fmt::Display for InWords<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let &InWords(log, event) = self;
        let (node, kind) = (log.node(event.node), log.kind(event.kind));
        let (seconds, nanos) = (event.time / 1_000_000_000, event.time % 1_000_000_000);
        let thread = event.thread.map_or_else(|| "no thread".to_owned(), |thread| format!("thread {}", nth(thread)));
        // The Producer has one worker.
        let worker = if is_sampling(event) { 1 } else { nth(event.worker) };
        write!(f, "{seconds:>4}.{nanos:09} s  {node:<17}  worker {worker:<3}  {thread:<10}  ")?;
        match event.record {
            Some(first) if is_sampling(event) => {
                write!(f, "{kind:<20}  {}", sampled(log.sample(), event.worker, first))
            }
            Some(record) => write!(f, "{kind:<20}  record {record}"),
            None => write!(f, "{kind}"),
        }
    }
}

/// One JSON object per line.
struct JsonLines<W>(W);

/// The fields of such a line.
#[derive(Clone, PartialEq, Eq, Serialize)]
struct Line<'a> {
    time_ns: u64,
    #[serde(rename = "place")]
    node: &'a str,
    worker: u16,
    thread: Option<u8>,
    kind: &'a str,
    record: Option<u64>,
}

impl<'a> Line<'a> {
    fn of(log: &'a Header, event: &Logged) -> Line<'a> {
        let &Logged { time: time_ns, worker, thread, record, .. } = event;
        Line { time_ns, node: log.node(event.node), worker, thread, kind: log.kind(event.kind), record }
    }
}

impl<W: Write> Printer for JsonLines<W> {
    fn event(&mut self, log: &Header, event: &Logged) -> io::Result<()> {
        serde_json::to_writer(&mut self.0, &Line::of(log, event))?;
        self.0.write_all(b"\n")
    }

    fn finish(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
