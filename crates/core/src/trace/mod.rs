//! The event log of a run: what happened to which record, when, where, and on which thread.
//!
//! Each thread writes its events to its own ring. A reader empties the rings: the page, directly from memory, or the
//! writer of a log file. A record is traced from birth to file, or not at all:
//!
//! - Every Nth record is traced, chosen by its number, where N is `trace.sample`. With `trace.rate`, N doubles and
//!   doubles again while too many records arrive, and the log contains the record from which each N applies.
//! - At a record's birth, room for all of its events is reserved in every ring. If there isn't enough room because the
//!   reader has fallen behind, the record isn't traced and is counted as dropped; or, if the log must be complete, the
//!   Producer waits.
//!
//! The highest bit of a record's [number](clearpipe_model::record_number) marks it as traced. A group also lists its
//! traced records, so that if there are few, only those are visited. Without tracing, [`Tracer::is_on`] is false and
//! nothing else is done.

mod block;
pub mod chrome;
mod columns;
pub mod cut;
mod event;
pub mod figures;
mod ids;
mod latest;
pub mod log;
pub mod read;
mod ring;
mod sampling;
pub mod state;
pub mod tables;
mod varint;

pub use event::{Event, EventKind};
pub use latest::Latest;
pub use ring::{Ring, RingMemory};

