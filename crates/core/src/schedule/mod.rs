//! The schedule of a run as something to decide: which of the ready tasks runs next.
//!
//! A [`Schedule`] runs generated records on the virtual clock, step by step, and each step is a choice. Where tasks stand
//! is told by [`Next`] and [`Wait`], and what has become of the records by [`State`]. The path of steps so far says it
//! all: executing it once more gives the same events. So a step is undone by executing the path without it.
//!
//! [`search`] finds the shortest path to a [`Goal`].

mod execution;
mod goal;
mod lines;
mod search;
mod setup;
mod standing;
mod state;
mod step;

pub use goal::Goal;
pub use search::{Search, search, search_from};
pub use standing::{Next, Wait};
pub use state::State;
pub use step::{NoStep, Path, Step};

use crate::config::{Config, ConfigError};
use crate::runtime::{TaskId, YieldPoints};
use crate::trace::Event;
use clearpipe_model::random::Random;
use execution::Execution;
use setup::Setup;

/// A step that can't be taken now: the task isn't ready, or the clock doesn't move on because a task is, or because no
/// task waits for a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{step} can't be the next step")]
pub struct NotPossible {
    /// The step.
    pub step: Step,
}

/// A run of generated records whose steps are chosen one by one, undone and redone.
///
/// ```
/// use clearpipe_core::config::Config;
/// use clearpipe_core::runtime::YieldPoints;
/// use clearpipe_core::schedule::{Next, Schedule};
/// use clearpipe_model::topology::ChannelId;
///
/// let mut config = Config { records: 2, workers: 1, ..Config::default() };
/// config.generator.invalid_value = "off".parse()?;
/// let mut schedule = Schedule::new(&config, YieldPoints::TAKEN)?;
/// for step in "P V1".parse::<clearpipe_core::schedule::Path>()?.0 {
///     schedule.step(step)?;
/// }
/// let (validator, next) = schedule.ready()[5];
/// assert_eq!(validator.to_string(), "V1");
/// // Whether record 0 is valid follows from the configuration: its unit isn't.
/// assert_eq!(next, Next::Sends { record: 0, channel: ChannelId::ValidCh });
/// schedule.undo();
/// assert_eq!(schedule.path().to_string(), "P");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Schedule {
    setup: Setup,
    run: Execution,
    path: Path,
    /// The steps that were undone, the first one last.
    undone: Vec<Step>,
}

impl Schedule {
    /// Starts a run of the generated records of a configuration, whose workers yield at the given places. No task has run
    /// yet. It is on the virtual clock, record by record, with a complete event log and with its results in memory,
    /// whatever the configuration says of that. Its seeds of the schedule are never used.
    ///
    /// # Errors
    /// If the configuration is invalid.
    pub fn new(config: &Config, yields: YieldPoints) -> Result<Schedule, ConfigError> {
        let setup = Setup::new(config, yields)?;
        let run = begin(&setup);
        Ok(Schedule { setup, run, path: Path::default(), undone: Vec::new() })
    }

    /// Returns the tasks that are ready to run, in the order in which they were woken, and what each would do.
    pub fn ready(&self) -> Vec<(TaskId, Next)> {
        let next = |&task: &TaskId| (task, standing::next(&self.setup, &self.run.state, task));
        self.run.state.ready().iter().map(next).collect()
    }

    /// Returns what the tasks wait for that aren't ready and haven't ended, stage by stage. A task can wait for several
    /// things, and goes on when one of them has come.
    pub fn waits_for(&self) -> Vec<(TaskId, Wait)> {
        let state = &self.run.state;
        let waiting = state.tasks().filter(|task| !state.ready().contains(task) && !state.has_ended(*task));
        waiting.flat_map(|task| standing::waits(state, task).into_iter().map(move |wait| (task, wait))).collect()
    }

    /// Returns the steps that are possible now: a step for each ready task or, if none is ready, that the clock moves on.
    /// There are none when the run is over, or in a deadlock.
    pub fn choices(&self) -> Vec<Step> {
        self.run.choices()
    }

    /// Takes a step. What was undone before can't be redone any more, unless the step is the one that was undone last.
    ///
    /// # Errors
    /// If the step isn't possible now; then nothing changes.
    pub fn step(&mut self, step: Step) -> Result<(), NotPossible> {
        if !self.run.step(step) {
            return Err(NotPossible { step });
        }
        if self.undone.pop() != Some(step) {
            self.undone.clear();
        }
        self.path.0.push(step);
        Ok(())
    }

    /// Runs a task until it waits, yields or ends.
    ///
    /// # Errors
    /// If it isn't ready; then nothing changes.
    pub fn run(&mut self, task: TaskId) -> Result<(), NotPossible> {
        self.step(Step::Run(task))
    }

    /// Advances the clock to the next deadline.
    ///
    /// # Errors
    /// If a task is ready, or none waits for a time; then nothing changes.
    pub fn move_on(&mut self) -> Result<(), NotPossible> {
        self.step(Step::MoveOn)
    }

    /// Lets a seed choose all further steps, as the virtual clock does with [`runtime.seed`](Config::schedule_seed), until
    /// the run is over or in a deadlock.
    pub fn follow_seed(&mut self, seed: u64) {
        let mut random = Random::new(seed);
        loop {
            let choices = self.choices();
            let chosen = match choices[..] {
                [] => return,
                [Step::MoveOn] => 0,
                _ => random.below(choices.len() as u64) as usize,
            };
            let is_taken = self.step(choices[chosen]).is_ok();
            debug_assert!(is_taken, "what can be chosen is possible");
        }
    }

    /// Takes back the last step. Returns false if there is none.
    pub fn undo(&mut self) -> bool {
        let Some(last) = self.path.0.pop() else { return false };
        self.undone.push(last);
        self.run = begin(&self.setup);
        for &step in &self.path.0 {
            let is_taken = self.run.step(step);
            debug_assert!(is_taken, "the same steps lead to the same state");
        }
        true
    }

    /// Takes the step again that was taken back last. Returns false if there is none.
    pub fn redo(&mut self) -> bool {
        self.undone.last().copied().is_some_and(|step| self.step(step).is_ok())
    }

    /// Returns the steps so far.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the current state.
    pub fn state(&self) -> &State {
        &self.run.state
    }

    /// Returns all events so far, in order.
    pub fn events(&self) -> &[Event] {
        &self.run.events
    }

    /// Returns how many events there were before the first step, and after each of the steps so far.
    pub fn ends(&self) -> &[usize] {
        &self.run.ends
    }

    /// Returns the lines that are in the file of processed records. The Loader writes them there together, so that they
    /// come after its [events](crate::trace::EventKind::Written).
    pub fn processed(&self) -> Vec<u8> {
        self.run.processed.bytes()
    }

    /// Returns the lines that are in the file of failed records.
    pub fn failed(&self) -> Vec<u8> {
        self.run.failed.bytes()
    }
}

fn begin(setup: &Setup) -> Execution {
    match Execution::start(setup) {
        Ok(run) => run,
        Err(_) => unreachable!("the setup has checked the configuration"),
    }
}
