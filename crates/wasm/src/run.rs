//! A run, as JavaScript sees it.

use crate::chunks::{self, ChunkReader, Feeder, Outside};
use crate::driver::{Machine, Simulation, drive};
use crate::error::{config_error, config_from_js, named, run_error, to_js};
use crate::{RingMemory, panics};
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
/// Both results must be taken, chunk by chunk, until they end; the run waits while nobody takes them.
#[wasm_bindgen]
pub struct Run {
    monitor: Arc<Monitor>,
    /// The virtual clock, if the run is on one.
    simulation: Option<Simulation>,
    outside: Arc<Outside>,
    handle: RefCell<Option<Handle>>,
    feeder: RefCell<Option<Feeder>>,
    processed: Rc<RefCell<Option<ChunkReader>>>,
    failed: Rc<RefCell<Option<ChunkReader>>>,
    /// Dropped when the run has ended, so that it is driven no longer.
    end: RefCell<Option<oneshot::Sender<()>>>,
}

#[wasm_bindgen]
impl Run {
    /// Starts a run of this many inputs, which [`Run::begin_input`] and [`Run::feed`] give; without any, records are
    /// generated.
    ///
    /// The runtime `pool` is the pool of web workers in a build with threads, and one thread in a build without.
    ///
    /// With `discard` the results are thrown away as they come, for measuring: both are empty then.
    ///
    /// # Errors
    /// A `ConfigError` if the configuration is wrong, with all its problems.
    #[wasm_bindgen(constructor)]
    pub fn start(
        #[wasm_bindgen(unchecked_param_type = "Partial<Config>")] config: JsValue,
        inputs: u32,
        discard: Option<bool>,
    ) -> Result<Run, JsValue> {
        panics::watch();
        let mut config = config_from_js(config)?;
        // The numbers of generated records tell their ids.
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

    /// Begins the next input, and ends the one before. Its name, if it has one, tells its format where the configuration
    /// doesn't, and is part of positions where there are several inputs.
    #[wasm_bindgen(js_name = beginInput)]
    pub fn begin_input(&self, name: Option<String>) {
        if let Some(feeder) = &mut *self.feeder.borrow_mut() {
            feeder.begin(name);
        }
    }

    /// Gives the next bytes of the input that has begun; resolves when there is room for more. False if no more are wanted: then the
    /// run is about to end.
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

    /// Ends the input since it can't be read on; the run fails with this message.
    #[wasm_bindgen(js_name = failInput)]
    pub fn fail_input(&self, message: &str) {
        if let Some(mut feeder) = self.feeder.borrow_mut().take() {
            feeder.fail(message);
        }
    }

    /// The next bytes of the processed file; `undefined` at its end.
    #[wasm_bindgen(js_name = nextProcessed)]
    pub async fn next_processed(&self) -> Option<Vec<u8>> {
        next_chunk(&self.processed).await
    }

    /// The next bytes of the failed file; `undefined` at its end.
    #[wasm_bindgen(js_name = nextFailed)]
    pub async fn next_failed(&self) -> Option<Vec<u8>> {
        next_chunk(&self.failed).await
    }

    /// Resolves with the metrics when all stages have ended. May be called once.
    ///
    /// # Errors
    /// A `ConfigError` if the input does not fit the configuration, a `RunError` if the run failed. An `EngineError`, with
    /// the raw text of a panic, if the engine broke and has to be started anew.
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

    /// The metrics at this moment.
    ///
    /// # Errors
    /// None that can happen; the signature is that of the conversion.
    #[wasm_bindgen(unchecked_return_type = "Metrics")]
    pub fn metrics(&self) -> Result<JsValue, JsValue> {
        self.catch_up();
        to_js(&self.monitor.metrics())
    }

    /// Lets every worker hold what it has.
    pub fn pause(&self) {
        self.catch_up();
        self.monitor.control().pause();
        self.changed();
    }

    /// Goes on after a pause.
    pub fn resume(&self) {
        self.monitor.control().resume();
        self.changed();
    }

    /// While it is paused: goes on until one record more is finished, or the batch that it travels in.
    pub fn step(&self) {
        self.monitor.control().step();
        self.changed();
    }

    /// Takes from a configuration the number of Validators and of Transformers, the service times, the rate limit and
    /// the burst, and applies them at once.
    ///
    /// # Errors
    /// A `ConfigError` if the configuration is wrong; then nothing is changed.
    pub fn adjust(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Partial<Config>")] config: JsValue,
    ) -> Result<(), JsValue> {
        self.catch_up();
        self.monitor.adjust(&config_from_js(config)?).map_err(config_error)?;
        self.changed();
        Ok(())
    }

    /// How many simulated seconds pass in a real one, on the virtual clock; 0 or infinity, as many as there can be,
    /// which is the default.
    #[wasm_bindgen(js_name = setPace)]
    pub fn set_pace(&self, factor: f64) {
        if let Some(simulation) = &self.simulation {
            simulation.catch_up();
            simulation.pace.set(factor);
            self.changed();
        }
    }

    /// The seconds that the run has taken by its own clock, without its pauses.
    pub fn elapsed(&self) -> f64 {
        self.catch_up();
        self.monitor.elapsed().as_secs_f64()
    }

    /// Ends the source; what is in flight is finished.
    pub fn stop(&self) {
        self.catch_up();
        self.monitor.control().stop();
        self.end_input();
        self.changed();
    }

    /// Ends all stages at once; what is in flight is lost.
    pub fn abort(&self) {
        self.monitor.control().abort();
        self.end_input();
        self.changed();
    }

    /// The numbers of traced records of the inputs and their ids, in turn: those that were read since the last time.
    #[wasm_bindgen(js_name = takeIds, unchecked_return_type = "(number | string)[]")]
    pub fn take_ids(&self) -> js_sys::Array {
        let ids = self.monitor.tracer().take_ids();
        ids.into_iter().flat_map(|(number, id)| [JsValue::from_f64(number as f64), JsValue::from_str(&id)]).collect()
    }

    /// The rings of the event log in the engine's memory, one for each thread and one for all others; none if the
    /// configuration has no tracing. They stay there as long as the run is not freed.
    pub fn rings(&self) -> Vec<RingMemory> {
        self.monitor.tracer().rings().iter().map(|ring| ring.memory().into()).collect()
    }
}

impl Run {
    /// What is done now is done at this time also by the virtual clock.
    fn catch_up(&self) {
        if let Some(simulation) = &self.simulation {
            simulation.catch_up();
        }
    }

