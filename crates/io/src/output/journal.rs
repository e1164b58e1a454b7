//! Makes several files appear together.
//!
//! A single rename is atomic, but two of them are not. So a journal that names both files is written before the first
//! rename, and removed after the last: as soon as it is complete, the run has succeeded, and any run that finds it
//! carries out the remaining steps. Until then the unfinished files are incomplete, and the next run removes them.
//!
//! The journal is beside the first file; beside each of the others there is a pointer to it, which is written before it
//! and removed before it. A run that wants to write one of the files finds the journal this way, whatever folders they
//! are in. A lock on the journal shows whether its run is alive. The lock on the unfinished file of a place comes
//! first: a run must hold it to read or write the journal of that place.

use super::disk::{self, Lock, Named};
use super::place::{How, Place, Where, is_at};
use anyhow::{Context as _, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The version of the format.
const VERSION: u32 = 1;

/// The maximum size of a journal.
const MAX_BYTES: u64 = 1 << 20;

/// How much is copied in one step.
const BLOCK: usize = 256 * 1024;

/// A finished file that must be put in its place.
pub struct Finished {
    /// The place that it was opened for.
    pub place: Place,
    /// Where it must end up: in its place, or beside it.
    pub target: PathBuf,
    /// Where its bytes are.
    pub unfinished: Where,
    /// How it gets there.
    pub how: How,
    /// The open file.
    pub file: File,
}

/// The traces of another run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// None, or only obsolete ones, which are removed.
    Nothing,
    /// A run was killed; its changes have been completed.
    Recovered,
    /// A run is putting its files in place now.
    InUse,
}

/// The content of a journal.
#[derive(Debug, Serialize, Deserialize)]
struct Journal {
    clearpipe_journal: u32,
    files: Vec<Entry>,
}

/// A pointer to a journal.
#[derive(Debug, Serialize, Deserialize)]
struct Pointer {
    clearpipe_journal: u32,
    journal: OsString,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Content {
    Journal(Journal),
    Pointer(Pointer),
}

/// A file that must be put in its place. Names are relative to the journal's folder, unless they are absolute paths.
#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    unfinished: OsString,
    target: OsString,
    previous: OsString,
    pointer: OsString,
    copied: bool,
    length: u64,
    inode: u64,
    /// Nanoseconds since 1970.
    modified: u64,
}

/// Why files were not put in their places.
pub enum Failed {
    /// None was: everything is unchanged, and the unfinished files still exist.
    Undone(anyhow::Error),
    /// Some were, and could not be undone. The next run needs the unfinished files to complete the change.
    HalfDone(anyhow::Error),
}

impl From<anyhow::Error> for Failed {
    fn from(error: anyhow::Error) -> Failed {
        Failed::Undone(error)
    }
}

impl Failed {
    /// Returns the error for the case that other files were already changed, which can't be undone.
    fn behind(self, changed: &[String], files: &[Finished]) -> Failed {
        let (error, is_undone) = match self {
            failed if changed.is_empty() => return failed,
            Failed::Undone(error) => (error, true),
            Failed::HalfDone(error) => (error, false),
        };
        let mut message = changed.join("; ");
        let unfinished = files.iter().filter_map(|file| match &file.unfinished {
            Where::Beside(path) => Some(crate::text::name(path)),
            Where::Elsewhere => None,
        });
        let unfinished: Vec<String> = unfinished.collect();
        if is_undone && !unfinished.is_empty() {
            let kept = unfinished.join(" and ");
            message += &format!("; the other results are in {kept}, until the next run");
        }
        Failed::HalfDone(error.context(message))
    }
}

/// Puts files in their places: all of them or, on failure, none; except that copies can't be undone.
///
/// # Errors
/// If one of them can't be written.
pub fn commit(files: &[Finished], sync: bool, warnings: &mut Vec<String>) -> Result<(), Failed> {
    for file in files {
        let name = match &file.unfinished {
            Where::Beside(path) => path.clone(),
            Where::Elsewhere => file.target.clone(),
        };
        if sync || is_on_network(&file.file) {
            // On a network file system, a failed write may only be reported now.
            disk::sync(&file.file, &name).with_context(|| cannot(file))?;
        }
    }
    // These can't have a journal beside them, so they come first: if they fail, nothing else has happened.
    let mut changed = Vec::new();
    for file in files.iter().filter(|file| file.unfinished == Where::Elsewhere) {
        let name = crate::text::name(&file.target);
        if let Err(CopyError { error, is_half_written }) = copy(&file.file, &file.target, &file.target, sync) {
            changed.extend(is_half_written.then(|| format!("{name} is incomplete")));
            return Err(Failed::Undone(anyhow::Error::from(error).context(cannot(file))).behind(&changed, files));
        }
        changed.push(format!("{name} has already been replaced"));
    }
    commit_beside(files, sync, warnings).map_err(|failed| failed.behind(&changed, files))
}

