//! Without anything, the command does the reference run of the specification.

use crate::support::Place;

#[test]
fn of_50_records_41_are_processed_and_9_fail() {
    for arguments in ["", "run"] {
        let place = Place::new();
        let summary = place.run(arguments).fine().out;
        assert_eq!(place.names(), ["failed_data.jsonl", "processed_data.jsonl"]);
        assert_eq!(place.lines("processed_data.jsonl").len(), 41);
        let failed = place.lines("failed_data.jsonl");
        let ids: Vec<&str> = failed.iter().map(|record| record["id"].as_str().unwrap()).collect();
        assert_eq!(
            ids,
            [
                "rec-0000", "rec-0010", "rec-0011", "rec-0020", "rec-0022", "rec-0030", "rec-0033", "rec-0040",
                "rec-0044"
            ]
        );
        for part in [
            "processed      41   82.0 %   processed_data.jsonl",
            "failed          9   18.0 %   failed_data.jsonl",
            "5 invalid, 4 transformation errors",
            "5 × Value out of expected range (0-1000)",
            "4 × Invalid unit for transformation",
            "sum of values",
            "records/s",
            "Transformer × 3",
            "errorHandlerCh",
        ] {
            assert!(summary.contains(part), "{part}\n{summary}");
        }
    }
}

#[test]
fn every_runtime_writes_the_same_bytes() {
    let mut expected = None;
    for flags in [
        "--threads 1",
        "--threads 2 --workers 8 --batch auto",
        "--runtime local --buffer 1",
        "--runtime virtual --cores 2 --seed 1 --wait validator=0-20ms",
        "--validators 2 --transformers 5 --batch 7 --window 7",
        "--records 50",
    ] {
        let place = Place::new();
        place.run(&format!("run --clock fixed:2026-01-01T00:00:00Z {flags}")).fine();
        let found = (place.read("processed_data.jsonl"), place.read("failed_data.jsonl"));
        assert_eq!(*expected.get_or_insert_with(|| found.clone()), found, "{flags}");
    }
}

#[test]
fn the_metrics_are_json() {
    let place = Place::new();
    place.run("run --metrics m.json").fine();
    let metrics = place.json("m.json");
    assert_eq!((&metrics["produced"], &metrics["processed"], &metrics["failed"]), (&50.into(), &41.into(), &9.into()));
    assert_eq!(metrics["failed_by_status"], serde_json::json!({ "invalid": 5, "transformation_error": 4 }));
    let sum: f64 = place.lines("processed_data.jsonl").iter().map(|record| record["value"].as_f64().unwrap()).sum();
    assert!((metrics["total_value"].as_f64().unwrap() - sum).abs() < 1e-9);
    for key in ["anomalies", "elapsed_seconds", "records_per_second", "stages", "channels"] {
        assert!(!metrics[key].is_null(), "{key}");
    }
    assert_eq!((metrics["stages"].as_array().unwrap().len(), metrics["channels"].as_array().unwrap().len()), (7, 7));
}

#[test]
fn virtual_time_costs_no_time() {
    let place = Place::new();
    // An hour for each of 50 records, on one worker of each stage.
    let out = place.run("run --runtime virtual --workers 1 --wait transformer=3600s").fine().out;
    assert!(out.contains("of virtual time") && out.contains(" h "), "{out}");
}

#[test]
fn the_event_log_is_written() {
    let place = Place::new();
    place.run("run --trace run.events --trace-sample 10").fine();
    let log = std::fs::read(place.path("run.events")).unwrap();
    let header_end = log.iter().position(|&byte| byte == b'\n').unwrap();
    let header: serde_json::Value = serde_json::from_slice(&log[..header_end]).unwrap();
    assert_eq!(header["clearpipe_events"], 2);
    assert_eq!(header["version"], env!("CARGO_PKG_VERSION"));
    // Only what isn't a default.
    assert_eq!(header["config"]["trace"], serde_json::json!({ "enabled": true, "sample": 10 }));
    assert_eq!(header["config"]["channels"], serde_json::Value::Null);
    assert!(header_end < 500, "{header_end}");
    assert!(log.ends_with(b"end\n"));
}

#[test]
fn a_sum_beyond_all_numbers_is_said_to_be() {
    let place = Place::new();
    let line = r#"{"id":"a","timestamp":"t","sensor_id":"s","value":1e308,"unit":"C","location":"North"}"#;
    place.write("large.jsonl", format!("{line}\n{line}\n"));
    let rules = "--set validator.value_max=1.7e308 --set transformer.multiplier=0.1";
    let out = place.run(&format!("run -i large.jsonl --metrics m.json {rules}")).fine().out;
    assert!(out.contains("sum of values  too large  exceeds a 64-bit float"), "{out}");
    let metrics = place.json("m.json");
    assert_eq!((&metrics["processed"], &metrics["total_value"]), (&2.into(), &serde_json::Value::Null));
}
