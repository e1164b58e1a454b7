//! `--head`: the first records of an input.

use crate::support::{Done, Place, RECORDS};
use std::io::Write;

const TABLE: &str = "id,timestamp,sensor_id,value,unit,location\n";

fn rows(ids: &[&str]) -> String {
    ids.iter().map(|id| format!("{id},2026-01-01T00:00:00Z,s,1,C,North\n")).collect()
}

#[test]
fn only_the_first_records_are_read() {
    let place = Place::new();
    place.write("in.jsonl", RECORDS);
    for (head, processed, failed) in [("1", 1, 0), ("2", 1, 1), ("3", 1, 2), ("4", 2, 2), ("1,000", 2, 2)] {
        for flags in ["", "--runtime local", "--runtime virtual", "--batch 1", "--batch 3 --unordered"] {
            let out = place.run(&format!("run -i in.jsonl --head {head} --metrics m.json {flags}")).fine().out;
            let lines = (place.lines("processed_data.jsonl").len(), place.lines("failed_data.jsonl").len());
            assert_eq!(lines, (processed, failed), "{head} {flags}");
            let metrics = place.json("m.json");
            assert_eq!((&metrics["produced"], &metrics["stopped"]), (&(processed + failed).into(), &false.into()));
            assert_eq!(out.contains(" read (`input.head`)"), head != "1,000", "{out}");
        }
    }
}

#[test]
fn they_are_counted_over_all_inputs_and_a_header_is_none() {
    let place = Place::new();
    place.write("a.csv", format!("{TABLE}{}", rows(&["a1", "a2"])));
    place.write("b.csv", format!("{TABLE}{}", rows(&["b1", "b2"])));
    for (head, expected) in [(1, &["a1"][..]), (2, &["a1", "a2"]), (3, &["a1", "a2", "b1"])] {
        place.run(&format!("run -q -i a.csv -i b.csv --set input.head={head}")).fine();
        let ids: Vec<_> = place.lines("processed_data.jsonl").into_iter().map(|record| record["id"].clone()).collect();
        assert_eq!(ids, expected, "{head}");
    }
}

#[test]
fn nothing_behind_them_is_waited_for() {
    for runtime in ["pool", "local", "virtual"] {
        let place = Place::new();
        let mut child = place.start(&format!("run -q -i - --head 2 --runtime {runtime}"));
        let mut stdin = child.stdin.take().unwrap();
        let lines: Vec<&str> = RECORDS.lines().take(2).collect();
        stdin.write_all(format!("{}\n", lines.join("\n")).as_bytes()).unwrap();
        // The pipe stays open.
        let done = Done::of(child.wait_with_output().unwrap());
        drop(stdin);
        assert_eq!((done.status, done.err.as_str()), (0, ""));
        assert_eq!(place.lines("processed_data.jsonl").len() + place.lines("failed_data.jsonl").len(), 2);
    }
}

#[test]
fn a_number_without_a_meaning_is_refused() {
    let place = Place::new();
    place.write("in.jsonl", RECORDS);
    let error = place.run("run -i in.jsonl --head 0").error(2);
    assert_eq!(error, "error: --head: `input.head` is 0; it must be at least 1\n");
    let error = place.run("run --head 5").error(2);
    assert_eq!(error, "error: --head: requires --input; the number of generated records is set with -n\n");
    assert!(place.run("run -i in.jsonl --head 1,5").error(2).contains("with a decimal point, write 1.5"));
}
