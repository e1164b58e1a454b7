//! Tests of reading event logs, mostly of format 1: `crates/core/tests/event_log.rs` has those of whole logs.

use super::*;
use clearpipe_model::random::Random;
use clearpipe_model::topology::Topology;
use std::io::Cursor;

/// Returns a log whose first line names these kinds.
fn log(kinds: &[&str], events: impl IntoIterator<Item = [u64; 2]>) -> Vec<u8> {
    let nodes = serde_json::json!({ "1": "Validator", "16": "dataCh" });
    let header = serde_json::json!({ "clearpipe_events": 1, "places": nodes, "kinds": kinds, "config": {} });
    let mut bytes = format!("{header}\n").into_bytes();
    events.into_iter().flatten().for_each(|word| bytes.extend_from_slice(&word.to_le_bytes()));
    bytes
}

fn event(time: u64, record: u64) -> [u64; 2] {
    let kind = EventKind::Depart;
    Event { time, kind, node: 16, record: Some(record), worker: 2, thread: 255 }.pack()
}

fn read(bytes: Vec<u8>) -> Result<Vec<Logged>, String> {
    let mut reader = LogReader::open(Cursor::new(bytes)).map_err(|error| error.to_string())?;
    let next = || reader.next_event().map_err(|error| error.to_string()).transpose();
    std::iter::from_fn(next).collect()
}

#[test]
fn events_come_in_the_order_of_time() {
    let mut random = Random::new(1);
    // More than a few blocks, out of order by less than one block; several events have the same time.
    let events = 5 * TOGETHER;
    let mut times: Vec<(u64, u64)> =
        (0..events).map(|number| (number / 3 + random.below(TOGETHER / 8), number)).collect();
    let bytes = log(&["arrive", "depart"], times.iter().map(|&(time, number)| event(time, number)));
    let mut reader = LogReader::open(Cursor::new(bytes)).unwrap();
    times.sort_by_key(|(time, _)| *time);
    let mut most_held = 0;
    for &(time, number) in &times {
        let found = reader.next_event().unwrap().unwrap();
        assert_eq!((found.time, found.record, found.known), (time, Some(number), Some(EventKind::Depart)));
        assert_eq!((reader.header().kind(found.kind), reader.header().node(found.node)), ("depart", "dataCh"));
        assert_eq!((found.worker, found.thread), (2, None));
        most_held = most_held.max(reader.held.len() as u64);
    }
    assert_eq!(reader.next_event().unwrap(), None);
    assert!(most_held <= 3 * TOGETHER, "{most_held} events were held");
}

#[test]
fn kinds_of_newer_versions_have_their_names() {
    let mut newer = event(7, 9);
    newer[0] = newer[0] & !0xff00 | 200 << 8;
    let kinds: Vec<&str> = (0..=200).map(|kind| if kind == 200 { "dreamt" } else { "x" }).collect();
    let bytes = log(&kinds, [newer]);
    let mut reader = LogReader::open(Cursor::new(bytes)).unwrap();
    let found = reader.next_event().unwrap().unwrap();
    assert_eq!((reader.header().kind(found.kind), found.known, found.time, found.record), ("dreamt", None, 7, Some(9)));
}

#[test]
fn a_log_says_how_its_pipeline_is_put_together() {
    let bytes = log(&["arrive"], []);
    let reader = LogReader::open(Cursor::new(bytes.clone())).unwrap();
    assert_eq!(reader.header().topology(), &Topology::standard(), "of a log that says nothing about it");
    let with = |topology: serde_json::Value| {
        let mut header: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        header["topology"] = topology;
        // In this order: the first key identifies the file as a log.
        let header = header.to_string();
        let header = header.replace("\"clearpipe_events\":1,", "").replacen('{', "{\"clearpipe_events\":1,", 1);
        read(format!("{header}\n").into_bytes())
    };
    let stage = |node| serde_json::json!({ "node": node, "id": "s", "name": "S", "is_pool": true });
    assert_eq!(with(serde_json::json!({ "stages": [stage(1)], "channels": [] })), Ok(Vec::new()));
    let error = with(serde_json::json!({ "stages": [stage(16)], "channels": [] })).unwrap_err();
    assert!(error.starts_with("its first line has an impossible topology: stage 16 has"), "{error}");
    let error = with(serde_json::json!(null)).unwrap_err();
    assert_eq!(error, "its first line has an impossible topology: malformed");
}

#[test]
fn what_is_no_log_is_said_to_be_none() {
    let whole = log(&["arrive", "depart"], [event(1, 1), event(2, 2)]);
    assert_eq!(read(whole.clone()).unwrap().len(), 2);
    for bytes in [&b""[..], b"{}\n", b"{\"id\":\"rec-0001\"}\n{}\n", &[0; 1000], &whole[..15]] {
        assert!(read(bytes.to_vec()).unwrap_err().starts_with("it is not an event log; "));
    }
    for bytes in
        [&whole[..25], b"{\"clearpipe_events\":0}\n", b"{\"clearpipe_events\":1,\"config\":{\"workers\":1e999}}\n"]
    {
        let error = read(bytes.to_vec()).unwrap_err();
        assert!(error.starts_with("its first line is damaged ("), "{error}");
    }
    let error = read(b"{\"clearpipe_events\":1,\"config\":{\"trace\":{\"ring\":-1}}}\n".to_vec()).unwrap_err();
    assert_eq!(
        error,
        "its first line has a configuration that no run can have: `trace.ring` is -1; it must be a whole number, 0 or more"
    );
    let error = read(b"{\"clearpipe_events\":1,\"config\":{\"workers\":1000000000000}}\n".to_vec()).unwrap_err();
    assert!(error.ends_with(": `workers` is 1000000000000; it must be from 1 to 65535"), "{error}");
    let error = read(whole[..whole.len() - 5].to_vec()).unwrap_err();
    assert!(error.starts_with("it is cut off: 11 bytes are left of its last event"), "{error}");
    let error = read(b"{\"clearpipe_events\":3,\"places\":[]}\n".to_vec()).unwrap_err();
    assert_eq!(error, "it was written by a newer version of Clearpipe (format 3; this one reads 2)");
    let error = read(log(&["arrive"], [event(1, 1)])).unwrap_err();
    assert!(error.ends_with("there is an event of the kind 1, which its first line does not name"), "{error}");
}

