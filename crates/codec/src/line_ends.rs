//! The line endings of an input.

use memchr::{memchr, memchr2, memchr3, memrchr, memrchr2};

/// The line endings of an input. They are determined once, from its beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum LineEnds {
    /// A line feed. A carriage return before it belongs to it; elsewhere it is text.
    #[default]
    LineFeeds,
    /// A carriage return, a line feed, or both: the input begins with lines that end with a carriage return alone.
    Any,
}

/// Examines the beginning of an input to determine its line endings.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Beginning {
    /// How much of it was examined.
    looked_at: usize,
    /// Whether it has an odd number of quotes.
    in_quotes: bool,
    /// Whether it has a carriage return, outside of quotes, that isn't followed by a line feed.
    has_return: bool,
}

impl Beginning {
    /// Returns the line endings of an input that begins with `bytes`: any of them, if the first `longest` bytes, or all
    /// there are (`at_end`), contain a carriage return followed by something other than a line feed, and no line feed;
    /// neither counts within quotes. `None` if more bytes are needed: call again with more after them.
    pub fn line_ends(&mut self, bytes: &[u8], longest: usize, at_end: bool) -> Option<LineEnds> {
        let window = &bytes[..bytes.len().min(longest)];
        let is_whole = at_end || window.len() == longest;
        while let Some(at) = memchr3(b'"', b'\r', b'\n', &window[self.looked_at..]) {
            let at = self.looked_at + at;
            match (window[at], window.get(at + 1)) {
                (b'"', _) => self.in_quotes = !self.in_quotes,
                (b'\n', _) if self.in_quotes && self.has_return => {}
                // Even within quotes, which may not be real ones: the first line must not wait for anything.
                (b'\n', _) => return Some(LineEnds::LineFeeds),
                (_, Some(next)) => self.has_return |= *next != b'\n' && !self.in_quotes,
                (_, None) if is_whole => {}
                (_, None) => return None,
            }
            self.looked_at = at + 1;
        }
        self.looked_at = window.len();
        is_whole.then_some(if self.has_return { LineEnds::Any } else { LineEnds::LineFeeds })
    }
}

impl LineEnds {
    /// Returns whether a line ends at this byte.
    pub fn is_end(self, byte: u8) -> bool {
        byte == b'\n' || (byte == b'\r' && self == LineEnds::Any)
    }

    /// Returns where the first line ends.
    pub fn find(self, bytes: &[u8]) -> Option<usize> {
        match self {
            LineEnds::LineFeeds => memchr(b'\n', bytes),
            LineEnds::Any => memchr2(b'\n', b'\r', bytes),
        }
    }

    /// Returns where the last line ending is.
    pub fn find_last(self, bytes: &[u8]) -> Option<usize> {
        match self {
            LineEnds::LineFeeds => memrchr(b'\n', bytes),
            LineEnds::Any => memrchr2(b'\n', b'\r', bytes),
        }
    }

    /// Returns where the first line ends or where the first such byte is, whichever comes first.
    pub fn find_or(self, byte: u8, bytes: &[u8]) -> Option<usize> {
        match self {
            LineEnds::LineFeeds => memchr2(b'\n', byte, bytes),
            LineEnds::Any => memchr3(b'\n', b'\r', byte, bytes),
        }
    }

    /// Returns how many lines end in `bytes`.
    pub fn count(self, bytes: &[u8]) -> u64 {
        let feeds = memchr::memchr_iter(b'\n', bytes);
        match self {
            LineEnds::LineFeeds => feeds.count() as u64,
            LineEnds::Any => {
                let alone = feeds.filter(|&at| at == 0 || bytes[at - 1] != b'\r').count();
                (alone + memchr::memchr_iter(b'\r', bytes).count()) as u64
            }
        }
    }

    /// Returns the length of a line without the rest of its ending; `line` doesn't include the byte that ends it.
    #[inline]
    pub fn length(self, line: &[u8]) -> usize {
        let has_rest = line.last() == Some(&b'\r') && self == LineEnds::LineFeeds;
        line.len() - usize::from(has_rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_decides() {
        let ends = |bytes: &[u8], at_end| {
            let at_once = Beginning::default().line_ends(bytes, 10, at_end);
            let mut beginning = Beginning::default();
            let one_by_one = (0..=bytes.len())
                .find_map(|length| beginning.line_ends(&bytes[..length], 10, at_end && length == bytes.len()));
            assert_eq!(at_once, one_by_one);
            at_once
        };
        assert_eq!(ends(b"a\rb\n", false), Some(LineEnds::LineFeeds));
        assert_eq!(ends(b"a\r\r\nb\r", false), Some(LineEnds::LineFeeds));
        assert_eq!(ends(b"a\rb\rc", false), None);
        assert_eq!(ends(b"a\rb\rc", true), Some(LineEnds::Any));
        assert_eq!(ends(b"a\rbbbbbbbb\n", false), Some(LineEnds::Any));
        assert_eq!(ends(b"a\r", true), Some(LineEnds::LineFeeds));
        assert_eq!(ends(b"", true), Some(LineEnds::LineFeeds));
        assert_eq!(ends(b"a\r\"b\nc\"\r", true), Some(LineEnds::Any));
        assert_eq!(ends(b"\"a\rb\"\n", false), Some(LineEnds::LineFeeds));
        assert_eq!(ends(b"\\\"\n", false), Some(LineEnds::LineFeeds));
    }

    #[test]
    fn a_carriage_return_and_a_line_feed_are_one_end() {
        assert_eq!(LineEnds::Any.count(b"\ra\r\nb\n\n\r"), 5);
        assert_eq!(LineEnds::LineFeeds.count(b"\ra\r\nb\n\n\r"), 3);
    }
}
