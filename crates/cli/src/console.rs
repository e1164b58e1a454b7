//! Prints results and lines for people, with or without colours.

use anstyle::{AnsiColor, Style};
use anyhow::Context;
use clearpipe_io::text;
use std::io::{ErrorKind, Write};

/// Prints to the standard output, or to the standard error if records go to the standard output. A closed pipe is not
/// an error.
pub fn print(text: &str, is_stdout_taken: bool) -> anyhow::Result<()> {
    let text = text::with_styles(text);
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
pub fn complain(error: &str) {
    const STYLE: Style = AnsiColor::Red.on_default().bold();
    say_styled(&format!("{STYLE}error{STYLE:#}: {}", text::visible_lines(error)));
}

/// Prints a line to the standard error. If that fails, there is nowhere to report it.
pub fn say(line: &str) {
    say_styled(&text::visible_lines(line));
}

fn say_styled(line: &str) {
    let _ = writeln!(anstream::stderr(), "{line}");
}
