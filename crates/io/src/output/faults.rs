//! A disk that fails when a test requests it.
//!
//! Faults are set for a folder, since several tests run concurrently: every call on a file in it is counted, and the
//! one with a certain number fails. As with a real disk, other folders aren't affected.

use super::disk::Call;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The effect on a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It fails.
    Error(ErrorKind),
    /// Only part of it is done, if it has a length.
    Short,
    /// The process is killed before it.
    Kill,
}

/// The faults of a folder.
#[derive(Debug)]
struct Plan {
    folder: PathBuf,
    fault: Fault,
    /// The number of the affected call, and whether all later ones are affected too.
    at: usize,
    for_good: bool,
    calls: Vec<(Call, PathBuf)>,
}

static PLANS: Mutex<Vec<Plan>> = Mutex::new(Vec::new());

/// Faults in a folder, until this is dropped.
pub struct Faults(PathBuf);

impl Faults {
    /// Makes the call with this number fail, counted from 0; or, `for_good`, that one and all later ones.
    pub fn new(folder: &Path, fault: Fault, at: usize, for_good: bool) -> Faults {
        let folder = folder.canonicalize().unwrap();
        let plan = Plan { folder: folder.clone(), fault, at, for_good, calls: Vec::new() };
        PLANS.lock().unwrap_or_else(PoisonError::into_inner).push(plan);
        Faults(folder)
    }

    /// Returns the calls made so far.
    pub fn calls(&self) -> Vec<(Call, PathBuf)> {
        let plans = PLANS.lock().unwrap_or_else(PoisonError::into_inner);
        plans.iter().find(|plan| plan.folder == self.0).unwrap().calls.clone()
    }
}

impl Drop for Faults {
    fn drop(&mut self) {
        PLANS.lock().unwrap_or_else(PoisonError::into_inner).retain(|plan| plan.folder != self.0);
    }
}

fn fault(call: Call, path: &Path) -> Option<Fault> {
    let mut plans = PLANS.lock().unwrap_or_else(PoisonError::into_inner);
    let plan = plans.iter_mut().find(|plan| path.starts_with(&plan.folder))?;
    let number = plan.calls.len();
    plan.calls.push((call, path.to_owned()));
    (number == plan.at || plan.for_good && number > plan.at).then_some(plan.fault)
}

/// Fails if this is the affected call.
///
/// # Errors
/// That of the fault, if there is one for this call.
pub fn ask(call: Call, path: &Path) -> io::Result<()> {
    ask_length(call, path, 0).map(drop)
}

/// Returns how much of a length a call processes.
///
/// # Errors
/// That of the fault, if there is one for this call.
pub fn ask_length(call: Call, path: &Path, length: usize) -> io::Result<usize> {
    match fault(call, path) {
        None => Ok(length),
        Some(Fault::Short) => Ok(length.min(1)),
        Some(Fault::Error(kind)) => Err(kind.into()),
        Some(Fault::Kill) => kill(),
    }
}

/// Ends the process as `kill -9` does: without any cleanup.
fn kill() -> ! {
    #[cfg(unix)]
    {
        use rustix::process::{Signal, getpid, kill_process};
        kill_process(getpid(), Signal::KILL).unwrap();
    }
    std::process::abort()
}
