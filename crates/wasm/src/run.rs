//! A run, for JavaScript.

use crate::chunks::{self, ChunkReader, Feeder, Outside};
use crate::driver::{Machine, Simulation, drive};
use crate::encodings;
use crate::error::{config_error, config_from_js, named, run_error, to_js};
use crate::events::RingMemory;
use crate::panics;
use clearpipe_core::config::{Config, RuntimeKind};
use clearpipe_core::pipeline::{self, Handle, Monitor, Outputs, RecordsFrom};
use clearpipe_core::runtime::{Local, Runtime, Virtual};
use futures::channel::oneshot;
use futures::future::{Either, select};
use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use wasm_bindgen_futures::spawn_local;

/// A run of the pipeline that has been started.
///
/// Both results must be taken, chunk by chunk, until they end; the run waits while they aren't taken.
#[wasm_bindgen]
pub struct Run {
    monitor: Arc<Monitor>,
    /// The virtual clock, if the run uses it.
    simulation: Option<Simulation>,
    outside: Arc<Outside>,
    handle: RefCell<Option<Handle>>,
    feeder: RefCell<Option<Feeder>>,
    processed: Rc<RefCell<Option<ChunkReader>>>,
    failed: Rc<RefCell<Option<ChunkReader>>>,
    /// Dropped when the run has ended, which stops the driver.
    end: RefCell<Option<oneshot::Sender<()>>>,
}

#[wasm_bindgen]
impl Run {
    /// Starts a run with this many inputs, which [`Run::begin_input`] and [`Run::feed`] provide. Without inputs,
    /// records are generated.
    ///
    /// The runtime `pool` is the pool of web workers in a build with threads, and one thread in a build without.
    ///
    /// With `discard`, for measuring, the results are discarded immediately, and both outputs are empty.
    ///
    /// # Errors
    /// A `ConfigError` with all problems if the configuration is invalid.
    #[wasm_bindgen(constructor)]
    pub fn start(
        #[wasm_bindgen(unchecked_param_type = "Partial<Config>")] config: JsValue,
        inputs: u32,
        discard: Option<bool>,
    ) -> Result<Run, JsValue> {
        panics::watch();
        encodings::provide();
        let mut config = config_from_js(config)?;
        // The ids of generated records follow from their numbers.
        config.trace.ids = inputs > 0;
        let outside = Arc::new(Outside::default());
        let (runtime, machine) = runtime(&config, &outside);
        let simulation = match &machine {
            Some(Machine::Virtual(simulation)) => Some(simulation.clone()),
            _ => None,
        };
        let immediate = simulation.is_some();
        let (processed_writer, processed) = chunks::output(&outside, immediate);
        let (failed_writer, failed) = chunks::output(&outside, immediate);
        let outputs = if discard.unwrap_or_default() {
            Outputs { processed: Box::new(futures::io::sink()), failed: Box::new(futures::io::sink()), log: None }
        } else {
            Outputs { processed: Box::new(processed_writer), failed: Box::new(failed_writer), log: None }
        };
        let (feeder, source) = if inputs > 0 {
            let (feeder, inputs) = chunks::inputs(&outside, inputs > 1);
            (Some(feeder), RecordsFrom::Inputs(inputs))
        } else {
            (None, RecordsFrom::Generator)
        };
        let handle = pipeline::start(&config, source, outputs, runtime).map_err(config_error)?;
        let (end, ended) = oneshot::channel();
        let monitor = handle.monitor();
        if let Some(machine) = machine {
            spawn_local(async move {
                select(pin!(drive(machine, monitor)), ended).await;
            });
        }
        Ok(Run {
            monitor: handle.monitor(),
            simulation,
            outside,
            handle: RefCell::new(Some(handle)),
            feeder: RefCell::new(feeder),
            processed: Rc::new(RefCell::new(Some(processed))),
            failed: Rc::new(RefCell::new(Some(failed))),
            end: RefCell::new(Some(end)),
        })
    }

    /// Begins the next input, and ends the previous one. Its name, if it has one, determines its format unless the
    /// configuration does, and is part of positions if there are several inputs.
    #[wasm_bindgen(js_name = beginInput)]
    pub fn begin_input(&self, name: Option<String>) {
        if let Some(feeder) = &mut *self.feeder.borrow_mut() {
            feeder.begin(name);
        }
    }

    /// Adds the next bytes of the current input. Resolves when there is room for more. Returns false if no more are
    /// needed, because the run is about to end.
    pub async fn feed(&self, chunk: Vec<u8>) -> bool {
        let feeder = self.feeder.borrow().clone();
        match feeder {
            Some(feeder) => feeder.feed(chunk).await,
            None => false,
        }
    }

    /// Ends the last input.
    #[wasm_bindgen(js_name = endInput)]
    pub fn end_input(&self) {
        if let Some(mut feeder) = self.feeder.borrow_mut().take() {
            feeder.end();
        }
    }

    /// Ends the input because it can't be read any further; the run fails with this message.
    #[wasm_bindgen(js_name = failInput)]
    pub fn fail_input(&self, message: &str) {
        if let Some(mut feeder) = self.feeder.borrow_mut().take() {
            feeder.fail(message);
        }
    }

    /// Returns the next bytes of the processed file, or `undefined` at its end.
    #[wasm_bindgen(js_name = nextProcessed)]
    pub async fn next_processed(&self) -> Option<Vec<u8>> {
        next_chunk(&self.processed).await
    }

