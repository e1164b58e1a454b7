//! A queue of work that threads outside a pool give to the pool.

use clearpipe_channel::sync::Mutex;
use clearpipe_channel::sync::atomic::{AtomicUsize, Ordering};
use std::collections::VecDeque;
use std::sync::PoisonError;

/// A first-in, first-out queue whose length can be read without its lock.
///
/// After pushing an item, the caller spawns a job that takes one item. The job may come late: any other job may take
/// the item before.
pub struct Injector<T> {
    items: Mutex<VecDeque<T>>,
    /// The number of items.
    count: AtomicUsize,
}

impl<T> Default for Injector<T> {
    fn default() -> Self {
        Injector { items: Mutex::new(VecDeque::new()), count: AtomicUsize::new(0) }
    }
}

impl<T> Injector<T> {
    /// Adds an item.
    pub fn push(&self, item: T) {
        let mut items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        items.push_back(item);
        self.count.store(items.len(), Ordering::Relaxed);
    }

    /// Takes the oldest item, if there is any. A thread that knows of a pushed item, for example because it runs the
    /// job that was spawned afterwards, doesn't miss it unless another thread has taken it.
    pub fn take(&self) -> Option<T> {
        if self.count.load(Ordering::Relaxed) == 0 {
            return None;
        }
        let mut items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        let first = items.pop_front();
        self.count.store(items.len(), Ordering::Relaxed);
        first
    }
}

#[cfg(all(test, loom))]
mod loom_tests {
    use super::*;
    use clearpipe_channel::sync::atomic::AtomicBool;
    use clearpipe_channel::sync::{Site, check, ordering};
    use loom::thread;
    use std::sync::Arc;

    /// Handing a job over to a thread of the pool, which rayon does.
    const JOB_SPAWNED: Site = Site("job spawned");

    /// Two threads of a pool, one of which gets the job, take the item exactly once between them.
    #[test]
    fn loom_no_injected_task_is_lost_or_run_twice() {
        check(&[JOB_SPAWNED], || {
            let injector = Arc::new(Injector::default());
            let is_spawned = Arc::new(AtomicBool::new(false));
            let busy = thread::spawn({
                let injector = injector.clone();
                move || injector.take().into_iter().count()
            });
            let handed = thread::spawn({
                let (injector, is_spawned) = (injector.clone(), is_spawned.clone());
                move || is_spawned.load(Ordering::Acquire).then(|| injector.take().into_iter().count())
            });
            injector.push(7);
            is_spawned.store(true, ordering(JOB_SPAWNED, Ordering::Release));
            match (busy.join().unwrap(), handed.join().unwrap()) {
                (busy, Some(handed)) => assert_eq!(busy + handed, 1),
                // The job hasn't been handed over yet.
                (busy, None) => assert_eq!(busy + injector.take().into_iter().count(), 1),
            }
        });
    }
}
