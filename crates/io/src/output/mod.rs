//! The files that a command writes.
//!
//! A file appears completely or not at all: it is written beside its place under another name and renamed at the end,
//! so a run that fails leaves the previous file untouched. Several files of a run appear together (`journal`).
//! Descriptors that were passed to the command, devices and named pipes are written to directly. A link remains a link;
//! the file that it points to is replaced. A file that is more than its bytes, such as one with several names, remains
//! the same file: its new bytes are copied into it (`place`).

pub mod conflicts;
mod disk;
#[cfg(feature = "faults")]
pub mod faults;
mod journal;
mod place;
mod target;

#[cfg(feature = "faults")]
pub use disk::Call;
pub use disk::Named;

use anyhow::{Context as _, Result, bail};
use futures::io::AsyncWrite;
use journal::{Failed, Finished};
use place::{Opened, Place, Where};
use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use target::{Identity, STDOUT, Target};

/// The target of an output.
pub struct Destination {
    writer: Writer,
    /// The name for people.
    name: String,
    is_stdout: bool,
}

enum Writer {
    /// Written directly, by one writer at a time.
    Direct(Arc<Mutex<Direct>>),
    /// A file that is put in its place at the end.
    File { file: File, path: PathBuf },
}

/// A target that is written to directly.
enum Direct {
    Stdout,
    /// A descriptor, a device, a pipe.
    File(File),
}

/// The files of a run that are not in their places yet.
#[derive(Clone, Default)]
pub struct Unfinished(Arc<Mutex<Files>>);

#[derive(Default)]
struct Files {
    pending: Vec<Pending>,
    /// The targets that are written directly, so that two outputs with the same target take turns.
    direct: Vec<(Identity, Arc<Mutex<Direct>>)>,
    /// Other things that must not outlive the command.
    undone: Vec<Undo>,
    warnings: Vec<String>,
    /// Whether to wait until everything is on disk.
    sync: bool,
    /// Whether the files are in their places.
    is_finished: bool,
}

/// Undoes something.
pub type Undo = Box<dyn FnOnce() + Send>;

struct Pending {
    opened: Opened,
    place: Place,
    /// Where it must end up: in its place, or beside it.
    target: PathBuf,
    /// The place as shown to people.
    shown: PathBuf,
}

/// A result that is kept beside an earlier one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aside {
    place: Place,
    /// The earlier one.
    pub earlier: PathBuf,
    /// The new one; `None` if no file can be created beside the earlier one.
    pub partial: Option<PathBuf>,
}

impl Aside {
    /// Returns whether a path refers to this result.
    pub fn is_of(&self, path: &Path) -> bool {
        matches!(Target::of(path), Ok(Target::File(place)) if place == self.place)
    }
}

impl Destination {
    /// Opens the output that `path` refers to; `-` is the standard output.
    ///
    /// # Errors
    /// If the path can't be resolved, is already an output of this run, or can't be opened or created there.
    pub fn open(path: &Path, files: &Unfinished) -> Result<Destination> {
        let is_short = path == Path::new("-");
        let name = if is_short { "standard output".to_owned() } else { crate::text::name(path) };
        let opened = Target::of(path).and_then(|target| {
            let is_stdout = is_stdout(&target);
            let writer = match target {
                Target::Descriptor(_) | Target::Special(_) => Writer::Direct(files.direct(&target)?),
                Target::File(place) => files.create(place, path)?,
            };
            Ok((writer, is_stdout))
        });
        let (writer, is_stdout) = opened.with_context(|| format!("{name} can't be written"))?;
        Ok(Destination { writer, name, is_stdout })
    }

    /// Returns whether it is the standard output.
    pub fn is_stdout(&self) -> bool {
        self.is_stdout
    }

    /// Returns whether it is a file that remains when the run has ended.
    pub fn is_regular(&self) -> bool {
        matches!(self.writer, Writer::File { .. })
    }

    /// Returns a writer for a stage. `enough` is called when the reader has closed the pipe; everything written after
    /// that is lost.
    pub fn into_async(self, enough: impl Fn() + Send + 'static) -> Box<dyn AsyncWrite + Send + Unpin> {
        Box::new(Blocking { until_enough: self.until_enough(enough) })
    }

    /// Returns a writer that works until the reader closes the pipe. Then `enough` is called, and everything written
    /// after that is lost.
    pub fn into_sync(self, enough: impl Fn() + Send + 'static) -> Box<dyn Write + Send> {
        Box::new(self.until_enough(enough))
    }

