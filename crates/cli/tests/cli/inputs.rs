//! Several inputs in one run: given one by one, as a pattern, or as a folder.

use crate::support::{Place, RECORDS};
use std::fs;

/// A record of JSON Lines.
fn record(id: &str) -> String {
    format!(
        "{{\"id\":\"{id}\",\"timestamp\":\"2026-01-01T00:00:00Z\",\"sensor_id\":\"s\",\"value\":1,\"unit\":\"C\",\
         \"location\":\"North\"}}\n"
    )
}

/// A table with a row.
fn table(id: &str) -> String {
    format!("location,unit,value,sensor_id,timestamp,id\nNorth,C,1,s,2026-01-01T00:00:00Z,{id}\n")
}

fn ids(place: &Place) -> Vec<String> {
    let lines = place.lines("processed_data.jsonl");
    lines.iter().map(|line| line["id"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn inputs_are_read_in_the_order_given() {
    for runtime in ["pool", "local", "virtual"] {
        let place = Place::new();
        place.write("a.jsonl", [record("a1"), record("a2")].concat());
        place.write("b.csv", table("b1"));
        place.write("c.jsonl", "broken\n");
        let done = place.run(&format!("run -i b.csv -i a.jsonl --input c.jsonl --runtime {runtime}")).fine();
        assert_eq!(ids(&place), ["b1", "a1", "a2"]);
        let failed = &place.lines("failed_data.jsonl")[0];
        assert_eq!((&failed["file"], &failed["line"]), (&"c.jsonl".into(), &1.into()));
        assert!(failed["error"].as_str().unwrap().starts_with("c.jsonl, line 1, column 1: "), "{failed}");
        assert!(done.out.contains("75.0 %"), "{}", done.out);
    }
}

#[test]
fn reasons_are_those_of_all_inputs_together() {
    for flags in ["", "--source-field from"] {
        let place = Place::new();
        place.write("a.jsonl", record("a"));
        place.write("b.jsonl", [record("b"), "broken\n".repeat(3)].concat());
        place.write("c, d: e.jsonl", "broken\n".repeat(2));
        let inputs = "-i a.jsonl -i b.jsonl -i \"c, d: e.jsonl\"";
        let done = place.run(&format!("run {inputs} {flags} --summary json")).fine();
        let summary: serde_json::Value = serde_json::from_str(&done.out).unwrap();
        let reasons = summary["reasons"].as_array().unwrap();
        assert_eq!(reasons.len(), 1, "{reasons:?}");
        assert_eq!((&reasons[0]["count"], &reasons[0]["first_line"]), (&5.into(), &2.into()));
        assert!(reasons[0]["error"].as_str().unwrap().starts_with("expected a JSON object"), "{reasons:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_nowhere_is_named_before_anything_is_read() {
    let place = Place::new();
    place.write("a.jsonl", record("a"));
    std::os::unix::fs::symlink("gone", place.path("b.jsonl")).unwrap();
    for input in ["b.jsonl", "*.jsonl"] {
        let error = place.run(&format!("run -i {input}")).error(2);
        assert!(error.starts_with("error: the input b.jsonl can't be read: "), "{error}");
        assert_eq!(place.names(), ["a.jsonl", "b.jsonl"]);
    }
}

#[test]
fn the_standard_input_is_one_of_several() {
    let place = Place::new();
    place.write("a.jsonl", record("a"));
    place.write("c.csv", table("c"));
    place.run_with("run -i a.jsonl -i - -i c.csv --source-field from", record("b").as_bytes()).fine();
    assert_eq!(ids(&place), ["a", "b", "c"]);
    let from: Vec<_> = place.lines("processed_data.jsonl").iter().map(|line| line["from"].clone()).collect();
    assert_eq!(from, ["a.jsonl", "-", "c.csv"]);
}

#[test]
fn a_quoted_pattern_is_expanded() {
    let place = Place::new();
    for id in ["2", "10", "1"] {
        place.write(&format!("day-{id}.jsonl"), record(id));
    }
    place.write(".day-0.jsonl", record("hidden"));
    fs::create_dir(place.path("day-folder.jsonl")).unwrap();
    place.run("run -i day-*.jsonl").fine();
    assert_eq!(ids(&place), ["1", "10", "2"]);
    // A file of just this name is no pattern.
    place.write("day-[1].jsonl", record("brackets"));
    place.run("run -i day-[1].jsonl").fine();
    assert_eq!(ids(&place), ["brackets"]);
    assert!(place.run("run -i night-*.jsonl").error(2).contains("no file matches the pattern night-*.jsonl"));
    assert!(place.run("run -i day-***.jsonl").error(2).contains("the pattern day-***.jsonl can't be used: "));
}

#[test]
fn a_folder_stands_for_the_files_in_it_that_are_known() {
    let place = Place::new();
    fs::create_dir_all(place.path("data/sub")).unwrap();
    place.write("data/b.csv", table("b"));
    place.write("data/a.ndjson", record("a"));
    place.write("data/.c.jsonl", record("hidden"));
    place.write("data/notes.txt", "not data");
    place.write("data/sub/d.jsonl", record("d"));
    let done = place.run("run -i data");
    assert_eq!((done.status, done.err.as_str()), (0, "Not read in data: notes.txt, sub.\n"));
    assert_eq!(ids(&place), ["a", "b"]);
    // The results of an earlier run in the same folder must not be read as data and then replaced.
    place.write("data/processed_data.jsonl", record("old"));
    let error = place.run("run -i data -o data").error(2);
    assert!(error.contains("data/processed_data.jsonl is an input of this run and would be overwritten"), "{error}");
}

#[test]
fn all_that_is_wrong_with_inputs_is_said_at_once() {
    let place = Place::new();
    place.write("a.jsonl", RECORDS);
    fs::create_dir(place.path("empty")).unwrap();
    let error = place.run("run -i a.jsonl -i missing.csv -i ./a.jsonl -i empty -i - -i -").error(2);
    for part in [
        "the input missing.csv can't be read: ",
        "the input ./a.jsonl would be read twice; name it once",
        "the standard input would be read twice",
        "the folder empty has no file that is named ",
    ] {
        assert!(error.contains(part), "{error}");
    }
    assert_eq!(place.names(), ["a.jsonl", "empty"]);
}

#[test]
fn the_inputs_can_be_a_list_in_a_file_of_settings() {
    let place = Place::new();
    place.write("a.jsonl", record("a"));
    place.write("b.jsonl", record("b"));
    place.write("x.yaml", "input:\n  file: [b.jsonl, a.jsonl]\n  source_field: from\n");
    place.run("run -c x.yaml").fine();
    assert_eq!(ids(&place), ["b", "a"]);
    // A flag replaces the whole list.
    place.run("run -c x.yaml -i a.jsonl").fine();
    assert_eq!(ids(&place), ["a"]);
    place.write("y.yaml", "input:\n  file: 5\n  source_field: id\n");
    let error = place.run("run -c y.yaml").error(2);
    assert!(
        error.contains("y.yaml:2:3: `input.file` is 5; it must be the name of a file or a list of names"),
        "{error}"
    );
    // Not a run of generated records over somebody's results.
    for setting in ["input:\n  file: []\n", "input:\n  file: ''\n", "output:\n  processed: ''\n"] {
        place.write("z.yaml", setting);
        let before = place.read("processed_data.jsonl");
        let error_of_setting = place.run("run -c z.yaml").error(2);
        assert!(error_of_setting.contains("z.yaml:2:3: ") && error_of_setting.contains("empty"), "{error_of_setting}");
        assert_eq!(place.read("processed_data.jsonl"), before);
    }
    assert!(error.contains("`input.source_field` is \"id\"; choose a name"), "{error}");
}

#[test]
fn an_error_names_the_input_it_is_about() {
    let place = Place::new();
    place.write("a.csv", table("a"));
    place.write("b.csv", "id,timestamp,sensor_id,unit,location\n");
    place.write("c.json", "[{\"id\":\"a\"},\n");
    let misfit = "doesn't fit\n  \
        no column gives `value`; name one with --map value=COLUMN\n  \
        the header has: id, timestamp, sensor_id, unit, location\n";
    let broken = "can't be read: line 2, column 1: the array that begins on line 1 is never closed\n";
    for inputs in ["-i b.csv", "-i a.csv -i b.csv"] {
        assert_eq!(place.run(&format!("run {inputs}")).error(2), format!("error: the input b.csv {misfit}"));
    }
    for inputs in ["-i c.json", "-i a.csv -i c.json"] {
        assert_eq!(place.run(&format!("run {inputs}")).error(1), format!("error: the input c.json {broken}"));
    }
    for inputs in ["-i -", "-i a.csv -i -"] {
        let run = |file| place.run_with(&format!("run {inputs}"), place.read(file).as_bytes());
        assert_eq!(run("b.csv").error(2), format!("error: the standard input {misfit}"));
        assert_eq!(run("c.json").error(1), format!("error: the standard input {broken}"));
    }
}

#[test]
fn a_flag_that_does_not_fit_the_format_of_an_input_is_named() {
    let place = Place::new();
    place.write("a.csv", table("a"));
    place.write("b.jsonl", record("b"));
    for (inputs, name) in [("-i b.jsonl", ""), ("-i a.csv -i b.jsonl", "b.jsonl: ")] {
        let error = place.run(&format!("run {inputs} --map value=x")).error(2);
        let (begin, _) = error.split_once(" is only for CSV and TSV; ").unwrap();
        assert_eq!(begin.replace('`', ""), format!("error: --map: {name}input.map"));
    }
}

#[test]
fn missing_inputs_are_reported_with_wrong_settings() {
    let place = Place::new();
    let error = place.run("run -i one.csv -i two.csv --workers 0").error(2);
    let problems: Vec<&str> = error.lines().collect();
    assert_eq!(problems[0], "error: the settings have 3 problems");
    assert!(problems[1].starts_with("  --workers: "), "{error}");
    assert!(problems[2].starts_with("  the input one.csv can't be read: "), "{error}");
    assert!(problems[3].starts_with("  the input two.csv can't be read: "), "{error}");
}
