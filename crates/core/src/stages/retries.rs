//! Records that go back: the edge from the Transformers to dataCh, for tries that failed for a while.
//!
//! It makes the pipeline a circle, which has two consequences. dataCh can't close when the Producer has finished, since a
//! record may still come back: it closes when no record is left that could. And the stages of the circle can all be
//! blocked at the same time, each with a record for the next one's full channel: see [`crate::deadlock`].

use crate::batch::RecordBatch;
use crate::channels::{Channel, Sender};
use crate::config::{Config, Injection, ServiceTime};
use crate::resilience::{Allowed, Breaker, Outcome, RetryPolicy, Verdict};
use crate::worker::WorkerContext;
use clearpipe_model::random::Purpose;
use clearpipe_model::record_number;
use clearpipe_model::reject::Reason;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The tries of a run, which its Producer, Validators and Transformers share.
pub struct Retries {
    policy: RetryPolicy,
    faults: Injection,
    seed: u64,
    data: Channel<RecordBatch>,
    state: Mutex<State>,
    /// The number of records that may come back, and one more while the Producer produces.
    unresolved: AtomicU64,
    /// The number of records sent back so far.
    sent_back: AtomicU64,
}

struct State {
    breaker: Option<Breaker>,
    /// The tries of records that have come back, by their number.
    tries: HashMap<u64, Try>,
    /// Keeps dataCh open.
    open: Option<Sender<RecordBatch>>,
}

/// The current try of a record.
#[derive(Clone, Copy)]
struct Try {
    /// From 1.
    number: u32,
    /// When it was asked for, on the run's clock.
    since: Duration,
}

/// The permission to try a record.
pub struct Permission(Option<Allowed>);

/// What becomes of a record.
pub enum Next {
    /// It is transformed.
    Transform,
    /// It is sent back to dataCh.
    SendBack,
    /// It fails.
    Fail(Reason),
}

/// Tells that the Producer still produces, until it is dropped.
pub struct Producing(Arc<Retries>);

impl Retries {
    /// Creates the tries of a run, if its configuration has any.
    pub fn new(config: &Config, data: &Channel<RecordBatch>) -> Option<Arc<Retries>> {
        let time = |time: &ServiceTime| time.is_on().then(|| time.of(0, || 0));
        let (retry, breaker) = (&config.retry, &config.breaker);
        let pause = time(&breaker.pause).unwrap_or_default();
        config.has_retries().then(|| {
            Arc::new(Retries {
                policy: RetryPolicy { tries: retry.tries, timeout: time(&retry.timeout) },
                faults: config.faults.transient,
                seed: config.seed,
                data: data.clone(),
                state: Mutex::new(State {
                    breaker: breaker.failures.map(|failures| Breaker::new(failures, pause)),
                    tries: HashMap::new(),
                    open: None,
                }),
                unresolved: AtomicU64::new(1),
                sent_back: AtomicU64::new(0),
            })
        })
    }

    /// Keeps dataCh open until the Producer has finished and no record can come back.
    pub fn producing(self: &Arc<Self>, producer: &Arc<WorkerContext>) -> Producing {
        self.state().open = Some(self.data.sender(producer));
        Producing(self.clone())
    }

    /// Reports that the Producer is about to send this many records.
    pub fn sends(&self, records: usize) {
        self.unresolved.fetch_add(records as u64, Ordering::Relaxed);
    }

    /// Reports that this many records won't come back any more.
    pub fn resolve(&self, records: usize) {
        let records = records as u64;
        if records > 0 && self.unresolved.fetch_sub(records, Ordering::AcqRel) == records {
            let open = self.state().open.take();
            // Closes the channel, which wakes its receivers: not under the lock.
            drop(open);
        }
    }

    /// Returns whether a record may be tried now, on the run's clock. If not, it fails.
    pub fn allows(&self, number: u64, now: Duration) -> Option<Permission> {
        let mut state = self.state();
        let State { breaker, tries, .. } = &mut *state;
        let Some(breaker) = breaker else { return Some(Permission(None)) };
        let allowed = breaker.allows(now);
        if allowed.is_none() {
            tries.remove(&record_number::number(number));
        }
        allowed.map(|allowed| Permission(Some(allowed)))
    }

    /// Judges a try of a record that was produced at `produced` and is finished now, both on the run's clock.
    pub fn judge(&self, Permission(allowed): Permission, number: u64, produced: Duration, now: Duration) -> Next {
        let record = record_number::number(number);
        let mut state = self.state();
        let current = state.tries.get(&record).copied().unwrap_or(Try { number: 1, since: produced });
        let purpose = Purpose::TransientFault as u64 + u64::from(current.number);
        let outcome = Outcome {
            number: current.number,
            took: now.saturating_sub(current.since),
            has_failed: self.faults.selects(self.seed, purpose, record),
        };
        let verdict = self.policy.judge(outcome);
        if let (Some(breaker), Some(allowed)) = (&mut state.breaker, allowed) {
            match verdict {
                Verdict::Done => breaker.succeeds(allowed),
                Verdict::Again | Verdict::GivesUp { .. } => breaker.fails(allowed, now),
            }
        }
        match verdict {
            Verdict::Again => {
                state.tries.insert(record, Try { number: current.number + 1, since: now });
                self.sent_back.fetch_add(1, Ordering::Relaxed);
                Next::SendBack
            }
            Verdict::Done => {
                state.tries.remove(&record);
                Next::Transform
            }
            Verdict::GivesUp { timed_out } => {
                state.tries.remove(&record);
                Next::Fail(Reason::GaveUp { tries: current.number, timed_out })
            }
        }
    }

    /// Returns a new sending end of dataCh, for a record that goes back.
    pub fn back(&self, worker: &Arc<WorkerContext>) -> Sender<RecordBatch> {
        self.data.sender(worker)
    }

    /// Returns how many records have come back and are being tried again.
    #[cfg(test)]
    fn tried_again(&self) -> usize {
        self.state().tries.len()
    }

    /// Returns how many records have been sent back so far.
    pub fn sent_back(&self) -> u64 {
        self.sent_back.load(Ordering::Relaxed)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Producing {
    fn drop(&mut self) {
        self.0.resolve(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clearpipe_channel::Policies;
    use clearpipe_model::topology::ChannelId;

    #[test]
    fn nothing_is_kept_of_a_record_that_has_failed() {
        let mut config = Config::default();
        config.faults.transient = Injection::Every(1);
        config.retry.tries = 3;
        config.breaker.failures = Some(3);
        let data = Channel::new(ChannelId::DataCh, 10, Policies::default());
        let retries = Retries::new(&config, &data).unwrap();
        let at = Duration::from_millis;
        let try_at = |record, millis| {
            let permission = retries.allows(record, at(millis))?;
            Some(retries.judge(permission, record, at(0), at(millis)))
        };
        assert!(matches!(try_at(1, 1), Some(Next::SendBack)));
        assert!(matches!(try_at(1, 2), Some(Next::SendBack)));
        assert_eq!(retries.tried_again(), 1);
        // Its third try fails for good, and opens the breaker.
        assert!(matches!(try_at(1, 3), Some(Next::Fail(Reason::GaveUp { tries: 3, timed_out: false }))));
        assert_eq!(retries.tried_again(), 0);
        // One that is sent back, and then refused.
        assert!(matches!(try_at(2, 1004), Some(Next::SendBack)));
        assert!(try_at(2, 1005).is_none());
        assert_eq!(retries.tried_again(), 0);
    }
}
