//! The state of a worker, worked out from what happened to its records and, if the log has them, from the events of its
//! task. `web/analysis/worker-state-machine.ts` does the same for the page.

use super::pipeline::Role;
use crate::trace::EventKind;

/// What a worker does, as far as events show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// It works on a record, or takes a service time.
    Busy,
    /// It could continue, but has no thread.
    Ready,
    /// It can't send because a channel is full, or because too many records are in flight.
    Blocked,
    /// It waits for something to receive.
    Waiting,
}

impl Doing {
    /// Returns its name, as in metrics.
    pub fn name(self) -> &'static str {
        match self {
            Doing::Busy => "busy",
            Doing::Ready => "ready",
            Doing::Blocked => "blocked",
            Doing::Waiting => "waiting",
        }
    }
}

/// A worker: what its events have told so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Worker {
    flags: u16,
    /// How many records it has begun and not finished.
    open: u32,
    /// The record's number plus one, or 0.
    record: u64,
}

/// There was an event of it.
const KNOWN: u16 = 1;
/// It has a record, or its task works.
const BUSY: u16 = 1 << 1;
const BLOCKED: u16 = 1 << 2;
const READY: u16 = 1 << 3;
const RUNNING: u16 = 1 << 4;
/// The log has events of its task, which tell when it begins to wait.
const TASK: u16 = 1 << 5;
/// Its task was woken while it ran.
const WOKEN_AGAIN: u16 = 1 << 6;
/// As a consumer, it takes its service time.
const SERVING: u16 = 1 << 7;
/// Its task has stopped for that.
const SLEPT: u16 = 1 << 8;
/// As a source, it has sent its last record.
const DONE: u16 = 1 << 9;

impl Worker {
    pub(super) fn is_known(&self) -> bool {
        self.has(KNOWN)
    }

    pub(super) fn doing(&self) -> Doing {
        match () {
            () if self.has(READY) => Doing::Ready,
            () if self.has(BLOCKED) => Doing::Blocked,
            () if self.has(BUSY) => Doing::Busy,
            () => Doing::Waiting,
        }
    }

    pub(super) fn record(&self) -> Option<u64> {
        self.record.checked_sub(1)
    }

    /// Returns its parts as numbers, from which [`Worker::of`] makes it again.
    pub(super) fn parts(&self) -> [u64; 3] {
        [self.flags.into(), self.open.into(), self.record]
    }

    pub(super) fn of([flags, open, record]: [u64; 3]) -> Option<Worker> {
        Some(Worker { flags: flags.try_into().ok()?, open: open.try_into().ok()?, record })
    }

    /// Returns whether the same events make the same of it and of another one. Whether the log has events of its task
    /// doesn't matter while it rests: it is told before it does anything else. How many records a consumer has begun never
    /// matters, and as it may always keep some until their turn comes, events alone could never tell.
    pub(super) fn continues_like(self, other: Worker, role: Role) -> bool {
        let essence = |worker: Worker| {
            let flags = worker.flags & !KNOWN;
            let open = if role.is_consumer { 0 } else { worker.open };
            let is_at_rest = flags & !(TASK | DONE) == 0 && open == 0 && worker.record == 0;
            Worker { flags: if is_at_rest { 0 } else { flags }, open, ..worker }
        };
        essence(self) == essence(other)
    }

    fn has(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }

    fn set(&mut self, flag: u16, on: bool) {
        self.flags = if on { self.flags | flag } else { self.flags & !flag };
    }

    /// From now on, the log has no events of its task.
    pub(super) fn forget_task(&mut self) {
        self.set(TASK | RUNNING | READY | WOKEN_AGAIN | SLEPT, false);
    }

    /// Applies an event of it: of the stage, or of a channel that it sends to or receives from.
    pub(super) fn apply(
        &mut self,
        role: Role,
        is_rate_limited: bool,
        kind: EventKind,
        in_channel: bool,
        record: Option<u64>,
    ) {
        self.set(KNOWN, true);
        let record = record.map_or(0, |record| record + 1);
        if in_channel {
            self.in_channel(role, is_rate_limited, kind, record);
        } else {
            self.at_stage(role, is_rate_limited, kind, record);
        }
    }

