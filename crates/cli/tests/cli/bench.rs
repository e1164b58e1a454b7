//! `clearpipe bench`, with very little to do: what it measures and says, never how fast it is.

use crate::support::Place;
use serde_json::{Value, json};

/// Measures a scenario and gives its rows.
fn rows(place: &Place, arguments: &str) -> Vec<Value> {
    place.run(&format!("bench {arguments} -r 2 --json b.json -q --dir .")).fine();
    place.json("b.json")["results"].as_array().unwrap().clone()
}

fn names(rows: &[Value]) -> Vec<(&str, &str)> {
    rows.iter().map(|row| (row["group"].as_str().unwrap(), row["name"].as_str().unwrap())).collect()
}

/// What every row has to have, whatever it is about.
fn check(scenario: &str, rows: &[Value]) {
    for row in rows {
        assert_eq!(row["scenario"], scenario);
        let measured = row.get("records_per_second").or(row.get("bytes")).unwrap();
        let [low, median, high] = ["low", "median", "high"].map(|name| measured[name].as_f64().unwrap());
        assert!(low <= median && median <= high, "{row}");
        assert_eq!(measured["rounds"].as_array().unwrap().len(), 2);
        assert!(row["records"].as_u64().unwrap() > 0 && row["parameters"].is_object());
        assert_eq!(row["ratio"].is_null(), row["baseline"].is_null());
        if let Some(baseline) = row["baseline"].as_str() {
            let is_it = |other: &&Value| other["group"] == row["group"] && other["name"] == baseline;
            assert!(rows.iter().find(is_it).unwrap()["ratio"].is_null());
        }
    }
}

#[test]
fn without_a_name_it_is_the_pipeline_beside_the_loop() {
    let place = Place::new();
    let out = place.run("bench -n 2000 -r 3 --json b.json").fine().out;
    for part in ["generated", "1 thread", "2 threads", "loop without channels", "pipeline, batch 1", "baseline"] {
        assert!(out.contains(part), "{part}\n{out}");
    }
    assert!(out.lines().all(|line| line.chars().count() <= 80 || line.contains("medians of 3")), "{out}");
    let report = place.json("b.json");
    assert_eq!(
        (&report["clearpipe_bench"], &report["records"], &report["repeats"]),
        (&1.into(), &2000.into(), &3.into())
    );
    assert_eq!(report["version"], env!("CARGO_PKG_VERSION"));
    assert!(report["os"].is_string() && report["arch"].is_string() && report["cores"].as_u64() > Some(0));
    let results = report["results"].as_array().unwrap();
    // The loop, and the pipeline with large batches and without, traced and not, and by another clock.
    assert_eq!(results.len(), 12);
    assert_eq!((&results[0]["records"], &results[4]["records"]), (&2000.into(), &200.into()));
    assert_eq!(results[1]["parameters"], json!({"threads": 1, "workers": 3, "batch": "auto"}));
    assert_eq!(results[1]["baseline"], "loop without channels");
}

