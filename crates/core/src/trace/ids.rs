//! The ids of traced records: events have only numbers, and a user knows a record by its id.

use std::sync::{Mutex, PoisonError};

/// How many ids wait at most; further ones are dropped. Nobody may be taking them.
const MOST_WAITING: usize = 1 << 17;

/// Longer ids are not kept, in bytes.
const LONGEST: usize = 1024;

/// The ids that wait to be taken.
#[derive(Default)]
pub(super) struct Ids(Mutex<Vec<(u64, String)>>);

impl Ids {
    /// Keeps the id of a record, if it isn't too long and there is room.
    pub(super) fn keep(&self, number: u64, id: &str) {
        let mut ids = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if id.len() <= LONGEST && ids.len() < MOST_WAITING {
            ids.push((number, id.to_owned()));
        }
    }

    /// The ids that were kept since the last time.
    pub(super) fn take(&self) -> Vec<(u64, String)> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded() {
        let ids = Ids::default();
        ids.keep(0, &"x".repeat(LONGEST + 1));
        for number in 0..=MOST_WAITING as u64 {
            ids.keep(number, "a");
        }
        let taken = ids.take();
        assert_eq!(taken.len(), MOST_WAITING);
        assert_eq!(taken[0], (0, "a".to_owned()));
        assert!(ids.take().is_empty());
    }
}
