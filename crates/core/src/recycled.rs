//! Buffers that are used again.
//!
//! A batch of lines is a quarter of a megabyte. An allocator gives memory of that size back to the system when it is
//! freed, and the system clears each page when it is touched again: that costs more than filling it. So whoever makes
//! such buffers keeps those that come back: each thread its own, since what another one has written last would first have
//! to come over from that one's cache.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// So many buffers wait at most to be used again; with more in flight than usual, the others are freed.
const MOST: usize = 16;

/// Larger buffers are not kept.
const LARGEST: usize = 1 << 20;

/// Where buffers wait to be used again. All clones are the same place.
#[derive(Debug)]
pub struct Spare<T>(Arc<[Mutex<Vec<Vec<T>>>]>);

impl<T> Clone for Spare<T> {
    fn clone(&self) -> Self {
        Spare(self.0.clone())
    }
}

impl<T> Spare<T> {
    /// No buffers yet, for so many threads and all others.
    pub fn new(threads: usize) -> Spare<T> {
        Spare((0..=threads).map(|_| Mutex::default()).collect())
    }

    /// An empty buffer for a thread, with room if one has come back.
    pub fn take(&self, thread: Option<usize>) -> Recycled<T> {
        let others = self.0.len() - 1;
        let place = thread.unwrap_or(others).min(others);
        let buffer = self.waiting(place).pop();
        Recycled { buffer: buffer.unwrap_or_default(), home: Some((self.clone(), place)) }
    }

    fn give_back(&self, place: usize, mut buffer: Vec<T>) {
        buffer.clear();
        let mut waiting = self.waiting(place);
        if waiting.len() < MOST {
            waiting.push(buffer);
        }
    }

    fn waiting(&self, place: usize) -> MutexGuard<'_, Vec<Vec<T>>> {
        self.0[place].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A buffer that goes back to where it came from when nobody needs it any more.
#[derive(Debug)]
pub struct Recycled<T> {
    buffer: Vec<T>,
    home: Option<(Spare<T>, usize)>,
}

/// A buffer that is just freed.
impl<T> Default for Recycled<T> {
    fn default() -> Self {
        Recycled { buffer: Vec::new(), home: None }
    }
}

impl<T> Deref for Recycled<T> {
    type Target = Vec<T>;

    fn deref(&self) -> &Vec<T> {
        &self.buffer
    }
}

impl<T> DerefMut for Recycled<T> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        &mut self.buffer
    }
}

impl<T> Drop for Recycled<T> {
    fn drop(&mut self) {
        if let Some((home, place)) = &self.home
            && (1..=LARGEST).contains(&(self.buffer.capacity() * size_of::<T>()))
        {
            home.give_back(*place, std::mem::take(&mut self.buffer));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_comes_back_empty_to_the_thread_that_used_it() {
        let spare = Spare::new(2);
        let mut buffer = spare.take(Some(1));
        buffer.extend_from_slice(b"text");
        let (address, capacity) = (buffer.as_ptr(), buffer.capacity());
        drop(buffer);
        assert_eq!([Some(0), None, Some(7)].map(|thread| spare.take(thread).capacity()), [0; 3]);
        let again = spare.take(Some(1));
        assert_eq!((again.as_ptr(), again.capacity(), again.len()), (address, capacity, 0));
    }

    #[test]
    fn few_wait_and_none_is_large() {
        let spare: Spare<u64> = Spare::new(1);
        let buffers: Vec<_> = (0..2 * MOST).map(|_| spare.take(Some(0))).collect();
        for mut buffer in buffers {
            buffer.push(1);
        }
        assert_eq!(spare.waiting(0).len(), MOST);
        spare.waiting(0).clear();
        spare.take(Some(0)).reserve(LARGEST / 8 + 1);
        drop(spare.take(Some(0)));
        assert_eq!(spare.waiting(0).len(), 0);
    }
}
