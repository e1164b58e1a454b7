//! The `clearpipe` command as a user runs it: real processes, files, pipes and signals.

mod appearance;
mod bench;
mod compatibility;
mod events;
mod events_cut;
mod events_diff;
mod failing;
mod files;
mod head;
mod hostile;
mod input_notices;
mod inputs;
#[cfg(unix)]
mod kills;
mod lesson_command;
mod lessons;
mod memory;
#[cfg(unix)]
mod outputs;
mod pipes;
mod reference_run;
mod serve;
mod settings;
#[cfg(unix)]
mod signals;
mod standard_input;
mod support;
