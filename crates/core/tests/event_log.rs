//! Event logs of format 2: small, quick to seek in, and never wrong without saying so. A state that was reached from a
//! key frame is the one that is reached from the beginning.

mod support;

use clearpipe_core::config::{BatchSize, Config, Injection, RuntimeKind, ServiceTime};
use clearpipe_core::metrics::Metrics;
use clearpipe_core::pipeline::Monitor;
use clearpipe_core::runtime::{Virtual, YieldPoints};
use clearpipe_core::trace::EventKind;
use clearpipe_core::trace::read::{Defect, LogReader, Logged};
use clearpipe_core::trace::state::{Doing, State, WorkerState};
use clearpipe_model::random::Random;
use clearpipe_model::text::grouped;
use clearpipe_model::topology::{ChannelId, Stage};
use std::io::Cursor;
use std::time::Duration;
use support::Results;

type Events = Vec<[u64; 2]>;

fn config(records: u64) -> Config {
    let mut config = Config { records, workers: 2, ..Config::default() };
    config.runtime.kind = RuntimeKind::Virtual;
    config.trace.enabled = true;
    config.service.transformer.wait = ServiceTime::Random(Duration::ZERO, Duration::from_micros(70));
    config
}

/// Returns the events that can be read, and what is said to be wrong.
fn read(log: &[u8]) -> (Events, Option<String>) {
    let mut reader = match LogReader::open(Cursor::new(log)) {
        Ok(reader) => reader,
        Err(error) => return (Vec::new(), Some(error.to_string())),
    };
    let mut events = Vec::new();
    loop {
        match reader.next_events() {
            Ok(None) => return (events, reader.warning()),
            Ok(Some(more)) => events.extend_from_slice(more),
            Err(error) => return (events, Some(error.to_string())),
        }
    }
}

/// Returns the same log in format 1, in which nothing but the events themselves leads to a state.
fn as_format_1(log: &[u8]) -> Vec<u8> {
    let end = log.iter().position(|&byte| byte == b'\n').unwrap() + 1;
    let line = std::str::from_utf8(&log[..end]).unwrap();
    let mut other = line.replacen("\"clearpipe_events\":2", "\"clearpipe_events\":1", 1).into_bytes();
    let (events, warning) = read(log);
    assert_eq!(warning, None);
    events.as_flattened().iter().for_each(|word| other.extend_from_slice(&word.to_le_bytes()));
    other
}

fn state_at(log: &[u8], time: u64) -> State {
    LogReader::open(Cursor::new(log)).unwrap().state_at(time).unwrap()
}

fn steps(runtime: &Virtual, count: usize) {
    (0..count).for_each(|_| {
        runtime.step();
    });
}

fn last_time(log: &[u8]) -> u64 {
    read(log).0.last().unwrap()[0] >> 16
}

#[test]
fn a_million_events_are_small_and_quick_to_seek_in() {
    let mut config = config(36_000);
    config.batch = BatchSize::Fixed(4);
    let log = support::run(&config, None).unwrap().log;
    let mut reader = LogReader::open(Cursor::new(&log)).unwrap();
    assert!(reader.events() > 1_000_000, "{}", reader.events());
    println!("{} events, {} bytes", reader.events(), log.len());
    assert!(log.len() <= 2_000_000, "{} bytes", log.len());
    let (last, mut random) = (last_time(&log), Random::new(1));
    for _ in 0..1000 {
        let (time, before) = (random.below(last + last / 10), reader.blocks_read());
        let state = reader.state_at(time).unwrap();
        assert!(reader.blocks_read() - before <= 2, "{} blocks for {time}", reader.blocks_read() - before);
        // What follows begins there.
        assert!(reader.next_event().unwrap().is_none_or(|event| event.time > time));
        assert!(time < last || state.totals().counted == 36_000);
    }
}

#[test]
fn what_is_whole_of_a_log_that_was_cut_off_is_read() {
    let log = support::run(&config(1000), None).unwrap().log;
    let (whole, _) = read(&log);
    let line = log.iter().position(|&byte| byte == b'\n').unwrap() + 5;
    let mut random = Random::new(2);
    let (mut partly, mut last) = (0, 0);
    let mut cuts: Vec<usize> = (0..200).map(|_| random.below(log.len() as u64) as usize).collect();
    cuts.sort_unstable();
    // Within the end as well.
    cuts.extend(log.len() - 40..log.len());
    for cut in cuts {
        let (events, problem) = read(&log[..cut]);
        let problem = problem.expect("something is missing");
        assert_eq!(events, whole[..events.len()], "cut at {cut}");
        assert!(events.len() >= last, "less of more: cut at {cut}");
        last = events.len();
        if cut >= line {
            let said = format!(
                "The file has no end: the run was killed, or the file was not copied completely. Its {} events, up to ",
                grouped(last as u64)
            );
            assert!(problem.starts_with(&said), "cut at {cut}: {problem}");
        }
        partly += usize::from(!events.is_empty() && events.len() < whole.len());
    }
    assert!(partly > 50 && last == whole.len(), "{partly} partly, {last}");
}

