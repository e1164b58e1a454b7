//! Measures as lessons write them: `p99(after)`, `rate(after) / rate(before)`, and what a goal takes: `rate >= 90 and
//! p99 <= 100ms`.

use super::problems::instead;
use super::values::{self, Comparison};
use crate::numbers;
use clearpipe_model::topology::{ChannelId, Stage};
use serde::Serialize;
use std::time::Duration;

/// A quantity, or one divided by another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measure {
    /// The quantity.
    pub of: Quantity,
    /// What it is divided by.
    pub over: Option<Quantity>,
}

/// Something that can be measured in a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Quantity {
    /// What it is.
    pub quantity: Kind,
    /// The name of the run; `None` is the run of the challenge.
    pub run: Option<String>,
    /// The run that it is compared with, if the quantity is about two; again, `None` within is the challenge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_run: Option<Option<String>>,
    /// The stage, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<Stage>,
    /// The channel, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<ChannelId>,
    /// The time, if it is about one.
    #[serde(rename = "time_seconds", skip_serializing_if = "Option::is_none", serialize_with = "seconds")]
    pub time: Option<Duration>,
}

/// The quantities. [`super::measured`] has the formula of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Records finished per second.
    Rate,
    /// Duration of the run.
    End,
    /// Records in the processed file.
    Processed,
    /// Records in the failed file.
    Failed,
    /// Median latency.
    P50,
    /// Latency that 99 % of the records don't exceed.
    P99,
    /// Longest latency.
    Max,
    /// The 99th percentile of the time from when a record was due.
    P99Due,
    /// Share of the time in which the workers of a stage were busy.
    Busy,
    /// Share in which they were ready, without a core.
    Ready,
    /// Share in which they were blocked.
    Blocked,
    /// Share in which they waited.
    Waiting,
    /// Busy workers of a stage, on average.
    InWork,
    /// Records in a channel at a time.
    Depth,
    /// When a channel was full for the first time.
    FirstFull,
    /// How often a sender found a channel full.
    BlockedSends,
    /// From the production of the last record to the end.
    Drain,
    /// Whether two runs wrote the same bytes.
    SameOutput,
    /// Whether two runs had the same events.
    SameEvents,
}

/// What values are measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Records per second.
    PerSecond,
    /// Seconds.
    Seconds,
    /// A share, from 0 to 1.
    Share,
    /// A number of records.
    Records,
    /// A number of workers.
    Workers,
    /// A number of sends.
    Sends,
    /// How many times as much.
    Ratio,
    /// 1 is yes, and 0 is no.
    YesNo,
}

/// A comparison of a measure with a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// What is measured.
    pub measure: Measure,
    /// How it is compared.
    pub comparison: Comparison,
    /// With what.
    pub value: f64,
}

/// The runs that a measure can be about.
#[derive(Clone, Copy, Debug)]
pub struct RunNames<'a> {
    /// Their names.
    pub names: &'a [&'a str],
    /// Which one is meant if none is named; `None` is the challenge.
    pub default: Option<&'a str>,
}

impl Kind {
    /// All kinds, with their names.
    pub const ALL: [(&'static str, Kind); 19] = [
        ("rate", Kind::Rate),
        ("end", Kind::End),
        ("processed", Kind::Processed),
        ("failed", Kind::Failed),
        ("p50", Kind::P50),
        ("p99", Kind::P99),
        ("max", Kind::Max),
        ("p99_due", Kind::P99Due),
        ("busy", Kind::Busy),
        ("ready", Kind::Ready),
        ("blocked", Kind::Blocked),
        ("waiting", Kind::Waiting),
        ("in_work", Kind::InWork),
        ("depth", Kind::Depth),
        ("first_full", Kind::FirstFull),
        ("blocked_sends", Kind::BlockedSends),
        ("drain", Kind::Drain),
        ("same_output", Kind::SameOutput),
        ("same_events", Kind::SameEvents),
    ];

    /// Returns the name of a kind.
    pub fn name(self) -> &'static str {
        Kind::ALL.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }

    /// Returns what it is measured in.
    pub fn unit(self) -> Unit {
        match self {
            Kind::Rate => Unit::PerSecond,
            Kind::End | Kind::P50 | Kind::P99 | Kind::Max | Kind::P99Due | Kind::FirstFull | Kind::Drain => {
                Unit::Seconds
            }
            Kind::Processed | Kind::Failed | Kind::Depth => Unit::Records,
            Kind::Busy | Kind::Ready | Kind::Blocked | Kind::Waiting => Unit::Share,
            Kind::InWork => Unit::Workers,
            Kind::BlockedSends => Unit::Sends,
            Kind::SameOutput | Kind::SameEvents => Unit::YesNo,
        }
    }

