//! What people have from earlier versions means what it always meant: event logs and configuration files. The files are
//! in `tests/compatibility`, whose README says why none of them is ever written anew.

use crate::support::{Done, Place};
use clearpipe_core::config::Config;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

fn kept(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/compatibility").join(name)
}

fn text_of(name: &str) -> String {
    fs::read_to_string(kept(name)).unwrap()
}

/// A place with copies of these files.
fn place_with(names: &[&str]) -> Place {
    let place = Place::new();
    names.iter().for_each(|name| place.write(name, fs::read(kept(name)).unwrap()));
    place
}

#[test]
fn an_event_log_is_printed_as_it_always_was() {
    let place = place_with(&["format-1.events", "format-2.events"]);
    let (text, json) = ("format-1.txt", "format-1.jsonl");
    for (arguments, expected) in [
        ("format-1.events", text),
        ("format-1.events --json", json),
        ("format-2.events", text),
        ("format-2.events --json", json),
    ] {
        let out = place.run(&format!("events {arguments}")).fine().out;
        // Not `assert_eq`: that would print it all.
        if let Some((found, line)) = out.lines().zip(text_of(expected).lines()).find(|(found, line)| found != line) {
            panic!("{expected}: {line}\nis now: {found}");
        }
        assert_eq!(out.len(), text_of(expected).len(), "{expected}");
    }
}

/// A trace for a viewer may have more than it had, such as when a worker was blocked, and calls the only worker of a stage
/// by the name of the stage.
#[test]
fn a_trace_has_everything_that_it_always_had() {
    let events = |text: &str| -> Vec<String> {
        let mut trace: Value = serde_json::from_str(text).unwrap();
        let events = trace["traceEvents"].as_array_mut().unwrap();
        events.iter_mut().for_each(|event| {
            for name in ["/name", "/args/name"] {
                if let Some(Value::String(name)) = event.pointer_mut(name)
                    && let Some((
                        stage @ ("Producer" | "Fan-out" | "Loader" | "Error Handler" | "Metrics Collector"),
                        "1",
                    )) = name.rsplit_once(' ')
                {
                    *name = stage.to_owned();
                }
            }
        });
        events.iter().map(Value::to_string).collect()
    };
    let place = place_with(&["format-1.events"]);
    let mut now = events(&place.run("events format-1.events --chrome -").fine().out);
    for then in events(&text_of("format-1.chrome.json")) {
        let at = now.iter().position(|now| *now == then);
        now.swap_remove(at.unwrap_or_else(|| panic!("the trace has lost {then}")));
    }
}

#[test]
fn a_record_is_followed_through_an_event_log_as_it_always_was() {
    let place = place_with(&["format-1.events"]);
    let out = place.run("events format-1.events --json --record 4").fine().out;
    let all = text_of("format-1.jsonl");
    assert!(out.lines().eq(all.lines().filter(|line| line.ends_with("\"record\":4}"))), "{out}");
    assert!(out.contains("transformation_error"), "{out}");
}

/// The configuration of the last run, as its event log means it: what the log leaves out is at its default.
fn configuration(place: &Place) -> Value {
    let log = fs::read(place.path("run.events")).unwrap();
    let line = log.split(|&byte| byte == b'\n').next().unwrap();
    let mut config = serde_json::from_slice::<Value>(line).unwrap()["config"].take();
    let output = config.as_object_mut().unwrap().remove("output");
    let mut config = serde_json::to_value(serde_json::from_value::<Config>(config).unwrap()).unwrap();
    config["output"] = output.unwrap();
    config
}

/// Asserts that all that was there then is there now, and is the same.
#[track_caller]
fn assert_keeps(now: &Value, then: &Value, path: &str) {
    match then {
        Value::Object(then) => {
            then.iter().for_each(|(name, then)| assert_keeps(&now[name], then, &format!("{path}.{name}")));
        }
        then => assert_eq!(now, then, "{path}"),
    }
}

#[test]
fn a_configuration_file_means_what_it_always_meant() {
    let meaning: Value = serde_json::from_str(&text_of("config-0.1.0.meaning.json")).unwrap();
    for name in ["config-0.1.0.yaml", "config-0.1.0.toml", "config-0.1.0.json"] {
        let place = place_with(&[name]);
        place.write("readings.csv", fs::read(kept("config-0.1.0.readings.csv")).unwrap());
        let Done { status, err, .. } = place.run(&format!("run -q -c {name}"));
        assert_eq!((status, err.as_str()), (0, ""), "{name}");
        assert_keeps(&configuration(&place), &meaning, name);
        let kept: Vec<Value> =
            text_of("config-0.1.0.processed.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(place.lines("results/good.jsonl"), kept, "{name}");
        assert_eq!(place.read("results/bad.jsonl"), "", "{name}");
        assert_eq!(place.json("metrics.json")["processed"], 3, "{name}");
    }
}

/// So a file that leaves a setting out means what it always meant as well.
#[test]
fn the_defaults_are_what_they_always_were() {
    let place = place_with(&["config-0.1.0.example.yaml"]);
    place.run("run -q --trace run.events").fine();
    let defaults = configuration(&place);
    place.run("run -q -c config-0.1.0.example.yaml --trace run.events").fine();
    assert_eq!(configuration(&place), defaults);
}

#[test]
fn the_kept_files_have_every_setting_of_their_version() {
    // The example had them all.
    let mut place = String::new();
    let mut paths = Vec::new();
    for line in text_of("config-0.1.0.example.yaml").lines() {
        let depth = (line.len() - line.trim_start().len()) / 2;
        let Some((name, value)) = line.trim_start().split_once(':').filter(|(name, _)| !name.starts_with('#')) else {
            continue;
        };
        let parents: Vec<&str> = place.split('.').take(depth).collect();
        place = parents.into_iter().chain([name]).collect::<Vec<_>>().join(".");
        if !value.is_empty() {
            paths.push(place.clone());
        }
    }
    let file: Value = serde_json::from_str(&text_of("config-0.1.0.json")).unwrap();
    for path in &paths {
        let found = path.split('.').fold(&file, |value, name| &value[name]);
        assert!(!found.is_null(), "{path}");
    }
    assert!(paths.len() > 60, "{paths:?}");
}
