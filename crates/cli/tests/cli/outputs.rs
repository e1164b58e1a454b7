//! Where results go: descriptors, pipes, files that are more than their bytes; and what can be wrong with an input
//! that is open.

use crate::support::{Done, Place, RECORDS};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::MetadataExt;

/// Many records, of which every other one fails.
fn many(count: usize) -> String {
    let mut lines = String::new();
    for number in 0..count {
        let value = if number % 2 == 0 { 5 } else { -5 };
        lines += &format!(
            "{{\"id\":\"r{number}\",\"timestamp\":\"t\",\"sensor_id\":\"s\",\"value\":{value},\"unit\":\"C\",\"location\":\"N\"}}\n"
        );
    }
    lines
}

/// The number of lines, each of which is a record.
#[track_caller]
fn whole_lines(text: &str) -> usize {
    text.lines().inspect(|line| drop(serde_json::from_str::<serde_json::Value>(line).unwrap())).count()
}

const COUNT: usize = 40_000;

#[test]
fn descriptors_are_written_to_and_keep_what_they_have() {
    let place = Place::new();
    place.write("in.jsonl", many(1000));
    place.write("log", "yesterday\n");
    let ways = [
        "$CP run -q -i in.jsonl --processed p --failed /dev/stderr 2>> log",
        "$CP run -q -i in.jsonl --processed p --failed /dev/fd/7 7>> log",
        "$CP run -q -i in.jsonl --processed p --failed - >> log",
        "ln -s /dev/fd/9 link; $CP run -q -i in.jsonl --processed p --failed link 9>> log; rm link",
    ];
    for (at, way) in ways.into_iter().enumerate() {
        place.shell(way);
        let log = place.read("log");
        assert!(log.starts_with("yesterday\n{"), "{way}");
        assert_eq!(log.lines().count(), 1 + 500 * (at + 1), "{way}");
        assert_eq!(place.names(), ["in.jsonl", "log", "p"], "{way}");
    }
    // At the place where the descriptor is, and what is written to it afterwards comes behind.
    let done = place.shell(
        "{ echo before >&3; $CP run -q -i in.jsonl --processed p --failed /dev/fd/3; echo after >&3; } 3> new; cat new",
    );
    let lines: Vec<&str> = done.out.lines().collect();
    assert_eq!((lines.len(), lines[0], lines[501]), (502, "before", "after"));
}

#[test]
fn a_descriptor_that_can_not_be_written_to_is_refused() {
    let place = Place::new();
    place.write("in.jsonl", RECORDS);
    for (line, problem) in [
        ("$CP run -i in.jsonl --failed /dev/fd/9 9>&-", "error: /dev/fd/9 can't be written: it is not open\n"),
        ("$CP run --failed /dev/fd/8 8< in.jsonl", "error: /dev/fd/8 can't be written: it is open for reading only\n"),
    ] {
        assert_eq!(place.shell(line).error(1), problem);
        assert_eq!(place.names(), ["in.jsonl"]);
    }
}

#[test]
fn two_outputs_to_one_place_take_turns_by_whole_lines() {
    let place = Place::new();
    place.write("in.jsonl", many(COUNT));
    for way in [
        "$CP run -q -i in.jsonl --processed - --failed /dev/fd/1 > all",
        "$CP run -q -i in.jsonl --processed /dev/fd/3 --failed - 3> all >&3",
        "$CP run -q -i in.jsonl --processed /dev/fd/3 --failed /dev/fd/4 3> all 4>> all",
        "$CP run -q -i in.jsonl --processed - --failed /dev/stderr 2>&1 | cat > all",
        "mkfifo pipe; cat pipe > all & $CP run -q -i in.jsonl --processed pipe --failed ./pipe; wait; rm pipe",
    ] {
        let done = place.shell(way);
        assert_eq!(done.status, 0, "{way}: {}", done.err);
        assert_eq!(whole_lines(&place.read("all")), COUNT, "{way}");
        fs::remove_file(place.path("all")).unwrap();
    }
}

