//! The bounded channel: its capacity is exact, whoever sends and however much at once.

use clearpipe_core::batch::{Group, Weight};
use clearpipe_core::channel::{Channel, Disconnected, Receiver, Sender};
use clearpipe_core::config::{Clock, Config};
use clearpipe_core::control::Control;
use clearpipe_core::place::{ChannelId, Stage};
use clearpipe_core::runtime::{Pool, Runtime, Virtual, yield_now};
use clearpipe_core::stages::seat::{Run, Seat};
use clearpipe_core::trace::Tracer;
use clearpipe_core::tuning::Tuning;
use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::{Either, select};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

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

fn seat(runtime: Arc<dyn Runtime>) -> Arc<Seat> {
    let control = Arc::new(Control::new(&runtime));
    let tuning = Arc::new(Tuning::new(&Config::default()));
    let run = Run { runtime, control, tuning, tracer: Tracer::off(), clock: Clock::System, seed: 0 };
    Seat::new(Stage::Producer, 0, &run)
}

fn channel(capacity: usize) -> (Channel<Item>, Arc<Seat>) {
    (Channel::new(ChannelId::DataCh, capacity), seat(Arc::new(Virtual::new(1, 0))))
}

fn send(sender: &mut Sender<Item>, item: Item) -> Option<Result<(), Disconnected>> {
    sender.send(item).now_or_never()
}

fn receive(receiver: &mut Receiver<Item>) -> Option<Option<Item>> {
    receiver.receive().now_or_never()
}

#[test]
fn the_capacity_does_not_grow_with_the_number_of_senders() {
    let (channel, seat) = channel(3);
    let _receiver = channel.receiver(&seat);
    let mut sent = 0;
    let mut senders: Vec<_> = (0..10).map(|_| channel.sender(&seat)).collect();
    for sender in &mut senders {
        sent += usize::from(send(sender, Item(0, 1)).is_some());
    }
    assert_eq!((sent, channel.gauge().depth(), channel.gauge().highest()), (3, 3, 3));
    assert_eq!(channel.gauge().blocked_sends(), 7);
}

#[test]
fn a_batch_counts_as_its_records_and_the_first_to_come_is_the_first_to_send() {
    let (channel, seat) = channel(5);
    let mut receiver = channel.receiver(&seat);
    let (mut large, mut small) = (channel.sender(&seat), channel.sender(&seat));
    assert_eq!(send(&mut small, Item(0, 3)), Some(Ok(())));
    let mut waiting = Box::pin(large.send(Item(3, 4)));
    assert!(waiting.as_mut().now_or_never().is_none());
    // It would fit, but the large one was first.
    assert_eq!(send(&mut small, Item(7, 1)), None);
    assert_eq!(receive(&mut receiver), Some(Some(Item(0, 3))));
    assert_eq!(waiting.as_mut().now_or_never(), Some(Ok(())));
    assert_eq!(receive(&mut receiver), Some(Some(Item(3, 4))));
    assert_eq!(channel.gauge().highest(), 4);
    assert_eq!(channel.gauge().passed(), 7);
}

#[test]
fn without_senders_it_is_drained_and_closed() {
    let (channel, seat) = channel(5);
    let mut receiver = channel.receiver(&seat);
    let mut sender = channel.sender(&seat);
    assert_eq!(receive(&mut receiver), None);
    assert_eq!(send(&mut sender, Item(0, 2)), Some(Ok(())));
    drop(sender);
    assert_eq!(receive(&mut receiver), Some(Some(Item(0, 2))));
    assert_eq!(receive(&mut receiver), Some(None));
}

