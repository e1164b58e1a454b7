//! Work that comes to a pool from threads that are not its own.

use clearpipe_channel::sync::Mutex;
use clearpipe_channel::sync::atomic::{AtomicUsize, Ordering};
use std::collections::VecDeque;
use std::sync::PoisonError;

/// A queue, first in, first out, that can be asked for its length without its lock.
///
/// Whoever pushes then spawns a job that takes one item. The job may be late: any other job may take the item before.
pub struct Injector<T> {
    items: Mutex<VecDeque<T>>,
    /// How many there are.
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

    /// The item that came first, if there is any. A thread that has seen an item pushed, as by being handed the job that
    /// was spawned after that, does not miss it unless another thread has taken it.
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

    /// Two threads of a pool, one of which is handed the job: between them they take the item once, and don't miss it.
    #[test]
    fn loom_no_injected_task_is_lost_or_run_twice() {
        check(&[Site::JobSpawned], || {
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
            is_spawned.store(true, ordering(Site::JobSpawned, Ordering::Release));
            match (busy.join().unwrap(), handed.join().unwrap()) {
                (busy, Some(handed)) => assert_eq!(busy + handed, 1),
                // The job has not been handed over yet.
                (busy, None) => assert_eq!(busy + injector.take().into_iter().count(), 1),
            }
        });
    }
}