    fn in_channel(&mut self, role: Role, is_rate_limited: bool, kind: EventKind, record: u64) {
        match kind {
            EventKind::Depart => {
                self.set(BUSY, true);
                self.record = record;
            }
            EventKind::Blocked => {
                self.set(BLOCKED, true);
                self.record = record;
            }
            EventKind::Released => self.set(BLOCKED, false),
            // The record that it made is gone. (Of another one, its channel was told.)
            EventKind::Dropped if role.is_source && record == self.record => self.produces(role, is_rate_limited),
            EventKind::Arrive => {
                self.set(BLOCKED, false);
                if role.is_source {
                    // Numbers begin at 0, and `record` is one more.
                    if record == role.makes {
                        self.set(DONE, true);
                    }
                    self.produces(role, is_rate_limited);
                } else if !role.is_fan_out && self.open == 0 {
                    self.has_none();
                }
            }
            _ => {}
        }
    }

    fn at_stage(&mut self, role: Role, is_rate_limited: bool, kind: EventKind, record: u64) {
        match kind {
            EventKind::Woken => self.set(if self.has(RUNNING) { WOKEN_AGAIN } else { READY }, true),
            EventKind::RunStart => {
                self.set(TASK | RUNNING, true);
                self.set(READY, false);
                if self.has(SLEPT) {
                    self.set(SLEPT | SERVING, false);
                }
            }
            EventKind::RunEnd => {
                self.set(TASK, true);
                self.set(RUNNING, false);
                self.stops(role, is_rate_limited);
                self.set(READY, self.has(WOKEN_AGAIN));
                self.set(WOKEN_AGAIN, false);
            }
            EventKind::Produced => {
                self.set(BUSY, true);
                self.record = record;
                self.open = 1;
            }
            EventKind::WorkStart => {
                self.set(BUSY, true);
                self.record = record;
                self.open = self.open.saturating_add(1);
                self.set(SERVING, role.serves && !role.is_pool);
                if role.is_consumer && !role.serves {
                    self.has_none();
                }
            }
            // It waits for the stage's lock.
            EventKind::Blocked => self.set(BLOCKED, true),
            EventKind::Released => self.set(BLOCKED, false),
            EventKind::WorkEnd => {
                self.open = self.open.saturating_sub(1);
                if role.is_consumer {
                    self.set(SERVING, false);
                }
                if (role.is_fan_out && self.open == 0) || role.is_consumer {
                    self.has_none();
                }
            }
            _ => {}
        }
    }

    /// Its task yields the thread: it takes its service time, can't send, or has nothing to do.
    fn stops(&mut self, role: Role, is_rate_limited: bool) {
        if self.has(BLOCKED) {
            return;
        }
        if role.is_source {
            // It has produced a record and doesn't send it: too many are in flight.
            if self.open > 0 {
                self.set(BLOCKED, true);
            } else {
                self.produces(role, is_rate_limited);
            }
        } else if role.is_consumer {
            if self.has(SERVING) {
                self.set(SLEPT, true);
            } else {
                self.rests();
            }
        } else if self.open == 0 {
            self.rests();
        }
    }

    /// The Producer makes the next record, waits until it may, or is done.
    fn produces(&mut self, role: Role, is_rate_limited: bool) {
        self.open = 0;
        self.record = 0;
        let waits = self.has(DONE) || is_rate_limited || (self.has(TASK) && !role.serves);
        self.set(BUSY, !waits || self.has(RUNNING));
    }

    /// It has no record. If the log has events of its task, it works until its task stops.
    fn has_none(&mut self) {
        if !self.has(TASK) {
            self.rests();
        }
    }

    fn rests(&mut self) {
        self.set(BUSY, false);
        self.record = 0;
    }
}