    fn until_enough(self, enough: impl Fn() + Send + 'static) -> UntilEnough {
        let enough = (!self.is_regular()).then(|| Box::new(enough) as Box<dyn Fn() + Send>);
        UntilEnough { destination: self, enough, closed: false }
    }
}

/// Returns whether a path refers to the standard output.
pub fn is_standard_output(path: &Path) -> bool {
    Target::of(path).is_ok_and(|target| is_stdout(&target))
}

/// Returns whether a target is the standard output, by whatever name.
fn is_stdout(target: &Target) -> bool {
    let identity = |target: &Target| target.metadata().as_ref().and_then(Identity::of);
    match target {
        Target::Descriptor(STDOUT) => true,
        Target::File(_) => false,
        _ => identity(target).is_some_and(|found| identity(&Target::Descriptor(STDOUT)) == Some(found)),
    }
}

impl Unfinished {
    fn lock(&self) -> MutexGuard<'_, Files> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets whether [`Unfinished::finish`] waits until the files are on disk.
    pub fn set_sync(&self, sync: bool) {
        self.lock().sync = sync;
    }

    /// Returns the warnings about the files that were opened and finished since the last call.
    pub fn take_warnings(&self) -> Vec<String> {
        std::mem::take(&mut self.lock().warnings)
    }

    /// Returns the direct writer; the same one for the same descriptor, device or pipe.
    fn direct(&self, target: &Target) -> Result<Arc<Mutex<Direct>>> {
        let identity = target.metadata().as_ref().and_then(Identity::of);
        let mut files = self.lock();
        if let Some((_, direct)) = files.direct.iter().find(|(other, _)| Some(*other) == identity) {
            return Ok(direct.clone());
        }
        drop(files);
        // Without holding the lock: opening a named pipe waits for its reader.
        let direct = Arc::new(Mutex::new(match target {
            #[cfg(not(unix))]
            Target::Descriptor(STDOUT) => Direct::Stdout,
            Target::Descriptor(number) => {
                let file = target::open_descriptor(*number)?;
                if *number == STDOUT { Direct::Stdout } else { Direct::File(file) }
            }
            Target::Special(path) => Direct::File(target::open_special(path)?),
            Target::File(_) => bail!("it is a file"),
        }));
        files = self.lock();
        files.direct.extend(identity.map(|identity| (identity, direct.clone())));
        Ok(direct)
    }

    /// Creates a file beside `place`, where it is put at the end.
    fn create(&self, place: Place, name: &Path) -> Result<Writer> {
        // Held meanwhile, so that there is never a file that a signal wouldn't remove.
        let mut files = self.lock();
        if files.pending.iter().any(|file| file.place == place) {
            bail!("another file of this run has the same place");
        }
        let mut opened = place.open()?;
        let file = opened.file.try_clone()?;
        files.warnings.extend(opened.warning.take());
        let path = match &opened.unfinished {
            Where::Beside(path) => path.clone(),
            Where::Elsewhere => place.path(),
        };
        let shown = if place.is_called(name) { name.to_owned() } else { place.path() };
        files.pending.push(Pending { opened, target: place.path(), place, shown });
        Ok(Writer::File { file, path })
    }

    /// Returns whether there is an earlier result in one of the places.
    pub fn has_earlier(&self) -> bool {
        self.lock().pending.iter().any(|file| file.opened.existed)
    }

    /// Makes all files stay beside their places, which keep the earlier results. Returns these.
    pub fn set_aside(&self) -> Vec<Aside> {
        let mut files = self.lock();
        let mut aside = Vec::new();
        // A file that can't be beside its place is lost.
        files.pending.retain_mut(|file| {
            let is_beside = matches!(file.opened.unfinished, Where::Beside(_));
            let ending = place::partial_ending(&file.target);
            aside.push(Aside {
                place: file.place.clone(),
                earlier: file.shown.clone(),
                partial: is_beside.then(|| place::with_ending(&file.shown, &ending)),
            });
            file.target = place::with_ending(&file.target, &ending);
            file.opened.how = place::How::Renamed;
            is_beside
        });
        aside
    }

