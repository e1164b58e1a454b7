//! What the stages of a log are, and who sends to whom: what is needed to understand its events.

use super::{CHANNELS, STAGES, channel_index};
use crate::config::Config;
use clearpipe_model::topology::{Stage, Topology};

/// What a stage is in its pipeline.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Role {
    pub is_pool: bool,
    /// Whether it sends each record to several channels.
    pub is_fan_out: bool,
    /// Whether it receives from no channel.
    pub is_source: bool,
    /// Whether records end there.
    pub is_consumer: bool,
    /// Whether it takes a service time.
    pub serves: bool,
    /// Whether it is one of several stages that send to the same channel.
    pub shares_a_channel: bool,
    /// How many records it makes in all, as a source; 0 if that isn't known.
    pub makes: u64,
}

/// The pipeline of a log.
#[derive(Clone, Debug)]
pub struct Pipeline {
    roles: [Role; STAGES],
    /// By channel: the stages that send to it.
    senders: [Vec<u8>; CHANNELS],
    /// By channel: the stage that receives from it.
    receivers: [Option<u8>; CHANNELS],
    is_rate_limited: bool,
}

impl Pipeline {
    /// Returns the pipeline with this topology and configuration.
    pub fn new(topology: &Topology, config: &Config) -> Pipeline {
        let mut pipeline = Pipeline {
            roles: [Role::default(); STAGES],
            senders: std::array::from_fn(|_| Vec::new()),
            receivers: [None; CHANNELS],
            is_rate_limited: config.generator.rate_limit > 0.0,
        };
        for channel in &topology.channels {
            if let Some(at) = channel_index(channel.node) {
                pipeline.senders[at].clone_from(&channel.senders);
                pipeline.receivers[at] = channel.receivers.first().copied();
            }
        }
        for stage in &topology.stages {
            let outputs = || topology.channels.iter().filter(|channel| channel.senders.contains(&stage.node));
            if let Some(role) = pipeline.roles.get_mut(usize::from(stage.node)) {
                *role = Role {
                    is_pool: stage.is_pool,
                    is_fan_out: !stage.is_pool && outputs().count() > 1,
                    is_source: !topology.channels.iter().any(|channel| channel.receivers.contains(&stage.node)),
                    is_consumer: outputs().next().is_none(),
                    serves: serves(config, &stage.id),
                    shares_a_channel: outputs().any(|channel| channel.senders.len() > 1),
                    makes: if config.input.file.is_empty() { config.records } else { 0 },
                };
            }
        }
        pipeline
    }

    pub(super) fn role(&self, stage: u8) -> Role {
        self.roles.get(usize::from(stage)).copied().unwrap_or_default()
    }

    /// Returns the stages that send to a channel.
    pub(super) fn senders(&self, channel: usize) -> &[u8] {
        &self.senders[channel]
    }

    /// Returns the stage that receives from a channel.
    pub(super) fn receiver(&self, channel: usize) -> Option<u8> {
        self.receivers[channel]
    }

    pub(super) fn is_rate_limited(&self) -> bool {
        self.is_rate_limited
    }
}

/// Returns whether a stage has a service time.
fn serves(config: &Config, id: &str) -> bool {
    Stage::ALL.into_iter().find(|stage| stage.id() == id).is_some_and(|stage| config.serves(stage))
}
