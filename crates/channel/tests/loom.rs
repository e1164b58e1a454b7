//! The protocols of the crate in all interleavings, by the memory model of C11:
//!
//! ```sh
//! RUSTFLAGS="--cfg loom" cargo test -p clearpipe-channel --test loom --target-dir target/loom -- --test-threads=1
//! ```
#![cfg(loom)]

use clearpipe_channel::sync::check;
use clearpipe_channel::{ByteBudget, Channel, Watermark, Weighted, Window};
use loom::future::block_on;
use loom::thread;
use std::sync::Arc;

struct Item;

impl Weighted for Item {
    fn weight(&self) -> usize {
        1
    }
}

/// A producer that waits for the window is woken by the consumer that opens it.
#[test]
fn no_wake_of_the_window_is_lost() {
    check(&[Window::MOVED, Window::AWAITED], || {
        let watermark = Arc::new(Watermark::new(1));
        let window = Arc::new(Window::new(1, &watermark));
        let consumer = thread::spawn({
            let (watermark, window) = (watermark.clone(), window.clone());
            move || {
                for _ in 0..2 {
                    watermark.advance(0, 1);
                    window.moved();
                }
            }
        });
        block_on(window.open(3));
        assert_eq!(watermark.lowest(), 2);
        consumer.join().unwrap();
    });
}

/// A producer that waits for bytes is woken when another thread releases them.
#[test]
fn no_release_of_bytes_is_lost() {
    check(&[], || {
        let budget = ByteBudget::new(10);
        let permit = block_on(budget.acquire(6));
        let releasing = thread::spawn(move || drop(permit));
        drop(block_on(budget.acquire(5)));
        releasing.join().unwrap();
    });
}

/// A sender that finds the channel full is woken by the receiver that makes room, and the receiver by the sender.
#[test]
fn a_full_channel_hands_over_and_closes() {
    check(&[], || {
        let channel: Channel<Item> = Channel::new(1);
        let (mut sender, mut receiver) = (channel.sender(()), channel.receiver(()));
        let receiving = thread::spawn(move || {
            let mut received = 0;
            while block_on(receiver.receive()).is_some() {
                received += 1;
            }
            received
        });
        for _ in 0..3 {
            block_on(sender.send(Item)).unwrap();
        }
        drop(sender);
        assert_eq!(receiving.join().unwrap(), 3);
        let stats = channel.stats();
        assert_eq!((stats.passed(), stats.depth(), stats.highest()), (3, 0, 1));
    });
}

/// A sender doesn't wait forever when the only receiver leaves.
#[test]
fn a_receiver_that_leaves_lets_its_senders_go() {
    check(&[], || {
        let channel: Channel<Item> = Channel::new(1);
        let (mut sender, receiver) = (channel.sender(()), channel.receiver(()));
        let leaving = thread::spawn(move || drop(receiver));
        let sent = block_on(async {
            let first = sender.send(Item).await;
            (first, sender.send(Item).await)
        });
        assert!(sent.1.is_err());
        leaving.join().unwrap();
    });
}
