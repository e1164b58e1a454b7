//! Settings that have no effect beside others.
//!
//! Somebody who gives such a flag expects something of it, so it is refused. A file may be meant for several runs, of
//! which only some make use of all it says; so there it is a warning, where the setting is not at its default.

use clearpipe_core::config::{Config, RuntimeKind, RuntimeOptions};

/// A setting without effect.
pub struct Idle {
    /// Its path.
    pub path: &'static str,
    /// Why, and what to do about it.
    pub message: String,
    /// Whether somebody is to be warned who has it in a file.
    pub warns: bool,
}

/// The settings that would have no effect in this configuration if they were given.
pub fn find(config: &Config) -> Vec<Idle> {
    let mut idle = Vec::new();
    let RuntimeOptions { kind, threads, cores } = config.runtime;
    if kind != RuntimeKind::Virtual {
        let instead = match kind {
            RuntimeKind::Pool => "choose --runtime virtual, or set the number of threads with --threads",
            _ => "choose --runtime virtual, or leave it out",
        };
        idle.push(Idle {
            path: "runtime.cores",
            message: format!("only the virtual runtime simulates cores; {instead}"),
            warns: cores != RuntimeOptions::default().cores,
        });
    }
    if kind != RuntimeKind::Pool {
        let instead = match kind {
            RuntimeKind::Virtual => "choose --runtime pool, or set the number of simulated cores with --cores",
            _ => "choose --runtime pool, or leave it out",
        };
        idle.push(Idle {
            path: "runtime.threads",
            message: format!("only the pool has a number of threads; {instead}"),
            warns: threads.is_some(),
        });
    }
    if !config.input.file.is_empty() {
        let message = "only the number of generated records can be set, and there is an input; limit that with --head, or \
                       leave it out (--set input.file=null)";
        let warns = config.records != Config::default().records;
        idle.push(Idle { path: "records", message: message.to_owned(), warns });
    } else {
        let message = "there is no input; the number of generated records is set by -n".to_owned();
        idle.push(Idle { path: "input.head", message, warns: true });
        for path in [
            "input.format",
            "input.encoding",
            "input.map",
            "input.delimiter",
            "input.source_field",
            "input.max_line",
            "input.rename_prefix",
        ] {
            let message = "there is no input that it could be about; name one with --input".to_owned();
            idle.push(Idle { path, message, warns: false });
        }
    }
    idle
}
