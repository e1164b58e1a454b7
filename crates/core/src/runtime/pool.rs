//! Runs any number of tasks on a pool of threads.
//!
//! Each task is a future that is put on the pool when it is woken, so thousands of tasks share a few threads as
//! goroutines do, and a waiting task holds no thread. The pool is rayon's: its threads are OS threads natively and web
//! workers in a page.

use super::injector::Injector;
use super::timers::{Sleep, Timers};
use super::{OnWake, Runtime, TaskId, spin};
use async_task::Runnable;
use clearpipe_model::time::Timestamp;
use futures::future::BoxFuture;
use std::cell::Cell;
#[cfg(target_family = "wasm")]
use std::sync::OnceLock;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;
use web_time::Instant;

/// How many batches a worker may take in a row before it lets others run.
const BATCHES_A_TURN: u32 = 64;

/// The runtime of many threads.
#[derive(Clone)]
pub struct Pool {
    workplace: Arc<Workplace>,
    timer: &'static TimerThread,
    start: Instant,
}

/// The threads, and the tasks that other threads give to them.
struct Workplace {
    threads: Threads,
    /// Tasks that were woken by other threads: by a timer, an input, or the page. rayon would get to these only when
    /// none of its threads has a task left, which may never happen.
    injector: Arc<Injector<Runnable>>,
}

/// Why the pool couldn't be created.
#[derive(Debug, thiserror::Error)]
#[error("the system starts no more threads; fewer may do ({0})")]
pub struct PoolError(Box<dyn std::error::Error + Send + Sync>);

enum Threads {
    /// Threads that belong to this runtime, and end with it.
    #[cfg(not(target_family = "wasm"))]
    Own(rayon::ThreadPool),
    /// The threads of rayon's global pool, of which one serves the timers.
    #[cfg(target_family = "wasm")]
    Global,
}

impl Pool {
    /// Creates a pool with `threads` threads.
    ///
    /// # Errors
    /// If the system starts no more threads: neither those of the pool, nor the one that serves the timers.
    #[cfg(not(target_family = "wasm"))]
    pub fn new(threads: usize) -> Result<Pool, PoolError> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .spawn_handler(|thread| start_thread(format!("clearpipe-{}", thread.index()), || thread.run()))
            .build()
            .map_err(|error| PoolError(error.into()))?;
        let timer = try_timer_thread().map_err(|error| PoolError(error.into()))?;
        Ok(Pool::of(Threads::Own(pool), timer))
    }

    /// Uses the global pool, which the page has started with one thread more than the pipeline needs. A web worker
    /// can't start a thread by itself, so the thread that serves the timers must be one of them.
    #[cfg(target_family = "wasm")]
    pub fn global() -> Pool {
        Pool::of(Threads::Global, timer_thread())
    }

    fn of(threads: Threads, timer: &'static TimerThread) -> Pool {
        Pool { workplace: Arc::new(Workplace { threads, injector: Arc::default() }), timer, start: Instant::now() }
    }
}

impl Workplace {
    /// Runs a task on one of the threads, after the tasks that this thread already has.
    fn run_later(&self, runnable: Runnable) {
        let injector = self.injector.clone();
        let run_injected = move || {
            injector.take().map(Runnable::run);
        };
        if self.thread().is_some() {
            self.spawn(move || {
                run_injected();
                runnable.run();
            });
        } else {
            self.injector.push(runnable);
            // For a sleeping thread. A thread that is awake gets to the task before this job.
            self.spawn(run_injected);
        }
    }

    /// Spawns a job, first in, first out: a task that yields must come after those that are already waiting.
    fn spawn(&self, job: impl FnOnce() + Send + 'static) {
        match &self.threads {
            #[cfg(not(target_family = "wasm"))]
            Threads::Own(pool) => pool.spawn_fifo(job),
            #[cfg(target_family = "wasm")]
            Threads::Global => rayon::spawn_fifo(job),
        }
    }

    /// Returns the index of the calling thread, if it is one of the pool's.
    fn thread(&self) -> Option<usize> {
        match &self.threads {
            #[cfg(not(target_family = "wasm"))]
            Threads::Own(pool) => pool.current_thread_index(),
            // The timer's thread isn't counted, and the threads after it move up.
            #[cfg(target_family = "wasm")]
            Threads::Global => match (rayon::current_thread_index()?, timer_thread().pool_index.get().copied()?) {
                (index, timer) if index == timer => None,
                (index, timer) => Some(if index > timer { index - 1 } else { index }),
            },
        }
    }
}

impl Runtime for Pool {
    fn spawn(&self, _: TaskId, task: BoxFuture<'static, ()>, on_wake: OnWake) {
        // A weak reference: if a task held the last strong one, the pool would end on one of its own threads.
        let workplace = Arc::downgrade(&self.workplace);
        let schedule = move |runnable: Runnable| {
            on_wake();
            if let Some(workplace) = workplace.upgrade() {
                workplace.run_later(runnable);
            }
        };
        let (runnable, task) = async_task::spawn(task, schedule);
        task.detach();
        runnable.schedule();
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn wall_clock(&self) -> Timestamp {
        Timestamp::now()
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        let timer = self.timer;
        let deadline = timer.start.elapsed() + time;
        Box::pin(Sleep::new(timer.timers.clone(), deadline, |deadline| timer.look_at(deadline)))
    }

    fn compute(&self, time: Duration) -> BoxFuture<'static, ()> {
        Box::pin(spin(time))
    }