#[test]
fn without_receivers_sending_fails_also_for_those_who_wait() {
    let (channel, seat) = channel(1);
    let receiver = channel.receiver(&seat);
    let (mut first, mut second) = (channel.sender(&seat), channel.sender(&seat));
    assert_eq!(send(&mut first, Item(0, 1)), Some(Ok(())));
    let mut waiting = Box::pin(second.send(Item(1, 1)));
    assert!(waiting.as_mut().now_or_never().is_none());
    drop(receiver);
    assert_eq!(waiting.as_mut().now_or_never(), Some(Err(Disconnected)));
    drop(waiting);
    assert_eq!(send(&mut first, Item(2, 1)), Some(Err(Disconnected)));
    assert_eq!(channel.gauge().depth(), 0);
}

#[test]
fn a_sender_that_gives_up_lets_the_next_one_send() {
    let (channel, seat) = channel(2);
    let mut receiver = channel.receiver(&seat);
    let (mut first, mut second, mut third) = (channel.sender(&seat), channel.sender(&seat), channel.sender(&seat));
    assert_eq!(send(&mut first, Item(0, 2)), Some(Ok(())));
    assert_eq!(send(&mut second, Item(2, 2)), None);
    let mut waiting = Box::pin(third.send(Item(4, 1)));
    assert!(waiting.as_mut().now_or_never().is_none());
    assert_eq!(receive(&mut receiver), Some(Some(Item(0, 2))));
    drop(second);
    assert_eq!(waiting.as_mut().now_or_never(), Some(Ok(())));
}

/// Many senders and receivers, some of which end in the middle: everything that was sent and could be received is
/// received once, and nobody waits for ever.
///
/// Answers the ends of all tasks, the records received, and how many there should be.
#[allow(clippy::type_complexity, reason = "used twice, right below")]
fn hustle(
    spawn: impl Fn(futures::future::BoxFuture<'static, ()>),
    seat: &Arc<Seat>,
) -> (Vec<oneshot::Receiver<()>>, Arc<AtomicUsize>, usize) {
    let channel = Channel::new(ChannelId::DataCh, 7);
    let received = Arc::new(AtomicUsize::new(0));
    let gauge = channel.gauge();
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
        let mut sender_end = channel.sender(seat);
        task(Box::pin(async move {
            for item in 0..200 {
                sender_end.send(Item(item, 1 + (item as usize + sender) % 7)).await.unwrap();
            }
        }));
    }
    let expected: usize = (0..5).flat_map(|sender| (0..200).map(move |item| 1 + (item + sender) % 7)).sum();
    for receiver in 0..4 {
        let mut receiver_end = channel.receiver(seat);
        let (received, gauge) = (received.clone(), gauge.clone());
        task(Box::pin(async move {
            let mut items = 0;
            loop {
                // It may wait in vain: of some only the wait is over then, one goes on with it, one leaves.
                let waited = {
                    let patience = std::pin::pin!(yield_now());
                    match select(std::pin::pin!(receiver_end.receive()), patience).await {
                        Either::Left((received, _)) => Some(received),
                        Either::Right(((), receive)) if receiver == 3 => Some(receive.await),
                        Either::Right(_) => None,
                    }
                };
                let item = match waited {
                    Some(Some(item)) => item,
                    Some(None) => return,
                    None if receiver == 1 && items > 10 => return,
                    None => match receiver_end.receive_at_once() {
                        Some(item) => item,
                        None => continue,
                    },
                };
                received.fetch_add(item.records(), Ordering::Relaxed);
                assert!(gauge.depth() <= 7);
                items += 1;
                if receiver > 1 && items == 20 * receiver {
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
        let seat = seat(Arc::new(runtime.clone()));
        let (ended, received, expected) = hustle(|task| runtime.spawn(task, Box::new(|| ())), &seat);
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
            let seat = seat(Arc::new(runtime.clone()));
            let (ended, received, expected) = hustle(|task| runtime.spawn(task, Box::new(|| ())), &seat);
            let ended = futures::executor::block_on(futures::future::join_all(ended));
            assert!(ended.iter().all(Result::is_ok), "{threads} threads");
            assert_eq!(received.load(Ordering::Relaxed), expected, "{threads} threads");
        }
    }
}
