//! The plan of a run, derived from its configuration.

use super::{BatchSize, Config};
use clearpipe_model::topology::{ChannelId, Stage};

/// The capacity of a channel, in records, if neither it nor a batch size is set.
pub const DEFAULT_CAPACITY: usize = 100;

/// The capacity of a channel that is to have none: more records than a run can keep in memory.
pub const UNBOUNDED: usize = 1 << 30;

/// How many batches fit into a channel if its capacity follows from the batch size.
pub const BATCHES_PER_CHANNEL: usize = 4;

/// The sizes of a run. Computed once from its configuration, and never changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    batch: usize,
    capacities: [usize; ChannelId::ALL.len()],
    /// The capacity of channels that have no setting of their own.
    capacity_of_others: usize,
    workers: [usize; Stage::ALL.len()],
    window: WindowPlan,
}

/// The most records in flight if the output is ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WindowPlan {
    /// The configured number.
    Fixed(usize),
    /// As many as the channels and the workers can hold.
    Capacity,
    /// A batch for each worker of a pool, and six more. The channels needn't fill up, so this keeps all workers busy
    /// and memory small.
    Workers,
}

impl Plan {
    /// Creates the plan of a run of generated records. The configuration has been checked.
    pub fn of_generator(config: &Config) -> Plan {
        Plan::of(config, Some(config.records))
    }

    /// Creates the plan of a run whose records come from an input, so that their number isn't known. The configuration
    /// has been checked.
    pub fn of_input(config: &Config) -> Plan {
        Plan::of(config, None)
    }

    /// Creates a plan. `records` is the number of records, if it is known before the run.
    fn of(config: &Config, records: Option<u64>) -> Plan {
        let together = most_together(config, records);
        let given = |channel| config.given_capacity(channel);
        let derived = if together <= DEFAULT_CAPACITY { DEFAULT_CAPACITY } else { BATCHES_PER_CHANNEL * together };
        let capacity = |channel| match channel {
            ChannelId::DataCh if config.faults.unbounded_channel => UNBOUNDED,
            _ => given(channel).unwrap_or(derived),
        };
        let smallest = ChannelId::ALL.into_iter().filter_map(given).min();
        let window = config.window.filter(|_| config.ordered);
        let alone = config.has_retries().then_some(1);
        let batch = [Some(together), smallest, window, alone].into_iter().flatten().min().unwrap_or(1);
        let workers = |stage| match stage {
            Stage::Validator => config.validator.workers.unwrap_or(config.workers),
            Stage::Transformer => config.transformer.workers.unwrap_or(config.workers),
            _ => 1,
        };
        Plan {
            batch,
            capacities: ChannelId::ALL.map(capacity),
            capacity_of_others: config.channels.capacity.unwrap_or(derived),
            workers: Stage::ALL.map(workers),
            window: match config.window {
                Some(size) => WindowPlan::Fixed(size),
                None if smallest.is_some() || batch <= DEFAULT_CAPACITY => WindowPlan::Capacity,
                None => WindowPlan::Workers,
            },
        }
    }

    /// Returns the same plan with the numbers of workers of another one.
    pub fn with_workers_of(&self, other: &Plan) -> Plan {
        Plan { workers: other.workers, ..self.clone() }
    }

    /// Returns the number of workers of a stage.
    pub fn workers(&self, stage: Stage) -> usize {
        self.workers[stage as usize]
    }

    /// Returns the capacity of a channel, in records.
    pub fn capacity(&self, channel: ChannelId) -> usize {
        // In the order of `ChannelId::ALL`, whose numbers are consecutive.
        self.capacities[usize::from(channel.node_id() - ChannelId::ALL[0].node_id())]
    }

    /// Returns the capacity of the channel with this id, which may be one that only another version has.
    pub fn capacity_by_id(&self, id: &str) -> usize {
        let channel = ChannelId::ALL.into_iter().find(|channel| channel.name() == id);
        channel.map_or(self.capacity_of_others, |channel| self.capacity(channel))
    }

