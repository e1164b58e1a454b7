//! Ending a run early: on a signal, or because the reader of its output is gone.

use crate::progress::Speaker;
use crate::signals;
use anyhow::Result;
use clearpipe_core::pipeline::Monitor;
use clearpipe_io::input::InputEnd;
use clearpipe_io::output::Unfinished;
use std::sync::{Arc, Mutex, PoisonError};

/// Stops the source of a run. Records in flight are finished.
#[derive(Clone, Default)]
pub struct Stopper(Arc<Mutex<Stopping>>);

#[derive(Default)]
struct Stopping {
    run: Option<Arc<Monitor>>,
    input: Option<InputEnd>,
    requested: bool,
}

impl Stopper {
    /// Sets what to stop.
    pub fn attach(&self, run: Arc<Monitor>, input: Option<InputEnd>) {
        let mut stopping = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        stopping.run = Some(run);
        stopping.input = input;
        stopping.stop_if_requested();
    }

    /// Stops the run, now or as soon as there is one. False if there is none yet.
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
                // After the stop, so that a Producer waiting for input knows why the input ends.
                self.input.iter().for_each(InputEnd::end);
                true
            }
            run => run.is_some(),
        }
    }
}

/// Handles signals.
#[derive(Clone)]
pub struct Interrupts {
    /// What the first signal stops.
    pub stopper: Stopper,
    /// What the second signal removes.
    pub files: Unfinished,
    /// Prints what is happening.
    pub speaker: Speaker,
    /// The exit status that the first signal asks for.
    status: Arc<Mutex<Option<u8>>>,
}

impl Interrupts {
    /// Listens from now on. The first signal stops the run, the second ends the program at once.
    pub fn listen(stopper: &Stopper, files: &Unfinished, speaker: &Speaker) -> Result<Interrupts> {
        let interrupts = Interrupts::new(stopper, files, speaker);
        let listener = interrupts.clone();
        signals::listen(move |status| listener.on_signal(status))?;
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
            self.speaker.say("Stopping after the records in flight. Press Ctrl-C again to stop immediately.");
            return;
        }
        self.files.discard();
        self.speaker.say(match self.files.is_finished() {
            true => "Stopped immediately; the files had already been written.",
            false => "Stopped immediately; no file was written.",
        });
        std::process::exit(i32::from(status));
    }
}
