//! The event log in shared memory.

use wasm_bindgen::prelude::wasm_bindgen;

/// The addresses of one thread's ring of events in the engine's memory. `clearpipe_core::trace` describes the format;
/// the reader takes the events from `read` to `written` and then advances `read`.
#[wasm_bindgen]
#[derive(Clone, Copy, Debug)]
pub struct RingMemory {
    /// Address of the count of events written: an unsigned 64-bit integer.
    pub written: usize,
    /// Address of the count of events read: an unsigned 64-bit integer, which the reader advances.
    pub read: usize,
    /// Address of the events, two unsigned 64-bit integers each.
    pub words: usize,
    /// The capacity in events: a power of two.
    pub capacity: usize,
}

impl From<clearpipe_core::trace::RingMemory> for RingMemory {
    fn from(ring: clearpipe_core::trace::RingMemory) -> Self {
        RingMemory { written: ring.written, read: ring.read, words: ring.words, capacity: ring.capacity }
    }
}
