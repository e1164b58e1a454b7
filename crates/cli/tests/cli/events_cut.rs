//! `clearpipe events cut`: a part of a log tells what the whole log tells about it.

use crate::support::Place;
use clearpipe_model::random::Random;
use serde_json::Value;

/// Runs on the virtual clock that are different in what is in flight, and in what events tell of it.
const RUNS: [&str; 5] = [
    "-n 300 --workers 2 --buffer 4 --wait transformer=5ms",
    "-n 2000 --cores 2 --workers 3 --batch 16 --compute transformer=200us --wait loader=50us",
    "-n 400 --workers 3 --buffer 2 --wait validator=1ms-9ms --panic validator=20% --set ordered=false",
    "-n 3000 --rate-limit 2000 --trace-sample 4 --wait loader=300us",
    "-n 20000 --rate-limit 100000 --set trace.rate=500 --set trace.tasks=false",
];

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// The time of the last event of a log, in nanoseconds.
fn end(place: &Place, log: &str) -> u64 {
    json(&place.run(&format!("events summary {log}")).fine().out)["last_ns"].as_u64().unwrap()
}

fn state(place: &Place, log: &str, at: u64) -> String {
    place.run(&format!("events state {log} --at {at}ns")).fine().out
}

#[test]
fn at_each_time_the_state_is_that_of_the_whole_log() {
    let mut random = Random::new(4);
    for run in RUNS {
        let place = Place::new();
        place.run(&format!("run -q --runtime virtual --trace run.events {run}")).fine();
        let end = end(&place, "run.events");
        let whole = place.run("events run.events").fine().out;
        for _ in 0..5 {
            let from = random.below(end);
            let to = from + random.below(end - from + 1);
            let cut = place.run(&format!("events cut run.events --from {from}ns --to {to}ns -o part.events"));
            let is_within = |line: &&str| {
                let nanos: String = line.split(" s ").next().unwrap().chars().filter(char::is_ascii_digit).collect();
                (from..=to).contains(&nanos.parse().unwrap())
            };
            let within: Vec<&str> = whole.lines().filter(is_within).collect();
            if within.is_empty() {
                assert!(cut.err.contains("there is no event from"), "{}", cut.err);
                continue;
            }
            assert_eq!(cut.status, 0, "{}", cut.err);
            let printed = place.run("events part.events").fine().out;
            assert_eq!(printed.lines().collect::<Vec<_>>(), within, "{run}: {from} to {to}");
            let between = [from + random.below(to - from + 1), from + random.below(to - from + 1)];
            for at in [from, between[0], between[1], to] {
                let (whole, part) = (state(&place, "run.events", at), state(&place, "part.events", at));
                assert_eq!(part, whole, "{run}: {from} to {to}, at {at}");
            }
            // A part of a part is a part of the whole.
            let (within_from, within_to) = (between[0].min(between[1]), to);
            let smaller = format!("--from {within_from}ns --to {within_to}ns -q -o");
            let again = place.run(&format!("events cut part.events {smaller} again.events"));
            if again.status == 0 {
                for at in [within_from, within_to] {
                    assert_eq!(state(&place, "again.events", at), state(&place, "run.events", at), "{run}: at {at}");
                }
            } else {
                assert!(again.err.contains("there is no event from"), "{}", again.err);
            }
        }
    }
}

#[test]
fn a_part_begins_and_ends_with_the_log_unless_told_otherwise() {
    let place = Place::new();
    place.run("run -q -n 200 --runtime virtual --wait transformer=1ms --trace run.events").fine();
    let end = end(&place, "run.events");
    let cut = place.run("events cut run.events --to 20ms -o beginning.events");
    assert!(cut.status == 0 && cut.err.ends_with(" events to beginning.events\n"), "{}", cut.err);
    let cut = place.run("events cut run.events --from 20ms -o end.events");
    assert!(cut.err.contains(" events to end.events; ") && cut.err.ends_with(" earlier ones lead up to them\n"));
    assert_eq!(state(&place, "beginning.events", 0), state(&place, "run.events", 0));
    assert_eq!(state(&place, "end.events", end), state(&place, "run.events", end));
    let part = json(&place.run("events summary end.events").fine().out)["part"].clone();
    assert_eq!(part, serde_json::json!({ "from_ns": 20_000_000, "to_ns": end }));
    // Nothing is said about other times.
    for (log, at) in [("beginning", "21ms"), ("end", "19ms")] {
        let error = place.run(&format!("events state {log}.events --at {at}")).error(1);
        assert!(error.contains(" tells nothing about this time: it has only a part of the run, from "), "{error}");
    }
    let printed = place.command("events cut run.events --from 20ms -o -").output().unwrap();
    assert_eq!((printed.stdout, printed.stderr), (std::fs::read(place.path("end.events")).unwrap(), Vec::new()));
    let trace = |log: &str| {
        place.run(&format!("events {log} --chrome trace.json -q")).fine();
        place.json("trace.json")["traceEvents"].as_array().unwrap().clone()
    };
    let depths = |events: &[Value]| {
        let counters = events.iter().filter(|event| event["ph"] == "C" && event["ts"].as_f64() > Some(20_000.0));
        counters.cloned().collect::<Vec<Value>>()
    };
    let sorted = |log: &str| {
        let mut depths: Vec<String> = depths(&trace(log)).iter().map(Value::to_string).collect();
        depths.sort();
        depths
    };
    assert_eq!(sorted("end.events"), sorted("run.events"));
}

