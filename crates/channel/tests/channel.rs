//! The bounded channel: its capacity is exact, with any number of senders and of items sent together.

use clearpipe_channel::{
    Channel, Disconnected, Items, Observer, Policies, Receiver, Sender, Sharing, Weighted, WhenFull,
};
use futures::FutureExt;
use futures::future::{BoxFuture, Either, select};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

/// An item with this number and this many records.
#[derive(Debug, PartialEq)]
struct Item(u64, usize);

impl Weighted for Item {
    fn weight(&self) -> usize {
        self.1
    }
}

fn channel(capacity: usize) -> Channel<Item> {
    Channel::new(capacity)
}

fn send(sender: &mut Sender<Item>, item: Item) -> Option<Result<(), Disconnected>> {
    sender.send(item).now_or_never()
}

fn receive(receiver: &mut Receiver<Item>) -> Option<Option<Item>> {
    receiver.receive().now_or_never()
}

#[test]
fn the_capacity_does_not_grow_with_the_number_of_senders() {
    let channel = channel(3);
    let _receiver = channel.receiver(());
    let mut sent = 0;
    let mut senders: Vec<_> = (0..10).map(|_| channel.sender(())).collect();
    for sender in &mut senders {
        sent += usize::from(send(sender, Item(0, 1)).is_some());
    }
    assert_eq!((sent, channel.stats().depth(), channel.stats().highest()), (3, 3, 3));
    assert_eq!(channel.stats().blocked_sends(), 7);
}

#[test]
fn a_batch_counts_as_its_records_and_the_first_to_come_is_the_first_to_send() {
    let channel = channel(5);
    let mut receiver = channel.receiver(());
    let (mut large, mut small) = (channel.sender(()), channel.sender(()));
    assert_eq!(send(&mut small, Item(0, 3)), Some(Ok(())));
    let mut waiting = Box::pin(large.send(Item(3, 4)));
    assert!(waiting.as_mut().now_or_never().is_none());
    // It would fit, but the large one came first.
    assert_eq!(send(&mut small, Item(7, 1)), None);
    assert_eq!(receive(&mut receiver), Some(Some(Item(0, 3))));
    assert_eq!(waiting.as_mut().now_or_never(), Some(Ok(())));
    assert_eq!(receive(&mut receiver), Some(Some(Item(3, 4))));
    assert_eq!(channel.stats().highest(), 4);
    assert_eq!(channel.stats().passed(), 7);
}

#[test]
fn without_senders_it_is_drained_and_closed() {
    let channel = channel(5);
    let mut receiver = channel.receiver(());
    let mut sender = channel.sender(());
    assert_eq!(receive(&mut receiver), None);
    assert_eq!(send(&mut sender, Item(0, 2)), Some(Ok(())));
    drop(sender);
    assert_eq!(receive(&mut receiver), Some(Some(Item(0, 2))));
    assert_eq!(receive(&mut receiver), Some(None));
}

#[test]
fn without_receivers_sending_fails_also_for_those_who_wait() {
    let channel = channel(1);
    let receiver = channel.receiver(());
    let (mut first, mut second) = (channel.sender(()), channel.sender(()));
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
    let channel = channel(2);
    let mut receiver = channel.receiver(());
    let (mut first, mut second, mut third) = (channel.sender(()), channel.sender(()), channel.sender(()));
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
    let channel = channel(3);
    let mut receiver = channel.receiver(());
    let (mut first, mut second) = (channel.sender(()), channel.sender(()));
    let mut waiting = Box::pin(first.send_all(items(0..5)));
    assert!(waiting.as_mut().now_or_never().is_none());
    let stats = channel.stats();
    assert_eq!((stats.depth(), stats.blocked_sends()), (3, 1));
    // It comes after all five.
    let mut last = Box::pin(second.send(Item(5, 1)));
    assert!(last.as_mut().now_or_never().is_none());
    assert_eq!(receive(&mut receiver), Some(Some(Item(0, 1))));
    assert!(waiting.as_mut().now_or_never().is_none(), "one waits still");
    assert_eq!(receiver.try_receive_some(100), items(1..4));
    assert_eq!(waiting.as_mut().now_or_never(), Some(Ok(())));
    assert_eq!(last.as_mut().now_or_never(), Some(Ok(())));
    assert_eq!(receiver.receive_some(|| 100).now_or_never(), Some(items(4..6)));
    drop(last);
    assert_eq!(first_of(second.send_all(Items::new()).now_or_never()), Ok(()));
    assert_eq!((stats.depth(), stats.highest(), stats.passed()), (0, 3, 6));
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
    let channel = channel(100);
    let mut receivers: Vec<_> = (0..3).map(|_| channel.receiver(())).collect();
    let mut sender = channel.sender(());
    assert_eq!(first_of(sender.send_all(items(0..10)).now_or_never()), Ok(()));
    assert_eq!(taken(&mut receivers[0], 1), items(0..1));
    assert_eq!(taken(&mut receivers[1], 100), items(1..4), "a third of nine");
    assert_eq!(taken(&mut receivers[2], 100), items(4..6), "a third of six");
    drop(receivers.split_off(1));
    assert_eq!(taken(&mut receivers[0], 3), items(6..9), "no more than three records");
    assert_eq!(send(&mut sender, Item(10, 40)), Some(Ok(())));
    assert_eq!(taken(&mut receivers[0], 3), items(9..10), "the large one would be too much with it");
    assert_eq!(taken(&mut receivers[0], 3).as_slice(), [Item(10, 40)], "but is taken alone");
    assert!(receivers[0].try_receive_some(100).is_empty());
}

