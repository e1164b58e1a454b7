//! The files that a command leaves.
//!
//! A regular file appears whole or not at all: it is written beside its place under another name and renamed at the
//! end, so a run that fails leaves what was there before. What is no regular file – a device, a named pipe – is written
//! directly. A link stays a link; the file that it points to is replaced.

use anyhow::{Context as _, Result, bail};
use futures::io::AsyncWrite;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

/// Where bytes go.
pub struct Destination {
    target: Target,
    /// The name for people.
    name: String,
}

enum Target {
    Stdout,
    /// No regular file; written directly.
    Device(File),
    /// A regular file, which is renamed at the end.
    Regular(File),
}

/// The files of a run that are not at their places yet.
#[derive(Clone, Default)]
pub struct Unfinished(Arc<Mutex<Files>>);

#[derive(Default)]
struct Files {
    pending: Vec<Pending>,
    /// What else must not outlive the command.
    undone: Vec<Undo>,
}

/// Undoes something.
pub type Undo = Box<dyn FnOnce() + Send>;

struct Pending {
    unfinished: PathBuf,
    place: PathBuf,
}

impl Destination {
    /// Opens what `path` names; `-` is the standard output.
    pub fn open(path: &Path, files: &Unfinished) -> Result<Destination> {
        if is_stdout(path) {
            return Ok(Destination { target: Target::Stdout, name: "standard output".to_owned() });
        }
        let name = path.display().to_string();
        let target = Target::open(path, files).with_context(|| format!("{name} can't be written"))?;
        Ok(Destination { target, name })
    }

    /// Whether it is the standard output.
    pub fn is_stdout(&self) -> bool {
        matches!(self.target, Target::Stdout)
    }

    /// Whether it is a file that is there when the run has ended.
    pub fn is_regular(&self) -> bool {
        matches!(self.target, Target::Regular(_))
    }

    /// Whether somebody may read it while it is written, and stop reading.
    fn is_pipe(&self) -> bool {
        matches!(self.target, Target::Stdout | Target::Device(_))
    }

    /// Something to write to from a stage. `enough` is called if nobody reads on; all else that is written is lost then.
    pub fn into_async(self, enough: impl Fn() + Send + 'static) -> Box<dyn AsyncWrite + Send + Unpin> {
        let enough = self.is_pipe().then(|| Box::new(enough) as Box<dyn Fn() + Send>);
        Box::new(Blocking { destination: self, enough, closed: false })
    }
}

/// Whether a path means the standard output.
pub fn is_stdout(path: &Path) -> bool {
    path == Path::new("-") || path == Path::new("/dev/stdout")
}

impl Target {
    fn open(path: &Path, files: &Unfinished) -> Result<Target> {
        // Follows links: what counts is where the bytes end up.
        let place = match fs::metadata(path) {
            Ok(found) if found.is_dir() => bail!("it is a folder"),
            Ok(found) if !found.is_file() => return Ok(Target::Device(OpenOptions::new().write(true).open(path)?)),
            Ok(found) if found.permissions().readonly() => bail!("it is write-protected"),
            Ok(_) => fs::canonicalize(path)?,
            Err(error) if error.kind() == ErrorKind::NotFound => match fs::read_link(path) {
                Ok(link) => path.parent().unwrap_or(Path::new("")).join(link),
                Err(_) => path.to_owned(),
            },
            Err(error) => return Err(error.into()),
        };
        let file = files.create(&place)?;
        if let Ok(before) = fs::metadata(&place) {
            // The new file is for the same people as the old one. Not all file systems can say so.
            let _ = file.set_permissions(before.permissions());
        }
        Ok(Target::Regular(file))
    }
}

impl Unfinished {
    /// A new file beside `place`, which it gets at the end.
    fn create(&self, place: &Path) -> Result<File> {
        let name = place.file_name().context("it has no name")?;
        let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = fs::canonicalize(folder).context("its folder can't be used")?;
        let place = folder.join(name);
        // Held meanwhile, so that there is no file that a signal would not remove.
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if files.pending.iter().any(|file| file.place == place) {
            bail!("another file of this run has the same place");
        }
        for attempt in 0..1000 {
            let name = format!(".{}.{}-{attempt}.unfinished", name.to_string_lossy(), std::process::id());
            let unfinished = folder.join(name);
            match OpenOptions::new().write(true).create_new(true).open(&unfinished) {
                Ok(file) => {
                    files.pending.push(Pending { unfinished, place });
                    return Ok(file);
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error.into()),
            }
        }
        bail!("there are a thousand unfinished files beside it")
    }

    /// Puts all files at their places.
    pub fn finish(&self) -> Result<()> {
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(Pending { unfinished, place }) = files.pending.last() {
            fs::rename(unfinished, place).with_context(|| format!("{} can't be written", place.display()))?;
            files.pending.pop();
        }
        Ok(())
    }