#[test]
fn no_more_leads_up_to_a_part_than_is_in_flight() {
    // Each tenth record overtakes the others, so the Loader always keeps some until their turn comes.
    let place = Place::new();
    let run = "-n 3000 --workers 3 --buffer 16 --wait transformer=1ms-3ms";
    place.run(&format!("run -q --runtime virtual --trace run.events {run}")).fine();
    let end = end(&place, "run.events");
    let size = |name: &str| std::fs::metadata(place.path(name)).unwrap().len();
    for share in 2..10 {
        let times = format!("--from {}ns --to {}ns", end * share / 10, end * share / 10 + end / 50);
        place.run(&format!("events cut run.events {times} -q -o part.events")).fine();
        assert!(size("part.events") < size("run.events") / 6, "{times}: {}", size("part.events"));
    }
}

#[test]
fn a_part_of_a_log_of_format_1_is_in_format_2() {
    let place = Place::new();
    place.write("old.events", include_bytes!("../../../../tests/compatibility/format-1.events"));
    let end = end(&place, "old.events");
    place.run(&format!("events cut old.events -q --from {}ns -o part.events", end / 2)).fine();
    let summary = json(&place.run("events summary part.events").fine().out);
    assert_eq!((&summary["format"], &summary["last_ns"]), (&2.into(), &end.into()));
    for at in [end / 2, end * 2 / 3, end] {
        assert_eq!(state(&place, "part.events", at), state(&place, "old.events", at));
    }
}

#[test]
fn what_can_not_be_cut_out_is_said() {
    let place = Place::new();
    place.run("run -q -n 200 --runtime virtual --wait transformer=1ms --trace run.events").fine();
    let end = end(&place, "run.events");
    let nothing = "error: nothing can be cut out of the event log run.events: ";
    for (times, problem) in [
        ("--from 30ms --to 20ms", "the part would end, at 0.02 s, before it begins, at 0.03 s"),
        ("--from 1h", "3600 s is not in the log, which goes from 0 s to "),
        ("--from 30ms --to 1h", "3600 s is not in the log, which goes from 0 s to "),
        ("--from 20.5ms --to 20.6ms", "there is no event from 0.0205 s to 0.0206 s"),
    ] {
        let error = place.run(&format!("events cut run.events {times} -o part.events")).error(1);
        assert!(error.starts_with(&format!("{nothing}{problem}")), "{error}");
    }
    for (arguments, problem) in [
        ("run.events -o part.events", "--from"),
        ("run.events --from 20ms", "--output"),
        ("run.events --from 20 -o part.events", "`20` is not a time such as"),
        ("- --from 20ms -o part.events", "save it to a file first"),
    ] {
        let error = place.run(&format!("events cut {arguments}")).error(2);
        assert!(error.contains(problem), "{error}");
    }
    let log = std::fs::read(place.path("run.events")).unwrap();
    place.write("cut-off.events", &log[..log.len() - 1]);
    let error = place.run("events cut cut-off.events --from 20ms -o part.events").error(1);
    assert!(error.contains("cut-off.events: The file has no end"), "{error}");
    let mut flipped = log.clone();
    flipped[log.len() / 2] ^= 4;
    place.write("flipped.events", flipped);
    let error = place.run("events cut flipped.events --from 0 -o part.events").error(1);
    assert!(error.starts_with("error: the event log flipped.events can't be read: it is damaged: "), "{error}");
    assert!(place.run("events cut run.events --from 20ms -o run.events").error(1).contains("would be overwritten"));
    // Nothing is left of what failed, and an earlier file stays.
    assert_eq!(std::fs::read(place.path("run.events")).unwrap(), log);
    assert!(!place.names().iter().any(|name| name.contains("part")), "{:?}", place.names());
    place.write("part.events", "earlier");
    place.run(&format!("events cut flipped.events --to {end}ns -o part.events")).error(1);
    assert_eq!(place.read("part.events"), "earlier");
    place.run("events cut run.events --from 20ms -q -o part.events").fine();
    assert_ne!(std::fs::read(place.path("part.events")).unwrap(), b"earlier");
}

#[test]
fn a_part_without_its_beginning_tells_no_state() {
    let place = Place::new();
    place.run("run -q -n 200 --runtime virtual --buffer 4 --wait transformer=1ms --trace run.events").fine();
    place.run("events cut run.events --from 50ms -q -o part.events").fine();
    let log = std::fs::read(place.path("part.events")).unwrap();
    let first_block = log.windows(4).position(|four| four == b"blk2").unwrap();
    place.write("cut-off.events", &log[..first_block + 20]);
    let error = place.run("events state cut-off.events --at 60ms").error(1);
    assert!(error.ends_with("it has only a part of the run, and the state with which that begins is missing\n"));
}
