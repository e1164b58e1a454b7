//! What the command looks like.

use crate::support::Place;
use std::process::Stdio;

/// A summary without what differs between runs: times, and what depends on who was faster.
fn steady(summary: &str) -> String {
    let is_bar = |line: &str| line.contains(['█', '▓', '▒', '░']) && !line.contains("waiting");
    let is_time = |line: &str| {
        ["  time ", "  throughput ", "  latency ", "  of failed "].iter().any(|name| line.starts_with(name))
    };
    let lines = summary.lines().map(|line| match line {
        line if is_bar(line) => line.split(['█', '▓', '▒', '░']).next().unwrap().trim_end(),
        line if is_time(line) => &line[..12],
        line => line,
    });
    lines.map(str::trim_end).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_summary() {
    let place = Place::new();
    let out = place.run("run --clock fixed:2026-01-01T00:00:00Z").fine().out;
    let expected = "
  processed      41   82.0 %   processed_data.jsonl      11 kB
  failed          9   18.0 %   failed_data.jsonl        1.9 kB

  Why they failed  5 invalid, 4 transformation errors
  5 × Value out of expected range (0-1000)
  4 × Invalid unit for transformation

  anomalies      5  12.2 % of the processed
  sum of values  1,860.962
  time
  throughput
  latency
  of failed

  Where the time went    █ busy  ▓ ready  ▒ blocked  ░ waiting
  Producer
  Validator × 3
  Transformer × 3
  Fan-out
  Loader
  Error Handler
  Metrics Collector

  Channels               fullest, and how long senders were blocked
  dataCh
  validCh
  processedCh
  errorCh
  loaderCh
  errorHandlerCh
  metricsCh";
    assert_eq!(steady(&out), expected, "{out}");
}

#[test]
fn colours_are_for_terminals_and_those_who_ask() {
    let place = Place::new();
    let colored = |arguments: &str, variable: Option<&str>| {
        let mut command = place.command(arguments);
        variable.iter().for_each(|name| {
            command.env(name, "1");
        });
        let output = command.stdin(Stdio::null()).output().unwrap();
        output.stdout.contains(&0x1b) || output.stderr.contains(&0x1b)
    };
    assert!(!colored("run", None));
    assert!(!colored("run -i missing", None));
    assert!(colored("run --color always", None));
    assert!(colored("run -i missing --color always", None));
    assert!(colored("run", Some("CLICOLOR_FORCE")));
    assert!(!colored("run --color never", Some("CLICOLOR_FORCE")));
    assert!(!colored("run", Some("NO_COLOR")));
}

#[test]
fn help_has_examples_and_all_flags() {
    let place = Place::new();
    let help = place.run("run --help").fine().out;
    for flag in [
        "records",
        "input",
        "format",
        "delimiter",
        "max-line",
        "rename-prefix",
        "map",
        "workers",
        "validators",
        "transformers",
        "threads",
        "buffer",
        "batch",
        "seed",
        "runtime",
        "cores",
        "clock",
        "unordered",
        "window",
        "config",
        "out-dir",
        "processed",
        "failed",
        "metrics",
        "trace",
        "trace-sample",
        "max-failed",
        "quiet",
        "verbose",
        "wait",
        "compute",
        "rate-limit",
    ] {
        assert!(help.contains(&format!("--{flag}")), "{flag}");
    }
    assert!(help.contains("Examples:") && help.contains("Exit status:"));
    assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
    assert!(place.run("--help").fine().out.contains("the reference run"));
    assert!(place.run("--version").fine().out.starts_with("clearpipe "));
}

#[test]
fn shells_complete() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(place.run(&format!("completions {shell}")).fine().out.contains("max-failed"), "{shell}");
    }
}

#[test]
fn verbose_shows_settings_and_each_worker() {
    let done = Place::new().run("run -v --workers 2");
    assert_eq!(done.status, 0);
    assert!(done.err.contains("50 generated records (seed 1)"), "{}", done.err);
    assert_eq!(done.out.lines().filter(|line| line.trim_start().starts_with("2 · ")).count(), 2, "{}", done.out);
}
