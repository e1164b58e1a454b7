//! The `clearpipe` command.
//!
//! | module | about |
//! |---|---|
//! | `args`, `flags`, `settings` | from the command line and a file to a configuration |
//! | `run` | `clearpipe run`: what happens from the first flag to the exit status |
//! | `input`, `output`, `stop` | bytes in, files out, ending early |
//! | `progress`, `summary`, `reasons`, `text` | what a person sees |
//! | `bench` | `clearpipe bench` |
//! | `events` | `clearpipe events` |
//! | `config_command` | `clearpipe config` |
//! | `failure` | errors and exit statuses |

mod args;
mod bench;
mod config_command;
mod events;
mod failure;
mod flags;
mod input;
mod inputs;
mod output;
mod progress;
mod reasons;
mod run;
mod settings;
mod stop;
mod summary;
mod text;

use anstream::ColorChoice;
use anstyle::{AnsiColor, Style};
use anyhow::Context;
use args::{Cli, Color, Command, RunArgs};
use clap::CommandFactory;
use failure::{Failure, RUN_FAILED};
use std::io::{ErrorKind, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::from_command_line();
    match cli.global.color {
        Color::Auto => {}
        Color::Always => ColorChoice::Always.write_global(),
        Color::Never => ColorChoice::Never.write_global(),
    }
    std::panic::set_hook(Box::new(|panic| complain(&format!("this is a bug in Clearpipe: {panic}"))));
    match std::panic::catch_unwind(|| dispatch(cli)) {
        Ok(Ok(status)) => ExitCode::from(status),
        Ok(Err(failure)) => {
            complain(&failure.to_string());
            if let Some(advice) = failure.advice() {
                say(advice);
            }
            ExitCode::from(failure.status())
        }
        Err(_panic) => ExitCode::from(RUN_FAILED),
    }
}

fn dispatch(cli: Cli) -> Result<u8, Failure> {
    let Cli { command, global } = cli;
    match command {
        None => run::run(&RunArgs::default(), &global),
        Some(Command::Run(args)) => run::run(&args, &global),
        Some(Command::Bench(args)) => bench::run(&args, &global),
        Some(Command::Events(args)) => events::run(&args, &global),
        Some(Command::Config(args)) => config_command::run(&args),
        Some(Command::Completions { shell }) => {
            // Not straight to the standard output: it panics where nobody reads.
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "clearpipe", &mut script);
            print(&String::from_utf8_lossy(&script), false)?;
            Ok(0)
        }
    }
}

/// Prints to the standard output, or to the standard error where the first is taken. A reader that has left is no
/// error.
fn print(text: &str, is_stdout_taken: bool) -> anyhow::Result<()> {
    let printed = match is_stdout_taken {
        true => anstream::stderr().write_all(text.as_bytes()),
        false => anstream::stdout().write_all(text.as_bytes()),
    };
    match printed {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error).context("the result can't be printed"),
        _ => Ok(()),
    }
}

/// Prints an error.
fn complain(error: &str) {
    const STYLE: Style = AnsiColor::Red.on_default().bold();
    say(&format!("{STYLE}error{STYLE:#}: {error}"));
}

/// Prints a line to the standard error. Where that is gone, there is nobody to tell.
fn say(line: &str) {
    let _ = writeln!(anstream::stderr(), "{line}");
}
