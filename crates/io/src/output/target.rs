//! Resolves the name of an output: a descriptor that was passed to the command, a device or pipe, or a file.

use super::place::Place;
use anyhow::{Context as _, Result, bail};
use std::ffi::OsStr;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// The descriptor of the standard output.
pub const STDOUT: u32 = 1;

/// The maximum number of links that are followed.
const MAX_LINKS: usize = 40;

/// What a name refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A descriptor that was open when the command was started: it is written to directly.
    Descriptor(u32),
    /// A device or a named pipe.
    Special(PathBuf),
    /// A file, which may not exist yet.
    File(Place),
}

/// The identity of a file, regardless of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    device: u64,
    inode: u64,
}

impl Target {
    /// Resolves a name. Links are followed: what matters is where the bytes end up.
    pub fn of(path: &Path) -> Result<Target> {
        let mut path = path.to_owned();
        for _ in 0..MAX_LINKS {
            if let Some(number) = descriptor_by_name(&path) {
                return Ok(Target::Descriptor(number));
            }
            let Some(name) = path.file_name() else {
                // It ends in `..`, or is the root.
                bail!("{}", if path.is_dir() { "it is a folder" } else { "it has no name" });
            };
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let folder = fs::canonicalize(folder).context("its folder can't be used")?;
            if is_descriptor_folder(&folder)
                && let Some(number) = number(name)
            {
                return Ok(Target::Descriptor(number));
            }
            let at = folder.join(name);
            match fs::symlink_metadata(&at) {
                Ok(found) if found.is_symlink() => path = folder.join(fs::read_link(&at)?),
                Ok(found) if found.is_dir() => bail!("it is a folder"),
                Ok(found) if !found.is_file() => return Ok(Target::Special(at)),
                Ok(_) => return Ok(Target::File(Place::new(folder, name))),
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    return Ok(Target::File(Place::new(folder, name)));
                }
                Err(error) => return Err(error.into()),
            }
        }
        bail!("too many links lead to it")
    }

    /// Returns the metadata of the existing target, if there is one.
    pub fn metadata(&self) -> Option<Metadata> {
        match self {
            Target::Descriptor(number) => descriptor_metadata(*number),
            Target::Special(path) => fs::metadata(path).ok(),
            Target::File(place) => fs::metadata(place.path()).ok(),
        }
    }
}

impl Identity {
    /// Returns the identity of the file with this metadata, if the system supports it.
    pub fn of(metadata: &Metadata) -> Option<Identity> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            Some(Identity { device: metadata.dev(), inode: metadata.ino() })
        }
        #[cfg(not(unix))]
        {
            let _ = metadata;
            None
        }
    }
}

/// Recognises the usual names of descriptors, even if `/proc` is missing.
fn descriptor_by_name(path: &Path) -> Option<u32> {
    let text = path.to_str()?;
    match text {
        "-" | "/dev/stdout" => Some(1),
        "/dev/stdin" if cfg!(unix) => Some(0),
        "/dev/stderr" if cfg!(unix) => Some(2),
        _ if cfg!(unix) => text.strip_prefix("/dev/fd/").and_then(|name| number(OsStr::new(name))),
        _ => None,
    }
}

/// Returns whether a folder contains the descriptors of this process.
fn is_descriptor_folder(folder: &Path) -> bool {
    let Ok(inside) = folder.strip_prefix("/proc") else { return folder == Path::new("/dev/fd") };
    let mut parts = inside.iter();
    let is_ours = |part: Option<&OsStr>| part.and_then(number) == Some(std::process::id());
    is_ours(parts.next())
        && match parts.next() {
            Some(part) if part == "fd" => parts.next().is_none(),
            // A thread has the descriptors of its process.
            Some(part) if part == "task" => {
                parts.next().and_then(number).is_some()
                    && parts.next().is_some_and(|part| part == "fd")
                    && parts.next().is_none()
            }
            _ => false,
        }
}

fn number(name: &OsStr) -> Option<u32> {
    name.to_str().filter(|name| name.bytes().all(|byte| byte.is_ascii_digit())).and_then(|name| name.parse().ok())
}

/// Opens a descriptor of the command as a file: it writes to the same target at the descriptor's current position.
pub fn open_descriptor(number: u32) -> Result<File> {
    let file = duplicate(number)?;
    #[cfg(unix)]
    {
        use rustix::fs::{OFlags, fcntl_getfl};
        if fcntl_getfl(&file).is_ok_and(|flags| flags & OFlags::RWMODE == OFlags::RDONLY) {
            bail!("it is open for reading only");
        }
    }
    Ok(file)
}

