//! Finds what limits a run: the threads, a stage, the channels, or the window of records in flight.
//!
//! A pipeline is as fast as its slowest stage. That stage is busy or ready nearly all the time: those before it are
//! blocked, and those after it are waiting. If it is ready rather than busy, it lacks a thread. The page goes into more
//! detail, by the same rule.

use clearpipe_core::config::{Config, Service, ServiceTime};
use clearpipe_core::metrics::Metrics;
use clearpipe_model::topology::{ChannelId, Stage};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A stage is at its limit if it is busy or ready for this share of its time.
const AT_LIMIT: f64 = 0.85;

/// If a stage is ready for this share of its work, the threads are the limit.
const WITHOUT_THREAD: f64 = 0.2;

/// The share of the threads at which all count as busy.
const ALL_BUSY: f64 = 0.9;

/// If a stage is blocked for this share of its time while no stage is at its limit, it lacks room to send to.
const PRESSED: f64 = 0.3;

/// A rate limit counts as reached from this share of it on.
const REACHED: f64 = 0.95;

/// Below this share, no stage is held up.
const FREE: f64 = 0.1;

/// A stage that is busy for less of its time than this is not the limit.
const HALF: f64 = 0.5;

/// Channels of up to this many records may be too small to absorb variation.
const SMALL: usize = 16;

/// In smaller batches than this, handing over costs about as much as the work.
const SMALL_BATCH: usize = 32;

/// With fewer records than this, there is no verdict: their times are mostly chance.
const FEW: u64 = 10;

/// What limited a run, and how the stages spent their time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bottleneck {
    /// `threads`: all are busy. `stage`: the one in `stage`. `channels`: no stage is at its limit, and still senders
    /// are blocked; the channels are too small. `batch`: no stage has a service time, and handing over a few records at
    /// a time is most of the work. `window`: the same, but the Producer waits for the number of records in flight to
    /// drop. `rate`: the rate limit. `unknown`: there were too few records to tell. `none`: none of these.
    pub limit: Limit,
    /// The stage that is at its limit; if the limit is the threads, the stage that uses them most.
    pub stage: Option<Stage>,
    /// All stages, in the order of the specification.
    pub shares: Vec<Shares>,
}

/// What is at its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Limit {
    /// All threads are busy.
    Threads,
    /// One stage.
    Stage,
    /// The channels are too small.
    Channels,
    /// Too few records may be in flight.
    Window,
    /// The batches are too small.
    Batch,
    /// Records are produced at the rate limit.
    Rate,
    /// There were too few records to tell.
    Unknown,
    /// Nothing.
    None,
}

/// How the workers of a stage spent their time, as average shares that add up to 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shares {
    /// The stage.
    pub stage: Stage,
    /// The number of its workers.
    pub workers: usize,
    /// They worked, or waited out a service time.
    pub busy: f64,
    /// They could have continued, but waited for a thread.
    pub ready: f64,
    /// A channel that they send to was full.
    pub blocked: f64,
    /// They waited for something to receive.
    pub waiting: f64,
}

impl Bottleneck {
    /// Finds what limited a run that has ended.
    pub fn of(metrics: &Metrics, config: &Config) -> Bottleneck {
        let shares = shares_of(metrics);
        let busiest = |load: fn(&Shares) -> f64| shares.iter().max_by(|one, other| load(one).total_cmp(&load(other)));
        let found = |limit, stage: Option<&Shares>| (limit, stage.map(|stage| stage.stage));
        let keeper = busiest(|stage| stage.busy * stage.workers as f64);
        let (limit, stage) = match busiest(Shares::load) {
            _ if metrics.processed + metrics.failed < FEW => (Limit::Unknown, None),
            _ if is_rate_reached(metrics, config) => (Limit::Rate, Some(Stage::Producer)),
            Some(top) if top.load() >= AT_LIMIT && top.ready >= WITHOUT_THREAD * top.load() => {
                found(Limit::Threads, keeper)
            }
            Some(top) if top.load() >= AT_LIMIT => found(Limit::Stage, Some(top)),
            _ if computing(&shares, config) >= ALL_BUSY * metrics.threads as f64 => found(Limit::Threads, keeper),
            // On average, at least one worker is waiting for a thread.
            _ if shares.iter().map(|stage| stage.ready * stage.workers as f64).sum::<f64>() >= 1.0 => {
                found(Limit::Threads, keeper)
            }
            _ if is_handing_over(metrics, config) => (Limit::Batch, None),
            _ if is_source_slow(&shares, metrics) => (Limit::Stage, Some(Stage::Producer)),
            _ => match busiest(|stage| stage.blocked).filter(|stage| stage.blocked >= PRESSED) {
                Some(pressed) if is_by_window(pressed, metrics) => found(Limit::Window, Some(pressed)),
                Some(pressed) => found(Limit::Channels, Some(pressed)),
                None => match shares.iter().find(|stage| lacks_room(stage, &shares, metrics)) {
                    Some(stage) => found(Limit::Channels, Some(stage)),
                    None => (Limit::None, None),
                },
            },
        };
        Bottleneck { limit, stage, shares }
    }

