//! The Producer: generates or ingests records.

use super::StageError;
use super::seat::Seat;
use crate::batch::{Batch, Group, Raw, Weight};
use crate::channel::{Sender, Window};
use crate::config::{BatchSize, Config};
use crate::generator::Generator;
use crate::metrics::State;
use crate::source::{FileSource, Lines};
use crate::trace::EventKind;
use futures::io::AsyncRead;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

/// Where records come from.
pub enum Source {
    /// The generator, as the configuration describes it.
    Generator,
    /// The bytes of an input file, read as [`Config::input`] says.
    File(Box<dyn AsyncRead + Send + Unpin>),
}

/// What the Producer says of itself while it runs.
#[derive(Debug, Default)]
pub struct Progress {
    /// Records that it has sent.
    pub produced: AtomicU64,
    /// Bytes that it has read.
    pub input_bytes: Arc<AtomicU64>,
}

/// The Producer.
pub struct Producer {
    seat: Arc<Seat>,
    source: Records,
    generator: Generator,
    batch: BatchLimit,
    window: Option<Arc<Window>>,
    rate: Option<RateLimit>,
    progress: Arc<Progress>,
    /// Records, and groups of them, that were produced so far.
    produced: u64,
    groups: u64,
}

enum Records {
    Generated { records: u64 },
    File(Box<FileSource>),
}

/// Records that are to be made next.
enum Next {
    /// So many by the generator.
    Generated(u64),
    /// Of these lines.
    Lines(Lines),
}

impl Next {
    fn records(&self) -> u64 {
        match self {
            Next::Generated(records) => *records,
            Next::Lines(lines) => lines.lines.len() as u64,
        }
    }
}

impl Producer {
    /// A Producer for a source.
    pub fn new(
        seat: &Arc<Seat>,
        source: Source,
        config: &Config,
        window: Option<Arc<Window>>,
        progress: &Arc<Progress>,
    ) -> Producer {
        Producer {
            seat: seat.clone(),
            source: match source {
                Source::Generator => Records::Generated { records: config.records },
                Source::File(reader) => {
                    let reader = Box::new(Counting { reader, bytes: progress.input_bytes.clone() });
                    Records::File(Box::new(FileSource::new(reader, &config.input, &config.validator.required)))
                }
            },
            generator: Generator::new(config),
            batch: BatchLimit::new(config),
            window,
            rate: RateLimit::new(config.generator.rate_limit, seat.now()),
            progress: progress.clone(),
            produced: 0,
            groups: 0,
        }
    }

    /// Produces until the source ends or the run is stopped.
    pub async fn run(mut self, mut data: Sender<Raw>) -> Result<(), StageError> {
        loop {
            self.seat.ready().await?;
            let limit = self.batch.next(&data);
            let Some(next) = self.wait_for_next(limit).await? else { return Ok(()) };
            // Before the records are made, so that their timestamp is the time at which they are sent.
            self.pause(&next).await;
            // Looked at here, since it may have been stopped while it waited for input, which then ended anywhere.
            if self.seat.run.control.is_stopped() {
                return Ok(());
            }
            let mut raw = self.make(next);
            self.trace_births(&mut raw).await;
            self.enter_window().await;
            self.seat.activity.count(raw.records());
            data.send(raw).await?;
            self.progress.produced.store(self.produced, Ordering::Relaxed);
        }
    }

    /// What comes next; nothing if the run is aborted before it comes.
    async fn wait_for_next(&mut self, limit: usize) -> Result<Option<Next>, StageError> {
        let seat = self.seat.clone();
        let next = seat.unless_aborted(self.next(limit));
        seat.activity.during(State::Waiting, next).await.unwrap_or(Err(StageError::Aborted))
    }

    /// What comes next: `limit` records at most.
    async fn next(&mut self, limit: usize) -> Result<Option<Next>, StageError> {
        Ok(match &mut self.source {
            Records::Generated { records } => {
                let end = self.produced.saturating_add(limit as u64).min(*records);
                (end > self.produced).then_some(Next::Generated(end - self.produced))
            }
            Records::File(file) => file.next(limit).await?.map(Next::Lines),
        })
    }

