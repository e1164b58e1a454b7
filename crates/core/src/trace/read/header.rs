//! The first line of an event log.

use super::LogError;
use crate::trace::block::checksum;
use crate::trace::event::LAST_TIME;
use crate::trace::log::VERSION;
use clearpipe_model::json_text;
use clearpipe_model::text::visible;
use clearpipe_model::topology::Topology;
use serde::de::Error;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The first bytes of every log.
const BEGINNING: &[u8] = b"{\"clearpipe_events\":";

/// The most events that can come before a log, or after it: no run has as many.
const MAX_EVENTS: u64 = 1 << 53;

/// Which part of a run a log has, if it doesn't have the whole run. All times are nanoseconds since the run began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartOfRun {
    /// When it begins. Events before that are only those which explain the state at this time.
    pub from_ns: u64,
    /// When it ends: an event at this time belongs to it.
    pub to_ns: u64,
    /// How many events of the run come before the first one in the log.
    pub events_before: u64,
    /// How many come after the last one. If there are none, the part ends with the run.
    pub events_after: u64,
    /// How often sampling had been halved before that.
    #[serde(default)]
    pub halvings: u16,
}

impl PartOfRun {
    /// Returns whether a log can have such a part. The numbers are exact in JavaScript then.
    fn is_possible(&self) -> bool {
        let events = [self.events_before, self.events_after];
        self.from_ns <= self.to_ns && self.to_ns <= LAST_TIME && events.iter().all(|events| *events <= MAX_EVENTS)
    }
}

/// The first line, which defines the numbers in events.
#[derive(Debug)]
pub struct Header {
    version: u32,
    kinds: Vec<String>,
    topology: Topology,
    part: Option<PartOfRun>,
    /// Not a `Config`, since a newer version may have settings that are unknown here.
    config: Value,
}

impl Header {
    /// Reads a first line. Doesn't check its configuration.
    ///
    /// # Errors
    /// If it isn't the first line of a log, or the log has a newer format.
    pub fn read(line: &[u8]) -> Result<Header, LogError> {
        if !line.starts_with(BEGINNING) {
            return Err(LogError::NoLog);
        }
        let text = std::str::from_utf8(line).map_err(|error| damaged(&error.to_string()))?;
        let mut json = json_text::parse(text).map_err(LogError::DamagedHeader)?;
        let version = json["clearpipe_events"].as_u64().ok_or_else(|| damaged("its version is not a number"))?;
        if version == 0 {
            return Err(damaged("there is no format 0"));
        }
        // Before anything else: in a newer version, the other keys may have another meaning.
        let version = match u32::try_from(version) {
            Ok(known) if known <= VERSION => known,
            _ => return Err(LogError::Newer(version)),
        };
        let name = |kind: &Value| Some(visible(kind.as_str()?).into_owned());
        let kinds = match &json["kinds"] {
            Value::Null => Some(Vec::new()),
            kinds => kinds.as_array().and_then(|kinds| kinds.iter().map(name).collect()),
        };
        let kinds = kinds.ok_or_else(|| damaged("the kinds of events are not a list of names"))?;
        let topology = match json.get("topology") {
            // Logs of the first version have none, and later ones only if it is another.
            None => Topology::standard(),
            Some(topology) => Topology::from_json(topology).map_err(LogError::Topology)?,
        };
        let part = match json.get_mut("part").map(Value::take) {
            Some(part) => Some(PartOfRun::deserialize(part).map_err(LogError::DamagedHeader)?),
            None => None,
        };
        if part.is_some_and(|part| !part.is_possible()) {
            return Err(damaged("no run can have such a part"));
        }
        let config = json.get_mut("config").map(Value::take).unwrap_or_default();
        // The names are shown to people, and come from a file.
        Ok(Header { version, kinds, topology: topology.with_visible_names(), part, config })
    }

    /// Checks that a first line is as it was written. Format 1 has no checksum of it.
    pub(super) fn verify(line: &[u8], sum: [u8; 4]) -> Result<(), LogError> {
        match u32::from_le_bytes(sum) == checksum(&[line]) {
            true => Ok(()),
            false => Err(damaged("its checksum is wrong")),
        }
    }

    /// Returns the version of the format.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Returns how many kinds there are.
    pub(super) fn kinds(&self) -> usize {
        self.kinds.len()
    }

    /// Returns the settings of the run as the log has them. In format 2, those with their default values are left out.
    pub fn config(&self) -> &Value {
        &self.config
    }

    /// Returns which part of the run the log has; nothing if it has the whole run.
    pub fn part(&self) -> Option<PartOfRun> {
        self.part
    }

    /// Returns the name of a kind.
    pub fn kind(&self, number: u8) -> &str {
        self.kinds.get(usize::from(number)).map_or("unknown", String::as_str)
    }

    /// Returns the name of a node.
    pub fn node(&self, number: u8) -> &str {
        self.topology.name(number)
    }

    /// Returns the topology of the pipeline that wrote the log.
    pub fn topology(&self) -> &Topology {
        &self.topology
    }

    /// Returns the sampling interval N: every Nth record was traced.
    pub fn sample(&self) -> u64 {
        self.config["trace"]["sample"].as_u64().unwrap_or(1)
    }
}

fn damaged(problem: &str) -> LogError {
    LogError::DamagedHeader(Error::custom(problem))
}
