//! Ending a run early: by a signal, or since nobody reads its output.

use crate::progress::Speaker;
use anyhow::{Context, Result};
use clearpipe_core::pipeline::Monitor;
use clearpipe_io::input::InputEnd;
use clearpipe_io::output::Unfinished;
use std::sync::{Arc, Mutex, PoisonError};

/// Stops the source of a run; what is in flight is finished.
#[derive(Clone, Default)]
pub struct Stopper(Arc<Mutex<Stopping>>);

#[derive(Default)]
struct Stopping {
    run: Option<Arc<Monitor>>,
    input: Option<InputEnd>,
    requested: bool,
}

impl Stopper {
    /// Tells it what to stop.
    pub fn attach(&self, run: Arc<Monitor>, input: Option<InputEnd>) {
        let mut stopping = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        stopping.run = Some(run);
        stopping.input = input;
        stopping.stop_if_requested();
    }

    /// Stops the run, or will as soon as there is one. False if there is none yet.
    pub fn stop(&self) -> bool {
        let mut stopping = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        stopping.requested = true;
        stopping.stop_if_requested()
    }
}

impl Stopping {
    fn stop_if_requested(&self) -> bool {
        match &self.run {
            Some(run) if self.requested => {
                run.control().stop();
                // Behind the stop: the Producer, which may be waiting for input, then knows why it ends.
                self.input.iter().for_each(InputEnd::end);
                true
            }
            run => run.is_some(),
        }
    }
}

/// What the signals that came have done.
#[derive(Clone)]
pub struct Interrupts {
    /// What the first one stops.
    pub stopper: Stopper,
    /// What the second one removes.
    pub files: Unfinished,
    /// Who tells so.
    pub speaker: Speaker,
    /// The exit status that the first signal asks for.
    status: Arc<Mutex<Option<u8>>>,
}

impl Interrupts {
    /// Listens from now on. The first signal stops the run, the second ends the program at once.
    pub fn listen(stopper: &Stopper, files: &Unfinished, speaker: &Speaker) -> Result<Interrupts> {
        let interrupts = Interrupts::new(stopper, files, speaker);
        signals::listen(interrupts.clone()).context("the signals of the system can't be listened to")?;
        Ok(interrupts)
    }

    /// No signal has come, and none is listened to.
    pub fn new(stopper: &Stopper, files: &Unfinished, speaker: &Speaker) -> Interrupts {
        Interrupts { stopper: stopper.clone(), files: files.clone(), speaker: speaker.clone(), status: Arc::default() }
    }

    /// The exit status that a signal asks for, if one has come.
    pub fn status(&self) -> Option<u8> {
        *self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn on_signal(&self, status: u8) {
        let is_first = self.status.lock().unwrap_or_else(PoisonError::into_inner).replace(status).is_none();
        if is_first && self.stopper.stop() {
            self.speaker.say("Stopping: what is in flight is finished first. Press Ctrl-C again to stop at once.");
            return;
        }
        self.files.discard();
        self.speaker.say(match self.files.is_finished() {
            true => "Stopped at once; the files had been written already.",
            false => "Stopped at once; no file was written.",
        });
        std::process::exit(i32::from(status));
    }
}

#[cfg(unix)]
mod signals {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

    pub fn listen(interrupts: super::Interrupts) -> std::io::Result<()> {
        let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP])?;
        std::thread::Builder::new().name("clearpipe-signals".to_owned()).spawn(move || {
            for signal in signals.forever() {
                // As a shell reports a program that a signal ended.
                interrupts.on_signal(128 + signal as u8);
            }
        })?;
        Ok(())
    }
}

#[cfg(not(unix))]
mod signals {
    pub fn listen(interrupts: super::Interrupts) -> Result<(), ctrlc::Error> {
        ctrlc::set_handler(move || interrupts.on_signal(130))
    }
}