#[test]
fn the_tables_have_the_final_metrics() {
    let results = support::run(&config(1000), None).unwrap();
    let reader = LogReader::open(Cursor::new(&results.log)).unwrap();
    // Reasons quote values of records.
    let expected = Metrics { reasons: Vec::new(), ..results.metrics };
    assert_eq!(reader.tables().unwrap().final_metrics().unwrap(), &serde_json::to_value(&expected).unwrap());
}

#[test]
fn damaged_tables_take_nothing_else_with_them() {
    let log = support::run(&config(1000), None).unwrap().log;
    let (whole, _) = read(&log);
    let at = log.windows(4).rposition(|bytes| bytes == b"tbl2").unwrap();
    for byte in at..log.len() - 16 {
        let mut damaged = log.clone();
        damaged[byte] ^= 0x10;
        let (events, problem) = read(&damaged);
        assert_eq!(events, whole, "byte {byte}");
        assert_eq!(problem.as_deref(), Some(Defect::Tables.explain(0, 0).as_str()), "byte {byte}");
    }
}

#[test]
fn a_flipped_bit_is_noticed() {
    let log = support::run(&config(1000), None).unwrap().log;
    let (whole, _) = read(&log);
    let mut random = Random::new(3);
    let mut flip = |at: usize| {
        let mut flipped = log.clone();
        flipped[at] ^= 1 << random.below(8);
        let (events, problem) = read(&flipped);
        assert!(problem.is_some(), "byte {at}");
        assert_eq!(events, whole[..events.len()], "byte {at}");
        // A state is right as well, or there is none.
        let time = whole[whole.len() / 2][0] >> 16;
        if let Ok(mut reader) = LogReader::open(Cursor::new(&flipped))
            && reader.defect() != Some(Defect::At(at as u64))
            && let Ok(state) = reader.state_at(time)
            && events.len() == whole.len()
        {
            assert_eq!(state, state_at(&log, time), "byte {at}");
        }
    };
    let mut other = Random::new(4);
    (0..200).for_each(|_| flip(other.below(log.len() as u64) as usize));
    // All of the end, of the first line's checksum, and of the first block's header.
    let line = log.iter().position(|&byte| byte == b'\n').unwrap();
    (log.len() - 60..log.len()).chain(line - 5..line + 50).for_each(flip);
}

/// Returns runs that differ in whatever a state depends on.
fn runs() -> Vec<(String, Config, Results)> {
    let mut runs = Vec::new();
    let mut add = |name: &str, change: &dyn Fn(&mut Config), steer: &dyn Fn(&Monitor, &Virtual)| {
        let mut config = config(700);
        config.generator.invalid_value = Injection::Every(7);
        change(&mut config);
        let results = support::run_steered(&config, None, YieldPoints::NONE, steer).unwrap();
        runs.push((name.to_owned(), config, results));
    };
    let none = |_: &Monitor, _: &Virtual| ();
    add("as it comes", &|_| (), &none);
    add("one at a time", &|config| config.batch = BatchSize::Fixed(1), &none);
    add("large batches", &|config| config.batch = BatchSize::Fixed(64), &none);
    add("small channels", &|config| config.channels.capacity = Some(1), &none);
    add("unordered, and many workers", &|config| (config.ordered, config.workers) = (false, 9), &none);
    add("a small window", &|config| config.window = Some(5), &none);
    add("every third", &|config| config.trace.sample = 3, &none);
    add("fewer and fewer", &|config| (config.records, config.trace.rate) = (9000, Some(2000)), &none);
    add("without tasks", &|config| (config.records, config.trace.tasks) = (2000, false), &none);
    let faults = |config: &mut Config| {
        config.faults.validator_panic = Injection::Share(0.1);
        config.faults.transformer_panic = Injection::Every(5);
    };
    add("faults", &faults, &none);
    let slow_consumers = |config: &mut Config| {
        config.service.loader.wait = ServiceTime::Fixed(Duration::from_micros(90));
        config.service.error_handler.compute = ServiceTime::Fixed(Duration::from_micros(300));
        config.service.producer.wait = ServiceTime::Fixed(Duration::from_micros(10));
    };
    add("slow consumers", &slow_consumers, &none);
    let limited = |config: &mut Config| (config.generator.rate_limit, config.generator.burst) = (1e4, 20);
    add("a limited rate", &limited, &none);
    add("other numbers of workers", &|_| (), &|monitor, runtime| {
        let mut now = config(700);
        for (validators, transformers) in [(5, 1), (1, 7), (3, 3)] {
            steps(runtime, 2000);
            now.validator.workers = Some(validators);
            now.transformer.workers = Some(transformers);
            monitor.adjust(&now).unwrap();
        }
    });
    add("pauses", &|_| (), &|monitor, runtime| {
        for _ in 0..3 {
            steps(runtime, 1000);
            monitor.control().pause();
            steps(runtime, 50);
            monitor.control().resume();
        }
    });
    runs
}

