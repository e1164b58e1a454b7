//! The state of a run between two steps: all that decides how it can go on.
//!
//! It follows from the events so far and from what the runtime knows of its tasks: which are ready, and which wait for a
//! time. Each record is an item of its own, so the lines in which workers wait at a channel follow from the events too.

use super::setup::Setup;
use crate::metrics;
use crate::runtime::{Runtime, TaskId, Virtual};
use crate::trace::{Event, EventKind};
use clearpipe_model::topology::{ChannelId, FIRST_CHANNEL, Stage};
use std::time::Duration;

/// The state of a run between two steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// Whether Validators and Transformers yield after they have sent a record.
    yields_after_sending: bool,
    time: Duration,
    /// In the order of [`ChannelId::ALL`].
    channels: Vec<Channel>,
    /// In the order of the stages.
    workers: Vec<Worker>,
    /// In the order in which they were woken.
    ready: Vec<TaskId>,
    /// In the order in which they began to wait.
    sleeping: Vec<(TaskId, Duration)>,
    for_core: Vec<TaskId>,
    produced: u64,
    /// The records whose lines the Loader and the Error Handler have handed on to be written, in that order.
    written: [Vec<u64>; 2],
    /// How many of these lines have arrived in the files.
    flushed: [usize; 2],
    /// By consumer: how many records it has finished.
    finished: [u64; Stage::CONSUMERS.len()],
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Channel {
    capacity: usize,
    /// The oldest first.
    records: Vec<u64>,
    /// The workers that will be woken when a record arrives, in the order in which they came.
    receivers: Vec<TaskId>,
    /// The workers that wait for room, in the order in which they came.
    senders: Vec<TaskId>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Worker {
    task: TaskId,
    /// The records that it has taken and neither sent on nor finished, the oldest first.
    records: Vec<u64>,
    rest: Rest,
    /// How often it has run since it took or made a record. Counted only if that tells how far it is: if it takes time.
    runs: Option<u32>,
    /// To how many consumers the fan-out has sent its record, and from which channel it has taken it.
    sent: u32,
    taken_from: Option<ChannelId>,
}

/// Why a task stopped running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rest {
    /// It hasn't run yet.
    New,
    /// It lets others run.
    Yields,
    /// It waits for a record or, as the Producer, for the rate limit.
    Waiting,
    /// It waits for room, in a channel or in the window.
    Blocked,
    /// It takes a service time.
    Serves,
    /// It waits for a core.
    ForCore,
    /// It has ended.
    Ended,
}

impl State {
    pub(super) fn new(setup: &Setup) -> State {
        let channel = |channel| Channel {
            capacity: setup.plan.capacity(channel),
            records: Vec::new(),
            receivers: Vec::new(),
            senders: Vec::new(),
        };
        let has_rate = setup.config.generator.rate_limit > 0.0;
        let workers = |stage: Stage| {
            let takes_time = setup.serves(stage) || (stage == Stage::Producer && has_rate);
            (0..setup.plan.workers(stage)).map(move |worker| Worker {
                task: TaskId { stage, worker: worker as u16 },
                records: Vec::new(),
                rest: Rest::New,
                runs: takes_time.then_some(0),
                sent: 0,
                taken_from: None,
            })
        };
        State {
            yields_after_sending: setup.yields.sent,
            time: Duration::ZERO,
            channels: ChannelId::ALL.map(channel).into(),
            workers: Stage::ALL.into_iter().flat_map(workers).collect(),
            ready: Vec::new(),
            sleeping: Vec::new(),
            for_core: Vec::new(),
            produced: 0,
            written: Default::default(),
            flushed: [0; 2],
            finished: Default::default(),
        }
    }

    /// Returns the time on the virtual clock.
    pub fn time(&self) -> Duration {
        self.time
    }

    /// Returns the records in a channel, the oldest first.
    pub fn channel(&self, channel: ChannelId) -> &[u64] {
        &self.at(channel).records
    }

    /// Returns how many records fit into a channel.
    pub fn capacity(&self, channel: ChannelId) -> usize {
        self.at(channel).capacity
    }

    /// Returns the records whose lines the Loader has handed on to be written, in that order.
    pub fn processed(&self) -> &[u64] {
        &self.written[0]
    }

