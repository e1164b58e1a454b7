//! A run of generated records on the virtual clock, whose steps are chosen.

use super::Step;
use super::lines::Lines;
use super::setup::Setup;
use super::state::State;
use crate::config::ConfigError;
use crate::pipeline::{self, Handle, Monitor, Outputs, RecordsFrom};
use crate::runtime::{TaskId, Virtual};
use crate::trace::Event;
use std::sync::Arc;

/// A run that stands between two steps.
pub(super) struct Execution {
    machine: Virtual,
    monitor: Arc<Monitor>,
    /// Kept so that the run isn't told that nobody waits for its end.
    _handle: Handle,
    pub state: State,
    pub events: Vec<Event>,
    /// How many of them there were before the first step, and after each.
    pub ends: Vec<usize>,
    pub processed: Lines,
    pub failed: Lines,
}

impl Execution {
    /// Starts a run. None of its tasks has run yet.
    ///
    /// # Errors
    /// If the configuration is invalid, which [`Setup::new`] has checked.
    pub fn start(setup: &Setup) -> Result<Execution, ConfigError> {
        let Setup { config, yields, .. } = setup;
        // The seed is never used: tasks run by choice.
        let machine = Virtual::new(config.runtime.cores, 0).with_yields(*yields).with_choices();
        let (processed, failed) = (Lines::default(), Lines::default());
        let outputs = Outputs { processed: Box::new(processed.clone()), failed: Box::new(failed.clone()), log: None };
        let handle = pipeline::start(config, RecordsFrom::Generator, outputs, Arc::new(machine.clone()))?;
        let (monitor, state) = (handle.monitor(), State::new(setup));
        let mut started = Execution {
            machine,
            monitor,
            _handle: handle,
            state,
            events: Vec::new(),
            ends: Vec::new(),
            processed,
            failed,
        };
        started.follow(None);
        Ok(started)
    }

    /// Takes a step. Returns false, and does nothing, if that isn't possible now.
    pub fn step(&mut self, step: Step) -> bool {
        let is_taken = match step {
            Step::Run(task) => self.machine.run(task),
            Step::MoveOn => !self.machine.has_task() && !self.state.is_over() && self.machine.move_on(),
        };
        if is_taken {
            self.follow(match step {
                Step::Run(task) => Some(task),
                Step::MoveOn => None,
            });
        }
        is_taken
    }

    /// Returns the steps that are possible now: the ready tasks in the order in which they were woken or, if none is
    /// ready, that the clock moves on.
    pub fn choices(&self) -> Vec<Step> {
        let ready = self.state.ready();
        let waits_for_time = ready.is_empty() && !self.state.is_over() && self.machine.next_deadline().is_some();
        if waits_for_time { vec![Step::MoveOn] } else { ready.iter().copied().map(Step::Run).collect() }
    }

    /// Works out the state after the given task has run.
    fn follow(&mut self, ran: Option<TaskId>) {
        let Execution { machine, monitor, state, events, ends, processed, failed, .. } = self;
        for ring in monitor.tracer().rings() {
            ring.drain(|packed| {
                if let Some(event) = Event::unpack(packed) {
                    state.apply(event);
                    events.push(event);
                }
            });
        }
        ends.push(events.len());
        let rests_as = ran.and_then(|task| Some((task, monitor.state(task)?)));
        state.settle(machine, rests_as, [processed.count(), failed.count()]);
    }
}

impl Drop for Execution {
    /// Ends the run: its tasks hold each other in memory by what they wait for.
    fn drop(&mut self) {
        self.monitor.control().abort();
        while self.machine.run_task() {}
    }
}
