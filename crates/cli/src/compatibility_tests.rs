//! Every command line that was accepted once is accepted still: `tests/compatibility/flags.txt` has them.

use crate::args::{Cli, Command};
use crate::flags;
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use std::collections::BTreeSet;

const FLAGS: &str = include_str!("../../../tests/compatibility/flags.txt");

/// The command lines, as arguments.
fn command_lines() -> impl Iterator<Item = Vec<String>> {
    FLAGS.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(arguments)
}

/// The arguments of a line; in double quotes, a space belongs to one.
fn arguments(line: &str) -> Vec<String> {
    let mut arguments = vec![String::new()];
    let mut is_quoted = false;
    for letter in line.chars() {
        match letter {
            '"' => is_quoted = !is_quoted,
            ' ' if !is_quoted => arguments.push(String::new()),
            letter => arguments.iter_mut().last().unwrap().push(letter),
        }
    }
    arguments
}

#[test]
fn every_command_line_of_earlier_versions_is_accepted() {
    let mut refused = Vec::new();
    for line in command_lines() {
        let error = match Cli::try_parse_from(&line) {
            Ok(Cli { command: Some(Command::Run(args)), .. }) if args.other.config.is_none() => {
                flags::configuration(&args).err().map(|error| error.to_string())
            }
            Ok(_) => None,
            Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => None,
            Err(error) => Some(error.to_string()),
        };
        refused.extend(error.map(|error| format!("{}: {error}", line.join(" "))));
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
    assert!(command_lines().count() > 120);
}

/// So that a new one is guarded as well: add a line.
#[test]
fn every_flag_is_among_those_command_lines() {
    let used: BTreeSet<(String, String)> = command_lines()
        .flat_map(|line| {
            let known = Cli::command();
            let (path, rest) = split(&known, &line);
            rest.iter().map(|argument| (path.clone(), flag_of(argument))).collect::<Vec<_>>()
        })
        .collect();
    let mut missing = Vec::new();
    collect_missing(&Cli::command(), "clearpipe", &used, &mut missing);
    assert!(missing.is_empty(), "tests/compatibility/flags.txt has no line with {}", missing.join(", "));
}

/// The command of a line, with its subcommands, and the other arguments.
fn split<'a>(mut command: &clap::Command, line: &'a [String]) -> (String, Vec<&'a String>) {
    let mut path = "clearpipe".to_owned();
    let mut rest = Vec::new();
    for argument in &line[1..] {
        match command.find_subcommand(argument) {
            Some(subcommand) => {
                path = format!("{path} {argument}");
                command = subcommand;
            }
            None => rest.push(argument),
        }
    }
    (path, rest)
}

/// The flag, without its value.
fn flag_of(argument: &str) -> String {
    match argument.strip_prefix("--") {
        Some(long) => format!("--{}", long.split('=').next().unwrap_or_default()),
        None => argument.chars().take(2).collect(),
    }
}

/// All flags of a command and its subcommands, hidden ones and aliases as well, that no line has.
fn collect_missing(command: &clap::Command, path: &str, used: &BTreeSet<(String, String)>, missing: &mut Vec<String>) {
    for argument in command.get_arguments() {
        let longs = argument.get_long_and_visible_aliases().unwrap_or_default().into_iter();
        let longs = longs.chain(argument.get_all_aliases().unwrap_or_default()).map(|long| format!("--{long}"));
        let shorts = argument.get_short_and_visible_aliases().unwrap_or_default().into_iter();
        let shorts =
            shorts.chain(argument.get_all_short_aliases().unwrap_or_default()).map(|short| format!("-{short}"));
        for flag in longs.chain(shorts).collect::<BTreeSet<_>>() {
            if !used.contains(&(path.to_owned(), flag.clone())) {
                missing.push(format!("{path} {flag}"));
            }
        }
    }
    for subcommand in command.get_subcommands() {
        collect_missing(subcommand, &format!("{path} {}", subcommand.get_name()), used, missing);
    }
}
