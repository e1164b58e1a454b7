//! What a run measured. A run is made in this process, its files stay in memory, and all its records are traced.
//!
//! Everything follows from the metrics at the end of the run and from its events, with these formulas:
//!
//! | quantity | formula |
//! |---|---|
//! | `rate` | (`processed` + `failed`) / `elapsed_seconds` |
//! | `end` | `elapsed_seconds` |
//! | `processed`, `failed` | those of the metrics |
//! | `p50`, `p99`, `max` | of the times from `produced` to `written` of each record, in ascending order: the one at rank ⌈`q` × n⌉, counted from 1, so that it is one that a record had |
//! | `p99_due` | the same from when the record was [due](due_times) |
//! | `busy(STAGE)`, … | the sum of `busy_seconds` of its workers / (their number × `elapsed_seconds`) |
//! | `in_work(STAGE)` | the sum of `busy_seconds` of its workers / `elapsed_seconds` |
//! | `depth(CHANNEL, TIME)` | events `arrive` − events `depart` in the channel, up to and including the time |
//! | `first_full(CHANNEL)` | the time of the event after which this difference is `capacity` for the first time; infinite if it never is |
//! | `blocked_sends` | `blocked_sends` of the channel, or of all channels together |
//! | `drain` | `elapsed_seconds` − the time of the last `produced` |
//! | `same_output(RUN, RUN)` | 1 if both files have the same bytes, otherwise 0 |
//! | `same_events(RUN, RUN)` | 1 if time, kind, place, worker and record of all events are the same, otherwise 0 |

use super::measures::{Kind, Measure, Quantity};
use anyhow::{Context, Result, anyhow, bail};
use clearpipe_core::config::{Config, Plan, RuntimeKind, TraceOptions};
use clearpipe_core::metrics::{Metrics, WorkerMetrics};
use clearpipe_core::pipeline::{self, Outputs, RecordsFrom};
use clearpipe_core::runtime::{Pool, Runtime, Virtual};
use clearpipe_core::trace::EventKind;
use clearpipe_core::trace::log::LogWriter;
use clearpipe_core::trace::read::{LogReader, Logged};
use clearpipe_model::topology::{ChannelId, Stage};
use futures::io::AllowStdIo;
use std::io::{Cursor, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The most events of a record in flight, for which the event log needs room.
const EVENTS_A_RECORD: usize = 64;

/// The smallest and the largest ring for events.
const RINGS: [usize; 2] = [1 << 16, 1 << 20];

/// The number of threads of a run on real ones.
const THREADS: usize = 2;

/// Where a run takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// On the virtual clock.
    Virtual,
    /// On real threads.
    Pool,
}

/// A run that has been made.
#[derive(Debug)]
pub struct Measured {
    config: Config,
    metrics: Metrics,
    events: Vec<Logged>,
    /// The bytes of the two files.
    files: [Vec<u8>; 2],
}

impl Measured {
    /// Makes a run with these settings.
    ///
    /// # Errors
    /// If it fails, or not all of it could be traced.
    pub fn run(config: &Config, place: Place) -> Result<Measured> {
        let mut config = config.clone();
        config.trace = TraceOptions { enabled: true, sample: 1, rate: None, tasks: false, ..config.trace };
        config.trace.ring = ring_for(&config)?;
        let [processed, failed, log] = [(); 3].map(|()| Memory::default());
        let outputs = Outputs {
            processed: Box::new(AllowStdIo::new(processed.clone())),
            failed: Box::new(AllowStdIo::new(failed.clone())),
            log: Some(LogWriter::new(Box::new(log.clone()), &config)),
        };
        let start = |config: &Config, outputs, runtime: Arc<dyn Runtime>| {
            pipeline::start(config, RecordsFrom::Generator, outputs, runtime).context("the settings are refused")
        };
        let finished = match place {
            Place::Virtual => {
                config.runtime.kind = RuntimeKind::Virtual;
                let runtime = Virtual::new(config.runtime.cores, config.schedule_seed());
                let run = start(&config, outputs, Arc::new(runtime.clone()))?;
                runtime.block_on(run.finished())?
            }
            Place::Pool => {
                config.runtime.kind = RuntimeKind::Pool;
                let runtime = Pool::new(THREADS).context("the threads can't be started")?;
                let run = start(&config, outputs, Arc::new(runtime))?;
                futures::executor::block_on(run.finished())
            }
        };
        let metrics = finished.context("a run failed")?;
        let mut log = LogReader::open(Cursor::new(log.take())).context("the events of a run can't be read")?;
        let mut events = Vec::new();
        while let Some(event) = log.next_event().context("the events of a run can't be read")? {
            events.push(event);
        }
        let measured = Measured { config, metrics, events, files: [processed.take(), failed.take()] };
        let traced = measured.times(EventKind::Produced).count() as u64;
        if traced != measured.metrics.produced || measured.metrics.trace_dropped_records > 0 {
            bail!("only {traced} of {} records have been traced", measured.metrics.produced);
        }
        Ok(measured)
    }

