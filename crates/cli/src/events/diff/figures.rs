//! Which figures of two runs differ.

use clearpipe_core::trace::figures::Figures;
use clearpipe_io::text;
use clearpipe_model::topology::Topology;
use serde::{Serialize, Serializer};
use std::time::Duration;

/// What a figure is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A number of records.
    Records,
    /// Seconds.
    Seconds,
    /// Records per second.
    PerSecond,
    /// A share of a time, from 0 to 1.
    Share,
}

/// A figure that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figure {
    /// What it is.
    pub figure: &'static str,
    /// The name of the stage or channel that it is about, for programs; nothing if it is about all.
    pub of: Option<String>,
    /// The same for people.
    #[serde(skip)]
    name: Option<String>,
    /// What it is measured in.
    pub unit: Unit,
    /// Its value in the first log.
    #[serde(serialize_with = "number")]
    pub a: f64,
    /// Its value in the second log.
    #[serde(serialize_with = "number")]
    pub b: f64,
}

/// Writes a whole number without decimals.
fn number<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    match value.fract() {
        0.0 => serializer.serialize_u64(*value as u64),
        _ => serializer.serialize_f64(*value),
    }
}

/// Returns the figures that differ. The names of stages and channels are those of a topology.
pub fn differing(one: &Figures, other: &Figures, topology: &Topology) -> Vec<Figure> {
    let figure = |figure, unit, of: fn(&Figures) -> f64| {
        let (of_one, of_other) = (of(one), of(other));
        Figure { figure, of: None, name: None, unit, a: of_one, b: of_other }
    };
    let mut figures = vec![
        figure("produced", Unit::Records, |it| it.totals.produced as f64),
        figure("processed", Unit::Records, |it| it.totals.processed as f64),
        figure("failed", Unit::Records, |it| (it.totals.invalid + it.totals.transformation_errors) as f64),
        figure("anomalies", Unit::Records, |it| it.totals.anomalies as f64),
        figure("duration", Unit::Seconds, |it| it.duration.as_secs_f64()),
        figure("throughput", Unit::PerSecond, |it| match it.duration.as_secs_f64() {
            0.0 => 0.0,
            seconds => it.finished as f64 / seconds,
        }),
        figure("median latency", Unit::Seconds, |it| it.latency.p50_seconds),
        figure("p99 latency", Unit::Seconds, |it| it.latency.p99_seconds),
    ];
    for stage in &topology.stages {
        for (figure, of) in [("busy", busy as fn(&Figures, &str) -> f64), ("blocked", blocked)] {
            let (a, b) = (of(one, &stage.id), of(other, &stage.id));
            let (of, name) = (Some(stage.id.clone()), Some(stage.name.clone()));
            figures.push(Figure { figure, of, name, unit: Unit::Share, a, b });
        }
    }
    for channel in &topology.channels {
        let depth = |figures: &Figures| {
            let found = figures.channels.iter().find(|other| other.id == channel.id);
            found.map_or(0, |channel| channel.highest_depth) as f64
        };
        let (of, name) = (Some(channel.id.clone()), Some(channel.name.clone()));
        let (a, b) = (depth(one), depth(other));
        figures.push(Figure { figure: "longest depth", of, name, unit: Unit::Records, a, b });
    }
    figures.retain(|figure| figure.a != figure.b);
    figures
}

fn busy(figures: &Figures, id: &str) -> f64 {
    figures.stages.iter().find(|stage| stage.id == id).map_or(0.0, |stage| stage.busy)
}

fn blocked(figures: &Figures, id: &str) -> f64 {
    figures.stages.iter().find(|stage| stage.id == id).map_or(0.0, |stage| stage.blocked)
}

impl Figure {
    /// What it is, for people.
    pub fn label(&self) -> String {
        match &self.name {
            Some(name) => format!("{name}: {}", self.figure),
            None => self.figure.to_owned(),
        }
    }

    /// One of its values with its unit, for people.
    pub fn shown(&self, value: f64) -> String {
        match self.unit {
            Unit::Records => text::count(value as u64),
            Unit::Seconds => text::time(Duration::try_from_secs_f64(value).unwrap_or_default()),
            Unit::PerSecond => format!("{} records/s", text::rate(value)),
            Unit::Share => text::percent(value, 1.0),
        }
    }
}
