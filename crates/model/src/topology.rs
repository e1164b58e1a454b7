//! The stages and channels, and how they are connected: one list for code, metrics, event logs and the page.
//!
//! [`Topology`] is the same as data. An event log contains it, so that a reader knows the pipeline that wrote the log,
//! and `npm run types` generates it for the page.

use crate::text::visible;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

/// The number of the first channel: nodes with lower numbers are stages.
pub const FIRST_CHANNEL: u8 = ChannelId::ALL[0] as u8;

/// The highest number that a channel of a [`Topology`] can have.
pub const LAST_CHANNEL: u8 = FIRST_CHANNEL + 31;

/// The maximum number of characters in a name of a [`Topology`].
const MAX_NAME: usize = 100;

/// A stage of the pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[repr(u8)]
pub enum Stage {
    /// Generates or ingests records.
    Producer = 0,
    /// Checks data integrity and business rules; N workers.
    Validator = 1,
    /// Works out the anomaly score; N workers.
    Transformer = 2,
    /// Merges the processed and the error stream and gives every record to each consumer.
    FanOut = 3,
    /// Persists processed records.
    Loader = 4,
    /// Persists failed records with the reason.
    ErrorHandler = 5,
    /// Counts and sums.
    MetricsCollector = 6,
}

impl Stage {
    /// All stages, in the order of the specification.
    pub const ALL: [Stage; 7] = [
        Stage::Producer,
        Stage::Validator,
        Stage::Transformer,
        Stage::FanOut,
        Stage::Loader,
        Stage::ErrorHandler,
        Stage::MetricsCollector,
    ];

    /// Returns the name for people.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Producer => "Producer",
            Stage::Validator => "Validator",
            Stage::Transformer => "Transformer",
            Stage::FanOut => "Fan-out",
            Stage::Loader => "Loader",
            Stage::ErrorHandler => "Error Handler",
            Stage::MetricsCollector => "Metrics Collector",
        }
    }

    /// Returns the name for programs, as in metrics and the configuration.
    pub fn id(self) -> &'static str {
        self.into()
    }

    /// Returns its number in the event log.
    pub fn node_id(self) -> u8 {
        self as u8
    }

    /// The consumers after the fan-out, in the order in which it sends them records, with the channel of each.
    pub const CONSUMERS: [(Stage, ChannelId); 3] = [
        (Stage::Loader, ChannelId::LoaderCh),
        (Stage::ErrorHandler, ChannelId::ErrorHandlerCh),
        (Stage::MetricsCollector, ChannelId::MetricsCh),
    ];

    /// Returns whether it can have several workers.
    pub fn is_pool(self) -> bool {
        matches!(self, Stage::Validator | Stage::Transformer)
    }

    /// Returns the index of this consumer after the fan-out, from 0, if it is one.
    pub fn consumer(self) -> Option<usize> {
        Self::CONSUMERS.iter().position(|(stage, _)| *stage == self)
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A channel of the pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[repr(u8)]
pub enum ChannelId {
    /// Producer → Validators.
    DataCh = 16,
    /// Validators → Transformers.
    ValidCh = 17,
    /// Transformers → fan-out.
    ProcessedCh = 18,
    /// Validators and Transformers → fan-out.
    ErrorCh = 19,
    /// Fan-out → Loader.
    LoaderCh = 20,
    /// Fan-out → Error Handler.
    ErrorHandlerCh = 21,
    /// Fan-out → Metrics Collector.
    MetricsCh = 22,
}

impl ChannelId {
    /// All channels, in the order of the specification.
    pub const ALL: [ChannelId; 7] = [
        ChannelId::DataCh,
        ChannelId::ValidCh,
        ChannelId::ProcessedCh,
        ChannelId::ErrorCh,
        ChannelId::LoaderCh,
        ChannelId::ErrorHandlerCh,
        ChannelId::MetricsCh,
    ];

    /// Returns its name in the specification.
    pub fn name(self) -> &'static str {
        match self {
            ChannelId::DataCh => "dataCh",
            ChannelId::ValidCh => "validCh",
            ChannelId::ProcessedCh => "processedCh",
            ChannelId::ErrorCh => "errorCh",
            ChannelId::LoaderCh => "loaderCh",
            ChannelId::ErrorHandlerCh => "errorHandlerCh",
            ChannelId::MetricsCh => "metricsCh",
        }
    }

    /// Returns its number in the event log.
    pub fn node_id(self) -> u8 {
        self as u8
    }

    /// Returns the stages that send to it.
    pub fn senders(self) -> &'static [Stage] {
        match self {
            ChannelId::DataCh => &[Stage::Producer],
            ChannelId::ValidCh => &[Stage::Validator],
            ChannelId::ProcessedCh => &[Stage::Transformer],
            ChannelId::ErrorCh => &[Stage::Validator, Stage::Transformer],
            ChannelId::LoaderCh | ChannelId::ErrorHandlerCh | ChannelId::MetricsCh => &[Stage::FanOut],
        }
    }

    /// Returns the stages that receive from it.
    pub fn receivers(self) -> &'static [Stage] {
        match self {
            ChannelId::DataCh => &[Stage::Validator],
            ChannelId::ValidCh => &[Stage::Transformer],
            ChannelId::ProcessedCh | ChannelId::ErrorCh => &[Stage::FanOut],
            ChannelId::LoaderCh => &[Stage::Loader],
            ChannelId::ErrorHandlerCh => &[Stage::ErrorHandler],
            ChannelId::MetricsCh => &[Stage::MetricsCollector],
        }
    }
}

