//! What ends a line.

use memchr::{memchr, memchr2, memchr3, memrchr, memrchr2};

/// What ends the lines of an input. It is decided once, by how the input begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum LineEnds {
    /// A line feed. A carriage return before it belongs to it; elsewhere it is text.
    #[default]
    LineFeeds,
    /// A carriage return, a line feed, or both: the input begins with lines that a carriage return alone ends.
    Any,
}

/// The beginning of an input, which is looked at to find out what ends its lines.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Beginning {
    /// How much of it has been looked at.
    looked_at: usize,
    /// Whether it has an odd number of quotes.
    in_quotes: bool,
    /// Whether it has a carriage return, not within quotes, that no line feed follows.
    has_return: bool,
}

impl Beginning {
    /// What ends the lines of an input that begins with `bytes`: any line end, if the first `longest` of them, or all
    /// there are (`at_end`), have a carriage return with something else than a line feed behind it, and no line feed;
    /// neither counts within quotes. `None` if that takes more bytes: call again with more behind them.
    pub fn line_ends(&mut self, bytes: &[u8], longest: usize, at_end: bool) -> Option<LineEnds> {
        let window = &bytes[..bytes.len().min(longest)];
        let is_whole = at_end || window.len() == longest;
        while let Some(at) = memchr3(b'"', b'\r', b'\n', &window[self.looked_at..]) {
            let at = self.looked_at + at;
            match (window[at], window.get(at + 1)) {
                (b'"', _) => self.in_quotes = !self.in_quotes,
                (b'\n', _) if self.in_quotes && self.has_return => {}
                // Even within quotes, which may only look so: the first line has to wait for nothing.
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
    /// Whether a line ends here.
    pub fn is_end(self, byte: u8) -> bool {
        byte == b'\n' || (byte == b'\r' && self == LineEnds::Any)
    }

    /// Where the first line ends.
    pub fn find(self, bytes: &[u8]) -> Option<usize> {
        match self {
            LineEnds::LineFeeds => memchr(b'\n', bytes),
            LineEnds::Any => memchr2(b'\n', b'\r', bytes),
        }
    }

    /// Where the last line end is.
    pub fn find_last(self, bytes: &[u8]) -> Option<usize> {
        match self {
            LineEnds::LineFeeds => memrchr(b'\n', bytes),
            LineEnds::Any => memrchr2(b'\n', b'\r', bytes),
        }
    }

    /// Where the first line ends, or where such a byte is, whichever comes first.
    pub fn find_or(self, byte: u8, bytes: &[u8]) -> Option<usize> {
        match self {
            LineEnds::LineFeeds => memchr2(b'\n', byte, bytes),
            LineEnds::Any => memchr3(b'\n', b'\r', byte, bytes),
        }
    }

    /// How many lines end in `bytes`.
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

    /// The length of a line, which is given without the byte that ends it, without the rest of its end.
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