    /// Returns a quantity that is about this run alone.
    fn value(&self, quantity: &Quantity) -> Result<f64> {
        let Metrics { processed, failed, elapsed_seconds, .. } = self.metrics;
        let channel = || quantity.channel.ok_or_else(|| anyhow!("no channel is named"));
        let stage = || quantity.stage.ok_or_else(|| anyhow!("no stage is named"));
        let value = match quantity.quantity {
            Kind::Rate => (processed + failed) as f64 / elapsed_seconds,
            Kind::End => elapsed_seconds,
            Kind::Processed => processed as f64,
            Kind::Failed => failed as f64,
            Kind::P50 => percentile(self.latencies(), 0.5)?,
            Kind::P99 => percentile(self.latencies(), 0.99)?,
            Kind::Max => percentile(self.latencies(), 1.0)?,
            Kind::P99Due => percentile(self.latencies_from_due(), 0.99)?,
            Kind::Busy => self.share(stage()?, |worker| worker.busy_seconds),
            Kind::Ready => self.share(stage()?, |worker| worker.ready_seconds),
            Kind::Blocked => self.share(stage()?, |worker| worker.blocked_seconds),
            Kind::Waiting => self.share(stage()?, |worker| worker.waiting_seconds),
            Kind::InWork => {
                let stage = stage()?;
                self.share(stage, |worker| worker.busy_seconds) * self.workers(stage).len() as f64
            }
            Kind::Depth => self.depth(channel()?, quantity.time.unwrap_or_default()),
            Kind::FirstFull => self.first_full(channel()?),
            Kind::BlockedSends => {
                let of = self.metrics.channels.iter().filter(|it| quantity.channel.is_none_or(|id| it.channel == id));
                of.map(|channel| channel.blocked_sends).sum::<u64>() as f64
            }
            Kind::Drain => {
                let last = self.times(EventKind::Produced).map(|(_, time)| time).max();
                elapsed_seconds - seconds(last.ok_or_else(nothing)?)
            }
            Kind::SameOutput | Kind::SameEvents => bail!("`{quantity}` is about two runs"),
        };
        match value.is_nan() || value.is_infinite() && quantity.quantity != Kind::FirstFull {
            true => Err(anyhow!("`{quantity}` can't be measured: the run took no time")),
            false => Ok(value),
        }
    }

    /// Returns a quantity that is about this run and another one.
    fn compared(&self, kind: Kind, other: &Measured) -> f64 {
        let is_same = match kind {
            Kind::SameOutput => self.files == other.files,
            _ => {
                let told = |event: &Logged| (event.time, event.kind, event.node, event.worker, event.record);
                self.events.iter().map(told).eq(other.events.iter().map(told))
            }
        };
        if is_same { 1.0 } else { 0.0 }
    }

    /// Returns the records and times of all events of a kind.
    fn times(&self, kind: EventKind) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.events.iter().filter(move |event| event.known == Some(kind)).filter_map(|it| Some((it.record?, it.time)))
    }

    /// Returns when each record was produced, in nanoseconds, by its number.
    fn produced(&self) -> Vec<u64> {
        let mut produced = vec![0; self.metrics.produced as usize];
        for (record, time) in self.times(EventKind::Produced) {
            if let Some(place) = produced.get_mut(record as usize) {
                *place = time;
            }
        }
        produced
    }

    fn latencies(&self) -> Vec<f64> {
        self.latencies_from(&self.produced())
    }

    fn latencies_from_due(&self) -> Vec<f64> {
        let generator = &self.config.generator;
        self.latencies_from(&due_times(&self.produced(), generator.rate_limit, generator.burst))
    }

    /// Returns how long each record took from a time to its file, in seconds.
    fn latencies_from(&self, begin: &[u64]) -> Vec<f64> {
        let latency =
            |(record, time): (u64, u64)| begin.get(record as usize).map(|begin| seconds(time.saturating_sub(*begin)));
        self.times(EventKind::Written).filter_map(latency).collect()
    }

    fn workers(&self, stage: Stage) -> &[WorkerMetrics] {
        self.metrics.stages.iter().find(|it| it.stage == stage).map_or(&[], |stage| &stage.workers)
    }

    fn share(&self, stage: Stage, of: impl Fn(&WorkerMetrics) -> f64) -> f64 {
        let workers = self.workers(stage);
        workers.iter().map(of).sum::<f64>() / (workers.len() as f64 * self.metrics.elapsed_seconds)
    }

    /// Returns the times at which the number of records in a channel changes, and this number.
    fn depths(&self, channel: ChannelId) -> impl Iterator<Item = (u64, i64)> + '_ {
        let mut depth = 0;
        self.events.iter().filter(move |event| event.node == channel.node_id()).filter_map(move |event| {
            depth += match event.known {
                Some(EventKind::Arrive) => 1,
                Some(EventKind::Depart) => -1,
                _ => return None,
            };
            Some((event.time, depth))
        })
    }

    fn depth(&self, channel: ChannelId, time: Duration) -> f64 {
        let time = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.depths(channel).take_while(|(at, _)| *at <= time).last().map_or(0.0, |(_, depth)| depth as f64)
    }

    fn first_full(&self, channel: ChannelId) -> f64 {
        let metrics = self.metrics.channels.iter().find(|it| it.channel == channel);
        let capacity = metrics.map_or(i64::MAX, |channel| channel.capacity as i64);
        self.depths(channel).find(|(_, depth)| *depth >= capacity).map_or(f64::INFINITY, |(time, _)| seconds(time))
    }
}

