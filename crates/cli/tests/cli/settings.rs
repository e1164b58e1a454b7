//! Configuration files, flags, and what is said when they are wrong.

use crate::support::{Done, Place};
use serde_json::Value;

#[test]
fn a_file_in_each_format_is_overridden_by_flags() {
    for (name, text) in [
        (
            "c.yaml",
            "records: 20\nworkers: 2\ngenerator:\n  invalid_value: off\nclock: \"fixed:2026-01-01T00:00:00Z\"\n",
        ),
        (
            "c.json",
            r#"{"records": 20, "workers": 2, "generator": {"invalid_value": "off"}, "clock": "fixed:2026-01-01T00:00:00Z"}"#,
        ),
        (
            "c.toml",
            "records = 20\nworkers = 2\nclock = \"fixed:2026-01-01T00:00:00Z\"\n[generator]\ninvalid_value = \"off\"\n",
        ),
    ] {
        let place = Place::new();
        place.write(name, text);
        place.run(&format!("run --config {name} --workers 5 --metrics m.json")).fine();
        let metrics = place.json("m.json");
        // Of 0 to 19 the 0 and the 11 have the wrong unit.
        assert_eq!((&metrics["processed"], &metrics["failed"]), (&18.into(), &2.into()), "{name}");
        assert_eq!(metrics["stages"][1]["workers"].as_array().unwrap().len(), 5);
        assert_eq!(place.lines("processed_data.jsonl")[0]["processed_at"], "2026-01-01T00:00:00.000000Z");
    }
}

#[test]
fn the_example_loads_as_it_is() {
    let place = Place::new();
    let example = place.run("config --example").fine().out;
    place.write("example.yaml", &example);
    place.run("run --config example.yaml").fine();
    assert_eq!(place.lines("processed_data.jsonl").len(), 41);
    assert!(example.contains("# The number of Validators, and of Transformers"), "{example}");
}

#[test]
fn the_schema_describes_the_configuration() {
    let schema: Value = serde_json::from_str(&Place::new().run("config --schema").fine().out).unwrap();
    assert!(schema["properties"]["generator"].is_object());
}

#[test]
fn all_problems_of_files_and_flags_are_said_at_once() {
    let place = Place::new();
    place.write("c.yaml", "# mine\nworker: 4\nruntime:\n  kind: pol\nbatch: 0\n");
    let error = place.run("run --config c.yaml --threads 0 --wait 5ms").error(2);
    assert_eq!(
        error,
        "error: the settings have 5 problems\n  \
           c.yaml:2:1: unknown setting `worker`; did you mean `workers`?\n  \
           c.yaml:4:3: `runtime.kind` is \"pol\"; it must be one of pool, local, virtual\n  \
           c.yaml:5:1: `batch` is 0; it must be from 1 to 65536\n  \
           --wait: invalid `5ms`: expected STAGE=TIME, as in validator=5ms\n  \
           --threads: `runtime.threads` is 0; it must be from 1 to 1024\n\
         `clearpipe config --example` prints all settings and their defaults\n"
    );
    assert_eq!(place.names(), ["c.yaml"]);
}

#[test]
fn a_file_that_is_none_is_named() {
    let place = Place::new();
    place.write("c.yaml", "workers: [1\n");
    assert!(place.run("run -c c.yaml").error(2).starts_with("error: c.yaml:2:1: "));
    assert!(place.run("run -c missing.toml").error(2).starts_with("error: missing.toml: "));
}

#[test]
fn wrong_usage_is_2() {
    let place = Place::new();
    for arguments in
        ["run --records", "walk", "run --runtime pol", "run --records 5 --input -", "config", "run --max-failed few"]
    {
        let error = place.run(arguments).error(2);
        assert!(error.starts_with("error: "), "{error}");
    }
}

#[test]
fn a_flag_without_its_command_is_told_where_it_belongs() {
    let error = Place::new().run("--records 5").error(2);
    assert!(error.contains("clearpipe run"), "{error}");
    assert!(!Place::new().run("--recs 5").error(2).contains("tip"));
}

#[test]
fn the_last_of_a_flag_counts() {
    let place = Place::new();
    place.run("run -n 5 -n 7").fine();
    assert_eq!(place.lines("processed_data.jsonl").len(), 6);
}

