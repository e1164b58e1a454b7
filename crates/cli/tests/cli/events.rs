//! `clearpipe events`: what a log says.

use crate::support::{Done, Place};
use clearpipe_model::text::grouped;
use serde_json::Value;
use std::collections::HashMap;
use std::io::{BufRead, BufReader};

/// A place with the log of a run.
fn traced(flags: &str) -> Place {
    let place = Place::new();
    place.run(&format!("run -q --trace run.events {flags}")).fine();
    place
}

#[test]
fn a_log_is_printed_one_event_a_line() {
    let place = traced("");
    let out = place.run("events run.events").fine().out;
    let times: Vec<f64> = out.lines().map(|line| line.split_once(" s ").unwrap().0.trim().parse().unwrap()).collect();
    assert!(times.is_sorted());
    assert_eq!(out.lines().filter(|line| line.contains("  produced  ")).count(), 50);
    assert_eq!(out.lines().filter(|line| line.contains("  Loader  ") && line.contains("  written  ")).count(), 41);
    assert!(out.lines().any(|line| line.contains("run_start") && !line.contains("record")));
    let json = place.run("events run.events --json").fine().out;
    assert_eq!(json.lines().count(), out.lines().count());
    let first: Value = serde_json::from_str(json.lines().next().unwrap()).unwrap();
    for key in ["time_ns", "place", "worker", "thread", "kind", "record"] {
        assert!(first.get(key).is_some(), "{key}");
    }
}

#[test]
fn people_count_workers_and_threads_from_one_and_programs_from_zero() {
    let place = traced("--runtime virtual --workers 2");
    let out = place.run("events run.events").fine().out;
    let has = |text: &str| out.lines().any(|line| line.contains("  Validator  ") && line.contains(text));
    assert!(has("  worker 1 ") && has("  worker 2 "), "{out}");
    assert!(!out.contains("worker 0") && !out.contains("thread 0"), "{out}");
    let json = place.run("events run.events --json").fine().out;
    let workers = json.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["worker"].as_u64().unwrap());
    assert_eq!(workers.max(), Some(1));
}

#[test]
fn one_record_is_followed() {
    let place = traced("--runtime virtual");
    let kinds = |flags: &str| -> Vec<String> {
        let out = place.run(&format!("events run.events --json {flags}")).fine().out;
        let lines = out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.map(|line| format!("{} {}", line["place"].as_str().unwrap(), line["kind"].as_str().unwrap())).collect()
    };
    let kinds = kinds("--record 11");
    assert_eq!(
        kinds[..6],
        [
            "Producer produced",
            "dataCh arrive",
            "dataCh depart",
            "Validator work_start",
            "Validator valid",
            "Validator work_end"
        ]
    );
    assert!(kinds.iter().any(|kind| kind == "Transformer transformation_error"), "{kinds:?}");
    assert!(kinds.iter().any(|kind| kind == "Error Handler written"), "{kinds:?}");
    let error = place.run("events run.events --record 50").error(1);
    assert_eq!(error, "error: the event log run.events has no event of record 50\n");
    let place = traced("--trace-sample 10");
    let error = place.run("events run.events --record 11").error(1);
    assert_eq!(error, "error: the event log run.events has no event of record 11; only 1 in 10 records was traced\n");
}

