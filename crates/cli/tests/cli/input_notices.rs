//! Notices about an input: the summary prints each one once, and the metrics contain them as data.

use crate::support::{Place, RECORDS};

const KEPT: &str = "fields whose names the pipeline uses itself are kept under other names: status as `input_status`";
const REPLACED: &str = "what the pipeline wrote in an earlier run (status, error, …) was replaced";

#[test]
fn what_an_earlier_run_wrote_is_replaced() {
    let place = Place::new();
    let out = place.run("run -o first --metrics m.json").fine().out;
    assert!(!out.contains(REPLACED), "{out}");
    assert_eq!(place.json("m.json")["replaced_fields"], false);
    let out = place.run("run -i first/processed_data.jsonl --metrics m.json").fine().out;
    assert!(out.contains(REPLACED) && !out.contains(KEPT), "{out}");
    assert_eq!(place.json("m.json")["replaced_fields"], true);
}

#[test]
fn the_users_own_status_is_kept() {
    let place = Place::new();
    // `raw` is what a record is before.
    let rows = |status: &str| format!("id,timestamp,sensor_id,value,unit,location,status\na,t,s,1,C,North,{status}\n");
    for (status, is_kept) in [("raw", false), ("", false), ("checked", true)] {
        place.write("t.csv", rows(status));
        let out = place.run("run -i t.csv").fine().out;
        assert_eq!(out.contains(KEPT), is_kept, "{status}: {out}");
        assert_eq!(place.read("processed_data.jsonl").contains("\"input_status\":\"checked\""), is_kept);
        place.write("t.jsonl", RECORDS.replace("\"id\"", &format!("\"status\":\"{status}\",\"id\"")));
        let out = place.run("run -i t.jsonl").fine().out;
        assert_eq!(out.contains(KEPT), is_kept || status.is_empty(), "{status}: {out}");
        assert!(!out.contains(REPLACED), "{out}");
    }
    place.run("run -i t.csv --rename-prefix my_").fine();
    assert!(place.read("processed_data.jsonl").contains("\"my_status\":\"checked\""));
    let error = place.run("run -i t.csv --rename-prefix=").error(2);
    assert!(error.contains("rename_prefix` is \"\"; it must be 1 to 32 letters"), "{error}");
}

#[test]
fn renamed_columns_and_ids_from_rows_are_mentioned_once() {
    let place = Place::new();
    place.write("t.csv", "timestamp,sensor_id,value,unit,location,x,x,\nt,s,1,C,North,1,2,3\nt,s,1,C,North,1,2,3\n");
    let out = place.run("run -i t.csv --metrics m.json").fine().out;
    let ids = "no column gives `id`: it is made from the number of the row (row-1, …)";
    let columns = "renamed columns: the other `x` is `x_2`, the nameless column 8 is `column_8`";
    assert_eq!(out.matches(ids).count(), 1, "{out}");
    assert_eq!(out.matches(columns).count(), 1, "{out}");
    let notices = &place.json("m.json")["notices"];
    assert_eq!(notices[0]["kind"], "ids_from_rows");
    assert_eq!(notices[1]["columns"][0]["kept_as"], "x_2");
}

#[test]
fn of_several_inputs_it_says_which() {
    let place = Place::new();
    let table = |header: &str| format!("timestamp,sensor_id,value,unit,location{header}\nt,s,1,C,North,1,2\n");
    place.write("a.csv", table(",x,x"));
    place.write("b.csv", table(",x,y"));
    place.write("c.csv", table(",x,y"));
    place.write("empty.csv", "");
    let inputs = "run -i a.csv -i b.csv -i c.csv -i empty.csv";
    let out = place.run(&format!("{inputs} --metrics m.json")).fine().out;
    for text in [
        "a.csv and 2 more: no column gives `id`",
        "a.csv: renamed columns: the other `x` is `x_2`",
        "empty.csv: there are no records in it",
    ] {
        assert_eq!(out.matches(text).count(), 1, "{text}: {out}");
    }
    let notices = &place.json("m.json")["notices"];
    assert_eq!(notices[0]["input"], "a.csv");
    assert_eq!(notices[0]["further_inputs"], 2);
    assert_eq!(notices[2]["input"], "empty.csv");
    // The summary for programs has the same, with the text.
    let out = place.run(&format!("{inputs} --head 4 --summary json")).fine().out;
    let summary: serde_json::Value = serde_json::from_str(&out).unwrap();
    let said = summary["notices"].as_array().unwrap();
    assert_eq!(said[0]["kind"], "ids_from_rows");
    assert_eq!((&said[0]["input"], &said[0]["further_inputs"]), (&"a.csv".into(), &2.into()));
    assert!(said[0]["text"].as_str().unwrap().starts_with("no column gives `id`"), "{out}");
    assert_eq!(said[1]["columns"][0]["kept_as"], "x_2");
    let out = place.run("run -i a.csv --head 1 --summary json").fine().out;
    let summary: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        summary["notices"][0],
        serde_json::json!({ "kind": "head", "records": 1, "text": "only the first record was read (`input.head`)" })
    );
}

