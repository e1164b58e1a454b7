//! The measurements, and their JSON form.
//!
//! `--json` writes one object; a page or a script can read it, and `--compare` does. In brief:
//!
//! ```json
//! { "clearpipe_bench": 1, "version": "0.1.0", "os": "linux", "arch": "x86_64", "cores": 2, "cpu": "…",
//!   "records": 1000000, "repeats": 5,
//!   "results": [
//!     { "scenario": "generated", "group": "1 thread", "name": "pipeline, batch auto",
//!       "parameters": { "threads": 1, "batch": "auto", … }, "records": 1000000,
//!       "records_per_second": { "median": 1.1e7, "low": 1.0e7, "high": 1.2e7, "rounds": [ … ] },
//!       "ratio": { "median": 0.72, "low": 0.70, "high": 0.73, "rounds": [ … ] },
//!       "baseline": "loop without channels", "ideal_ratio": null, "bottleneck": null } ] }
//! ```
//!
//! `results` is flat: a row for each measurement, in the order of the tables. `scenario`, `group` and `name` together
//! are its key. Instead of `records_per_second` a row may have `bytes`, for memory; on the virtual clock
//! (`parameters.runtime` is `virtual`) seconds are virtual ones. `ratio` is relative to the row of the same scenario
//! and group whose name is `baseline`, computed round by round; `null` for that row itself, and if there is none.
//! `ideal_ratio` is the best possible `ratio`, if it is known. Rows of a sweep have `workers`, `buffer`, `batch` and
//! `threads` among their parameters (a `buffer` or `batch` may be `auto`), and a `bottleneck`: see [`Bottleneck`].
//!
//! The number in `clearpipe_bench` changes when the meaning of a field changes, not when a field is added.

use super::bottleneck::Bottleneck;
use super::figure::Figure;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The version of the JSON form.
pub const FORMAT: u32 = 1;

/// All measurements.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The version of the JSON form.
    pub clearpipe_bench: u32,
    /// The version of Clearpipe.
    pub version: String,
    /// The operating system, such as `linux`.
    pub os: String,
    /// The architecture, such as `x86_64`.
    pub arch: String,
    /// How many threads the machine can run simultaneously.
    pub cores: usize,
    /// The name of the processor, if the system reports it.
    #[serde(default)]
    pub cpu: Option<String>,
    /// The requested number of records of a measurement; a row may have its own number.
    pub records: u64,
    /// How many rounds there were.
    pub repeats: u32,
    /// The measurements, a row each.
    pub results: Vec<Row>,
}

/// A measurement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The scenario.
    pub scenario: String,
    /// The group within which it is compared, such as `2 threads`.
    pub group: String,
    /// Its name, unique in the group.
    pub name: String,
    /// The same for programs.
    pub parameters: Parameters,
    /// How many records were processed in each round.
    pub records: u64,
    /// The measurements.
    #[serde(flatten)]
    pub measured: Measured,
    /// Its ratio to the baseline.
    #[serde(default)]
    pub ratio: Option<Figure>,
    /// The name of the row in the same group that `ratio` is relative to.
    #[serde(default)]
    pub baseline: Option<String>,
    /// The best possible `ratio`.
    #[serde(default)]
    pub ideal_ratio: Option<f64>,
    /// What limited it, in a sweep.
    #[serde(default)]
    pub bottleneck: Option<Bottleneck>,
}

/// The settings, for programs.
pub type Parameters = BTreeMap<String, Value>;

/// A measurement, in the unit that the name indicates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measured {
    /// More is better.
    RecordsPerSecond(Figure),
    /// Less is better.
    Bytes(Figure),
}

impl Report {
    /// Creates a report for this machine and version.
    pub fn new(records: u64, repeats: u32, results: Vec<Row>) -> Report {
        Report {
            clearpipe_bench: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            os: std::env::consts::OS.to_owned(),
            arch: std::env::consts::ARCH.to_owned(),
            cores: cores(),
            cpu: cpu(),
            records,
            repeats,
            results,
        }
    }

    /// Returns the row with the same key.
    pub fn find(&self, row: &Row) -> Option<&Row> {
        self.results.iter().find(|other| other.key() == row.key())
    }
}

impl Row {
    /// Returns the key of the row.
    pub fn key(&self) -> (&str, &str, &str) {
        (&self.scenario, &self.group, &self.name)
    }
}

impl Measured {
    /// Returns the numbers, whatever their unit.
    pub fn figure(&self) -> &Figure {
        match self {
            Measured::RecordsPerSecond(figure) | Measured::Bytes(figure) => figure,
        }
    }
}

/// Returns how many threads the machine can run simultaneously.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Only on Linux; elsewhere it is not worth another crate.
fn cpu() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