    fn needs_stage(self) -> bool {
        matches!(self, Kind::Busy | Kind::Ready | Kind::Blocked | Kind::Waiting | Kind::InWork)
    }

    fn needs_channel(self) -> bool {
        matches!(self, Kind::Depth | Kind::FirstFull)
    }

    fn allows_channel(self) -> bool {
        self.needs_channel() || self == Kind::BlockedSends
    }

    fn compares_runs(self) -> bool {
        matches!(self, Kind::SameOutput | Kind::SameEvents)
    }
}

impl Measure {
    /// Reads a measure.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(text: &str, runs: RunNames<'_>) -> Result<Measure, String> {
        let mut parts = text.split('/').map(|part| Quantity::read(part, runs));
        let Some(of) = parts.next().transpose()? else { return Err("the measure is empty".to_owned()) };
        let over = parts.next().transpose()?;
        match parts.next() {
            Some(_) => Err(format!("`{text}` divides twice; a measure is one quantity, or one divided by another")),
            None => Ok(Measure { of, over }),
        }
    }

    /// Returns what it is measured in.
    pub fn unit(&self) -> Unit {
        if self.over.is_some() { Unit::Ratio } else { self.of.quantity.unit() }
    }
}

/// The measure as it is written.
impl std::fmt::Display for Measure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.of)?;
        self.over.as_ref().map_or(Ok(()), |over| write!(f, " / {over}"))
    }
}

impl Quantity {
    fn read(text: &str, runs: RunNames<'_>) -> Result<Quantity, String> {
        let text = text.trim();
        let (name, arguments) = match text.split_once('(') {
            None => (text, ""),
            Some((name, rest)) => {
                let arguments = rest.strip_suffix(')').ok_or_else(|| format!("`{text}` has no closing parenthesis"))?;
                (name.trim_end(), arguments)
            }
        };
        let known = Kind::ALL.iter().find(|(known, _)| *known == name);
        let Some(&(_, quantity)) = known else {
            let names = Kind::ALL.map(|(name, _)| name);
            return Err(format!("`{name}` can't be measured; {}", instead(name, &names, "quantities")));
        };
        let (mut run, mut other_run, mut stage, mut channel, mut time) = (None, None, None, None, None);
        for argument in arguments.split(',').map(str::trim).filter(|_| !arguments.trim().is_empty()) {
            let twice = |is_there: bool| match is_there {
                true => Err(format!("`{text}`: `{argument}` is one too many")),
                false => Ok(()),
            };
            if let Some(name) = runs.names.iter().find(|name| **name == argument) {
                let named = Some((*name).to_owned());
                if run.is_none() {
                    run = Some(named);
                } else {
                    twice(other_run.is_some() || !quantity.compares_runs())?;
                    other_run = Some(named);
                }
            } else if let Some(found) = Stage::ALL.into_iter().find(|stage| stage.id() == argument) {
                twice(stage.is_some() || !quantity.needs_stage())?;
                stage = Some(found);
            } else if let Some(found) = ChannelId::ALL.into_iter().find(|channel| channel.name() == argument) {
                twice(channel.is_some() || !quantity.allows_channel())?;
                channel = Some(found);
            } else if argument.starts_with(|first: char| first.is_ascii_digit()) {
                twice(time.is_some() || quantity != Kind::Depth)?;
                time = Some(numbers::time(argument)?);
            } else {
                let channels = ChannelId::ALL.map(ChannelId::name);
                let stages = Stage::ALL.map(Stage::id);
                let names: Vec<&str> = runs.names.iter().copied().chain(stages).chain(channels).collect();
                let instead = instead(argument, &names, "names");
                return Err(format!("`{argument}` is no run, stage, channel or time; {instead}"));
            }
        }
        let missing = |what| Err(format!("`{text}` needs {what}"));
        if quantity.needs_stage() && stage.is_none() {
            return missing("a stage, as in `busy(loader)`");
        }
        if quantity.needs_channel() && channel.is_none() {
            return missing("a channel, as in `first_full(dataCh)`");
        }
        if quantity == Kind::Depth && time.is_none() {
            return missing("a time, as in `depth(dataCh, 1s)`");
        }
        let default = runs.default.map(str::to_owned);
        if quantity.compares_runs() && other_run.is_none() {
            // In a goal, the other one is that of the challenge.
            match (run.take(), &default) {
                (Some(named), None) => (run, other_run) = (Some(None), Some(named)),
                _ => return missing("two runs, as in `same_output(one, other)`"),
            }
        }
        Ok(Quantity { quantity, run: run.unwrap_or(default), other_run, stage, channel, time })
    }
}

