//! The Clearpipe engine for the browser: a thin boundary over `clearpipe-core`, with no logic of its own.
//!
//! It is built twice. With the feature `threads`, the stages run on a pool of web workers, which needs a page that is
//! cross-origin isolated; without it, on one thread. Either way the engine must run in a worker: [`run::Run`] keeps the
//! event loop there free, so that messages and file handles work during the run.

mod baseline;
mod chrome;
mod chunks;
mod driver;
mod encodings;
mod error;
mod events;
mod file_start;
mod log;
mod pace;
mod panics;
mod run;
// The page plays with the engine for one thread, which it loads for that: visitors who don't play load less.
#[cfg(not(all(feature = "threads", target_arch = "wasm32")))]
mod schedule;
mod simulate;

pub use baseline::measure_loop;
pub use chrome::ChromeTrace;
pub use events::RingMemory;
pub use file_start::FileStart;
pub use log::{LogFile, LogReader};
pub use run::Run;
#[cfg(not(all(feature = "threads", target_arch = "wasm32")))]
pub use schedule::Schedule;
pub use simulate::Simulated;

use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

/// Starts the pool of web workers. Call it once, on the engine's worker, never on the main thread, and with one thread
/// more than the pipeline needs, which serves the timers.
#[cfg(all(feature = "threads", target_arch = "wasm32"))]
pub use wasm_bindgen_rayon::init_thread_pool;

/// Returns the version of the engine.
#[wasm_bindgen]
#[must_use]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// Returns the configuration with all its defaults.
///
/// # Errors
/// Never fails; the signature is that of the conversion.
#[wasm_bindgen(js_name = defaultConfig, unchecked_return_type = "Config")]
pub fn default_config() -> Result<JsValue, JsValue> {
    error::to_js(&clearpipe_core::config::Config::default())
}

/// Checks a configuration.
///
/// # Errors
/// An `Error` with the property `problems`: all problems, each with the setting that it is about.
#[wasm_bindgen(js_name = checkConfig)]
pub fn check_config(#[wasm_bindgen(unchecked_param_type = "Partial<Config>")] config: JsValue) -> Result<(), JsValue> {
    error::config_from_js(config).map(|_| ())
}
