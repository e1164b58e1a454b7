//! The input of a run: a file or the standard input, decompressed.
//!
//! Reading blocks, and stages must not; so a thread reads (and decompresses) blocks and passes them on through a small
//! bounded channel.

use crate::opened::{self, Whole};
use crate::text;
use anyhow::{Context as _, Result, bail};
use clearpipe_codec::{NamedError, Unpacked};
use futures::channel::mpsc;
use futures::executor::block_on;
use futures::io::AsyncRead;
use futures::{SinkExt, StreamExt};
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

/// How much one read asks for.
const BLOCK: usize = 256 * 1024;

/// The capacity of the channel, in blocks.
const BLOCKS: usize = 2;

/// Ends the inputs early: a reader that waits for more data sees the end of the input.
#[derive(Clone, Default)]
pub struct InputEnd(Arc<Mutex<End>>);

#[derive(Default)]
struct End {
    is_ended: bool,
    /// The channel of the input that is being read.
    sender: Option<mpsc::Sender<io::Result<Vec<u8>>>>,
}

/// How much has been read.
#[derive(Clone)]
pub struct InputProgress {
    read: Arc<AtomicU64>,
    /// The size of all inputs in bytes, if all of them are files.
    pub size: Option<u64>,
}

/// Opens a file, or the standard input (`-`), and starts reading it. `may_wait` is whether the runtime can wait for a
/// thread; with the virtual clock it can't, so the reader waits instead. `end` and `progress` may be shared by several
/// inputs.
///
/// # Errors
/// If it can't be opened, or if no thread can be started.
pub fn open(
    path: impl AsRef<Path>,
    may_wait: bool,
    end: &InputEnd,
    progress: &InputProgress,
) -> Result<Box<dyn AsyncRead + Send + Unpin>> {
    let path = path.as_ref();
    let is_stdin = path == Path::new("-");
    let name = if is_stdin { "the standard input".to_owned() } else { text::name(path) };
    let cannot = || format!("the input {name} can't be read");
    let source: Box<dyn Read + Send> = match is_stdin {
        true => opened::stdin().context("the standard input can't be read")?,
        false => {
            let about = std::fs::metadata(path).with_context(cannot)?;
            if about.is_dir() {
                bail!("the input {name} can't be read: it is a folder");
            }
            match about.is_file() {
                true => Box::new(Whole::new(File::open(path).with_context(cannot)?, path)),
                // A named pipe may wait for its writer indefinitely.
                false => Box::new(Unopened { path: path.to_owned(), opened: None }),
            }
        }
    };
    let source = Counted { source, read: progress.read.clone() };
    let (sender, receiver) = mpsc::channel(BLOCKS);
    end.begin(&sender);
    let pool = BlockPool::default();
    let reader = Blocks { receiver, pool: pool.clone(), block: Vec::new(), at: 0, may_wait };
    std::thread::Builder::new()
        .name("clearpipe-input".to_owned())
        .spawn(move || {
            let mut sender = sender;
            let name = if is_stdin { "-" } else { &name };
            read_to_end(name, source, &mut sender, &pool);
        })
        .context("no thread can be started for the input")?;
    Ok(Box::new(reader))
}

/// Returns the first bytes of a file, no more than `most`, and whether these are all of them. `None` if it isn't a
/// regular file: what is read from a pipe is gone.
///
/// # Errors
/// If it can't be read.
pub fn beginning(path: &Path, most: u64) -> io::Result<Option<(Vec<u8>, bool)>> {
    if !std::fs::metadata(path)?.is_file() {
        return Ok(None);
    }
    let mut file = File::open(path)?;
    let mut bytes = Vec::new();
    file.by_ref().take(most).read_to_end(&mut bytes)?;
    let is_whole = file.read(&mut [0])? == 0;
    Ok(Some((bytes, is_whole)))
}

