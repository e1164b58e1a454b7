//! Figures of a run, measured from its event log.
//!
//! They are those of the traced records. Latencies and shares of time are as in [metrics](crate::metrics), as far as events
//! tell them.

use super::EventKind;
use super::read::{LogError, LogReader, Logged};
use super::state::{Doing, Pipeline, State, Totals};
use crate::metrics::{Distribution, Latencies, Times};
use clearpipe_model::topology::{Stage, Topology};
use std::collections::{BTreeMap, HashMap};
use std::io::{Read, Seek};
use std::time::Duration;

/// The figures of a run, or of the part of it that a log has.
#[derive(Clone, Debug)]
pub struct Figures {
    /// The number of events.
    pub events: u64,
    /// From the beginning of the run, or of the part, to the last event.
    pub duration: Duration,
    /// What had happened at the end; in the log of a part, also before it.
    pub totals: Totals,
    /// How many records were processed or failed, in the part only if it is one.
    pub finished: u64,
    /// From when the Producer made a record until it was handed to its file.
    pub latency: Distribution,
    /// In the order of the topology.
    pub stages: Vec<StageFigures>,
    /// In the order of the topology.
    pub channels: Vec<ChannelFigures>,
}

/// What the workers of a stage did.
#[derive(Clone, Debug)]
pub struct StageFigures {
    /// The stage's name for programs.
    pub id: String,
    /// The share of their time in which they were busy, from 0 to 1.
    pub busy: f64,
    /// The share of their time in which they couldn't send.
    pub blocked: f64,
}

/// How full a channel was.
#[derive(Clone, Debug)]
pub struct ChannelFigures {
    /// The channel's name for programs.
    pub id: String,
    /// The most records that were in it at a time.
    pub highest_depth: usize,
}

impl Figures {
    /// Measures a log from its beginning to its end.
    ///
    /// # Errors
    /// If the log can't be read.
    pub fn measure<R: Read + Seek>(log: &mut LogReader<R>) -> Result<Figures, LogError> {
        let part = log.header().part();
        let begin = part.map_or(0, |part| part.from_ns);
        let mut measuring = Measuring::new(log.pipeline(), log.rewind()?.ok_or(LogError::NoBeginning)?, begin);
        let channels = &log.header().topology().channels;
        measuring.depths = channels.iter().map(|it| (it.node, measuring.state.depth(it.node))).collect();
        while let Some(event) = log.next_packed()? {
            measuring.add(event);
        }
        let end = part.map(|part| part.to_ns).or(log.last_time()).unwrap_or(begin);
        let configured = |id: &str| {
            let stage = Stage::ALL.into_iter().find(|stage| stage.id() == id);
            stage.map_or(1, |stage| log.plan().workers(stage))
        };
        Ok(measuring.finish(end, log.header().topology(), configured))
    }
}

/// What has been measured so far.
struct Measuring {
    pipeline: Pipeline,
    state: State,
    begin: u64,
    events: u64,
    /// How many records had been processed or failed when it began.
    finished_before: u64,
    /// When the records that aren't written yet were produced.
    produced: HashMap<u64, u64>,
    latencies: Latencies,
    /// What each worker does, and since when.
    workers: BTreeMap<(u8, u16), (Doing, u64)>,
    /// By stage: how long its workers have been busy and blocked together, in nanoseconds.
    stages: BTreeMap<u8, (u64, u64)>,
    /// By the number of the channel: the most records that were in it.
    depths: BTreeMap<u8, usize>,
}

impl Measuring {
    fn new(pipeline: Pipeline, state: State, begin: u64) -> Measuring {
        let finished_before = finished(state.totals());
        let (produced, latencies, workers, stages, depths) = Default::default();
        let mut measuring = Measuring {
            pipeline,
            state,
            begin,
            events: 0,
            finished_before,
            produced,
            latencies,
            workers,
            stages,
            depths,
        };
        measuring.look_at_workers(begin);
        measuring
    }

    fn add(&mut self, packed: [u64; 2]) {
        let event = Logged::of(packed);
        // What comes before a part only tells how it begins.
        let is_within = event.time >= self.begin;
        let whose = self.state.apply(&self.pipeline, packed);
        if is_within {
            self.events += 1;
        } else {
            self.finished_before = finished(self.state.totals());
        }
        let time = event.time.max(self.begin);
        match whose {
            Some(worker) => self.look_at(worker, time),
            // It may have been about all of them.
            None if event.known == Some(EventKind::Sampling) => self.look_at_workers(time),
            None => {}
        }
        match (event.known, event.record) {
            (Some(EventKind::Produced), Some(record)) => {
                self.produced.insert(record, event.time);
            }
            (Some(EventKind::Written), Some(record)) => {
                if let Some(produced) = self.produced.remove(&record).filter(|_| is_within) {
                    let (produced, written) = (Duration::from_nanos(produced), Duration::from_nanos(event.time));
                    self.latencies.add(Times { produced, due: produced, written }, 1);
                }
            }
            (Some(EventKind::Arrive | EventKind::Depart), _) => {
                let depth = self.state.depth(event.node);
                let highest = self.depths.entry(event.node).or_default();
                // Before a part, its beginning counts, and no earlier depth.
                *highest = if is_within { depth.max(*highest) } else { depth };
            }
            _ => {}
        }
    }

    fn look_at_workers(&mut self, time: u64) {
        let known: Vec<(u8, u16)> = self.state.workers().map(|worker| (worker.stage, worker.worker)).collect();
        known.into_iter().for_each(|worker| self.look_at(worker, time));
    }

    /// Notes what a worker does from now on, and how long it has done something else.
    fn look_at(&mut self, worker: (u8, u16), time: u64) {
        let doing = self.state.doing(worker);
        let (before, since) = self.workers.insert(worker, (doing, time)).unwrap_or((Doing::Waiting, self.begin));
        let (busy, blocked) = self.stages.entry(worker.0).or_default();
        match before {
            Doing::Busy => *busy += time.saturating_sub(since),
            Doing::Blocked => *blocked += time.saturating_sub(since),
            Doing::Ready | Doing::Waiting => {}
        }
    }

    fn finish(mut self, end: u64, topology: &Topology, configured: impl Fn(&str) -> usize) -> Figures {
        self.look_at_workers(end);
        let duration = end.saturating_sub(self.begin);
        let stages = topology.stages.iter().map(|stage| {
            let known = self.workers.keys().filter(|(node, _)| *node == stage.node).count();
            let all = duration as f64 * known.max(configured(&stage.id)) as f64;
            let (busy, blocked) = self.stages.get(&stage.node).copied().unwrap_or_default();
            let share = |time: u64| if all > 0.0 { time as f64 / all } else { 0.0 };
            StageFigures { id: stage.id.clone(), busy: share(busy), blocked: share(blocked) }
        });
        let channels = topology.channels.iter().map(|channel| {
            let highest_depth = self.depths.get(&channel.node).copied().unwrap_or(0);
            ChannelFigures { id: channel.id.clone(), highest_depth }
        });
        let totals = self.state.totals();
        Figures {
            events: self.events,
            duration: Duration::from_nanos(duration),
            totals,
            finished: finished(totals).saturating_sub(self.finished_before),
            latency: self.latencies.metrics().from_production,
            stages: stages.collect(),
            channels: channels.collect(),
        }
    }
}

fn finished(totals: Totals) -> u64 {
    totals.processed + totals.invalid + totals.transformation_errors
}
