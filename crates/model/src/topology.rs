//! The names of the stages and channels: one list for code, metrics, events and the page.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A stage of the pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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

    /// The name for people.
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

    /// Its number in the event log.
    pub fn node_id(self) -> u8 {
        self as u8
    }

    /// The consumers behind the fan-out, in the order in which it gives them records, with the channel of each.
    pub const CONSUMERS: [(Stage, ChannelId); 3] = [
        (Stage::Loader, ChannelId::LoaderCh),
        (Stage::ErrorHandler, ChannelId::ErrorHandlerCh),
        (Stage::MetricsCollector, ChannelId::MetricsCh),
    ];

    /// Which of the consumers behind the fan-out it is, from 0, if it is one.
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

    /// The name that the specification gives it.
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

    /// Its number in the event log.
    pub fn node_id(self) -> u8 {
        self as u8
    }
}

impl fmt::Display for ChannelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
