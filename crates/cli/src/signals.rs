//! The signals that end a program.

use anyhow::{Context, Result};

/// Calls a function for each signal that asks the program to end, from now on. It is given the exit status by which
/// shells report a program that the signal has ended.
pub fn listen(on_signal: impl Fn(u8) + Send + 'static) -> Result<()> {
    system::listen(on_signal).context("the signals of the system can't be listened to")
}

#[cfg(unix)]
mod system {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

    pub fn listen(on_signal: impl Fn(u8) + Send + 'static) -> std::io::Result<()> {
        let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP])?;
        std::thread::Builder::new().name("clearpipe-signals".to_owned()).spawn(move || {
            for signal in signals.forever() {
                on_signal(128 + signal as u8);
            }
        })?;
        Ok(())
    }
}

#[cfg(not(unix))]
mod system {
    pub fn listen(on_signal: impl Fn(u8) + Send + 'static) -> Result<(), ctrlc::Error> {
        ctrlc::set_handler(move || on_signal(130))
    }
}
