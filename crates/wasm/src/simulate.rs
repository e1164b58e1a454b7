//! A whole run of generated records on the virtual clock, as fast as possible: its metrics, and nothing else.

use crate::driver::real_time;
use crate::error::{config_error, config_from_js, named, run_error, to_js};
use clearpipe_core::config::RuntimeKind;
use clearpipe_core::metrics::Metrics;
use clearpipe_core::pipeline::{self, Outputs, RecordsFrom, RunError};
use clearpipe_core::runtime::Virtual;
use futures::future::BoxFuture;
use std::sync::Arc;
use std::time::Duration;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

/// A run that is being simulated. It belongs to no run that is seen: it has neither results nor an event log.
#[wasm_bindgen]
pub struct Simulated {
    machine: Virtual,
    finished: BoxFuture<'static, Result<Metrics, RunError>>,
    metrics: Option<Metrics>,
}

/// Reading the clock takes as long as a step of the simulation.
const STEPS_A_LOOK: u32 = 64;

#[wasm_bindgen]
impl Simulated {
    /// Starts a run of generated records on the virtual clock, whatever the configuration says of the runtime, the event
    /// log and the input.
    ///
    /// # Errors
    /// A `ConfigError` with all problems if the configuration is invalid.
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_param_type = "Partial<Config>")] config: JsValue,
    ) -> Result<Simulated, JsValue> {
        let mut config = config_from_js(config)?;
        config.runtime.kind = RuntimeKind::Virtual;
        config.trace.enabled = false;
        let machine = Virtual::new(config.runtime.cores, config.schedule_seed());
        let outputs =
            Outputs { processed: Box::new(futures::io::sink()), failed: Box::new(futures::io::sink()), log: None };
        let handle = pipeline::start(&config, RecordsFrom::Generator, outputs, Arc::new(machine.clone()))
            .map_err(config_error)?;
        Ok(Simulated { machine, finished: Box::pin(handle.finished()), metrics: None })
    }

    /// Continues for about this many milliseconds. Returns whether the run has ended.
    ///
    /// # Errors
    /// A `RunError` if the run failed.
    pub fn advance(&mut self, milliseconds: f64) -> Result<bool, JsValue> {
        if self.metrics.is_none() {
            let end = real_time() + Duration::try_from_secs_f64(milliseconds / 1e3).unwrap_or_default();
            let mut steps = 0u32;
            let goes_on = || {
                steps = steps.wrapping_add(1);
                !steps.is_multiple_of(STEPS_A_LOOK) || real_time() < end
            };
            let ended = self
                .machine
                .run_while(self.finished.as_mut(), goes_on)
                .map_err(|stalled| named("RunError", &stalled.to_string()))?;
            self.metrics = ended.transpose().map_err(run_error)?;
        }
        Ok(self.metrics.is_some())
    }

    /// Returns the metrics of the run, or `null` before its end.
    ///
    /// # Errors
    /// Never fails; the signature is that of the conversion.
    #[wasm_bindgen(unchecked_return_type = "Metrics | null")]
    pub fn metrics(&self) -> Result<JsValue, JsValue> {
        to_js(&self.metrics)
    }
}
