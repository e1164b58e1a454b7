//! The bounded channel: its capacity is exact, whoever sends and however much at once.

use clearpipe_core::batch::{Group, Weight};
use clearpipe_core::channel::{Channel, Disconnected, Items, Receiver, Sender};
use clearpipe_core::config::{Clock, Config, ServiceTime};
use clearpipe_core::control::Control;
use clearpipe_core::live_settings::LiveSettings;
use clearpipe_core::runtime::{Pool, Runtime, Virtual, yield_now};
use clearpipe_core::stages::worker_context::{RunContext, WorkerContext};
use clearpipe_core::topology::{ChannelId, Stage};
use clearpipe_core::trace::Tracer;
use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::{Either, select};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

/// So many records, beginning with this number.
#[derive(Debug, PartialEq)]
struct Item(u64, usize);

impl Weight for Item {
    fn records(&self) -> usize {
        self.1
    }

    fn numbers(&self) -> impl Iterator<Item = u64> + Clone {
        self.0..self.0 + self.1 as u64
    }

    fn group(&self) -> &Group {
        static GROUP: LazyLock<Group> = LazyLock::new(|| Group::new(0, 1));
        &GROUP
    }

    fn find(&self, _: u64) -> Option<usize> {
        None
    }
}

fn worker(runtime: Arc<dyn Runtime>) -> Arc<WorkerContext> {
    let control = Arc::new(Control::new(&runtime));
    let settings = Arc::new(LiveSettings::new(&Config::default()));
    let run = RunContext { runtime, control, settings, tracer: Tracer::off(), clock: Clock::System, seed: 0 };
    WorkerContext::new(Stage::Producer, 0, &run)
}

fn channel(capacity: usize) -> (Channel<Item>, Arc<WorkerContext>) {
    (Channel::new(ChannelId::DataCh, capacity), worker(Arc::new(Virtual::new(1, 0))))
}

fn send(sender: &mut Sender<Item>, item: Item) -> Option<Result<(), Disconnected>> {
    sender.send(item).now_or_never()
}

fn receive(receiver: &mut Receiver<Item>) -> Option<Option<Item>> {
    receiver.receive().now_or_never()
}

#[test]
fn the_capacity_does_not_grow_with_the_number_of_senders() {
    let (channel, worker) = channel(3);
    let _receiver = channel.receiver(&worker);
    let mut sent = 0;
    let mut senders: Vec<_> = (0..10).map(|_| channel.sender(&worker)).collect();
    for sender in &mut senders {
        sent += usize::from(send(sender, Item(0, 1)).is_some());
    }
    assert_eq!((sent, channel.stats().depth(), channel.stats().highest()), (3, 3, 3));
    assert_eq!(channel.stats().blocked_sends(), 7);
}

#[test]
fn a_batch_counts_as_its_records_and_the_first_to_come_is_the_first_to_send() {
    let (channel, worker) = channel(5);
    let mut receiver = channel.receiver(&worker);
    let (mut large, mut small) = (channel.sender(&worker), channel.sender(&worker));
    assert_eq!(send(&mut small, Item(0, 3)), Some(Ok(())));
    let mut waiting = Box::pin(large.send(Item(3, 4)));
    assert!(waiting.as_mut().now_or_never().is_none());
    // It would fit, but the large one was first.
    assert_eq!(send(&mut small, Item(7, 1)), None);
    assert_eq!(receive(&mut receiver), Some(Some(Item(0, 3))));
    assert_eq!(waiting.as_mut().now_or_never(), Some(Ok(())));
    assert_eq!(receive(&mut receiver), Some(Some(Item(3, 4))));
    assert_eq!(channel.stats().highest(), 4);
    assert_eq!(channel.stats().passed(), 7);
}

#[test]
fn without_senders_it_is_drained_and_closed() {
    let (channel, worker) = channel(5);
    let mut receiver = channel.receiver(&worker);
    let mut sender = channel.sender(&worker);
    assert_eq!(receive(&mut receiver), None);
    assert_eq!(send(&mut sender, Item(0, 2)), Some(Ok(())));
    drop(sender);
    assert_eq!(receive(&mut receiver), Some(Some(Item(0, 2))));
    assert_eq!(receive(&mut receiver), Some(None));
}

#[test]
fn without_receivers_sending_fails_also_for_those_who_wait() {
    let (channel, worker) = channel(1);
    let receiver = channel.receiver(&worker);
    let (mut first, mut second) = (channel.sender(&worker), channel.sender(&worker));
    assert_eq!(send(&mut first, Item(0, 1)), Some(Ok(())));
    let mut waiting = Box::pin(second.send(Item(1, 1)));
    assert!(waiting.as_mut().now_or_never().is_none());
    drop(receiver);
    assert_eq!(waiting.as_mut().now_or_never(), Some(Err(Disconnected)));
    drop(waiting);
    assert_eq!(send(&mut first, Item(2, 1)), Some(Err(Disconnected)));
    assert_eq!(channel.stats().depth(), 0);
}