#[test]
fn who_gives_up_takes_what_is_left_along() {
    let channel = channel(2);
    let mut receiver = channel.receiver(());
    let (mut first, mut second) = (channel.sender(()), channel.sender(()));
    {
        let mut waiting = Box::pin(first.send_all(items(0..5)));
        assert!(waiting.as_mut().now_or_never().is_none());
    }
    assert_eq!(send(&mut second, Item(9, 1)), None);
    assert_eq!(receiver.try_receive_some(100), items(0..2));
    assert_eq!(receive(&mut receiver), None, "the second has given up as well");
    assert_eq!(channel.stats().passed(), 2);
}

/// The reports of an end.
#[derive(Clone)]
struct Log(&'static str, Arc<Mutex<Vec<String>>>);

impl Log {
    fn add(&self, what: &str, items: &[Item]) {
        let numbers: Vec<u64> = items.iter().map(|item| item.0).collect();
        self.1.lock().unwrap().push(format!("{} {what} {numbers:?}", self.0));
    }
}

impl Observer<Item> for Log {
    fn sent(&self, items: &[Item]) {
        self.add("sent", items);
    }

    fn received(&self, items: &[Item]) {
        self.add("received", items);
    }

    fn blocked(&self, item: &Item) {
        self.add("blocked", std::slice::from_ref(item));
    }

    fn unblocked(&self, item: &Item) {
        self.add("unblocked", std::slice::from_ref(item));
    }

    fn dropped(&self, items: &[Item]) {
        self.add("dropped", items);
    }
}

#[test]
fn a_full_channel_drops_the_newest_or_the_oldest_items_if_it_is_told_to() {
    for (when_full, left, report) in [
        (WhenFull::DropNewest, vec![0, 1, 2], "sender dropped [3, 4]"),
        (WhenFull::DropOldest, vec![2, 3, 4], "sender dropped [1]"),
    ] {
        let log = Arc::default();
        let end = |name| Log(name, Arc::clone(&log));
        let channel = Channel::with_policies(3, Policies { when_full, ..Policies::default() });
        let (mut sender, mut receiver) = (channel.sender(end("sender")), channel.receiver(end("receiver")));
        assert_eq!(first_of(sender.send_all(items(0..5)).now_or_never()), Ok(()), "it never waits");
        assert_eq!(receiver.try_receive_some(100), items(left));
        assert!(log.lock().unwrap().contains(&report.to_owned()), "{log:?}");
        let stats = channel.stats();
        assert_eq!((stats.dropped(), stats.passed(), stats.depth(), stats.blocked_sends()), (2, 3, 0, 0));
    }
}

#[test]
fn a_large_item_pushes_out_as_many_old_ones_as_it_needs() {
    let channel: Channel<Item> =
        Channel::with_policies(3, Policies { when_full: WhenFull::DropOldest, ..Policies::default() });
    let (mut sender, mut receiver) = (channel.sender(()), channel.receiver(()));
    for item in [Item(0, 1), Item(1, 1), Item(2, 1), Item(3, 2)] {
        assert_eq!(send(&mut sender, item), Some(Ok(())));
    }
    assert_eq!(receive(&mut receiver), Some(Some(Item(2, 1))));
    assert_eq!(receive(&mut receiver), Some(Some(Item(3, 2))));
    assert_eq!(channel.stats().dropped(), 2);
}

#[test]
fn receivers_with_a_queue_each_get_items_in_turn_and_may_steal() {
    for sharing in [Sharing::PerReceiver, Sharing::Stealing] {
        let channel: Channel<Item> = Channel::with_policies(10, Policies { sharing, ..Policies::default() });
        let (first, mut second) = (channel.receiver(()), channel.receiver(()));
        let mut sender = channel.sender(());
        assert_eq!(first_of(sender.send_all(items(0..4)).now_or_never()), Ok(()));
        assert_eq!(receive(&mut second), Some(Some(Item(1, 1))));
        assert_eq!(receive(&mut second), Some(Some(Item(3, 1))));
        match sharing {
            Sharing::Stealing => assert_eq!(receive(&mut second), Some(Some(Item(0, 1)))),
            _ => assert_eq!(receive(&mut second), None, "the others are for the first receiver"),
        }
        // Whoever leaves gives its items to the others.
        drop(first);
        let next = if sharing == Sharing::Stealing { 2 } else { 0 };
        assert_eq!(receive(&mut second), Some(Some(Item(next, 1))));
    }
}

#[test]
fn an_observer_is_told_what_happens_in_the_order_in_which_it_does() {
    let log = Arc::default();
    let end = |name| Log(name, Arc::clone(&log));
    let channel = Channel::new(2);
    let (mut first, mut second) = (channel.sender(end("first")), channel.sender(end("second")));
    let mut receiver = channel.receiver(end("receiver"));
    let mut waiting = Box::pin(first.send_all(items(0..3)));
    assert!(waiting.as_mut().now_or_never().is_none());
    let mut last = Box::pin(second.send(Item(3, 1)));
    assert!(last.as_mut().now_or_never().is_none());
    assert_eq!(receiver.try_receive_some(100), items(0..2));
    assert_eq!(waiting.as_mut().now_or_never(), Some(Ok(())));
    let expected = [
        "first sent [0, 1]",
        "first blocked [2]",
        "second blocked [3]",
        "receiver received [0, 1]",
        "first unblocked [2]",
        "first sent [2]",
        "second unblocked [3]",
        "second sent [3]",
    ];
    assert_eq!(*log.lock().unwrap(), expected);
}

/// The items of each sender. Miri takes a thousand times as long.
const ITEMS: u64 = if cfg!(miri) { 20 } else { 200 };

type Task = BoxFuture<'static, ()>;

/// Many senders and receivers, some of which stop early: every record that was sent and could be received must be
/// received once, and nothing may wait forever.
///
/// Returns the tasks, the count of records received, and its expected final value.
fn many(sharing: Sharing) -> (Vec<Task>, Arc<AtomicUsize>, usize) {
    let channel: Channel<Item> = Channel::with_policies(7, Policies { sharing, ..Policies::default() });
    let received = Arc::new(AtomicUsize::new(0));
    let stats = channel.stats();
    let mut tasks: Vec<Task> = Vec::new();
    for sender in 0..5 {
        let mut sender_end = channel.sender(());
        tasks.push(Box::pin(async move {
            let item = |item| Item(item, 1 + (item as usize + sender) % 7);
            // One by one, or some together.
            let together = 1 + 2 * (sender % 3) as u64;
            let mut next = 0;
            while next < ITEMS {
                let end = (next + together).min(ITEMS);
                sender_end.send_all((next..end).map(item).collect()).await.unwrap();
                next = end;
            }
        }));
    }
    let expected: usize = (0..5).flat_map(|sender| (0..ITEMS as usize).map(move |item| 1 + (item + sender) % 7)).sum();
    for receiver in 0..4 {
        let mut receiver_end = channel.receiver(());
        let (received, stats) = (received.clone(), stats.clone());
        tasks.push(Box::pin(async move {
            let mut items = 0;
            loop {
                // It may wait in vain: then some stop waiting, some continue, and some leave.
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
                    None => receiver_end.try_receive_some(100),
                };
                received.fetch_add(some.iter().map(Weighted::weight).sum(), Ordering::Relaxed);
                assert!(stats.depth() <= 7);
                items += some.len();
                if receiver > 1 && items >= 20 * receiver {
                    return;
                }
            }
        }));
    }
    (tasks, received, expected)
}

