//! The standard input of a run that doesn't read it.
//!
//! Without an input and without a number of records, a run generates 50. That is not what `cat data | clearpipe run` is
//! meant to do, so the run first checks the standard input:
//!
//! | standard input | the run |
//! |---|---|
//! | a terminal, another device such as `/dev/null`, or closed | generates records |
//! | a file, or a pipe or socket with data | is refused |
//! | a pipe or socket that stays empty for a moment | generates records, or is refused if it would replace results |
//!
//! A job of cron or CI, whose standard input is often an open pipe, therefore never hangs.

use crate::settings::SettingsError;
use clearpipe_io::text;
use std::path::Path;
use std::time::Duration;

/// How long to wait for data: the command that writes to the pipe may have just been started too.
const PATIENCE: Duration = Duration::from_millis(300);

/// What to do instead.
const ADVICE: &str = "use `-i -` to read it, or `-n 50` to generate records";

/// What the standard input has to offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(unix), expect(dead_code, reason = "there is no way to ask without reading"))]
enum Offer {
    /// Nothing that was redirected on purpose.
    Nothing,
    /// A file.
    File,
    /// A pipe with data.
    Data,
    /// A pipe without data, or without data so far.
    Silent,
}

/// Refuses to generate records if the standard input has data, or if it may have some and `results` would be replaced.
/// Otherwise returns a note if it may have some.
///
/// # Errors
/// What to do instead.
pub fn refuse_to_ignore<'a>(results: impl Iterator<Item = &'a Path>) -> Result<Option<String>, SettingsError> {
    let refused = |problem: String| Err(SettingsError::of(vec![format!("{problem}: {ADVICE}")]));
    match offer(PATIENCE) {
        Offer::Nothing => Ok(None),
        Offer::File => refused("the standard input is a file, which would be ignored".to_owned()),
        Offer::Data => refused("the standard input has data, which would be ignored".to_owned()),
        Offer::Silent => {
            let is_result = |path: &&Path| std::fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() > 0);
            let mut results = results;
            match results.find(is_result) {
                Some(result) => refused(format!(
                    "the standard input is a pipe without data so far, and generated records would replace {}",
                    text::name(result)
                )),
                None => Ok(Some(format!("note: these are generated records; the standard input was empty: {ADVICE}"))),
            }
        }
    }
}

/// Refuses the generated records if data has arrived meanwhile. `is_written` says whether some went to something other
/// than a regular file.
///
/// # Errors
/// What to do instead.
pub fn refuse_if_data_came(is_written: bool) -> Result<(), SettingsError> {
    match offer(Duration::ZERO) {
        Offer::Data => {
            let problem = "data arrived late on the standard input and was not read";
            let outcome = if is_written { "" } else { "; no file was written" };
            Err(SettingsError::of(vec![format!("{problem}{outcome}: {ADVICE}")]))
        }
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn offer(patience: Duration) -> Offer {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::fs::{FileType, fstat};
    use rustix::io::{Errno, ioctl_fionread};
    let stdin = std::io::stdin();
    let Ok(about) = fstat(&stdin) else { return Offer::Nothing };
    match FileType::from_raw_mode(about.st_mode) {
        FileType::RegularFile => return Offer::File,
        FileType::Fifo | FileType::Socket => {}
        _ => return Offer::Nothing,
    }
    let until = std::time::Instant::now() + patience;
    loop {
        let left = until.saturating_duration_since(std::time::Instant::now());
        let timeout = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: i64::from(left.subsec_nanos()) as _ };
        let mut watched = [PollFd::new(&stdin, PollFlags::IN)];
        match poll(&mut watched, Some(&timeout)) {
            Err(Errno::INTR) => continue,
            // At its end, a pipe is readable too, but without data.
            _ if ioctl_fionread(&stdin).is_ok_and(|bytes| bytes > 0) => return Offer::Data,
            _ => return Offer::Silent,
        }
    }
}

/// There is no way to check without reading.
#[cfg(not(unix))]
fn offer(_patience: Duration) -> Offer {
    Offer::Nothing
}
