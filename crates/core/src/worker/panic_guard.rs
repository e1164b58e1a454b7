//! Keeps a panic where it happened: the record that caused it fails alone.

use crate::runtime::CATCHES_PANICS;
use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local!(static CAUGHT: Cell<bool> = const { Cell::new(false) });

/// Works on the records 0 to `count` one after the other. Where `work` panics, `panicked` gets the record and what the
/// panic said, and the next one is gone on with. (Where panics can't be caught, the program ends.)
///
/// Both get the state, so that they need not share it; `work` must leave it fit for use wherever it can panic.
pub fn for_each_isolated<S>(
    count: usize,
    state: &mut S,
    work: impl Fn(&mut S, usize),
    panicked: impl Fn(&mut S, usize, String),
) {
    quiet_hook();
    let mut next = 0;
    while next < count {
        // One for as many records as go well: it is not free.
        CAUGHT.set(true);
        let result = panic::catch_unwind(AssertUnwindSafe(|| {
            while next < count {
                next += 1;
                work(state, next - 1);
            }
        }));
        CAUGHT.set(false);
        if let Err(panic) = result {
            panicked(state, next - 1, message(&*panic));
        }
    }
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
