//! Runs that are to fail because of their records, and what machines are told.

use crate::support::{Place, RECORDS};
use serde_json::Value;

#[test]
fn the_first_record_that_fails_stops_the_run() {
    for flags in ["", "--runtime local", "--runtime virtual", "--batch 1", "--threads 1 --workers 1"] {
        let place = Place::new();
        // The first one is invalid; a billion of them would take minutes.
        let done = place.run(&format!("run -q -n 1000000000 --fail-fast {flags}"));
        assert_eq!(done.status, 1, "{flags}: {}", done.err);
        let start = "error: stopped at the first failed record (--fail-fast), after ";
        assert!(done.err.starts_with(start), "{}", done.err);
        assert!(
            done.err.ends_with(" records: record `rec-0000`: Value out of expected range (0-1000)\n"),
            "{}",
            done.err
        );
        assert_eq!(place.lines("failed_data.jsonl")[0]["id"], "rec-0000");
        assert_eq!(place.names(), ["failed_data.jsonl", "processed_data.jsonl"]);
        // What was finished is there, whole.
        let all = place.lines("processed_data.jsonl").len() + place.lines("failed_data.jsonl").len();
        let count: String =
            done.err.split_once(" after ").unwrap().1.chars().take_while(|&letter| letter != ' ').collect();
        assert_eq!(count.replace(',', ""), all.to_string(), "{}", done.err);
    }
}

#[test]
fn a_run_without_failures_is_not_stopped() {
    let place = Place::new();
    place.run("run --fail-fast -n 5000 --invalid-value off --invalid-unit off").fine();
    assert_eq!(place.lines("processed_data.jsonl").len(), 5000);
}

#[test]
fn a_line_that_is_no_record_is_named_too() {
    let place = Place::new();
    let lines: Vec<&str> = RECORDS.lines().collect();
    place.write("in.jsonl", format!("{}\n{}\n{}\n", lines[0], lines[2], lines[3]));
    let error = place.run("run -q -i in.jsonl --fail-fast").error(1);
    assert!(error.contains("(--fail-fast), after "), "{error}");
    assert!(error.contains("line 2, column 1: "), "{error}");
    // As a setting in a file as well.
    place.write("c.yaml", "fail_fast: true\n");
    place.run("run -q -i in.jsonl -c c.yaml").error(1);
}

#[test]
fn a_run_that_waits_for_input_is_stopped_as_well() {
    use std::io::Write;
    let place = Place::new();
    let mut child = place.start("run -q -i - --fail-fast");
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(RECORDS.as_bytes()).unwrap();
    // The pipe stays open.
    let done = crate::support::Done::of(child.wait_with_output().unwrap());
    drop(stdin);
    assert_eq!(done.status, 1, "{}", done.err);
    assert!(done.err.contains(": line 2: Value out of expected range (0-1000)"), "{}", done.err);
}

#[test]
fn machines_get_a_line_of_json() {
    let place = Place::new();
    let report = |text: &str| -> Value {
        assert_eq!(text.lines().count(), 1, "{text}");
        serde_json::from_str(text).unwrap()
    };
    let out = place.run("run --summary json --metrics m.json").fine().out;
    let json = report(&out);
    let keys = [
        "exit_status",
        "stopped",
        "produced",
        "processed",
        "failed",
        "failed_by_status",
        "anomalies",
        "dropped",
        "total_value",
        "elapsed_seconds",
        "records_per_second",
        "sent_back",
        "input_bytes",
        "reasons",
        "reasons_of",
        "notices",
        "files",
    ];
    let mut expected = keys.map(str::to_owned).to_vec();
    expected.sort();
    let mut found: Vec<String> = json.as_object().unwrap().keys().cloned().collect();
    found.sort();
    assert_eq!(found, expected);
    let help = place.run("run --help").fine().out;
    assert!(keys.iter().all(|key| help.contains(key)), "{help}");
    assert_eq!((&json["exit_status"], &json["stopped"]), (&0.into(), &false.into()));
    assert_eq!((&json["processed"], &json["failed"]), (&41.into(), &9.into()));
    assert_eq!(json["reasons"][0]["error"], "Value out of expected range (0-1000)");
    assert_eq!((&json["reasons"][0]["count"], &json["reasons_of"]), (&5.into(), &9.into()));
    assert_eq!(json["files"]["processed"]["name"], "processed_data.jsonl");
    assert_eq!(json["files"]["processed"]["bytes"], place.read("processed_data.jsonl").len());
    assert_eq!((&json["files"]["metrics"], &json["files"]["trace"]), (&"m.json".into(), &Value::Null));

    // Beside records it is on the other stream.
    let done = place.run("run --summary json --processed -");
    assert_eq!(report(&done.err)["files"]["processed"]["name"], "-");
    assert_eq!(done.out.lines().count(), 41);
    // It says how the command exits, and quiet leaves nothing else.
    let done = place.run("run -q --summary json --max-failed 3");
    assert_eq!((done.status, &report(&done.out)["exit_status"]), (1, &1.into()));
    let done = place.run("run -q --summary json --fail-fast -n 100000000");
    assert_eq!((done.status, &report(&done.out)["stopped"]), (1, &true.into()));
}

#[test]
fn the_summary_is_left_out_if_one_says_so() {
    let place = Place::new();
    assert_eq!(place.run("run --summary none").fine().out, "");
    assert!(place.run("run -q --summary text").fine().out.contains("  processed      41"));
    assert_eq!(place.run("run -q").fine().out, "");
    assert!(place.run("run --summary xml").error(2).contains("text, json, none"));
}

#[test]
fn a_dash_is_no_folder() {
    let place = Place::new();
    let error = place.run("run -o -").error(2);
    assert!(
        error.contains("`-` is not a folder; to write records to the standard output, use `--processed -`"),
        "{error}"
    );
    assert!(place.names().is_empty());
    assert_eq!(place.run("run -q -o ./-").fine().out, "");
    assert_eq!(place.names(), ["-"]);
}