impl fmt::Display for ChannelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The stages and channels of a pipeline as data. Each is a node, and has a number in the events of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export_to = "topology.ts"))]
pub struct Topology {
    /// The stages, in the order of the specification.
    pub stages: Vec<StageInfo>,
    /// The channels, in the order of the specification.
    pub channels: Vec<ChannelInfo>,
}

/// A stage of a [`Topology`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export_to = "topology.ts"))]
pub struct StageInfo {
    /// Its number in events.
    pub node: u8,
    /// The name for programs.
    pub id: String,
    /// The name for people.
    pub name: String,
    /// Whether it can have several workers.
    pub is_pool: bool,
}

/// A channel of a [`Topology`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export_to = "topology.ts"))]
pub struct ChannelInfo {
    /// Its number in events.
    pub node: u8,
    /// The name for programs.
    pub id: String,
    /// The name for people.
    pub name: String,
    /// The numbers of the stages that send to it.
    pub senders: Vec<u8>,
    /// The number of the stage that receives from it.
    pub receivers: Vec<u8>,
}

impl StageInfo {
    fn from_json(json: &Value) -> Option<StageInfo> {
        let (id, name) = (text(&json["id"])?, text(&json["name"])?);
        Some(StageInfo { node: node(&json["node"])?, id, name, is_pool: json["is_pool"].as_bool()? })
    }
}

impl ChannelInfo {
    fn from_json(json: &Value) -> Option<ChannelInfo> {
        let (id, name) = (text(&json["id"])?, text(&json["name"])?);
        let (senders, receivers) = (list(&json["senders"], node)?, list(&json["receivers"], node)?);
        Some(ChannelInfo { node: node(&json["node"])?, id, name, senders, receivers })
    }
}

fn list<T>(json: &Value, item: impl Fn(&Value) -> Option<T>) -> Option<Vec<T>> {
    json.as_array()?.iter().map(item).collect()
}

fn node(json: &Value) -> Option<u8> {
    u8::try_from(json.as_u64()?).ok()
}

fn text(json: &Value) -> Option<String> {
    json.as_str().map(str::to_owned)
}