#[test]
fn a_list_is_no_table() {
    let place = Place::new();
    place.write("c.yaml", "channels: [5]\nservice:\n  loader: []\ninput: { map: [] }\n");
    let error = place.run("run --config c.yaml").error(2);
    for expected in [
        "c.yaml:1:1: `channels` is a list; it must be a table",
        "c.yaml:3:3: `service.loader` is a list; it must be a table",
        "c.yaml:4:10: `input.map` is a list; it must be a table",
    ] {
        assert!(error.contains(expected), "{error}");
    }
    place.write("c.json", "[5]");
    let error = place.run("run --config c.json").error(2);
    assert!(error.contains("table"), "{error}");
}

#[test]
fn any_setting_can_be_set() {
    let place = Place::new();
    place.run("run --set transformer.threshold=0 --set generator.locations=A,B --metrics m.json").fine();
    assert_eq!(place.json("m.json")["anomalies"], 41);
    assert_eq!(place.lines("processed_data.jsonl")[0]["location"], "B");
    let error = place.run("run --set transformer.treshold=0").error(2);
    assert!(error.contains("--set transformer.treshold: unknown setting"), "{error}");
    assert!(error.contains("did you mean `transformer.threshold`?"), "{error}");
}

#[test]
fn a_list_is_set_as_yaml_and_json_write_it() {
    for list in ["A,B", "[A, B]", r#"["A","B"]"#, "['A', 'B']", r#""A",B"#] {
        let place = Place::new();
        let done = place.command("run").args(["--set", &format!("generator.locations={list}")]).output().unwrap();
        Done::of(done).fine();
        let locations: Vec<Value> =
            place.lines("processed_data.jsonl").into_iter().map(|record| record["location"].clone()).collect();
        assert!(locations.iter().all(|location| location == "A" || location == "B"), "{list}: {locations:?}");
    }
    let error = Place::new().run("run --set generator.locations=[A,B").error(2);
    assert!(error.starts_with("error: --set generator.locations: `[A,B` can't be read: "), "{error}");
}

#[test]
fn a_decimal_comma_is_refused_wherever_a_number_is_written() {
    let place = Place::new();
    place.write("c.yaml", "transformer:\n  threshold: 1,5\ngenerator:\n  rate_limit: 0,5\nrecords: 1,00\n");
    for arguments in [
        "run --set transformer.threshold=1,5",
        "run --rate-limit 0,5",
        "run -n 1,00",
        "run --max-failed 1,5%",
        "run --wait validator=1,5ms",
        "run --compute loader=0,5-1ms",
        "run --invalid-unit 2,5%",
        "run --buffer dataCh=1,5",
        "run --batch 1,5",
        "run -c c.yaml",
        "bench -n 1,5",
        "bench sweep --set generator.rate_limit=0,5",
        "events run.events --record 1,5",
    ] {
        let error = place.run(arguments).error(2);
        assert!(error.contains("a comma separates thousands, as in 1,000; with a decimal point, write "), "{error}");
        assert_eq!(place.names(), ["c.yaml"], "{arguments}");
    }
    let error = place.run("run -c c.yaml").error(2);
    assert!(error.contains("c.yaml:2:3: `transformer.threshold`: `1,5`: "), "{error}");
    assert!(error.contains("c.yaml:5:1: `records`: `1,00`: "), "{error}");
}

#[test]
fn thousands_may_be_separated_wherever_a_number_is_written() {
    let place = Place::new();
    place.write("c.yaml", "records: 1,000\nwindow: 1_000\ngenerator:\n  unit: 1,000\n");
    place.run("run -c c.yaml --buffer 1,000 --rate-limit 1_000_000.5 --max-failed 1,000 --metrics m.json").fine();
    assert_eq!(place.json("m.json")["produced"], 1000);
    assert_eq!(place.lines("processed_data.jsonl")[0]["unit"], "1,000");
    place.run("run -n 1e3 --metrics m.json").fine();
    assert_eq!(place.json("m.json")["produced"], 1000);
    place.run("run --set generator.unit=12 --set generator.locations=1,true").fine();
    let record = &place.lines("processed_data.jsonl")[0];
    assert_eq!((&record["unit"], &record["location"]), (&"12".into(), &"true".into()));
}