/// Returns a reader for a file that decompresses it as it is read: the source that the thread of an input reads.
///
/// # Errors
/// If the file can't be opened. Reading from it fails if it is compressed and can't be decompressed.
pub fn decode(name: &str) -> Result<Box<dyn Read>> {
    let file = File::open(name).with_context(|| format!("the input {name} can't be read"))?;
    Ok(Box::new(Unpacked::new(file, name)))
}

impl InputEnd {
    /// Ends the input that is being read, and all that follow.
    pub fn end(&self) {
        let mut end = self.lock();
        end.is_ended = true;
        end.sender.iter_mut().for_each(mpsc::Sender::close_channel);
    }

    /// Returns whether they were ended.
    pub fn is_ended(&self) -> bool {
        self.lock().is_ended
    }

    /// Registers the channel of an input that starts now.
    fn begin(&self, sender: &mpsc::Sender<io::Result<Vec<u8>>>) {
        let mut end = self.lock();
        let mut sender = sender.clone();
        if end.is_ended {
            sender.close_channel();
        }
        end.sender = Some(sender);
    }

    fn lock(&self) -> MutexGuard<'_, End> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl InputProgress {
    /// Creates the progress of inputs with this total size in bytes, before anything is read.
    pub fn new(size: Option<u64>) -> InputProgress {
        InputProgress { read: Arc::default(), size }
    }

    /// Returns how many bytes of the file have been read, before decompression.
    pub fn bytes(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }
}

/// Blocks that have been read, for reuse.
#[derive(Clone, Default)]
struct BlockPool(Arc<Mutex<Vec<Vec<u8>>>>);

impl BlockPool {
    fn take(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    fn give(&self, buffer: Vec<u8>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(buffer);
    }
}

/// Reads until the end, or until the receiver is gone, and closes the channel. A panic becomes an error of the input:
/// otherwise the receiver would never learn that no more data comes.
fn read_to_end(name: &str, source: Counted, sender: &mut mpsc::Sender<io::Result<Vec<u8>>>, pool: &BlockPool) {
    let read = catch_unwind(AssertUnwindSafe(|| read_all(name, source, sender, pool)));
    if read.is_err() {
        let error = io::Error::other("reading it panicked; this is a bug in Clearpipe");
        let error = NamedError::wrap(name, error);
        let _ = block_on(sender.send(Err(error)));
    }
    // There is another sender, to end the input early, so the channel must be closed explicitly.
    sender.close_channel();
}

/// Reads until the end, or until the receiver is gone.
fn read_all(name: &str, source: Counted, sender: &mut mpsc::Sender<io::Result<Vec<u8>>>, pool: &BlockPool) {
    let explain = |error| NamedError::wrap(name, error);
    let mut source = Unpacked::new(source, name);
    loop {
        let mut block = pool.take();
        block.resize(BLOCK, 0);
        let read = match source.read(&mut block) {
            Ok(0) => return,
            Ok(length) => {
                block.truncate(length);
                Ok(block)
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => Err(explain(error)),
        };
        let is_last = read.is_err();
        if block_on(sender.send(read)).is_err() || is_last {
            return;
        }
    }
}

/// An input that is opened by its first read.
struct Unopened {
    path: PathBuf,
    opened: Option<Whole>,
}

impl Read for Unopened {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let opened = match self.opened.take() {
            Some(opened) => opened,
            None => Whole::new(File::open(&self.path)?, &self.path),
        };
        self.opened.insert(opened).read(into)
    }
}

/// Counts the bytes that are read.
struct Counted {
    source: Box<dyn Read + Send>,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.source.read(into)?;
        self.read.fetch_add(length as u64, Ordering::Relaxed);
        Ok(length)
    }
}

/// The blocks as they arrive from the thread.
struct Blocks {
    receiver: mpsc::Receiver<io::Result<Vec<u8>>>,
    pool: BlockPool,
    block: Vec<u8>,
    /// How much of the current block has been handed out.
    at: usize,
    may_wait: bool,
}

