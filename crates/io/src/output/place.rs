//! The place of a file, and the unfinished file beside it.

use super::disk::{self, Lock};
use super::journal::{self, Found};
use super::target::Identity;
use anyhow::{Context as _, Result, bail};
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The longest name that the names of the files beside it still have in them.
const LONGEST_NAME: usize = 180;

/// How often it is tried again when another run is quicker.
const ATTEMPTS: u32 = 100;

/// How long it waits before it tries again: as long as another run may take to put its files in place.
const PAUSE: Duration = Duration::from_millis(20);

/// Where a file is to be: a folder, without links, and a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    folder: PathBuf,
    name: OsString,
}

/// An output that is a file: where its bytes go until the run has ended.
pub struct Opened {
    /// The bytes.
    pub file: File,
    /// Where they are.
    pub unfinished: Where,
    /// How they get to their place.
    pub how: How,
    /// Whether there was a file before.
    pub existed: bool,
    /// What the user is to know of it.
    pub warning: Option<String>,
    /// The file at the place, locked, where the bytes are not beside it.
    pub lock: Option<File>,
}

/// Where the bytes of an output are until the run has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Where {
    /// In a file beside the place.
    Beside(PathBuf),
    /// In a file without a name in the folder for temporary files.
    Elsewhere,
}

/// How a finished file gets to its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The unfinished file is renamed: the file is the old or the new one at any time.
    Renamed,
    /// Its bytes are copied into the file that is there, which stays the same file.
    Copied,
}

impl Place {
    /// A place in a folder, whose path has no links in it.
    pub fn new(folder: PathBuf, name: &OsStr) -> Place {
        Place { folder, name: name.to_owned() }
    }

    /// Its path.
    pub fn path(&self) -> PathBuf {
        self.folder.join(&self.name)
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the file is while it is written.
    pub fn unfinished(&self) -> PathBuf {
        self.beside("unfinished")
    }

    /// What says how several files get to their places together.
    pub fn journal(&self) -> PathBuf {
        self.beside("journal")
    }

    /// The old file while the new ones get to their places.
    pub fn previous(&self) -> PathBuf {
        self.beside("previous")
    }

    /// Whether a path names it without a link as its last part, so that what is beside the one is beside the other.
    pub fn is_called(&self, path: &Path) -> bool {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        path.file_name() == Some(&*self.name) && fs::canonicalize(folder).is_ok_and(|folder| folder == self.folder)
    }

    fn beside(&self, what: &str) -> PathBuf {
        let mut name = OsString::from(".");
        let bytes = self.name.as_encoded_bytes();
        if bytes.len() <= LONGEST_NAME {
            name.push(&self.name);
        } else {
            // A name may have 255 bytes. FNV-1a: the same in every version.
            let hash = bytes
                .iter()
                .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
            name.push(format!("{hash:016x}"));
        }
        name.push(".");
        name.push(what);
        self.folder.join(name)
    }

    /// Opens an output at this place: it may be refused, but nothing is replaced before the end.
    pub fn open(&self) -> Result<Opened> {
        let path = self.path();
        let before = match fs::metadata(&path) {
            Ok(found) => Some(found),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error.into()),
        };
        if before.as_ref().is_some_and(|before| before.permissions().readonly() || !may_write(&path)) {
            bail!("it is write-protected");
        }
        // Others may read it only once it belongs to the same people as the old one.
        let file = match self.create(before.as_ref().map(|_| 0o600))? {
            Err(error) if before.is_some() => return self.open_elsewhere(&error),
            Err(error) => return Err(error).context("no file can be made in its folder"),
            Ok(file) => file,
        };
        // Looked at once more: what a run before left has been brought to its end meanwhile.
        let before = fs::metadata(&path).ok();
        let kept = before.as_ref().map_or(Ok(()), |before| self.keeps(before, &file));
        let (how, warning) = match kept {
            Ok(()) => (How::Renamed, None),
            Err(reason) => {
                let name = crate::text::name(&path);
                let warning = format!(
                    "{name} {reason}, so it is not replaced, but written in place at the end: whoever reads it at that \
                     moment may see a part"
                );
                (How::Copied, Some(warning))
            }
        };
        let unfinished = Where::Beside(self.unfinished());
        Ok(Opened { file, unfinished, how, existed: before.is_some(), warning, lock: None })
    }