#[test]
fn too_many_failed_records_are_a_failure_if_one_says_so() {
    for (most, status) in [("9", 0), ("8", 1), ("18%", 0), ("17.9%", 1), ("100%", 0), ("0", 1)] {
        let place = Place::new();
        let done = place.run(&format!("run -q --max-failed {most}"));
        assert_eq!(done.status, status, "{most}");
        assert_eq!(place.lines("failed_data.jsonl").len(), 9);
        if status == 1 {
            assert_eq!(
                done.err,
                format!("error: 9 of 50 records failed, more than the {most} that --max-failed allows\n")
            );
        }
    }
}

#[test]
fn faults_fail_alone() {
    let place = Place::new();
    place.run("run --panic validator=\"every 7\" --metrics m.json").fine();
    let reasons: Vec<String> =
        place.lines("failed_data.jsonl").iter().map(|record| record["error"].as_str().unwrap().to_owned()).collect();
    assert_eq!(reasons.iter().filter(|reason| reason.contains("the Validator panicked: injected fault")).count(), 8);
    let metrics = place.json("m.json");
    assert_eq!(metrics["processed"].as_u64().unwrap() + metrics["failed"].as_u64().unwrap(), 50);
}

#[test]
fn a_number_below_zero_is_refused_like_any_other() {
    let place = Place::new();
    let number = "-1; it must be a whole number, 0 or more\n";
    for (arguments, problem) in [
        ("run -n -1", &*format!("--records: `records` is {number}")),
        ("run --workers -1", &*format!("--workers: `workers` is {number}")),
        ("run --seed -1", &*format!("--seed: `seed` is {number}")),
        ("run --buffer -1", &*format!("--buffer: `channels.capacity` is {number}")),
        ("run --batch -1", "--batch: `batch` is invalid: `-1` is below 0\n"),
        ("run --rate-limit -1", "--rate-limit: `generator.rate_limit` is -1; it must be a number of records a second"),
        ("run --max-failed -1", "invalid value '-1' for '--max-failed <N|P%>': `-1` is below 0"),
        ("bench -n -1", "invalid value '-1' for '--records <N>': `-1` is below 0"),
        ("bench sweep --workers -1", &*format!("--workers: `workers` is {number}")),
        ("events run.events --record -1", "invalid value '-1' for '--record <N>': `-1` is below 0"),
    ] {
        let error = place.run(arguments).error(2);
        assert!(error.starts_with(&format!("error: {problem}")), "{arguments}: {error}");
    }
}

#[test]
fn help_offers_verbose_where_there_is_more_to_say() {
    let place = Place::new();
    for (command, is_offered) in
        [("", true), ("run", true), ("bench", false), ("bench sweep", false), ("events", false), ("config", false)]
    {
        assert_eq!(place.run(&format!("{command} --help")).fine().out.contains("--verbose"), is_offered, "{command}");
    }
    let example = place.run("config --example").fine().out;
    for arguments in ["config --example -v", "-v config --example", "config --verbose --example"] {
        assert_eq!(place.run(arguments).fine().out, example);
    }
    place.run("bench compare -v").error(2);
    place.run("run -q --trace run.events").fine();
    place.run("events -v run.events").fine();
    assert!(place.run("-v run -n 1").err.contains("generated record"));
}

#[test]
fn a_setting_without_effect_is_refused_as_a_flag_and_a_warning_in_a_file() {
    let place = Place::new();
    let error = place.run("run --cores 2").error(2);
    assert!(error.starts_with("error: --cores: requires --runtime virtual; "), "{error}");
    place.write("c.yaml", "runtime:\n  kind: pool\n  threads: 1\n  cores: 2\n");
    let done = place.run("run -c c.yaml");
    assert_eq!(done.status, 0);
    assert_eq!(
        done.err,
        "warning: c.yaml:4:3: `runtime.cores` has no effect: requires --runtime virtual; the number of \
         threads is set with --threads\n"
    );
    let done = place.run("run -c c.yaml --runtime virtual");
    assert!(done.err.starts_with("warning: c.yaml:3:3: `runtime.threads` has no effect: "), "{}", done.err);
    place.run("run -q -c c.yaml").fine();
}