impl Topology {
    /// Returns the pipeline of the specification.
    pub fn standard() -> Topology {
        let stage = |stage: Stage| StageInfo {
            node: stage.node_id(),
            id: stage.id().to_owned(),
            name: stage.name().to_owned(),
            is_pool: stage.is_pool(),
        };
        let nodes = |stages: &[Stage]| stages.iter().map(|stage| stage.node_id()).collect();
        let channel = |channel: ChannelId| ChannelInfo {
            node: channel.node_id(),
            id: channel.name().to_owned(),
            name: channel.name().to_owned(),
            senders: nodes(channel.senders()),
            receivers: nodes(channel.receivers()),
        };
        Topology { stages: Stage::ALL.map(stage).into(), channels: ChannelId::ALL.map(channel).into() }
    }

    /// Reads a topology from JSON, which may come from a file.
    ///
    /// # Errors
    /// Returns why it can't be a pipeline.
    pub fn from_json(json: &Value) -> Result<Topology, String> {
        // By hand: what serde would derive for this makes the engine of the page 2 % larger.
        let stages = list(&json["stages"], StageInfo::from_json);
        let channels = list(&json["channels"], ChannelInfo::from_json);
        let (Some(stages), Some(channels)) = (stages, channels) else { return Err("malformed".to_owned()) };
        let topology = Topology { stages, channels };
        topology.problem().map_or(Ok(topology), Err)
    }

    /// Returns the same topology with names that can be shown to people, which have no control characters.
    #[must_use]
    pub fn with_visible_names(mut self) -> Topology {
        let stages = self.stages.iter_mut().map(|stage| &mut stage.name);
        let names = stages.chain(self.channels.iter_mut().map(|channel| &mut channel.name));
        names.for_each(|name| *name = visible(name).into_owned());
        self
    }

    /// Returns why this can't be a pipeline, if it can't.
    fn problem(&self) -> Option<String> {
        self.problem_of_nodes().or_else(|| self.problem_of_channels()).or_else(|| self.problem_of_graph())
    }

    fn problem_of_nodes(&self) -> Option<String> {
        if self.stages.is_empty() {
            return Some("there are no stages".to_owned());
        }
        if let Some(node) = self.stages.iter().map(|stage| stage.node).find(|&node| node >= FIRST_CHANNEL) {
            return Some(format!("stage {node} has the number of a channel: stages are below {FIRST_CHANNEL}"));
        }
        let is_channel = |node: &u8| (FIRST_CHANNEL..=LAST_CHANNEL).contains(node);
        if let Some(node) = self.channels.iter().map(|channel| channel.node).find(|node| !is_channel(node)) {
            return Some(format!("channel {node} is outside of {FIRST_CHANNEL} to {LAST_CHANNEL}"));
        }
        let stages = self.stages.iter().map(|stage| (stage.node, &stage.id, &stage.name));
        let channels = self.channels.iter().map(|channel| (channel.node, &channel.id, &channel.name));
        let nodes = || stages.clone().chain(channels.clone());
        for (at, (node, id, name)) in nodes().enumerate() {
            if nodes().take(at).any(|(other, ..)| other == node) {
                return Some(format!("two nodes have the number {node}"));
            }
            if nodes().take(at).any(|(_, other, _)| other == id) {
                return Some(format!("node {node} has the id of another one"));
            }
            if [id, name].iter().any(|text| text.is_empty() || text.chars().count() > MAX_NAME) {
                return Some(format!("the id and the name of {node} must have from 1 to {MAX_NAME} characters"));
            }
        }
        None
    }