    /// Has whoever drives the run look what has been changed.
    fn changed(&self) {
        self.outside.change();
    }
}

async fn next_chunk(reader: &Rc<RefCell<Option<ChunkReader>>>) -> Option<Vec<u8>> {
    // Taken out while it is waited on, so that nothing is borrowed meanwhile.
    let mut taken = reader.borrow_mut().take()?;
    let chunk = taken.next().await;
    *reader.borrow_mut() = Some(taken);
    chunk
}

/// The runtime for a configuration; and the machine to be driven, where the stages have no threads of their own.
fn runtime(config: &Config, outside: &Arc<Outside>) -> (Arc<dyn Runtime>, Option<Machine>) {
    match config.runtime.kind {
        #[cfg(all(feature = "threads", target_arch = "wasm32"))]
        RuntimeKind::Pool => (Arc::new(clearpipe_core::runtime::Pool::global()), None),
        RuntimeKind::Virtual => {
            let machine = Virtual::new(config.runtime.cores, config.seed);
            let simulation = Simulation { machine: machine.clone(), outside: outside.clone(), pace: Rc::default() };
            (Arc::new(machine), Some(Machine::Virtual(simulation)))
        }
        _ => {
            let local = Local::new();
            (Arc::new(local.clone()), Some(Machine::Local(local)))
        }
    }
}
