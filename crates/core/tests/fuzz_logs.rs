//! Fuzzing of event logs: whatever a file contains, reading it ends without a panic, and returns events in order.

mod fuzz_support;
mod support;

use clearpipe_core::config::{Config, RuntimeKind};
use clearpipe_core::trace::read::LogReader;
use clearpipe_model::topology::Topology;
use fuzz_support::Fuzz;
use std::io::Cursor;

const TOKENS: &[&[u8]] = &[
    b"{\"clearpipe_events\":1,",
    b"{\"clearpipe_events\":2,",
    b"blk2",
    b"idx2",
    b"tbl2",
    b"end\n",
    b"\"clearpipe_events\":",
    b"\"config\":{",
    b"\"workers\":",
    b"\"ring\":1e18",
    b"-1",
    b"1e999",
    b"1000000000000000000",
    b"null",
    b"[[[[[[[[",
    b"{\"a\":{\"a\":",
    b"\"places\":{\"300\":\"x\"}",
    b"\"kinds\":[",
    b"\"topology\":{\"stages\":[],\"channels\":[]},",
    b"\\u001b",
    b"\n",
    b"\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\0\0\0\0\0\0\0\0",
    b"}",
    b"]",
    b",",
    b"\"",
];

/// Returns a complete log: a first line and some events of several threads, slightly out of order.
fn log() -> Vec<u8> {
    let config = serde_json::to_value(Config::default()).unwrap();
    let nodes: serde_json::Map<String, serde_json::Value> =
        (0..24_u8).map(|node| (node.to_string(), format!("node {node}").into())).collect();
    let kinds: Vec<String> = (0..19).map(|kind| format!("kind_{kind}")).collect();
    let header = serde_json::json!({ "clearpipe_events": 1, "places": nodes, "kinds": kinds, "topology": Topology::standard(), "config": config });
    let mut bytes = format!("{header}\n").into_bytes();
    for number in 0..200_u64 {
        let time = 1000 * number + number % 7 * 500;
        let (kind, node, worker, thread) = (number % 19, number % 24, number % 3, number % 4);
        let words = [time << 16 | kind << 8 | node, number << 24 | worker << 8 | thread];
        words.iter().for_each(|word| bytes.extend_from_slice(&word.to_le_bytes()));
    }
    bytes
}

/// Returns a log of format 2 with several blocks.
fn log_of_blocks() -> Vec<u8> {
    let mut config = Config { records: 300, ..Config::default() };
    config.runtime.kind = RuntimeKind::Virtual;
    config.trace.enabled = true;
    support::run(&config, None).unwrap().log
}

/// Returns a log of format 2 with the right checksums wherever a checksum may be, so that it isn't refused for them.
fn with_checksums(mut log: Vec<u8>) -> Vec<u8> {
    let Some(end) = log.iter().position(|&byte| byte == b'\n') else { return log };
    let mut at = end + 1;
    put_checksum(&mut log, 0..at, at);
    at += 4;
    while log.get(at..at + 4) == Some(b"blk2") && log.len() >= at + 40 {
        let number = |from: usize| u32::from_le_bytes(log[from..from + 4].try_into().unwrap()) as usize;
        let end = (at + 40).saturating_add(number(at + 4)).saturating_add(number(at + 8)).min(log.len());
        put_checksum(&mut log, at + 40..end, at + 32);
        put_checksum(&mut log, at..at + 36, at + 36);
        at = end;
    }
    if let Some(at) = log.windows(4).rposition(|bytes| bytes == b"tbl2").filter(|&at| log.len() >= at + 20) {
        let size = u32::from_le_bytes(log[at + 4..at + 8].try_into().unwrap()) as usize;
        let end = (at + 20).saturating_add(size).min(log.len());
        put_checksum(&mut log, at + 20..end, at + 12);
        put_checksum(&mut log, at..at + 16, at + 16);
    }
    log
}

fn put_checksum(log: &mut [u8], of: std::ops::Range<usize>, at: usize) {
    let mut crc = flate2::Crc::new();
    crc.update(&log[of]);
    if let Some(into) = log.get_mut(at..at + 4) {
        into.copy_from_slice(&crc.sum().to_le_bytes());
    }
}

#[test]
fn any_file_of_blocks_is_read_or_refused() {
    let whole = log_of_blocks();
    let start = whole.iter().position(|&byte| byte == b'\n').unwrap() + 5;
    let (header, blocks) = whole.split_at(start);
    let mut fuzz = Fuzz::new("event logs of blocks", 1500);
    let (mut read, mut refused) = (0, 0);
    while fuzz.goes_on() {
        let input = match fuzz.below(4) {
            0 => fuzz.mutated(&[&whole], TOKENS),
            1 => with_checksums([fuzz.mutated(&[header], TOKENS), blocks.to_vec()].concat()),
            _ => with_checksums([header.to_vec(), fuzz.mutated(&[blocks], TOKENS)].concat()),
        };
        let is_read = fuzz.check(&input.escape_ascii().to_string(), || check(&input));
        if is_read { read += 1 } else { refused += 1 }
    }
    assert!(read > 0 && refused > 0, "{read} were read, {refused} were refused");
}

#[test]
fn any_file_is_read_or_refused() {
    let whole = log();
    let start = whole.iter().position(|&byte| byte == b'\n').unwrap() + 1;
    let (header, events) = whole.split_at(start);
    let short: &[u8] = b"{\"clearpipe_events\":1,\"kinds\":[\"a\",\"b\"],\"config\":{}}\n";
    let mut fuzz = Fuzz::new("event logs", 3000);
    let (mut read, mut refused) = (0, 0);
    while fuzz.goes_on() {
        // Mutates the whole log or only one part, so that the other part isn't what gets it refused.
        let input = match fuzz.below(4) {
            0 => fuzz.mutated(&[&whole, short], TOKENS),
            1 => [fuzz.mutated(&[header, short], TOKENS), events.to_vec()].concat(),
            _ => {
                let mut events = fuzz.mutated(&[events], TOKENS);
                events.truncate(events.len() / 16 * 16);
                [header.to_vec(), events].concat()
            }
        };
        let is_read = fuzz.check(&input.escape_ascii().to_string(), || check(&input));
        if is_read { read += 1 } else { refused += 1 }
    }
    assert!(read > 0 && refused > 0, "{read} were read, {refused} were refused");
}

/// Returns whether it can be read.
fn check(input: &[u8]) -> bool {
    let mut reader = match LogReader::open(Cursor::new(input)) {
        Ok(reader) => reader,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return false;
        }
    };
    let (mut last, mut events) = (0, 0);
    loop {
        match reader.next_event() {
            Ok(None) => break,
            Err(error) => {
                assert!(!error.to_string().is_empty());
                return false;
            }
            Ok(Some(event)) => {
                assert!(event.time >= last, "{} is behind {last}", event.time);
                let names = [reader.header().kind(event.kind), reader.header().node(event.node)];
                assert!(!names.iter().any(|name| name.replace('\t', "").chars().any(char::is_control)), "{names:?}");
                last = event.time;
                events += 1;
            }
        }
    }
    assert_eq!(events, reader.events());
    // From wherever a key frame leads.
    [0, last / 3, last, u64::MAX].iter().all(|&time| reader.state_at(time).is_ok())
}
