//! Ctrl-C.

use crate::support::{Done, Place, RECORDS};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStderr, Command};

fn signal(child: &Child, signal: &str) {
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
}

/// Reads a stream until a line has this in it.
fn read_until(stream: impl std::io::Read + Send + 'static, part: &str) {
    let mut lines = BufReader::new(stream).lines();
    assert!(lines.any(|line| line.unwrap().contains(part)));
    // Read on, so that the command is not blocked by a full pipe, nor told that nobody reads.
    std::thread::spawn(move || lines.count());
}

/// Waits until a run with `-v` says that it is under way. Gives what it says from then on.
fn until_under_way(child: &mut Child) -> BufReader<ChildStderr> {
    let mut said = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("in flight at most") {
        line.clear();
        assert_ne!(said.read_line(&mut line).unwrap(), 0);
    }
    said
}

/// Waits for the end of such a run.
fn done(child: Child, mut said: BufReader<ChildStderr>) -> Done {
    let mut done = Done::of(child.wait_with_output().unwrap());
    said.read_to_string(&mut done.err).unwrap();
    done
}

/// Waits until something is true.
fn wait_until(mut is_true: impl FnMut() -> bool) {
    while !is_true() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

#[test]
fn the_first_stops_the_source_and_finishes_the_files() {
    for (name, status) in [("-INT", 130), ("-TERM", 143)] {
        for runtime in ["pool", "local", "virtual"] {
            let place = Place::new();
            // Without an end. The virtual clock knows no rate.
            let flags = "-v -n 1000000000000 --failed failed.jsonl --metrics m.json --processed -";
            let mut child = place.start(&format!("run {flags} --runtime {runtime}"));
            let said = until_under_way(&mut child);
            read_until(child.stdout.take().unwrap(), "rec-");
            signal(&child, name);
            let done = done(child, said);
            assert_eq!(done.status, status, "{}", done.err);
            assert!(done.err.contains("Stopping after the records in flight."), "{}", done.err);
            assert!(done.err.contains("both files are complete so far."), "{}", done.err);
            let metrics = place.json("m.json");
            let [produced, processed, failed] =
                ["produced", "processed", "failed"].map(|key| metrics[key].as_u64().unwrap());
            assert_eq!((produced, &metrics["stopped"]), (processed + failed, &true.into()));
            assert_eq!(place.lines("failed.jsonl").len() as u64, failed);
            assert_eq!(place.names(), ["failed.jsonl", "m.json"]);
        }
    }
}

#[test]
fn it_is_heard_while_the_input_is_silent() {
    for runtime in ["pool", "local", "virtual"] {
        let place = Place::new();
        let mut child = place.start(&format!("run -v -i - --failed - --processed p.jsonl --runtime {runtime}"));
        let said = until_under_way(&mut child);
        let mut stdin = child.stdin.take().unwrap();
        // A whole line, and an unfinished one, which is not a record.
        let line = RECORDS.lines().nth(1).unwrap();
        write!(stdin, "{line}\n{{\"id\":").unwrap();
        // The virtual clock stands still while it waits for input, so nothing tells how far it has come.
        let may_be_early = runtime == "virtual";
        if !may_be_early {
            read_until(child.stdout.take().unwrap(), "\"b\"");
        }
        signal(&child, "-INT");
        let done = done(child, said);
        assert_eq!(done.status, 130, "{}", done.err);
        let is_early = may_be_early && done.err.contains("Interrupted after 0 records;");
        assert!(is_early || done.err.contains("Interrupted after 1 record;"), "{}", done.err);
        assert_eq!(place.names(), ["p.jsonl"]);
    }
}

#[test]
fn results_so_far_stay_beside_earlier_ones() {
    let place = Place::new();
    // The lines in the unfinished files, whose names begin with a dot.
    let unfinished = || {
        let names = place.names().into_iter().filter(|name| name.starts_with('.'));
        names.map(|name| std::fs::read_to_string(place.path(&name)).unwrap_or_default().lines().count()).sum::<usize>()
    };
    let interrupted = |flags: &str| {
        let mut child = place.start(&format!("run -v -i - --metrics - --failed my-bad.jsonl {flags}"));
        let said = until_under_way(&mut child);
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(RECORDS.as_bytes()).unwrap();
        wait_until(|| unfinished() == 4);
        signal(&child, "-INT");
        let done = done(child, said);
        drop(stdin);
        assert_eq!(done.status, 130, "{}", done.err);
        done.err
    };
    let (processed, failed) = ("processed_data.jsonl", "my-bad.jsonl");
    // Nothing is lost if there was nothing.
    let said = interrupted("");
    assert!(said.contains("Interrupted after 4 records; both files are complete so far."), "{said}");
    assert_eq!((place.lines(processed).len(), place.lines(failed).len()), (2, 2));
    assert_eq!(place.names(), [failed, processed]);
    // One of the two is enough for both to stay where they are.
    std::fs::remove_file(place.path(failed)).unwrap();
    place.write(processed, "before");
    let said = interrupted("");
    assert!(said.contains("Interrupted after 4 records. The earlier results are unchanged"), "{said}");
    assert_eq!(place.names(), ["my-bad.jsonl.partial", processed, "processed_data.jsonl.partial"]);
    assert_eq!(place.read(processed), "before");
    assert_eq!(place.lines("processed_data.jsonl.partial").len(), 2);
    // What it says is to be typed works.
    let moves = said.lines().last().unwrap();
    assert_eq!(place.shell(moves).status, 0, "{moves}");
    assert_eq!(place.names(), [failed, processed]);
    assert_eq!((place.lines(processed).len(), place.lines(failed).len()), (2, 2));
    place.write(processed, "before");
    let said = interrupted("--keep-partial");
    assert!(said.contains("both files are complete so far."), "{said}");
    assert_eq!(place.lines(processed).len(), 2);
    assert_eq!(place.names(), [failed, processed]);
}

#[test]
fn results_so_far_replace_nothing() {
    let place = Place::new();
    let (input, earlier) = ("processed_data.jsonl.partial", "processed_data.jsonl");
    place.write(earlier, "before");
    // What an interrupted run left is itself the input of one that is interrupted.
    place.write(input, RECORDS);
    place.write("failed_data.jsonl.partial", "before");
    for number in [2, 3] {
        let mut child = place.start(&format!("run -v -i {input} -i - --metrics -"));
        let said = until_under_way(&mut child);
        // The input stays open.
        let _stdin = child.stdin.take();
        signal(&child, "-INT");
        let done = done(child, said);
        assert_eq!(done.status, 130, "{}", done.err);
        let name = format!("processed_data.jsonl.partial-{number}");
        assert!(done.err.contains(&format!("mv {name} {earlier}")), "{}", done.err);
        assert!(place.names().contains(&name));
    }
    assert_eq!((place.read(input), place.read(earlier)), (RECORDS.to_owned(), "before".to_owned()));
    assert_eq!(place.read("failed_data.jsonl.partial"), "before");
}

#[cfg(unix)]
#[test]
fn it_is_heard_while_a_named_pipe_has_no_writer() {
    for runtime in ["pool", "local", "virtual"] {
        let place = Place::new();
        place.write("a.jsonl", RECORDS);
        assert!(Command::new("mkfifo").arg(place.path("pipe")).status().unwrap().success());
        let mut child =
            place.start(&format!("run -v -i a.jsonl -i pipe --failed - --processed p.jsonl --runtime {runtime}"));
        let said = until_under_way(&mut child);
        if runtime != "virtual" {
            // The last line of the first input that fails.
            read_until(child.stdout.take().unwrap(), "no record");
        }
        signal(&child, "-INT");
        let done = done(child, said);
        assert_eq!(done.status, 130, "{}", done.err);
        assert!(done.err.contains("both files are complete so far."), "{}", done.err);
    }
}

#[test]
fn the_second_stops_at_once() {
    // A run that is stopped before its first record is produced has nothing to wait for: then the first signal ends it, and
    // what it has written is saved beside the earlier results.
    let is_stopped_at_once = || {
        let place = Place::new();
        place.write("processed_data.jsonl", "before");
        let mut child = place.start("run -n 50 -v --wait loader=1000s");
        // Before that, the first signal already stops at once.
        let mut errors = until_under_way(&mut child).lines();
        signal(&child, "-INT");
        assert!(errors.any(|line| line.unwrap().contains("Stopping")));
        signal(&child, "-INT");
        let is_stopped = errors.any(|line| line.unwrap() == "Stopped immediately; no file was written.");
        assert_eq!(Done::of(child.wait_with_output().unwrap()).status, 130);
        assert_eq!(place.read("processed_data.jsonl"), "before");
        if is_stopped {
            assert_eq!(place.names(), ["processed_data.jsonl"]);
        }
        is_stopped
    };
    assert!((0..20).any(|_| is_stopped_at_once()));
}

#[cfg(target_os = "linux")]
#[test]
fn a_measurement_ends_with_the_run_that_it_began() {
    /// The processes that this one has begun.
    fn children_of(id: u32) -> Vec<String> {
        let found = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
        found.split_whitespace().map(str::to_owned).collect()
    }
    let place = Place::new();
    // It would take hours.
    let child = place.start("bench memory -n 100000000000 -r 1");
    let runs = loop {
        let runs = children_of(child.id());
        if !runs.is_empty() {
            break runs;
        }
        std::thread::yield_now();
    };
    signal(&child, "-TERM");
    let done = Done::of(child.wait_with_output().unwrap());
    assert_eq!(done.status, 143, "{}", done.err);
    assert!(done.err.contains("Stopped immediately"), "{}", done.err);
    assert!(!done.err.contains("failed"), "{}", done.err);
    for run in runs {
        assert!(!std::path::Path::new("/proc").join(run).exists());
    }
}
