//! The cost of reading and writing alone: bytes in blocks, without any processing.

use super::pipeline::cannot_write;
use anyhow::Context;
use clearpipe_io::input;
use clearpipe_io::output::{Destination, Unfinished};
use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;

/// The size of a block in bytes, as the pipeline reads and writes them.
pub const SIZE: usize = 256 * 1024;

/// The beginning of a file, to be written repeatedly until the total is reached.
pub struct Block {
    start: Vec<u8>,
    /// The total number of bytes.
    pub bytes: u64,
}

impl Block {
    /// Creates a block for as many bytes as a file has.
    pub fn of_file(path: &Path) -> anyhow::Result<Block> {
        let cannot = || format!("{} can't be read", clearpipe_io::text::name(path));
        let file = File::open(path).with_context(cannot)?;
        let bytes = file.metadata().with_context(cannot)?.len();
        let mut start = Vec::new();
        file.take(SIZE as u64).read_to_end(&mut start).with_context(cannot)?;
        Ok(Block { start, bytes })
    }

    /// Writes it to a file, in the same way as a run writes its files.
    pub fn write(&self, path: &Path) -> anyhow::Result<()> {
        let files = Unfinished::default();
        let mut out = Destination::open(path, &files)?;
        let mut left = self.bytes;
        while left > 0 {
            let length = left.min(self.start.len() as u64);
            out.write_all(&self.start[..length as usize]).with_context(|| cannot_write(path))?;
            left -= length;
        }
        drop(out);
        files.finish()
    }
}

/// Reads a file, decompressing it if necessary. `look` is called for each block.
pub fn read(path: &str, mut look: impl FnMut(&[u8])) -> anyhow::Result<()> {
    let mut source = input::decode(path)?;
    let mut block = vec![0; SIZE];
    loop {
        match source.read(&mut block) {
            Ok(0) => return Ok(()),
            Ok(length) => look(&block[..length]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(describe(path, error)),
        }
    }
}

fn describe(path: &str, error: io::Error) -> anyhow::Error {
    anyhow::Error::new(error).context(format!("{path} can't be read"))
}

/// Counts lines by finding their ends one after the other, as a reader that cuts them does.
#[derive(Default)]
pub struct Lines {
    /// The number of complete lines.
    pub count: u64,
}

impl Lines {
    /// Counts the lines of a block. A line that continues in the next block is counted there.
    pub fn cut(&mut self, block: &[u8]) {
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', block) {
            self.count += 1;
            std::hint::black_box(&block[start..end]);
            start = end + 1;
        }
    }
}
