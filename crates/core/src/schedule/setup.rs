//! What a schedule belongs to: a configuration, where its workers yield, and how each of its records ends.

use super::execution::Execution;
use crate::config::{BatchSize, Config, ConfigError, Plan, RuntimeKind};
use crate::runtime::YieldPoints;
use crate::trace::{EVENTS_A_RECORD, EventKind};
use clearpipe_model::topology::{ChannelId, Stage};

/// A configuration that has been checked, with what the virtual clock needs to know in addition.
pub(super) struct Setup {
    pub config: Config,
    pub yields: YieldPoints,
    pub plan: Plan,
    /// By record: which stage rejects it. The same in each schedule.
    fates: Vec<Fate>,
}

/// How a record ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Processed,
    FailsAt(Stage),
}

impl Setup {
    /// Prepares a configuration: on the virtual clock, record by record and with a complete event log, whatever it says of
    /// that.
    ///
    /// # Errors
    /// If it is invalid.
    pub fn new(config: &Config, yields: YieldPoints) -> Result<Setup, ConfigError> {
        config.check()?;
        let mut config = config.clone();
        config.runtime.kind = RuntimeKind::Virtual;
        config.batch = BatchSize::Fixed(1);
        config.trace.enabled = true;
        config.trace.tasks = true;
        config.trace.sample = 1;
        config.trace.rate = None;
        config.trace.ids = false;
        // Emptied after each step, so there must be room for the events of all records in flight.
        let records = usize::try_from(config.records).unwrap_or(usize::MAX);
        let events = records.min(1 << 14).saturating_add(4) * EVENTS_A_RECORD;
        config.trace.ring = events.next_power_of_two().clamp(1 << 10, 1 << 20);
        let plan = Plan::of_generator(&config);
        let mut setup = Setup { config, yields, plan, fates: Vec::new() };
        setup.fates = setup.find_fates()?;
        Ok(setup)
    }

    /// Returns the channel that a stage with several outputs sends a record to.
    pub fn output(&self, stage: Stage, record: u64) -> ChannelId {
        let fate = usize::try_from(record).ok().and_then(|record| self.fates.get(record));
        match stage {
            _ if fate == Some(&Fate::FailsAt(stage)) => ChannelId::ErrorCh,
            Stage::Validator => ChannelId::ValidCh,
            _ => ChannelId::ProcessedCh,
        }
    }

    /// Returns whether a stage takes a service time.
    pub fn serves(&self, stage: Stage) -> bool {
        self.config.serves(stage)
    }

    /// Runs the configuration once, in whatever order.
    fn find_fates(&self) -> Result<Vec<Fate>, ConfigError> {
        let records = usize::try_from(self.config.records).unwrap_or(0);
        let mut fates = vec![Fate::Processed; records];
        let mut run = Execution::start(self)?;
        while let Some(&step) = run.choices().first() {
            run.step(step);
        }
        for event in &run.events {
            let stage = match event.kind {
                EventKind::Invalid => Stage::Validator,
                EventKind::TransformationError => Stage::Transformer,
                _ => continue,
            };
            let record = event.record.and_then(|record| usize::try_from(record).ok());
            if let Some(fate) = record.and_then(|record| fates.get_mut(record)) {
                *fate = Fate::FailsAt(stage);
            }
        }
        Ok(fates)
    }
}
