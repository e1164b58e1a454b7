//! Buffers that are used again.
//!
//! A batch of lines is a quarter of a megabyte. An allocator gives memory of that size back to the system when it is
//! freed, and the system clears each page when it is touched again: that costs more than filling it. So whoever makes
//! such buffers keeps those that come back.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

/// So many buffers wait at most to be used again; with more in flight than usual, the others are freed.
const MOST: usize = 16;

/// Larger buffers are not kept.
const LARGEST: usize = 1 << 20;

/// Where buffers wait to be used again. All clones are the same place.
#[derive(Debug)]
pub struct Spare<T>(Arc<Mutex<Vec<Vec<T>>>>);

impl<T> Clone for Spare<T> {
    fn clone(&self) -> Self {
        Spare(self.0.clone())
    }
}

impl<T> Default for Spare<T> {
    fn default() -> Self {
        Spare(Arc::default())
    }
}

impl<T> Spare<T> {
    /// An empty buffer, with room if one has come back.
    pub fn take(&self) -> Recycled<T> {
        let buffer = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Recycled { buffer: buffer.unwrap_or_default(), home: Some(self.clone()) }
    }

    fn give_back(&self, mut buffer: Vec<T>) {
        buffer.clear();
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < MOST {
            waiting.push(buffer);
        }
    }
}

/// A buffer that goes back to where it came from when nobody needs it any more.
#[derive(Debug)]
pub struct Recycled<T> {
    buffer: Vec<T>,
    home: Option<Spare<T>>,
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
        if let Some(home) = &self.home
            && (1..=LARGEST).contains(&(self.buffer.capacity() * size_of::<T>()))
        {
            home.give_back(std::mem::take(&mut self.buffer));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_comes_back_empty() {
        let spare = Spare::default();
        let mut buffer = spare.take();
        buffer.extend_from_slice(b"text");
        let (address, capacity) = (buffer.as_ptr(), buffer.capacity());
        drop(buffer);
        let again = spare.take();
        assert_eq!((again.as_ptr(), again.capacity(), again.len()), (address, capacity, 0));
    }

    #[test]
    fn few_wait_and_none_is_large() {
        let spare: Spare<u64> = Spare::default();
        let buffers: Vec<_> = (0..2 * MOST).map(|_| spare.take()).collect();
        for mut buffer in buffers {
            buffer.push(1);
        }
        assert_eq!(spare.0.lock().unwrap().len(), MOST);
        spare.0.lock().unwrap().clear();
        spare.take().reserve(LARGEST / 8 + 1);
        drop(spare.take());
        assert_eq!(spare.0.lock().unwrap().len(), 0);
    }
}
