//! `clearpipe events diff`: whether two logs are of the same run, and if not, what is different.

mod figures;

use super::settings::{self, Setting};
use super::{InWords, Line, Log, open, print_json};
use crate::args::DiffArgs;
use crate::failure::Failure;
use anyhow::{Result, anyhow, bail};
use clearpipe_core::trace::figures::Figures;
use clearpipe_core::trace::read::Logged;
use clearpipe_io::text;
use figures::Figure;
use serde::Serialize;
use std::path::Path;

/// The exit status if the logs differ.
const DIFFERENT: u8 = 1;

/// The longest name of a file above a column.
const MAX_NAME: usize = 30;

/// What is printed with `--json`.
#[derive(Serialize)]
struct Output<'a> {
    a: String,
    b: String,
    same_settings: bool,
    /// Only those that differ.
    settings: &'a [Setting],
    same_events: bool,
    /// How many events there are.
    events: [u64; 2],
    first_difference: Option<Difference<'a>>,
    /// Only those that differ; empty if all events are the same.
    figures: &'a [Figure],
}

/// The first events that aren't the same.
#[derive(Serialize)]
struct Difference<'a> {
    /// How many events come before them.
    index: u64,
    a: Option<Line<'a>>,
    b: Option<Line<'a>>,
}

/// A log and the name of its file.
struct Named {
    log: Log,
    name: String,
}

/// The first events that aren't the same; nothing where a log has ended.
struct First {
    index: u64,
    events: [Option<Logged>; 2],
}

/// Compares two logs. Returns the exit status.
pub fn run(args: &DiffArgs) -> Result<u8, Failure> {
    compare(args).map_err(Failure::NotCompared)
}

fn compare(args: &DiffArgs) -> Result<u8> {
    let mut one = Named::open(&args.one)?;
    let mut other = Named::open(&args.other)?;
    let parts = [&one, &other].map(|named| named.log.header().part().map(|part| (part.from_ns, part.to_ns)));
    if parts[0] != parts[1] {
        bail!(
            "{} and {} have different parts of their runs; `clearpipe events cut` cuts the same part out of both",
            one.name,
            other.name
        );
    }
    let settings = settings::differing(&one.log, &other.log);
    let (index, first) = first_difference(&mut one, &mut other, args.threads)?;
    let (mut events, mut figures) = ([index; 2], Vec::new());
    if first.is_some() {
        let measured = [one.measure()?, other.measure()?];
        events = [measured[0].events, measured[1].events];
        figures = figures::differing(&measured[0], &measured[1], one.log.header().topology());
    }
    let found = Found { one: &one, other: &other, settings, events, first, figures };
    match args.json {
        true => print_json(&found.json())?,
        false => crate::console::print(&found.text(), false)?,
    }
    Ok(if found.settings.is_empty() && found.first.is_none() { 0 } else { DIFFERENT })
}

impl Named {
    fn open(path: &Path) -> Result<Named> {
        let name = text::name(path);
        let log = open(path).map_err(|failure| match failure {
            Failure::Run(error) | Failure::Usage(error) | Failure::NotCompared(error) => error,
            Failure::Settings(error) => anyhow!("{error}"),
        })?;
        // What is missing would count as a difference.
        match log.warning() {
            Some(warning) => Err(anyhow!("the event log {name} is not whole. {warning}")),
            None => Ok(Named { log, name }),
        }
    }

    /// Goes to the first event of the run, or of its part.
    fn begin(&mut self) -> Result<()> {
        self.log.begin_part().map(drop).map_err(|error| self.unreadable(error))
    }

    fn next(&mut self) -> Result<Option<Logged>> {
        self.log.next_event().map_err(|error| self.unreadable(error))
    }

    fn measure(&mut self) -> Result<Figures> {
        Figures::measure(&mut self.log).map_err(|error| self.unreadable(error))
    }

    fn unreadable(&self, error: clearpipe_core::trace::read::LogError) -> anyhow::Error {
        anyhow!(error).context(format!("the event log {} can't be read", self.name))
    }

    /// The event as `--json` has it.
    fn line(&self, event: &Logged) -> Line<'_> {
        Line::of(self.log.header(), event)
    }
}

