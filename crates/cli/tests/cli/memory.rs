//! The memory that a run takes does not depend on how much there is to do.
//!
//! The sizes that the specification asks for take minutes: `cargo test --release -p clearpipe --test cli -- --ignored memory`.

#![cfg(target_os = "linux")]

use crate::support::Place;
use std::io::Write;
use std::process::{Child, Stdio};
use std::time::Duration;

/// With channels this small, and one thread, there is little that could be full or not: what two runs differ by is what
/// grew. Over the records that they differ by it is less than two bytes each.
const STEADY: &str = "--threads 1 --batch 64 --buffer 256";

/// See [`STEADY`].
const STEADY_TOLERANCE_KB: u64 = 4 * 1024;

/// How full the channels get is a matter of the threads' timing: all of them full, with their batches, take so much
/// more than a run that flows. What grew with the records would be larger than this in each of the tests.
const TOLERANCE_KB: u64 = 32 * 1024;

/// More than this is not small.
const MAX_KB: u64 = 96 * 1024;

/// 32 MiB of input in flight, once as it came and once as it is written at most, and the small rest.
const MAX_LONG_LINES_KB: u64 = 160 * 1024;

/// The most memory that a process had, until it ended.
fn peak_kb(mut child: Child) -> u64 {
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    loop {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kb = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        peak = peak.max(kb.unwrap_or(0));
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success());
            return peak;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn generated(records: u64, flags: &str) -> u64 {
    let place = Place::new();
    let arguments = format!("run -q -n {records} --processed /dev/null --failed /dev/null {flags}");
    let peak = peak_kb(place.command(&arguments).spawn().unwrap());
    eprintln!("{records} generated records: {peak} kB");
    peak
}

/// JSON Lines of about so many bytes, from a pipe.
fn piped(bytes: usize, flags: &str) -> u64 {
    let place = Place::new();
    let mut command = place.command(&format!("run -q -i - --processed /dev/null --failed /dev/null {flags}"));
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || {
        let mut written = 0;
        let mut block = String::new();
        let mut number = 0_u64;
        while written < bytes {
            block.clear();
            while block.len() < 256 * 1024 {
                number += 1;
                block += &format!(
                    "{{\"id\":\"r{number}\",\"timestamp\":\"2026-01-01T00:00:00Z\",\"sensor_id\":\"s{}\",\"value\":{}.25,\
                     \"unit\":\"C\",\"location\":\"North\",\"note\":\"kept as it is\"}}\n",
                    number % 7,
                    number % 1200
                );
            }
            stdin.write_all(block.as_bytes()).unwrap();
            written += block.len();
        }
    });
    let peak = peak_kb(child);
    writer.join().unwrap();
    eprintln!("{bytes} bytes from a pipe: {peak} kB");
    peak
}

#[track_caller]
fn assert_same(small: u64, large: u64) {
    assert!(large <= small + TOLERANCE_KB && large <= MAX_KB, "{small} kB and {large} kB");
}

#[track_caller]
fn assert_steady(small: u64, large: u64) {
    assert!(large <= small + STEADY_TOLERANCE_KB, "{small} kB and {large} kB");
}

#[test]
fn memory_does_not_grow_with_the_records() {
    assert_steady(generated(300_000, STEADY), generated(3_000_000, STEADY));
}

#[test]
fn memory_does_not_grow_with_the_input() {
    // 0.3 and 2.4 million records.
    assert_steady(piped(40 << 20, STEADY), piped(320 << 20, STEADY));
}

/// Lines of 100 kB, and a reader that takes nothing until all that can be read has been.
#[test]
fn memory_does_not_grow_with_the_length_of_lines() {
    for flags in ["", "--unordered", "--batch 1024"] {
        let place = Place::new();
        let line = format!("{{\"id\":\"a\",\"value\":1,\"note\":\"{}\"}}\n", "x".repeat(100_000));
        let required = "--set validator.required=id,value";
        let mut command = place.command(&format!("run -q -i - --processed - {required} {flags}"));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (mut stdin, mut stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let writer = std::thread::spawn(move || (0..3000).for_each(|_| stdin.write_all(line.as_bytes()).unwrap()));
        let reader = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(1500));
            std::io::copy(&mut stdout, &mut std::io::sink()).unwrap()
        });
        let peak = peak_kb(child);
        writer.join().unwrap();
        assert!(reader.join().unwrap() > 300_000_000);
        eprintln!("300 MB of long lines, {flags}: {peak} kB");
        assert!(peak <= MAX_LONG_LINES_KB, "{flags}: {peak} kB");
    }
}

#[test]
#[ignore = "takes minutes"]
fn memory_of_20_million_records() {
    assert_same(generated(1_000_000, ""), generated(20_000_000, ""));
}

#[test]
#[ignore = "takes minutes"]
fn memory_of_2_gigabytes_from_a_pipe() {
    assert_same(piped(100 << 20, ""), piped(2 << 30, ""));
}