#[test]
fn a_state_is_the_same_from_a_key_frame_and_from_the_front() {
    let mut random = Random::new(5);
    let mut with_key_frames = 0;
    for (name, _, results) in runs() {
        let (log, front) = (&results.log, as_format_1(&results.log));
        let last = last_time(log);
        let mut reader = LogReader::open(Cursor::new(log)).unwrap();
        let mut front = LogReader::open(Cursor::new(&front)).unwrap();
        with_key_frames += usize::from(reader.events() > 4096);
        for _ in 0..100 {
            let time = random.below(last + last / 20);
            assert_eq!(reader.state_at(time).unwrap(), front.state_at(time).unwrap(), "{name}: at {time}");
            assert_eq!(reader.next_event().unwrap(), front.next_event().unwrap(), "{name}: after {time}");
        }
    }
    assert!(with_key_frames >= 12, "{with_key_frames}");
}

#[test]
fn the_state_at_the_end_is_what_the_run_measured() {
    for (name, config, results) in runs() {
        let (state, metrics) = (state_at(&results.log, u64::MAX), &results.metrics);
        for channel in ChannelId::ALL {
            assert_eq!(state.channel(channel.node_id()).len(), 0, "{name}: {channel}");
        }
        for worker in state.workers() {
            assert_eq!(worker.record, None, "{name}: {worker:?}");
        }
        if config.trace.sample > 1 || config.trace.rate.is_some() {
            continue;
        }
        let totals = state.totals();
        assert_eq!(totals.produced, metrics.produced, "{name}");
        assert_eq!(totals.processed, metrics.processed, "{name}");
        assert_eq!(totals.anomalies, metrics.anomalies, "{name}");
        assert_eq!(totals.invalid + totals.transformation_errors, metrics.failed, "{name}");
        assert_eq!((totals.written, totals.counted), (config.records, config.records), "{name}");
        for channel in &metrics.channels {
            assert_eq!(state.arrived(channel.channel.node_id()), channel.passed, "{name}: {:?}", channel.channel);
        }
        let workers = state.workers().filter(|worker| worker.stage == Stage::Validator.node_id()).count();
        let stage = metrics.stages.iter().find(|stage| stage.stage == Stage::Validator).unwrap();
        assert_eq!(workers, stage.workers.len(), "{name}");
    }
}

#[test]
fn a_worker_that_waits_for_a_simulated_core_is_ready() {
    let mut config = Config { records: 300, workers: 3, ..config(300) };
    config.runtime.cores = 2;
    config.service.transformer.wait = ServiceTime::Off;
    config.service.transformer.compute = ServiceTime::Fixed(Duration::from_millis(5));
    let results = support::run(&config, None).unwrap();
    let mut reader = LogReader::open(Cursor::new(&results.log)).unwrap();
    let stage = results.metrics.stages.iter().find(|stage| stage.stage == Stage::Transformer).unwrap();
    let ready: f64 = stage.workers.iter().map(|worker| worker.ready_seconds).sum();
    let (end, step) = (reader.last_time().unwrap(), 1_000_000);
    let mut looks = 0;
    for time in (step / 2..end).step_by(step as usize) {
        let state = reader.state_at(time).unwrap();
        let count = |doing| {
            let is_it = |worker: &WorkerState| worker.stage == Stage::Transformer.node_id() && worker.doing == doing;
            state.workers().filter(is_it).count()
        };
        assert!(count(Doing::Busy) <= 2, "at {time}");
        looks += count(Doing::Ready);
    }
    let told = looks as f64 * step as f64 / 1e9;
    assert!(ready > 0.1 && (told / ready - 1.0).abs() < 0.02, "{told} s, and {ready} s were measured");
}

#[test]
fn a_producer_that_is_done_rests() {
    let log = support::run(&config(1000), None).unwrap().log;
    let (events, _) = read(&log);
    let sent = |event: &&[u64; 2]| {
        Logged::of(**event).record == Some(999) && Logged::of(**event).known == Some(EventKind::Arrive)
    };
    let done = Logged::of(*events.iter().find(sent).unwrap()).time;
    let end = Logged::of(*events.last().unwrap()).time;
    assert!(done < end);
    for time in [done + 1, (done + end) / 2, end] {
        let producer = state_at(&log, time).workers().find(|worker| worker.stage == Stage::Producer.node_id()).unwrap();
        assert_eq!((producer.doing, producer.record), (Doing::Waiting, None), "at {time}");
    }
}
