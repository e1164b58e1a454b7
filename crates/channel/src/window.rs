//! The bound on the records in flight.
//!
//! A consumer that writes in order holds back records that arrive early until the one before them has arrived. That
//! could be everything, so the producer stays within a window of records beyond the slowest consumer. It can't
//! deadlock: consumers always take what arrives, so the record that everything waits for gets through.

use crate::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use crate::sync::{AtomicWaker, Site, fence};
use crate::watermark::Watermark;
use std::sync::Arc;
use std::task::Poll;

/// How far a producer may be ahead of the slowest consumer, in records.
///
/// ```
/// use clearpipe_channel::{Watermark, Window};
/// use std::sync::Arc;
///
/// let watermark = Arc::new(Watermark::new(2));
/// let window = Window::new(10, &watermark);
/// assert!(window.is_open(10) && !window.is_open(11));
/// // One consumer has finished five records, and the other three.
/// watermark.advance(0, 5);
/// watermark.advance(1, 3);
/// window.moved();
/// assert!(window.is_open(13) && !window.is_open(14));
/// ```
pub struct Window {
    size: AtomicU64,
    watermark: Arc<Watermark>,
    producer: AtomicWaker,
    /// Whether the producer waits. Usually it doesn't, and even a wake without a waiting task has a cost.
    is_awaited: AtomicBool,
}

impl Window {
    /// The fence between advancing the watermark and checking the window's flag, in a consumer; for models.
    pub const MOVED: Site = Site("window moved");

    /// The fence between setting the flag and checking the watermark, in the producer; for models.
    pub const AWAITED: Site = Site("window awaited");

    /// Creates a window of `size` records beyond the watermark.
    pub fn new(size: usize, watermark: &Arc<Watermark>) -> Window {
        Window {
            size: AtomicU64::new(size as u64),
            watermark: watermark.clone(),
            producer: AtomicWaker::new(),
            is_awaited: AtomicBool::new(false),
        }
    }

    /// Changes the size.
    pub fn resize(&self, size: usize) {
        self.size.store(size as u64, Ordering::Relaxed);
        self.producer.wake();
    }

    /// Returns whether the records with numbers below `end` may be in flight now.
    pub fn is_open(&self, end: u64) -> bool {
        end <= self.watermark.lowest().saturating_add(self.size.load(Ordering::Relaxed))
    }

    /// Waits until the records with numbers below `end` may be in flight. Only one task may wait at a time.
    pub async fn open(&self, end: u64) {
        futures::future::poll_fn(|context| {
            if self.is_open(end) {
                return Poll::Ready(());
            }
            self.producer.register(context.waker());
            self.is_awaited.store(true, Ordering::Relaxed);
            // See `moved`.
            fence(Window::AWAITED, Ordering::SeqCst);
            // A consumer may have advanced before the registration.
            if self.is_open(end) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        self.is_awaited.store(false, Ordering::Relaxed);
    }

    /// Wakes the producer if it waits. Call this after the [`Watermark`] has moved.
    #[inline]
    pub fn moved(&self) {
        // The consumer advances the watermark and then checks this flag; the producer sets the flag and then checks the
        // watermark. With a sequentially consistent fence in between on both sides, at least one of them sees the
        // other's change.
        fence(Window::MOVED, Ordering::SeqCst);
        if self.is_awaited.load(Ordering::Relaxed) {
            self.producer.wake();
        }
    }
}
