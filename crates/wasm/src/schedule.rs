//! A run whose steps the page chooses and takes back. Each is executed by the same code as in the command.

use crate::error::{config_error, config_from_js, named, to_js};
use clearpipe_core::runtime::YieldPoints;
use clearpipe_core::schedule::{self, Goal, Next, Step, Wait};
use clearpipe_model::topology::ChannelId;
use serde::Serialize;
use std::collections::BTreeMap;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

/// A run that stands between two steps, and what is to be reached. Tasks are called `P`, `V1`, `V2`, `T1`, `F`, `L`, `E` and
/// `M`; a step is a task or `C`, for the clock.
#[wasm_bindgen]
pub struct Schedule {
    schedule: schedule::Schedule,
    goal: Goal,
}

/// What has become of the records and the tasks.
#[derive(Serialize)]
struct Standing<'a> {
    /// The records in each channel, the oldest first.
    channels: BTreeMap<&'static str, &'a [u64]>,
    /// The records that have been written to each file, in that order.
    processed: &'a [u64],
    failed: &'a [u64],
    /// The tasks that are blocked, and those that have ended.
    blocked: Vec<String>,
    ended: Vec<String>,
    #[serde(rename = "isOver")]
    is_over: bool,
    #[serde(rename = "isReached")]
    is_reached: bool,
}

#[wasm_bindgen]
impl Schedule {
    /// Starts a run of generated records, none of whose tasks has run yet.
    ///
    /// # Errors
    /// A `ConfigError` with all problems if the configuration is invalid, an `Error` if there is no such goal.
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_param_type = "Partial<Config>")] config: JsValue,
        #[wasm_bindgen(unchecked_param_type = "Goal")] goal: JsValue,
    ) -> Result<Schedule, JsValue> {
        let goal = serde_wasm_bindgen::from_value(goal)?;
        let schedule = schedule::Schedule::new(&config_from_js(config)?, YieldPoints::TAKEN).map_err(config_error)?;
        Ok(Schedule { schedule, goal })
    }

    /// Returns the tasks that are ready, in the order in which they were woken, each with what it would do.
    ///
    /// # Errors
    /// Never fails; the signature is that of the conversion.
    #[wasm_bindgen(unchecked_return_type = "[string, Next][]")]
    pub fn ready(&self) -> Result<JsValue, JsValue> {
        let ready = self.schedule.ready();
        to_js(&ready.iter().map(|(task, next)| (task.to_string(), *next)).collect::<Vec<(String, Next)>>())
    }

    /// Returns what the others wait for, stage by stage. A task can be there several times.
    ///
    /// # Errors
    /// Never fails; the signature is that of the conversion.
    #[wasm_bindgen(js_name = waitsFor, unchecked_return_type = "[string, Wait][]")]
    pub fn waits_for(&self) -> Result<JsValue, JsValue> {
        let waits = self.schedule.waits_for();
        to_js(&waits.iter().map(|(task, wait)| (task.to_string(), *wait)).collect::<Vec<(String, Wait)>>())
    }

    /// Returns the steps that are possible now.
    pub fn choices(&self) -> Vec<String> {
        self.schedule.choices().iter().map(ToString::to_string).collect()
    }

    /// Takes a step.
    ///
    /// # Errors
    /// An `Error` named `StepError` if it isn't possible now, or is none.
    pub fn step(&mut self, step: &str) -> Result<(), JsValue> {
        let step: Step = step.parse().map_err(step_error)?;
        self.schedule.step(step).map_err(step_error)
    }

    /// Lets a seed choose all further steps.
    #[wasm_bindgen(js_name = followSeed)]
    pub fn follow_seed(&mut self, seed: f64) {
        self.schedule.follow_seed(seed as u64);
    }

    /// Takes back the last step. Returns false if there is none.
    pub fn undo(&mut self) -> bool {
        self.schedule.undo()
    }

    /// Returns the steps so far.
    pub fn path(&self) -> Vec<String> {
        self.schedule.path().0.iter().map(ToString::to_string).collect()
    }

    /// Returns all events so far in order, 16 bytes each, as in [`LogReader::next_events`](crate::LogReader::next_events).
    pub fn events(&self) -> Vec<u64> {
        self.schedule.events().iter().flat_map(|event| event.pack()).collect()
    }

    /// Returns how many events there were before the first step, and after each.
    pub fn ends(&self) -> Vec<u32> {
        self.schedule.ends().iter().map(|&end| end as u32).collect()
    }

    /// Returns what has become of the records and the tasks, and whether the goal is reached.
    ///
    /// # Errors
    /// Never fails; the signature is that of the conversion.
    #[wasm_bindgen(unchecked_return_type = "Standing")]
    pub fn standing(&self) -> Result<JsValue, JsValue> {
        let state = self.schedule.state();
        let named =
            |is: &dyn Fn(_) -> bool| state.tasks().filter(|&task| is(task)).map(|task| task.to_string()).collect();
        to_js(&Standing {
            channels: ChannelId::ALL.map(|channel| (channel.name(), state.channel(channel))).into(),
            processed: state.processed(),
            failed: state.failed(),
            blocked: named(&|task| state.is_blocked(task)),
            ended: named(&|task| state.has_ended(task)),
            is_over: state.is_over(),
            is_reached: self.goal.is_reached(state),
        })
    }
}

fn step_error(error: impl std::error::Error) -> JsValue {
    named("StepError", &error.to_string())
}
