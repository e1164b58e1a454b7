//! A paused run continues by one record at a time.

mod support;

use clearpipe_core::config::{BatchSize, Config, RuntimeKind, ServiceTime};
use clearpipe_core::pipeline::{self, Outputs, RecordsFrom};
use clearpipe_core::runtime::{Pool, Runtime, Virtual, YieldPoints};
use clearpipe_model::random::Random;
use std::sync::Arc;
use std::time::Duration;

fn config(seed: u64) -> Config {
    let mut random = Random::new(seed);
    let mut config = Config { seed, records: 60, batch: BatchSize::Fixed(1), ..Config::default() };
    config.runtime.kind = RuntimeKind::Virtual;
    config.workers = 1 + random.below(6) as usize;
    config.ordered = random.below(3) > 0;
    let mut time = || match random.below(3) {
        0 => ServiceTime::Off,
        _ => ServiceTime::Random(Duration::ZERO, Duration::from_micros(1 + random.below(20_000))),
    };
    config.service.validator.wait = time();
    config.service.transformer.compute = time();
    config.service.loader.wait = time();
    config.service.metrics_collector.wait = time();
    config
}

#[test]
fn a_step_finishes_one_record() {
    for seed in 0..100 {
        let config = config(seed);
        let results = support::run_steered(&config, None, YieldPoints::NONE, |monitor, runtime| {
            let control = monitor.control();
            control.step();
            assert!(!control.is_paused(), "a step is for a run that is paused");
            for _ in 0..Random::new(seed).below(400) {
                runtime.step();
            }
            control.pause();
            while runtime.step() {}
            let before = control.watermark().highest().min(config.records);
            let mut elapsed = monitor.elapsed();
            for step in 1..=20.min(config.records - before) {
                control.step();
                while runtime.step() {}
                let at_end = before + step == config.records;
                assert!(control.is_paused() || at_end, "seed {seed}, step {step}");
                // Consumers that were behind have caught up.
                assert_eq!(control.finished().min(config.records), before + step, "seed {seed}, step {step}");
                let counted = monitor.metrics().processed + monitor.metrics().failed;
                assert_eq!(counted, before + step, "seed {seed}, step {step}");
                assert!(monitor.elapsed() >= elapsed, "seed {seed}, step {step}");
                elapsed = monitor.elapsed();
            }
            control.resume();
        });
        let metrics = results.unwrap().metrics;
        assert_eq!(metrics.processed + metrics.failed, config.records, "seed {seed}");
    }
}

#[test]
fn a_step_is_made_however_little_fits_into_the_channels() {
    for seed in 0..200 {
        let mut random = Random::new(seed);
        let mut config = Config { seed, records: 5000, batch: BatchSize::Fixed(1), ..Config::default() };
        config.runtime.kind = RuntimeKind::Virtual;
        config.workers = 1 + random.below(4) as usize;
        config.ordered = random.below(3) > 0;
        let mut capacity = || Some(if random.below(2) == 0 { 100 } else { 1 + random.below(3) as usize });
        config.channels.loader = capacity();
        config.channels.error_handler = capacity();
        config.channels.metrics = capacity();
        let results = support::run_steered(&config, None, YieldPoints::NONE, |monitor, runtime| {
            let control = monitor.control();
            for _ in 0..300 + Random::new(seed).below(500) {
                runtime.step();
            }
            control.pause();
            while runtime.step() {}
            let before = control.watermark().highest().min(config.records);
            for step in 1..=10.min(config.records - before) {
                control.step();
                while runtime.step() {}
                assert_eq!(control.finished().min(config.records), before + step, "seed {seed}, step {step}");
            }
            control.resume();
        });
        let metrics = results.unwrap().metrics;
        assert_eq!(metrics.processed + metrics.failed, config.records, "seed {seed}");
    }
}

#[test]
fn steps_that_are_ordered_together_are_all_made() {
    let config = Config { records: 60, ..config(7) };
    let results = support::run_steered(&config, None, YieldPoints::NONE, |monitor, runtime| {
        let control = monitor.control();
        for _ in 0..200 {
            runtime.step();
        }
        control.pause();
        while runtime.step() {}
        let before = control.watermark().highest();
        for _ in 0..5 {
            control.step();
            // Some steps begin while the previous one continues.
            for _ in 0..3 {
                runtime.step();
            }
        }
        while runtime.step() {}
        assert!(control.is_paused());
        assert_eq!(control.finished(), before + 5);
        control.resume();
    });
    assert_eq!(results.unwrap().metrics.produced, 60);
}

#[test]
fn a_step_that_is_overtaken_is_forgotten() {
    let runtime = Virtual::new(1, 0);
    let config = Config { records: 1000, batch: BatchSize::Fixed(1), ..Config::default() };
    let nowhere = || Box::new(futures::io::sink());
    let outputs = Outputs { processed: nowhere(), failed: nowhere(), log: None };
    let handle = pipeline::start(&config, RecordsFrom::Generator, outputs, Arc::new(runtime.clone())).unwrap();
    let monitor = handle.monitor();
    let control = monitor.control();
    control.pause();
    control.step();
    control.resume();
    let metrics = runtime.block_on(handle.finished()).unwrap().unwrap();
    assert_eq!((metrics.processed + metrics.failed, metrics.paused), (1000, false));
}

#[test]
fn steps_on_threads() {
    for ordered in [true, false] {
        let pool: Arc<dyn Runtime> = Arc::new(Pool::new(2).unwrap());
        let config = Config { records: 1_000_000, ordered, batch: BatchSize::Fixed(1), ..Config::default() };
        let nowhere = || Box::new(futures::io::sink());
        let outputs = Outputs { processed: nowhere(), failed: nowhere(), log: None };
        let handle = pipeline::start(&config, RecordsFrom::Generator, outputs, pool).unwrap();
        let monitor = handle.monitor();
        let control = monitor.control();
        std::thread::sleep(Duration::from_millis(5));
        control.pause();
        // A worker that was about to finish a record may still do so.
        std::thread::sleep(Duration::from_millis(100));
        let before = control.watermark().highest();
        for step in 1..=200 {
            control.step();
            while !control.is_paused() {
                std::thread::yield_now();
            }
            assert_eq!(control.finished(), before + step, "step {step}");
        }
        control.abort();
        let _ = futures::executor::block_on(handle.finished());
    }
}
