//! An event log as a trace for Perfetto, written by the same code as in the command.

use crate::error::named;
use clearpipe_core::trace::chrome::Chrome;
use clearpipe_core::trace::read::Logged;
use clearpipe_model::topology::{ChannelInfo, StageInfo, Topology};
use std::io;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

/// The pipeline of a trace. Names are shown as they are.
#[wasm_bindgen]
#[derive(Default)]
pub struct TracedPipeline(Topology);

#[wasm_bindgen]
impl TracedPipeline {
    /// Creates a pipeline without stages.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> TracedPipeline {
        TracedPipeline::default()
    }

    /// Adds a stage.
    #[wasm_bindgen(js_name = addStage)]
    pub fn add_stage(&mut self, node: u8, name: String, is_pool: bool) {
        self.0.stages.push(StageInfo { node, id: String::new(), name, is_pool });
    }

    /// Adds a channel, with the nodes of its senders.
    #[wasm_bindgen(js_name = addChannel)]
    pub fn add_channel(&mut self, node: u8, name: String, senders: Vec<u8>) {
        self.0.channels.push(ChannelInfo { node, id: String::new(), name, senders, receivers: Vec::new() });
    }
}

/// Writes a trace piece by piece.
#[wasm_bindgen]
pub struct ChromeTrace(Chrome<Vec<u8>>);

#[wasm_bindgen]
impl ChromeTrace {
    /// Starts a trace of a pipeline of which every Nth record was traced, where N is `sample`.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(pipeline: TracedPipeline, sample: f64) -> ChromeTrace {
        ChromeTrace(Chrome::new(Vec::new(), pipeline.0, sample as u64))
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
