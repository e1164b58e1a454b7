//! Confines a panic to the record that caused it: only that record fails.

use crate::runtime::CATCHES_PANICS;
use std::any::Any;
use std::cell::Cell;
use std::ops::Range;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local!(static CAUGHT: Cell<bool> = const { Cell::new(false) });

/// Work on the records of a batch that may panic.
pub trait Isolated {
    /// Panics if a fault is injected into the record at an index. Has no other effect on the batch.
    fn inject(&self, at: usize);

    /// Works on the records of a range.
    fn work(&mut self, range: Range<usize>);

    /// Undoes the effects of [`Isolated::work`] on the record at an index and those after it, after it panicked.
    fn undo(&mut self, first: usize);

    /// Rejects the record at an index, for which [`Isolated::work`] panicked with this message.
    fn reject(&mut self, at: usize, message: String);
}

/// Works on `count` records: on all together or, if that panics or `each` is set, on one after the other. A record for
/// which the work panics is rejected. (If panics can't be caught, the program ends.)
pub fn isolate(count: usize, each: bool, isolated: &mut impl Isolated) {
    if !each {
        if catch(|| isolated.work(0..count)).is_ok() {
            return;
        }
        isolated.undo(0);
    }
    for at in 0..count {
        let worked = catch(|| isolated.inject(at))
            .and_then(|()| catch(|| isolated.work(at..at + 1)).inspect_err(|_| isolated.undo(at)));
        if let Err(message) = worked {
            isolated.reject(at, message);
        }
    }
}

/// Runs `work`. Returns the message of its panic as an error.
pub fn catch<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    quiet_hook();
    CAUGHT.set(true);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    CAUGHT.set(false);
    result.map_err(|panic| message(&*panic))
}

/// Returns the message of a panic.
pub fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}

/// Keeps panics that are caught off the terminal, since they go to the failed file.
fn quiet_hook() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !(CATCHES_PANICS && CAUGHT.get()) {
                before(info);
            }
        }));
    });
}

#[cfg(test)]
pub mod tests {
    use crate::batch::BatchBuilder;
    use crate::generator::RowBuilder;
    use crate::records::{Encode, JsonLines, Records, Rejection, Scored};
    use clearpipe_codec::jsonl::LineSuffix;
    use clearpipe_model::reject::ReasonCode;
    use std::ops::Range;

    /// Panics for the record with this number, unless that was already rejected for a panic.
    #[derive(Debug)]
    pub struct PanicsAt(pub u64);

    impl PanicsAt {
        fn check(&self, records: Records<'_>, rows: impl Iterator<Item = usize>, rejected: &[Rejection<'_>]) {
            let panicked = [ReasonCode::ValidatorPanicked, ReasonCode::TransformerPanicked];
            for at in rows.filter(|at| records.rows[*at].number == self.0) {
                let is_rejected =
                    |other: &Rejection<'_>| other.row == at && panicked.contains(&other.why.reason().code());
                assert!(rejected.iter().any(is_rejected), "record {}", self.0);
            }
        }
    }

    impl Encode for PanicsAt {
        fn encode_rejected(
            &self,
            records: Records<'_>,
            rejected: &[Rejection<'_>],
            builder: &mut RowBuilder,
            failed: &mut BatchBuilder<'_>,
        ) {
            self.check(records, rejected.iter().map(|rejection| rejection.row), rejected);
            JsonLines.encode_rejected(records, rejected, builder, failed);
        }

        fn encode(
            &self,
            records: Records<'_>,
            range: Range<usize>,
            rejected: &[Rejection<'_>],
            scored: &[Scored],
            suffix: &LineSuffix,
            builder: &mut RowBuilder,
            processed: &mut BatchBuilder<'_>,
            failed: &mut BatchBuilder<'_>,
        ) {
            self.check(records, range.clone(), rejected);
            JsonLines.encode(records, range, rejected, scored, suffix, builder, processed, failed);
        }
    }
}
