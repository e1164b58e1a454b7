//! All calls that change the disk or depend on it, in one place, so that the tests can make each of them fail.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::Path;

/// A call to the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// Creates a file.
    Create,
    /// Opens a file.
    Open,
    /// Reads from a file.
    Read,
    /// Writes to a file.
    Write,
    /// Changes the length of a file.
    Resize,
    /// Waits until a file or folder is on disk.
    Sync,
    /// Renames a file.
    Rename,
    /// Gives a file a second name.
    Link,
    /// Removes a file.
    Remove,
}

/// The result of trying to take a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    /// This run holds it until the file is closed.
    Ours,
    /// Another run holds it.
    Taken,
    /// The file system has no locks.
    Unsupported,
}

/// Lets a test make a call fail.
#[inline]
pub fn ask(call: Call, path: &Path) -> io::Result<()> {
    #[cfg(feature = "faults")]
    super::faults::ask(call, path)?;
    let _ = (call, path);
    Ok(())
}

/// Returns how much of a buffer is read or written: a test can make the call fail, or process only part of it.
#[inline]
fn ask_length(call: Call, path: &Path, length: usize) -> io::Result<usize> {
    #[cfg(feature = "faults")]
    let length = super::faults::ask_length(call, path, length)?;
    let _ = (call, path);
    Ok(length)
}

/// Creates a file that only this run has, with the permissions of the one that it will replace.
pub fn create(path: &Path, mode: Option<u32>) -> io::Result<File> {
    ask(Call::Create, path)?;
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    if let Some(mode) = mode {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(mode);
    }
    let _ = mode;
    options.open(path)
}

/// Opens an existing file for reading and writing. Links are not followed: another user may have put one there.
pub fn open(path: &Path) -> io::Result<File> {
    ask(Call::Open, path)?;
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed());
    }
    options.open(path)
}

/// Opens an existing file for writing.
pub fn open_to_write(path: &Path) -> io::Result<File> {
    ask(Call::Open, path)?;
    OpenOptions::new().write(true).open(path)
}

/// Tries to lock a file for this run.
pub fn lock(file: &File) -> io::Result<Lock> {
    match file.try_lock() {
        Ok(()) => Ok(Lock::Ours),
        Err(TryLockError::WouldBlock) => Ok(Lock::Taken),
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Interrupted => Err(error),
        Err(TryLockError::Error(_)) => Ok(Lock::Unsupported),
    }
}

/// Renames a file, and replaces any file that has the new name.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    ask(Call::Rename, to)?;
    fs::rename(from, to)
}

/// Gives a file a second name.
pub fn link(from: &Path, to: &Path) -> io::Result<()> {
    ask(Call::Link, to)?;
    fs::hard_link(from, to)
}

/// Removes a file.
pub fn remove(path: &Path) -> io::Result<()> {
    ask(Call::Remove, path)?;
    fs::remove_file(path)
}

/// Removes a file that may not exist.
pub fn remove_if_there(path: &Path) -> io::Result<()> {
    match remove(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Waits until a file is on disk.
pub fn sync(file: &File, path: &Path) -> io::Result<()> {
    ask(Call::Sync, path)?;
    file.sync_all()
}

/// Waits until the names in a folder are on disk.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    ask(Call::Sync, folder)?;
    // On other systems a folder can't be opened.
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Sets the length of a file.
pub fn resize(file: &File, path: &Path, length: u64) -> io::Result<()> {
    ask(Call::Resize, path)?;
    file.set_len(length)
}

/// Reserves space for a file of this length, so that a full disk is noticed before the file is half written.
pub fn reserve(file: &File, path: &Path, length: u64) -> io::Result<()> {
    ask(Call::Resize, path)?;
    #[cfg(any(target_os = "linux", target_os = "android"))]
    if length > 0 {
        use rustix::fs::{FallocateFlags, fallocate};
        use rustix::io::Errno;
        match fallocate(file, FallocateFlags::KEEP_SIZE, 0, length) {
            Err(error @ (Errno::NOSPC | Errno::FBIG | Errno::DQUOT)) => return Err(error.into()),
            // Not all file systems support this.
            _ => return Ok(()),
        }
    }
    let _ = (file, length);
    Ok(())
}

/// A file and its name, for reading and writing.
pub struct Named<'a> {
    file: &'a File,
    path: &'a Path,
}

impl<'a> Named<'a> {
    /// Combines a file with its name.
    pub fn new(file: &'a File, path: &'a Path) -> Named<'a> {
        Named { file, path }
    }
}

impl Write for Named<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = ask_length(Call::Write, self.path, bytes.len())?;
        self.file.write(&bytes[..length])
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Named<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = ask_length(Call::Read, self.path, into.len())?;
        self.file.read(&mut into[..length])
    }
}