async fn yield_now() {
    let mut has_yielded = false;
    futures::future::poll_fn(|context| {
        if std::mem::replace(&mut has_yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Polls the tasks that were woken, in an order that follows from the seed. Returns false if some wait forever.
fn run_in_random_order(tasks: Vec<Task>, seed: u64) -> bool {
    let mut tasks: Vec<(Task, Arc<Woken>)> =
        tasks.into_iter().map(|task| (task, Arc::new(Woken(AtomicBool::new(true))))).collect();
    let mut state = seed;
    while !tasks.is_empty() {
        let woken: Vec<usize> = (0..tasks.len()).filter(|&task| tasks[task].1.0.load(Ordering::Relaxed)).collect();
        if woken.is_empty() {
            return false;
        }
        // Knuth's MMIX generator.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let chosen = woken[(state >> 33) as usize % woken.len()];
        let (task, woken) = &mut tasks[chosen];
        woken.0.store(false, Ordering::Relaxed);
        let waker = Waker::from(woken.clone());
        if task.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
            drop(tasks.swap_remove(chosen));
        }
    }
    true
}

/// Returns how many rounds to run.
fn rounds(usual: u64) -> u64 {
    if cfg!(miri) { 2 } else { usual }
}

#[test]
fn nothing_is_lost_or_stuck_in_any_interleaving() {
    for seed in 0..rounds(300) {
        for sharing in [Sharing::Shared, Sharing::PerReceiver, Sharing::Stealing] {
            let (tasks, received, expected) = many(sharing);
            assert!(run_in_random_order(tasks, seed), "seed {seed}, {sharing:?}");
            assert_eq!(received.load(Ordering::Relaxed), expected, "seed {seed}, {sharing:?}");
        }
    }
}

#[test]
fn nothing_is_lost_or_stuck_on_threads() {
    for round in 0..rounds(100) {
        let sharing = [Sharing::Shared, Sharing::PerReceiver, Sharing::Stealing][round as usize % 3];
        let (tasks, received, expected) = many(sharing);
        let threads: Vec<_> =
            tasks.into_iter().map(|task| std::thread::spawn(|| futures::executor::block_on(task))).collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(received.load(Ordering::Relaxed), expected, "round {round}");
    }
}
