//! Keeps a panic where it happened: the record that caused it fails alone.

use crate::runtime::CATCHES_PANICS;
use std::any::Any;
use std::cell::Cell;
use std::ops::Range;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local!(static CAUGHT: Cell<bool> = const { Cell::new(false) });

/// Work on the records of a batch that may panic.
pub trait Isolated {
    /// Works on the records of a range.
    fn work(&mut self, range: Range<usize>);

    /// Undoes what [`Isolated::work`] has done to the record at an index and to those behind it.
    fn undo(&mut self, first: usize);

    /// Refuses the record at an index, for which [`Isolated::work`] panicked, with what the panic said.
    fn refuse(&mut self, at: usize, message: String);
}

/// Works on `count` records: on all at once or, if that panics or `each` says so, on one after the other. A record for
/// which the work panics is refused. (Where panics can't be caught, the program ends.)
pub fn isolate(count: usize, each: bool, isolated: &mut impl Isolated) {
    quiet_hook();
    if !each {
        if catch(|| isolated.work(0..count)).is_ok() {
            return;
        }
        isolated.undo(0);
    }
    for at in 0..count {
        if let Err(message) = catch(|| isolated.work(at..at + 1)) {
            isolated.undo(at);
            isolated.refuse(at, message);
        }
    }
}

/// What a panic said, if there was one.
fn catch(work: impl FnOnce()) -> Result<(), String> {
    CAUGHT.set(true);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    CAUGHT.set(false);
    result.map_err(|panic| message(&*panic))
}

/// What a panic said.
pub fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}

/// Panics that are caught go to the failed file, not to the terminal.
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