/// Returns how many events both logs begin with, and the first ones that differ.
fn first_difference(one: &mut Named, other: &mut Named, threads: bool) -> Result<(u64, Option<First>)> {
    one.begin()?;
    other.begin()?;
    let mut index = 0;
    loop {
        let events = [one.next()?, other.next()?];
        let is_same = match &events {
            [None, None] => return Ok((index, None)),
            [Some(event), Some(another)] => {
                // By their names: the numbers of another version may be others.
                let (mut line, mut another) = (one.line(event), other.line(another));
                if !threads {
                    (line.thread, another.thread) = (None, None);
                }
                line == another
            }
            _ => false,
        };
        if !is_same {
            return Ok((index, Some(First { index, events })));
        }
        index += 1;
    }
}

/// What was found.
struct Found<'a> {
    one: &'a Named,
    other: &'a Named,
    settings: Vec<Setting>,
    events: [u64; 2],
    first: Option<First>,
    figures: Vec<Figure>,
}

impl Found<'_> {
    fn json(&self) -> Output<'_> {
        Output {
            a: self.one.name.clone(),
            b: self.other.name.clone(),
            same_settings: self.settings.is_empty(),
            settings: &self.settings,
            same_events: self.first.is_none(),
            events: self.events,
            first_difference: self.first.as_ref().map(|First { index, events: [one, other] }| Difference {
                index: *index,
                a: one.as_ref().map(|event| self.one.line(event)),
                b: other.as_ref().map(|event| self.other.line(event)),
            }),
            figures: &self.figures,
        }
    }

    fn text(&self) -> String {
        let mut text = match &self.settings[..] {
            [] => "All settings are the same.\n".to_owned(),
            settings => {
                let rows = settings.iter().map(|it| [it.setting.clone(), shown(&it.a), shown(&it.b)]);
                format!("Settings that differ:\n{}\n", self.table(rows))
            }
        };
        let Some(First { index, events }) = &self.first else {
            let same = match self.events[0] {
                0 => "Neither log has an event.".to_owned(),
                1 => "The only event is the same.".to_owned(),
                events => format!("All {} are the same.", text::plural(events, "event")),
            };
            return format!("{text}{same}\n");
        };
        let before = match index {
            0 => "The events differ from the first one on:".to_owned(),
            index => format!("The events differ after the first {}:", text::count(*index)),
        };
        text.push_str(&before);
        let width = self.names().map(|name| name.chars().count()).into_iter().max().unwrap_or(0);
        for ((named, event), name) in [self.one, self.other].into_iter().zip(events).zip(self.names()) {
            let event = match event {
                Some(event) => InWords(named.log.header(), event).to_string(),
                None => "     nothing more".to_owned(),
            };
            text.push_str(&format!("\n  {name:width$}  {}", event.trim_end()));
        }
        text.push('\n');
        if !self.figures.is_empty() {
            let rows =
                self.figures.iter().map(|figure| [figure.label(), figure.shown(figure.a), figure.shown(figure.b)]);
            text.push_str(&format!("\nFigures that differ:\n{}", self.table(rows.filter(|[_, a, b]| a != b))));
        }
        text
    }

    fn names(&self) -> [String; 2] {
        [self.one, self.other].map(|named| text::shortened_in_front(&named.name, MAX_NAME))
    }

    /// A table with a column for each log.
    fn table(&self, rows: impl Iterator<Item = [String; 3]>) -> String {
        let [one, other] = self.names();
        let rows: Vec<[String; 3]> = [[String::new(), one, other]].into_iter().chain(rows).collect();
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths = [width(0), width(1), width(2)];
        let line = |[label, one, other]: &[String; 3]| {
            format!("  {label:0$}  {one:>1$}  {other:>2$}\n", widths[0], widths[1], widths[2])
        };
        rows.iter().map(line).collect()
    }
}

/// A setting as people read it.
fn shown(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Null => "none".to_owned(),
        serde_json::Value::String(text) => text::visible(text).into_owned(),
        other => text::visible(&other.to_string()).into_owned(),
    }
}