    /// Returns the records whose lines the Error Handler has handed on to be written, in that order.
    pub fn failed(&self) -> &[u64] {
        &self.written[1]
    }

    /// Returns how many records the Producer has made.
    pub fn produced(&self) -> u64 {
        self.produced
    }

    /// Returns all tasks of the run, stage by stage, those that have ended among them.
    pub fn tasks(&self) -> impl Iterator<Item = TaskId> + '_ {
        self.workers.iter().map(|worker| worker.task)
    }

    /// Returns the tasks that are ready to run, in the order in which they were woken.
    pub fn ready(&self) -> &[TaskId] {
        &self.ready
    }

    /// Returns the records that a worker has taken and neither sent on nor finished, the oldest first. A consumer that
    /// restores the order keeps records until their turn comes.
    pub fn records(&self, task: TaskId) -> &[u64] {
        self.worker(task).map_or(&[], |worker| &worker.records)
    }

    /// Returns whether a worker waits for room in a channel, or because too many records are in flight.
    pub fn is_blocked(&self, task: TaskId) -> bool {
        let is_in_line = self.channels.iter().any(|channel| channel.senders.contains(&task));
        is_in_line || (self.rests(task, Rest::Blocked) && !self.ready.contains(&task))
    }

    /// Returns whether a task has ended.
    pub fn has_ended(&self, task: TaskId) -> bool {
        self.rests(task, Rest::Ended)
    }

    /// Returns whether all tasks have ended.
    pub fn is_over(&self) -> bool {
        self.workers.iter().all(|worker| worker.rest == Rest::Ended)
    }

    /// Returns whether the run isn't over although no task is ready and none waits for a time.
    pub fn is_deadlock(&self) -> bool {
        self.ready.is_empty() && self.sleeping.is_empty() && !self.is_over()
    }

    /// Returns the workers that wait for room in a channel, in the order in which they came.
    pub(super) fn senders_in_line(&self, channel: ChannelId) -> &[TaskId] {
        &self.at(channel).senders
    }

    /// Returns whether no record will ever arrive in a channel any more.
    pub(super) fn is_closed(&self, channel: ChannelId) -> bool {
        let mut senders = self.workers.iter().filter(|worker| channel.senders().contains(&worker.task.stage));
        senders.all(|sender| sender.rest == Rest::Ended)
    }

    /// Returns whether a task was blocked and has sent its record meanwhile, but will yield before it does anything else.
    pub(super) fn is_to_yield(&self, task: TaskId) -> bool {
        let has_sent = self.rests(task, Rest::Blocked) && !self.is_blocked(task) && self.records(task).is_empty();
        has_sent && task.stage.is_pool() && self.yields_after_sending
    }

    pub(super) fn waits_for_record(&self, task: TaskId) -> bool {
        self.rests(task, Rest::Waiting)
    }

    pub(super) fn waits_for_core(&self, task: TaskId) -> bool {
        self.rests(task, Rest::ForCore)
    }

    pub(super) fn is_serving(&self, task: TaskId) -> bool {
        self.rests(task, Rest::Serves) || self.rests(task, Rest::ForCore)
    }

    /// Returns the times that a task waits for.
    pub(super) fn deadlines(&self, task: TaskId) -> impl Iterator<Item = Duration> + '_ {
        self.sleeping.iter().filter(move |(other, _)| *other == task).map(|(_, deadline)| *deadline)
    }

    /// Returns the channel that the fan-out has taken its latest record from, and to how many consumers it has sent it.
    pub(super) fn fan_out(&self, task: TaskId) -> (Option<ChannelId>, usize) {
        self.worker(task).map_or((None, 0), |worker| (worker.taken_from, worker.sent as usize))
    }

    /// Returns whether some lines of the Loader or of the Error Handler haven't arrived in its file.
    pub(super) fn has_unwritten(&self, stage: Stage) -> bool {
        file(stage).is_some_and(|file| self.written[file].len() > self.flushed[file])
    }

    fn at(&self, channel: ChannelId) -> &Channel {
        &self.channels[index(channel)]
    }

    fn worker(&self, task: TaskId) -> Option<&Worker> {
        self.workers.iter().find(|worker| worker.task == task)
    }

    fn rests(&self, task: TaskId, as_: Rest) -> bool {
        self.worker(task).is_some_and(|worker| worker.rest == as_)
    }

    /// Follows an event.
    pub(super) fn apply(&mut self, event: Event) {
        if event.node < FIRST_CHANNEL {
            self.apply_at_stage(event);
        } else if let Some(record) = event.record
            && let Some(&channel) = ChannelId::ALL.iter().find(|channel| channel.node_id() == event.node)
        {
            self.apply_in_channel(event, channel, record);
        }
    }

    fn apply_in_channel(&mut self, event: Event, channel: ChannelId, record: u64) {
        let State { channels, workers, .. } = self;
        let inside = &mut channels[index(channel)];
        // A record is at one worker of the stages that send to a channel.
        let mut senders = workers.iter_mut().filter(|worker| channel.senders().contains(&worker.task.stage));
        match event.kind {
            EventKind::Depart => {
                inside.records.retain(|&other| other != record);
                let stage = channel.receivers().first();
                let taker =
                    |worker: &&mut Worker| Some(&worker.task.stage) == stage && worker.task.worker == event.worker;
                if let Some(receiver) = workers.iter_mut().find(taker) {
                    inside.receivers.retain(|&other| other != receiver.task);
                    receiver.records.push(record);
                    receiver.takes(channel);
                }
            }
            EventKind::Arrive => {
                inside.records.push(record);
                if !inside.receivers.is_empty() {
                    // It is woken, and has left the line.
                    inside.receivers.remove(0);
                }
                if let Some(sender) = senders.find(|worker| worker.records.contains(&record)) {
                    inside.senders.retain(|&other| other != sender.task);
                    sender.has_sent(record);
                }
            }
            EventKind::Blocked => {
                if let Some(sender) = senders.find(|worker| worker.records.contains(&record)) {
                    inside.senders.push(sender.task);
                }
            }
            _ => {}
        }
    }

    fn apply_at_stage(&mut self, event: Event) {
        let is_its =
            |worker: &&mut Worker| worker.task.stage.node_id() == event.node && worker.task.worker == event.worker;
        let Some(worker) = self.workers.iter_mut().find(is_its) else { return };
        let stage = worker.task.stage;
        match (event.kind, event.record) {
            (EventKind::RunStart, _) => worker.runs.iter_mut().for_each(|runs| *runs += 1),
            (EventKind::Produced, Some(record)) => {
                worker.records.push(record);
                worker.runs.iter_mut().for_each(|runs| *runs = 0);
                self.produced += 1;
            }
            (EventKind::Written, Some(record)) => {
                if let Some(file) = file(stage) {
                    self.written[file].push(record);
                }
            }
            (EventKind::WorkEnd, Some(record)) if !stage.is_pool() => {
                worker.records.retain(|&other| other != record);
                if let Some(consumer) = stage.consumer() {
                    self.finished[consumer] += 1;
                }
            }
            _ => {}
        }
    }

    /// Notes what the runtime knows after a step, why the task that ran has stopped, and how many lines are in the files.
    pub(super) fn settle(&mut self, machine: &Virtual, ran: Option<(TaskId, metrics::State)>, flushed: [usize; 2]) {
        (self.time, self.ready, self.sleeping) = (machine.now(), machine.ready(), machine.sleeping());
        self.flushed = flushed;
        let Some((task, state)) = ran else { return };
        let rest = match state {
            metrics::State::Gone => Rest::Ended,
            // No other task has run since.
            _ if self.ready.contains(&task) => Rest::Yields,
            metrics::State::Busy => Rest::Serves,
            metrics::State::Ready => Rest::ForCore,
            metrics::State::Blocked => Rest::Blocked,
            metrics::State::Waiting => Rest::Waiting,
        };
        if let Some(worker) = self.workers.iter_mut().find(|worker| worker.task == task) {
            worker.rest = rest;
        }
        if rest == Rest::Waiting {
            // It keeps its place if it has one.
            let inputs = ChannelId::ALL.into_iter().filter(|channel| channel.receivers().contains(&task.stage));
            inputs.for_each(|channel| join(&mut self.channels[index(channel)].receivers, task));
        }
        if rest == Rest::ForCore {
            join(&mut self.for_core, task);
        } else {
            self.for_core.retain(|&other| other != task);
        }
    }

    /// Returns all that decides how the run can go on. It is the same for two states that differ only in the numbers of
    /// workers within a stage, since those are interchangeable.
    pub(super) fn key(&self) -> Box<[u32]> {
        let mut key = Vec::with_capacity(96);
        put_time(&mut key, self.time);
        key.push(self.produced as u32);
        let lists = self.channels.iter().map(|channel| &channel.records).chain(&self.written);
        lists.for_each(|records| put_records(&mut key, records));
        key.extend(self.finished.map(|finished| finished as u32));
        let mut rest = &self.workers[..];
        while let Some(first) = rest.first() {
            let (same, others) = rest.split_at(rest.partition_point(|worker| worker.task.stage == first.task.stage));
            let mut keys: Vec<Vec<u32>> = same.iter().map(|worker| self.key_of(worker)).collect();
            keys.sort_unstable();
            for of_worker in keys {
                key.push(of_worker.len() as u32);
                key.extend(of_worker);
            }
            rest = others;
        }
        key.into()
    }

    /// Returns the first of the ready tasks among those that are in the same situation: the others lead to the same.
    pub(super) fn distinct_ready(&self) -> Vec<TaskId> {
        let mut seen: Vec<(Stage, Vec<u32>)> = Vec::new();
        let is_new = |task: &TaskId| {
            let Some(worker) = self.worker(*task) else { return false };
            let situation = (task.stage, self.key_of(worker));
            let is_new = !seen.contains(&situation);
            seen.push(situation);
            is_new
        };
        self.ready.iter().copied().filter(is_new).collect()
    }

    fn key_of(&self, worker: &Worker) -> Vec<u32> {
        let &Worker { task, ref records, rest, runs, sent, taken_from } = worker;
        let is_ready = self.ready.contains(&task);
        // Why a task has stopped doesn't matter any more if it is ready and has nothing.
        let is_at_rest = is_ready && records.is_empty() && !self.is_to_yield(task);
        let rest = if is_at_rest { 0 } else { 1 + rest as u32 };
        let mut key = vec![u32::from(is_ready), rest, runs.unwrap_or(0), sent];
        key.push(taken_from.filter(|_| task.stage == Stage::FanOut).map_or(0, |channel| channel.node_id().into()));
        key.push(u32::from(self.has_unwritten(task.stage)));
        put_records(&mut key, records);
        let lines = self.channels.iter().flat_map(|channel| [&channel.receivers, &channel.senders]);
        for (line, at) in lines.chain([&self.for_core]).zip(0..) {
            if let Some(place) = line.iter().position(|&other| other == task) {
                key.extend([at, place as u32]);
            }
        }
        key.push(u32::MAX);
        self.deadlines(task).for_each(|deadline| put_time(&mut key, deadline.saturating_sub(self.time)));
        key
    }
}