#[test]
fn an_output_that_is_the_input_is_refused_before_anything_is_written() {
    let place = Place::new();
    for way in [
        "$CP run -q -i in.jsonl --processed - --failed f >> in.jsonl",
        "$CP run -q -i in.jsonl --processed p --failed /dev/fd/5 5>> in.jsonl",
        "$CP run -q -i - --processed - --failed f < in.jsonl >> in.jsonl",
        "$CP run -q -i - --processed in.jsonl --failed f < in.jsonl",
        "ln -s in.jsonl link; $CP run -q -i link --processed - --failed f >> in.jsonl",
        // The summary is an output too.
        "$CP run -i in.jsonl >> in.jsonl",
    ] {
        place.write("in.jsonl", RECORDS);
        let done = place.shell(way);
        assert_eq!(done.status, 2, "{way}: {}", done.err);
        assert!(done.err.contains("input of this run"), "{way}: {}", done.err);
        assert_eq!(place.read("in.jsonl"), RECORDS, "{way}");
        let _ = fs::remove_file(place.path("link"));
        assert_eq!(place.names(), ["in.jsonl"], "{way}");
    }
}

#[test]
fn a_file_with_several_names_keeps_them() {
    let place = Place::new();
    place.write("in.jsonl", RECORDS);
    place.write("p", "before");
    fs::hard_link(place.path("p"), place.path("other")).unwrap();
    let done = place.run("run -i in.jsonl --processed p --failed f");
    assert_eq!(done.status, 0);
    assert!(done.err.contains("warning: ") && done.err.contains("p has several names (hard links)"), "{}", done.err);
    assert_eq!(place.read("p"), place.read("other"));
    assert_eq!((place.lines("p").len(), place.lines("f").len()), (2, 2));
    // A shorter result leaves nothing of the longer one.
    place.write("in.jsonl", RECORDS.lines().next().unwrap());
    place.run("run -q -i in.jsonl --processed p --failed f").fine();
    assert_eq!(place.lines("other").len(), 1);
    assert_eq!(place.names(), ["f", "in.jsonl", "other", "p"]);
}

#[test]
fn owner_and_permissions_are_kept() {
    let place = Place::new();
    place.write("p", "before");
    place.shell("chmod 640 p; chown 1234:2345 p 2> err");
    let before = fs::metadata(place.path("p")).unwrap();
    place.run("run -q --processed p --failed f").fine();
    let after = fs::metadata(place.path("p")).unwrap();
    assert_eq!((after.mode(), after.uid(), after.gid()), (before.mode(), before.uid(), before.gid()));
    assert_eq!(place.lines("p").len(), 41);
    place.shell("chmod 400 p");
    let error = place.run("run -q --processed p --failed f").error(1);
    assert_eq!(error, "error: p can't be written: it is write-protected\n");
}

#[test]
fn where_no_file_can_be_made_beside_it_it_is_written_in_place() {
    let place = Place::new();
    fs::create_dir(place.path("d")).unwrap();
    place.write("d/p", "before");
    place.write("d/f", "before");
    place.write("half.jsonl.gz", &[0x1f, 0x8b][..]);
    // As root, permissions stop nobody; so another user is needed, if we may become one.
    let is_root = fs::metadata(place.path("d")).unwrap().uid() == 0;
    let with = if is_root { "setpriv --reuid 65534 --regid 65534 --clear-groups" } else { "" };
    place.shell("chmod 755 . d; chmod 666 d/*; chmod a-w d");
    if is_root && place.shell(&format!("{with} true")).status != 0 {
        return;
    }
    let done = place.shell(&format!("{with} $CP run -i half.jsonl.gz --processed d/p --failed d/f"));
    assert_eq!(done.status, 1, "{}", done.err);
    assert_eq!(place.read("d/p"), "before");
    let done = place.shell(&format!("{with} $CP run --processed d/p --failed d/f"));
    assert_eq!(done.status, 0, "{}", done.err);
    assert!(done.err.contains("warning: no file can be made beside "), "{}", done.err);
    assert_eq!((place.lines("d/p").len(), place.lines("d/f").len()), (41, 9));
    place.shell("chmod u+w d");
}

#[test]
fn two_runs_do_not_write_the_same_files() {
    let place = Place::new();
    let mut first = place.start("run -q -i - --processed - --failed f --metrics m");
    let mut stdin = first.stdin.take().unwrap();
    stdin.write_all(RECORDS.as_bytes()).unwrap();
    // It is under way now.
    let mut line = String::new();
    let mut out = BufReader::new(first.stdout.take().unwrap());
    out.read_line(&mut line).unwrap();
    let error = place.run("run -q --processed p --failed f").error(1);
    assert_eq!(error, "error: f can't be written: another run of Clearpipe is writing it\n");
    place.run("run -q --processed p --failed g").fine();
    drop(stdin);
    out.read_to_string(&mut line).unwrap();
    assert_eq!(first.wait().unwrap().code(), Some(0));
    assert_eq!(place.lines("f").len(), 2);
    assert_eq!(place.names(), ["f", "g", "m", "p"]);
    place.run("run -q --processed p --failed f").fine();
}

