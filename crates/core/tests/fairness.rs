//! No task keeps others from running for long.

use clearpipe_core::runtime::{Local, Pool, Runtime, TaskId, Turn, Virtual, yield_now};
use clearpipe_model::topology::Stage;
use futures::future::BoxFuture;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

fn spawn(runtime: &dyn Runtime, task: impl Future<Output = ()> + Send + 'static) {
    let task: BoxFuture<'static, ()> = Box::pin(task);
    runtime.spawn(TaskId { stage: Stage::Producer, worker: 0 }, task, Box::new(|| ()));
}

#[test]
fn what_a_timer_or_another_thread_wakes_gets_its_turn_on_a_pool_that_is_never_idle() {
    const TASKS: usize = 20;
    for threads in [1, 2] {
        let pool = Pool::new(threads).unwrap();
        let (is_over, woken) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (done, is_done) = std::sync::mpsc::channel();
        for _ in 0..8 {
            let is_over = is_over.clone();
            spawn(&pool, async move {
                while !is_over.load(Ordering::Relaxed) {
                    yield_now().await;
                }
            });
        }
        let mut from_here = Vec::new();
        for _ in 0..TASKS {
            let (give, given) = futures::channel::oneshot::channel::<()>();
            from_here.push(give);
            let (sleeps, woken, done) = (pool.sleep(Duration::from_millis(20)), woken.clone(), done.clone());
            spawn(&pool, async move {
                sleeps.await;
                given.await.unwrap();
                if woken.fetch_add(1, Ordering::Relaxed) + 1 == TASKS {
                    done.send(()).unwrap();
                }
            });
        }
        std::thread::sleep(Duration::from_millis(60));
        from_here.into_iter().for_each(|give| give.send(()).unwrap());
        let heard = is_done.recv_timeout(Duration::from_secs(20));
        is_over.store(true, Ordering::Relaxed);
        assert!(heard.is_ok(), "{} of {TASKS} came to their turn on {threads} threads", woken.load(Ordering::Relaxed));
    }
}

#[test]
fn a_turn_of_one_thread_ends_however_long_its_tasks_are() {
    let local = Local::new();
    for _ in 0..40 {
        let runtime = local.clone();
        spawn(&local, async move {
            // Like a worker that always finds a large batch.
            for _ in 0..40 {
                let start = Instant::now();
                while start.elapsed() < Duration::from_millis(1) {}
                if runtime.should_yield() {
                    yield_now().await;
                }
            }
        });
    }
    let mut turns = Vec::new();
    let mut last = Turn::Busy;
    while last == Turn::Busy {
        let start = Instant::now();
        last = local.turn(Duration::from_millis(8));
        turns.push(start.elapsed());
    }
    assert_eq!(last, Turn::Idle(None));
    turns.sort();
    // 1.6 s of work; the machine may delay some of the turns.
    let middle = turns[turns.len() / 2];
    assert!(middle < Duration::from_millis(20), "{middle:?} in the middle of {} turns", turns.len());
}

#[test]
fn only_one_thread_writes_as_the_runtime_s_own() {
    let answers = |runtime: Arc<dyn Runtime>| {
        let elsewhere = runtime.clone();
        let of_another = std::thread::spawn(move || elsewhere.thread()).join().unwrap();
        (runtime.thread(), of_another)
    };
    assert_eq!(answers(Arc::new(Local::new())), (Some(0), None));
    assert_eq!(answers(Arc::new(Virtual::new(4, 1))), (Some(0), None));
    assert_eq!(answers(Arc::new(Pool::new(2).unwrap())), (None, None));
}