/// Puts the files in their places that are beside them.
fn commit_beside(files: &[Finished], sync: bool, warnings: &mut Vec<String>) -> Result<(), Failed> {
    let beside: Vec<(&Finished, &Path)> = files
        .iter()
        .filter_map(|file| match &file.unfinished {
            Where::Beside(path) => Some((file, path.as_path())),
            Where::Elsewhere => None,
        })
        .collect();
    let needs_journal = beside.len() > 1 || beside.iter().any(|(file, _)| file.how == How::Copied);
    let journal = match beside.first() {
        Some((first, _)) if needs_journal => {
            Some(write_journal(first, &beside, sync).context("the journal of the files can't be written")?)
        }
        _ => None,
    };
    let mut put = Vec::new();
    match put_all(&beside, sync, &mut put, warnings) {
        Ok(()) => {
            for (index, how) in put {
                // No longer needed. If they can't be removed, the next run removes them.
                let _ = match how {
                    Put::Copied => disk::remove(beside[index].1),
                    Put::Renamed => disk::remove(&beside[index].0.place.previous()),
                    Put::New | Put::Replaced => Ok(()),
                };
            }
            if let Some(journal) = journal {
                journal.remove();
            }
            Ok(())
        }
        Err((error, is_half_written)) => {
            if is_half_written || undo(&put, &beside).is_err() {
                let first = beside.first().map(|(file, _)| file.place.path()).unwrap_or_default();
                return Err(Failed::HalfDone(error.context(format!(
                    "the files of this run are not all in place; the next run that writes {} completes them",
                    crate::text::name(&first)
                ))));
            }
            if let Some(journal) = journal {
                journal.remove();
            }
            Err(Failed::Undone(error))
        }
    }
}

/// Puts all files in their places that are beside them. The error includes whether one is half written.
fn put_all(
    beside: &[(&Finished, &Path)],
    sync: bool,
    put: &mut Vec<(usize, Put)>,
    warnings: &mut Vec<String>,
) -> Result<(), (anyhow::Error, bool)> {
    // A copy can't be undone, so copies come last; if one fails, the next run copies the file again.
    let mut order: Vec<usize> = (0..beside.len()).collect();
    order.sort_by_key(|&index| beside[index].0.how == How::Copied);
    for (at, &index) in order.iter().enumerate() {
        let (file, unfinished) = beside[index];
        // If nothing follows, nothing needs to be undone.
        let is_last = at + 1 == order.len() && !sync;
        let result = match file.how {
            How::Renamed => put_in_place(file, unfinished, is_last, warnings),
            How::Copied => copy(&file.file, unfinished, &file.target, sync).map(|()| Put::Copied),
        };
        match result {
            Ok(how) => put.push((index, how)),
            Err(CopyError { error, is_half_written }) => {
                let error = anyhow::Error::from(error).context(cannot(file));
                return Err((error, is_half_written));
            }
        }
    }
    if sync {
        for (file, _) in beside {
            disk::sync_folder(file.place.folder()).with_context(|| cannot(file)).map_err(|error| (error, false))?;
        }
    }
    Ok(())
}

fn cannot(file: &Finished) -> String {
    format!("{} can't be written", crate::text::name(&file.target))
}

/// How a file was put in its place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Put {
    /// By renaming, where there was no file.
    New,
    /// By renaming; the old file still has another name, so that it can be restored.
    Renamed,
    /// By renaming; the old file is gone.
    Replaced,
    /// By copying, which can't be undone.
    Copied,
}

/// Why a file could not be copied, or renamed.
struct CopyError {
    error: io::Error,
    /// Whether part of it has been copied.
    is_half_written: bool,
}

impl CopyError {
    fn into_cause(self) -> io::Error {
        self.error
    }
}

/// Nothing has been copied yet.
impl From<io::Error> for CopyError {
    fn from(error: io::Error) -> CopyError {
        CopyError { error, is_half_written: false }
    }
}

