//! How a run is steered from outside: pause, resume, step, stop, abort. And its clock, which pauses stop.

mod clock;

use crate::runtime::Runtime;
use clearpipe_channel::Watermark;
use clearpipe_model::topology::Stage;
use clock::RunClock;
use futures::future::{Either, select};
use futures::task::AtomicWaker;
use std::pin::pin;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

/// What the stages are to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum RunState {
    Go = 0,
    Pause = 1,
    /// The Producer ends; the others finish what is in flight.
    Stop = 2,
    /// All end at once; what is in flight is lost.
    Abort = 3,
}

/// The run is to end at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aborted;

/// What all stages of a run look at before they take up something new.
pub struct Control {
    /// Tells it from those of all other runs of the program.
    id: u64,
    /// Held while the state and the clock are changed together.
    changing: Mutex<()>,
    state: AtomicU8,
    clock: RunClock,
    changes: AtomicU64,
    listeners: Mutex<Vec<Arc<AtomicWaker>>>,
    /// How many records finished are the end of a step; [`NO_STEP`] if none is being made.
    step_end: AtomicU64,
    watermark: Arc<Watermark>,
}

const NO_STEP: u64 = u64::MAX;

/// Where one worker hears of orders. It waits in one place at a time.
pub struct Listener {
    /// Which of the consumers it is, if it is one.
    consumer: Option<usize>,
    control: Arc<Control>,
    waker: Arc<AtomicWaker>,
}

impl Control {
    /// Everything goes, from now on.
    pub fn new(runtime: &Arc<dyn Runtime>) -> Control {
        static RUNS: AtomicU64 = AtomicU64::new(1);
        Control {
            id: RUNS.fetch_add(1, Ordering::Relaxed),
            changing: Mutex::default(),
            state: AtomicU8::new(RunState::Go as u8),
            clock: RunClock::new(runtime.clone()),
            changes: AtomicU64::new(0),
            listeners: Mutex::default(),
            step_end: AtomicU64::new(NO_STEP),
            watermark: Arc::new(Watermark::new(Stage::CONSUMERS.len())),
        }
    }

    /// A number that no other run of the program has; not 0.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Whether nothing holds anybody up.
    pub fn goes_on(&self) -> bool {
        self.state_and_step_end() == (RunState::Go as u8, NO_STEP)
    }

    /// Whether a worker is held up, which may be one of the consumers: they do no more in a step than belongs to it.
    fn holds(&self, consumer: Option<usize>) -> bool {
        let (state, end) = self.state_and_step_end();
        let is_done = |consumer: usize| end != NO_STEP && self.watermark.of(consumer) >= end;
        state == RunState::Pause as u8 || consumer.is_some_and(is_done)
    }

    /// Both as they were at one moment: between a pause and a step there is none at which everybody may go on.
    fn state_and_step_end(&self) -> (u8, u64) {
        loop {
            let end = self.step_end();
            let state = self.state();
            if self.step_end() == end {
                return (state, end);
            }
        }
    }

    fn step_end(&self) -> u64 {
        self.step_end.load(Ordering::SeqCst)
    }

    /// The time since the run began, without its pauses.
    pub fn now(&self) -> Duration {
        self.clock.now()
    }

    /// Lets every worker hold what it has until [`Control::resume`]. No effect once the run was stopped or aborted.
    pub fn pause(&self) {
        self.hold(&self.changing());
    }

    fn hold(&self, _changing: &MutexGuard<'_, ()>) {
        if self.state() == RunState::Go as u8 {
            self.clock.stop();
            self.state.store(RunState::Pause as u8, Ordering::SeqCst);
        }
        // Not before: consumers that are done with a step are held up all the time.
        self.step_end.store(NO_STEP, Ordering::SeqCst);
    }

    /// Goes on after a pause.
    pub fn resume(&self) {
        let changing = self.changing();
        self.step_end.store(NO_STEP, Ordering::SeqCst);
        if self.is_paused() {
            self.clock.go();
            self.state.store(RunState::Go as u8, Ordering::Release);
        }
        drop(changing);
        self.wake_all();
    }

