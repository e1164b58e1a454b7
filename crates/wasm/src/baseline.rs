//! The baseline that the pipeline of this page is compared with.

use crate::error::config_from_js;
use clearpipe_core::baseline::{self, Work};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

/// Does the work of the pipeline without a pipeline, in loops on the configured number of threads (on this one in a
/// build without threads), and returns the seconds it took. Discards the lines. Blocks this thread meanwhile.
///
/// # Errors
/// A `ConfigError` if the configuration is invalid; an `Error` if the loops did not do all of the work, which would be
/// a bug.
#[wasm_bindgen(js_name = measureLoop)]
pub fn measure_loop(#[wasm_bindgen(unchecked_param_type = "Partial<Config>")] config: JsValue) -> Result<f64, JsValue> {
    let config = config_from_js(config)?;
    let start = web_time::Instant::now();
    let done = loops(&config);
    let seconds = start.elapsed().as_secs_f64();
    if done.processed + done.failed == config.records {
        Ok(seconds)
    } else {
        Err(js_sys::Error::new("the loops lost records").into())
    }
}

#[cfg(all(feature = "threads", target_arch = "wasm32"))]
fn loops(config: &clearpipe_core::config::Config) -> Work {
    let threads = config.runtime.threads.unwrap_or_else(|| rayon::current_num_threads() - 1);
    let done = std::sync::Mutex::new(Work::default());
    rayon::scope(|scope| {
        for thread in 0..threads {
            let done = &done;
            scope.spawn(move |_| {
                let part = baseline::run(config, baseline::share(config, thread, threads));
                let mut done = done.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                *done = done.and(part);
            });
        }
    });
    done.into_inner().unwrap_or_default()
}

#[cfg(not(all(feature = "threads", target_arch = "wasm32")))]
fn loops(config: &clearpipe_core::config::Config) -> Work {
    baseline::run(config, 0..config.records)
}