    /// The records, as a group of their own.
    fn make(&mut self, next: Next) -> Raw {
        let size = next.records();
        let numbers = self.produced..self.produced + size;
        let group = Group { index: self.groups, size: size as u32 };
        self.produced = numbers.end;
        self.groups += 1;
        match next {
            Next::Generated(_) => Raw::Records(self.generator.batch(group, numbers, self.seat.time_of_day())),
            Next::Lines(Lines { block, lines, parser }) => {
                Raw::Lines { batch: Batch { group, items: lines, input: block, scratch: Vec::new() }, parser }
            }
        }
    }

    /// Decides which of the records are traced.
    async fn trace_births(&mut self, raw: &mut Raw) {
        let tracer = &self.seat.run.tracer;
        if !tracer.is_on() {
            return;
        }
        for number in raw.numbers_mut() {
            *number = tracer.admit(*number).await;
        }
        self.seat.record_each(EventKind::Produced, raw);
    }

    /// Takes the service time, and waits as the rate limit demands.
    async fn pause(&mut self, next: &Next) {
        let records = next.records();
        self.seat.serve(self.produced..self.produced + records).await;
        if let Some(rate) = &mut self.rate {
            let wait = rate.wait_before(records, self.seat.now());
            self.seat.activity.during(State::Waiting, self.seat.sleep(wait)).await;
        }
    }

    /// Waits until the consumers have come near enough.
    async fn enter_window(&mut self) {
        if let Some(window) = &self.window
            && !window.is_open(self.produced)
        {
            self.seat.activity.during(State::Blocked, window.open(self.produced)).await;
        }
    }
}

/// How many records are sent together.
///
/// `auto` starts with one, doubles while the receivers are busy (nobody waits, so a larger batch delays nobody) and
/// halves when they wait: low latency for a slow source, few channel operations for a fast one.
struct BatchLimit {
    current: usize,
    most: usize,
    adapts: bool,
}

impl BatchLimit {
    fn new(config: &Config) -> BatchLimit {
        let most = config.largest_batch();
        let adapts = config.batch == BatchSize::Auto;
        BatchLimit { current: if adapts { 1 } else { most }, most, adapts }
    }

    fn next(&mut self, data: &Sender<Raw>) -> usize {
        if self.adapts {
            let receivers_wait = data.receivers_wait();
            let next = if receivers_wait { self.current / 2 } else { self.current * 2 };
            return std::mem::replace(&mut self.current, next.clamp(1, self.most));
        }
        self.current
    }
}

/// Counts the bytes that are read.
struct Counting {
    reader: Box<dyn AsyncRead + Send + Unpin>,
    bytes: Arc<AtomicU64>,
}

impl AsyncRead for Counting {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut [u8]) -> Poll<io::Result<usize>> {
        let read = Pin::new(&mut self.reader).poll_read(context, into);
        if let Poll::Ready(Ok(bytes)) = read {
            self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        }
        read
    }
}

/// Spreads records over time.
struct RateLimit {
    records_per_second: f64,
    start: Duration,
    sent: u64,
}

impl RateLimit {
    /// How far it may be behind and still catch up: timers are not exact.
    const MOST_LATE: Duration = Duration::from_millis(100);

    fn new(records_per_second: f64, now: Duration) -> Option<RateLimit> {
        (records_per_second > 0.0).then_some(RateLimit { records_per_second, start: now, sent: 0 })
    }

    /// How long to wait before the next records may be sent.
    fn wait_before(&mut self, records: u64, now: Duration) -> Duration {
        let due = self.start
            + Duration::try_from_secs_f64(self.sent as f64 / self.records_per_second).unwrap_or(Duration::MAX / 2);
        if now > due + Self::MOST_LATE {
            // It was held up, by a pause or by what is behind it: that is not made up for.
            (self.start, self.sent) = (now, 0);
        }
        self.sent += records;
        due.saturating_sub(now)
    }
}
