//! `clearpipe events state`: the state of the pipeline at a time.

use super::{Log, nanoseconds, not_whole, print_json};
use crate::failure::Failure;
use anyhow::anyhow;
use clearpipe_core::trace::read::LogError;
use clearpipe_core::trace::state::State;
use clearpipe_model::topology::Topology;
use serde::Serialize;
use std::time::Duration;

/// What is printed, as JSON.
#[derive(Serialize)]
struct Output<'a> {
    time_ns: u64,
    totals: Totals,
    channels: Vec<Channel<'a>>,
    workers: Vec<Worker<'a>>,
}

/// What has happened to the traced records.
#[derive(Serialize)]
struct Totals {
    produced: u64,
    processed: u64,
    anomalies: u64,
    failed: u64,
    failed_by_status: ByStatus,
    written: u64,
    counted: u64,
}

#[derive(Serialize)]
struct ByStatus {
    invalid: u64,
    transformation_error: u64,
}

#[derive(Serialize)]
struct Channel<'a> {
    channel: &'a str,
    depth: usize,
    arrived: u64,
    records: Vec<u64>,
}

#[derive(Serialize)]
struct Worker<'a> {
    stage: &'a str,
    worker: u16,
    state: &'static str,
    record: Option<u64>,
}

/// Prints the state at a time. Returns the exit status.
pub fn run(log: &mut Log, name: &str, at: Duration) -> Result<u8, Failure> {
    let time = nanoseconds(at);
    let state = log.state_at(time).map_err(|error| match error {
        LogError::NotInPart { .. } => anyhow!("the event log {name} tells nothing about this time: {error}"),
        error => anyhow!(error).context(format!("the event log {name} can't be read")),
    })?;
    print_json(&output(time, &state, log.header().topology()))?;
    not_whole(log, name);
    Ok(0)
}

fn output<'a>(time_ns: u64, state: &State, topology: &'a Topology) -> Output<'a> {
    let totals = state.totals();
    let channels = topology.channels.iter().map(|channel| {
        let records: Vec<u64> = state.channel(channel.node).collect();
        Channel { channel: &channel.id, depth: records.len(), arrived: state.arrived(channel.node), records }
    });
    let workers = state.workers().filter_map(|worker| {
        let stage = &topology.stage(worker.stage)?.id;
        Some(Worker { stage, worker: worker.worker, state: worker.doing.name(), record: worker.record })
    });
    Output {
        time_ns,
        totals: Totals {
            produced: totals.produced,
            processed: totals.processed,
            anomalies: totals.anomalies,
            failed: totals.invalid + totals.transformation_errors,
            failed_by_status: ByStatus { invalid: totals.invalid, transformation_error: totals.transformation_errors },
            written: totals.written,
            counted: totals.counted,
        },
        channels: channels.collect(),
        workers: workers.collect(),
    }
}
