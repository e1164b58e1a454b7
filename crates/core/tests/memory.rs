//! A run leaves nothing in memory when it has ended.

mod support;

use clearpipe_core::config::{Config, ServiceTime};
use clearpipe_core::pipeline::{self, Handle, Outputs, RecordsFrom};
use clearpipe_core::runtime::{Local, Runtime, Virtual};
use std::sync::{Arc, Weak};
use std::time::Duration;
use support::Shared;

/// Returns a run with a rate limit and service times, so that every worker waits for a state change and a time at the
/// same time.
/// together.
fn config() -> Config {
    let mut config = Config { records: 40, workers: 2, ..Config::default() };
    config.generator.rate_limit = 20_000.0;
    config.trace.enabled = true;
    let time = || ServiceTime::Fixed(Duration::from_micros(50));
    config.service.validator.wait = time();
    config.service.transformer.compute = time();
    config.service.loader.wait = time();
    config.service.error_handler.wait = time();
    config.service.metrics_collector.wait = time();
    config
}

/// Starts the run. Its controls and its tracer hold the runtime, too: if the runtime is gone, so are they.
fn start(runtime: impl Runtime + 'static) -> (Handle, Weak<dyn Runtime>) {
    let output = || Box::new(Shared::default());
    let outputs = Outputs { processed: output(), failed: output(), log: None };
    let runtime: Arc<dyn Runtime> = Arc::new(runtime);
    let weak = Arc::downgrade(&runtime);
    (pipeline::start(&config(), RecordsFrom::Generator, outputs, runtime).unwrap(), weak)
}

#[test]
fn a_run_that_has_waited_for_orders_is_freed() {
    let runtime = Local::new();
    let (handle, weak) = start(runtime.clone());
    runtime.block_on(handle.finished()).unwrap();
    drop(runtime);
    assert!(weak.upgrade().is_none());
}

#[test]
fn a_run_that_was_paused_is_freed() {
    let runtime = Virtual::new(2, 1);
    let (handle, weak) = start(runtime.clone());
    let monitor = handle.monitor();
    for _ in 0..200 {
        runtime.step();
    }
    monitor.control().pause();
    while runtime.step() {}
    monitor.control().resume();
    drop(monitor);
    runtime.block_on(handle.finished()).unwrap().unwrap();
    drop(runtime);
    assert!(weak.upgrade().is_none());
}
