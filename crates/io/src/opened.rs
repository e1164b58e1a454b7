//! The source of an input: a file, which must not shrink while it is read, or the standard input, which must be open.

use crate::output::Named;
use anyhow::Result;
use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek};
use std::path::{Path, PathBuf};

/// A file that is read at least to the end that it had when it was opened.
pub struct Whole {
    file: File,
    name: PathBuf,
    /// The minimum number of bytes that are left to read.
    left: u64,
}

impl Whole {
    /// Creates a reader for a file from its current position. The file may be anything that can be read.
    pub fn new(file: File, name: &Path) -> Whole {
        let left = match file.metadata() {
            Ok(about) if about.is_file() => about.len().saturating_sub((&file).stream_position().unwrap_or(0)),
            _ => 0,
        };
        Whole { file, name: name.to_owned(), left }
    }

    /// Returns whether the file is shorter than it was, rather than one whose size the system doesn't know.
    fn has_shrunk(&self) -> bool {
        match (self.file.metadata(), (&self.file).stream_position()) {
            (Ok(about), Ok(position)) => about.len() < position.saturating_add(self.left),
            _ => false,
        }
    }
}

impl Read for Whole {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = Named::new(&self.file, &self.name).read(into)?;
        self.left = self.left.saturating_sub(length as u64);
        if length == 0 && self.left > 0 && !into.is_empty() && self.has_shrunk() {
            return Err(io::Error::new(ErrorKind::UnexpectedEof, "the file shrank while it was being read"));
        }
        Ok(length)
    }
}

/// Returns the standard input.
///
/// # Errors
/// If it is closed.
pub fn stdin() -> Result<Box<dyn Read + Send>> {
    #[cfg(unix)]
    {
        use std::os::fd::AsFd;
        let file = File::from(io::stdin().as_fd().try_clone_to_owned()?);
        if is_closed(&file) {
            anyhow::bail!("it is closed, or it is /dev/null opened for writing too");
        }
        // Bypass the buffer of the standard library: there is no other reader.
        Ok(Box::new(Whole::new(file, Path::new("-"))))
    }
    #[cfg(not(unix))]
    {
        Ok(Box::new(io::stdin()))
    }
}

/// Returns whether the standard input was closed when the command was started.
///
/// In that case, Rust opens `/dev/null` for reading and writing before anything else happens. For `< /dev/null`, a
/// shell opens it for reading only, so a standard input that is open for both was either meant to be written to, or was
/// closed.
#[cfg(unix)]
fn is_closed(stdin: &File) -> bool {
    use rustix::fs::{OFlags, fcntl_getfl};
    use std::os::unix::fs::MetadataExt;
    let is_null = match (stdin.metadata(), std::fs::metadata("/dev/null")) {
        (Ok(stdin), Ok(null)) => (stdin.dev(), stdin.ino()) == (null.dev(), null.ino()),
        _ => false,
    };
    is_null && fcntl_getfl(stdin).is_ok_and(|flags| flags & OFlags::RWMODE == OFlags::RDWR)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_file_that_shrinks_is_an_error_and_one_that_grows_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        std::fs::write(&path, [1; 100]).unwrap();
        let mut start = [0; 10];
        let mut read_on_after = |change: &dyn Fn(&File)| {
            std::fs::write(&path, [1; 100]).unwrap();
            let mut whole = Whole::new(File::open(&path).unwrap(), &path);
            whole.read_exact(&mut start).unwrap();
            change(&File::options().append(true).open(&path).unwrap());
            let mut rest = Vec::new();
            whole.read_to_end(&mut rest).map_err(|error| error.to_string())
        };
        assert_eq!(read_on_after(&|_| {}), Ok(90));
        assert_eq!(read_on_after(&|mut file| file.write_all(&[2; 5]).unwrap()), Ok(95));
        let shorter = Err("the file shrank while it was being read".to_owned());
        assert_eq!(read_on_after(&|file| file.set_len(50).unwrap()), shorter);
        assert_eq!(read_on_after(&|file| file.set_len(0).unwrap()), shorter);
    }
}
