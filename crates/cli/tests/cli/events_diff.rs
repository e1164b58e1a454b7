//! `clearpipe events diff`: whether two logs are of the same run.

use crate::support::Place;
use serde_json::Value;

const RUN: &str = "run -q -n 200 --runtime virtual --workers 2 --buffer 4 --wait transformer=1ms-3ms";

fn lines(place: &Place, log: &str) -> Vec<String> {
    place.run(&format!("events {log}")).fine().out.lines().map(str::to_owned).collect()
}

/// The line of an event without the thread on which it happened.
fn without_thread(line: &str) -> String {
    line.split("  ").filter(|part| !part.trim().contains("thread")).collect()
}

#[test]
fn a_run_is_equal_to_itself() {
    let place = Place::new();
    place.run(&format!("{RUN} --trace a.events")).fine();
    // The same run, and with other names for its files.
    place.run(&format!("{RUN} --trace b.events --processed other.jsonl")).fine();
    let events = lines(&place, "a.events").len();
    for other in ["a.events", "b.events"] {
        let printed = place.run(&format!("events diff a.events {other} --threads")).fine().out;
        let count = clearpipe_io::text::count(events as u64);
        assert_eq!(printed, format!("All settings are the same.\nAll {count} events are the same.\n"));
    }
    let json: Value = serde_json::from_str(&place.run("events diff a.events b.events --json").fine().out).unwrap();
    assert_eq!((&json["same_settings"], &json["same_events"]), (&true.into(), &true.into()));
    assert_eq!((&json["events"], &json["first_difference"]), (&serde_json::json!([events, events]), &Value::Null));
}

#[test]
fn another_run_differs_where_its_events_do() {
    let place = Place::new();
    place.run(&format!("{RUN} --trace a.events --metrics a.json")).fine();
    let mut shares = 0;
    for (flags, setting) in [
        ("--seed 7", "seed"),
        ("--schedule-seed 5", "runtime.seed"),
        ("--workers 3", "workers"),
        ("--records 100", "records"),
    ] {
        place.run(&format!("{RUN} {flags} --trace b.events --metrics b.json")).fine();
        let (a, b) = (lines(&place, "a.events"), lines(&place, "b.events"));
        let same = |(a, b): &(&String, &String)| without_thread(a) == without_thread(b);
        let index = a.iter().zip(&b).take_while(same).count();
        let done = place.run("events diff a.events b.events");
        assert_eq!((done.status, done.err.as_str()), (1, ""), "{flags}");
        let row = done.out.lines().find(|line| line.trim_start().starts_with(&format!("{setting}  "))).unwrap();
        assert_eq!(row.split_whitespace().count(), 3, "{row}");
        for line in [&a[index], &b[index]] {
            assert!(done.out.lines().any(|shown| shown.ends_with(line.trim())), "{flags}: {line}\n{}", done.out);
        }
        let after = format!("after the first {}:", clearpipe_io::text::count(index as u64));
        assert!(done.out.contains(&after), "{flags}: {index}\n{}", done.out);
        let done = place.run("events diff a.events b.events --json");
        assert_eq!(done.status, 1);
        let json: Value = serde_json::from_str(&done.out).unwrap();
        assert_eq!(json["first_difference"]["index"], index);
        assert_eq!(json["settings"][0]["setting"], setting);
        assert_eq!(json["events"], serde_json::json!([a.len(), b.len()]));
        // The figures are those of the runs.
        let metrics = [place.json("a.json"), place.json("b.json")];
        let of = |figure: &str, of: Option<&str>| {
            let found = json["figures"]
                .as_array()
                .unwrap()
                .iter()
                .find(|found| found["figure"] == figure && found["of"] == of.map_or(Value::Null, Value::from));
            found.map(|found| [found["a"].as_f64().unwrap(), found["b"].as_f64().unwrap()])
        };
        let is_close = |one: f64, other: f64| (one - other).abs() <= 1e-9 * one.abs().max(other.abs()).max(1.0);
        for name in ["produced", "processed", "failed", "anomalies"] {
            let expected = metrics.each_ref().map(|metrics| metrics[name].as_f64().unwrap());
            let found = of(name, None);
            assert_eq!(found, (expected[0] != expected[1]).then_some(expected), "{flags}: {name}");
        }
        for (at, channel) in metrics[0]["channels"].as_array().unwrap().iter().enumerate() {
            let expected = metrics.each_ref().map(|metrics| metrics["channels"][at]["highest_depth"].as_f64().unwrap());
            let found = of("longest depth", channel["channel"].as_str());
            assert_eq!(found, (expected[0] != expected[1]).then_some(expected), "{flags}: {channel}");
        }
        for (at, stage) in metrics[0]["stages"].as_array().unwrap().iter().enumerate() {
            for state in ["busy", "blocked"] {
                let Some(found) = of(state, stage["stage"].as_str()) else { continue };
                for (found, metrics) in found.into_iter().zip(&metrics) {
                    let workers = metrics["stages"][at]["workers"].as_array().unwrap();
                    let seconds = workers.iter().map(|worker| worker[format!("{state}_seconds")].as_f64().unwrap());
                    let share =
                        seconds.sum::<f64>() / metrics["elapsed_seconds"].as_f64().unwrap() / workers.len() as f64;
                    assert!((found - share).abs() < 1e-3, "{flags}: {stage}: {state} {found}, measured {share}");
                    shares += 1;
                }
            }
        }
        if let Some(found) = of("duration", None) {
            for (found, metrics) in found.into_iter().zip(&metrics) {
                assert!(is_close(found, metrics["elapsed_seconds"].as_f64().unwrap()), "{flags}: {found}");
            }
        }
    }
    assert!(shares > 8, "{shares}");
}

#[test]
fn what_can_not_be_compared_is_no_difference() {
    let place = Place::new();
    place.run(&format!("{RUN} --trace a.events")).fine();
    place.run("events cut a.events --from 50ms -q -o part.events").fine();
    place.run("events cut part.events --from 50ms -q -o again.events").fine();
    place.run("events diff part.events again.events").fine();
    let log = std::fs::read(place.path("a.events")).unwrap();
    place.write("cut-off.events", &log[..log.len() - 1]);
    for (files, problem) in [
        ("a.events missing", "the event log missing can't be read: "),
        ("a.events part.events", "a.events and part.events have different parts of their runs; "),
        ("cut-off.events a.events", "the event log cut-off.events is not whole. The file has no end: "),
        ("- a.events", "an event log can't be read from the standard input"),
    ] {
        let error = place.run(&format!("events diff {files}")).error(2);
        assert!(error.starts_with(&format!("error: {problem}")), "{error}");
    }
}
