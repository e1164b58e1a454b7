//! Turns the flags of `clearpipe run` into settings.

use crate::args::RunArgs;
use crate::settings::tree::{Node, Origin, Value};
use crate::settings::{Resolved, Settings, SettingsError, set};
use clearpipe_codec::{Format, Mapping, MappingEntry};

/// The stages that can take time, by their names in the settings.
const STAGES: [&str; 6] = ["producer", "validator", "transformer", "loader", "error_handler", "metrics_collector"];

/// The channels, by their names in the settings and by those of the specification.
const CHANNELS: [(&str, &str); 7] = [
    ("data", "dataCh"),
    ("valid", "validCh"),
    ("processed", "processedCh"),
    ("error", "errorCh"),
    ("loader", "loaderCh"),
    ("error_handler", "errorHandlerCh"),
    ("metrics", "metricsCh"),
];

/// The configuration given by the flags and the configuration file, if there is one.
pub fn configuration(args: &RunArgs) -> Result<Resolved, SettingsError> {
    let mut settings = match &args.config {
        Some(path) => Settings::of_file(path)?,
        None => Settings::none(),
    };
    apply(args, &mut settings);
    let Resolved { mut config, has_records, warnings } = settings.resolve()?;
    if config.trace.enabled && config.output.trace.is_none() {
        let problem = "trace.enabled requires a file for the event log: add --trace FILE";
        return Err(SettingsError::of(vec![problem.to_owned()]));
    }
    config.trace.enabled = config.output.trace.is_some();
    if config.output.dir.as_deref() == Some("-") {
        let problem = "`-` is not a folder; to write records to the standard output, use `--processed -` or `--failed -` (for \
                       a folder of this name, write `./-`)";
        return Err(SettingsError::of(vec![problem.to_owned()]));
    }
    // Each of several inputs has the format of its own extension.
    if let (Format::Auto, [name]) = (config.input.format, &config.input.file[..]) {
        config.input.format = Format::of_name(name).unwrap_or_default();
        config.check().map_err(|error| SettingsError::of(error.problems))?;
    }
    Ok(Resolved { config, has_records, warnings })
}

fn apply(args: &RunArgs, settings: &mut Settings) {
    // The other flags are applied after this one, so they take precedence.
    for text in &args.set {
        match text.split_once('=') {
            Some((path, value)) if !path.trim().is_empty() => {
                let (path, flag) = (path.trim(), format!("--set {}", path.trim()));
                match set::value_of(path, value) {
                    Ok(value) => settings.set(path, &flag, value),
                    Err(problem) => settings.add_problem(&flag, problem),
                }
            }
            _ => settings.add_problem("--set", format!("invalid `{text}`: expected NAME=VALUE")),
        }
    }
    let plain = [
        ("seed", "--seed", &args.seed),
        ("records", "--records", &args.records),
        ("input.max_line", "--max-line", &args.max_line),
        ("input.head", "--head", &args.head),
        ("generator.rate_limit", "--rate-limit", &args.rate_limit),
        ("workers", "--workers", &args.workers),
        ("validator.workers", "--validators", &args.validators),
        ("transformer.workers", "--transformers", &args.transformers),
        ("batch", "--batch", &args.batch),
        ("window", "--window", &args.window),
        ("runtime.kind", "--runtime", &args.runtime),
        ("runtime.threads", "--threads", &args.threads),
        ("runtime.cores", "--cores", &args.cores),
        ("generator.invalid_value", "--invalid-value", &args.invalid_value),
        ("generator.invalid_unit", "--invalid-unit", &args.invalid_unit),
        ("trace.sample", "--trace-sample", &args.trace_sample),
    ];
    for (path, flag, text) in plain {
        if let Some(text) = text {
            settings.set(path, flag, Value::of_plain(text.trim()));
        }
    }
    let texts = [
        ("clock", "--clock", &args.clock),
        ("input.source_field", "--source-field", &args.source_field),
        ("input.format", "--format", &args.format),
        ("input.encoding", "--encoding", &args.encoding),
        ("input.rename_prefix", "--rename-prefix", &args.rename_prefix),
    ];
    for (path, flag, text) in texts {
        if let Some(text) = text {
            settings.set(path, flag, Value::Text(text.clone()));
        }
    }
    let files = [
        ("output.dir", "--out-dir", &args.out_dir),
        ("output.processed", "--processed", &args.processed),
        ("output.failed", "--failed", &args.failed),
        ("output.metrics", "--metrics", &args.metrics),
        ("output.trace", "--trace", &args.trace),
    ];
    for (path, flag, file) in files {
        if let Some(file) = file {
            // For display only; [`crate::files`] has the exact names.
            settings.set(path, flag, Value::Text(file.to_string_lossy().into_owned()));
        }
    }
    if !args.input.is_empty() {
        let origin = || Origin::Flag("--input".to_owned());
        // For display only, as above.
        let names = args.input.iter().map(|name| name.to_string_lossy().into_owned());
        let names = names.map(|name| Node { value: Value::Text(name), origin: origin() });
        settings.set("input.file", "--input", Value::List(names.collect()));
    }
    if let Some(delimiter) = &args.delimiter {
        // What can be typed in a shell for a tab.
        let delimiter = if delimiter == "\\t" { "\t" } else { delimiter };
        settings.set("input.delimiter", "--delimiter", Value::Text(delimiter.to_owned()));
    }
    if args.fsync {
        settings.set("output.fsync", "--fsync", Value::Bool(true));
    }
    if args.fail_fast {
        settings.set("fail_fast", "--fail-fast", Value::Bool(true));
    }
    if args.unordered {
        settings.set("ordered", "--unordered", Value::Bool(false));
    }
    apply_mapping(&args.map, settings);
    apply_buffers(&args.buffer, settings);
    for (texts, flag, what) in [(&args.wait, "--wait", "wait"), (&args.compute, "--compute", "compute")] {
        for text in texts {
            apply_named(text, flag, "STAGE=TIME", &STAGES, settings, |stage| format!("service.{stage}.{what}"));
        }
    }
    for text in &args.panic {
        let stages = ["validator", "transformer"];
        apply_named(text, "--panic", "STAGE=WHICH", &stages, settings, |stage| format!("faults.{stage}_panic"));
    }
}

