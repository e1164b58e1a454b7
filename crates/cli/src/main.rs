//! The `clearpipe` command.
//!
//! | module | about |
//! |---|---|
//! | `args`, `flags`, `settings` | from the command line and a file to a configuration |
//! | `numbers` | numbers on the command line |
//! | `run` | `clearpipe run`, from the first flag to the exit status |
//! | `files`, `stop`, `signals` | file names, and ending early; `clearpipe_io` reads and writes the files |
//! | `stdin` | a standard input that is not read |
//! | `progress`, `summary`, `reasons` | what people see |
//! | `notices` | what both summaries say about the inputs |
//! | `hints`, `shell` | what can be done about an input that doesn't fit, and commands to be typed |
//! | `terminal` | records on a terminal |
//! | `console` | lines for people, and results, on the standard error and output |
//! | `report` | the summary for programs |
//! | `bench` | `clearpipe bench`; what it measures is `clearpipe_bench` |
//! | `events` | `clearpipe events` |
//! | `config_command` | `clearpipe config` |
//! | `lesson` | `clearpipe lesson` |
//! | `serve`, `serve_args` | `clearpipe serve`; the server is `clearpipe_server` |
//! | `failure` | errors and exit statuses |

mod args;
mod bench;
#[cfg(test)]
mod compatibility_tests;
mod config_command;
mod console;
mod events;
mod failure;
#[cfg(test)]
mod fault_tests;
mod files;
mod flags;
mod hints;
mod lesson;
mod notices;
mod numbers;
mod progress;
mod reasons;
mod report;
mod run;
mod serve;
mod serve_args;
mod settings;
mod shell;
mod signals;
mod stdin;
mod stop;
mod suggested_mapping;
mod summary;
mod terminal;

use anstream::ColorChoice;
use args::{Cli, Color, Command};
use clap::CommandFactory;
use console::{complain, print, say};
use failure::{Failure, RUN_FAILED};
use flags::RunArgs;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::from_command_line();
    match cli.global.color {
        Color::Auto => {}
        Color::Always => ColorChoice::Always.write_global(),
        Color::Never => ColorChoice::Never.write_global(),
    }
    survive_file_size_limit();
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

/// Makes a write beyond the file size limit (`ulimit -f`) fail like any other, instead of ending the program.
fn survive_file_size_limit() {
    #[cfg(unix)]
    // If this fails, such a write ends the program, and the next run cleans up.
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, std::sync::Arc::default());
}

fn dispatch(cli: Cli) -> Result<u8, Failure> {
    let Cli { command, global } = cli;
    match command {
        None => run::run(&RunArgs::default(), &global),
        Some(Command::Run(args)) => run::run(&args, &global),
        Some(Command::Bench(args)) => bench::run(&args, &global),
        Some(Command::Events(args)) => events::run(&args, &global),
        Some(Command::Config(args)) => config_command::run(&args),
        Some(Command::Lesson { command }) => lesson::run(&command, &global),
        Some(Command::Serve(args)) => serve::run(&args, &global),
        Some(Command::Completions { shell }) => {
            // Not directly to the standard output: clap_complete panics if that is closed.
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "clearpipe", &mut script);
            print(&String::from_utf8_lossy(&script), false)?;
            Ok(0)
        }
    }
}
