//! Drives the single-threaded runtimes from the event loop of the engine's worker, a few milliseconds at a time.

use crate::chunks::Outside;
use crate::pace::Pace;
use clearpipe_core::pipeline::Monitor;
use clearpipe_core::runtime::{Local, Runtime, Turn, Virtual};
use clearpipe_core::trace::{Ring, Tracer};
use futures::future::{Either, select};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::time::Duration;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::{Closure, JsValue, wasm_bindgen};
use wasm_bindgen_futures::JsFuture;

/// How long one turn keeps the event loop busy.
const TURN: Duration = Duration::from_millis(8);

/// How long to wait for the reader of the event log: the page reads it on every animation frame.
const READER: Duration = Duration::from_millis(4);

/// A single-threaded runtime.
pub enum Machine {
    /// In real time.
    Local(Local),
    /// In simulated time.
    Virtual(Simulation),
}

/// The virtual clock. It stops while the page has to give or take something and while the run is paused, and runs no
/// faster than its pace. Once a pace was set, even as fast as possible, it also stops while the event log is filling up.
#[derive(Clone)]
pub struct Simulation {
    pub machine: Virtual,
    pub outside: Arc<Outside>,
    pub pace: Rc<Pace>,
}

/// The next step of a simulation.
enum Next {
    /// Tasks are ready.
    Task,
    /// It continues after this time.
    Wait(Duration),
    /// It continues when the page changes something.
    Nothing,
}

impl Simulation {
    /// Advances the clock to the present moment, instead of jumping from deadline to deadline.
    ///
    /// The clock stops while a task is ready, since everything that the task starts begins at this time, however long
    /// it really takes.
    pub fn catch_up(&self) {
        if self.machine.has_task() {
            return;
        }
        let now = self.pace.between(self.machine.now(), self.machine.next_deadline(), real_time);
        self.machine.advance(now);
    }

    /// Returns whether the reader of the event log is so far behind that records may soon go untraced.
    fn is_log_filling(&self, tracer: &Tracer) -> bool {
        let is_half_full = |ring: &Ring| 2 * ring.free() < ring.memory().capacity;
        self.pace.is_set() && tracer.rings().iter().any(is_half_full)
    }

    fn next(&self, monitor: &Monitor) -> Next {
        let control = monitor.control();
        if self.outside.is_wanted() {
            self.pace.rest();
            return Next::Nothing;
        }
        if self.is_log_filling(monitor.tracer()) {
            self.pace.rest();
            return Next::Wait(READER);
        }
        if self.machine.has_task() {
            return Next::Task;
        }
        match self.machine.next_deadline() {
            Some(deadline) if !control.is_paused() => {
                Next::Wait(self.pace.wait(self.machine.now(), deadline, real_time))
            }
            _ => {
                self.pace.rest();
                Next::Nothing
            }
        }
    }

    fn turn(&self, monitor: &Monitor) -> Turn {
        let start = real_time();
        loop {
            // One step at a time: after any of them, the page may have to give or take something.
            match self.next(monitor) {
                Next::Task => {
                    self.machine.run_task();
                }
                Next::Wait(Duration::ZERO) => {
                    self.machine.move_on();
                }
                Next::Wait(time) => return Turn::Idle(Some(time)),
                Next::Nothing => return Turn::Idle(None),
            }
            if real_time().saturating_sub(start) >= TURN {
                return Turn::Busy;
            }
        }
    }
}

impl Machine {
    fn turn(&self, monitor: &Monitor) -> Turn {
        match self {
            Machine::Local(local) => local.turn(TURN),
            Machine::Virtual(simulation) => simulation.turn(monitor),
        }
    }

    /// Returns whether a turn would do something now.
    fn can_go_on(&self, monitor: &Monitor) -> bool {
        match self {
            Machine::Local(local) => local.has_ready(),
            Machine::Virtual(simulation) => {
                matches!(simulation.next(monitor), Next::Task | Next::Wait(Duration::ZERO))
            }
        }
    }

    /// Wakes `waker` when a task becomes ready, or when the page has given, taken or changed something.
    fn on_change(&self, waker: &Waker) {
        match self {
            Machine::Local(local) => local.on_ready(waker),
            Machine::Virtual(simulation) => {
                simulation.machine.on_ready(waker);
                simulation.outside.waiter.register(waker);
            }
        }
    }

    /// Waits until a turn has something to do, or has to find out how long to wait.
    async fn ready(&self, monitor: &Monitor) {
        let mut is_first = true;
        futures::future::poll_fn(|context| {
            // Registered before the check, so that no change is missed in between.
            self.on_change(context.waker());
            let was_woken = !std::mem::replace(&mut is_first, false);
            if was_woken || self.can_go_on(monitor) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await
    }
}

/// Runs the machine's tasks forever; dropped when the run has ended.
pub async fn drive(machine: Machine, monitor: Arc<Monitor>) {
    let monitor = &*monitor;
    let mut start = real_time();
    loop {
        match machine.turn(monitor) {
            Turn::Busy => {}
            Turn::Idle(None) => machine.ready(monitor).await,
            Turn::Idle(Some(time)) => match select(pin!(machine.ready(monitor)), pin!(sleep(time))).await {
                Either::Left(((), _)) | Either::Right(((), _)) => {}
            },
        }
        // However many short turns there were: the machine's input, such as room for results, may arrive without the
        // event loop ever getting to its messages and timers.
        if real_time().saturating_sub(start) >= TURN {
            next_turn_of_event_loop().await;
            start = real_time();
        }
    }
}

/// Returns the real time since this thread's first call.
pub fn real_time() -> Duration {
    thread_local!(static START: web_time::Instant = web_time::Instant::now());
    START.with(web_time::Instant::elapsed)
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &js_sys::Function, milliseconds: f64) -> JsValue;
}

async fn sleep(time: Duration) {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        set_timeout(&resolve, time.as_secs_f64() * 1e3);
    });
    // A promise that is only ever resolved.
    let _ = JsFuture::from(promise).await;
}

/// Lets the event loop handle what has arrived meanwhile. A message to itself is fastest: a timer waits for 4
/// milliseconds when it is set again and again.
async fn next_turn_of_event_loop() {
    let Ok(channel) = web_sys::MessageChannel::new() else { return sleep(Duration::ZERO).await };
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        let callback = Closure::once_into_js(move || {
            let _ = resolve.call0(&JsValue::UNDEFINED);
        });
        channel.port1().set_onmessage(Some(callback.unchecked_ref()));
        let _ = channel.port2().post_message(&JsValue::NULL);
    });
    let _ = JsFuture::from(promise).await;
    channel.port1().close();
}
