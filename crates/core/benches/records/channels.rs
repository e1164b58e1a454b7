//! Channels: sending and receiving by themselves, and handing over from a task to another one, which has to be woken.

use super::{BATCH, Bench, RECORDS};
use clearpipe_core::batch::{Group, Weight};
use clearpipe_core::channel::Channel;
use clearpipe_core::config::{Config, DEFAULT_CAPACITY};
use clearpipe_core::control::Control;
use clearpipe_core::live_settings::LiveSettings;
use clearpipe_core::runtime::{Local, Runtime};
use clearpipe_core::stages::worker_context::{RunContext, WorkerContext};
use clearpipe_core::topology::{ChannelId, Stage};
use clearpipe_core::trace::Tracer;
use futures::executor::block_on;
use futures::future::join;
use std::hint::black_box;
use std::sync::Arc;

/// A batch of so many records, of which none is traced.
struct Records(u64, Group);

impl Weight for Records {
    fn records(&self) -> usize {
        self.0 as usize
    }

    fn numbers(&self) -> impl Iterator<Item = u64> + Clone {
        0..self.0
    }

    fn group(&self) -> &Group {
        &self.1
    }

    fn find(&self, number: u64) -> Option<usize> {
        (number < self.0).then_some(number as usize)
    }
}

pub fn all(bench: &Bench<'_>) {
    let config = Config::default();
    let runtime: Arc<dyn Runtime> = Arc::new(Local::new());
    let run = RunContext {
        control: Arc::new(Control::new(&runtime)),
        settings: Arc::new(LiveSettings::new(&config)),
        tracer: Tracer::off(),
        clock: config.clock,
        seed: config.seed,
        runtime,
    };
    let (from, to) = (WorkerContext::new(Stage::Producer, 0, &run), WorkerContext::new(Stage::Validator, 0, &run));
    for (batch, capacity) in [(1, DEFAULT_CAPACITY), (BATCH, 4 * BATCH as usize)] {
        let records = || Records(batch, Group::new(0, batch as u32));
        let channel = Channel::new(ChannelId::DataCh, capacity);
        let (mut sender, mut receiver) = (channel.sender(&from), channel.receiver(&to));
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