impl AsyncRead for Blocks {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut [u8]) -> Poll<io::Result<usize>> {
        if self.at == self.block.len() {
            let next = match self.may_wait {
                true => futures::ready!(self.receiver.poll_next_unpin(context)),
                false => block_on(self.receiver.next()),
            };
            match next {
                None => return Poll::Ready(Ok(0)),
                Some(Err(error)) => return Poll::Ready(Err(error)),
                Some(Ok(block)) => {
                    let used = std::mem::replace(&mut self.block, block);
                    self.at = 0;
                    self.pool.give(used);
                }
            }
        }
        let rest = &self.block[self.at..];
        let length = rest.len().min(into.len());
        into[..length].copy_from_slice(&rest[..length]);
        self.at += length;
        Poll::Ready(Ok(length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::AsyncReadExt;
    use std::io::Write;

    fn read(name: &str, bytes: &[u8]) -> Result<Vec<u8>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let progress = InputProgress::new(None);
        let reader = open(path.to_str().unwrap(), true, &InputEnd::default(), &progress);
        let mut read = Vec::new();
        let mut reader = reader.map_err(|error| format!("{error:#}"))?;
        block_on(reader.read_to_end(&mut read)).map_err(|error| error.to_string())?;
        assert_eq!(progress.bytes(), bytes.len() as u64);
        Ok(read)
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn sample() -> Vec<u8> {
        (0..1_000_000_u32).flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes()).collect()
    }

    #[test]
    fn plain_and_compressed_files_are_read() {
        let sample = sample();
        assert!(read("x", &sample).unwrap() == sample);
        assert!(read("x.gz", &gzip(&sample)).unwrap() == sample);
        assert!(read("without-extension", &zstd::encode_all(&sample[..], 1).unwrap()).unwrap() == sample);
        assert_eq!(read("x.gz", b"").unwrap(), b"");
    }

    #[test]
    fn damaged_files_are_named() {
        let whole = gzip(&sample());
        let error = read("x.gz", &whole[..whole.len() / 2]).unwrap_err();
        assert!(error.ends_with("x.gz: the gzip data ends too early; the file is not complete"), "{error}");
        let whole = zstd::encode_all(&sample()[..], 1).unwrap();
        let error = read("x.zst", &whole[..whole.len() / 2]).unwrap_err();
        assert!(error.ends_with("x.zst: the zstd data ends too early; the file is not complete"), "{error}");
        let error = read("x.gz", b"{}\n").unwrap_err();
        assert!(error.ends_with("x.gz: it is not gzip data, though its name says so"), "{error}");
        let (end, progress) = (InputEnd::default(), InputProgress::new(None));
        let error = open("no-such-file", true, &end, &progress).err().map(|error| format!("{error:#}")).unwrap();
        assert!(error.starts_with("the input no-such-file can't be read: "), "{error}");
    }

    #[test]
    fn a_panic_is_an_error_and_the_end() {
        struct Panicking;
        impl Read for Panicking {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                panic!("injected fault")
            }
        }
        let (mut sender, mut receiver) = mpsc::channel(BLOCKS);
        // Like the sender that ends the input early.
        let _other = sender.clone();
        let source = Counted { source: Box::new(Panicking), read: Arc::default() };
        std::thread::spawn(move || read_to_end("x", source, &mut sender, &BlockPool::default())).join().unwrap();
        let error = block_on(receiver.next()).unwrap().unwrap_err().to_string();
        assert_eq!(error, "x: reading it panicked; this is a bug in Clearpipe");
        assert!(block_on(receiver.next()).is_none());
    }

    #[test]
    fn an_input_that_is_ended_has_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        std::fs::write(&path, vec![0; 100 * BLOCK]).unwrap();
        let end = InputEnd::default();
        let mut reader = open(path.to_str().unwrap(), true, &end, &InputProgress::new(None)).unwrap();
        end.end();
        assert!(end.is_ended());
        let mut read = Vec::new();
        block_on(reader.read_to_end(&mut read)).unwrap();
        assert!(read.len() <= (BLOCKS + 2) * BLOCK);
    }
}
