//! Who works in a run: the seats, who sits on them, and how they come and go.
//!
//! A seat has one task at most. A worker that is dismissed finishes what it has and leaves; if its seat is wanted again
//! before it has left, the next one begins when it has. The run ends when nobody is left.

use crate::batch::Weight;
use crate::channel::{Channel, Window};
use crate::config::{Config, ConfigError};
use crate::metrics::WorkerMetrics;
use crate::place::Stage;
use crate::stages::StageError;
use crate::stages::seat::{Run, Seat};
use crate::stages::task::{Ended, Task};
use futures::channel::oneshot;
use futures::future::BoxFuture;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What a worker does until it ends.
pub type Work = BoxFuture<'static, Ended>;

/// A stage with any number of workers, and how one more is put to work. It knows the channels, but has no end of any.
pub struct Team {
    stage: Stage,
    input: Box<dyn Input>,
    work: Box<dyn Assign>,
}

/// Gives a worker its ends of the channels, and says what it does with them.
trait Assign: Fn(&Arc<Seat>) -> Work + Send + Sync {}

impl<F: Fn(&Arc<Seat>) -> Work + Send + Sync> Assign for F {}

/// The channel that the workers of a team share.
trait Input: Send + Sync {
    /// Whether nothing is in it and nothing more will come.
    fn is_over(&self) -> bool;

    /// Has those who wait for something look whether they are dismissed.
    fn rouse(&self);
}

impl<T: Weight + Send> Input for Channel<T> {
    fn is_over(&self) -> bool {
        self.is_over()
    }

    fn rouse(&self) {
        self.wake_receivers();
    }
}

impl Team {
    /// The team of a stage; `work` gives a worker its ends of the channels.
    pub fn new<T: Weight + Send + 'static>(
        stage: Stage,
        input: &Channel<T>,
        work: impl Fn(&Arc<Seat>) -> Work + Send + Sync + 'static,
    ) -> Team {
        Team { stage, input: Box::new(input.clone()), work: Box::new(work) }
    }
}

/// All workers of a run.
pub struct Crew {
    run: Run,
    window: Option<Arc<Window>>,
    roll: Mutex<Roll>,
}

/// An error that a worker ended with, and whose.
pub type Failure = (Stage, u16, StageError);

struct Roll {
    /// That of the start, with the number of workers that is wanted now.
    config: Config,
    teams: Vec<Arc<Team>>,
    /// By stage and worker.
    places: [Vec<Place>; Stage::ALL.len()],
    at_work: usize,
    failures: Vec<Failure>,
    ended: Option<oneshot::Sender<Vec<Failure>>>,
}

struct Place {
    seat: Arc<Seat>,
    is_taken: bool,
}

impl Crew {
    /// Nobody yet. The receiver gets all failures when the last worker has left.
    pub fn new(
        run: &Run,
        config: &Config,
        window: Option<Arc<Window>>,
    ) -> (Arc<Crew>, oneshot::Receiver<Vec<Failure>>) {
        let (ended, end) = oneshot::channel();
        let roll = Roll {
            config: config.clone(),
            teams: Vec::new(),
            places: Default::default(),
            at_work: 0,
            failures: Vec::new(),
            ended: Some(ended),
        };
        (Arc::new(Crew { run: run.clone(), window, roll: Mutex::new(roll) }), end)
    }

    /// Gives a stage its only worker. It begins when the task is spawned, which is to be after all have their places.
    pub fn post(self: &Arc<Self>, stage: Stage, work: impl FnOnce(&Arc<Seat>) -> Work) -> Task {
        let mut roll = self.roll();
        let seat = roll.take_place(&self.run, stage, 0);
        Task::new(&seat, work(&seat), self)
    }

    /// Gives a stage its team.
    pub fn post_team(self: &Arc<Self>, team: Team) -> Vec<Task> {
        let mut roll = self.roll();
        let stage = team.stage;
        roll.teams.push(Arc::new(team));
        roll.fill(self, stage)
    }