#[test]
fn a_limit_on_the_size_of_files_is_an_error() {
    let place = Place::new();
    place.write("processed_data.jsonl", "before");
    let done = place.shell("ulimit -f 100; $CP run -q -n 100000");
    assert_eq!((done.status, done.out.as_str()), (1, ""));
    assert!(done.err.starts_with("error: the ") && done.err.contains(" file can't be written: "), "{}", done.err);
    assert!(done.err.contains("File too large"), "{}", done.err);
    assert_eq!(place.names(), ["processed_data.jsonl"]);
    assert_eq!(place.read("processed_data.jsonl"), "before");
}

#[test]
fn a_closed_standard_input_is_not_an_empty_one() {
    let place = Place::new();
    let done = place.shell("$CP run -i - <&-");
    assert_eq!(
        done.error(1),
        "error: the standard input can't be read: it is closed, or it is /dev/null opened for writing too\n"
    );
    assert!(place.names().is_empty());
    place.shell("$CP run -q -i - < /dev/null").fine();
    assert_eq!(place.read("processed_data.jsonl"), "");
}

#[test]
fn an_input_that_shrinks_is_an_error() {
    let place = Place::new();
    place.write("in.jsonl", many(COUNT));
    place.write("failed_data.jsonl", "before");
    let mut child = place.start("run -q -i in.jsonl --processed - --rate-limit 5000");
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut String::new()).unwrap();
    fs::File::options().write(true).open(place.path("in.jsonl")).unwrap().set_len(100).unwrap();
    std::thread::spawn(move || out.lines().count());
    let done = Done::of(child.wait_with_output().unwrap());
    assert_eq!(
        (done.status, done.err.as_str()),
        (1, "error: the input in.jsonl can't be read: the file shrank while it was being read\n")
    );
    assert_eq!(place.read("failed_data.jsonl"), "before");
}

#[test]
fn an_event_log_that_nobody_reads_does_not_cost_the_results() {
    let place = Place::new();
    let done = place.shell("{ $CP run -n 20000 --trace - --metrics m.json; echo $? > status; } | head -c 100");
    assert_eq!(place.read("status"), "0\n", "{}", done.err);
    assert!(done.err.contains("The reader of the event log is gone"), "{}", done.err);
    let metrics = place.json("m.json");
    assert_eq!((&metrics["produced"], &metrics["stopped"]), (&20_000.into(), &false.into()));
    assert_eq!(place.lines("processed_data.jsonl").len() as u64, metrics["processed"].as_u64().unwrap());
    assert_eq!(place.names(), ["failed_data.jsonl", "m.json", "processed_data.jsonl", "status"]);
}

#[test]
fn files_that_are_waited_for_are_the_same() {
    let place = Place::new();
    place.run("run -q --fsync --clock fixed:2026-01-01T00:00:00Z -o a --metrics m").fine();
    place.run("run -q --set output.fsync=true --clock fixed:2026-01-01T00:00:00Z -o a").fine();
    place.run("run -q --clock fixed:2026-01-01T00:00:00Z -o b").fine();
    for name in ["processed_data.jsonl", "failed_data.jsonl"] {
        assert_eq!(place.read(&format!("a/{name}")), place.read(&format!("b/{name}")));
    }
    assert_eq!(place.names(), ["a", "b", "m"]);
}

#[cfg(target_os = "linux")]
#[test]
fn sizes_that_are_too_large_are_an_error_in_a_sentence() {
    let place = Place::new();
    // The stacks of the threads alone would take 2 GB.
    let done = place.shell("ulimit -v 1500000; $CP run -q --threads 1000");
    let error = done.error(1);
    assert!(
        error.starts_with("error: the pool of 1,000 threads can't be started: the system starts no more"),
        "{error}"
    );
    let error = place.run("run -q --threads 1000 --set trace.ring=1048576 --trace x").error(2);
    assert!(error.contains("`trace.ring` is 1048576, which for 1000 threads is 15 GiB of memory"), "{error}");
    assert!(place.names().is_empty());
}