impl Worker {
    fn takes(&mut self, channel: ChannelId) {
        self.runs.iter_mut().for_each(|runs| *runs = 0);
        (self.sent, self.taken_from) = (0, Some(channel));
    }

    fn has_sent(&mut self, record: u64) {
        if self.task.stage == Stage::FanOut {
            // It has the record until all consumers have it.
            self.sent += 1;
        } else {
            self.records.retain(|&other| other != record);
            self.runs.iter_mut().for_each(|runs| *runs = 0);
        }
    }
}

/// Which of the two files a stage writes.
fn file(stage: Stage) -> Option<usize> {
    match stage {
        Stage::Loader => Some(0),
        Stage::ErrorHandler => Some(1),
        _ => None,
    }
}

fn index(channel: ChannelId) -> usize {
    usize::from(channel.node_id() - FIRST_CHANNEL)
}

fn join(line: &mut Vec<TaskId>, task: TaskId) {
    if !line.contains(&task) {
        line.push(task);
    }
}

fn put_records(key: &mut Vec<u32>, records: &[u64]) {
    key.push(records.len() as u32);
    key.extend(records.iter().map(|&record| record as u32));
}

fn put_time(key: &mut Vec<u32>, time: Duration) {
    let nanos = time.as_nanos() as u64;
    key.extend([(nanos >> 32) as u32, nanos as u32]);
}