/// Returns what a measure is in these runs.
///
/// # Errors
/// If a run fails, or there is nothing to be measured.
pub fn measure(measure: &Measure, runs: &mut impl FnMut(Option<&str>) -> Result<Arc<Measured>>) -> Result<f64> {
    let mut value = |quantity: &Quantity| -> Result<f64> {
        let run = runs(quantity.run.as_deref())?;
        match &quantity.other_run {
            Some(other) => Ok(run.compared(quantity.quantity, &*runs(other.as_deref())?)),
            None => run.value(quantity),
        }
    };
    let of = value(&measure.of)?;
    let Some(over) = &measure.over else { return Ok(of) };
    let by = value(over)?;
    match of / by {
        ratio if ratio.is_finite() => Ok(ratio),
        _ => Err(anyhow!("`{measure}` can't be measured: `{over}` is {by}")),
    }
}

/// Returns when records were due by a rate limit, given when they were produced, all in nanoseconds.
///
/// Record i is due (i − i mod `burst`) / `rate` seconds after the run began, but never later than it was produced: those that
/// are due within a moment are sent together. Without a rate limit, a record is due when it is produced.
///
/// The Producer's own schedule, which the metrics are about, begins anew after it has been held up for more than 100 ms. Here
/// nothing is forgiven.
pub fn due_times(produced: &[u64], rate: f64, burst: u64) -> Vec<u64> {
    if rate <= 0.0 || burst == 0 {
        return produced.to_vec();
    }
    let due = |(record, produced): (u64, &u64)| {
        let after = Duration::try_from_secs_f64((record - record % burst) as f64 / rate).unwrap_or(Duration::MAX);
        u64::try_from(after.as_nanos()).unwrap_or(u64::MAX).min(*produced)
    };
    (0..).zip(produced).map(due).collect()
}

/// Returns the value that a share `q` of all values doesn't exceed, by nearest rank.
fn percentile(mut values: Vec<f64>, q: f64) -> Result<f64> {
    values.sort_unstable_by(f64::total_cmp);
    // In floating point, a share such as 0.07 of 100 is 7.000000000000001.
    let rank = (q * values.len() as f64 - 1e-9).ceil().max(1.0) as usize;
    values.get(rank - 1).copied().ok_or_else(nothing)
}

fn nothing() -> anyhow::Error {
    anyhow!("nothing can be measured in a run without records")
}

fn seconds(nanos: u64) -> f64 {
    Duration::from_nanos(nanos).as_secs_f64()
}

/// Returns a ring that has room for all events. With less, the Producer would wait, and other times would be measured.
fn ring_for(config: &Config) -> Result<usize> {
    let plan = Plan::of_generator(config);
    let in_flight = if config.ordered { (plan.window() as u64).min(config.records) } else { config.records };
    let wanted = usize::try_from(in_flight).unwrap_or(usize::MAX).saturating_add(4).saturating_mul(EVENTS_A_RECORD);
    match wanted {
        _ if wanted > RINGS[1] => Err(anyhow!("too many records are in flight; they can't all be traced")),
        _ => Ok(wanted.next_power_of_two().max(RINGS[0])),
    }
}

/// A file in memory.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<u8>>>);

impl Memory {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::measures::RunNames;
    use super::*;
    use serde_json::json;