    /// Returns the next bytes of the failed file, or `undefined` at its end.
    #[wasm_bindgen(js_name = nextFailed)]
    pub async fn next_failed(&self) -> Option<Vec<u8>> {
        next_chunk(&self.failed).await
    }

    /// Resolves with the metrics when all stages have ended. May be called once.
    ///
    /// # Errors
    /// A `ConfigError` if the input doesn't match the configuration, or a `RunError` if the run failed. An
    /// `EngineError`, with the raw text of a panic, if the engine broke and must be restarted.
    #[wasm_bindgen(unchecked_return_type = "Metrics")]
    pub async fn finished(&self) -> Result<JsValue, JsValue> {
        let Some(handle) = self.handle.borrow_mut().take() else {
            return Err(named("RunError", "finished() was called before"));
        };
        let result = match select(pin!(handle.finished()), pin!(panics::panicked())).await {
            Either::Left((result, _)) => result.map_err(run_error),
            Either::Right((panic, _)) => Err(named("EngineError", &panic)),
        };
        self.end.borrow_mut().take();
        to_js(&result?)
    }

    /// Returns the current metrics.
    ///
    /// # Errors
    /// Never fails; the signature is that of the conversion.
    #[wasm_bindgen(unchecked_return_type = "Metrics")]
    pub fn metrics(&self) -> Result<JsValue, JsValue> {
        self.catch_up();
        to_js(&self.monitor.metrics())
    }

    /// Makes every worker keep its current records.
    pub fn pause(&self) {
        self.catch_up();
        self.monitor.control().pause();
        self.changed();
    }

    /// Continues after a pause.
    pub fn resume(&self) {
        self.monitor.control().resume();
        self.changed();
    }

    /// Continues a paused run until one more record is finished, or the batch that it travels in.
    pub fn step(&self) {
        self.monitor.control().step();
        self.changed();
    }

    /// Applies the number of Validators and of Transformers, the service times, the rate limit and the burst of a
    /// configuration immediately.
    ///
    /// # Errors
    /// A `ConfigError` if the configuration is invalid; then nothing changes.
    pub fn adjust(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Partial<Config>")] config: JsValue,
    ) -> Result<(), JsValue> {
        self.catch_up();
        self.monitor.adjust(&config_from_js(config)?).map_err(config_error)?;
        self.changed();
        Ok(())
    }

    /// Sets how many simulated seconds pass per real second on the virtual clock. 0 or infinity means as fast as
    /// possible, which is the default; but once a pace was set, the clock waits for the reader of the
    /// [events](Run::rings), so that none is lost.
    #[wasm_bindgen(js_name = setPace)]
    pub fn set_pace(&self, factor: f64) {
        if let Some(simulation) = &self.simulation {
            simulation.catch_up();
            simulation.pace.set(factor);
            self.changed();
        }
    }

    /// Returns the seconds that the run has taken by its own clock, without pauses.
    pub fn elapsed(&self) -> f64 {
        self.catch_up();
        self.monitor.elapsed().as_secs_f64()
    }

    /// Ends the source; the other stages finish the records in flight.
    pub fn stop(&self) {
        self.catch_up();
        self.monitor.control().stop();
        self.end_input();
        self.changed();
    }

    /// Ends all stages immediately; the records in flight are lost.
    pub fn abort(&self) {
        self.monitor.control().abort();
        self.end_input();
        self.changed();
    }

    /// Takes the numbers of traced input records and their ids, alternating, that were read since the last call.
    #[wasm_bindgen(js_name = takeIds, unchecked_return_type = "(number | string)[]")]
    pub fn take_ids(&self) -> js_sys::Array {
        let ids = self.monitor.tracer().take_ids();
        ids.into_iter().flat_map(|(number, id)| [JsValue::from_f64(number as f64), JsValue::from_str(&id)]).collect()
    }

    /// Returns the rings of the event log in the engine's memory, one for each thread and one for all others, or none
    /// if tracing is off. They stay there until the run is freed.
    pub fn rings(&self) -> Vec<RingMemory> {
        self.monitor.tracer().rings().iter().map(|ring| ring.memory().into()).collect()
    }
}

impl Run {
    /// Advances the virtual clock to the present, so that an action takes effect at this time.
    fn catch_up(&self) {
        if let Some(simulation) = &self.simulation {
            simulation.catch_up();
        }
    }

    /// Notifies the driver of the run of a change.
    fn changed(&self) {
        self.outside.change();
    }
}

async fn next_chunk(reader: &Rc<RefCell<Option<ChunkReader>>>) -> Option<Vec<u8>> {
    // Taken out while it is awaited, so that nothing stays borrowed meanwhile.
    let mut taken = reader.borrow_mut().take()?;
    let chunk = taken.next().await;
    *reader.borrow_mut() = Some(taken);
    chunk
}

/// Creates the runtime of a configuration, and the machine to drive if the stages have no threads.
fn runtime(config: &Config, outside: &Arc<Outside>) -> (Arc<dyn Runtime>, Option<Machine>) {
    match config.runtime.kind {
        #[cfg(all(feature = "threads", target_arch = "wasm32"))]
        RuntimeKind::Pool => (Arc::new(clearpipe_core::runtime::Pool::global()), None),
        RuntimeKind::Virtual => {
            let machine = Virtual::new(config.runtime.cores, config.schedule_seed());
            let simulation = Simulation { machine: machine.clone(), outside: outside.clone(), pace: Rc::default() };
            (Arc::new(machine), Some(Machine::Virtual(simulation)))
        }
        _ => {
            let local = Local::new();
            (Arc::new(local.clone()), Some(Machine::Local(local)))
        }
    }
}