#[test]
fn a_part_that_no_run_has_is_refused() {
    let whole = log(&["arrive", "depart"], [event(1, 1), event(2, 2)]);
    let with = |part: &str| {
        let line = whole.iter().position(|byte| *byte == b'\n').unwrap();
        let part = format!(",\"part\":{part}}}");
        let bytes = [&whole[..line - 1], part.as_bytes(), &whole[line..]].concat();
        LogReader::open(Cursor::new(bytes))
    };
    let part = |from: u64, to: u64, before: u64| {
        format!("{{\"from_ns\":{from},\"to_ns\":{to},\"events_before\":{before},\"events_after\":0}}")
    };
    let mut reader = with(&part(2, 5, 3)).unwrap();
    assert_eq!(reader.header().part().map(|part| (part.from_ns, part.halvings)), Some((2, 0)));
    // In format 1 there is no place for the state at the beginning.
    assert!(matches!(reader.state_at(2), Err(LogError::NoBeginning)));
    assert!(matches!(reader.state_at(1), Err(LogError::NotInPart { from: 2, to: 5 })));
    assert_eq!(reader.begin_part().unwrap(), None);
    assert_eq!(reader.next_event().unwrap().unwrap().time, 2);
    for part in
        ["7", "{}", &part(3, 2, 0), &part(0, 1 << 48, 0), &part(0, 5, 1 << 60), &part(0, 5, 0).replace("0,", "-1,")]
    {
        let error = with(part).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.starts_with("its first line is damaged ("), "{part}: {error}");
    }
    let mut reader = with(&part(0, 5, 0)).unwrap();
    assert_eq!(reader.state_at(5).unwrap(), LogReader::open(Cursor::new(whole.clone())).unwrap().state_at(5).unwrap());
}

/// Returns the bytes of the example in the description of the format.
fn example() -> Vec<u8> {
    let source = include_str!("../log.rs");
    let example = source.split("```text\n").nth(1).unwrap().split("//! ```").next().unwrap();
    // Three spaces separate the bytes from what they mean.
    let bytes = example.lines().map(|line| line.trim_start_matches("//! ").split("   ").next().unwrap());
    bytes.flat_map(str::split_whitespace).map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}

#[test]
fn the_example_in_the_description_is_a_block() {
    let events = [
        Event { time: 1000, kind: EventKind::Produced, node: 0, record: Some(0), worker: 0, thread: 1 },
        Event { time: 1300, kind: EventKind::Arrive, node: 16, record: Some(0), worker: 0, thread: 1 },
    ]
    .map(Event::pack);
    let line = format!("{{\"clearpipe_events\":2,\"kinds\":{}}}\n", serde_json::to_string(&EventKind::ALL).unwrap());
    let mut log = line.clone().into_bytes();
    log.extend_from_slice(&block::checksum(&[line.as_bytes()]).to_le_bytes());
    log.extend_from_slice(&example());
    let mut reader = LogReader::open(Cursor::new(&log)).unwrap();
    assert_eq!(reader.next_events().unwrap(), Some(&events[..]));
    assert_eq!(reader.next_events().unwrap(), None);
    assert_eq!(reader.defect(), Some(Defect::NoEnd));
    // What the writer would have compressed.
    let mut columns = Vec::new();
    columns::Encoder::new().encode(&events, &mut columns);
    assert!(log.ends_with(&columns));
}

#[test]
fn blocks_have_any_events() {
    let mut random = Random::new(3);
    for count in [1, 2, 100, block::MAX_EVENTS] {
        for spread in [1, 1 << 8, 1 << 40] {
            let mut time = 0;
            let mut event = || {
                time += random.below((1 << 47) / block::MAX_EVENTS as u64).min(random.below(spread));
                let packed = [time << 16 | random.below(spread.min(1 << 16)), random.below(spread) << 24];
                [packed[0], packed[1] | random.below(spread.min(1 << 24))]
            };
            let events: Vec<[u64; 2]> = (0..count).map(|_| event()).collect();
            let (mut columns, mut decoded) = (Vec::new(), Vec::new());
            columns::Encoder::new().encode(&events, &mut columns);
            assert!(columns.len() <= block::MAX_COLUMNS);
            let first = super::time(events[0]);
            assert_eq!(columns::decode(&columns, count, first, &mut decoded), Some(()));
            assert_eq!(decoded, events);
            for _ in 0..100 {
                let at = random.below(columns.len() as u64) as usize;
                assert_eq!(columns::decode(&columns[..at], count, first, &mut Vec::new()), None, "cut at {at}");
            }
        }
    }
}