    /// Returns the kind of the bottleneck, which determines its mark.
    pub fn kind(&self) -> Kind {
        match (self.limit, self.stage) {
            (Limit::Threads, _) => Kind::Threads,
            (Limit::Stage, Some(Stage::Producer)) => Kind::Producer,
            (Limit::Stage, Some(Stage::Validator)) => Kind::Validators,
            (Limit::Stage, Some(Stage::Transformer)) => Kind::Transformers,
            (Limit::Stage, Some(Stage::FanOut)) => Kind::FanOut,
            // All others come after the fan-out.
            (Limit::Stage, Some(_)) => Kind::Consumer,
            (Limit::Channels, _) => Kind::Channels,
            (Limit::Window, _) => Kind::Window,
            (Limit::Batch, _) => Kind::Batch,
            (Limit::Rate, _) => Kind::Rate,
            (Limit::Unknown, _) => Kind::Unknown,
            (Limit::None, _) | (Limit::Stage, None) => Kind::Nothing,
        }
    }
}

impl Shares {
    /// Returns the share of the time in which they work, or are ready to.
    fn load(&self) -> f64 {
        self.busy + self.ready
    }
}

/// `threads, needed most by the Transformer (45 % busy)`.
impl fmt::Display for Bottleneck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(stage) = self.shares.iter().find(|shares| Some(shares.stage) == self.stage) else {
            return f.write_str(self.kind().name());
        };
        let percent = |share: f64| (share * 100.0).round();
        match self.limit {
            Limit::Threads => write!(f, "threads, needed most by the {} ({} % busy)", stage.stage, percent(stage.busy)),
            Limit::Stage => write!(f, "{} ({} % busy)", stage.stage, percent(stage.busy)),
            Limit::Channels | Limit::Window => {
                write!(f, "{} ({} blocked {} %)", self.kind().name(), stage.stage, percent(stage.blocked))
            }
            Limit::Batch | Limit::Rate | Limit::Unknown | Limit::None => f.write_str(self.kind().name()),
        }
    }
}

/// The kinds of bottlenecks, each with a mark of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// All threads are busy.
    Threads,
    /// The Producer.
    Producer,
    /// The Validators.
    Validators,
    /// The Transformers.
    Transformers,
    /// The fan-out.
    FanOut,
    /// The Loader, the Error Handler or the Metrics Collector.
    Consumer,
    /// The channels are too small.
    Channels,
    /// Too few records may be in flight.
    Window,
    /// The batches are too small.
    Batch,
    /// The rate limit.
    Rate,
    /// Too few records to tell.
    Unknown,
    /// Nothing.
    Nothing,
}

impl Kind {
    /// Returns the name for people.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Threads => "threads",
            Kind::Producer => "Producer",
            Kind::Validators => "Validators",
            Kind::Transformers => "Transformers",
            Kind::FanOut => "fan-out",
            Kind::Consumer => "consumer",
            Kind::Channels => "channels",
            Kind::Window => "window",
            Kind::Batch => "small batches",
            Kind::Rate => "rate limit",
            Kind::Unknown => "too few records",
            Kind::Nothing => "nothing",
        }
    }

    /// Returns the mark in a table; the chart has the same shapes.
    pub fn mark(self) -> char {
        match self {
            Kind::Threads => '●',
            Kind::Producer => '▶',
            Kind::Validators => '▲',
            Kind::Transformers => '◆',
            Kind::FanOut => '■',
            Kind::Consumer => '▼',
            Kind::Channels => '○',
            Kind::Window => '□',
            Kind::Batch => '△',
            Kind::Rate => '◇',
            Kind::Unknown => '?',
            Kind::Nothing => '·',
        }
    }
}

fn shares_of(metrics: &Metrics) -> Vec<Shares> {
    let stage = |stage: &clearpipe_core::metrics::StageMetrics| {
        let workers = stage.workers.len();
        let whole = metrics.elapsed_seconds * workers as f64;
        let share = |seconds: f64| if whole > 0.0 { seconds / whole } else { 0.0 };
        Shares {
            stage: stage.stage,
            workers,
            busy: share(stage.workers.iter().map(|worker| worker.busy_seconds).sum()),
            ready: share(stage.workers.iter().map(|worker| worker.ready_seconds).sum()),
            blocked: share(stage.workers.iter().map(|worker| worker.blocked_seconds).sum()),
            waiting: share(stage.workers.iter().map(|worker| worker.waiting_seconds).sum()),
        }
    };
    metrics.stages.iter().map(stage).collect()
}

