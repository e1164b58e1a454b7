//! An event log as a trace for Perfetto, written by the same code as in the command.

use crate::error::named;
use clearpipe_core::trace::chrome::Chrome;
use clearpipe_core::trace::read::Logged;
use clearpipe_model::json_text;
use clearpipe_model::topology::Topology;
use std::io;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

/// Writes a trace piece by piece.
#[wasm_bindgen]
pub struct ChromeTrace(Chrome<Vec<u8>>);

#[wasm_bindgen]
impl ChromeTrace {
    /// Starts a trace of a pipeline of which every Nth record was traced, where N is `sample`. The topology is written as
    /// in the first line of a log.
    ///
    /// # Errors
    /// An `Error` if no pipeline can have this topology.
    #[wasm_bindgen(constructor)]
    pub fn new(topology: &str, sample: f64) -> Result<ChromeTrace, JsValue> {
        let json = json_text::parse(topology).map_err(|error| error.to_string());
        let topology = json.and_then(|json| Topology::from_json(&json));
        let topology = topology.map_err(|problem| named("TraceError", &problem))?;
        Ok(ChromeTrace(Chrome::new(Vec::new(), topology.with_visible_names(), sample as u64)))
    }

    /// Adds whole events, in the order of time. Returns the next bytes of the trace.
    ///
    /// # Errors
    /// Never fails, since it writes to memory.
    pub fn add(&mut self, events: &[u8]) -> Result<Vec<u8>, JsValue> {
        for words in events.as_chunks::<8>().0.as_chunks::<2>().0 {
            self.0.event(&Logged::of(words.map(u64::from_le_bytes))).map_err(error)?;
        }
        Ok(std::mem::take(self.0.get_mut()))
    }

    /// Returns the last bytes of the trace.
    ///
    /// # Errors
    /// Never fails, since it writes to memory.
    pub fn finish(&mut self) -> Result<Vec<u8>, JsValue> {
        self.0.finish().map_err(error)?;
        Ok(std::mem::take(self.0.get_mut()))
    }
}

fn error(error: io::Error) -> JsValue {
    named("TraceError", &error.to_string())
}