#[test]
fn a_viewer_of_traces_gets_tracks_and_counters() {
    for flags in [
        "",
        "--runtime virtual --panic validator=20%",
        "-n 5000 --workers 2",
        "--runtime virtual --buffer 1 --wait transformer=5ms",
    ] {
        let place = traced(flags);
        let done = place.run("events run.events --chrome trace.json");
        assert_eq!((done.status, done.out.as_str()), (0, ""), "{}", done.err);
        assert!(done.err.ends_with(" events to trace.json; open it at ui.perfetto.dev\n"), "{}", done.err);
        assert_eq!(place.run("events run.events --chrome -").fine().out, place.read("trace.json"));
        let trace = place.json("trace.json");
        let events = trace["traceEvents"].as_array().unwrap();
        let of = |phase: &str| events.iter().filter(|event| event["ph"] == phase).cloned().collect::<Vec<_>>();
        let is_name = |event: &&Value| event["name"] != "thread_sort_index";
        let names: Vec<Value> = of("M").iter().filter(is_name).map(|event| event["args"]["name"].clone()).collect();
        for name in ["Workers", "Threads", "Channels", "Fan-out", "Loader", "Metrics Collector"] {
            assert!(names.contains(&name.into()), "{name}: {names:?}");
        }
        // On a busy machine, one worker of a pool may do all its work, and one thread all of it.
        for pool in ["Validator ", "Transformer ", "thread "] {
            assert!(names.iter().any(|name| name.as_str().unwrap().starts_with(pool)), "{pool}: {names:?}");
        }
        assert!(!names.iter().any(|name| name.as_str().unwrap().ends_with(" 0")), "{names:?}");
        assert_eq!(flags.contains("panic"), !of("i").is_empty());
        if flags.contains("buffer") {
            let full = |channel: &str| {
                let name = format!("blocked: {channel} is full");
                of("X").iter().any(|slice| slice["name"] == name.as_str() && slice["dur"].as_f64() > Some(0.0))
            };
            assert!(full("dataCh") && full("validCh"));
        }
        // Slices of one track do not overlap, unless one is within the other, and every record was in one.
        let mut tracks: HashMap<(u64, u64), Vec<(f64, f64)>> = HashMap::new();
        let mut validated = 0;
        for slice in of("X") {
            let number = |key: &str| slice[key].as_f64().unwrap();
            let track = (slice["pid"].as_u64().unwrap(), slice["tid"].as_u64().unwrap());
            tracks.entry(track).or_default().push((number("ts"), number("ts") + number("dur")));
            if track.0 == 1 && track.1 >> 16 == 1 {
                validated += slice["args"]["records"].as_u64().unwrap_or(0);
            }
        }
        assert_eq!(validated, if flags.contains("5000") { 5000 } else { 50 });
        for slices in tracks.values_mut() {
            slices.sort_by(|one, other| one.0.total_cmp(&other.0).then(other.1.total_cmp(&one.1)));
            let mut open: Vec<f64> = Vec::new();
            for &(start, end) in slices.iter() {
                while open.pop_if(|outer| *outer <= start + 1e-3).is_some() {}
                assert!(open.iter().all(|outer| end <= outer + 1e-3), "{flags}: {start} to {end} in {open:?}");
                open.push(end);
            }
        }
        // Every channel is empty in the end.
        let mut depths = HashMap::new();
        for counter in of("C") {
            depths.insert(counter["name"].to_string(), counter["args"]["records"].as_u64().unwrap());
        }
        assert_eq!(depths.len(), 7);
        assert!(depths.values().all(|&depth| depth == 0), "{depths:?}");
    }
}

#[test]
fn a_log_that_is_none_is_named() {
    let place = traced("");
    place.run("run -q").fine();
    let log = include_bytes!("../../../../tests/compatibility/format-1.events");
    place.write("cut.events", &log[..log.len() - 3]);
    for (file, reason) in [
        ("missing", "No such file"),
        ("processed_data.jsonl", "it is not an event log; "),
        ("cut.events", "it is cut off: 13 bytes are left of its last event, which has 16"),
        (".", "not a regular file"),
    ] {
        let error = place.run(&format!("events {file} --chrome t.json")).error(1);
        assert!(error.starts_with(&format!("error: the event log {file} can't be read: {reason}")), "{error}");
    }
    assert!(!place.path("t.json").exists());
    assert!(place.run("events run.events --chrome run.events").error(1).contains("would be overwritten"));
    assert!(place.run("events run.events --json --chrome -").error(2).contains("cannot be used with"));
    assert!(place.run("events").error(2).contains("<FILE>"));
    assert_eq!(
        place.run_with("events -", log).error(2),
        "error: an event log can't be read from the standard input, because it is read twice; save it to a file first\n"
    );
}

#[test]
fn what_is_whole_of_a_damaged_log_is_printed() {
    let place = traced("-n 1000 --runtime virtual");
    let whole = place.run("events run.events").fine().out;
    let log = std::fs::read(place.path("run.events")).unwrap();
    place.write("cut.events", &log[..log.len() / 2]);
    let cut = place.run("events cut.events");
    assert_eq!(cut.status, 0);
    assert!(!cut.out.is_empty() && cut.out.len() < whole.len() && whole.starts_with(&cut.out));
    let (events, begins) =
        (cut.out.lines().count() as u64, "the event log cut.events is not whole. The file has no end: ");
    assert!(
        cut.err.starts_with(begins) && cut.err.contains(&format!(" Its {} events, up to ", grouped(events))),
        "{}",
        cut.err
    );
    let mut flipped = log.clone();
    flipped[log.len() / 2] ^= 4;
    place.write("flipped.events", flipped);
    let flipped = place.run("events flipped.events");
    assert_eq!(flipped.status, 1);
    assert!(whole.starts_with(&flipped.out));
    assert!(flipped.err.starts_with("error: the event log flipped.events can't be read: it is damaged: "));
}

