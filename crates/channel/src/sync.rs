//! The types that threads share: those of the standard library, or loom's models of them.
//!
//! With `--cfg loom`, [loom](https://docs.rs/loom) runs a test in every interleaving and with every value that a load
//! may return by the memory model of C11. `weak` then lets a test remove an ordering, to show that the model needs it.

#[cfg(not(loom))]
mod types {
    pub use futures::task::AtomicWaker;
    pub use std::sync::atomic;
    pub use std::sync::{Mutex, MutexGuard};
}

#[cfg(loom)]
mod types {
    pub use loom::sync::atomic;
    pub use loom::sync::{Mutex, MutexGuard};

    /// loom's waker, with the methods of the one in `futures`.
    #[derive(Debug, Default)]
    pub struct AtomicWaker(loom::future::AtomicWaker);

    impl AtomicWaker {
        /// Creates an empty waker.
        pub fn new() -> AtomicWaker {
            AtomicWaker(loom::future::AtomicWaker::new())
        }

        /// Registers the waker of the current task.
        pub fn register(&self, waker: &std::task::Waker) {
            self.0.register_by_ref(waker);
        }

        /// Wakes the task that registered last.
        pub fn wake(&self) {
            self.0.wake();
        }
    }
}

pub use types::*;

/// A place in the code with an ordering that a protocol depends on, by a name of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Site(pub &'static str);

/// Returns the given ordering of a site, unless a test has removed it.
#[cfg(not(loom))]
#[inline(always)]
pub const fn ordering(_: Site, ordering: atomic::Ordering) -> atomic::Ordering {
    ordering
}

/// Executes a fence at a site, unless a test has removed it.
#[cfg(not(loom))]
#[inline(always)]
pub fn fence(_: Site, ordering: atomic::Ordering) {
    atomic::fence(ordering);
}

#[cfg(loom)]
mod weakened {
    use super::Site;
    use super::atomic::{self, Ordering};
    use std::sync::Mutex;

    static WEAK: Mutex<Option<Site>> = Mutex::new(None);

    fn is_weak(site: Site) -> bool {
        *WEAK.lock().unwrap() == Some(site)
    }

    /// Returns the given ordering of a site, unless a test has removed it.
    pub fn ordering(site: Site, ordering: Ordering) -> Ordering {
        if is_weak(site) { Ordering::Relaxed } else { ordering }
    }

    /// Executes a fence at a site, unless a test has removed it.
    pub fn fence(site: Site, ordering: Ordering) {
        if !is_weak(site) {
            atomic::fence(ordering);
        }
    }

    /// Checks a model in all interleavings, and that it fails when the ordering of each of these sites is removed.
    ///
    /// Models must not run at the same time: use `--test-threads=1`.
    pub fn check(sites: &[Site], model: impl Fn() + Clone + Send + Sync + 'static) {
        loom::model(model.clone());
        for &site in sites {
            *WEAK.lock().unwrap() = Some(site);
            let model = model.clone();
            let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| loom::model(model)));
            *WEAK.lock().unwrap() = None;
            assert!(result.is_err(), "the model holds without the ordering of {site:?}");
        }
    }
}

#[cfg(loom)]
pub use weakened::{check, fence, ordering};