#[test]
fn an_empty_input_is_mentioned() {
    let place = Place::new();
    place.write("t.csv", "\n");
    let out = place.run("run -i t.csv").fine().out;
    assert!(out.contains("there are no records in it"), "{out}");
    assert_eq!(place.read("processed_data.jsonl"), "");
}

/// Types a line into a shell that finds the command.
#[cfg(unix)]
fn shell(place: &Place, line: &str) -> crate::support::Done {
    use std::path::Path;
    let command = Path::new(env!("CARGO_BIN_EXE_clearpipe"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = command.parent().map(Path::to_owned).into_iter().chain(std::env::split_paths(&path));
    let mut shell = std::process::Command::new("sh");
    shell.current_dir(place.path("")).env("PATH", std::env::join_paths(folders).unwrap());
    crate::support::Done::of(shell.args(["-c", line]).output().unwrap())
}

/// What a message says to type works.
#[cfg(unix)]
#[test]
fn advice_about_a_header_works_when_it_is_typed() {
    let place = Place::new();
    let header = "id;timestamp;sensor_id;value;unit;location\n";
    place.write("my log.csv", format!("# a logger\n# made this\n{header}r1;t;s;1;C;North\n"));
    place.write("no header.csv", "r1,2026-01-01,s,1,C,North\n");
    place.write("ID.csv", "ID,TIMESTAMP,SENSOR_ID,VALUE,UNIT,'location'\nr1,t,s,1,C,North\n");
    for (file, begin, end) in [("my log.csv", "leave them out: ", "\n"), ("no header.csv", "put one before it: ", "\n")]
    {
        let error = place.run(&format!("run -i \"{file}\"")).error(2);
        let advice = error.split(begin).nth(1).and_then(|rest| rest.split(end).next()).unwrap_or_default();
        shell(&place, advice).fine();
        assert!(place.read("processed_data.jsonl").starts_with("{\"id\":\"r1\""), "{error}");
        std::fs::remove_file(place.path("processed_data.jsonl")).unwrap();
    }
    let error = place.run("run -i ID.csv").error(2);
    let flags = error.split("all of them: ").nth(1).and_then(|rest| rest.lines().next()).unwrap_or_default();
    shell(&place, &format!("clearpipe run -i ID.csv {flags}")).fine();
    assert!(place.read("processed_data.jsonl").starts_with("{\"id\":\"r1\""), "{error}");
}

/// A mapping that is guessed where columns are missing works when its flags are added.
#[cfg(unix)]
#[test]
fn a_guessed_mapping_works_when_it_is_typed() {
    let place = Place::new();
    let packed = {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        std::io::Write::write_all(&mut encoder, b"ID,day,rate,$flow\na7,2026-01-01,x,5.5\na8,2026-01-02,x,7\n")
            .unwrap();
        encoder.finish().unwrap()
    };
    place.write("weather.csv", "date,station,temp_max\n2026-01-01,A,5.5\n2026-01-02,B,7\n");
    place.write("the river's.csv.gz", packed);
    place.write("tabs.tsv", "when\tprobe\treading\tunit\tLocation Name\nt\ts\t5\tC\tNorth\n");
    for (file, advice, record) in [
        (
            "weather.csv",
            "a guess that sets `unit` to 'unknown' and `location` to 'unknown' in all records; try: --map timestamp=date \
             --map sensor_id=station --map value=temp_max --map \"unit='unknown'\" --map \"location='unknown'\"",
            r#"{"id":"row-1","timestamp":"2026-01-01","sensor_id":"A","value":5.5,"unit":"unknown","location":"unknown""#,
        ),
        (
            // A name is only like that of a timestamp, and the values tell.
            "the river's.csv.gz",
            "a guess that sets `sensor_id` to 'the rivers', `unit` to 'unknown' and `location` to 'unknown' in all \
             records; try: --map id=ID --map timestamp=day --map \"sensor_id='the rivers'\" --map 'value=$flow' --map \
             \"unit='unknown'\" --map \"location='unknown'\"",
            r#"{"id":"a7","timestamp":"2026-01-01","sensor_id":"the rivers","value":5.5,"unit":"unknown""#,
        ),
        (
            // The names alone tell.
            "tabs.tsv",
            "if these are right, all of them: --map timestamp=when --map sensor_id=probe --map value=reading --map \
             \"location=Location Name\"",
            r#"{"id":"row-1","timestamp":"t","sensor_id":"s","value":5,"unit":"C","location":"North""#,
        ),
    ] {
        let error = place.run(&format!("run -i \"{file}\"")).error(2);
        assert!(error.contains(advice), "{error}");
        assert_eq!(error.contains("a guess"), !error.contains("all of them"), "{error}");
        assert!(!error.contains("timestamp=rate"), "{error}");
        let (_, flags) = advice.split_once(": ").unwrap();
        shell(&place, &format!("clearpipe run -i \"{file}\" {flags}")).fine();
        assert!(place.read("processed_data.jsonl").starts_with(record), "{error}");
        assert_eq!(place.read("failed_data.jsonl"), "");
        std::fs::remove_file(place.path("processed_data.jsonl")).unwrap();
    }
}

#[test]
fn only_a_mapping_that_is_likely_right_is_guessed() {
    let place = Place::new();
    place.write("words.csv", "date,station,sky\n2026-01-01,A,rain\n");
    place.write("undated.csv", "what,flow\nx,5\n");
    place.write("title.csv", "River\ndate,flow\n2026-01-01,5\n");
    place.write("flow.csv", "date,flow\n2026-01-01,5\n");
    place.write("hidden.csv", "date,fl\u{202e}ow\n2026-01-01,5\n");
    for arguments in [
        "run -i words.csv",
        "run -i undated.csv",
        "run -i title.csv",
        "run -i hidden.csv",
        "run -i flow.csv --map value=flow",
        "run -i flow.csv -i words.csv",
    ] {
        let error = place.run(arguments).error(2);
        assert!(error.contains("no column gives `timestamp`"), "{error}");
        assert!(!error.contains("a guess"), "{error}");
    }
    let error = place.run_with("run -i - --format csv", b"date,flow\n2026-01-01,5\n").error(2);
    assert!(error.contains("no column gives `timestamp`") && !error.contains("a guess"), "{error}");
}

/// Flags that a message says to add work.
#[cfg(unix)]
#[test]
fn advice_about_settings_works_when_it_is_typed() {
    const TABLE: &str = "id;timestamp;sensor_id;value;unit;location\nr1;t;s;1;C;North\n";
    let place = Place::new();
    let tabs = TABLE.replace(';', "\t");
    // Neither is told by how it begins.
    let utf_16: Vec<u8> =
        TABLE.replace(';', ",").replace("id,t", "рейка,t").encode_utf16().flat_map(u16::to_be_bytes).collect();
    let latin = [&b"gr\xF6\xDFe,"[..], TABLE.replace(';', ",").replace("r1", "2,r1").as_bytes()].concat();
    place.write("x.csv", TABLE);
    place.write("x.json", TABLE);
    place.write("tabs.csv", &tabs);
    place.write("tabs.json", &tabs);
    place.write("json.csv", RECORDS);
    place.write("utf-16.csv", utf_16);
    place.write("latin.csv", latin);
    for (file, flags) in [
        ("x.csv", "--delimiter \";\""),
        ("x.json", "--format csv --delimiter \";\""),
        ("tabs.csv", "--format tsv"),
        ("tabs.json", "--format tsv"),
        ("json.csv", "--format jsonl"),
        ("utf-16.csv", "--encoding utf-16be"),
        ("latin.csv", "--encoding windows-1252"),
    ] {
        let error = place.run(&format!("run -i {file}")).error(2);
        assert_eq!(error.trim_end().rsplit_once(", use ").map(|(_, advice)| advice), Some(flags), "{error}");
        shell(&place, &format!("clearpipe run -i {file} {flags}")).fine();
        assert!(place.read("processed_data.jsonl").contains("\"sensor_id\":\"s\""), "{error}");
        std::fs::remove_file(place.path("processed_data.jsonl")).unwrap();
    }
}

#[test]
fn what_can_be_done_is_read_behind_what_is_wrong() {
    let place = Place::new();
    place.write("x.csv", "date,flow,Site\n2026-01-01T00:00:00Z,5,North\n");
    assert_eq!(
        place.run("run -i x.csv --map value=flo -m sensor_id='s' -m unit='l'").error(2),
        "error: the input x.csv doesn't fit\n  \
           no column is named `flo`, which is to give `value`; did you mean --map value=flow?\n  \
           no column gives `timestamp`; did you mean --map timestamp=date? If not, name one with --map timestamp=COLUMN, \
         or give all records the same with --map timestamp=\"'TEXT'\"\n  \
           no column gives `location`; did you mean --map location=Site? If not, name one with --map location=COLUMN, or \
         give all records the same with --map location=\"'TEXT'\"\n  \
           2 columns may give missing fields; if these are right, all of them: --map timestamp=date --map location=Site\n  \
           the header has: date, flow, Site\n"
    );
    place.write("sheet.xlsx", b"PK\x03\x04xl/");
    assert_eq!(
        place.run("run -i sheet.xlsx").error(2),
        "error: the input sheet.xlsx doesn't fit\n  the input is a spreadsheet such as an Excel workbook (.xlsx), or another \
         Office document; save the sheet as CSV first\n"
    );
}