    /// While the run is paused: goes on until one record more is finished (or the batch that it travels in). While it is
    /// in a step: goes on for one more after that.
    pub fn step(&self) {
        let changing = self.changing();
        let end = match self.step_end() {
            NO_STEP if self.is_paused() => self.finished(),
            NO_STEP => return,
            end => end,
        };
        let end = end.saturating_add(1);
        self.step_end.store(end, Ordering::SeqCst);
        if self.finished() >= end {
            // Somebody was not held up by the pause, and has finished it just now.
            self.hold(&changing);
            return;
        }
        self.clock.go();
        self.state.store(RunState::Go as u8, Ordering::Release);
        drop(changing);
        self.wake_all();
    }

    /// Says that a consumer is done with so many records more.
    pub fn advance(&self, consumer: usize, records: u64) {
        // Each consumer first advances and then looks at the others, in one order for all: the last of them sees it.
        self.watermark.advance(consumer, records);
        let end = self.step_end();
        if end != NO_STEP && self.finished() >= end {
            let changing = self.changing();
            if self.step_end() == end {
                self.hold(&changing);
            }
        }
    }

    /// Says that a consumer has ended. If that is before the end, nobody is to wait for it.
    pub fn on_exit(&self, consumer: usize) {
        self.watermark.exit(consumer);
    }

    /// How many records all consumers are done with.
    pub fn finished(&self) -> u64 {
        self.watermark.lowest()
    }

    /// How far each consumer is.
    pub fn watermark(&self) -> &Arc<Watermark> {
        &self.watermark
    }

    /// Ends the source; what is in flight is finished. Ends a pause.
    pub fn stop(&self) {
        self.end(RunState::Stop);
    }

    /// Ends all stages at once. Ends a pause.
    pub fn abort(&self) {
        self.end(RunState::Abort);
    }

    /// Whether the run is paused.
    pub fn is_paused(&self) -> bool {
        self.state() == RunState::Pause as u8
    }

    /// Whether the source is to end.
    pub fn is_stopped(&self) -> bool {
        self.state() >= RunState::Stop as u8
    }

    /// Whether everything is to end.
    pub fn is_aborted(&self) -> bool {
        self.state() == RunState::Abort as u8
    }

    /// Has whoever waits for a time look at the settings again.
    pub fn announce_change(&self) {
        self.changes.fetch_add(1, Ordering::AcqRel);
        self.wake_all();
    }

    /// How often settings were changed.
    pub fn changes(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }

    /// A place for a worker to hear of orders.
    pub fn listener(self: &Arc<Self>, consumer: Option<usize>) -> Listener {
        let waker = Arc::new(AtomicWaker::new());
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner).push(waker.clone());
        Listener { consumer, control: self.clone(), waker }
    }

    fn end(&self, state: RunState) {
        let changing = self.changing();
        self.step_end.store(NO_STEP, Ordering::SeqCst);
        self.clock.go();
        self.state.fetch_max(state as u8, Ordering::AcqRel);
        drop(changing);
        self.wake_all();
    }

    fn state(&self) -> u8 {
        self.state.load(Ordering::SeqCst)
    }

    fn changing(&self) -> MutexGuard<'_, ()> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake_all(&self) {
        // Not under the lock: whoever is woken may be dropped for it, and end the run.
        let listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner).clone();
        listeners.iter().for_each(|waker| waker.wake());
    }
}

impl Listener {
    /// Waits while the run is paused.
    ///
    /// # Errors
    /// If the run is aborted.
    pub async fn gate(&self) -> Result<(), Aborted> {
        self.resumed().await;
        if self.control.is_aborted() { Err(Aborted) } else { Ok(()) }
    }

    /// Waits while the run is paused, or is in a step in which there is nothing more to do here. (Stopping and aborting
    /// it end both.)
    pub async fn resumed(&self) {
        if self.control.holds(self.consumer) {
            self.until(|control| !control.holds(self.consumer)).await;
        }
    }

    /// Waits for `future`, but not after an order that `ends` it.
    pub async fn unless<T>(&self, ends: impl Fn(&Control) -> bool, future: impl Future<Output = T>) -> Option<T> {
        match select(pin!(future), pin!(self.until(ends))).await {
            Either::Left((result, _)) => Some(result),
            Either::Right(((), _)) => None,
        }
    }

    /// Hears of nothing any more, until it waits again. A worker that leaves calls this: its waker keeps its task, and so
    /// the run, in memory.
    pub fn close(&self) {
        drop(self.waker.take());
    }

    async fn until(&self, condition: impl Fn(&Control) -> bool) {
        futures::future::poll_fn(|context| {
            // Registered before the look, so that no order comes in between.
            self.waker.register(context.waker());
            if condition(&self.control) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await
    }
}