/// Opens a device or a named pipe.
pub fn open_special(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).open(path)
}

/// Returns the standard input, output or error.
#[cfg(unix)]
fn standard(number: u32) -> io::Result<Option<File>> {
    use std::os::fd::AsFd;
    Ok(Some(File::from(match number {
        0 => io::stdin().as_fd().try_clone_to_owned()?,
        1 => io::stdout().as_fd().try_clone_to_owned()?,
        2 => io::stderr().as_fd().try_clone_to_owned()?,
        _ => return Ok(None),
    })))
}

#[cfg(unix)]
fn duplicate(number: u32) -> Result<File> {
    match standard(number)? {
        Some(file) => Ok(file),
        None => duplicate_other(number),
    }
}

#[cfg(not(unix))]
fn duplicate(_number: u32) -> Result<File> {
    bail!("this system has no such descriptors")
}

/// Duplicates a descriptor by its number. Opening `/dev/fd/N` is not enough: for a file, that starts at the beginning,
/// and later writes to the descriptor would overwrite the data.
#[cfg(target_os = "linux")]
fn duplicate_other(number: u32) -> Result<File> {
    use rustix::fs::OFlags;
    use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};
    let about = fs::read_to_string(format!("/proc/self/fdinfo/{number}")).unwrap_or_default();
    let flags = about.lines().find_map(|line| u32::from_str_radix(line.strip_prefix("flags:")?.trim(), 8).ok());
    let flags = flags.map(OFlags::from_bits_retain);
    // Descriptors that this command has opened itself are closed when another program is started; inherited ones are
    // not.
    let Some(flags) = flags.filter(|flags| !flags.contains(OFlags::CLOEXEC)) else { bail!("it is not open") };
    let own = pidfd_open(getpid(), PidfdFlags::empty());
    let copy = own.and_then(|own| pidfd_getfd(own, number.cast_signed(), PidfdGetfdFlags::empty()));
    match copy {
        Ok(copy) => Ok(File::from(copy)),
        // An old system, or a sandbox. Opening it again is equivalent if it has no position.
        Err(error) => {
            let path = format!("/proc/self/fd/{number}");
            let appends = flags.contains(OFlags::APPEND);
            if fs::metadata(&path)?.is_file() && !appends {
                return Err(io::Error::from(error).into());
            }
            Ok(OpenOptions::new().write(true).append(appends).open(path)?)
        }
    }
}

/// On this system, opening it duplicates it.
#[cfg(all(unix, not(target_os = "linux")))]
fn duplicate_other(number: u32) -> Result<File> {
    Ok(OpenOptions::new().write(true).open(format!("/dev/fd/{number}"))?)
}

#[cfg(unix)]
fn descriptor_metadata(number: u32) -> Option<Metadata> {
    match standard(number) {
        Ok(Some(file)) => file.metadata().ok(),
        _ => fs::metadata(format!("/dev/fd/{number}")).ok(),
    }
}

#[cfg(not(unix))]
fn descriptor_metadata(_number: u32) -> Option<Metadata> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn descriptors_are_known_by_all_their_names() {
        let id = std::process::id();
        for (name, number) in [
            ("-", 1),
            ("/dev/stdout", 1),
            ("/dev/stderr", 2),
            ("/dev/fd/2", 2),
            ("/dev/fd/63", 63),
            ("/dev/../dev/fd/7", 7),
        ] {
            assert_eq!(Target::of(Path::new(name)).unwrap(), Target::Descriptor(number), "{name}");
        }
        if cfg!(target_os = "linux") {
            for name in ["/proc/self/fd/1".to_owned(), format!("/proc/{id}/fd/1"), "/proc/thread-self/fd/1".to_owned()]
            {
                assert_eq!(Target::of(Path::new(&name)).unwrap(), Target::Descriptor(1), "{name}");
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("log");
        std::os::unix::fs::symlink("/dev/stderr", &link).unwrap();
        assert_eq!(Target::of(&link).unwrap(), Target::Descriptor(2));
        assert_eq!(Target::of(Path::new("/dev/null")).unwrap(), Target::Special("/dev/null".into()));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_descriptor_that_the_command_opened_by_itself_is_none_of_its_outputs() {
        use std::os::fd::AsRawFd;
        let file = tempfile::tempfile().unwrap();
        let problem = |number: u32| open_descriptor(number).unwrap_err().to_string();
        assert_eq!(problem(file.as_raw_fd().cast_unsigned()), "it is not open");
        assert_eq!(problem(1_000_000), "it is not open");
    }
}