    fn problem_of_channels(&self) -> Option<String> {
        for ChannelInfo { node, senders, receivers, .. } in &self.channels {
            if senders.is_empty() {
                return Some(format!("no stage sends to channel {node}"));
            }
            if receivers.len() != 1 {
                // An event names the worker that received a record, but not its stage.
                return Some(format!("{} stages receive from channel {node}, and only one can", receivers.len()));
            }
            for (ends, does_what) in [(senders, "sends to"), (receivers, "receives from")] {
                for (at, end) in ends.iter().enumerate() {
                    if self.stage(*end).is_none() {
                        return Some(format!("stage {end} {does_what} channel {node}, and there is no such stage"));
                    }
                    if ends[..at].contains(end) {
                        return Some(format!("stage {end} {does_what} channel {node} twice"));
                    }
                }
            }
        }
        None
    }

    fn problem_of_graph(&self) -> Option<String> {
        let receives = |stage: u8| self.channels.iter().any(|channel| channel.receivers.contains(&stage));
        let mut sources = self.stages.iter().map(|stage| stage.node).filter(|&stage| !receives(stage));
        if let (Some(first), Some(second)) = (sources.next(), sources.next()) {
            return Some(format!("stages {first} and {second} receive from no channel, and only one can"));
        }
        // Without a cycle, the stages can be removed one by one, each when no remaining stage sends to it.
        let mut left: Vec<u8> = self.stages.iter().map(|stage| stage.node).collect();
        let is_fed = |stage: u8, left: &[u8]| {
            let mut channels = self.channels.iter().filter(|channel| channel.receivers.contains(&stage));
            channels.any(|channel| channel.senders.iter().any(|sender| left.contains(sender)))
        };
        while let Some(free) = left.iter().position(|&stage| !is_fed(stage, &left)) {
            left.remove(free);
        }
        (!left.is_empty()).then(|| "the channels form a cycle".to_owned())
    }

    /// Returns the name of a node, for people.
    pub fn name(&self, node: u8) -> &str {
        let stage = self.stage(node).map(|stage| &stage.name);
        stage.or(self.channel(node).map(|channel| &channel.name)).map_or("elsewhere", String::as_str)
    }

    /// Returns the name of a worker for people, counted from one: `Validator 2`, or just `Loader` if there is only one.
    pub fn worker_name(&self, node: u8, worker: u16) -> String {
        match self.stage(node) {
            Some(stage) if stage.is_pool => format!("{} {}", stage.name, u32::from(worker) + 1),
            _ => self.name(node).to_owned(),
        }
    }

    /// Returns the stage with a number.
    pub fn stage(&self, node: u8) -> Option<&StageInfo> {
        self.stages.iter().find(|stage| stage.node == node)
    }

    /// Returns the channel with a number.
    pub fn channel(&self, node: u8) -> Option<&ChannelInfo> {
        self.channels.iter().find(|channel| channel.node == node)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn the_standard_topology_has_what_the_enums_have() {
        let topology = Topology::standard();
        assert_eq!(topology.problem(), None);
        for (stage, info) in Stage::ALL.iter().zip(&topology.stages) {
            assert_eq!((json!(stage), info.name.as_str()), (json!(info.id), stage.name()));
            assert_eq!(info.is_pool, stage.is_pool());
        }
        for (channel, info) in ChannelId::ALL.iter().zip(&topology.channels) {
            assert_eq!((json!(channel), info.name.as_str()), (json!(info.id), channel.name()));
        }
        assert_eq!(topology.channels[3].senders, [1, 2]);
        assert_eq!(topology.channels[3].receivers, [3]);
        assert_eq!(topology.worker_name(2, 1), "Transformer 2");
        assert_eq!(topology.worker_name(4, 0), "Loader");
        assert_eq!((topology.name(16), topology.name(9)), ("dataCh", "elsewhere"));
    }

    #[test]
    fn what_no_pipeline_has_is_found() {
        let vectors: Vec<Value> =
            serde_json::from_str(include_str!("../../../tests/vectors/logged-topologies.json")).unwrap();
        assert!(vectors.len() > 10);
        for vector in vectors {
            let problem = Topology::from_json(&vector["topology"]).err();
            assert_eq!(problem.as_deref(), vector["problem"].as_str(), "{vector}");
        }
    }
}