    /// Applies what of a configuration can be changed while the run goes on.
    ///
    /// # Errors
    /// If the configuration is wrong; then nothing is changed.
    pub fn adjust(self: &Arc<Self>, config: &Config) -> Result<(), ConfigError> {
        config.check()?;
        let mut roll = self.roll();
        roll.config.validator.workers = Some(config.workers_of(Stage::Validator));
        roll.config.transformer.workers = Some(config.workers_of(Stage::Transformer));
        self.run.tuning.set(config);
        if let Some(window) = &self.window {
            window.resize(roll.config.window_size());
        }
        let mut hired = Vec::new();
        for stage in [Stage::Validator, Stage::Transformer] {
            roll.dismiss(stage);
            hired.extend(roll.fill(self, stage));
        }
        // A runtime that has ended drops tasks, and they report that: not under the lock.
        drop(roll);
        self.run.control.tell_of_change();
        hired.into_iter().for_each(Task::spawn);
        Ok(())
    }

    /// A worker has left its seat.
    pub fn left(self: &Arc<Self>, seat: &Arc<Seat>, ended: Ended) {
        let mut roll = self.roll();
        roll.places[seat.stage as usize][seat.worker as usize].is_taken = false;
        roll.at_work -= 1;
        let mut next = None;
        match ended {
            // Perhaps its seat is wanted again by now.
            Ok(()) | Err(StageError::Dismissed) => next = roll.hire(self, seat.stage, seat.worker as usize),
            // The stage behind is the one to blame.
            Err(StageError::Disconnected) => {}
            Err(error) => roll.failures.push((seat.stage, seat.worker, error)),
        }
        if roll.at_work == 0
            && let Some(end) = roll.ended.take()
        {
            let _ = end.send(std::mem::take(&mut roll.failures));
        }
        drop(roll);
        next.into_iter().for_each(Task::spawn);
    }

    /// What was measured of the workers of a stage; also of those who have left.
    pub fn metrics(&self, stage: Stage, elapsed: Duration) -> Vec<WorkerMetrics> {
        let roll = self.roll();
        let places = roll.places[stage as usize].iter();
        places.map(|place| WorkerMetrics::of(&place.seat.activity, elapsed)).collect()
    }

    fn roll(&self) -> MutexGuard<'_, Roll> {
        self.roll.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Roll {
    /// Dismisses whoever of a stage is too many, and nobody else.
    fn dismiss(&mut self, stage: Stage) {
        let wanted = self.config.workers_of(stage);
        for (worker, place) in self.places[stage as usize].iter().enumerate() {
            place.seat.dismiss(worker >= wanted);
        }
        self.teams.iter().filter(|team| team.stage == stage).for_each(|team| team.input.rouse());
    }

    /// Has somebody on every seat of a stage that is wanted.
    fn fill(&mut self, crew: &Arc<Crew>, stage: Stage) -> Vec<Task> {
        (0..self.config.workers_of(stage)).filter_map(|worker| self.hire(crew, stage, worker)).collect()
    }

    /// Has somebody on a seat, if it is free and wanted, and there will be anything to do.
    fn hire(&mut self, crew: &Arc<Crew>, stage: Stage, worker: usize) -> Option<Task> {
        let team = self.teams.iter().find(|team| team.stage == stage)?.clone();
        let is_taken = self.places[stage as usize].get(worker).is_some_and(|place| place.is_taken);
        let is_wanted = worker < self.config.workers_of(stage) && self.ended.is_some() && !team.input.is_over();
        (is_wanted && !is_taken).then(|| {
            let seat = self.take_place(&crew.run, stage, worker);
            Task::new(&seat, (team.work)(&seat), crew)
        })
    }

    /// The seat of a worker, which may have been another one's before.
    fn take_place(&mut self, run: &Run, stage: Stage, worker: usize) -> Arc<Seat> {
        let places = &mut self.places[stage as usize];
        if places.len() == worker {
            places.push(Place { seat: Seat::new(stage, worker as u16, run), is_taken: false });
        }
        let place = &mut places[worker];
        place.is_taken = true;
        self.at_work += 1;
        place.seat.clone()
    }
}
