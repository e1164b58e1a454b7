//! The memory that a run takes does not depend on how much there is to do.
//!
//! The sizes that the specification asks for take minutes: `cargo test --release -p clearpipe --test cli -- --ignored memory`.

#![cfg(target_os = "linux")]

use crate::support::Place;
use std::io::Write;
use std::process::{Child, Stdio};
use std::time::Duration;

/// How full the channels get is a matter of the threads' timing: all of them full, with their batches, take so much
/// more than a run that flows. What grew with the records would be larger than this in each of the tests.
const TOLERANCE_KB: u64 = 32 * 1024;

/// More than this is not small.
const LARGEST_KB: u64 = 96 * 1024;

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

fn generated(records: u64) -> u64 {
    let place = Place::new();
    let arguments = format!("run -q -n {records} --processed /dev/null --failed /dev/null");
    let peak = peak_kb(place.command(&arguments).spawn().unwrap());
    eprintln!("{records} generated records: {peak} kB");
    peak
}

/// JSON Lines of about so many bytes, from a pipe.
fn piped(bytes: usize) -> u64 {
    let place = Place::new();
    let mut command = place.command("run -q -i - --processed /dev/null --failed /dev/null");
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
    assert!(large <= small + TOLERANCE_KB && large <= LARGEST_KB, "{small} kB and {large} kB");
}

#[test]
fn memory_does_not_grow_with_the_records() {
    assert_same(generated(100_000), generated(800_000));
}

#[test]
fn memory_does_not_grow_with_the_input() {
    assert_same(piped(10 << 20), piped(100 << 20));
}

#[test]
#[ignore = "takes minutes"]
fn memory_of_20_million_records() {
    assert_same(generated(1_000_000), generated(20_000_000));
}

#[test]
#[ignore = "takes minutes"]
fn memory_of_2_gigabytes_from_a_pipe() {
    assert_same(piped(100 << 20), piped(2 << 30));
}
