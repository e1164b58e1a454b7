//! The bytes that were read and not handed out yet.

use std::sync::Arc;

/// How much one read asks for, and the usual size of a block.
pub(super) const BLOCK: usize = 256 << 10;

/// How many blocks that were handed out are kept for reuse once they are free: about as many as are in flight.
const MAX_REUSED: usize = 8;

/// If there is less room than this, more is made before the next read.
const SMALLEST_READ: usize = 16 << 10;

/// A buffer that is filled at its end and handed out in blocks from its beginning.
///
/// It grows only while nothing can be handed out, so its size is a small multiple of [`BLOCK`] or of the longest
/// record. A byte is copied at most once or twice: bytes are moved only if at least as many before them were handed
/// out.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    bytes: Vec<u8>,
    /// Everything before this was handed out.
    start: usize,
    /// Everything from here on is room.
    end: usize,
    /// Blocks that were handed out, for reuse: a new one would have to be filled with zeros.
    given_out: Vec<Arc<Vec<u8>>>,
}

impl Blocks {
    /// Returns the bytes that were not handed out yet.
    pub fn filled(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// Returns room to read into; never empty. Call [`Blocks::fill`] with the number of bytes read.
    pub fn room(&mut self) -> &mut [u8] {
        if self.bytes.len() - self.end < SMALLEST_READ {
            let filled = self.end - self.start;
            if self.start > 0 && filled <= self.start {
                self.bytes.copy_within(self.start..self.end, 0);
                (self.start, self.end) = (0, filled);
            }
            if self.bytes.len() - self.end < SMALLEST_READ {
                let larger = (2 * self.bytes.len()).max(BLOCK);
                self.bytes.resize(larger, 0);
            }
        }
        &mut self.bytes[self.end..]
    }

    /// Marks the first `length` bytes of the room as filled.
    pub fn fill(&mut self, length: usize) {
        self.end += length;
        debug_assert!(self.end <= self.bytes.len());
    }

    /// Discards everything after the first `length` bytes.
    pub fn keep(&mut self, length: usize) {
        debug_assert!(length <= self.filled().len());
        self.end = self.start + length;
    }

    /// Discards the first `length` bytes.
    pub fn skip(&mut self, length: usize) {
        debug_assert!(length <= self.filled().len());
        self.start += length;
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
    }

    /// Hands out the first `length` bytes: a block, and where in it they begin.
    ///
    /// A block is at most twice as large as its contents, so that the few bytes of a slow input don't hold on to much
    /// memory.
    pub fn give_out(&mut self, length: usize) -> (Arc<Vec<u8>>, usize) {
        if length < self.bytes.len() / 2 {
            let block = self.filled()[..length].to_vec();
            self.skip(length);
            return (Arc::new(block), 0);
        }
        let (start, end) = (self.start, self.start + length);
        let rest = &self.bytes[end..self.end];
        let mut next = free_block(&mut self.given_out);
        next.resize(BLOCK.max(rest.len() + SMALLEST_READ), 0);
        next[..rest.len()].copy_from_slice(rest);
        (self.start, self.end) = (0, rest.len());
        let mut block = std::mem::replace(&mut self.bytes, next);
        block.truncate(end);
        let block = Arc::new(block);
        if self.given_out.len() < MAX_REUSED && block.capacity() <= 2 * BLOCK {
            self.given_out.push(block.clone());
        }
        (block, start)
    }
}

/// Returns a block that is no longer used elsewhere, or a new one.
fn free_block(given_out: &mut Vec<Arc<Vec<u8>>>) -> Vec<u8> {
    let free = given_out.iter().position(|block| Arc::strong_count(block) == 1);
    free.and_then(|at| Arc::into_inner(given_out.swap_remove(at))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(blocks: &mut Blocks, bytes: &[u8]) {
        let mut bytes = bytes;
        while !bytes.is_empty() {
            let room = blocks.room();
            let length = room.len().min(bytes.len());
            room[..length].copy_from_slice(&bytes[..length]);
            blocks.fill(length);
            bytes = &bytes[length..];
        }
    }

    #[test]
    fn a_little_is_copied_out() {
        let mut blocks = Blocks::default();
        read(&mut blocks, b"abcdef");
        let (block, start) = blocks.give_out(4);
        assert_eq!((block.as_slice(), start), (b"abcd".as_slice(), 0));
        assert!(block.capacity() < 100);
        blocks.keep(1);
        assert_eq!(blocks.filled(), b"e");
        blocks.skip(1);
        assert_eq!(blocks.filled(), b"");
    }

    #[test]
    fn much_is_given_out_as_it_is() {
        let mut blocks = Blocks::default();
        let input: Vec<u8> = (0..BLOCK).map(|at| at as u8).collect();
        read(&mut blocks, &input);
        blocks.skip(10);
        let address = blocks.filled().as_ptr();
        let (block, start) = blocks.give_out(BLOCK - 15);
        assert_eq!(block[start..], input[10..BLOCK - 5]);
        assert_eq!(block[start..].as_ptr(), address, "not copied");
        assert_eq!(blocks.filled(), &input[BLOCK - 5..]);
    }

    #[test]
    fn blocks_are_used_again_once_nobody_has_them() {
        let mut blocks = Blocks::default();
        let mut next = |byte: u8| {
            read(&mut blocks, &[byte; BLOCK]);
            blocks.give_out(BLOCK).0
        };
        let mut held: Vec<_> = (0..20).map(&mut next).collect();
        let addresses: Vec<_> = held.iter().map(|block| block.as_ptr()).collect();
        assert!((0..20).all(|at| held[at].iter().all(|byte| *byte == at as u8)));
        held.remove(3);
        // The block that was read into meanwhile comes first.
        next(20);
        assert_eq!(next(21).as_ptr(), addresses[3]);
        assert!(held[3].iter().all(|byte| *byte == 4));
    }

    #[test]
    fn it_grows_only_for_what_was_not_given_out() {
        let mut blocks = Blocks::default();
        let piece = vec![1; 100_000];
        for _ in 0..100 {
            read(&mut blocks, &piece);
            blocks.give_out(100_000);
        }
        assert_eq!(blocks.bytes.len(), BLOCK);
        for _ in 0..10 {
            read(&mut blocks, &piece);
        }
        assert_eq!(blocks.filled().len(), 1_000_000);
        assert_eq!(blocks.bytes.len(), 4 * BLOCK);
        blocks.give_out(1_000_000);
        assert_eq!(blocks.bytes.len(), BLOCK);
    }
}
