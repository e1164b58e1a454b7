//! Controls a run from outside: pause, resume, step, stop and abort. Also contains the run's clock, which pauses stop.

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

/// What the stages must do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum RunState {
    Go = 0,
    Pause = 1,
    /// The Producer ends; the other stages finish the records in flight.
    Stop = 2,
    /// All stages end immediately; the records in flight are lost.
    Abort = 3,
}

/// The run must end immediately.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aborted;

/// The state of a run that all stages check before they take new work.
///
/// ```
/// use clearpipe_core::control::Control;
/// use clearpipe_core::runtime::{Runtime, Virtual};
/// use std::sync::Arc;
///
/// let runtime: Arc<dyn Runtime> = Arc::new(Virtual::new(1, 7));
/// let control = Control::new(&runtime);
/// control.pause();
/// assert!(control.is_paused() && !control.goes_on());
/// control.resume();
/// assert!(control.goes_on());
/// // What has been produced by then is still processed.
/// control.stop();
/// assert!(control.is_stopped() && !control.is_aborted());
/// ```
pub struct Control {
    /// Distinguishes this run from all others of the program.
    id: u64,
    /// Held while the state and the clock are changed together.
    changing: Mutex<()>,
    state: AtomicU8,
    clock: RunClock,
    changes: AtomicU64,
    listeners: Mutex<Vec<Arc<AtomicWaker>>>,
    /// The number of finished records at which a step ends; [`NO_STEP`] outside a step.
    step_end: AtomicU64,
    watermark: Arc<Watermark>,
}

const NO_STEP: u64 = u64::MAX;

/// Notifies one worker of changes of the run's state. It waits for one thing at a time.
pub struct Listener {
    /// The index of the consumer, if the worker is one.
    consumer: Option<usize>,
    control: Arc<Control>,
    waker: Arc<AtomicWaker>,
}

impl Control {
    /// Creates the controls of a run that starts immediately.
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

    /// Returns a number that no other run of the program has, and that isn't 0.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Returns whether the run continues normally: it isn't paused, in a step, stopped or aborted.
    pub fn goes_on(&self) -> bool {
        self.state_and_step_end() == (RunState::Go as u8, NO_STEP)
    }

    /// Returns whether a worker must wait. During a step, consumers process only the records that belong to it.
    fn holds(&self, consumer: Option<usize>) -> bool {
        let (state, end) = self.state_and_step_end();
        let is_done = |consumer: usize| end != NO_STEP && self.watermark.of(consumer) >= end;
        state == RunState::Pause as u8 || consumer.is_some_and(is_done)
    }

    /// Returns a consistent pair: between a pause and a step, there is no moment at which all workers may continue.
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

    /// Returns the time since the run began, without pauses.
    pub fn now(&self) -> Duration {
        self.clock.now()
    }

    /// Makes every worker keep its current records until [`Control::resume`]. Has no effect once the run was stopped or
    /// aborted.
    pub fn pause(&self) {
        self.hold(&self.changing());
    }

    fn hold(&self, _changing: &MutexGuard<'_, ()>) {
        if self.state() == RunState::Go as u8 {
            self.clock.stop();
            self.state.store(RunState::Pause as u8, Ordering::SeqCst);
        }
        // Cleared last, so that consumers that have finished the step wait throughout.
        self.step_end.store(NO_STEP, Ordering::SeqCst);
    }

    /// Continues after a pause.
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

    /// Continues a paused run until one more record is finished (or the batch that it travels in): consumers that are
    /// behind first catch up with the one that is ahead. During a step, adds one more record to it.
    pub fn step(&self) {
        let changing = self.changing();
        let end = match self.step_end() {
            NO_STEP if self.is_paused() => self.watermark.highest(),
            NO_STEP => return,
            end => end,
        };
        let end = end.saturating_add(1);
        self.step_end.store(end, Ordering::SeqCst);
        if self.finished() >= end {
            // A consumer that didn't notice the pause in time has just finished the record.
            self.hold(&changing);
            return;
        }
        self.clock.go();
        self.state.store(RunState::Go as u8, Ordering::Release);
        drop(changing);
        self.wake_all();
    }

    /// Reports that a consumer has finished this many more records.
    pub fn advance(&self, consumer: usize, records: u64) {
        // Each consumer first advances and then looks at the others, in one global order: the last of them sees the
        // end.
        self.watermark.advance(consumer, records);
        let end = self.step_end();
        if end != NO_STEP && self.finished() >= end {
            let changing = self.changing();
            if self.step_end() == end {
                self.hold(&changing);
            }
        }
    }

    /// Reports that a consumer has exited. If it exits early, nothing may wait for it.
    pub fn on_exit(&self, consumer: usize) {
        self.watermark.exit(consumer);
    }

    /// Returns how many records all consumers have finished.
    pub fn finished(&self) -> u64 {
        self.watermark.lowest()
    }

    /// Returns the progress of each consumer.
    pub fn watermark(&self) -> &Arc<Watermark> {
        &self.watermark
    }

    /// Ends the source; the other stages finish the records in flight. Ends a pause.
    pub fn stop(&self) {
        self.end(RunState::Stop);
    }

    /// Ends all stages immediately. Ends a pause.
    pub fn abort(&self) {
        self.end(RunState::Abort);
    }

    /// Returns whether the run is paused.
    pub fn is_paused(&self) -> bool {
        self.state() == RunState::Pause as u8
    }

    /// Returns whether the source must end.
    pub fn is_stopped(&self) -> bool {
        self.state() >= RunState::Stop as u8
    }

    /// Returns whether all stages must end.
    pub fn is_aborted(&self) -> bool {
        self.state() == RunState::Abort as u8
    }

    /// Makes workers that wait for a time check the settings again.
    pub fn announce_change(&self) {
        self.changes.fetch_add(1, Ordering::AcqRel);
        self.wake_all();
    }

    /// Returns how often the settings have changed.
    pub fn changes(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }

    /// Creates a listener for a worker.
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
        // Not under the lock: a woken task may be dropped as a result, and end the run.
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

    /// Waits while the run is paused, or while this worker has finished its part of a step. (Stopping and aborting end
    /// both.)
    pub async fn resumed(&self) {
        if self.control.holds(self.consumer) {
            self.until(|control| !control.holds(self.consumer)).await;
        }
    }

    /// Waits for `future`, unless the state of the run `ends` the wait.
    pub async fn unless<T>(&self, ends: impl Fn(&Control) -> bool, future: impl Future<Output = T>) -> Option<T> {
        match select(pin!(future), pin!(self.until(ends))).await {
            Either::Left((result, _)) => Some(result),
            Either::Right(((), _)) => None,
        }
    }

    /// Stops listening until the next wait. Call this when a worker exits: its waker keeps its task, and so the run, in
    /// memory.
    pub fn close(&self) {
        drop(self.waker.take());
    }

    async fn until(&self, condition: impl Fn(&Control) -> bool) {
        futures::future::poll_fn(|context| {
            // Registered before the check, so that no change is missed in between.
            self.waker.register(context.waker());
            if condition(&self.control) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await
    }
}
