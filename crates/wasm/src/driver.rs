//! Drives the runtimes of one thread from the event loop of the engine's worker, a few milliseconds at a time.

use crate::chunks::Outside;
use clearpipe_core::runtime::{Local, Turn, Virtual};
use futures::future::{Either, select};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::time::Duration;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::{Closure, JsValue, wasm_bindgen};
use wasm_bindgen_futures::JsFuture;

/// How long the event loop is kept busy at a time.
const TURN: Duration = Duration::from_millis(8);

/// A runtime of one thread.
pub enum Machine {
    /// In real time.
    Local(Local),
    /// In simulated time, which stands still while something is wanted from outside.
    Virtual(Virtual, Arc<Outside>),
}

impl Machine {
    fn turn(&self) -> Turn {
        match self {
            Machine::Local(local) => local.turn(TURN),
            Machine::Virtual(machine, outside) => {
                // One step at a time as far as the outside is concerned: it may be wanted after any of them.
                let start = web_time::Instant::now();
                while !outside.is_wanted() {
                    if !machine.step() {
                        return Turn::Idle(None);
                    }
                    if start.elapsed() >= TURN {
                        return Turn::Busy;
                    }
                }
                Turn::Idle(None)
            }
        }
    }

    /// Whether a turn would do something now.
    fn can_go_on(&self) -> bool {
        match self {
            Machine::Local(local) => local.has_ready(),
            Machine::Virtual(machine, outside) => !outside.is_wanted() && machine.has_ready(),
        }
    }

    /// Has `waker` woken when a task becomes ready, or the page has given or taken something.
    fn on_change(&self, waker: &Waker) {
        match self {
            Machine::Local(local) => local.on_ready(waker),
            Machine::Virtual(machine, outside) => {
                machine.on_ready(waker);
                outside.waiter.register(waker);
            }
        }
    }

    /// Waits until a turn has something to do.
    async fn ready(&self) {
        futures::future::poll_fn(|context| {
            // Registered before the look, so that no change comes in between.
            self.on_change(context.waker());
            if self.can_go_on() { Poll::Ready(()) } else { Poll::Pending }
        })
        .await
    }
}

/// Runs the machine's tasks for ever; dropped when the run has ended.
pub async fn drive(machine: Machine) {
    loop {
        match machine.turn() {
            Turn::Busy => next_turn_of_event_loop().await,
            Turn::Idle(None) => machine.ready().await,
            Turn::Idle(Some(time)) => match select(pin!(machine.ready()), pin!(sleep(time))).await {
                Either::Left(((), _)) | Either::Right(((), _)) => {}
            },
        }
    }
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

/// Lets the event loop handle what has come in meanwhile. A message to oneself is the quickest way: a timer waits for
/// 4 milliseconds when it is set again and again.
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
