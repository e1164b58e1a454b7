//! Measures the memory of a run: the peak of a separate process.

use anyhow::{Context, bail, ensure};
use clearpipe_io::output::{Undo, Unfinished};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often the process is sampled. The system reports its peak; only what it allocated in the last moment before its
/// end can be missed.
const PAUSE: Duration = Duration::from_millis(1);

/// Runs `program`, which is `clearpipe`, and discards its files. Returns its peak resident memory in bytes. The process
/// does not outlive `files`.
pub fn peak_of_run(program: &Path, files: &Unfinished, arguments: &[String]) -> anyhow::Result<u64> {
    ensure!(cfg!(target_os = "linux"), "how much memory a process takes is only measured on Linux");
    let mut command = Command::new(program);
    command.args(["run", "--quiet", "--processed", "/dev/null", "--failed", "/dev/null"]).args(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let child = files.begin(|| {
        let child = Arc::new(Mutex::new(command.spawn().context("the program can't be started again")?));
        let same = child.clone();
        Ok((Ended(child), Box::new(move || end(same)) as Undo))
    })?;
    let status = PathBuf::from(format!("/proc/{}/status", locked(&child.0).id()));
    let mut peak = 0;
    loop {
        peak = peak.max(std::fs::read_to_string(&status).ok().and_then(|text| peak_in(&text)).unwrap_or(0));
        match locked(&child.0).try_wait().context("the run can't be waited for")? {
            None => std::thread::sleep(PAUSE),
            Some(status) if !status.success() => bail!("the run failed"),
            Some(_) if peak == 0 => bail!("the run was too short to be measured"),
            Some(_) => return Ok(peak),
        }
    }
}

/// A child process that is killed when this is dropped.
struct Ended(Arc<Mutex<Child>>);

impl Drop for Ended {
    fn drop(&mut self) {
        kill(&mut locked(&self.0));
    }
}

fn locked(child: &Mutex<Child>) -> MutexGuard<'_, Child> {
    child.lock().unwrap_or_else(PoisonError::into_inner)
}

fn kill(child: &mut Child) {
    // Killing a process that has ended fails.
    let _ = child.kill();
    let _ = child.wait();
}

/// Kills the process because the program ends: a caller that still waits for it does so until then, and does not report
/// that it failed.
fn end(child: Arc<Mutex<Child>>) {
    let mut child = locked(&child);
    if matches!(child.try_wait(), Ok(None)) {
        kill(&mut child);
        std::mem::forget(child);
    }
}

/// Returns the peak from the system's status of a process.
fn peak_in(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_peak_is_found() {
        assert_eq!(super::peak_in("VmPeak:\t 99 kB\nVmHWM:\t    12 kB\nVmRSS:\t 10 kB\n"), Some(12 * 1024));
        assert_eq!(super::peak_in("Name:\tx\n"), None);
    }
}
