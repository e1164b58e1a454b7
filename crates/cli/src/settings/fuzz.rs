//! Fuzzing of configuration files and of `--set`: any input is either a valid configuration, or is refused with a
//! message that is safe to show.

#[path = "../../../core/tests/fuzz_support/mod.rs"]
mod fuzz_support;

use super::{FileFormat, RunSettings, Settings};
use crate::flags::{self, OtherRunArgs, RunArgs};
use fuzz_support::Fuzz;

const YAML: &[&[u8]] = &[
    b"workers: 4\ngenerator:\n  locations: [North, 'South']\n  rate_limit: 1,000.5\n  invalid_unit: 5%\n",
    b"# all\nrecords: 1_000\nservice:\n  loader: {wait: 0-20ms, compute: \"5ms\"}\nchannels:\n  data: ~\n",
    b"input:\n  map:\n    value: temp\n    unit: \"'C'\"\n  delimiter: ;\nvalidator:\n  required:\n  - id\n  - value\n",
    b"runtime: {kind: virtual, cores: 2}\ntrace:\n  ring: 65536\nbatch: auto\nclock: fixed:2026-01-01T00:00:00Z\n",
];

const JSON: &[&[u8]] = &[
    br#"{"workers": 4, "generator": {"locations": ["North", "S\u00fcd"], "rate_limit": 1e3}, "ordered": false}"#,
    br#"{"input": {"map": {"value": "temp", "unit": "'C'"}, "delimiter": ";"}, "validator": {"required": ["id"]}}"#,
    br#"{"runtime": {"kind": "virtual", "cores": 2}, "trace": {"ring": 65536}, "batch": 7, "window": null}"#,
];

const TOML: &[&[u8]] = &[
    b"workers = 4\n[generator]\nlocations = [\"North\", 'South']\nrate_limit = 1_000.5\n",
    b"[service.loader]\nwait = \"0-20ms\"\n[input.map]\nvalue = \"temp\"\n[validator]\nrequired = [\"id\"]\n",
    b"runtime.kind = \"virtual\"\nruntime.cores = 2\nbatch = 7\nrecords = 0x10\n",
];

const TOKENS: &[&[u8]] = &[
    b"workers",
    b"generator",
    b"input.map",
    b"null",
    b"true",
    b"off",
    b"1,5",
    b"1e999",
    b"-0",
    b"18446744073709551616",
    b"nan",
    b".inf",
    b"\"",
    b"'",
    b"\\u0000",
    b"\\u202e",
    b"\x1b[2J",
    b"\xe2\x80\xae",
    b"\xff",
    b"\xef\xbb\xbf",
    b": ",
    b"=",
    b".",
    b",",
    b"- ",
    b"\n  ",
    b"\n",
    b"\t",
    b"[[[[[[[[",
    b"{{{{",
    b"]",
    b"}",
    b"&a ",
    b"*a",
    b"!!str ",
    b"? ",
    b"|\n",
    b"---\n",
    b"%YAML 9\n",
    b"#",
];

/// Checks the message for settings that are refused; otherwise the configuration must be valid.
fn assert_is_right(result: Result<RunSettings, String>) -> bool {
    match result {
        Ok(settings) => {
            assert_eq!(settings.problems(), []);
            let json = serde_json::to_value(&settings).unwrap();
            assert_eq!(RunSettings::read(json).unwrap(), settings);
            true
        }
        Err(problems) => {
            assert!(!problems.trim().is_empty());
            let hidden = clearpipe_io::text::visible_lines(&problems);
            assert_eq!(hidden, problems, "shown as it is");
            false
        }
    }
}

#[test]
fn any_file_is_a_configuration_or_refused() {
    for (format, seeds, runs) in
        [(FileFormat::Yaml, YAML, 700), (FileFormat::Json, JSON, 500), (FileFormat::Toml, TOML, 500)]
    {
        let mut fuzz = Fuzz::new("configuration files", runs);
        let (mut right, mut wrong) = (0, 0);
        while fuzz.goes_on() {
            let input = fuzz.mutated(seeds, TOKENS);
            let check = || {
                let settings = Settings::of_bytes("c", format, input.clone());
                let settings = settings.and_then(Settings::resolve).map(|resolved| resolved.settings);
                assert_is_right(settings.map_err(|error| error.to_string()))
            };
            if fuzz.check(&input.escape_ascii().to_string(), check) { right += 1 } else { wrong += 1 }
        }
        assert!(right > 0 && wrong > 0, "{format:?}: {right} were right, {wrong} were wrong");
    }
}

#[test]
fn any_set_is_a_setting_or_refused() {
    const SETS: &[&[u8]] = &[
        b"workers=4",
        b"transformer.threshold=1,000.5",
        b"generator.locations=A,B",
        b"generator.locations=[\"A\", 'B', C]",
        b"validator.required=[id, value]",
        b"input.map={value: temp, unit: \"'C'\"}",
        b"input.map.value=temp",
        b"generator.invalid_unit=5%",
        b"service.loader.wait=0-20ms",
        b"generator=null",
        b"channels.data=~",
        b"runtime.kind=virtual",
        b"transformer.valid_units=\"a,b\",c",
    ];
    let mut fuzz = Fuzz::new("--set", 1000);
    let (mut right, mut wrong) = (0, 0);
    while fuzz.goes_on() {
        let count = 1 + fuzz.below(3);
        let set: Vec<String> =
            (0..count).map(|_| String::from_utf8_lossy(&fuzz.mutated(SETS, TOKENS)).into_owned()).collect();
        let args = RunArgs { other: OtherRunArgs { set, ..OtherRunArgs::default() }, ..RunArgs::default() };
        let check = || {
            let settings = flags::configuration(&args).map(|resolved| resolved.settings);
            assert_is_right(settings.map_err(|error| error.to_string()))
        };
        if fuzz.check(&args.other.set, check) { right += 1 } else { wrong += 1 }
    }
    assert!(right > 0 && wrong > 0, "{right} were right, {wrong} were wrong");
}
