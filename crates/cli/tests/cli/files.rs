//! Inputs and outputs that are files.

use crate::support::{Place, RECORDS, names};
use std::fs;
use std::io::Write;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn compressed_files_are_read_like_plain_ones() {
    let (first, rest) = RECORDS.split_at(50);
    let files = [
        ("x.jsonl", RECORDS.as_bytes().to_vec()),
        ("x.jsonl.gz", gzip(RECORDS.as_bytes())),
        ("members.jsonl.gz", [gzip(first.as_bytes()), gzip(rest.as_bytes())].concat()),
        ("x.zst", zstd::encode_all(RECORDS.as_bytes(), 3).unwrap()),
        ("without", gzip(RECORDS.as_bytes())),
    ];
    for (name, bytes) in files {
        let place = Place::new();
        place.write(name, bytes);
        for runtime in ["pool", "local", "virtual"] {
            place.run(&format!("run --input {name} --runtime {runtime}")).fine();
            let processed = place.lines("processed_data.jsonl");
            assert_eq!((&processed[0]["id"], &processed[1]["id"]), (&"a".into(), &"d".into()), "{name}");
            let failed = place.lines("failed_data.jsonl");
            assert_eq!(
                (&failed[0]["id"], &failed[1]["line"], &failed[1]["raw"]),
                (&"b".into(), &3.into(), &"no record".into())
            );
        }
    }
}

#[test]
fn a_table_is_read_through_a_mapping() {
    let place = Place::new();
    place.write("w.csv", "date;temp [C];wind\n2026-01-01T00:00:00Z;12.50;4\n2026-01-02T00:00:00Z;-3;5\n");
    place.run("run -i w.csv --delimiter ; -m timestamp=date -m \"value=temp [C]\" -m unit='C' -m sensor_id='s' -m location='here'").fine();
    let processed = place.lines("processed_data.jsonl");
    assert_eq!(processed.len(), 1);
    assert_eq!((&processed[0]["unit"], &processed[0]["wind"]), (&"C".into(), &"4".into()));
    assert!(place.read("processed_data.jsonl").contains("\"value\":12.50,"));
    // Where the header doesn't fit, that is a matter of settings.
    let error = place.run("run -i w.csv --delimiter ; -m timestamp=day").error(2);
    assert!(error.starts_with("error: the input w.csv doesn't fit\n"), "{error}");
    assert!(error.contains("`day`"), "{error}");
}

#[test]
fn an_input_that_can_not_be_read_is_named() {
    let place = Place::new();
    place.write("processed_data.jsonl", "before");
    let whole = gzip(&RECORDS.as_bytes().repeat(1000));
    place.write("half.jsonl.gz", &whole[..whole.len() / 2]);
    let error = place.run("run -i missing.csv").error(2);
    assert!(error.starts_with("error: the input missing.csv can't be read: "), "{error}");
    let error = place.run("run -i half.jsonl.gz").error(1);
    assert_eq!(
        error,
        "error: the input half.jsonl.gz can't be read: the gzip data ends too early; the file is not complete\n"
    );
    // What was there before is as it was.
    assert_eq!(place.read("processed_data.jsonl"), "before");
    assert_eq!(place.names(), ["half.jsonl.gz", "processed_data.jsonl"]);
}

#[test]
fn results_go_where_they_are_to_go() {
    let place = Place::new();
    place.run("run -o results/today --processed good.jsonl --metrics m.json").fine();
    assert_eq!(names(&place.path("results/today")), ["failed_data.jsonl", "good.jsonl"]);
    assert_eq!(place.names(), ["m.json", "results"]);
}

#[test]
fn a_run_does_not_overwrite_what_it_is_made_from() {
    let place = Place::new();
    for flags in ["--processed in.jsonl", "--failed ./in.jsonl", "--metrics in.jsonl", "--trace in.jsonl"] {
        place.write("in.jsonl", RECORDS);
        let error = place.run(&format!("run -i in.jsonl {flags}")).error(2);
        assert!(error.contains("in.jsonl is the input of this run and would be overwritten"), "{error}");
        assert_eq!(place.read("in.jsonl"), RECORDS);
    }
    place.write("failed_data.jsonl", RECORDS);
    place.run("run -i failed_data.jsonl").error(2);
    place.write("k.yaml", "records: 5\n");
    let error = place.run("run -c k.yaml --processed k.yaml").error(2);
    assert!(error.contains("configuration file"), "{error}");
    assert_eq!(place.read("k.yaml"), "records: 5\n");
}

#[test]
fn an_output_that_can_not_be_written_is_named() {
    let place = Place::new();
    place.write("file", "");
    for (arguments, start) in [
        ("run -o file", "error: the folder file can't be created: "),
        ("run -o file/below", "error: the folder file/below can't be created: "),
        ("run --processed no/where.jsonl", "error: no/where.jsonl can't be written: its folder can't be used: "),
        ("run --metrics .", "error: . can't be written: it is a folder"),
    ] {
        let error = place.run(arguments).error(1);
        assert!(error.starts_with(start), "{error}");
        assert_eq!(place.names(), ["file"]);
    }
}

#[test]
fn two_outputs_have_two_files_and_all_that_is_wrong_is_named_at_once() {
    let place = Place::new();
    place.write("in.jsonl", RECORDS);
    place.write("link", "");
    let error = place.run("run -i in.jsonl --processed o.jsonl --failed ./o.jsonl --metrics in.jsonl").error(2);
    assert!(error.contains("the processed records and the failed records can't both go to"), "{error}");
    assert!(error.contains("in.jsonl is the input of this run and would be overwritten"), "{error}");
    assert_eq!(place.names(), ["in.jsonl", "link"]);
    fs::remove_file(place.path("link")).unwrap();
    // Two names of one file are one file.
    place.write("a", "before");
    fs::hard_link(place.path("a"), place.path("b")).unwrap();
    let error = place.run("run --processed a --failed b").error(2);
    assert!(error.contains("the same file (a and b)"), "{error}");
    let error = place.run("run --processed - --trace -").error(2);
    assert!(error.contains("the processed records and the event log can't both go to the standard output"), "{error}");
    assert_eq!(place.read("a"), "before");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_fails_the_run_and_keeps_what_was_there() {
    let place = Place::new();
    place.write("failed_data.jsonl", "before");
    let error = place.run("run --processed /dev/full").error(1);
    assert!(error.starts_with("error: the processed file can't be written: /dev/full: No space left"), "{error}");
    assert_eq!(place.read("failed_data.jsonl"), "before");
    assert_eq!(place.names(), ["failed_data.jsonl"]);
}

#[cfg(unix)]
#[test]
fn devices_and_links_stay_what_they_are() {
    let place = Place::new();
    place.write("target.jsonl", "before");
    std::os::unix::fs::symlink("target.jsonl", place.path("link.jsonl")).unwrap();
    place.run("run --processed /dev/null --failed link.jsonl").fine();
    assert!(fs::symlink_metadata(place.path("link.jsonl")).unwrap().is_symlink());
    assert_eq!(place.lines("target.jsonl").len(), 9);
    assert_eq!(place.names(), ["link.jsonl", "target.jsonl"]);
}