/// Renames a finished file.
fn put_in_place(
    file: &Finished,
    unfinished: &Path,
    is_last: bool,
    warnings: &mut Vec<String>,
) -> Result<Put, CopyError> {
    let (target, previous) = (&file.target, file.place.previous());
    let mut put = Put::Replaced;
    if !is_last {
        disk::remove_if_there(&previous)?;
        put = match disk::link(target, &previous) {
            Ok(()) => Put::Renamed,
            Err(error) if error.kind() == ErrorKind::NotFound => Put::New,
            // Without hard links it can't be undone, but the next run can complete it.
            Err(error) if has_no_links(&error) => Put::Replaced,
            Err(error) => return Err(error.into()),
        };
    }
    let error = match disk::rename(unfinished, target) {
        Ok(()) => return Ok(put),
        Err(error) => error,
    };
    if put == Put::Renamed {
        let _ = disk::remove(&previous);
    }
    if !is_mount_point(&error) {
        return Err(error.into());
    }
    copy(&file.file, unfinished, target, false)?;
    warnings.push(format!("{} could not be replaced ({error}), so it was written in place", crate::text::name(target)));
    Ok(Put::Copied)
}

/// Returns whether hard links are impossible: on this file system, from here, or because there are too many.
fn has_no_links(error: &io::Error) -> bool {
    use ErrorKind::{CrossesDevices, PermissionDenied, TooManyLinks, Unsupported};
    matches!(error.kind(), Unsupported | PermissionDenied | CrossesDevices | TooManyLinks)
}

/// Returns whether a rename failed because a mount point can't be replaced.
fn is_mount_point(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ResourceBusy | ErrorKind::CrossesDevices)
}

/// Restores the previous files. The new ones become unfinished files again.
fn undo(put: &[(usize, Put)], beside: &[(&Finished, &Path)]) -> io::Result<()> {
    if put.iter().any(|(_, how)| matches!(how, Put::Copied | Put::Replaced)) {
        return Err(ErrorKind::Unsupported.into());
    }
    for &(index, how) in put.iter().rev() {
        let (file, unfinished) = beside[index];
        if how == Put::Renamed {
            // First add a second name: the journal must not name a file that doesn't exist.
            disk::link(&file.target, unfinished)?;
            disk::rename(&file.place.previous(), &file.target)?;
        } else {
            disk::rename(&file.target, unfinished)?;
        }
    }
    Ok(())
}

/// Copies a finished file into the existing one, which remains the same file.
fn copy(from: &File, name: &Path, target: &Path, sync: bool) -> Result<(), CopyError> {
    let to = disk::open_to_write(target)?;
    let length = from.metadata()?.len();
    disk::reserve(&to, target, length)?;
    copy_bytes(from, name, &to, target, length, sync).map_err(|error| CopyError { error, is_half_written: true })
}

