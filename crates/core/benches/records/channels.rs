//! Channels: sending and receiving by themselves, and passing items to another task, which must be woken.

use super::{BATCH, Bench, RECORDS};
use clearpipe_channel::{Channel, Weighted};
use clearpipe_core::config::DEFAULT_CAPACITY;
use futures::executor::block_on;
use futures::future::join;
use std::hint::black_box;

/// A batch of this many records.
struct Records(u64);

impl Weighted for Records {
    fn weight(&self) -> usize {
        self.0 as usize
    }
}

pub fn all(bench: &Bench<'_>) {
    for (batch, capacity) in [(1, DEFAULT_CAPACITY), (BATCH, 4 * BATCH as usize)] {
        let records = || Records(batch);
        let channel: Channel<Records> = Channel::new(capacity);
        let (mut sender, mut receiver) = (channel.sender(()), channel.receiver(()));
        bench(&format!("send and receive, batch {batch}"), &mut || {
            block_on(async {
                for _ in 0..RECORDS / batch {
                    sender.send(records()).await.expect("there is a receiver");
                    black_box(receiver.receive().await);
                }
            });
        });
        bench(&format!("hand over, batch {batch}"), &mut || {
            let send = async {
                for _ in 0..RECORDS / batch {
                    sender.send(records()).await.expect("there is a receiver");
                }
            };
            let receive = async {
                for _ in 0..RECORDS / batch {
                    black_box(receiver.receive().await);
                }
            };
            block_on(join(send, receive));
        });
    }
}