use crate::config::TraceOptions;
use crate::control::Control;
use crate::metrics::Metrics;
use crate::runtime::Runtime;
use clearpipe_model::record_number::{is_traced, number};
use clearpipe_model::topology::Stage;
use crossbeam_utils::CachePadded;
use sampling::Sampling;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The most events of one record: three for its birth, five for each worker that processes it (arrive and depart,
/// blocked and released, start and end, an outcome, a fault), and three for each of the consumers and their
/// channels.
pub(crate) const EVENTS_A_RECORD: usize = EVENTS_A_CONSUMER * Stage::CONSUMERS.len();

/// The share of [`EVENTS_A_RECORD`] that is released when one of the consumers has finished a record.
const EVENTS_A_CONSUMER: usize = 16;

/// A third of the events of one more try of a record: seven each in dataCh, at the Validator, in validCh and at the
/// Transformer, at most.
const EVENTS_A_TRY: usize = 10;

/// The most traced records that travel together if every one of them must be in the log: their events must fit into the
/// ring of one thread.
const TRACED_TOGETHER: usize = 1024;

/// Records events, or does nothing if tracing is off.
#[derive(Clone)]
pub struct Tracer(Option<Arc<Shared>>);

struct Shared {
    runtime: Arc<dyn Runtime>,
    control: Arc<Control>,
    sampling: Sampling,
    /// Whether the log contains the initial sampling.
    is_sampling_reported: AtomicBool,
    tasks: bool,
    /// One ring for each thread of the runtime, and one for all others.
    rings: Vec<Ring>,
    /// The latest event on each of these threads.
    threads: Vec<CachePadded<Latest>>,
    /// Only one of the threads outside the runtime may write at a time.
    outside: Mutex<()>,
    /// Whether the log can take the events of all rings at any time, since one thread writes them: then nobody waits for
    /// room, and on the virtual clock a run with a log is the same as without.
    writes_anytime: bool,
    /// The share of a record's events that is released when one of the consumers has finished it.
    events_a_consumer: usize,
    /// The number of events that the traced records in flight may still have.
    reserved: AtomicUsize,
    dropped_records: AtomicU64,
    dropped_task_events: AtomicU64,
    log: Option<Mutex<log::LogWriter>>,
    /// The ids of traced records, if they are wanted.
    ids: Option<ids::Ids>,
}

impl Tracer {
    /// Creates a tracer that records nothing.
    pub fn off() -> Tracer {
        Tracer(None)
    }

    /// Creates a tracer for a run whose records travel in batches of at most `batch`, and are tried at most `tries` times. With
    /// a log writer, every sampled record is in the log, and the Producer waits while
    /// the rings are full. Without one, a reader must empty the [`Tracer::rings`].
    pub fn new(
        options: &TraceOptions,
        runtime: &Arc<dyn Runtime>,
        control: &Arc<Control>,
        (batch, tries): (usize, u32),
        log: Option<log::LogWriter>,
    ) -> Tracer {
        if !options.enabled {
            return Tracer::off();
        }
        let events_a_consumer = EVENTS_A_CONSUMER + EVENTS_A_TRY * (tries as usize - 1);
        let events_a_record = events_a_consumer * Stage::CONSUMERS.len();
        // If the log must be complete, the Producer waits for room; so there must be enough for at least one batch.
        let traced = batch.min(TRACED_TOGETHER);
        let capacity = match log {
            Some(_) => options.ring.max((2 * (traced + 2) * events_a_record).next_power_of_two()),
            None => options.ring,
        };
        Tracer(Some(Arc::new(Shared {
            runtime: runtime.clone(),
            control: control.clone(),
            sampling: Sampling::new(options.sample, options.rate),
            is_sampling_reported: AtomicBool::new(false),
            tasks: options.tasks,
            rings: (0..=runtime.own_threads()).map(|_| Ring::new(capacity)).collect(),
            threads: (0..=runtime.own_threads()).map(|_| CachePadded::default()).collect(),
            outside: Mutex::new(()),
            writes_anytime: log.is_some() && runtime.own_threads() == 1,
            events_a_consumer,
            reserved: AtomicUsize::new(0),
            dropped_records: AtomicU64::new(0),
            dropped_task_events: AtomicU64::new(0),
            log: log.map(Mutex::new),
            ids: options.ids.then(ids::Ids::default),
        })))
    }

    /// Returns whether anything is recorded.
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Adapts the sampling to the source. The Producer calls this before it makes some records, of which `first` is the
    /// first.
    pub fn review_sampling(&self, first: u64) {
        let Some(shared) = &self.0 else { return };
        if !shared.is_sampling_reported.load(Ordering::Relaxed) {
            let is_reported = shared.report_sampling(first, shared.sampling.exponent());
            shared.is_sampling_reported.store(is_reported, Ordering::Relaxed);
        }
        if shared.sampling.is_limited()
            && let Some(exponent) = shared.sampling.review(shared.control.now())
        {
            shared.sample_from(first, exponent);
        }
    }

    /// Returns the current sampling interval N (every Nth record is traced), or 0 if no record is.
    pub fn sample(&self) -> u64 {
        self.0.as_ref().map_or(0, |shared| shared.sampling.interval())
    }

    /// Returns the most records that may travel together.
    pub fn most_together(&self) -> usize {
        match &self.0 {
            Some(shared) if shared.log.is_some() => TRACED_TOGETHER.saturating_mul(shared.sampling.least() as usize),
            _ => usize::MAX,
        }
    }

    /// Returns the next record, from the number `from` on, that the current sampling chooses, if there is one.
    pub fn next_chosen(&self, from: u64) -> Option<u64> {
        self.0.as_ref()?.sampling.next_chosen(from)
    }

    /// Decides at the birth of a chosen record whether it is traced. It isn't if the run is aborted meanwhile.
    pub async fn admit(&self, number: u64) -> bool {
        let Some(shared) = &self.0 else { return false };
        if let Some(exponent) = shared.sampling.count() {
            shared.sample_from(number, exponent);
            if shared.sampling.next_chosen(number) != Some(number) {
                return false;
            }
        }
        while !shared.reserve() {
            if shared.log.is_none() {
                shared.dropped_records.fetch_add(1, Ordering::Relaxed);
                return false;
            }
            shared.write_log();
            if shared.reserve() {
                break;
            }
            if shared.writes_anytime {
                shared.reserved.fetch_add(shared.events_a_record(), Ordering::Relaxed);
                break;
            }
            if shared.control.is_aborted() {
                return false;
            }
            shared.runtime.sleep(Duration::from_millis(1)).await;
        }
        true
    }

    /// Reports that a consumer has finished a record.
    pub fn retire(&self, marked: u64) {
        if let Some(shared) = &self.0
            && is_traced(marked)
        {
            // Released, so that a thread that reserves this room sees what has been written to the rings.
            shared.reserved.fetch_sub(shared.events_a_consumer, Ordering::Release);
        }
    }

    /// Records an event of a record, if the record is traced. The event comes after all the given latest events: the
    /// worker's and, for an event in a channel, the channel's.
    pub fn record(&self, kind: EventKind, node: u8, worker: u16, marked: u64, after: &[&Latest]) {
        if let Some(shared) = &self.0
            && is_traced(marked)
        {
            let record = Some(number(marked));
            if shared.writes_anytime {
                shared.makes_room();
            }
            let written = shared.write(What { kind, node, worker, record }, shared.control.now(), after);
            debug_assert!(written, "room was reserved at the record's birth");
        }
    }

    /// Returns whether the ids of traced records are kept.
    pub fn keeps_ids(&self) -> bool {
        self.0.as_ref().is_some_and(|shared| shared.ids.is_some())
    }

    /// Keeps the id of a traced record, if ids are kept.
    pub fn keep_id(&self, marked: u64, id: &str) {
        if let Some(ids) = self.0.as_ref().and_then(|shared| shared.ids.as_ref()) {
            ids.keep(number(marked), id);
        }
    }

    /// Takes the numbers and ids that were kept since the last call.
    pub fn take_ids(&self) -> Vec<(u64, String)> {
        self.0.as_ref().and_then(|shared| shared.ids.as_ref()).map_or_else(Vec::new, ids::Ids::take)
    }

    /// Records an event of a task without a record, if there is room for it and the interval hasn't been doubled:
    /// compared with a part of the records, such events would take up most of the log. `now` is the time of the run.
    /// The event comes after the latest event of the worker.
    pub fn record_task(&self, kind: EventKind, node: u8, worker: u16, now: Duration, after: &Latest) {
        let Some(shared) = self.0.as_ref().filter(|shared| shared.tasks && shared.sampling.exponent() == 0) else {
            return;
        };
        let what = What { kind, node, worker, record: None };
        if !(shared.makes_room() && shared.write(what, now, &[after])) {
            shared.dropped_task_events.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Returns how many chosen records weren't traced because the rings were full.
    pub fn dropped_records(&self) -> u64 {
        self.0.as_ref().map_or(0, |shared| shared.dropped_records.load(Ordering::Relaxed))
    }

    /// Returns how many events of tasks weren't recorded because the rings were full.
    pub fn dropped_task_events(&self) -> u64 {
        self.0.as_ref().map_or(0, |shared| shared.dropped_task_events.load(Ordering::Relaxed))
    }

    /// Returns the rings: one for each thread of the runtime and one for all others. Empty if tracing is off.
    pub fn rings(&self) -> &[Ring] {
        self.0.as_ref().map_or(&[], |shared| &shared.rings)
    }

    /// Writes the remaining events and the final metrics to the log, and closes it.
    ///
    /// # Errors
    /// Returns the first error that the log's writer had, if any.
    pub fn finish_log(&self, metrics: &dyn Fn() -> Metrics) -> std::io::Result<()> {
        let Some(shared) = &self.0 else { return Ok(()) };
        shared.write_log();
        match &shared.log {
            Some(log) => log.lock().unwrap_or_else(PoisonError::into_inner).finish(&metrics()),
            None => Ok(()),
        }
    }
}

/// An event to be written.
struct What {
    kind: EventKind,
    node: u8,
    worker: u16,
    record: Option<u64>,
}

impl Shared {
    fn events_a_record(&self) -> usize {
        self.events_a_consumer * Stage::CONSUMERS.len()
    }

    /// Reserves room for the events of one more record in every ring.
    fn reserve(&self) -> bool {
        let reserved = self.reserved.fetch_add(self.events_a_record(), Ordering::Acquire);
        // Also keeps room for the events of tasks, which have no reservation.
        let fits = self.rings.iter().all(|ring| ring.free() >= reserved + 2 * self.events_a_record());
        if !fits {
            self.reserved.fetch_sub(self.events_a_record(), Ordering::Relaxed);
        }
        fits
    }

    /// Returns whether this thread's ring has room for an event without a reservation.
    fn makes_room(&self) -> bool {
        let ring = &self.rings[self.ring().0];
        if self.writes_anytime {
            if ring.free() == 0 {
                self.write_log();
            }
            return true;
        }
        let has_room = || ring.free() > self.reserved.load(Ordering::Relaxed) + self.events_a_record();
        if !has_room() {
            self.write_log();
        }
        has_room()
    }

    /// Changes the sampling from a record on, if there is room for the event of it. Otherwise there is no room for
    /// records either.
    fn sample_from(&self, first: u64, exponent: u32) {
        if self.report_sampling(first, exponent) {
            self.sampling.set(exponent);
        }
    }

    fn report_sampling(&self, first: u64, exponent: u32) -> bool {
        let (kind, node) = (EventKind::Sampling, Stage::Producer.node_id());
        let what = What { kind, node, worker: exponent as u16, record: Some(first) };
        self.makes_room() && self.write(what, self.control.now(), &[])
    }

    /// Returns the index of this thread's ring, and the thread's number in the log.
    fn ring(&self) -> (usize, u8) {
        match self.runtime.thread() {
            // Further threads share only a number, not a ring.
            Some(thread) if thread < self.rings.len() - 1 => (thread, thread.min(254) as u8),
            _ => (self.rings.len() - 1, u8::MAX),
        }
    }

    /// Writes an event that comes after all the given latest events, and after the latest one on this thread. Returns
    /// false if there is no room.
    fn write(&self, What { kind, node, worker, record }: What, now: Duration, after: &[&Latest]) -> bool {
        let (at, thread) = self.ring();
        let _alone = (thread == u8::MAX).then(|| self.outside.lock().unwrap_or_else(PoisonError::into_inner));
        let (own, ring) = (&*self.threads[at], at as u16);
        let earliest = after.iter().fold(own.earliest(ring), |time, latest| time.max(latest.earliest(ring)));
        let time = earliest.max(now.as_nanos() as u64);
        after.iter().for_each(|latest| latest.raise(time, ring));
        if kind != EventKind::Woken {
            // A task that is woken between two others isn't part of what runs here: the next one may have begun before.
            own.set(time, ring);
        }
        self.rings[at].push(Event { time, kind, node, record, worker, thread }.pack())
    }

    fn write_log(&self) {
        if let Some(log) = &self.log {
            let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
            let now = self.control.now();
            self.rings.iter().for_each(|ring| ring.drain(|event| log.push(event)));
            log.settle(now);
        }
    }
}