fn copy_bytes(from: &File, name: &Path, to: &File, target: &Path, length: u64, sync: bool) -> io::Result<()> {
    let mut from_start = from.try_clone()?;
    from_start.rewind()?;
    let mut reader = Named::new(&from_start, name);
    let mut writer = Named::new(to, target);
    let mut block = vec![0; BLOCK];
    loop {
        match reader.read(&mut block) {
            Ok(0) => break,
            Ok(length) => writer.write_all(&block[..length])?,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    disk::resize(to, target, length)?;
    if sync || is_on_network(to) {
        disk::sync(to, target)?;
    }
    Ok(())
}

/// A journal that has been written.
struct Written {
    path: PathBuf,
    pointers: Vec<PathBuf>,
    /// Locked while the run is alive.
    _file: File,
}

impl Written {
    /// Removes the journal after all its steps are done. If that fails, the next run finds nothing left to do.
    fn remove(self) {
        for pointer in &self.pointers {
            let _ = disk::remove_if_there(pointer);
        }
        let _ = disk::remove_if_there(&self.path);
    }
}

fn write_journal(first: &Finished, files: &[(&Finished, &Path)], sync: bool) -> Result<Written> {
    let path = first.place.journal();
    let folder = first.place.folder();
    let relative = |path: &Path| path.strip_prefix(folder).unwrap_or(path).as_os_str().to_owned();
    let mut entries = Vec::new();
    let mut written = Vec::new();
    for (file, unfinished) in files {
        let about = file.file.metadata()?;
        entries.push(Entry {
            unfinished: relative(unfinished),
            target: relative(&file.target),
            previous: relative(&file.place.previous()),
            pointer: relative(&file.place.journal()),
            copied: file.how == How::Copied,
            length: about.len(),
            inode: inode(&about),
            modified: modified(&about),
        });
    }
    let result = (|| {
        for (file, _) in &files[1..] {
            let pointer = file.place.journal();
            let journal = path.strip_prefix(file.place.folder()).unwrap_or(&path).as_os_str().to_owned();
            let content = Content::Pointer(Pointer { clearpipe_journal: VERSION, journal });
            written.push(pointer.clone());
            write_content(&pointer, &content, sync)?;
        }
        written.push(path.clone());
        let content = Content::Journal(Journal { clearpipe_journal: VERSION, files: entries });
        let file = write_content(&path, &content, sync)?;
        if sync {
            let mut folders: Vec<&Path> = files.iter().map(|(file, _)| file.place.folder()).collect();
            folders.dedup();
            folders.into_iter().try_for_each(disk::sync_folder)?;
        }
        anyhow::Ok(file)
    })();
    match result {
        Ok(file) => {
            written.pop();
            Ok(Written { path, pointers: written, _file: file })
        }
        Err(error) => {
            for path in written {
                let _ = disk::remove_if_there(&path);
            }
            Err(error)
        }
    }
}

/// Writes a journal or a pointer in a single write.
fn write_content(path: &Path, content: &Content, sync: bool) -> Result<File> {
    let mut text = serde_json::to_vec(content)?;
    text.push(b'\n');
    let file = disk::create(path, Some(0o600))?;
    // No other run reads it before it is complete: that would take the lock of the unfinished file.
    disk::lock(&file)?;
    Named::new(&file, path).write_all(&text)?;
    if sync {
        disk::sync(&file, path)?;
    }
    Ok(file)
}

/// Completes the changes of a run that was killed. The caller holds the lock of the unfinished file of the place.
///
/// # Errors
/// If they can't be completed; the message names the journal.
pub fn recover(path: &Path) -> Result<Found> {
    recover_at(path).with_context(|| {
        format!(
            "a run that was killed has left {}; what it says can't be carried out, and until then nothing is written \
             here. Remove it to do without that run's results",
            crate::text::name(path)
        )
    })
}

fn recover_at(path: &Path) -> Result<Found> {
    let Some((file, content)) = read(path)? else { return Ok(Found::Nothing) };
    match content {
        // Its run was killed before the journal was complete, so it hasn't succeeded.
        None => {
            if disk::lock(&file)? == Lock::Taken {
                return Ok(Found::InUse);
            }
            disk::remove_if_there(path)?;
            Ok(Found::Nothing)
        }
        Some(Content::Journal(journal)) => carry_out(path, &file, &journal),
        Some(Content::Pointer(pointer)) => {
            let journal = path.parent().unwrap_or(Path::new(".")).join(pointer.journal);
            match read(&journal)? {
                Some((file, Some(Content::Journal(content)))) if content.names(&journal, path) => {
                    carry_out(&journal, &file, &content)
                }
                // Its run was killed before the journal was written, or after it was removed.
                _ => {
                    disk::remove_if_there(path)?;
                    Ok(Found::Nothing)
                }
            }
        }
    }
}

/// Reads a journal. There is no content if it is incomplete; `None` if there is no journal.
fn read(path: &Path) -> Result<Option<(File, Option<Content>)>> {
    let file = match disk::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let about = file.metadata()?;
    ensure!(about.is_file() && about.len() <= MAX_BYTES, "it is not a Clearpipe journal");
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        // Otherwise any user who can write to the folder could make this run rename other files.
        let owner = about.uid();
        ensure!(owner == rustix::process::geteuid().as_raw() || owner == 0, "it belongs to another user");
    }
    let mut text = String::new();
    Named::new(&file, path).read_to_string(&mut text)?;
    if !text.ends_with('\n') {
        return Ok(Some((file, None)));
    }
    let content: Content = serde_json::from_str(&text).context("it is not a Clearpipe journal")?;
    let version = match &content {
        Content::Journal(journal) => journal.clearpipe_journal,
        Content::Pointer(pointer) => pointer.clearpipe_journal,
    };
    if version != VERSION {
        bail!("it is of another version of Clearpipe");
    }
    Ok(Some((file, Some(content))))
}

impl Journal {
    /// Returns whether one of its files has this pointer.
    fn names(&self, path: &Path, pointer: &Path) -> bool {
        let folder = path.parent().unwrap_or(Path::new("."));
        self.files.iter().any(|entry| folder.join(&entry.pointer) == pointer)
    }
}

/// Carries out the steps of a journal that its run did not complete.
fn carry_out(path: &Path, file: &File, journal: &Journal) -> Result<Found> {
    if disk::lock(file)? == Lock::Taken || !is_at(file, path) {
        return Ok(Found::InUse);
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    for entry in &journal.files {
        let (unfinished, target) = (folder.join(&entry.unfinished), folder.join(&entry.target));
        let cannot = || format!("{} can't be written", crate::text::name(&target));
        match fs::symlink_metadata(&unfinished) {
            Ok(about) if entry.is(&about) => put_what_is_left(entry, &unfinished, &target).with_context(cannot)?,
            // It is in its place already; another file may have been created since.
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error).with_context(cannot),
        }
        disk::remove_if_there(&folder.join(&entry.previous))?;
    }
    for entry in &journal.files {
        let pointer = folder.join(&entry.pointer);
        if pointer != path {
            disk::remove_if_there(&pointer)?;
        }
    }
    disk::remove_if_there(path)?;
    Ok(Found::Recovered)
}

fn put_what_is_left(entry: &Entry, unfinished: &Path, target: &Path) -> io::Result<()> {
    // If the file that was meant to stay the same is gone, there is nothing to preserve.
    if !(entry.copied && target.exists()) {
        match disk::rename(unfinished, target) {
            Err(error) if is_mount_point(&error) => {}
            result => return result,
        }
    }
    copy(&disk::open(unfinished)?, unfinished, target, false).map_err(CopyError::into_cause)?;
    disk::remove(unfinished)
}

impl Entry {
    /// Returns whether a file is the one that was finished. Inodes change on some file systems when they are remounted.
    fn is(&self, about: &Metadata) -> bool {
        about.is_file()
            && about.len() == self.length
            && (inode(about) == self.inode || modified(about) == self.modified)
    }
}

fn inode(about: &Metadata) -> u64 {
    #[cfg(unix)]
    {
        std::os::unix::fs::MetadataExt::ino(about)
    }
    #[cfg(not(unix))]
    {
        let _ = about;
        0
    }
}

fn modified(about: &Metadata) -> u64 {
    let since = about.modified().ok().and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
    since.and_then(|since| u64::try_from(since.as_nanos()).ok()).unwrap_or(0)
}

/// Returns whether a file is on another machine, which only reports a lack of space when the file is closed.
#[cfg(target_os = "linux")]
fn is_on_network(file: &File) -> bool {
    const NFS: u64 = 0x6969;
    const SMB: u64 = 0x517b;
    const CIFS: u64 = 0xff53_4d42;
    const SMB2: u64 = 0xfe53_4d42;
    rustix::fs::fstatfs(file).is_ok_and(|found| [NFS, SMB, CIFS, SMB2].contains(&(found.f_type as u64 & 0xffff_ffff)))
}

#[cfg(not(target_os = "linux"))]
fn is_on_network(_file: &File) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_copied_in_place_is_not_denied_when_another_file_fails() {
        use super::super::target::Target;
        use std::io::Write;
        let folder = tempfile::tempdir().unwrap();
        let finished = |name: &str, unfinished: Where| {
            let path = folder.path().join(name);
            let Ok(Target::File(place)) = Target::of(&path) else { panic!("{name} is no file") };
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(b"after").unwrap();
            Finished { target: place.path(), place, unfinished, how: How::Copied, file }
        };
        let said = |files: &[Finished]| match commit(files, false, &mut Vec::new()) {
            Ok(()) => panic!("it should fail"),
            Err(Failed::Undone(error)) => ("undone", format!("{error:#}")),
            Err(Failed::HalfDone(error)) => ("half done", format!("{error:#}")),
        };
        std::fs::write(folder.path().join("a"), "before\n").unwrap();
        let kept = folder.path().join(".c.unfinished");
        std::fs::write(&kept, "after").unwrap();
        // The second one is gone, so that it can't be copied into.
        let elsewhere = |name| finished(name, Where::Elsewhere);
        let (kind, error) = said(&[elsewhere("gone"), elsewhere("a")]);
        assert!(kind == "undone" && error.contains("gone can't be written: "), "{kind}: {error}");
        assert_eq!(std::fs::read_to_string(folder.path().join("a")).unwrap(), "before\n");
        let (kind, error) = said(&[elsewhere("a"), elsewhere("gone"), finished("c", Where::Beside(kept.clone()))]);
        assert!(
            kind == "half done" && error.contains("a has already been replaced; the other results are in "),
            "{error}"
        );
        assert!(
            error.contains(".c.unfinished, until the next run: ") && error.contains("gone can't be written"),
            "{error}"
        );
        assert_eq!(std::fs::read_to_string(folder.path().join("a")).unwrap(), "after");
        assert!(kept.exists());
    }
}
