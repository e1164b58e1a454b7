//! The settings that can be changed during a run, apart from the number of workers.

use crate::config::{Config, ServiceTime, StageService};
use clearpipe_model::topology::Stage;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// The current service times and rate limit. Checking a setting that is off costs one load.
pub struct LiveSettings {
    services: [Service; Stage::ALL.len()],
    rate_limit: AtomicU64,
    burst: AtomicU64,
}

#[derive(Default)]
struct Service {
    is_on: AtomicBool,
    times: Mutex<StageService>,
}

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
            let times = config.service_of(stage);
            let is_on = times.wait != ServiceTime::Off || times.compute != ServiceTime::Off;
            *service.times.lock().unwrap_or_else(PoisonError::into_inner) = times;
            service.is_on.store(is_on, Ordering::Release);
        }
        self.rate_limit.store(config.generator.rate_limit.to_bits(), Ordering::Relaxed);
        self.burst.store(config.generator.burst, Ordering::Relaxed);
    }

    /// Returns the service time of a stage, if it has one.
    pub fn service(&self, stage: Stage) -> Option<StageService> {
        let service = &self.services[stage.node_id() as usize];
        service
            .is_on
            .load(Ordering::Acquire)
            .then(|| service.times.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    /// Returns whether any stage has a service time.
    pub fn serves(&self) -> bool {
        self.services.iter().any(|service| service.is_on.load(Ordering::Relaxed))
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