#[test]
fn each_scenario_measures_what_it_says() {
    let place = Place::new();
    for (scenario, count, baseline) in [
        ("generated", 12, "loop without channels"),
        ("textbook", 6, "loop without channels"),
        ("files", 3, "only writing"),
        ("jsonl", 3, "only reading and finding lines"),
        ("jsonl-odd", 3, "only reading and finding lines"),
        ("csv", 3, "only reading and finding lines"),
        ("gzip", 3, "only decompressing"),
        ("zstd", 3, "only decompressing"),
        ("ordered", 4, "unordered"),
        ("metrics", 5, "no observer"),
    ] {
        let rows = rows(&place, &format!("{scenario} -n 2000"));
        check(scenario, &rows);
        assert_eq!((rows.len(), rows[0]["name"].as_str().unwrap()), (count, baseline), "{scenario}");
        assert!(rows.iter().skip(1).any(|row| row["baseline"] == baseline), "{scenario}");
        assert_eq!(place.names(), ["b.json"], "{scenario} leaves nothing else");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn workers_and_memory_are_measured() {
    let place = Place::new();
    let workers = rows(&place, "workers -n 2000");
    check("workers", &workers);
    let simulated: Vec<&Value> = workers.iter().filter(|row| row["parameters"]["runtime"] == "virtual").collect();
    // In simulated time nothing depends on the machine.
    assert_eq!(simulated.len(), 2);
    assert!(simulated[1]["ratio"]["median"].as_f64().unwrap() > 60.0);
    assert_eq!(simulated[1]["ideal_ratio"], 64.0);
    assert!(workers.last().unwrap()["bytes"]["median"].as_f64().unwrap() > 0.0);
    let memory = rows(&place, "memory -n 2000");
    check("memory", &memory);
    assert_eq!((&memory[0]["records"], &memory[1]["records"]), (&2000.into(), &40_000.into()));
}

#[test]
fn threads_are_those_that_are_asked_for() {
    let place = Place::new();
    let rows = rows(&place, "ordered csv -n 500 --threads 3");
    let expected = [
        ("CSV", "only reading and finding lines"),
        ("CSV", "pipeline on 3 threads"),
        ("3 threads", "unordered"),
        ("3 threads", "ordered"),
    ];
    assert_eq!(names(&rows), expected);
}

#[test]
fn the_scenarios_are_listed() {
    let out = Place::new().run("bench --list").fine().out;
    let names: Vec<&str> = out.lines().map(|line| line.split_whitespace().next().unwrap()).collect();
    let expected = "generated textbook files jsonl jsonl-odd csv gzip zstd workers memory ordered metrics all";
    assert_eq!(names.join(" "), expected);
    assert!(out.lines().all(|line| line.chars().count() <= 80));
}

#[test]
fn the_same_report_has_not_changed() {
    let place = Place::new();
    rows(&place, "ordered -n 500");
    let out = place.run("bench compare b.json b.json").fine().out;
    assert!(out.contains("No change is larger than the spread of the rounds."), "{out}");
    assert_eq!(out.matches("0.0 % ≈").count(), 6, "{out}");
    // Measured now, it is the old one's scenario, with its records.
    let out = place.run("bench --compare b.json --json b.json -r 2").fine().out;
    assert!(out.contains("Compared with b.json") && !out.contains("generated") && !out.contains("Only in"), "{out}");
    assert_eq!(place.json("b.json")["records"], 500);
}

#[test]
fn changes_are_shown() {
    let place = Place::new();
    let figure = |low: f64, median: f64, high: f64| json!({"low": low, "median": median, "high": high});
    let row = |name: &str, rate: Value, ratio: Value| {
        json!({"scenario": "s", "group": "g", "name": name, "parameters": {}, "records": 10,
            "records_per_second": rate, "ratio": ratio, "baseline": null})
    };
    let report = |rate: f64, cores: u32, version: &str| {
        json!({"clearpipe_bench": 1, "version": version, "os": "linux", "arch": "x86_64", "cores": cores,
        "records": 10, "repeats": 3, "results": [
            row("steady", figure(9e6, 10e6, 11e6), json!(null)),
            row("faster", figure(rate - 1e5, rate, rate + 1e5), figure(rate / 1e7 - 0.01, rate / 1e7, rate / 1e7 + 0.01)),
        ]})
    };
    place.write("old.json", report(5e6, 2, "0.0.9").to_string());
    place.write("new.json", report(6e6, 4, "0.1.0").to_string());
    let out = place.run("bench compare old.json new.json").fine().out;
    let line = out.lines().find(|line| line.contains("faster")).unwrap();
    let parts: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(parts.join(" "), "faster 5.00 M 6.00 M +20.0 % 50.0 % 60.0 % +20.0 %");
    assert!(out.lines().any(|line| line.contains("steady") && line.contains("≈")), "{out}");
    for part in [
        "Another machine: linux x86_64, 2 cores, now linux x86_64, 4 cores; only the ratios are comparable",
        "Another version: 0.0.9, now 0.1.0",
        "Changed by more than the spread of the rounds: 1 of 2 figures, 1 of 1 ratios.",
    ] {
        assert!(out.contains(part), "{part}\n{out}");
    }
}

#[test]
fn a_sweep_measures_every_point_and_draws_it() {
    let place = Place::new();
    let points = "--workers 1,3 --buffer 1,auto --batch 1,16,auto -n 3000 -r 2";
    let out = place.run(&format!("bench sweep {points} --json s.json --chart s.svg")).fine().out;
    for part in ["batch 16", "workers 1", "buffer auto", "the mark shows what limits each"] {
        assert!(out.contains(part), "{part}\n{out}");
    }
    let report = place.json("s.json");
    let rows = report["results"].as_array().unwrap();
    check("sweep", rows);
    assert_eq!(rows.len(), 12);
    for row in rows {
        let shares = row["bottleneck"]["shares"].as_array().unwrap();
        assert_eq!((shares.len(), &shares[0]["stage"]), (7, &json!("producer")));
        assert!(
            ["threads", "stage", "channels", "window", "batch", "rate", "unknown", "none"]
                .contains(&row["bottleneck"]["limit"].as_str().unwrap())
        );
    }
    let expected = json!({"batch": "auto", "largest_batch": 1, "buffer": 1, "workers": 1, "threads": 2});
    assert_eq!(rows[8]["parameters"], expected);

    let svg = place.read("s.svg");
    assert_well_formed(&svg);
    assert_eq!(svg.matches(" point\"").count(), 12);
    for row in rows {
        let name = format!("<title>{}, {}: ", row["group"].as_str().unwrap(), row["name"].as_str().unwrap());
        assert!(svg.contains(&name), "{name}");
    }
    place.run("bench sweep --workers 2 --buffer 10 --batch 1 -n 100 -r 1 -q --chart page.html").fine();
    let page = place.read("page.html");
    assert!(page.starts_with("<!doctype html>") && page.contains("<td>workers 2, buffer 10</td>"));
    let svg = &page[page.find("<svg").unwrap()..page.find("</svg>").unwrap() + "</svg>".len()];
    assert_well_formed(svg);
    // Nothing is fetched from elsewhere.
    assert!(!page.replace("http://www.w3.org/2000/svg", "").contains("http"));
}

#[test]
fn a_sweep_takes_the_settings_of_a_run() {
    let place = Place::new();
    let flags = "--workers 1 --buffer 10 --batch 1 --wait transformer=2ms --set ordered=false -n 60 -r 1";
    place.run(&format!("bench sweep {flags} --json s.json -q")).fine();
    let row = &place.json("s.json")["results"][0];
    let parameters = &row["parameters"];
    assert_eq!((&parameters["wait"], &parameters["set"]), (&json!(["transformer=2ms"]), &json!(["ordered=false"])));
    assert_eq!(row["records"], 60);
    // Waiting takes its time on any machine; one record in ten gets no further than the Validator.
    assert!(row["records_per_second"]["high"].as_f64().unwrap() < 600.0);
}

#[test]
fn a_sweep_is_as_long_as_the_one_it_is_compared_with() {
    let place = Place::new();
    place.run("bench sweep --workers 1 --buffer 10 --batch 1 -n 60 -r 1 --json old.json -q").fine();
    place.run("bench sweep --workers 1 --buffer 10 --batch 1 -r 1 --compare old.json --json new.json -q").fine();
    assert_eq!(place.json("new.json")["records"], 60);
}

#[test]
fn what_is_wrong_is_said_before_anything_is_measured() {
    let place = Place::new();
    place.write("other.json", "{}");
    place.write("later.json", r#"{"clearpipe_bench": 9}"#);
    for (arguments, status, expected) in [
        ("-n 0", 2, "invalid value '0' for '--records <N>'"),
        ("generatet", 2, "a similar value exists: 'generated'"),
        ("--threads 0", 2, "write a number from 1 to 1024"),
        ("files --dir nowhere", 1, "no files can be written in nowhere; choose another folder with --dir"),
        ("--json nowhere/b.json", 1, "nowhere/b.json can't be written: its folder can't be used"),
        ("--compare missing.json", 1, "missing.json can't be read"),
        ("--compare other.json", 1, "other.json was not written by `clearpipe bench --json`"),
        ("compare other.json other.json", 1, "other.json was not written by"),
        ("compare later.json other.json", 1, "has format 9, written by another version of Clearpipe"),
        ("sweep --chart x.png", 2, "name it .svg or .html"),
        ("sweep --workers 0", 2, "--workers: `workers` is 0; it must be from 1 to 65535"),
        ("sweep --batch few", 2, "--batch"),
        ("sweep --set runtime.kind=local --threads 1", 2, "--threads: requires --runtime pool"),
    ] {
        let error = place.run(&format!("bench {arguments}")).error(status);
        assert!(error.contains(expected), "{arguments}\n{error}");
    }
    assert_eq!(place.names(), ["later.json", "other.json"]);
}

/// Every element is closed in its order, and nothing stands in a text that has to be escaped.
#[track_caller]
fn assert_well_formed(xml: &str) {
    let mut open = Vec::new();
    for part in xml.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap();
        assert!(!text.contains("& ") && !tag.contains('\n'), "{part}");
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        match tag.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name), "{xml}"),
            None if tag.ends_with('/') => {}
            None => open.extend(tag.split_whitespace().next()),
        }
    }
    assert!(open.is_empty(), "{open:?}");
}
