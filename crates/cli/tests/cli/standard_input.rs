//! A standard input that nobody asked to read.

use crate::support::{Done, Place, RECORDS};
use std::process::Stdio;
#[cfg(unix)]
use std::{
    fs::File,
    io::{Read, Write},
};

#[cfg(unix)]
const REFUSED: &str = "which would be ignored: use `-i -` to read it, or `-n 50` to generate records\n";

#[cfg(unix)]
#[test]
fn data_is_refused() {
    for arguments in ["run", "", "run -q --workers 2", "run --runtime virtual"] {
        let place = Place::new();
        place.write("processed_data.jsonl", "before");
        let error = place.run_with(arguments, RECORDS.as_bytes()).error(2);
        assert_eq!(error, format!("error: the standard input has data, {REFUSED}"), "{arguments}");
        assert_eq!(place.read("processed_data.jsonl"), "before");
        assert_eq!(place.names(), ["processed_data.jsonl"]);
    }
}

#[cfg(unix)]
#[test]
fn data_that_comes_a_little_later_is_refused_too() {
    let place = Place::new();
    let mut child = place.start("run");
    // It has been started by now, and is patient.
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(RECORDS.as_bytes()).unwrap();
    drop(stdin);
    let error = Done::of(child.wait_with_output().unwrap()).error(2);
    assert!(error.starts_with("error: the standard input has data, "), "{error}");
    assert!(place.names().is_empty());
}

#[cfg(unix)]
#[test]
fn data_that_comes_late_is_refused_and_what_was_written_is_not_denied() {
    let place = Place::new();
    let made = std::process::Command::new("mkfifo").args([place.path("first"), place.path("second")]).status();
    assert!(made.unwrap().success());
    let mut child = place.start("run --metrics first --trace second");
    // Each waits until the run opens it, which it does once it has stopped waiting for data, one after the other.
    let mut first = File::open(place.path("first")).unwrap();
    child.stdin.take().unwrap().write_all(RECORDS.as_bytes()).unwrap();
    let mut second = File::open(place.path("second")).unwrap();
    std::io::copy(&mut second, &mut std::io::sink()).unwrap();
    let mut metrics = String::new();
    first.read_to_string(&mut metrics).unwrap();
    assert!(metrics.contains("\"produced\": 50"), "{metrics}");
    let error = Done::of(child.wait_with_output().unwrap()).error(2);
    let late = "error: data arrived late on the standard input and was not read: use `-i -`";
    assert!(error.contains(late), "{error}");
    assert_eq!(place.names(), ["first", "second"]);
}

#[cfg(unix)]
#[test]
fn a_file_is_refused_whatever_is_in_it() {
    for text in [RECORDS, ""] {
        let place = Place::new();
        place.write("a.jsonl", text);
        let file = File::open(place.path("a.jsonl")).unwrap();
        let error = Done::of(place.command("run").stdin(file).output().unwrap()).error(2);
        assert_eq!(error, format!("error: the standard input is a file, {REFUSED}"));
        assert_eq!(place.names(), ["a.jsonl"]);
    }
}

#[test]
fn what_has_been_asked_for_is_done() {
    let place = Place::new();
    place.write("c.yaml", "records: 50\n");
    for arguments in ["run -n 50", "run --set records=50", "run -c c.yaml"] {
        let done = place.run_with(arguments, RECORDS.as_bytes());
        assert_eq!((done.status, done.err.as_str()), (0, ""), "{arguments}");
        assert_eq!(place.lines("processed_data.jsonl").len(), 41);
    }
    place.run_with("run -i -", RECORDS.as_bytes()).fine();
    assert_eq!(place.lines("processed_data.jsonl").len(), 2);
}

#[cfg(unix)]
#[test]
fn an_empty_or_silent_pipe_never_costs_results_nor_hangs() {
    for is_closed in [true, false] {
        let start = |place: &Place, arguments: &str| {
            let mut child = place.start(arguments);
            let stdin = child.stdin.take().filter(|_| !is_closed);
            let done = Done::of(child.wait_with_output().unwrap());
            drop(stdin);
            done
        };
        let place = Place::new();
        let done = start(&place, "run");
        assert_eq!(done.status, 0, "{}", done.err);
        assert!(done.err.starts_with("note: these are generated records; the standard input "), "{}", done.err);
        assert_eq!(place.lines("processed_data.jsonl").len(), 41);
        let before = place.read("processed_data.jsonl");
        let error = start(&place, "run").error(2);
        assert!(error.contains("generated records would replace processed_data.jsonl: "), "{error}");
        assert_eq!(place.read("processed_data.jsonl"), before);
        assert_eq!(start(&place, "run -q -n 50").fine().out, "");
        assert_eq!(start(&place, "run -q -o other").fine().out, "");
    }
}

#[test]
fn a_device_has_nothing_to_read() {
    let place = Place::new();
    let done = Done::of(place.command("run").stdin(Stdio::null()).output().unwrap());
    assert_eq!((done.status, done.err.as_str()), (0, ""));
    place.run("run").fine();
}
