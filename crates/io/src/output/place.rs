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

/// The longest name that is included in the names of the files beside it.
const MAX_NAME_LENGTH: usize = 180;

/// How many times it is tried again when another run is faster.
const ATTEMPTS: u32 = 100;

/// How long to wait before trying again: about as long as another run may take to put its files in place.
const PAUSE: Duration = Duration::from_millis(20);

/// The intended path of a file: a folder, without links, and a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    folder: PathBuf,
    name: OsString,
}

/// An output that is a file: where its bytes are kept until the run has ended.
pub struct Opened {
    /// The open file.
    pub file: File,
    /// Where the bytes are.
    pub unfinished: Where,
    /// How they are put in place.
    pub how: How,
    /// Whether a file existed before.
    pub existed: bool,
    /// A warning for the user.
    pub warning: Option<String>,
    /// The file in the place, locked, if the bytes are not beside it.
    pub lock: Option<File>,
}

/// Where the bytes of an output are until the run has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Where {
    /// In a file beside the place.
    Beside(PathBuf),
    /// In an unnamed file in the folder for temporary files.
    Elsewhere,
}

/// How a finished file is put in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The unfinished file is renamed: at any time, the place has either the old or the new file.
    Renamed,
    /// Its bytes are copied into the existing file, which remains the same file.
    Copied,
}

impl Place {
    /// Creates a place in a folder, whose path has no links in it.
    pub fn new(folder: PathBuf, name: &OsStr) -> Place {
        Place { folder, name: name.to_owned() }
    }

    /// Returns its path.
    pub fn path(&self) -> PathBuf {
        self.folder.join(&self.name)
    }

    /// Returns its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the path of the file while it is written.
    pub fn unfinished(&self) -> PathBuf {
        self.beside("unfinished")
    }

    /// Returns the path of the journal that makes several files appear together.
    pub fn journal(&self) -> PathBuf {
        self.beside("journal")
    }

    /// Returns the path of the old file while the new ones are put in their places.
    pub fn previous(&self) -> PathBuf {
        self.beside("previous")
    }

    /// Returns whether a path refers to it without a link as its last component, so that files beside the one are also
    /// beside the other.
    pub fn is_called(&self, path: &Path) -> bool {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        path.file_name() == Some(&*self.name) && fs::canonicalize(folder).is_ok_and(|folder| folder == self.folder)
    }

    fn beside(&self, what: &str) -> PathBuf {
        let mut name = OsString::from(".");
        let bytes = self.name.as_encoded_bytes();
        if bytes.len() <= MAX_NAME_LENGTH {
            name.push(&self.name);
        } else {
            // A name can have 255 bytes. FNV-1a: the same in every version.
            let hash = bytes
                .iter()
                .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
            name.push(format!("{hash:016x}"));
        }
        name.push(".");
        name.push(what);
        self.folder.join(name)
    }

    /// Opens an output in this place. This can fail, but nothing is replaced before the end.
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
        // Other users may only read it once it has the owner and the permissions of the old one.
        let file = match self.create(before.as_ref().map(|_| 0o600))? {
            Err(error) if before.is_some() => return self.open_elsewhere(&error),
            Err(error) => return Err(error).context("no file can be made in its folder"),
            Ok(file) => file,
        };
        // Check once more: the leftovers of an earlier run have been completed meanwhile.
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

    /// Checks whether a new file in the place of the old one is equivalent for all users; otherwise returns why not.
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
        // Last, since a change of the owner may change the permissions.
        if file.set_permissions(before.permissions()).is_err() && cfg!(unix) {
            return Err("has permissions that a new file can't have");
        }
        Ok(())
    }

    /// Creates a file beside the place that no other run has. The leftovers of a run that was killed are completed or
    /// removed. The inner error means that the folder isn't writable.
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
                // A run that was killed a moment ago may not have ended yet.
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
            // While the lock is held, no other run can start to put files in place here; but one may be about to
            // finish.
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
                // It may be left over from a run that could not remove it at its end.
                let _ = disk::remove_if_there(&self.previous());
                return Ok(Ok(file));
            }
            // It was created by a run that was killed.
            if is_at(&file, &path) {
                disk::remove_if_there(&path)?;
            }
        }
        bail!("another run of Clearpipe is writing it")
    }

    /// Opens the output if nothing can be written beside the place: the file is written elsewhere first, and copied at
    /// the end.
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

/// Returns the suffix for the name of a result of a run that was stopped, so that it doesn't replace a complete result,
/// or any other file.
pub fn partial_ending(path: &Path) -> String {
    let endings = std::iter::once(".partial".to_owned()).chain((2..).map(|number: u64| format!(".partial-{number}")));
    let is_free = |ending: &String| fs::symlink_metadata(with_ending(path, ending)).is_err();
    endings.into_iter().find(is_free).unwrap_or_default()
}

/// Returns a path with a suffix added to its name.
pub fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Opens the unfinished file of another run, or removes whatever else has its name. `None` if it is gone.
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

/// Returns whether a path still leads to this file.
pub fn is_at(file: &File, path: &Path) -> bool {
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(of_file), Ok(of_path)) => Identity::of(&of_file) == Identity::of(&of_path),
        _ => false,
    }
}

/// Returns whether the error is that the folder isn't writable.
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

/// Returns whether a file is a mount point, such as one that is passed to a container: it can't be replaced.
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

/// Returns whether a file has an access control list, or attributes that were set by a user.
#[cfg(target_os = "linux")]
fn has_attributes(path: &Path) -> bool {
    let mut names = [0_u8; 4096];
    // If there are too many to be listed, there are some.
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
