//! The command between other commands.

use crate::support::{Done, Place, RECORDS};
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

#[test]
fn records_come_in_and_go_out() {
    let place = Place::new();
    let done = place.run_with("run --input - --processed -", RECORDS.as_bytes());
    assert_eq!(done.status, 0);
    let ids: Vec<serde_json::Value> = done.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(ids.len(), 2);
    // The summary must not get among the records.
    assert!(done.err.contains("processed       2"), "{}", done.err);
    assert_eq!(place.names(), ["failed_data.jsonl"]);
}

#[test]
fn everything_may_go_to_the_standard_output() {
    let place = Place::new();
    let done = place.run("run -q --processed - --failed - --metrics -");
    assert_eq!((done.status, done.err.as_str()), (0, ""));
    let (lines, metrics) = done.out.split_at(done.out.find("{\n").unwrap());
    assert_eq!(lines.lines().filter(|line| line.ends_with('}')).count(), 50);
    assert_eq!(serde_json::from_str::<serde_json::Value>(metrics).unwrap()["produced"], 50);
    assert!(place.names().is_empty());
}

#[test]
fn a_folder_that_would_remain_empty_is_not_made() {
    let place = Place::new();
    place.run("run -q -o results --processed - --failed -");
    assert_eq!(place.names(), [""; 0]);
    place.run("run -q -o results --processed -");
    assert_eq!(place.names(), ["results"]);
}

#[test]
fn quiet_means_nothing_but_errors() {
    let place = Place::new();
    let done = place.run("run -q").fine();
    assert_eq!(done.out, "");
}

#[test]
fn a_line_is_processed_without_waiting_for_the_next() {
    for runtime in ["pool", "local", "virtual"] {
        let place = Place::new();
        let mut child = place.start(&format!("run -q --input - --processed - --runtime {runtime}"));
        let mut stdin = child.stdin.take().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // The virtual clock stands still while it waits for input, so there the file is written at the end only.
        let waits = runtime != "virtual";
        for record in RECORDS.lines().filter(|line| line.contains("\"a\"") || line.contains("\"d\"")) {
            writeln!(stdin, "{record}").unwrap();
            if waits {
                assert!(lines.next().unwrap().unwrap().contains("processed"));
            }
        }
        drop(stdin);
        assert_eq!(lines.count(), if waits { 0 } else { 2 });
        assert!(child.wait().unwrap().success());
    }
}

#[test]
fn a_broken_array_is_named_while_the_pipe_stays_open() {
    for (begin, problem) in [
        ("[{\"id\":\"a\"} {\"id\":\"b\"},\n", "line 1, column 13: the JSON is broken here: expected `,` or `]`"),
        ("[1,2\n", "the input is a JSON array of numbers, but a record is an object"),
        ("[ \"a\",\n", "the input is a JSON array of strings, but a record is an object"),
    ] {
        let place = Place::new();
        let mut child = place.start("run -q --input -");
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(begin.as_bytes()).unwrap();
        let done = Done::of(child.wait_with_output().unwrap());
        assert!(done.status > 0 && done.err.contains(problem), "{begin}: {}", done.err);
        drop(stdin);
    }
}

#[test]
fn a_reader_that_has_enough_ends_the_run_which_says_what_is_incomplete() {
    for flags in ["", "--runtime local", "--runtime virtual", "--threads 1 --unordered"] {
        let place = Place::new();
        let mut child = place.start(&format!("run -n 1000000000 --processed - {flags}"));
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        assert!(first.starts_with("{\"id\":\"rec-0001\""), "{first}");
        let done = Done::of(child.wait_with_output().unwrap());
        assert_eq!(done.status, 0, "{flags}");
        assert!(done.err.starts_with("Stopped after "), "{}", done.err);
        let end = " records, because the reader of the results is gone: failed_data.jsonl is incomplete.\n";
        assert!(done.err.ends_with(end) && done.err.lines().count() == 1, "{}", done.err);
        // The other file is complete as far as the run went.
        assert!(place.lines("failed_data.jsonl").len() > 1);
        assert_eq!(place.names(), ["failed_data.jsonl"]);
    }
}

#[test]
fn a_summary_that_nobody_reads_is_no_error() {
    let place = Place::new();
    let mut command = place.command("run");
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let done = Done::of(child.wait_with_output().unwrap());
    assert_eq!((done.status, done.err.as_str()), (0, ""));
    assert_eq!(place.lines("processed_data.jsonl").len(), 41);
}

#[cfg(unix)]
#[test]
fn named_pipes_are_written_directly() {
    use std::io::Read;
    let place = Place::new();
    let made = std::process::Command::new("mkfifo").arg(place.path("pipe")).status().unwrap();
    assert!(made.success());
    let child = place.start("run -q --processed pipe --failed /dev/null");
    let mut text = String::new();
    std::fs::File::open(place.path("pipe")).unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(Done::of(child.wait_with_output().unwrap()).status, 0);
    assert_eq!(text.lines().count(), 41);
    assert_eq!(place.names(), ["pipe"]);
}

#[test]
fn where_no_file_is_incomplete_nothing_is_said() {
    let place = Place::new();
    for flags in ["run -n 1000000000 --processed - --failed -", "run -q -n 1000000000 --processed -"] {
        let mut child = place.start(flags);
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut String::new()).unwrap();
        let done = Done::of(child.wait_with_output().unwrap());
        assert_eq!((done.status, done.err.as_str()), (0, ""), "{flags}");
    }
}
