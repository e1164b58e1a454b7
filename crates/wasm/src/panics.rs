//! A panic ends the thread it happens on, and in WebAssembly it can't be caught; so the run that waits for that thread
//! would wait forever. Instead, it is notified here.

use futures::task::AtomicWaker;
use std::panic;
use std::sync::{Mutex, Once, PoisonError};
use std::task::Poll;

static PANIC: Mutex<Option<String>> = Mutex::new(None);
static WAITING: AtomicWaker = AtomicWaker::new();

/// Keeps the panic messages of all threads.
pub fn watch() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            before(info);
            PANIC.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| info.to_string());
            WAITING.wake();
        }));
    });
}

/// Waits for a panic, and returns its message.
pub async fn panicked() -> String {
    futures::future::poll_fn(|context| {
        WAITING.register(context.waker());
        match &*PANIC.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(message) => Poll::Ready(message.clone()),
            None => Poll::Pending,
        }
    })
    .await
}