    /// Whether a new file in the place of the old one is the same to everyone; else why not.
    fn keeps(&self, before: &Metadata, file: &File) -> Result<(), &'static str> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::{MetadataExt, fchown};
            if before.nlink() > 1 {
                return Err("has several names (hard links)");
            }
            if is_mounted(&self.path()) {
                return Err("is mounted by itself");
            }
            if has_attributes(&self.path()) {
                return Err("has an access list or attributes");
            }
            let ours = file.metadata().ok();
            if ours.is_none_or(|ours| (ours.uid(), ours.gid()) != (before.uid(), before.gid()))
                && fchown(file, Some(before.uid()), Some(before.gid())).is_err()
            {
                return Err("belongs to another user or group");
            }
        }
        // Last: a change of the owner may change it.
        if file.set_permissions(before.permissions()).is_err() && cfg!(unix) {
            return Err("has permissions that a new file can't have");
        }
        Ok(())
    }

    /// A new file beside the place that no other run has. What a run left that was killed is completed or removed. The
    /// inner error is that nothing can be written in the folder.
    fn create(&self, mode: Option<u32>) -> Result<Result<File, io::Error>> {
        let path = self.unfinished();
        for attempt in 0..ATTEMPTS {
            let (file, is_new) = match disk::create(&path, mode) {
                Ok(file) => (file, true),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => match open_unfinished(&path)? {
                    Some(file) => (file, false),
                    None => continue,
                },
                Err(error) if is_closed_to_us(&error) => return Ok(Err(error)),
                Err(error) => return Err(error.into()),
            };
            let lock = disk::lock(&file);
            if lock.is_err() && is_new {
                let _ = disk::remove_if_there(&path);
            }
            match lock? {
                // One that was killed a moment ago may not have ended yet.
                Lock::Taken if attempt < ATTEMPTS / 4 => {
                    drop(file);
                    std::thread::sleep(PAUSE);
                    continue;
                }
                Lock::Taken => bail!("another run of Clearpipe is writing it"),
                Lock::Unsupported if !is_new => bail!(
                    "{} may be of a run that still goes on, which this file system can't tell; remove it",
                    crate::text::name(&path)
                ),
                Lock::Ours | Lock::Unsupported => {}
            }
            if !is_at(&file, &path) {
                continue;
            }
            // With the lock, nobody can begin to put files in place here; but somebody may be about to end it.
            let found = journal::recover(&self.journal());
            if is_new && !matches!(found, Ok(Found::Nothing)) {
                disk::remove_if_there(&path)?;
            }
            match found? {
                Found::Nothing => {}
                Found::Recovered => continue,
                Found::InUse => {
                    drop(file);
                    std::thread::sleep(PAUSE);
                    continue;
                }
            }
            if is_new {
                // It may have been left where the end of a run could not remove it.
                let _ = disk::remove_if_there(&self.previous());
                return Ok(Ok(file));
            }
            // A run began it and was killed.
            if is_at(&file, &path) {
                disk::remove_if_there(&path)?;
            }
        }
        bail!("another run of Clearpipe is writing it")
    }

    /// Where nothing can be written beside the place: the file is written elsewhere first, and copied at the end.
    fn open_elsewhere(&self, error: &io::Error) -> Result<Opened> {
        let path = self.path();
        let held = disk::open_to_write(&path)?;
        if disk::lock(&held)? == Lock::Taken {
            bail!("another run of Clearpipe is writing it");
        }
        let temporary = std::env::temp_dir();
        let file = tempfile::tempfile()
            .with_context(|| format!("nor can a temporary file in {}", crate::text::name(&temporary)))
            .with_context(|| format!("no file can be made beside it ({error})"))?;
        let warning = format!(
            "no file can be made beside {} ({error}), so it is written in {} and copied at the end: a run that is \
             killed meanwhile leaves it incomplete",
            crate::text::name(&path),
            crate::text::name(&temporary),
        );
        Ok(Opened {
            file,
            unfinished: Where::Elsewhere,
            how: How::Copied,
            existed: true,
            warning: Some(warning),
            lock: Some(held),
        })
    }
}

/// What is added to the name of a result of a run that was stopped, so that it doesn't replace that of a whole one, nor
/// anything else that is there.
pub fn partial_ending(path: &Path) -> String {
    let endings = std::iter::once(".partial".to_owned()).chain((2..).map(|number: u64| format!(".partial-{number}")));
    let is_free = |ending: &String| fs::symlink_metadata(with_ending(path, ending)).is_err();
    endings.into_iter().find(is_free).unwrap_or_default()
}

/// A path whose name has something added.
pub fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Opens the unfinished file of another run, or removes what is no such file. None if it is gone.
fn open_unfinished(path: &Path) -> Result<Option<File>> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    if !found.is_file() {
        bail!("{} is not a regular file; remove it", crate::text::name(path));
    }
    match disk::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("{} is in the way", crate::text::name(path))),
    }
}

/// Whether a path still leads to this file.
pub fn is_at(file: &File, path: &Path) -> bool {
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(of_file), Ok(of_path)) => Identity::of(&of_file) == Identity::of(&of_path),
        _ => false,
    }
}

/// Whether it is the folder that can't be written to.
fn is_closed_to_us(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem)
}

#[cfg(unix)]
fn may_write(path: &Path) -> bool {
    rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_ok()
}

#[cfg(not(unix))]
fn may_write(_path: &Path) -> bool {
    true
}

/// Whether a file is a mount point, as one that is passed to a container is: nothing can take its place.
#[cfg(target_os = "linux")]
fn is_mounted(path: &Path) -> bool {
    use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags, statx};
    statx(CWD, path, AtFlags::empty(), StatxFlags::BASIC_STATS)
        .is_ok_and(|found| found.stx_attributes.contains(StatxAttributes::MOUNT_ROOT))
}

#[cfg(all(unix, not(target_os = "linux")))]
fn is_mounted(_path: &Path) -> bool {
    false
}

/// Whether a file has an access list, or attributes that a user has given it.
#[cfg(target_os = "linux")]
fn has_attributes(path: &Path) -> bool {
    let mut names = [0_u8; 4096];
    // Where there are too many to be listed, there are some.
    match rustix::fs::listxattr(path, &mut names[..]) {
        Ok(length) => names[..length].split(|byte| *byte == 0).any(|name| {
            name.starts_with(b"user.") || name == b"system.posix_acl_access" || name == b"security.capability"
        }),
        Err(error) => error == rustix::io::Errno::RANGE,
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
fn has_attributes(_path: &Path) -> bool {
    false
}