    fn should_yield(&self) -> bool {
        thread_local!(static TAKEN: Cell<u32> = const { Cell::new(0) });
        TAKEN.with(|taken| {
            let count = taken.get() + 1;
            taken.set(if count == BATCHES_A_TURN { 0 } else { count });
            count == BATCHES_A_TURN
        })
    }

    fn thread(&self) -> Option<usize> {
        self.workplace.thread()
    }

    fn threads(&self) -> usize {
        match &self.workplace.threads {
            #[cfg(not(target_family = "wasm"))]
            Threads::Own(pool) => pool.current_num_threads(),
            #[cfg(target_family = "wasm")]
            Threads::Global => rayon::current_num_threads() - 1,
        }
    }
}

/// The thread that fires timers, one for the whole program.
struct TimerThread {
    timers: Arc<Timers>,
    start: Instant,
    /// The deadline that the thread sleeps until, and a way to wake it earlier.
    sleeps_until: Mutex<Option<Duration>>,
    wake: Condvar,
    /// The index of the thread in rayon's global pool.
    #[cfg(target_family = "wasm")]
    pool_index: OnceLock<usize>,
}

impl TimerThread {
    /// Makes sure that the thread is awake at a deadline.
    fn look_at(&self, deadline: Duration) {
        let mut until = self.sleeps_until.lock().unwrap_or_else(PoisonError::into_inner);
        if until.is_none_or(|until| deadline < until) {
            *until = Some(deadline);
            self.wake.notify_one();
        }
    }

    fn run(&self) {
        let mut until = self.sleeps_until.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            *until = None;
            // Timers take their own lock, and wake tasks: not under this lock.
            drop(until);
            self.timers.fire(self.start.elapsed());
            let next = self.timers.next_deadline();
            until = self.sleeps_until.lock().unwrap_or_else(PoisonError::into_inner);
            // A deadline may have been set in between.
            let next = match (next, *until) {
                (Some(next), Some(set)) => Some(next.min(set)),
                (next, set) => next.or(set),
            };
            *until = next;
            until = match next {
                None => self.wake.wait(until).unwrap_or_else(PoisonError::into_inner),
                Some(next) => match next.checked_sub(self.start.elapsed()) {
                    None => until,
                    Some(time) => self.wake.wait_timeout(until, time).unwrap_or_else(PoisonError::into_inner).0,
                },
            };
        }
    }
}

impl TimerThread {
    fn new() -> &'static TimerThread {
        Box::leak(Box::new(TimerThread {
            timers: Arc::default(),
            start: Instant::now(),
            sleeps_until: Mutex::new(None),
            wake: Condvar::new(),
            #[cfg(target_family = "wasm")]
            pool_index: OnceLock::new(),
        }))
    }
}

/// Starts a thread, and waits until it runs.
///
/// A thread allocates memory of its own before it runs its closure, and std aborts the program if there is none left. So
/// a bit more than the thread needs must be free, and no other thread is started meanwhile.
#[cfg(not(target_family = "wasm"))]
fn start_thread(name: String, run: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    /// std's stack of 2 MiB, and 1 MiB for the rest.
    const NEEDED: usize = 3 << 20;
    let mut probe: Vec<u8> = Vec::new();
    probe.try_reserve_exact(NEEDED)?;
    drop(std::hint::black_box(probe));
    let (started, is_running) = std::sync::mpsc::channel();
    std::thread::Builder::new().name(name).spawn(move || {
        // The receiver waits for it.
        let _ = started.send(());
        run();
    })?;
    // It fails only if the thread has ended already.
    let _ = is_running.recv();
    Ok(())
}

/// Returns the timer thread. Starts it on the first call.
#[cfg(not(target_family = "wasm"))]
fn try_timer_thread() -> std::io::Result<&'static TimerThread> {
    static THREAD: Mutex<Option<&'static TimerThread>> = Mutex::new(None);
    let mut started = THREAD.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(thread) = *started {
        return Ok(thread);
    }
    let thread = TimerThread::new();
    start_thread("clearpipe-timer".to_owned(), || thread.run())?;
    Ok(*started.insert(thread))
}

/// Returns the timer thread. Starts it on the first call.
#[cfg(target_family = "wasm")]
fn timer_thread() -> &'static TimerThread {
    static THREAD: OnceLock<&'static TimerThread> = OnceLock::new();
    THREAD.get_or_init(|| {
        let thread = TimerThread::new();
        rayon::spawn(|| {
            let _ = thread.pool_index.set(rayon::current_thread_index().unwrap_or(usize::MAX));
            thread.run();
        });
        // The pool's threads can only be numbered once this thread's index is known.
        thread.pool_index.wait();
        thread
    })
}