    /// Begins something that [`Unfinished::discard`] undoes.
    pub fn begin<T>(&self, begin: impl FnOnce() -> Result<(T, Undo)>) -> Result<T> {
        // Held meanwhile, so that there is nothing that a signal would not undo.
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (begun, undo) = begin()?;
        files.undone.push(undo);
        Ok(begun)
    }

    /// Removes what has not been finished, and undoes what has been begun. Nothing can be finished behind it.
    pub fn discard(&self) {
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for file in files.pending.drain(..) {
            // It may be gone already, and there is nothing else to be done about it.
            let _ = fs::remove_file(file.unfinished);
        }
        files.undone.drain(..).for_each(|undo| undo());
    }
}

impl Write for Destination {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // All of it: two streams that share the standard output take turns by whole lines.
        let written = match &mut self.target {
            Target::Stdout => io::stdout().lock().write_all(bytes),
            Target::Device(file) | Target::Regular(file) => file.write_all(bytes),
        };
        match written {
            Ok(()) => Ok(bytes.len()),
            Err(error) => Err(io::Error::new(error.kind(), format!("{}: {error}", self.name))),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.target {
            Target::Stdout => io::stdout().lock().flush(),
            Target::Device(_) | Target::Regular(_) => Ok(()),
        }
    }
}

/// Writes to a destination from a stage. It blocks the thread for as long as the system takes, which is short for a
/// file, and for a pipe is the backpressure that is wanted.
struct Blocking {
    destination: Destination,
    enough: Option<Box<dyn Fn() + Send>>,
    /// Nobody reads on.
    closed: bool,
}

impl Blocking {
    /// A reader that has seen enough is no error.
    fn accept(&mut self, result: io::Result<usize>, length: usize) -> Poll<io::Result<usize>> {
        match (result, &self.enough) {
            (Err(error), Some(enough)) if error.kind() == ErrorKind::BrokenPipe => {
                enough();
                self.closed = true;
                Poll::Ready(Ok(length))
            }
            (result, _) => Poll::Ready(result),
        }
    }
}

impl AsyncWrite for Blocking {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.closed {
            return Poll::Ready(Ok(bytes.len()));
        }
        let result = self.destination.write(bytes);
        self.accept(result, bytes.len())
    }

    fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.closed {
            return Poll::Ready(Ok(()));
        }
        let result = self.destination.flush().map(|()| 0);
        self.accept(result, 0).map_ok(drop)
    }

    fn poll_close(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: &Path, text: &str, files: &Unfinished) -> Result<()> {
        Destination::open(path, files)?.write_all(text.as_bytes())?;
        Ok(())
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_appears_when_it_is_finished() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        fs::write(&path, "before").unwrap();
        let files = Unfinished::default();
        write(&path, "after", &files).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "before");
        files.finish().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "after");
        assert_eq!(names(folder.path()), ["a.txt"]);
    }

    #[test]
    fn nothing_is_left_of_what_is_discarded() {
        let folder = tempfile::tempdir().unwrap();
        let files = Unfinished::default();
        write(&folder.path().join("a.txt"), "after", &files).unwrap();
        files.discard();
        files.finish().unwrap();
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn what_can_not_be_written_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let files = Unfinished::default();
        let problem = |path: &Path| format!("{:#}", Destination::open(path, &files).err().unwrap());
        assert!(problem(folder.path()).ends_with("can't be written: it is a folder"));
        assert!(problem(&folder.path().join("b/a.txt")).contains("a.txt can't be written: its folder can't be used: "));
        write(&folder.path().join("a.txt"), "", &files).unwrap();
        assert!(problem(&folder.path().join("./a.txt")).ends_with("another file of this run has the same place"));
    }

    #[cfg(unix)]
    #[test]
    fn links_and_permissions_are_kept() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (file, link, new) = (folder.path().join("a.txt"), folder.path().join("link"), folder.path().join("new"));
        fs::write(&file, "before").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        symlink("a.txt", &link).unwrap();
        symlink("b.txt", &new).unwrap();
        let files = Unfinished::default();
        write(&link, "after", &files).unwrap();
        write(&new, "new", &files).unwrap();
        files.finish().unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&file).unwrap(), "after");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read_to_string(folder.path().join("b.txt")).unwrap(), "new");
        assert_eq!(names(folder.path()), ["a.txt", "b.txt", "link", "new"]);
    }

    #[test]
    fn a_reader_that_has_enough_is_no_error() {
        let called = Arc::new(Mutex::new(0));
        let counter = called.clone();
        let count = Box::new(move || *counter.lock().unwrap() += 1);
        let destination = Destination { target: Target::Stdout, name: "-".to_owned() };
        let mut out = Blocking { destination, enough: Some(count), closed: false };
        assert!(matches!(out.accept(Err(ErrorKind::StorageFull.into()), 5), Poll::Ready(Err(_))));
        assert!(matches!(out.accept(Err(ErrorKind::BrokenPipe.into()), 5), Poll::Ready(Ok(5))));
        assert_eq!((*called.lock().unwrap(), out.closed), (1, true));
    }
}
