//! A fair semaphore: whoever waits longest gets the next permit.

use futures::channel::oneshot;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A number of permits for something that only so many tasks can have at a time.
pub struct Semaphore {
    free: Mutex<Free>,
}

/// The permits that nobody has, or the tasks that wait for one, first come, first served.
struct Free {
    count: usize,
    waiting: VecDeque<oneshot::Sender<Permit>>,
}

/// A permit, until it is dropped. Empty once it has been passed on.
pub struct Permit(Option<Arc<Semaphore>>);

impl Semaphore {
    /// Creates a semaphore with this many permits.
    pub fn new(permits: usize) -> Arc<Semaphore> {
        Arc::new(Semaphore { free: Mutex::new(Free { count: permits, waiting: VecDeque::new() }) })
    }

    fn free(&self) -> MutexGuard<'_, Free> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a permit if one is free.
    pub fn try_acquire(self: &Arc<Self>) -> Option<Permit> {
        let mut free = self.free();
        free.count = free.count.checked_sub(1)?;
        Some(Permit(Some(self.clone())))
    }

    /// Takes a permit, waiting while none is free.
    pub async fn acquire(self: &Arc<Self>) -> Permit {
        let given = {
            let mut free = self.free();
            if free.count > 0 {
                free.count -= 1;
                return Permit(Some(self.clone()));
            }
            let (give, given) = oneshot::channel();
            free.waiting.push_back(give);
            given
        };
        match given.await {
            Ok(permit) => permit,
            // The semaphore owns the sender, and `self` keeps the semaphore alive.
            Err(oneshot::Canceled) => unreachable!("a waiting task is always given a permit"),
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let Some(semaphore) = self.0.take() else { return };
        loop {
            let next = {
                let mut free = semaphore.free();
                match free.waiting.pop_front() {
                    Some(next) => next,
                    None => {
                        free.count += 1;
                        return;
                    }
                }
            };
            match next.send(Permit(Some(semaphore.clone()))) {
                Ok(()) => return,
                // That task is gone. Dropping the permit here would recurse once for each such task.
                Err(mut permit) => permit.0 = None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    #[test]
    fn permits_are_given_in_the_order_of_arrival_and_past_those_who_left() {
        let semaphore = Semaphore::new(1);
        let first = semaphore.acquire().now_or_never().unwrap();
        assert!(semaphore.try_acquire().is_none());
        let [mut second, mut third, mut fourth] = [(); 3].map(|()| semaphore.acquire().boxed());
        for waiting in [&mut second, &mut third, &mut fourth] {
            assert!(waiting.now_or_never().is_none());
        }
        drop(second);
        drop(first);
        assert!((&mut fourth).now_or_never().is_none());
        let third = third.now_or_never().unwrap();
        drop(third);
        drop(fourth.now_or_never().unwrap());
        assert!(semaphore.try_acquire().is_some());
    }
}
