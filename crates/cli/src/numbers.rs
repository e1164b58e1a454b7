//! Numbers on the command line that are no settings.

use clearpipe_core::config::number::{self, NumberError};

/// A number, or what is wrong with it; `what` to write if it isn't a number at all.
pub fn whole(text: &str, what: &str) -> Result<u64, String> {
    number::whole(text).map_err(|error| why(error, what))
}

/// What is wrong with a number; `what` to write if it isn't a number at all.
pub fn why(error: NumberError, what: &str) -> String {
    if error == NumberError::NoNumber { what.to_owned() } else { error.to_string() }
}