#[test]
fn which_records_are_traced_is_not_about_one_of_them() {
    let sampling = |place: &Place| -> Vec<String> {
        let out = place.run("events run.events").fine().out;
        let lines = out.lines().filter_map(|line| line.split_once("  sampling  "));
        lines
            .map(|(before, said)| {
                assert!(before.contains("  worker 1  "), "{before}");
                said.trim().to_owned()
            })
            .collect()
    };
    assert_eq!(sampling(&traced("")), ["record 0"]);
    let place = traced("--trace-sample 8");
    assert_eq!(sampling(&place), ["record 0 on: 1 in 8"]);
    assert!(!place.run("events run.events --record 0").fine().out.contains("sampling"));
    let place = traced("-n 200000 --runtime virtual --rate-limit 100000 --set trace.rate=1000");
    let said = sampling(&place);
    assert_eq!(said[0], "record 0");
    assert!(said.len() > 1 && said[1].ends_with(" on: 1 in 2"), "{said:?}");
}

#[test]
fn whoever_has_read_enough_of_a_log_may_leave() {
    let place = traced("-n 5000");
    let mut child = place.start("events run.events");
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut String::new()).unwrap();
    let done = Done::of(child.wait_with_output().unwrap());
    assert_eq!((done.status, done.err.as_str()), (0, ""));
}

#[test]
fn the_state_at_a_time_is_what_the_events_until_then_lead_to() {
    let place = traced("-n 200 --runtime virtual --workers 2 --buffer 2 --wait transformer=5ms --metrics m.json");
    let printed = place.run("events run.events --json").fine().out;
    let events: Vec<Value> = printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let state = |at: &str| -> Value {
        serde_json::from_str(&place.run(&format!("events state run.events --at {at}")).fine().out).unwrap()
    };
    let mut full = false;
    for at in ["0", "12.5ms", "100ms", "0.3s", "1h"] {
        let state = state(at);
        let until = state["time_ns"].as_u64().unwrap();
        let of = |kind: &str, place: &str| -> Vec<u64> {
            let until = |event: &&Value| event["time_ns"].as_u64().unwrap() <= until;
            let is_one = |event: &&Value| event["kind"] == kind && event["place"] == place;
            events.iter().filter(until).filter(is_one).map(|event| event["record"].as_u64().unwrap()).collect()
        };
        assert_eq!(state["totals"]["produced"], of("produced", "Producer").len(), "{at}");
        assert_eq!(state["totals"]["counted"], of("counted", "Metrics Collector").len(), "{at}");
        for channel in state["channels"].as_array().unwrap() {
            let name = channel["channel"].as_str().unwrap();
            let (arrived, departed) = (of("arrive", name), of("depart", name));
            let within: Vec<u64> = arrived.iter().copied().filter(|record| !departed.contains(record)).collect();
            assert_eq!(channel["records"], Value::from(within), "{at}: {name}");
            assert_eq!(channel["depth"], arrived.len() - departed.len(), "{at}: {name}");
            full |= name == "validCh" && channel["depth"] == 2;
        }
        assert_eq!(state["workers"].as_array().unwrap().len(), 9, "{at}");
    }
    assert!(full);
    let busy = state("12ms");
    let transformer =
        busy["workers"].as_array().unwrap().iter().find(|worker| worker["stage"] == "transformer").unwrap();
    assert_eq!(transformer["state"], "busy");
    assert!(transformer["record"].is_u64());
    let (end, metrics) = (state("1h"), place.json("m.json"));
    for key in ["produced", "processed", "failed", "anomalies", "failed_by_status"] {
        assert_eq!(end["totals"][key], metrics[key], "{key}");
    }
    let summary: Value = serde_json::from_str(&place.run("events summary run.events").fine().out).unwrap();
    assert_eq!((&summary["format"], &summary["events"]), (&2.into(), &events.len().into()));
    assert_eq!(summary["last_ns"], events.last().unwrap()["time_ns"]);
    assert_eq!(summary["kinds"]["produced"], 200);
    for (channel, measured) in
        summary["channels"].as_array().unwrap().iter().zip(metrics["channels"].as_array().unwrap())
    {
        assert_eq!(channel["channel"], measured["channel"]);
        assert_eq!((&channel["arrived"], &channel["highest_depth"]), (&measured["passed"], &measured["highest_depth"]));
    }
    let error = place.run("events state run.events --at 5").error(2);
    assert!(error.contains("`5` is not a time such as `1.5s`"), "{error}");
    assert!(place.run("events state run.events").error(2).contains("--at"));
    assert!(
        place.run("events state missing --at 0").error(1).starts_with("error: the event log missing can't be read: ")
    );
}