/// The quantity as it is written.
impl std::fmt::Display for Quantity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Quantity { quantity, run, other_run, stage, channel, time } = self;
        let arguments = [
            stage.map(|stage| stage.id().to_owned()),
            channel.map(|channel| channel.name().to_owned()),
            time.map(|time| format!("{}s", time.as_secs_f64())),
            run.clone(),
            other_run.clone().flatten(),
        ];
        let arguments: Vec<String> = arguments.into_iter().flatten().collect();
        f.write_str(quantity.name())?;
        if arguments.is_empty() { Ok(()) } else { write!(f, "({})", arguments.join(", ")) }
    }
}

impl Condition {
    /// Reads comparisons that are joined by `and`.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn read_all(text: &str, runs: RunNames<'_>) -> Result<Vec<Condition>, String> {
        text.split(" and ").map(|text| Condition::read(text, runs)).collect()
    }

    fn read(text: &str, runs: RunNames<'_>) -> Result<Condition, String> {
        let found =
            Comparison::ALL.into_iter().filter_map(|comparison| Some((text.find(comparison.sign())?, comparison)));
        // Of those at the same place, the first is the longest.
        let Some((at, comparison)) = found.min_by_key(|(at, _)| *at) else {
            return Err(format!("`{}` compares nothing; write it as in `rate >= 90`", text.trim()));
        };
        let (measure, value) = (&text[..at], &text[at + comparison.sign().len()..]);
        Ok(Condition { measure: Measure::read(measure, runs)?, comparison, value: values::value(value)? })
    }
}

fn seconds<S: serde::Serializer>(time: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => serializer.serialize_f64(time.as_secs_f64()),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUNS: RunNames = RunNames { names: &["before", "after"], default: Some("after") };
    const GOAL: RunNames = RunNames { default: None, ..RUNS };

    #[test]
    fn measures_are_read_and_written() {
        for (text, written) in [
            ("rate", "rate(after)"),
            ("rate(before)", "rate(before)"),
            ("rate(after)/rate(before)", "rate(after) / rate(before)"),
            ("depth( 1.5s , before,dataCh)", "depth(dataCh, 1.5s, before)"),
            ("blocked_sends", "blocked_sends(after)"),
            ("blocked_sends(validCh)", "blocked_sends(validCh, after)"),
            ("busy(fan_out)", "busy(fan_out, after)"),
            ("same_output(after, before)", "same_output(after, before)"),
        ] {
            assert_eq!(Measure::read(text, RUNS).unwrap().to_string(), written);
        }
        assert_eq!(Measure::read("p99 / p99(before)", RUNS).unwrap().unit(), Unit::Ratio);
        assert_eq!(Measure::read("p99_due", RUNS).unwrap().unit(), Unit::Seconds);
        let same = Measure::read("same_events(before)", GOAL).unwrap().of;
        assert_eq!((same.run, same.other_run), (None, Some(Some("before".to_owned()))));
    }

    #[test]
    fn what_cannot_be_measured_is_refused() {
        for (text, problem) in [
            ("rat", "`rat` can't be measured; did you mean `rate`?"),
            ("", "`` can't be measured; the quantities are rate, end, "),
            ("rate / rate / rate", "divides twice"),
            ("rate(after", "`rate(after` has no closing parenthesis"),
            ("rate(befor)", "`befor` is no run, stage, channel or time; did you mean `before`?"),
            ("rate(before, after)", "`after` is one too many"),
            ("rate(loader)", "`loader` is one too many"),
            ("busy", "`busy` needs a stage"),
            ("busy(loadr)", "did you mean `loader`?"),
            ("depth(dataCh)", "needs a time"),
            ("depth(1s)", "needs a channel"),
            ("first_full(datach)", "did you mean `dataCh`?"),
            ("depth(dataCh, 1)", "`1` is not a time such as"),
            ("same_output(before)", "needs two runs"),
        ] {
            let error = Measure::read(text, RUNS).unwrap_err();
            assert!(error.contains(problem), "{text}: {error}");
        }
    }

    #[test]
    fn a_goal_joins_comparisons() {
        let found = Condition::read_all("rate >= 90 and p99<100ms and blocked_sends(dataCh) = 0", GOAL).unwrap();
        let found: Vec<_> = found.iter().map(|it| (it.measure.to_string(), it.comparison, it.value)).collect();
        assert_eq!(
            found,
            [
                ("rate".to_owned(), Comparison::AtLeast, 90.0),
                ("p99".to_owned(), Comparison::Below, 0.1),
                ("blocked_sends(dataCh)".to_owned(), Comparison::Equal, 0.0)
            ]
        );
        for (text, problem) in [
            ("rate", "`rate` compares nothing"),
            ("rate >= fast", "`fast` is not a value"),
            ("rate >= 90 and", "`90 and` is not a value"),
            ("speed >= 90", "`speed` can't be measured"),
        ] {
            assert!(Condition::read_all(text, GOAL).unwrap_err().contains(problem), "{text}");
        }
    }
}
