//! The settings that can be changed during a run, apart from the number of workers.

use crate::config::{Config, ServiceTime, StageService};
use crate::semaphore::Semaphore;
use clearpipe_model::topology::Stage;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The current service times and rate limit. Checking a setting that is off costs one load.
pub struct LiveSettings {
    services: [Service; Stage::ALL.len()],
    rate_limit: AtomicU64,
    burst: AtomicU64,
}

#[derive(Default)]
struct Service {
    /// What comes between taking a record and working on it: [`TAKES_TIME`], [`YIELDS`], both or nothing.
    before_work: AtomicU8,
    times: Mutex<StageTimes>,
    /// The lock that its workers share.
    lock: Lock,
}

/// The times that a stage takes for each record, one after the other.
#[derive(Clone, Default)]
pub struct StageTimes {
    /// Waiting.
    pub wait: ServiceTime,
    /// Computing.
    pub compute: ServiceTime,
    /// Waiting with the stage's [lock](LiveSettings::lock).
    pub locked: ServiceTime,
}

/// The lock of a stage, which one worker at a time can have.
struct Lock(Arc<Semaphore>);

impl Default for Lock {
    fn default() -> Self {
        Lock(Semaphore::new(1))
    }
}

/// The stage has a service time.
const TAKES_TIME: u8 = 1;

/// Its workers let other tasks run. Next to the other bit, so that both together take one load.
const YIELDS: u8 = 2;

impl LiveSettings {
    /// Creates the settings of a configuration.
    pub fn new(config: &Config) -> LiveSettings {
        let settings =
            LiveSettings { services: Default::default(), rate_limit: AtomicU64::new(0), burst: AtomicU64::new(0) };
        settings.set(config);
        settings
    }

    /// Applies the settings of another configuration. The caller must notify workers that wait for a time.
    pub fn set(&self, config: &Config) {
        for stage in Stage::ALL {
            let service = &self.services[stage.node_id() as usize];
            let StageService { wait, compute } = config.service_of(stage);
            let times = StageTimes { wait, compute, locked: config.lock_of(stage).clone() };
            *service.times.lock().unwrap_or_else(PoisonError::into_inner) = times;
            if config.serves(stage) {
                service.before_work.fetch_or(TAKES_TIME, Ordering::Release);
            } else {
                service.before_work.fetch_and(!TAKES_TIME, Ordering::Release);
            }
        }
        self.rate_limit.store(config.generator.rate_limit.to_bits(), Ordering::Relaxed);
        self.burst.store(config.generator.burst, Ordering::Relaxed);
    }

    /// Returns the service time of a stage, if it has one.
    pub fn service(&self, stage: Stage) -> Option<StageTimes> {
        let service = &self.services[stage.node_id() as usize];
        let is_on = service.before_work.load(Ordering::Acquire) & TAKES_TIME != 0;
        is_on.then(|| service.times.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    /// Returns the lock that the workers of a stage share.
    pub fn lock(&self, stage: Stage) -> &Arc<Semaphore> {
        &self.services[stage.node_id() as usize].lock.0
    }

    /// Makes the workers of a stage let other tasks run before they work on the records they have taken.
    pub fn yield_before_work(&self, stage: Stage) {
        self.services[stage.node_id() as usize].before_work.fetch_or(YIELDS, Ordering::Release);
    }

    /// Returns whether the workers of a stage let other tasks run before they work on the records they have taken.
    pub fn yields_before_work(&self, stage: Stage) -> bool {
        self.services[stage.node_id() as usize].before_work.load(Ordering::Acquire) & YIELDS != 0
    }

    /// Returns whether the workers of a stage work on the records they have taken at once: they neither take a service
    /// time nor let other tasks run.
    pub fn works_at_once(&self, stage: Stage) -> bool {
        self.services[stage.node_id() as usize].before_work.load(Ordering::Acquire) == 0
    }

    /// Returns whether any stage has a service time.
    pub fn serves(&self) -> bool {
        self.services.iter().any(|service| service.before_work.load(Ordering::Relaxed) & TAKES_TIME != 0)
    }

    /// Returns the most records to produce per second; 0 means no limit.
    pub fn rate_limit(&self) -> f64 {
        f64::from_bits(self.rate_limit.load(Ordering::Relaxed))
    }

    /// Returns how many records are produced back to back.
    pub fn burst(&self) -> u64 {
        self.burst.load(Ordering::Relaxed)
    }
}
