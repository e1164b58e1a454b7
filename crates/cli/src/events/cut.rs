//! `clearpipe events cut`: a part of a log, as a log of its own.

use super::{keep, nanoseconds, open};
use crate::args::{CutArgs, Global};
use crate::failure::Failure;
use anyhow::anyhow;
use clearpipe_core::trace::cut::{self, CutError};
use clearpipe_io::output::{Destination, Unfinished};
use clearpipe_io::text;
use std::io::ErrorKind;

/// Writes a part of a log. Returns the exit status.
pub fn run(args: &CutArgs, global: &Global) -> Result<u8, Failure> {
    let CutArgs { file, from, to, output } = args;
    let [from, to] = [from, to].map(|time| time.map(nanoseconds));
    let mut log = open(file)?;
    keep(file, output)?;
    let files = Unfinished::default();
    let out = Destination::open(output, &files)?;
    let is_regular = out.is_regular();
    let cut = match cut::cut(&mut log, from, to, Box::new(out)) {
        Ok(cut) => cut,
        // The reader of the output is gone, which is fine.
        Err(CutError::Output(error)) if error.kind() == ErrorKind::BrokenPipe => return Ok(0),
        Err(error) => {
            files.discard();
            let name = text::name(file);
            return Err(match error {
                CutError::Output(error) => anyhow!(error).context("the part can't be written"),
                CutError::Log(error) => anyhow!(error).context(format!("the event log {name} can't be read")),
                error => anyhow!(error).context(format!("nothing can be cut out of the event log {name}")),
            }
            .into());
        }
    };
    files.finish()?;
    if is_regular && !global.quiet {
        let before = match cut.lead_in {
            0 => String::new(),
            1 => "; an earlier one leads up to them".to_owned(),
            events => format!("; {} earlier ones lead up to them", text::count(events)),
        };
        let (events, name) = (text::plural(cut.events, "event"), text::name(output));
        crate::console::say(&format!("{events} to {name}{before}"));
    }
    Ok(0)
}