/// Returns whether records came at the rate limit, on average, and no stage fell behind.
fn is_rate_reached(metrics: &Metrics, config: &Config) -> bool {
    let limit = config.generator.rate_limit;
    limit > 0.0 && metrics.produced as f64 >= REACHED * limit * metrics.elapsed_seconds
}

/// Returns whether no stage has a service time, and batches are small: then handing records over is most of the work.
fn is_handing_over(metrics: &Metrics, config: &Config) -> bool {
    metrics.batch < SMALL_BATCH && config.service == Service::default()
}

/// Returns whether no stage holds the Producer up, and it spends most of its time making records or waiting for the
/// input.
fn is_source_slow(shares: &[Shares], metrics: &Metrics) -> bool {
    let waits = |producer: &Shares| metrics.input_bytes > 0 && producer.waiting >= HALF;
    shares
        .iter()
        .any(|stage| stage.stage == Stage::Producer && stage.blocked < FREE && (stage.load() >= HALF || waits(stage)))
}

/// Returns whether a stage is sometimes idle, although its senders are blocked: the channel between them is too small
/// to absorb variation.
fn lacks_room(stage: &Shares, shares: &[Shares], metrics: &Metrics) -> bool {
    let Some(channel) = ChannelId::ALL.into_iter().find(|channel| channel.receivers().contains(&stage.stage)) else {
        return false;
    };
    let senders =
        shares.iter().find(|other| channel.senders().first() == Some(&other.stage)).map_or(1, |sender| sender.workers);
    let blocked = metrics.channels.iter().find(|other| other.channel == channel).is_some_and(|channel| {
        let share = channel.blocked_seconds / metrics.elapsed_seconds / senders as f64;
        channel.capacity <= SMALL && share >= FREE
    });
    blocked && stage.waiting >= FREE
}

/// Returns whether it is the Producer, and it mostly waits for something other than its channel.
fn is_by_window(pressed: &Shares, metrics: &Metrics) -> bool {
    let own = metrics.channels.iter().find(|channel| channel.channel == ChannelId::DataCh);
    let by_channel = own.map_or(0.0, |channel| channel.blocked_seconds / metrics.elapsed_seconds);
    pressed.stage == Stage::Producer && by_channel < pressed.blocked / 2.0
}

/// Returns how many threads are busy, on average. A worker that serves a waiting time is busy without one.
fn computing(shares: &[Shares], config: &Config) -> f64 {
    let waits = |stage| config.service_of(stage).wait != ServiceTime::Off;
    shares.iter().filter(|shares| !waits(shares.stage)).map(|shares| shares.busy * shares.workers as f64).sum()
}

#[cfg(test)]
mod changes;
#[cfg(test)]
mod situations;
#[cfg(test)]
mod vectors;
#[cfg(test)]
mod verdicts;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::{Pipeline, generated};
    use serde_json::json;

    /// In simulated time, so that it does not depend on the machine.
    fn limit(service: serde_json::Value, workers: usize, cores: usize) -> Bottleneck {
        let service = serde_json::from_value(service).unwrap();
        let mut config = Config { service, workers, ..generated(0) };
        config.runtime.cores = cores;
        Pipeline::new(config, 1).run_virtually(300).unwrap().bottleneck.unwrap()
    }

    #[test]
    fn what_is_slow_is_named() {
        for (service, workers, cores, expected, stage) in [
            (json!({"transformer": {"wait": "5ms"}}), 3, 2, Kind::Transformers, Stage::Transformer),
            (json!({"validator": {"compute": "5ms"}}), 1, 2, Kind::Validators, Stage::Validator),
            (json!({"loader": {"wait": "5ms"}}), 3, 2, Kind::Consumer, Stage::Loader),
            (json!({"producer": {"wait": "5ms"}}), 3, 2, Kind::Producer, Stage::Producer),
            (json!({"transformer": {"compute": "5ms"}}), 8, 2, Kind::Threads, Stage::Transformer),
        ] {
            let found = limit(service, workers, cores);
            assert_eq!((found.kind(), found.stage), (expected, Some(stage)), "{found:?}");
            assert!(found.to_string().contains(stage.name()) && found.to_string().ends_with(" % busy)"), "{found}");
            for shares in &found.shares {
                let sum = shares.busy + shares.ready + shares.blocked + shares.waiting;
                assert!((sum - 1.0).abs() < 0.01, "{shares:?}");
            }
        }
    }

    #[test]
    fn where_few_records_may_come_the_rate_is_the_limit() {
        let mut config = generated(0);
        config.generator.rate_limit = 1000.0;
        let found = Pipeline::new(config, 1).run_virtually(100).unwrap().bottleneck.unwrap();
        assert_eq!((found.kind(), found.to_string()), (Kind::Rate, "rate limit".to_owned()));
        let found = Pipeline::new(generated(0), 1).run_virtually(5).unwrap().bottleneck.unwrap();
        assert_eq!((found.kind(), found.to_string()), (Kind::Unknown, "too few records".to_owned()));
    }
}