#[test]
fn a_sender_that_gives_up_lets_the_next_one_send() {
    let (channel, worker) = channel(2);
    let mut receiver = channel.receiver(&worker);
    let (mut first, mut second, mut third) =
        (channel.sender(&worker), channel.sender(&worker), channel.sender(&worker));
    assert_eq!(send(&mut first, Item(0, 2)), Some(Ok(())));
    assert_eq!(send(&mut second, Item(2, 2)), None);
    let mut waiting = Box::pin(third.send(Item(4, 1)));
    assert!(waiting.as_mut().now_or_never().is_none());
    assert_eq!(receive(&mut receiver), Some(Some(Item(0, 2))));
    drop(second);
    assert_eq!(waiting.as_mut().now_or_never(), Some(Ok(())));
}

fn items(all: impl IntoIterator<Item = u64>) -> Items<Item> {
    all.into_iter().map(|number| Item(number, 1)).collect()
}

#[test]
fn what_is_sent_together_takes_the_room_there_is() {
    let (channel, worker) = channel(3);
    let mut receiver = channel.receiver(&worker);
    let (mut first, mut second) = (channel.sender(&worker), channel.sender(&worker));
    let mut waiting = Box::pin(first.send_all(items(0..5)));
    assert!(waiting.as_mut().now_or_never().is_none());
    let gauge = channel.stats();
    assert_eq!((gauge.depth(), gauge.blocked_sends()), (3, 1));
    // It comes behind all five.
    let mut last = Box::pin(second.send(Item(5, 1)));
    assert!(last.as_mut().now_or_never().is_none());
    assert_eq!(receive(&mut receiver), Some(Some(Item(0, 1))));
    assert!(waiting.as_mut().now_or_never().is_none(), "one waits still");
    assert_eq!(receiver.receive_at_once(), items(1..4));
    assert_eq!(waiting.as_mut().now_or_never(), Some(Ok(())));
    assert_eq!(last.as_mut().now_or_never(), Some(Ok(())));
    assert_eq!(receiver.receive_some().now_or_never(), Some(items(4..6)));
    drop(last);
    assert_eq!(first_of(second.send_all(Items::new()).now_or_never()), Ok(()));
    assert_eq!((gauge.depth(), gauge.highest(), gauge.passed()), (0, 3, 6));
}

fn first_of<T>(ready: Option<T>) -> T {
    ready.expect("nothing to wait for")
}

fn some_of(receiver: &mut Receiver<Item>, most: usize) -> impl Future<Output = Items<Item>> {
    futures::future::poll_fn(move |context| receiver.poll_receive_some(most, context))
}

fn taken(receiver: &mut Receiver<Item>, most: usize) -> Items<Item> {
    first_of(some_of(receiver, most).now_or_never())
}

#[test]
fn a_receiver_takes_its_share_and_no_more_than_it_asks_for() {
    let (channel, worker) = channel(100);
    let mut receivers: Vec<_> = (0..3).map(|_| channel.receiver(&worker)).collect();
    let mut sender = channel.sender(&worker);
    assert_eq!(first_of(sender.send_all(items(0..10)).now_or_never()), Ok(()));
    assert_eq!(taken(&mut receivers[0], 1), items(0..1));
    assert_eq!(taken(&mut receivers[1], 100), items(1..4), "a third of nine");
    assert_eq!(taken(&mut receivers[2], 100), items(4..6), "a third of six");
    drop(receivers.split_off(1));
    assert_eq!(taken(&mut receivers[0], 3), items(6..9), "no more than three records");
    assert_eq!(send(&mut sender, Item(10, 40)), Some(Ok(())));
    assert_eq!(taken(&mut receivers[0], 3), items(9..10), "the large one would be too much with it");
    assert_eq!(taken(&mut receivers[0], 3).as_slice(), [Item(10, 40)], "but is taken alone");
    assert!(receivers[0].receive_at_once().is_empty());
}

#[test]
fn who_gives_up_takes_what_is_left_along() {
    let (channel, worker) = channel(2);
    let mut receiver = channel.receiver(&worker);
    let (mut first, mut second) = (channel.sender(&worker), channel.sender(&worker));
    {
        let mut waiting = Box::pin(first.send_all(items(0..5)));
        assert!(waiting.as_mut().now_or_never().is_none());
    }
    assert_eq!(send(&mut second, Item(9, 1)), None);
    assert_eq!(receiver.receive_at_once(), items(0..2));
    assert_eq!(receive(&mut receiver), None, "the second has given up as well");
    assert_eq!(channel.stats().passed(), 2);
}

