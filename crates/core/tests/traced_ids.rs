//! The ids of traced records: each is that of the record with this number in the order of production.

use clearpipe_codec::Inputs;
use clearpipe_core::config::Config;
use clearpipe_core::pipeline::{self, Outputs, RecordsFrom};
use clearpipe_core::runtime::Local;
use std::sync::Arc;

fn ids(configuration: &str, input: &str) -> Vec<(u64, String)> {
    let mut config: Config = serde_json::from_str(configuration).unwrap();
    config.trace.ids = true;
    let runtime = Local::new();
    let nowhere = || Box::new(futures::io::sink());
    let outputs = Outputs { processed: nowhere(), failed: nowhere(), log: None };
    let reader = Box::new(futures::io::Cursor::new(input.as_bytes().to_vec()));
    let source = RecordsFrom::Inputs(Inputs::from(reader as Box<dyn futures::io::AsyncRead + Send + Unpin>));
    let handle = pipeline::start(&config, source, outputs, Arc::new(runtime.clone())).unwrap();
    let monitor = handle.monitor();
    runtime.block_on(handle.finished()).unwrap();
    let mut ids = monitor.tracer().take_ids();
    ids.sort_unstable();
    ids
}

const OTHERS: &str = r#""timestamp":"2026-01-01T00:00:00Z","sensor_id":"s","unit":"u","location":"l""#;

#[test]
fn of_json_lines_those_that_fail_too() {
    let input = format!(
        "{{\"id\":\"a \\u00e9\\\"\",\"value\":1,{OTHERS}}}\n\nno JSON\n{{\"id\":\"b\",\"value\":-1,{OTHERS}}}\n{{\"id\":\"c\"}}\n"
    );
    let expected = [(0, "a é\"".to_owned()), (2, "b".to_owned()), (3, "c".to_owned())];
    assert_eq!(ids(r#"{"trace":{"enabled":true}}"#, &input), expected);
    assert_eq!(ids(r#"{"batch":"1","workers":5,"trace":{"enabled":true}}"#, &input), expected);
    assert_eq!(ids("{}", &input), []);
    // Also for records for which a Validator panics.
    assert_eq!(ids(r#"{"faults":{"validator_panic":"every 1"},"trace":{"enabled":true}}"#, &input), expected);
}

#[test]
fn of_tables_with_ids_and_without() {
    let config = r#"{"input":{"format":"csv"},"trace":{"enabled":true,"sample":2}}"#;
    let rows = "2026-01-01T00:00:00Z,s,1,u,l";
    let table = format!("id,timestamp,sensor_id,value,unit,location\nx,{rows}\ny,{rows}\n\"z\"\"\",{rows}\n");
    assert_eq!(ids(config, &table), [(0, "x".to_owned()), (2, "z\"".to_owned())]);
    let table = format!("timestamp,sensor_id,value,unit,location\n{rows}\n{rows}\n{rows}\n");
    assert_eq!(ids(config, &table), [(0, "row-1".to_owned()), (2, "row-3".to_owned())]);
}