fn apply_mapping(entries: &[String], settings: &mut Settings) {
    let mut mapping = Mapping::default();
    for text in entries {
        let added = text.parse::<MappingEntry>().and_then(|entry| mapping.add(entry));
        if let Err(problem) = added {
            settings.add_problem("--map", problem);
        }
    }
    for (field, origin) in mapping.iter() {
        settings.set(&format!("input.map.{field}"), "--map", Value::Text(origin.to_string()));
    }
}

fn apply_buffers(texts: &[String], settings: &mut Settings) {
    for text in texts {
        let Some((name, capacity)) = text.split_once('=') else {
            settings.set("channels.capacity", "--buffer", Value::of_plain(text.trim()));
            continue;
        };
        match CHANNELS.into_iter().find(|(short, long)| name == *short || name == *long) {
            Some((channel, _)) => {
                settings.set(&format!("channels.{channel}"), "--buffer", Value::of_plain(capacity.trim()));
            }
            None => {
                let names: Vec<&str> = CHANNELS.into_iter().map(|(_, name)| name).collect();
                settings.add_problem(
                    "--buffer",
                    format!("unknown channel `{name}`; the channels are {}", names.join(", ")),
                );
            }
        }
    }
}

/// A flag whose value is for one of several names.
fn apply_named(
    text: &str,
    flag: &str,
    form: &str,
    names: &[&str],
    settings: &mut Settings,
    path: impl Fn(&str) -> String,
) {
    let Some((name, value)) = text.split_once('=') else {
        return settings
            .add_problem(flag, format!("invalid `{text}`: expected {form}, as in {}={text}", names[1 % names.len()]));
    };
    let name = name.trim().to_lowercase().replace(['-', ' '], "_");
    if names.contains(&name.as_str()) {
        settings.set(&path(&name), flag, Value::of_plain(value.trim()));
    } else {
        settings.add_problem(flag, format!("unknown stage `{name}`; expected one of {}", names.join(", ")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use clearpipe_core::config::{Config, Plan, RuntimeKind};
    use clearpipe_model::topology::ChannelId;

    fn config_of(flags: &[&str]) -> Result<Config, String> {
        let all = ["clearpipe", "run"].iter().chain(flags);
        let cli = crate::args::Cli::try_parse_from(all).map_err(|error| error.to_string())?;
        let Some(crate::args::Command::Run(args)) = cli.command else { return Err("no run".to_owned()) };
        configuration(&args).map(|resolved| resolved.config).map_err(|error| error.to_string())
    }

    #[test]
    fn without_flags_it_is_the_reference_run() {
        assert_eq!(config_of(&[]).unwrap(), Config::default());
        assert_eq!(config_of(&["--records", "50"]).unwrap(), Config::default());
    }

    #[test]
    fn small_runs_send_records_one_by_one_and_large_ones_in_batches() {
        let sizes = |flags: &[&str]| {
            let config = config_of(flags).unwrap();
            (Plan::new(&config).batch(), Plan::new(&config).capacity(ChannelId::DataCh))
        };
        for small in [&[][..], &["-n", "50"], &["-n", "1024"], &["--workers", "8"], &["-n", "50", "--batch", "auto"]] {
            assert_eq!(sizes(small), (1, 100), "{small:?}");
        }
        for large in [&["-n", "1025"][..], &["-i", "-"], &["-i", "-", "--batch", "auto"]] {
            assert_eq!(sizes(large), (1024, 4096), "{large:?}");
        }
        assert_eq!(sizes(&["-n", "50", "--batch", "7"]), (7, 100));
    }

    #[test]
    fn every_flag_reaches_its_setting() {
        let flags = "--records 1_000 --workers 4 --validators 5 --transformers 6 --buffer 80 \
             --buffer errorCh=9 --buffer data=10 --batch auto --seed 18446744073709551615 --runtime virtual --cores 11 \
             --clock fixed:2026-01-01T00:00:00Z --window 2000 --rate-limit 1.5 \
             --wait validator=0-20ms --wait error-handler=5ms --compute transformer=1ms --panic validator=1% \
             --invalid-value off --invalid-unit 5% --out-dir d --processed p --failed - --metrics m --trace t \
             --trace-sample 13 --set transformer.threshold=9 --set generator.locations=A,B";
        let config = config_of(&flags.split_whitespace().collect::<Vec<_>>()).unwrap();
        let expected = serde_json::json!({
            "records": 1000, "workers": 4, "validator": {"workers": 5}, "transformer": {"workers": 6, "threshold": 9.0},
            "runtime": {"kind": "virtual", "cores": 11}, "batch": "auto", "window": 2000,
            "channels": {"capacity": 80, "error": 9, "data": 10}, "seed": 18446744073709551615u64,
            "clock": "fixed:2026-01-01T00:00:00Z",
            "generator": {"rate_limit": 1.5, "invalid_value": "off", "invalid_unit": "5%", "locations": ["A", "B"]},
            "service": {"validator": {"wait": "0-20ms"}, "error_handler": {"wait": "5ms"}, "transformer": {"compute": "1ms"}},
            "faults": {"validator_panic": "1%"},
            "output": {"dir": "d", "processed": "p", "failed": "-", "metrics": "m", "trace": "t"},
            "trace": {"sample": 13, "enabled": true},
        });
        assert_eq!(config, serde_json::from_value(expected).unwrap());
        let flags = "--input - --max-line 12 --delimiter ; --map value=temp_max --map unit='C' --format csv --encoding latin1 --threads 7";
        let config = config_of(&flags.split_whitespace().collect::<Vec<_>>()).unwrap();
        let expected = serde_json::json!({
            "runtime": {"threads": 7},
            "input": {
                "file": "-", "max_line": 12, "delimiter": ";", "format": "csv", "encoding": "windows-1252",
                "map": {"value": "temp_max", "unit": "'C'"},
            },
        });
        assert_eq!(config, serde_json::from_value(expected).unwrap());
        assert!(!config_of(&["--unordered"]).unwrap().ordered);
        assert_eq!(config_of(&["--runtime", "local"]).unwrap().runtime.kind, RuntimeKind::Local);
    }

    #[test]
    fn a_flag_without_effect_is_refused() {
        for (flags, error) in [
            ("--cores 4", "--cores: requires --runtime virtual; the number of threads is set with --threads"),
            ("--runtime local --set runtime.cores=2", "--set runtime.cores: requires --runtime virtual"),
            ("--runtime local --threads 2", "--threads: requires --runtime pool"),
            (
                "--runtime virtual --threads 2",
                "--threads: requires --runtime pool; the number of simulated cores is set with --cores",
            ),
            (
                "--set input.file=x.jsonl --records 9",
                "--records: only for generated records; limit an input with --head, or remove it with \
                 --set input.file=null",
            ),
            ("--head 5", "--head: requires --input; the number of generated records is set with -n"),
            ("--map value=x", "--map: requires --input"),
            ("--format csv", "--format: requires --input"),
        ] {
            assert_eq!(config_of(&flags.split_whitespace().collect::<Vec<_>>()).unwrap_err(), error);
        }
    }

    #[test]
    fn all_problems_are_reported_at_once() {
        let flags = ["--workers", "0", "--wait", "5ms", "--compute", "cook=1ms", "--buffer", "x=1", "--map", "temp=x"];
        let error = config_of(&flags).unwrap_err();
        assert_eq!(
            error.lines().map(str::trim).collect::<Vec<_>>(),
            [
                "the settings have 5 problems",
                "--map: there is no field `temp`; the fields are id, timestamp, sensor_id, value, unit, location",
                "--buffer: unknown channel `x`; the channels are dataCh, validCh, processedCh, errorCh, loaderCh, \
                 errorHandlerCh, metricsCh",
                "--wait: invalid `5ms`: expected STAGE=TIME, as in validator=5ms",
                "--compute: unknown stage `cook`; expected one of producer, validator, transformer, loader, \
                 error_handler, metrics_collector",
                "--workers: workers is 0; it must be from 1 to 65535",
            ]
        );
    }

    #[test]
    fn the_extension_gives_the_format() {
        assert_eq!(config_of(&["--input", "a.csv.gz"]).unwrap().input.format, Format::Csv);
        assert_eq!(config_of(&["--input", "a.dat"]).unwrap().input.format, Format::Auto);
        let error = config_of(&["--input", "a.jsonl", "--map", "value=x"]).unwrap_err();
        assert_eq!(error, "input.map is only for CSV and TSV; the fields of JSON Lines can't be mapped");
    }
}