#[test]
fn only_what_is_quick_and_not_looked_at_is_taken_up_together() {
    let worker = worker(Arc::new(Virtual::new(1, 0)));
    assert!(worker.max_take() > 1);
    worker.run.control.pause();
    assert_eq!(worker.max_take(), 1);
    worker.run.control.resume();
    assert!(worker.max_take() > 1);
    let mut served = Config::default();
    served.service.loader.wait = ServiceTime::Fixed(Duration::from_millis(1));
    worker.run.settings.set(&served);
    assert_eq!(worker.max_take(), 1, "with a service time anywhere");
}

/// Many senders and receivers, some of which end in the middle: everything that was sent and could be received is
/// received once, and nobody waits for ever.
///
/// Answers the ends of all tasks, the records received, and how many there should be.
#[allow(clippy::type_complexity, reason = "used twice, right below")]
fn hustle(
    spawn: impl Fn(futures::future::BoxFuture<'static, ()>),
    worker: &Arc<WorkerContext>,
) -> (Vec<oneshot::Receiver<()>>, Arc<AtomicUsize>, usize) {
    let channel = Channel::new(ChannelId::DataCh, 7);
    let received = Arc::new(AtomicUsize::new(0));
    let gauge = channel.stats();
    let mut ended = Vec::new();
    let mut tasks: Vec<futures::future::BoxFuture<'static, ()>> = Vec::new();
    let mut task = |work: futures::future::BoxFuture<'static, ()>| {
        let (end, ends) = oneshot::channel();
        ended.push(ends);
        tasks.push(Box::pin(async move {
            work.await;
            let _ = end.send(());
        }));
    };
    for sender in 0..5 {
        let mut sender_end = channel.sender(worker);
        task(Box::pin(async move {
            let item = |item| Item(item, 1 + (item as usize + sender) % 7);
            // One by one, or some together.
            let together = 1 + 2 * (sender % 3) as u64;
            let mut next = 0;
            while next < 200 {
                let end = (next + together).min(200);
                sender_end.send_all((next..end).map(item).collect()).await.unwrap();
                next = end;
            }
        }));
    }
    let expected: usize = (0..5).flat_map(|sender| (0..200).map(move |item| 1 + (item + sender) % 7)).sum();
    for receiver in 0..4 {
        let mut receiver_end = channel.receiver(worker);
        let (received, gauge) = (received.clone(), gauge.clone());
        task(Box::pin(async move {
            let mut items = 0;
            loop {
                // It may wait in vain: of some only the wait is over then, one goes on with it, one leaves.
                let waited = {
                    let patience = std::pin::pin!(yield_now());
                    match select(std::pin::pin!(some_of(&mut receiver_end, 5 * receiver)), patience).await {
                        Either::Left((received, _)) => Some(received),
                        Either::Right(((), receive)) if receiver == 3 => Some(receive.await),
                        Either::Right(_) => None,
                    }
                };
                let some = match waited {
                    Some(some) if some.is_empty() => return,
                    Some(some) => some,
                    None if receiver == 1 && items > 10 => return,
                    None => receiver_end.receive_at_once(),
                };
                received.fetch_add(some.iter().map(Weight::records).sum(), Ordering::Relaxed);
                assert!(gauge.depth() <= 7);
                items += some.len();
                if receiver > 1 && items >= 20 * receiver {
                    return;
                }
            }
        }));
    }
    // Only now: all ends have to be there before the first task runs.
    tasks.into_iter().for_each(spawn);
    (ended, received, expected)
}

#[test]
fn nothing_is_lost_or_stuck_in_any_interleaving() {
    for seed in 0..300 {
        let runtime = Virtual::new(1, seed);
        let worker = worker(Arc::new(runtime.clone()));
        let (ended, received, expected) = hustle(|task| runtime.spawn(task, Box::new(|| ())), &worker);
        let ended = runtime.block_on(futures::future::join_all(ended));
        assert!(ended.is_ok_and(|ended| ended.iter().all(Result::is_ok)), "seed {seed}");
        assert_eq!(received.load(Ordering::Relaxed), expected, "seed {seed}");
    }
}

#[test]
fn nothing_is_lost_or_stuck_on_threads() {
    for threads in [1, 2, 4] {
        for _ in 0..100 {
            let runtime = Pool::new(threads).unwrap();
            let worker = worker(Arc::new(runtime.clone()));
            let (ended, received, expected) = hustle(|task| runtime.spawn(task, Box::new(|| ())), &worker);
            let ended = futures::executor::block_on(futures::future::join_all(ended));
            assert!(ended.iter().all(Result::is_ok), "{threads} threads");
            assert_eq!(received.load(Ordering::Relaxed), expected, "{threads} threads");
        }
    }
}
