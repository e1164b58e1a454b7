//! How a run is steered from outside: pause, resume, stop, abort.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, PoisonError};
use std::task::{Poll, Waker};

/// What the stages are to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Order {
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
#[derive(Debug, Default)]
pub struct Control {
    order: AtomicU8,
    paused: Mutex<VecDeque<Waker>>,
}

impl Control {
    /// Lets every worker hold what it has until [`Control::resume`]. No effect once the run was stopped or aborted.
    pub fn pause(&self) {
        self.change(Order::Go, Order::Pause);
    }

    /// Goes on after a pause.
    pub fn resume(&self) {
        self.change(Order::Pause, Order::Go);
        self.wake_all();
    }

    /// Ends the source; what is in flight is finished. Ends a pause.
    pub fn stop(&self) {
        self.order.fetch_max(Order::Stop as u8, Ordering::AcqRel);
        self.wake_all();
    }

    /// Ends all stages at once. Ends a pause.
    pub fn abort(&self) {
        self.order.fetch_max(Order::Abort as u8, Ordering::AcqRel);
        self.wake_all();
    }

    /// Whether the run is paused.
    pub fn is_paused(&self) -> bool {
        self.order.load(Ordering::Acquire) == Order::Pause as u8
    }

    /// Whether the source is to end.
    pub fn is_stopped(&self) -> bool {
        self.order.load(Ordering::Acquire) >= Order::Stop as u8
    }

    /// Whether everything is to end.
    pub fn is_aborted(&self) -> bool {
        self.order.load(Ordering::Acquire) == Order::Abort as u8
    }

    /// Waits while the run is paused.
    ///
    /// # Errors
    /// If the run is aborted.
    pub async fn gate(&self) -> Result<(), Aborted> {
        if self.order.load(Ordering::Acquire) == Order::Pause as u8 {
            self.wait_for_resume().await;
        }
        if self.is_aborted() { Err(Aborted) } else { Ok(()) }
    }

    async fn wait_for_resume(&self) {
        futures::future::poll_fn(|context| {
            let mut paused = self.paused.lock().unwrap_or_else(PoisonError::into_inner);
            // Looked at under the lock, so that no resume comes between the look and the registration.
            if !self.is_paused() {
                return Poll::Ready(());
            }
            paused.push_back(context.waker().clone());
            Poll::Pending
        })
        .await
    }

    fn change(&self, from: Order, to: Order) {
        let _ = self.order.compare_exchange(from as u8, to as u8, Ordering::AcqRel, Ordering::Acquire);
    }

    fn wake_all(&self) {
        let paused = std::mem::take(&mut *self.paused.lock().unwrap_or_else(PoisonError::into_inner));
        paused.into_iter().for_each(Waker::wake);
    }
}