    /// Puts all files in their places, together.
    ///
    /// # Errors
    /// If they can't all be put there. Then all places are as they were before, or, if not even that is possible, the
    /// error says what became of each file.
    pub fn finish(&self) -> Result<()> {
        let mut files = self.lock();
        let files = &mut *files;
        let mut locks = Vec::new();
        let finished: Vec<Finished> = files
            .pending
            .drain(..)
            .map(|Pending { opened: Opened { file, unfinished, how, lock, .. }, place, target, .. }| {
                locks.push(lock);
                Finished { place, target, unfinished, how, file }
            })
            .collect();
        match journal::commit(&finished, files.sync, &mut files.warnings) {
            Ok(()) => {
                files.is_finished = true;
                Ok(())
            }
            Err(Failed::Undone(error)) => {
                remove_unfinished(finished.into_iter().map(|file| file.unfinished));
                Err(error)
            }
            Err(Failed::HalfDone(error)) => Err(error),
        }
    }

    /// Begins an action that [`Unfinished::discard`] undoes.
    ///
    /// # Errors
    /// As those of `begin`; nothing is undone then.
    pub fn begin<T>(&self, begin: impl FnOnce() -> Result<(T, Undo)>) -> Result<T> {
        // Held meanwhile, so that there is never an action that a signal wouldn't undo.
        let mut files = self.lock();
        let (begun, undo) = begin()?;
        files.undone.push(undo);
        Ok(begun)
    }

    /// Removes all unfinished files, and undoes all actions. Nothing can be finished after that.
    pub fn discard(&self) {
        let mut files = self.lock();
        remove_unfinished(files.pending.drain(..).map(|file| file.opened.unfinished));
        files.undone.drain(..).for_each(|undo| undo());
    }

    /// Returns whether the files are in their places.
    pub fn is_finished(&self) -> bool {
        self.lock().is_finished
    }
}

fn remove_unfinished(files: impl Iterator<Item = Where>) {
    for file in files {
        if let Where::Beside(path) = file {
            // If it can't be removed, the next run removes it.
            let _ = disk::remove_if_there(&path);
        }
    }
}

impl Write for Destination {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Write all of it: two streams that share a writer take turns by whole lines.
        let written = match &mut self.writer {
            Writer::Direct(direct) => match &mut *direct.lock().unwrap_or_else(PoisonError::into_inner) {
                Direct::Stdout => io::stdout().lock().write_all(bytes),
                Direct::File(file) => Named::new(file, Path::new(&self.name)).write_all(bytes),
            },
            Writer::File { file, path } => Named::new(file, path).write_all(bytes),
        };
        match written {
            Ok(()) => Ok(bytes.len()),
            Err(error) => Err(io::Error::new(error.kind(), format!("{}: {error}", self.name))),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &self.writer {
            Writer::Direct(direct) => match &*direct.lock().unwrap_or_else(PoisonError::into_inner) {
                Direct::Stdout => io::stdout().lock().flush(),
                Direct::File(_) => Ok(()),
            },
            Writer::File { .. } => Ok(()),
        }
    }
}

/// Writes until the reader closes the pipe.
struct UntilEnough {
    destination: Destination,
    enough: Option<Box<dyn Fn() + Send>>,
    /// Whether the reader has closed the pipe.
    closed: bool,
}

impl UntilEnough {
    /// Accepts a closed pipe: a reader that stops early is not an error.
    fn accept(&mut self, result: io::Result<usize>, length: usize) -> io::Result<usize> {
        match (result, &self.enough) {
            (Err(error), Some(enough)) if error.kind() == ErrorKind::BrokenPipe => {
                enough();
                self.closed = true;
                Ok(length)
            }
            (result, _) => result,
        }
    }
}

impl Write for UntilEnough {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.closed {
            return Ok(bytes.len());
        }
        let result = self.destination.write(bytes);
        self.accept(result, bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.closed {
            return Ok(());
        }
        let result = self.destination.flush().map(|()| 0);
        self.accept(result, 0).map(drop)
    }
}

/// Writes to a destination from a stage. It blocks the thread for as long as the system needs, which is short for a
/// file, and is the intended backpressure for a pipe.
struct Blocking {
    until_enough: UntilEnough,
}

impl AsyncWrite for Blocking {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(self.until_enough.write(bytes))
    }

    fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.until_enough.flush())
    }

    fn poll_close(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

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
        let writer = Writer::Direct(Arc::new(Mutex::new(Direct::Stdout)));
        let destination = Destination { writer, name: "-".to_owned(), is_stdout: true };
        let mut out = UntilEnough { destination, enough: Some(count), closed: false };
        assert!(out.accept(Err(ErrorKind::StorageFull.into()), 5).is_err());
        assert!(matches!(out.accept(Err(ErrorKind::BrokenPipe.into()), 5), Ok(5)));
        assert_eq!((*called.lock().unwrap(), out.closed), (1, true));
    }
}
