//! The memory and the time of the file sources are bounded, whatever the input.

use clearpipe_codec::{FileSource, Format, Input, InputOptions};
use futures::executor::block_on;
use futures::io::AsyncRead;
use std::alloc::{GlobalAlloc, Layout, System};
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll};

/// The system's allocator, which counts the memory allocated, and its maximum.
struct Counting;

static ALLOCATED: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: all calls are passed on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = ALLOCATED.fetch_add(layout.size(), Relaxed) + layout.size();
        PEAK.fetch_max(now, Relaxed);
        // SAFETY: the caller guarantees what the system's allocator requires.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        ALLOCATED.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Reads a prefix, and then a repeated piece until the given number of bytes has been read.
struct Endless {
    begin: &'static [u8],
    /// The piece, many times.
    repeat: Vec<u8>,
    at: usize,
    end: usize,
    piece: usize,
}

impl AsyncRead for Endless {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, room: &mut [u8]) -> Poll<io::Result<usize>> {
        let source = match self.begin.get(self.at..) {
            Some(begin) if !begin.is_empty() => begin,
            _ => &self.repeat[(self.at - self.begin.len()) % self.repeat.len()..],
        };
        let length = room.len().min(self.piece).min(self.end - self.at).min(source.len());
        room[..length].copy_from_slice(&source[..length]);
        self.at += length;
        Poll::Ready(Ok(length))
    }
}

#[test]
fn memory_is_bounded() {
    const MIB: usize = 1 << 20;
    /// Enough repetitions to fill any read buffer.
    const BLOCK: usize = 256 << 10;
    for (name, format, begin, repeat) in [
        ("one line without end", Format::Jsonl, &b"{"[..], &b"x"[..]),
        ("blank lines", Format::Auto, b"", b" \n"),
        ("short lines", Format::Jsonl, b"", b"{}\n"),
        ("usual lines", Format::Jsonl, b"", b"{\"id\":\"rec-0001\",\"value\":42.5,\"unit\":\"unit_A\"}\r\n"),
        ("a row without end", Format::Csv, b"a,b\n1,", b"x"),
        ("a quote without end", Format::Csv, b"a,b\n1,\"", b"x"),
        ("a quote that is never closed", Format::Csv, b"a,b\n1,\"", b"xxx\n"),
        ("quotes that all stay open", Format::Csv, b"a,b\n", b"z\",\"\n"),
        ("quotes that stay open now and then", Format::Csv, b"a,b\n", b"ab\nz\",\"\n"),
        ("no header", Format::Csv, b"", b"\n"),
    ] {
        for piece in [1000, usize::MAX] {
            let max_line = MIB;
            let options = InputOptions { format, max_line, ..InputOptions::default() };
            let end = if cfg!(debug_assertions) { 2 * MIB } else { 64 * MIB };
            let reader = Endless { begin, repeat: repeat.repeat(BLOCK), at: 0, end, piece };
            let before = ALLOCATED.load(Relaxed);
            PEAK.store(before, Relaxed);
            let mut source = FileSource::new(Input::new(Box::new(reader)), &options, &[]);
            let mut records = 0;
            while let Ok(Some(lines)) = block_on(source.next(500)) {
                records += lines.lines.len();
            }
            let most = PEAK.load(Relaxed) - before;
            println!("{name}, in pieces of {piece}: {records} records, at most {} KiB", most / 1024);
            assert!(most <= 8 * MIB, "{name}: {most} bytes");
        }
    }
}
