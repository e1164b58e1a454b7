//! Texts from outside that would steer a terminal, or make a message look like another; and names that are not UTF-8.

use crate::support::{Done, Place, RECORDS};
use clearpipe_model::topology::Topology;
use std::process::Stdio;

/// Moves the cursor, sets the window's title, a C1 control, turns the direction of the text, ends a line.
const HOSTILE: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}\u{2066}\u{200b}\r\u{2028}x";

/// How it is shown.
const SHOWN: &str = "\\u{1b}[2J\\u{1b}]0;owned\\u{7}\\u{9b}31m\\u{202e}\\u{2066}\\u{200b}\\r\\u{2028}x";

/// Asserts that nothing of it got through, and that it can be seen where it was to be said.
#[track_caller]
fn assert_is_safe(text: &str, is_shown: bool) {
    // What a terminal gets has colours.
    let without_styles = text.replace("\u{1b}[0m", "").replace("\u{1b}[1m", "").replace("\u{1b}[31m", "");
    let hostile =
        |letter: char| (letter.is_control() && letter != '\n') || HOSTILE.contains(letter) && letter > '\u{7f}';
    let found: Vec<char> = without_styles.chars().filter(|letter| hostile(*letter)).collect();
    assert!(found.is_empty(), "{found:?} in {text:?}");
    // The name of a stage may be written in capitals.
    assert_eq!(text.to_lowercase().contains(&SHOWN.to_lowercase()), is_shown, "{text}");
}

fn run(place: &Place, arguments: &[&str]) -> Done {
    Done::of(place.command("").args(arguments).stdin(Stdio::null()).output().unwrap())
}

#[test]
fn names_of_columns_are_made_visible() {
    let place = Place::new();
    place.write("in.csv", format!("{HOSTILE},time\n1,2\n").replace("\r", ""));
    let done = run(&place, &["run", "-i", "in.csv"]);
    assert_eq!(done.status, 2);
    assert_is_safe(&done.err, false);
    assert!(done.err.contains(&SHOWN[..20]), "{}", done.err);
}

#[test]
fn data_in_the_summary_is_made_visible() {
    let place = Place::new();
    // As a value, it is quoted in the reason.
    let record = RECORDS.lines().next().unwrap();
    let value = HOSTILE.replace('\u{1b}', "\\u001b").replace('\u{7}', "\\u0007").replace('\r', "\\r");
    place.write("in.jsonl", record.replace("90.5", &format!("\"{value}\"")).replace("\"id\"", "\u{202e}\"id\""));
    place.write("in.csv", format!("id,timestamp,sensor_id,value,unit,location\na,b,c,\"{HOSTILE}\",e,f\n"));
    for input in ["in.jsonl", "in.csv"] {
        for color in ["never", "always"] {
            let done = run(&place, &["run", "-i", input, "--color", color]);
            assert_eq!(done.status, 0, "{}", done.err);
            let out = done
                .out
                .replace("\u{1b}[2m", "")
                .replace("\u{1b}[32m", "")
                .replace("\u{1b}[33m", "")
                .replace("\u{1b}[36m", "");
            assert_is_safe(&out, false);
        }
    }
}

#[test]
fn arguments_are_made_visible() {
    let place = Place::new();
    let set = format!("{HOSTILE}=1");
    let map = format!("{HOSTILE}=x");
    let equals = format!("--format={HOSTILE}");
    for arguments in [
        ["run", "--set", set.as_str()],
        ["run", "--set", HOSTILE],
        ["run", "--buffer", set.as_str()],
        ["run", "--wait", set.as_str()],
        ["run", "--panic", HOSTILE],
        ["run", "--invalid-unit", HOSTILE],
        ["run", "--clock", HOSTILE],
        ["run", "--runtime", HOSTILE],
        ["run", equals.as_str(), "-q"],
        ["run", "--max-failed", HOSTILE],
        ["run", "--config", HOSTILE],
        ["run", "--seed", HOSTILE],
        ["bench", "--threads", HOSTILE],
        ["bench", "-q", HOSTILE],
        ["run", HOSTILE, "-q"],
        [HOSTILE, "-q", "-q"],
        ["bench", "--compare", HOSTILE],
    ] {
        let done = run(&place, &arguments);
        assert!(done.status == 2 || done.status == 1, "{arguments:?}: {}", done.err);
        assert_is_safe(&done.err, true);
    }
    let done = run(&place, &["run", "-i", "none.csv", "-m", &map]);
    assert_is_safe(&done.err, true);
    // An end of a line doesn't make a message of it.
    let done = run(&place, &["run", "--format", "x\nerror: all is lost"]);
    assert!(done.err.contains("x\\nerror: all is lost"), "{}", done.err);
}

#[cfg(unix)]
#[test]
fn names_of_files_are_made_visible() {
    let place = Place::new();
    let name = format!("{HOSTILE}\n.jsonl");
    place.write(&name, RECORDS);
    let done = run(&place, &["run", "--processed", &format!("p{name}"), "--metrics", &format!("m{name}")]);
    assert_eq!((done.status, done.err.as_str()), (0, ""));
    assert_is_safe(&done.out, true);
    for arguments in [
        vec!["run", "-i", "no/such", "-o", &name],
        vec!["run", "-o", &name],
        vec!["run", "-q", "--processed", &name, "--failed", &name],
        vec!["events", &name],
        vec!["bench", "compare", &name, &name],
    ] {
        let done = run(&place, &arguments);
        assert_ne!(done.status, 0, "{arguments:?}");
        assert_is_safe(&done.err, !arguments.contains(&"no/such"));
        assert!(done.err.lines().count() <= 2, "{}", done.err);
    }
}