    /// Returns the most records that travel together: the batch size, limited to what every channel can hold.
    pub fn batch(&self) -> usize {
        self.batch
    }

    /// Returns the most records in flight if the output is ordered.
    pub fn window(&self) -> usize {
        match self.window {
            WindowPlan::Fixed(size) => size,
            WindowPlan::Capacity => {
                let channels: usize = self.capacities.iter().sum();
                let workers: usize = self.workers.iter().sum();
                channels.saturating_add(workers.saturating_mul(self.batch))
            }
            WindowPlan::Workers => {
                let workers = self.workers(Stage::Validator) + self.workers(Stage::Transformer);
                (workers + 6).saturating_mul(self.batch)
            }
        }
    }
}

/// Returns the configured batch size. If records take time to serve, or if one batch could hold all of them, a batch
/// would give one worker records that others could process in parallel; so `auto` sends them one by one.
fn most_together(config: &Config, records: Option<u64>) -> usize {
    let is_small = records.is_some_and(|records| records <= BatchSize::MAX_AUTO as u64);
    match config.batch {
        BatchSize::Auto if is_small || Stage::ALL.into_iter().any(|stage| config.serves(stage)) => 1,
        batch => batch.most(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `web/analysis/capacity.test.ts` reads the same vectors.
    #[test]
    fn capacities_follow_from_the_configuration() {
        let vectors: Vec<serde_json::Value> =
            serde_json::from_str(include_str!("../../../../tests/vectors/capacities.json")).unwrap();
        for vector in &vectors {
            let config = Config::from_json(vector["config"].clone()).unwrap();
            let is_input = !config.input.file.is_empty();
            let plan = if is_input { Plan::of_input(&config) } else { Plan::of_generator(&config) };
            for (id, capacity) in vector["capacities"].as_object().unwrap() {
                assert_eq!(Some(plan.capacity_by_id(id) as u64), capacity.as_u64(), "{id} in {vector}");
            }
        }
        assert!(vectors.len() > 5);
    }

    #[test]
    fn sizes_follow_from_the_batch_unless_they_are_given() {
        let few = Plan::of_generator(&Config::default());
        assert_eq!((few.batch(), few.capacity(ChannelId::DataCh)), (1, 100));
        // Seven channels and eleven workers.
        assert_eq!(few.window(), 7 * 100 + 11);
        let many = Config { records: 1_000_000, ..Config::default() };
        let plan = Plan::of_generator(&many);
        assert_eq!((plan.batch(), plan.capacity(ChannelId::MetricsCh), plan.window()), (1024, 4096, 12 * 1024));
        assert_eq!(Plan::of_input(&Config::default()), plan);
        let mut given = many.clone();
        given.channels.error = Some(7);
        let plan = Plan::of_generator(&given);
        assert_eq!((plan.batch(), plan.capacity(ChannelId::ErrorCh), plan.capacity(ChannelId::DataCh)), (7, 7, 4096));
        assert_eq!(plan.window(), 6 * 4096 + 7 + 11 * 7);
        let window = Config { window: Some(10), ..many.clone() };
        assert_eq!((Plan::of_generator(&window).batch(), Plan::of_generator(&window).window()), (10, 10));
        let unordered = Config { ordered: false, ..window };
        assert_eq!(Plan::of_generator(&unordered).batch(), 1024);
    }

    #[test]
    fn more_workers_widen_the_window_and_nothing_else() {
        let config = Config { records: 1_000_000, ..Config::default() };
        let (before, more) =
            (Plan::of_generator(&config), Plan::of_generator(&Config { workers: 8, records: 1, ..config }));
        let after = before.with_workers_of(&more);
        assert_eq!((after.workers(Stage::Validator), after.workers(Stage::Loader)), (8, 1));
        assert_eq!((after.batch(), after.window()), (before.batch(), 22 * 1024));
    }
}
