//! Settings that have no effect in combination with others.
//!
//! For a flag it is an error, since a user who sets one expects an effect. A file may be meant for several runs, not
//! all of which use every setting, so there it is a warning, and only if the value differs from the default.

use clearpipe_core::config::{Config, RuntimeKind, RuntimeOptions, SETTINGS};

/// A setting without effect.
pub struct Idle {
    /// Its path.
    pub path: &'static str,
    /// The reason, and what to do about it.
    pub message: String,
    /// Whether a file that sets it gets a warning.
    pub warns: bool,
}

/// Returns the settings that would have no effect in this configuration if they were set.
pub fn find(config: &Config) -> Vec<Idle> {
    let mut idle = Vec::new();
    let RuntimeOptions { kind, threads, cores, seed } = config.runtime;
    if kind != RuntimeKind::Virtual {
        let instead = match kind {
            RuntimeKind::Pool => "; the number of threads is set with --threads",
            _ => "",
        };
        idle.push(Idle {
            path: "runtime.cores",
            message: format!("requires --runtime virtual{instead}"),
            warns: cores != RuntimeOptions::default().cores,
        });
        idle.push(Idle {
            path: "runtime.seed",
            message: "requires --runtime virtual".to_owned(),
            warns: seed.is_some(),
        });
        idle.push(Idle {
            path: "queues.send_cost",
            message: "requires --runtime virtual".to_owned(),
            warns: config.queues.send_cost.is_on(),
        });
    }
    if kind != RuntimeKind::Pool {
        let instead = match kind {
            RuntimeKind::Virtual => "; the number of simulated cores is set with --cores",
            _ => "",
        };
        idle.push(Idle {
            path: "runtime.threads",
            message: format!("requires --runtime pool{instead}"),
            warns: threads.is_some(),
        });
    }
    if !config.has_retries() {
        let message = "requires tries that fail: see `faults.transient` and `retry.timeout`";
        for (path, warns) in
            [("retry.tries", config.retry.tries != 1), ("breaker.failures", config.breaker.failures.is_some())]
        {
            idle.push(Idle { path, message: message.to_owned(), warns });
        }
    }
    if !config.input.file.is_empty() {
        let message = "only for generated records; limit an input with --head, or remove it with --set input.file=null";
        let warns = config.records != Config::default().records;
        idle.push(Idle { path: "records", message: message.to_owned(), warns });
    } else {
        let message = "requires --input; the number of generated records is set with -n".to_owned();
        idle.push(Idle { path: "input.head", message, warns: true });
        let of_input = SETTINGS.iter().map(|setting| setting.path).filter(|path| path.starts_with("input."));
        for path in of_input.filter(|path| !["input.file", "input.head"].contains(path)) {
            let message = "requires --input".to_owned();
            idle.push(Idle { path, message, warns: false });
        }
    }
    idle
}
