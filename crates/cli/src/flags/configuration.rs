//! The configuration of a run: the settings of a file, overridden by the flags, and what follows from both.

use super::RunArgs;
use crate::settings::{Resolved, RunSettings, Settings, SettingsError, set};
use clearpipe_codec::Format;

/// Returns the configuration given by the flags and the configuration file, if there is one.
pub fn configuration(args: &RunArgs) -> Result<Resolved, SettingsError> {
    let mut settings = match &args.other.config {
        Some(path) => Settings::of_file(path)?,
        None => Settings::none(),
    };
    apply(args, &mut settings);
    let mut resolved = settings.resolve()?;
    let Resolved { settings: RunSettings { config, output }, origins, .. } = &mut resolved;
    if config.trace.enabled && output.trace.is_none() {
        let problem = "`trace.enabled` requires a file for the event log: add --trace FILE";
        return Err(origins.error([("trace.enabled", problem.to_owned())]));
    }
    config.trace.enabled = output.trace.is_some();
    if output.dir.as_deref() == Some("-") {
        let problem = "`-` is not a folder; to write records to the standard output, use `--processed -` or `--failed -` (for \
                       a folder of this name, write `./-`)";
        return Err(origins.error([("output.dir", problem.to_owned())]));
    }
    // Each of several inputs has the format of its own extension.
    if let (Format::Auto, [name]) = (config.input.format, &config.input.file[..]) {
        config.input.format = Format::of_name(name).unwrap_or_default();
        let error = config.check().err();
        let problems = error.iter().flat_map(|error| &error.problems);
        let problems: Vec<_> = problems.map(|problem| (problem.path(), problem.to_string())).collect();
        if !problems.is_empty() {
            return Err(origins.error(problems));
        }
    }
    Ok(resolved)
}

fn apply(args: &RunArgs, settings: &mut Settings) {
    // The other flags are applied after this one, so they take precedence.
    for text in &args.other.set {
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
    args.settings.apply(settings);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::run_settings::plan_of;
    use clap::Parser;
    use clearpipe_core::config::{Config, RuntimeKind};
    use clearpipe_model::topology::ChannelId;

    fn config_of(flags: &[&str]) -> Result<Config, String> {
        settings_of(flags).map(|settings| settings.config)
    }

    fn settings_of(flags: &[&str]) -> Result<RunSettings, String> {
        let all = ["clearpipe", "run"].iter().chain(flags);
        let cli = crate::args::Cli::try_parse_from(all).map_err(|error| error.to_string())?;
        let Some(crate::args::Command::Run(args)) = cli.command else { return Err("no run".to_owned()) };
        configuration(&args).map(|resolved| resolved.settings).map_err(|error| error.to_string())
    }

    #[test]
    fn without_flags_it_is_the_reference_run() {
        assert_eq!(settings_of(&[]).unwrap(), RunSettings::default());
        assert_eq!(settings_of(&["--records", "50"]).unwrap(), RunSettings::default());
    }

    #[test]
    fn each_channel_gets_its_own_capacity() {
        for channel in ChannelId::ALL {
            let config = config_of(&["--buffer", &format!("{channel}=7")]).unwrap();
            for other in ChannelId::ALL {
                assert_eq!(plan_of(&config).capacity(other) == 7, other == channel, "{channel}: {other}");
            }
        }
    }

    #[test]
    fn small_runs_send_records_one_by_one_and_large_ones_in_batches() {
        let sizes = |flags: &[&str]| {
            let config = config_of(flags).unwrap();
            (plan_of(&config).batch(), plan_of(&config).capacity(ChannelId::DataCh))
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
        let settings = settings_of(&flags.split_whitespace().collect::<Vec<_>>()).unwrap();
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
        assert_eq!(settings, RunSettings::read(expected).unwrap());
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
                "--workers: `workers` is 0; it must be from 1 to 65535",
            ]
        );
    }

    #[test]
    fn the_extension_gives_the_format() {
        assert_eq!(config_of(&["--input", "a.csv.gz"]).unwrap().input.format, Format::Csv);
        assert_eq!(config_of(&["--input", "a.dat"]).unwrap().input.format, Format::Auto);
        for (flags, origin) in [("--map value=x", "--map"), ("--set input.map.value=x", "--set input.map.value")] {
            let flags = [&["--input", "a.jsonl"][..], &flags.split_whitespace().collect::<Vec<_>>()].concat();
            let error = config_of(&flags).unwrap_err();
            let problem = "`input.map` is only for CSV and TSV; the fields of JSON Lines can't be mapped";
            assert_eq!(error, format!("{origin}: {problem}"));
        }
    }
}
