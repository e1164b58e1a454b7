//! The ids of traced records. Events contain only numbers, but users know a record by its id.

use std::sync::{Mutex, PoisonError};

/// The memory, in bytes, for ids that haven't been taken. Further ids are dropped, since there may be no reader.
const MAX_BYTES: usize = 8 << 20;

/// The length in bytes up to which ids are kept.
const MAX_ID_LENGTH: usize = 1024;

/// The ids that haven't been taken yet.
#[derive(Default)]
pub(super) struct Ids(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    ids: Vec<(u64, String)>,
    bytes: usize,
}

impl Ids {
    /// Keeps the id of a record, unless it is empty or too long, or there is no room.
    pub(super) fn keep(&self, number: u64, id: &str) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = waiting.bytes + size_of::<(u64, String)>() + id.len();
        if !id.is_empty() && id.len() <= MAX_ID_LENGTH && bytes <= MAX_BYTES {
            waiting.ids.push((number, id.to_owned()));
            waiting.bytes = bytes;
        }
    }

    /// Takes the ids that were kept since the last call.
    pub(super) fn take(&self) -> Vec<(u64, String)> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)).ids
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded() {
        let ids = Ids::default();
        ids.keep(0, &"x".repeat(MAX_ID_LENGTH + 1));
        ids.keep(1, "");
        let id = "x".repeat(MAX_ID_LENGTH);
        for number in 2..10_000 {
            ids.keep(number, &id);
        }
        let taken = ids.take();
        assert_eq!(taken[0], (2, id));
        assert!((7_000..8_192).contains(&taken.len()), "{}", taken.len());
        assert!(ids.take().is_empty());
        ids.keep(3, "a");
        assert_eq!(ids.take(), [(3, "a".to_owned())]);
    }
}