    fn run(config: serde_json::Value) -> Measured {
        Measured::run(&Config::from_json(config).unwrap(), Place::Virtual).unwrap()
    }

    fn value(measured: &Measured, text: &str) -> f64 {
        let runs = RunNames { names: &[], default: Some("run") };
        let quantity = Measure::read(text, runs).unwrap().of;
        (measured.value(&quantity).unwrap() * 1e6).round() / 1e6
    }

    #[test]
    fn quantities_follow_from_metrics_and_events() {
        // dataCh has room for 5, and the Validator takes 100 ms.
        let measured = run(json!({
            "records": 30, "workers": 1, "channels": { "capacity": 5 }, "service": { "validator": { "wait": "100ms" } },
            "generator": { "invalid_value": "off", "invalid_unit": "off" }
        }));
        for (text, expected) in [
            ("rate", 10.0),
            ("end", 3.0),
            ("processed", 30.0),
            ("failed", 0.0),
            ("p50", 0.7),
            ("max", 0.7),
            ("p99_due", 0.7),
            ("busy(validator)", 1.0),
            ("ready(validator)", 0.0),
            ("blocked(producer)", 0.8),
            ("waiting(loader)", 1.0),
            ("in_work(validator)", 1.0),
            ("depth(dataCh, 0s)", 5.0),
            ("depth(dataCh, 1s)", 5.0),
            ("depth(dataCh, 3s)", 0.0),
            ("first_full(dataCh)", 0.0),
            ("first_full(validCh)", f64::INFINITY),
            ("blocked_sends(validCh)", 0.0),
            ("blocked_sends", 24.0),
            ("drain", 0.7),
        ] {
            assert_eq!(value(&measured, text), expected, "{text}");
        }
    }

    #[test]
    fn records_are_due_by_the_rate_limit() {
        let due = |burst| due_times(&[0, 100, 900, 1000], 1e7, burst);
        assert_eq!((due(1), due(2), due(0)), (vec![0, 100, 200, 300], vec![0, 0, 200, 200], vec![0, 100, 900, 1000]));
        assert_eq!(due_times(&[0, 50], 1e7, 1), [0, 50]);
    }

    #[test]
    fn that_is_what_metrics_say_if_nothing_is_held_up_for_long() {
        for (capacity, rate, burst, wait) in [(1, 100, 1, "0-19ms"), (8, 90, 4, "0-15ms"), (2, 50, 1, "20ms")] {
            let measured = run(json!({
                "records": 300, "workers": 1, "channels": { "capacity": capacity },
                "generator": { "rate_limit": rate, "burst": burst, "invalid_value": "off", "invalid_unit": "off" },
                "service": { "validator": { "wait": wait } }
            }));
            let latencies = measured.latencies_from_due();
            let mean = latencies.iter().sum::<f64>() / latencies.len() as f64;
            let max = latencies.into_iter().max_by(f64::total_cmp).unwrap();
            // These two are exact.
            let expected = &measured.metrics.latency.processed.from_due;
            let is_close = |one: f64, other: f64| (one - other).abs() < 1e-8;
            assert!(
                is_close(mean, expected.mean_seconds) && is_close(max, expected.max_seconds),
                "{rate} {burst} {wait}: {mean} {max} {expected:?}"
            );
        }
    }

    #[test]
    fn percentiles_are_those_of_records() {
        let values = vec![4.0, 1.0, 3.0, 2.0];
        assert_eq!(
            [0.0, 0.5, 0.51, 0.9, 1.0].map(|q| percentile(values.clone(), q).unwrap()),
            [1.0, 2.0, 3.0, 4.0, 4.0]
        );
        assert!(percentile(Vec::new(), 0.5).is_err());
    }

    #[test]
    fn what_takes_no_time_has_no_rate() {
        let measured = run(json!({ "records": 5 }));
        let rate = Measure::read("rate", RunNames { names: &[], default: Some("run") }).unwrap().of;
        assert_eq!(
            measured.value(&rate).unwrap_err().to_string(),
            "`rate(run)` can't be measured: the run took no time"
        );
    }

    #[test]
    fn runs_are_compared() {
        let run = |workers: u64, seed: u64| {
            run(json!({ "workers": workers, "clock": "fixed:2026-01-01T00:00:00Z", "runtime": { "seed": seed } }))
        };
        let (one, other) = (run(2, 1), run(2, 7));
        assert_eq!((one.compared(Kind::SameOutput, &other), one.compared(Kind::SameEvents, &other)), (1.0, 0.0));
        assert_eq!(one.compared(Kind::SameEvents, &run(2, 1)), 1.0);
    }
}
