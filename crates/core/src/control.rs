//! How a run is steered from outside: pause, resume, stop, abort.

use futures::future::{Either, select};
use futures::task::AtomicWaker;
use std::pin::pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

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
    listeners: Mutex<Vec<Arc<AtomicWaker>>>,
}

/// Where one worker hears of orders. It waits in one place at a time.
#[derive(Debug)]
pub struct Listener {
    control: Arc<Control>,
    waker: Arc<AtomicWaker>,
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

    /// A place for a worker to hear of orders.
    pub fn listener(self: &Arc<Self>) -> Listener {
        let waker = Arc::new(AtomicWaker::new());
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner).push(waker.clone());
        Listener { control: self.clone(), waker }
    }

    fn change(&self, from: Order, to: Order) {
        let _ = self.order.compare_exchange(from as u8, to as u8, Ordering::AcqRel, Ordering::Acquire);
    }

    fn wake_all(&self) {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner).iter().for_each(|waker| waker.wake());
    }
}

impl Listener {
    /// Waits while the run is paused.
    ///
    /// # Errors
    /// If the run is aborted.
    pub async fn gate(&self) -> Result<(), Aborted> {
        if self.control.is_paused() {
            self.until(|control| !control.is_paused()).await;
        }
        if self.control.is_aborted() { Err(Aborted) } else { Ok(()) }
    }

    /// Waits for `future`, but not after an order that `ends` it.
    pub async fn unless<T>(&self, ends: fn(&Control) -> bool, future: impl Future<Output = T>) -> Option<T> {
        match select(pin!(future), pin!(self.until(ends))).await {
            Either::Left((result, _)) => Some(result),
            Either::Right(((), _)) => None,
        }
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
