//! Why a command fails, and its exit status.

use crate::settings::SettingsError;

/// Why a command fails.
#[derive(Debug)]
pub enum Failure {
    /// The settings are wrong.
    Settings(SettingsError),
    /// The settings are right, but the run failed.
    Run(anyhow::Error),
    /// What was asked for can't be done by this program, or not as it was asked for.
    Usage(anyhow::Error),
    /// Two logs can't be compared. As with `diff` and `cmp`, 1 means that they differ.
    NotCompared(anyhow::Error),
}

/// The exit status of a failed run.
pub const RUN_FAILED: u8 = 1;

/// The exit status of wrong usage or settings; clap's as well.
pub const WRONG_USAGE: u8 = 2;

impl Failure {
    /// The exit status.
    pub fn status(&self) -> u8 {
        match self {
            Failure::Settings(_) | Failure::Usage(_) | Failure::NotCompared(_) => WRONG_USAGE,
            Failure::Run(_) => RUN_FAILED,
        }
    }

    /// General advice on what to do about it, if there is any.
    pub fn advice(&self) -> Option<&'static str> {
        match self {
            Failure::Settings(error) if error.is_of_file() => {
                Some("`clearpipe config --example` prints all settings and their defaults")
            }
            _ => None,
        }
    }
}

/// The error with its causes, for people.
impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Failure::Settings(error) => error.fmt(f),
            Failure::Run(error) | Failure::Usage(error) | Failure::NotCompared(error) => write!(f, "{error:#}"),
        }
    }
}

impl From<SettingsError> for Failure {
    fn from(error: SettingsError) -> Self {
        Failure::Settings(error)
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Failure::Run(error)
    }
}
