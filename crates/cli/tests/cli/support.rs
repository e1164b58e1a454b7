//! Starting the command and looking at what it leaves.

use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use tempfile::TempDir;

/// A folder of its own, in which the command runs.
pub struct Place {
    folder: TempDir,
}

/// What the command left.
#[derive(Debug)]
pub struct Done {
    pub status: i32,
    pub out: String,
    pub err: String,
}

impl Place {
    pub fn new() -> Place {
        Place { folder: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn lines(&self, name: &str) -> Vec<Value> {
        self.read(name).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    pub fn json(&self, name: &str) -> Value {
        serde_json::from_str(&self.read(name)).unwrap()
    }

    /// The names of all files in the folder.
    pub fn names(&self) -> Vec<String> {
        names(self.folder.path())
    }

    /// The command, ready to be started. Arguments are separated by spaces; in quotes, a space belongs to one.
    pub fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_clearpipe"));
        command.current_dir(self.folder.path()).args(split(arguments));
        for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
            command.env_remove(variable);
        }
        command
    }

    /// Runs it to its end.
    pub fn run(&self, arguments: &str) -> Done {
        Done::of(self.command(arguments).stdin(Stdio::null()).output().unwrap())
    }

    /// Runs a line of a shell, in which `$CP` is the command.
    #[cfg(unix)]
    pub fn shell(&self, line: &str) -> Done {
        let mut shell = Command::new("sh");
        shell.args(["-c", line]).current_dir(self.folder.path()).env("CP", env!("CARGO_BIN_EXE_clearpipe"));
        Done::of(shell.stdin(Stdio::null()).output().unwrap())
    }

    /// Runs it to its end with an input.
    pub fn run_with(&self, arguments: &str, input: &[u8]) -> Done {
        let mut child = self.start(arguments);
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        let writer = std::thread::spawn(move || {
            let _ = stdin.write_all(&input);
        });
        let done = Done::of(child.wait_with_output().unwrap());
        writer.join().unwrap();
        done
    }

    /// Starts it, with pipes to all its streams.
    pub fn start(&self, arguments: &str) -> Child {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }
}

impl Done {
    pub fn of(output: Output) -> Done {
        Done {
            status: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Asserts that all went well and nobody complained.
    #[track_caller]
    pub fn fine(self) -> Done {
        assert_eq!((self.status, self.err.as_str()), (0, ""), "{}", self.out);
        self
    }

    /// Asserts that it failed with this status, and gives what it said.
    #[track_caller]
    pub fn error(self, status: i32) -> String {
        assert_eq!(self.status, status, "{}\n{}", self.out, self.err);
        assert_eq!(self.out, "");
        self.err
    }
}

/// A few records, of which two fail.
pub const RECORDS: &str = r#"{"id":"a","timestamp":"2026-01-01T00:00:00Z","sensor_id":"s","value":90.5,"unit":"C","location":"North"}
{"id":"b","timestamp":"2026-01-01T00:00:00Z","sensor_id":"s","value":-3,"unit":"C","location":"North"}
no record
{"id":"d","timestamp":"2026-01-01T00:00:00Z","sensor_id":"s","value":1,"unit":"C","location":"North"}
"#;

pub fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn split(arguments: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    for letter in arguments.chars() {
        match letter {
            '"' => quoted = !quoted,
            ' ' if !quoted => parts.push(String::new()),
            other => parts.last_mut().unwrap().push(other),
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}
