//! The benefit of workers: those that compute scale with threads, those that wait scale with their number.

use super::pipeline;
use crate::child;
use crate::pipeline::{Pipeline, generated};
use crate::scenario::{Candidate, Group, Sample, Scenario, Setting, Unit};
use clearpipe_core::config::{Config, RuntimeKind, Service, ServiceTime, StageService};
use clearpipe_io::text;
use std::time::Duration;

/// Computing, waiting, simulated time, and the cost of a waiting worker.
pub const WORKERS: Scenario = Scenario {
    name: "workers",
    about: "throughput by threads and workers, memory of a waiting worker",
    prepare: |setting| Ok(vec![computing(setting), waiting(setting), simulated(setting), memory(setting)]),
};

/// How long a Validator computes for a record.
const COMPUTING: Duration = Duration::from_micros(100);

/// How long a Validator waits for a record.
const WAITING: Duration = Duration::from_millis(10);

/// The most records that one worker gets: half a second of waiting.
const TURNS: u64 = 50;

/// How long a Validator computes for a record in simulated time, which costs no real time.
const SIMULATED: Duration = Duration::from_millis(1);

/// The cores of the simulated machine.
const CORES: usize = 64;

/// The difference in memory between these numbers of workers is the cost of the additional ones.
const WAITING_WORKERS: [u64; 2] = [1_000, 10_000];

/// Returns the turns of each worker; few in a short measurement.
fn turns(setting: &Setting<'_>) -> u64 {
    (setting.records / 20_000).clamp(2, TURNS)
}

fn serving(service: StageService, workers: usize) -> Config {
    Config { workers, service: Service { validator: service, ..Service::default() }, ..generated(0) }
}

fn computing_for(time: Duration) -> StageService {
    StageService { compute: fixed(time), ..StageService::default() }
}

fn waiting_for(time: Duration) -> StageService {
    StageService { wait: fixed(time), ..StageService::default() }
}

fn fixed(time: Duration) -> ServiceTime {
    ServiceTime::Fixed(time)
}

fn computing(setting: &Setting<'_>) -> Group {
    let most = setting.most_threads();
    let records = (setting.records / 50).max(10);
    let mut threads = setting.threads.to_vec();
    threads.sort_unstable();
    let least = threads.first().copied().unwrap_or(1);
    let candidate = |&threads: &usize| {
        let of = Pipeline::new(serving(computing_for(COMPUTING), most), threads);
        let candidate = pipeline(text::plural(threads as u64, "thread"), records, of)
            .with("compute_seconds", COMPUTING.as_secs_f64());
        if threads == least { candidate } else { candidate.ideal(threads as f64 / least as f64) }
    };
    let title = format!("Computing {} a record", text::time(COMPUTING));
    Group::new(title, threads.iter().map(candidate).collect())
}

fn waiting(setting: &Setting<'_>) -> Group {
    let candidate = |workers: usize| {
        let of = Pipeline::new(serving(waiting_for(WAITING), workers), setting.most_threads());
        let candidate = pipeline(text::plural(workers as u64, "worker"), turns(setting) * workers as u64, of)
            .warmed_up(Some(1))
            .with("wait_seconds", WAITING.as_secs_f64());
        if workers == 1 { candidate } else { candidate.ideal(workers as f64) }
    };
    let title = format!("Waiting {} a record", text::time(WAITING));
    Group::new(title, [1, 10, 100, 1000].map(candidate).into())
}

fn simulated(setting: &Setting<'_>) -> Group {
    let candidate = |workers: usize| {
        let mut config = serving(computing_for(SIMULATED), workers);
        config.runtime.kind = RuntimeKind::Virtual;
        config.runtime.cores = CORES;
        let of = Pipeline::new(config, CORES);
        let records = turns(setting) * CORES as u64;
        let mut candidate = pipeline(text::plural(workers as u64, "worker"), records, of.clone())
            .warmed_up(None)
            .with("compute_seconds", SIMULATED.as_secs_f64())
            .with("runtime", "virtual")
            .with("cores", CORES);
        candidate.parameters.remove("threads");
        candidate.job = Box::new(move |records| of.run_virtually(records));
        if workers == 1 { candidate } else { candidate.ideal(workers.min(CORES) as f64) }
    };
    Group::new(format!("{CORES} simulated cores"), [1, CORES].map(candidate).into())
}

/// Measures the memory while all of these workers wait at the same time, each with a record.
fn memory(setting: &Setting<'_>) -> Group {
    let threads = setting.most_threads();
    let (program, files) = (setting.program.to_owned(), setting.files.clone());
    let peak = move |workers: u64| {
        let arguments = [
            format!("--records={}", 2 * workers),
            format!("--validators={workers}"),
            "--wait=validator=200ms".to_owned(),
            format!("--threads={threads}"),
        ];
        child::peak_of_run(&program, &files, &arguments)
    };
    let job = move |_| {
        let [few, many] = WAITING_WORKERS;
        let more = peak(many)? as f64 - peak(few)? as f64;
        Ok(Sample { value: more / (many - few) as f64, work: None, bottleneck: None })
    };
    let [few, many] = WAITING_WORKERS;
    let candidate = Candidate::new("a waiting worker, with its record", 2 * many, Box::new(job));
    let candidate = Candidate { unit: Unit::Bytes, ..candidate }
        .warmed_up(None)
        .with("workers", many)
        .with("less_workers", few)
        .with("threads", threads);
    Group::without_baseline("Memory of a worker", vec![candidate])
}
