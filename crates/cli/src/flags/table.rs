//! The flags of `clearpipe run`, in the order of its help. Each flag of a setting is simply a row of this table.

use super::flag::{Flag, Sets};
use super::parsed;
use clap::ValueHint;

/// Flags with their own heading in the help.
pub struct Group {
    /// The heading.
    pub heading: &'static str,
    /// The flags.
    pub entries: &'static [Entry],
}

/// A flag of `clearpipe run`.
pub enum Entry {
    /// It sets settings.
    Flag(Flag),
    /// It sets none: the field of [`OtherRunArgs`](super::OtherRunArgs) with this name.
    Other(&'static str),
}

/// Returns all flags that set settings.
pub fn flags() -> impl Iterator<Item = &'static Flag> {
    GROUPS.iter().flat_map(|group| group.entries).filter_map(|entry| match entry {
        Entry::Flag(flag) => Some(flag),
        Entry::Other(_) => None,
    })
}

/// All flags.
pub static GROUPS: &[Group] = &[
    Group {
        heading: "Records",
        entries: &[
            Entry::Flag(Flag {
                long: "records",
                short: Some('n'),
                value_name: "N",
                sets: Sets::Setting("records"),
                conflicts_with: &["input"],
                help: "Number of records to generate",
                details: "\
                    Without -n and without an input, a run refuses to start if the standard input is a file or has \
                    data, so that piped data is never ignored. If it is a pipe that stays empty for 0.3 seconds, the \
                    run refuses only if it would replace results. A terminal or /dev/null is fine.",
                ..Flag::ROW
            }),
            Entry::Flag(Flag {
                long: "input",
                short: Some('i'),
                value_name: "FILE",
                sets: Sets::Parsed(parsed::input),
                is_list: true,
                completes: Some(ValueHint::FilePath),
                help: "File to read records from, or `-` for standard input; repeat for several files",
                details: "\
                    JSON Lines, other JSON (arrays, objects of several lines), CSV or TSV; compressed data (gzip, \
                    zstd, bzip2, xz) is recognised by its content. Several inputs are read one after the other, each \
                    with its own format and header. FILE can also be a quoted pattern such as 'logs/*.csv', or a \
                    folder, whose files with a known extension are read in order of their names.",
                ..Flag::ROW
            }),
            Entry::Flag(Flag {
                long: "source-field",
                value_name: "NAME",
                sets: Sets::Setting("input.source_field"),
                help: "Add a field with the name of its input to each record, in both files",
                ..Flag::ROW
            }),
            Entry::Flag(Flag {
                long: "head",
                value_name: "N",
                sets: Sets::Setting("input.head"),
                help: "Read at most this number of records",
                details: "\
                    The limit applies to all inputs together. The run ends without waiting for further input, and \
                    both files are complete for the records read. For generated records, use -n.",
                ..Flag::ROW
            }),
            Entry::Flag(Flag {
                long: "format",
                value_name: "FORMAT",
                sets: Sets::Setting("input.format"),
                help: "The format of the input: auto, jsonl, csv or tsv",
                details: "`auto` goes by the extension, or by the first line if the extension is not known.",
                ..Flag::ROW
            }),
            Entry::Flag(Flag {
                long: "encoding",
                value_name: "NAME",
                sets: Sets::Setting("input.encoding"),
                help: "The character encoding of the input, such as utf-16le or windows-1252",
                details: "\
                    `auto` is UTF-8, or UTF-16 if the input starts like it. A byte order mark always takes \
                    precedence.",
                ..Flag::ROW
            }),
            Entry::Flag(Flag {
                long: "map",
                short: Some('m'),
                value_name: "FIELD=COLUMN",
                sets: Sets::Parsed(parsed::map),
                is_list: true,
                help: "Take a field from a column, or from a constant in quotes; repeat for each field",
                details: "\
                    The fields are id, timestamp, sensor_id, value, unit, location. A field that isn't mapped comes \
                    from the column of the same name; without an id, the row number is used. Examples: `--map \
                    value=temp_max`, `--map \"value=Water flow [l/s]\"`, `--map \"unit='l/s'\"`.",
                ..Flag::ROW
            }),
            Entry::Flag(Flag {
                long: "delimiter",
                value_name: "CHAR",
                sets: Sets::Parsed(parsed::delimiter),
                help: "The delimiter of CSV cells",
                default: Some("a comma"),
                ..Flag::ROW
            }),
            Entry::Flag(Flag {
                long: "max-line",
                value_name: "BYTES",
                sets: Sets::Setting("input.max_line"),
                help: "The maximum length of a line in bytes; longer lines fail",
                ..Flag::ROW
            }),
            Entry::Flag(Flag {
                long: "rename-prefix",
                value_name: "PREFIX",
                sets: Sets::Setting("input.rename_prefix"),
                help: "Prefix for input fields whose names the pipeline uses itself",
                details: "\
                    These are status, error, processed_at, anomaly_score and is_anomaly: a status in the input is \
                    kept as input_status. If the pipeline itself wrote the input, they are replaced instead.",
                ..Flag::ROW
            }),
            Entry::Flag(Flag {
                long: "rate-limit",
                value_name: "N",
                sets: Sets::Setting("generator.rate_limit"),
                help: "Maximum number of records per second; 0 means no limit",
                ..Flag::ROW
            }),
        ],
    },
    Group {
        heading: "Results",
        entries: &[
            Entry::Flag(Flag {
                long: "out-dir",
                short: Some('o'),
                value_name: "DIR",
                sets: Sets::Setting("output.dir"),
                completes: Some(ValueHint::DirPath),
                help: "The folder for the two files; created if missing",
                default: Some("the current one"),
                ..Flag::ROW
            }),
            Entry::Flag(Flag {
                long: "processed",
                value_name: "FILE",
                sets: Sets::Setting("output.processed"),
                completes: Some(ValueHint::FilePath),
                help: "The file for processed records; `-` is the standard output",
                ..Flag::ROW
            }),
            Entry::Flag(Flag {
                long: "failed",
                value_name: "FILE",
                sets: Sets::Setting("output.failed"),
                completes: Some(ValueHint::FilePath),
                help: "The file for failed records; `-` is the standard output",
                ..Flag::ROW
            }),
            Entry::Flag(Flag {
                long: "metrics",
                value_name: "FILE",
                sets: Sets::Setting("output.metrics"),
                completes: Some(ValueHint::FilePath),
                help: "Write the metrics as JSON; `-` is the standard output",
                ..Flag::ROW
            }),
            Entry::Flag(Flag {
                long: "trace",
                value_name: "FILE",
                sets: Sets::Setting("output.trace"),
                completes: Some(ValueHint::FilePath),
                help: "\
                    Write the event log: what happened to each record, when and where. `clearpipe events` prints it",
                ..Flag::ROW
            }),
            Entry::Flag(Flag {
                long: "trace-sample",
                value_name: "N",
                sets: Sets::Setting("trace.sample"),
                requires: &["trace"],
                help: "Trace every Nth record",
                ..Flag::ROW
            }),
            Entry::Other("max_failed"),
            Entry::Flag(Flag {
                long: "fail-fast",
                sets: Sets::Switch("fail_fast", true),
                help: "Stop at the first record that fails, and exit with status 1",
                details: "\
                    Records in flight are finished, and both files hold everything up to then. The message says \
                    which record failed and why; if the output is ordered, it is the first record in the failed \
                    file.",
                ..Flag::ROW
            }),
            Entry::Other("summary"),
            Entry::Flag(Flag {
                long: "fsync",
                sets: Sets::Switch("output.fsync", true),
                help: "Wait until the files are on disk, so that they survive a power failure",
                details: "\
                    Without it, they survive a crash of the program, but not of the system. It takes as long as the \
                    disk needs to write what is still in memory: on a fast disk 5 ms for a small run, and 4 % of the \
                    time for a million records (250 MB); on a slow disk much more.",
                ..Flag::ROW
            }),
            Entry::Other("keep_partial"),
        ],
    },
    Group {
        heading: "Pipeline",
        entries: &[
            Entry::Flag(Flag {
                long: "workers",
                short: Some('w'),
                value_name: "N",
                sets: Sets::Setting("workers"),
                help: "Number of Validators, and of Transformers",
                ..Flag::ROW
            }),
            Entry::Flag(Flag {
                long: "validators",
                value_name: "N",
                sets: Sets::Setting("validator.workers"),
                help: "Number of Validators",
                default: Some("--workers"),
                ..Flag::ROW
            }),
            Entry::Flag(Flag {
                long: "transformers",
                value_name: "N",
                sets: Sets::Setting("transformer.workers"),
                help: "Number of Transformers",
                default: Some("--workers"),
                ..Flag::ROW
            }),
            Entry::Flag(Flag {
                long: "buffer",
                short: Some('b'),
                value_name: "[CHANNEL=]N",
                sets: Sets::Parsed(parsed::buffer),
                is_list: true,
                help: "The capacity of all channels, in records, or of one: `--buffer errorCh=5`",
                default: Some("100"),
                details: "\
                    It is never exceeded, and it limits the batch size. If only the batch size is larger than 100, \
                    the default is four batches. The channels are dataCh, validCh, processedCh, errorCh, loaderCh, \
                    errorHandlerCh, metricsCh.",
                ..Flag::ROW
            }),
            Entry::Flag(Flag {
                long: "batch",
                value_name: "N|auto",
                sets: Sets::Setting("batch"),
                help: "Maximum number of records in a batch, or `auto`",
                details: "\
                    `auto` starts at 1 and doubles with each batch up to 1,024. It stays at 1 if a stage takes time \
                    (--wait, --compute), or if no more than 1,024 records are generated. With --rate-limit and no \
                    bursts, records that are due within 10 ms travel together. The results don't depend on the batch \
                    size.",
                ..Flag::ROW
            }),
            Entry::Flag(Flag {
                long: "unordered",
                sets: Sets::Switch("ordered", false),
                help: "Write records as they finish, not in the order of production",
                ..Flag::ROW
            }),
            Entry::Flag(Flag {
                long: "window",
                value_name: "N",
                sets: Sets::Setting("window"),
                conflicts_with: &["unordered"],
                help: "Maximum number of records in flight when the output is ordered",
                default: Some("what channels and workers hold"),
                details: "\
                    Bytes of input are bounded as well, ordered or not: --set window_bytes=N [default: {default \
                    window_bytes}].",
                ..Flag::ROW
            }),
        ],
    },
    Group {
        heading: "Runtime",
        entries: &[
            Entry::Flag(Flag {
                long: "runtime",
                value_name: "RUNTIME",
                sets: Sets::Setting("runtime.kind"),
                help: "Where the stages run: pool, local or virtual",
                details: "\
                    pool: on a pool of threads. local: all on one thread. virtual: all on one thread, in simulated \
                    time on simulated cores; the same seed gives the same run, event for event.",
                ..Flag::ROW
            }),
            Entry::Flag(Flag {
                long: "threads",
                short: Some('t'),
                value_name: "N",
                sets: Sets::Setting("runtime.threads"),
                help: "Number of threads in the pool",
                default: Some("one per core"),
                ..Flag::ROW
            }),
            Entry::Flag(Flag {
                long: "cores",
                value_name: "N",
                sets: Sets::Setting("runtime.cores"),
                help: "Number of simulated cores of the virtual runtime",
                ..Flag::ROW
            }),
            Entry::Flag(Flag {
                long: "schedule-seed",
                value_name: "N",
                sets: Sets::Setting("runtime.seed"),
                help: "The seed of the schedule of the virtual runtime",
                default: Some("that of --seed"),
                details: "\
                    It chooses which of the tasks that are ready runs next: the same records, with the same service \
                    times, in another interleaving.",
                ..Flag::ROW
            }),
        ],
    },
    Group {
        heading: "Load and faults",
        entries: &[
            Entry::Flag(Flag {
                long: "wait",
                value_name: "STAGE=TIME",
                sets: Sets::Parsed(parsed::wait),
                is_list: true,
                help: "\
                    Make a stage wait for each record, as if for I/O: `validator=5ms`, or at random: \
                    `validator=0-20ms`",
                details: "\
                    Waiting occupies no thread, so it scales with workers. The stages are producer, validator, \
                    transformer, loader, error_handler, metrics_collector. Units: ns, us, ms, s. Other times: \
                    `exponential 20ms`, mostly short and sometimes long; `5ms or 200ms 5%`, for 5% of the records; \
                    `5ms, 10ms, 200ms`, in turn.",
                ..Flag::ROW
            }),
            Entry::Flag(Flag {
                long: "compute",
                value_name: "STAGE=TIME",
                sets: Sets::Parsed(parsed::compute),
                is_list: true,
                help: "Make a stage compute for each record: `transformer=1ms`",
                details: "\
                    Computing keeps a thread busy, so it scales with cores. Stages and units are those of --wait.",
                ..Flag::ROW
            }),
            Entry::Flag(Flag {
                long: "invalid-value",
                value_name: "WHICH",
                sets: Sets::Setting("generator.invalid_value"),
                help: "Which generated records get the value −1: `every N`, `5%` or `off`",
                ..Flag::ROW
            }),
            Entry::Flag(Flag {
                long: "invalid-unit",
                value_name: "WHICH",
                sets: Sets::Setting("generator.invalid_unit"),
                help: "Which generated records get the unit INVALID_UNIT: `every N`, `5%` or `off`",
                ..Flag::ROW
            }),
            Entry::Flag(Flag {
                long: "panic",
                value_name: "STAGE=WHICH",
                sets: Sets::Parsed(parsed::panic),
                is_list: true,
                help: "Make a stage panic on some records: `validator=1%`, `transformer=\"every 100\"`",
                ..Flag::ROW
            }),
        ],
    },
    Group {
        heading: "Settings",
        entries: &[
            Entry::Other("config"),
            Entry::Other("set"),
            Entry::Flag(Flag {
                long: "seed",
                value_name: "N",
                sets: Sets::Setting("seed"),
                help: "The seed of all random numbers: the same seed gives the same records",
                ..Flag::ROW
            }),
            Entry::Flag(Flag {
                long: "clock",
                value_name: "CLOCK",
                sets: Sets::Setting("clock"),
                help: "The clock: `system`, or `fixed:` followed by an RFC 3339 time",
                details: "\
                    It sets `processed_at`, and `timestamp` of generated records. With a fixed clock, two runs are \
                    identical byte for byte.",
                ..Flag::ROW
            }),
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flags::OtherRunArgs;
    use crate::settings::run_settings;
    use clap::Args;
    use clearpipe_core::config::{BatchSize, DEFAULT_CAPACITY, Kind};
    use clearpipe_model::field::Field;
    use clearpipe_model::text::grouped;
    use clearpipe_model::topology::ChannelId;
    use std::collections::BTreeSet;

    fn flag(long: &str) -> &'static Flag {
        flags().find(|flag| flag.long == long).unwrap()
    }

    #[test]
    fn flags_set_settings_that_there_are() {
        let mut paths = BTreeSet::new();
        for Flag { long, value_name, sets, .. } in flags() {
            let (Sets::Setting(path) | Sets::Switch(path, _)) = *sets else { continue };
            let setting =
                run_settings::at(path).unwrap_or_else(|| panic!("--{long} sets `{path}`, which is not a setting"));
            assert_eq!(matches!(sets, Sets::Switch(..)), setting.kind == Kind::Switch, "--{long}");
            assert_eq!(matches!(sets, Sets::Switch(..)), value_name.is_empty(), "--{long}");
            assert!(paths.insert(path), "two flags set `{path}`");
        }
    }

    #[test]
    fn every_other_flag_has_its_place() {
        let others = OtherRunArgs::augment_args(clap::Command::new("run"));
        let others: BTreeSet<&str> = others.get_arguments().map(|arg| arg.get_id().as_str()).collect();
        let entries = GROUPS.iter().flat_map(|group| group.entries);
        let placed = entries.filter_map(|entry| match entry {
            Entry::Other(name) => Some(*name),
            Entry::Flag(_) => None,
        });
        assert_eq!(placed.collect::<BTreeSet<_>>(), others);
    }

    /// The texts have no formatting, so that they are readable in the source.
    #[test]
    fn help_names_what_the_core_has() {
        let joined = |names: Vec<&str>| names.join(", ");
        assert_eq!(flag("buffer").default, Some(DEFAULT_CAPACITY.to_string().as_str()));
        assert!(flag("buffer").details.contains(&joined(ChannelId::ALL.map(ChannelId::name).to_vec())));
        assert!(flag("batch").details.contains(&format!("up to {}", grouped(BatchSize::MAX_AUTO as u64))));
        assert!(flag("map").details.contains(&joined(Field::ALL.map(Field::as_str).to_vec())));
        let stages =
            run_settings::all().filter_map(|setting| setting.path.strip_prefix("service.")?.strip_suffix(".wait"));
        assert!(flag("wait").details.contains(&joined(stages.collect())));
        for Flag { long, sets, help, .. } in flags() {
            if let Sets::Setting(path) = *sets
                && let Some(Kind::Choice(words)) = run_settings::at(path).map(|setting| setting.kind)
                && let [first @ .., last] = words
            {
                assert!(help.contains(&format!("{} or {last}", first.join(", "))), "--{long}: {help}");
            }
        }
    }
}