#[test]
fn settings_in_files_are_made_visible() {
    let place = Place::new();
    let json = serde_json::json!({ HOSTILE: 1, "clock": HOSTILE, "runtime": { "kind": HOSTILE } });
    place.write("c.json", json.to_string());
    let error = place.run("run -c c.json").error(2);
    assert_is_safe(&error, true);
    assert_eq!(error.lines().count(), 5, "{error}");
    place.write("twice.json", format!("{{{key}:1,{key}:2}}", key = serde_json::Value::from(HOSTILE)));
    assert_is_safe(&place.run("run -c twice.json").error(2), true);
}

#[test]
fn event_logs_and_reports_are_made_visible() {
    let place = Place::new();
    place.run("run -q --trace run.events").fine();
    let log = std::fs::read(place.path("run.events")).unwrap();
    let end = log.iter().position(|&byte| byte == b'\n').unwrap();
    let mut header: serde_json::Value = serde_json::from_slice(&log[..end]).unwrap();
    header["kinds"][0] = HOSTILE.into();
    header["topology"] = serde_json::to_value(Topology::standard()).unwrap();
    header["topology"]["channels"][0]["name"] = HOSTILE.into();
    let line = format!("{header}\n");
    let mut sum = flate2::Crc::new();
    sum.update(line.as_bytes());
    place.write("hostile.events", [line.as_bytes(), &sum.sum().to_le_bytes(), &log[end + 5..]].concat());
    for flags in ["", "--json", "--chrome -"] {
        let Done { status, out, err } = place.run(&format!("events hostile.events {flags}"));
        assert_eq!(status, 0, "{flags}");
        // The first line is longer now, so the index isn't where it says.
        assert!(err.contains("The index of the file is damaged. All its events are shown."), "{flags}: {err}");
        assert!(!out.chars().any(|letter| letter.is_control() && letter != '\n'), "{flags}");
        assert!(!out.contains('\u{202e}'), "{flags}");
    }
    assert_is_safe(&place.run("events hostile.events").out, true);
    place.run("bench -q -n 1000 -r 1 --json report.json").fine();
    let mut report = place.json("report.json");
    for row in report["results"].as_array_mut().unwrap() {
        for key in ["name", "group"] {
            row[key] = HOSTILE.into();
        }
    }
    place.write("hostile.json", report.to_string());
    let done = place.run("bench compare hostile.json hostile.json").fine();
    // Long names are cut.
    assert_is_safe(&done.out, false);
    assert!(done.out.contains(&SHOWN[..12]), "{}", done.out);
}

#[cfg(unix)]
#[test]
fn names_that_are_not_utf8_work_everywhere() {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;
    let place = Place::new();
    let named = |start: &str| OsString::from_vec([start.as_bytes(), b"na\xefve"].concat());
    let exists = |name: OsString| std::fs::metadata(place.path("").join(name)).is_ok_and(|file| file.len() > 0);
    let run =
        |arguments: &[OsString]| Done::of(place.command("").args(arguments).stdin(Stdio::null()).output().unwrap());
    let mut arguments: Vec<OsString> = vec!["run".into()];
    for (flag, name) in
        [("--processed", named("p")), ("--failed", named("f")), ("--metrics", named("m")), ("--trace", named("t"))]
    {
        arguments.extend([flag.into(), name]);
    }
    let done = run(&arguments);
    assert_eq!((done.status, done.err.as_str()), (0, ""));
    assert!(done.out.contains("pna\\xefve") && done.out.contains("tna\\xefve"), "{}", done.out);
    for start in ["p", "f", "m", "t"] {
        assert!(exists(named(start)), "{start}");
    }
    // The processed records of a run are an input of another.
    let config = OsString::from_vec(b"c\xef.yaml".to_vec());
    std::fs::write(place.path("").join(&config), "workers: 2\n").unwrap();
    let arguments = ["run".into(), "-q".into(), "-i".into(), named("p"), "-o".into(), named("d"), "-c".into(), config];
    let done = run(&arguments);
    assert_eq!((done.status, done.err.as_str()), (0, ""));
    let folder = place.path("").join(named("d"));
    assert_eq!(std::fs::read_to_string(folder.join("processed_data.jsonl")).unwrap().lines().count(), 41);
    let done = run(&["events".into(), named("t"), "--chrome".into(), named("e")]);
    assert_eq!(done.status, 0, "{}", done.err);
    assert!(exists(named("e")));
    let done = run(&["bench", "-q", "-n", "1000", "-r", "1", "--json"]
        .map(OsString::from)
        .into_iter()
        .chain([named("b")])
        .collect::<Vec<_>>());
    assert_eq!((done.status, done.err.as_str()), (0, ""));
    assert!(exists(named("b")));
    // What is no name of a file must be UTF-8, and that is said.
    let done = run(&["run".into(), "--map".into(), named("value=")]);
    assert_eq!(done.status, 2);
    assert!(done.err.contains("UTF-8"), "{}", done.err);
    let done = run(&["run".into(), "-i".into(), named("missing")]);
    assert_eq!((done.status, done.err.contains("missingna\\xefve can't be read: ")), (2, true), "{}", done.err);
}
