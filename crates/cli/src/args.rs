//! The command line.
//!
//! The values of settings stay text here. [`crate::settings`] interprets them together with the configuration file, so
//! that all problems are reported at once.

use anstyle::{AnsiColor, Style};
use clap::builder::styling::Styles;
use clap::builder::{PathBufValueParser, PossibleValuesParser, TypedValueParser};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use clearpipe_core::config::number::{self, NumberError};
use clearpipe_io::text;
use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;

/// A concurrent data pipeline that you can see through.
#[derive(Debug, Parser)]
#[command(name = "clearpipe", version, styles = STYLES, max_term_width = 100, after_help = EXAMPLES)]
#[command(long_about = "\
A concurrent data pipeline that you can see through.

Producer → Validators → Transformers → fan-out → Loader, Error Handler, Metrics Collector: seven stages \
that run concurrently, connected by bounded channels. Every record ends up in exactly one of two files.

Without a command, it does the reference run: 50 generated records, 3 workers.")]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// What all commands have in common.
    #[command(flatten)]
    pub global: Global,
}

impl Cli {
    /// Parses the command line. If that fails, prints the reason and exits.
    pub fn from_command_line() -> Cli {
        Cli::try_parse().unwrap_or_else(|mut error| {
            let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
            // A flag of `run` without the command.
            let of_run = ["clearpipe".into(), "run".into()].into_iter().chain(arguments.iter().cloned());
            if error.kind() == ErrorKind::UnknownArgument
                && let Ok(Cli { command: Some(Command::Run(_)), .. }) = Cli::try_parse_from(of_run)
            {
                let tip = "flags of a run come after `run`: clearpipe run …".into();
                error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip]));
            }
            exit(&error, &arguments)
        })
    }
}

/// Prints help, or what is wrong with the arguments, and exits.
fn exit(error: &clap::Error, arguments: &[OsString]) -> ! {
    let mut text = error.render().ansi().to_string();
    // clap quotes arguments whole or in part. Their contents must not look like a part of the message.
    let arguments: Vec<String> = arguments.iter().map(|argument| argument.to_string_lossy().into_owned()).collect();
    let parts = arguments.iter().flat_map(|argument| {
        let value = argument.split_once('=').map(|(_, value)| value);
        [Some(argument.as_str()), value, argument.get(2..)].into_iter().flatten()
    });
    for part in parts.chain(arguments.iter().flat_map(|argument| argument.split(','))) {
        let visible = text::visible(part);
        if visible != part {
            text = text.replace(part, &visible);
        }
    }
    let text = text::with_styles(&text);
    // If it can't be written, there is nowhere left to say so.
    let _ = match error.use_stderr() {
        true => anstream::stderr().write_all(text.as_bytes()),
        false => anstream::stdout().write_all(text.as_bytes()),
    };
    std::process::exit(error.exit_code())
}

/// What all commands have in common.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Messages")]
pub struct Global {
    /// Print only errors, and what --summary asks for.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Print more: the settings in use, and the metrics of each worker.
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// When to use colours; `auto` means on a terminal, unless NO_COLOR is set.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", hide_possible_values = true)]
    pub color: Color,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How a run is summarised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SummaryForm {
    /// For people.
    Text,
    /// For machines.
    Json,
    /// Not at all.
    None,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the pipeline on generated records or on a file.
    #[command(after_help = RUN_EXAMPLES, args_override_self = true)]
    Run(Box<RunArgs>),
    /// Measure the speed on this machine against the best achievable baseline.
    #[command(after_help = BENCH_EXAMPLES)]
    Bench(Box<BenchArgs>),
    /// Print an event log: what happened to which record, when and where.
    #[command(after_help = EVENTS_EXAMPLES)]
    Events(EventsArgs),
    /// Print a configuration file to start from, or its JSON Schema.
    #[command(after_help = CONFIG_EXAMPLES)]
    Config(ConfigArgs),
    /// Print a script that completes commands and flags in a shell.
    #[command(after_help = COMPLETIONS_EXAMPLES)]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// The flags of `clearpipe run`.
#[derive(Clone, Debug, Default, Args)]
pub struct RunArgs {
    /// Number of records to generate [default: 50].
    ///
    /// Without -n and without an input, a run refuses to start if the standard input is a file or has data, so that
    /// piped data is never ignored. If it is a pipe that stays empty for 0.3 seconds, the run refuses only if it would
    /// replace results. A terminal or /dev/null is fine.
    #[arg(short = 'n', long, value_name = "N", conflicts_with = "input", help_heading = "Records")]
    pub records: Option<String>,
    /// File to read records from, or `-` for standard input; repeat for several files.
    ///
    /// JSON Lines, other JSON (arrays, objects of several lines), CSV or TSV; compressed data (gzip, zstd, bzip2, xz)
    /// is recognised by its content. Several inputs are read one after the other, each with its own format and header.
    /// FILE can also be a quoted pattern such as 'logs/*.csv', or a folder, whose files with a known extension are read
    /// in order of their names.
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Records")]
    pub input: Vec<PathBuf>,
    /// Add a field with the name of its input to each record, in both files.
    #[arg(long, value_name = "NAME", help_heading = "Records")]
    pub source_field: Option<String>,
    /// Read at most this number of records.
    ///
    /// The limit applies to all inputs together. The run ends without waiting for further input, and both files are
    /// complete for the records read. For generated records, use -n.
    #[arg(long, value_name = "N", help_heading = "Records")]
    pub head: Option<String>,
    /// The format of the input: auto, jsonl, csv or tsv [default: auto].
    ///
    /// `auto` goes by the extension, or by the first line if the extension is not known.
    #[arg(long, value_name = "FORMAT", value_parser = ["auto", "jsonl", "csv", "tsv"], hide_possible_values = true)]
    #[arg(help_heading = "Records")]
    pub format: Option<String>,
    /// The character encoding of the input, such as utf-16le or windows-1252 [default: auto].
    ///
    /// `auto` is UTF-8, or UTF-16 if the input starts like it. A byte order mark always takes precedence.
    #[arg(long, value_name = "NAME", help_heading = "Records")]
    pub encoding: Option<String>,
    /// Take a field from a column, or from a constant in quotes; repeat for each field.
    ///
    /// The fields are id, timestamp, sensor_id, value, unit, location. A field that isn't mapped comes from the column
    /// of the same name; without an id, the row number is used. Examples: `--map value=temp_max`,
    /// `--map "value=Water flow [l/s]"`, `--map "unit='l/s'"`.
    #[arg(short, long, value_name = "FIELD=COLUMN", help_heading = "Records")]
    pub map: Vec<String>,
    /// The delimiter of CSV cells [default: a comma].
    #[arg(long, value_name = "CHAR", help_heading = "Records")]
    pub delimiter: Option<String>,
    /// The maximum length of a line in bytes; longer lines fail [default: 1048576].
    #[arg(long, value_name = "BYTES", help_heading = "Records")]
    pub max_line: Option<String>,
    /// Prefix for input fields whose names the pipeline uses itself [default: input_].
    ///
    /// These are status, error, processed_at, anomaly_score and is_anomaly: a status in the input is kept as
    /// input_status. If the pipeline itself wrote the input, they are replaced instead.
    #[arg(long, value_name = "PREFIX", help_heading = "Records")]
    pub rename_prefix: Option<String>,
    /// Maximum number of records per second; 0 means no limit [default: 0].
    #[arg(long, value_name = "N", help_heading = "Records")]
    pub rate_limit: Option<String>,

    /// The folder for the two files; created if missing [default: the current one].
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath, help_heading = "Results")]
    pub out_dir: Option<PathBuf>,
    /// The file for processed records; `-` is the standard output [default: processed_data.jsonl].
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Results")]
    pub processed: Option<PathBuf>,
    /// The file for failed records; `-` is the standard output [default: failed_data.jsonl].
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Results")]
    pub failed: Option<PathBuf>,
    /// Write the metrics as JSON; `-` is the standard output.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Results")]
    pub metrics: Option<PathBuf>,
    /// Write the event log: what happened to each record, when and where. `clearpipe events` prints it.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Results")]
    pub trace: Option<PathBuf>,
    /// Trace every Nth record [default: 1].
    #[arg(long, value_name = "N", requires = "trace", help_heading = "Results")]
    pub trace_sample: Option<String>,
    /// Exit with status 1 if more records fail than this: a number, or a percentage such as `2%`.
    ///
    /// The files are written either way. By default, failed records don't affect the exit status.
    #[arg(long, value_name = "N|P%", help_heading = "Results")]
    pub max_failed: Option<MaxFailed>,
    /// Stop at the first record that fails, and exit with status 1.
    ///
    /// Records in flight are finished, and both files hold everything up to then. The message says which record failed
    /// and why; if the output is ordered, it is the first record in the failed file.
    #[arg(long, help_heading = "Results")]
    pub fail_fast: bool,
    /// The summary of the run: text, json or none [default: text; with --quiet, none].
    ///
    /// It goes to the standard output, or to the standard error if records go to the standard output. json is an object
    /// on one line: exit_status, stopped, produced, processed, failed, failed_by_status, anomalies, total_value,
    /// elapsed_seconds, records_per_second, input_bytes, reasons (code, status, fields, error, example, count,
    /// first_input, first_line and first_column of each), reasons_of, files (processed, failed, metrics, trace). With
    /// --quiet it is all that is printed, apart from errors.
    #[arg(long, value_name = "FORM", hide_possible_values = true, help_heading = "Results")]
    pub summary: Option<SummaryForm>,
    /// Wait until the files are on disk, so that they survive a power failure.
    ///
    /// Without it, they survive a crash of the program, but not of the system. It takes as long as the disk needs to
    /// write what is still in memory: on a fast disk 5 ms for a small run, and 4 % of the time for a million records
    /// (250 MB); on a slow disk much more.
    #[arg(long, help_heading = "Results")]
    pub fsync: bool,
    /// If the run is interrupted, replace earlier results with the incomplete new ones.
    ///
    /// Without it, Ctrl-C leaves earlier results as they are, and saves the new ones beside them as NAME.partial (or
    /// NAME.partial-2 and so on, if that exists).
    #[arg(long, help_heading = "Results")]
    pub keep_partial: bool,

    /// Number of Validators, and of Transformers [default: 3].
    #[arg(short, long, value_name = "N", help_heading = "Pipeline")]
    pub workers: Option<String>,
    /// Number of Validators [default: --workers].
    #[arg(long, value_name = "N", help_heading = "Pipeline")]
    pub validators: Option<String>,
    /// Number of Transformers [default: --workers].
    #[arg(long, value_name = "N", help_heading = "Pipeline")]
    pub transformers: Option<String>,
    /// The capacity of all channels, in records, or of one: `--buffer errorCh=5` [default: 100].
    ///
    /// It is never exceeded, and it limits the batch size. If only the batch size is larger than 100, the default is
    /// four batches. The channels are dataCh, validCh, processedCh, errorCh, loaderCh, errorHandlerCh, metricsCh.
    #[arg(short, long, value_name = "[CHANNEL=]N", help_heading = "Pipeline")]
    pub buffer: Vec<String>,
    /// Maximum number of records in a batch, or `auto` [default: auto].
    ///
    /// `auto` starts at 1 and doubles with each batch up to 1,024. It stays at 1 if a stage takes time (--wait,
    /// --compute), or if no more than 1,024 records are generated. With --rate-limit and no bursts, records that are
    /// due within 10 ms travel together. The results don't depend on the batch size.
    #[arg(long, value_name = "N|auto", help_heading = "Pipeline")]
    pub batch: Option<String>,
    /// Write records as they finish, not in the order of production.
    #[arg(long, help_heading = "Pipeline")]
    pub unordered: bool,
    /// Maximum number of records in flight when the output is ordered [default: what channels and workers hold].
    ///
    /// Bytes of input are bounded as well, ordered or not: --set window_bytes=N [default: 33554432].
    #[arg(long, value_name = "N", conflicts_with = "unordered", help_heading = "Pipeline")]
    pub window: Option<String>,

    /// Where the stages run: pool, local or virtual [default: pool].
    ///
    /// pool: on a pool of threads. local: all on one thread. virtual: all on one thread, in simulated time on simulated
    /// cores; the same seed gives the same run, event for event.
    #[arg(long, value_name = "RUNTIME", value_parser = ["pool", "local", "virtual"], hide_possible_values = true)]
    #[arg(help_heading = "Runtime")]
    pub runtime: Option<String>,
    /// Number of threads in the pool [default: one per core].
    #[arg(short, long, value_name = "N", help_heading = "Runtime")]
    pub threads: Option<String>,
    /// Number of simulated cores of the virtual runtime [default: 4].
    #[arg(long, value_name = "N", help_heading = "Runtime")]
    pub cores: Option<String>,

    /// Make a stage wait for each record, as if for I/O: `validator=5ms`, or at random: `validator=0-20ms`.
    ///
    /// Waiting occupies no thread, so it scales with workers. The stages are producer, validator, transformer, loader,
    /// error_handler, metrics_collector. Units: ns, us, ms, s.
    #[arg(long, value_name = "STAGE=TIME", help_heading = "Load and faults")]
    pub wait: Vec<String>,
    /// Make a stage compute for each record: `transformer=1ms`.
    ///
    /// Computing keeps a thread busy, so it scales with cores. Stages and units are those of --wait.
    #[arg(long, value_name = "STAGE=TIME", help_heading = "Load and faults")]
    pub compute: Vec<String>,
    /// Which generated records get the value −1: `every N`, `5%` or `off` [default: every 10].
    #[arg(long, value_name = "WHICH", help_heading = "Load and faults")]
    pub invalid_value: Option<String>,
    /// Which generated records get the unit INVALID_UNIT: `every N`, `5%` or `off` [default: every 11].
    #[arg(long, value_name = "WHICH", help_heading = "Load and faults")]
    pub invalid_unit: Option<String>,
    /// Make a stage panic on some records: `validator=1%`, `transformer="every 100"`.
    #[arg(long, value_name = "STAGE=WHICH", help_heading = "Load and faults")]
    pub panic: Vec<String>,

    /// Read settings from a YAML, JSON or TOML file; flags override it.
    ///
    /// `clearpipe config --example` prints one with all settings and their defaults.
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Settings")]
    pub config: Option<PathBuf>,
    /// Set any setting by its name in the configuration file, as in `--set transformer.threshold=9`.
    ///
    /// Values are written as in YAML or JSON; lists need no brackets: `--set generator.locations=North,South`. Here and
    /// in all other flags and files, 1,000 and 1_000 mean 1000; decimal commas are rejected.
    #[arg(long, value_name = "NAME=VALUE", help_heading = "Settings")]
    pub set: Vec<String>,
    /// The seed of all random numbers: the same seed gives the same records [default: 1].
    #[arg(long, value_name = "N", help_heading = "Settings")]
    pub seed: Option<String>,
    /// The clock: `system`, or `fixed:` followed by an RFC 3339 time [default: system].
    ///
    /// It sets `processed_at`, and `timestamp` of generated records. With a fixed clock, two runs are identical byte
    /// for byte.
    #[arg(long, value_name = "CLOCK", help_heading = "Settings")]
    pub clock: Option<String>,
}

/// The flags of `clearpipe bench`.
#[derive(Clone, Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct BenchArgs {
    /// Anything other than scenarios.
    #[command(subcommand)]
    pub command: Option<BenchCommand>,
    /// What to measure; --list explains each [default: generated, or with --compare, the scenarios of the old report].
    #[arg(value_name = "SCENARIO", value_parser = PossibleValuesParser::new(clearpipe_bench::scenarios::names()))]
    pub scenarios: Vec<String>,
    /// List the scenarios.
    #[arg(short, long)]
    pub list: bool,
    /// How it is measured.
    #[command(flatten)]
    pub measuring: Measuring,
    /// Numbers of threads, separated by commas.
    #[arg(short, long, value_name = "N,…", value_delimiter = ',', default_value = "1,2", value_parser = threads)]
    pub threads: Vec<usize>,
    /// The folder for temporary files [default: that of the system].
    ///
    /// A scenario with files takes about 600 bytes per record.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub dir: Option<PathBuf>,
}

/// How something is measured.
#[derive(Clone, Debug, Args)]
pub struct Measuring {
    /// The number of records of each measurement [default: 1000000; 500000 for each point of a sweep].
    ///
    /// If records travel one by one or in small batches, a tenth of this number is used.
    #[arg(short = 'n', long, value_name = "N", value_parser = at_least_one)]
    pub records: Option<u64>,
    /// The number of rounds, each of which measures everything once; the median is shown.
    #[arg(short, long, value_name = "N", default_value = "5", value_parser = rounds)]
    pub repeats: u32,
    /// Write all measurements as JSON; `-` is the standard output.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub json: Option<PathBuf>,
    /// Compare with an old report that --json wrote.
    ///
    /// Changes smaller than the spread of the rounds are marked as noise. The scenarios and the number of records
    /// default to those of the old report.
    #[arg(long, value_name = "OLD.json", value_hint = ValueHint::FilePath)]
    pub compare: Option<PathBuf>,
}

/// What `clearpipe bench` does besides scenarios.
#[derive(Clone, Debug, Subcommand)]
pub enum BenchCommand {
    /// Measure workers × buffers × batches, and what limits each point.
    #[command(after_help = SWEEP_EXAMPLES)]
    Sweep(Box<SweepArgs>),
    /// Compare two reports without measuring anything.
    Compare {
        /// The old report, as written by --json.
        #[arg(value_name = "OLD.json", value_hint = ValueHint::FilePath)]
        old: PathBuf,
        /// The new report.
        #[arg(value_name = "NEW.json", value_hint = ValueHint::FilePath)]
        new: PathBuf,
    },
}

/// The flags of `clearpipe bench sweep`.
#[derive(Clone, Debug, Args)]
pub struct SweepArgs {
    /// Numbers of Validators and of Transformers, separated by commas.
    #[arg(short, long, value_name = "N,…", value_delimiter = ',', default_value = "1,2,4,8")]
    pub workers: Vec<String>,
    /// Capacities of the channels, in records; `auto` is four batches. A small capacity limits the batch.
    #[arg(short, long, value_name = "N|auto,…", value_delimiter = ',', default_value = "1,10,100,1000")]
    pub buffer: Vec<String>,
    /// Maximum numbers of records in a batch.
    #[arg(long, value_name = "N|auto,…", value_delimiter = ',', default_value = "1,16,256,auto")]
    pub batch: Vec<String>,
    /// Numbers of threads, separated by commas.
    #[arg(short, long, value_name = "N,…", value_delimiter = ',', default_value = "2")]
    pub threads: Vec<String>,
    /// Make a stage wait for each record, as in `clearpipe run`: `validator=1ms`. Use few records then.
    #[arg(long, value_name = "STAGE=TIME")]
    pub wait: Vec<String>,
    /// Make a stage compute for each record: `transformer=20us`.
    #[arg(long, value_name = "STAGE=TIME")]
    pub compute: Vec<String>,
    /// Set any setting of `clearpipe run` at all points, as in `--set ordered=false`.
    #[arg(long, value_name = "NAME=VALUE")]
    pub set: Vec<String>,
    /// Draw the measurements as an .svg, or as an .html page that also has all figures.
    #[arg(long, value_name = "FILE.svg|FILE.html", value_hint = ValueHint::FilePath, value_parser = chart_file())]
    pub chart: Option<ChartFile>,
    /// How it is measured.
    #[command(flatten)]
    pub measuring: Measuring,
}

/// Where a chart goes.
#[derive(Clone, Debug, PartialEq)]
pub struct ChartFile {
    /// The file.
    pub path: PathBuf,
    /// Whether it is a page rather than a picture.
    pub is_page: bool,
}

fn chart_file() -> impl TypedValueParser<Value = ChartFile> {
    PathBufValueParser::new().try_map(ChartFile::try_from)
}

impl TryFrom<PathBuf> for ChartFile {
    type Error = String;

    fn try_from(path: PathBuf) -> Result<ChartFile, String> {
        match path.extension().and_then(|extension| extension.to_str()).map(str::to_lowercase).as_deref() {
            Some("svg") => Ok(ChartFile { path, is_page: false }),
            Some("html" | "htm") => Ok(ChartFile { path, is_page: true }),
            _ => Err("name it .svg or .html".to_owned()),
        }
    }
}

/// A number of threads that a pool may have.
fn threads(text: &str) -> Result<usize, String> {
    match whole(text, "write a number from 1 to 1024")? {
        threads @ 1..=1024 => Ok(threads as usize),
        _ => Err("write a number from 1 to 1024".to_owned()),
    }
}

fn at_least_one(text: &str) -> Result<u64, String> {
    match whole(text, "write a number, at least 1")? {
        0 => Err("write a number, at least 1".to_owned()),
        number => Ok(number),
    }
}

fn rounds(text: &str) -> Result<u32, String> {
    at_least_one(text)?.try_into().map_err(|_| "too many".to_owned())
}

fn record(text: &str) -> Result<u64, String> {
    whole(text, "write the number of a record, from 0")
}

/// A number, or what is wrong with it; `what` to write if it isn't a number at all.
fn whole(text: &str, what: &str) -> Result<u64, String> {
    number::whole(text).map_err(|error| why(error, what))
}

fn why(error: NumberError, what: &str) -> String {
    if error == NumberError::NoNumber { what.to_owned() } else { error.to_string() }
}

/// The flags of `clearpipe events`.
#[derive(Clone, Debug, Args)]
pub struct EventsArgs {
    /// The event log, as `clearpipe run --trace FILE` writes it.
    ///
    /// Prints one line per event, in order of time: seconds since the start of the run, the stage or channel, the
    /// worker (counted from 1, with --json from 0; for a channel, the one that sends or receives), the thread, what
    /// happened, and to which record.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// Print JSON Lines: time_ns, place, worker, thread, kind, record.
    #[arg(long, conflicts_with = "chrome")]
    pub json: bool,
    /// Follow one record, given by its position in the order of production, from 0.
    #[arg(long, value_name = "N", value_parser = record)]
    pub record: Option<u64>,
    /// Write a trace for Perfetto (ui.perfetto.dev) or Chrome; `-` is the standard output.
    ///
    /// It has a track for each worker and each thread, and a counter for each channel.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub chrome: Option<PathBuf>,
}

/// The flags of `clearpipe config`.
#[derive(Clone, Debug, Args)]
#[group(required = true, multiple = false)]
pub struct ConfigArgs {
    /// Print a commented YAML file with all settings and their defaults.
    #[arg(long)]
    pub example: bool,
    /// Print the JSON Schema of the configuration, for editors.
    #[arg(long)]
    pub schema: bool,
}

/// How many records may fail.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MaxFailed {
    /// A number of records.
    Count(u64),
    /// A percentage.
    Percent(f64),
}

impl MaxFailed {
    /// Whether `failed` of `all` records are more than allowed.
    pub fn is_exceeded(self, failed: u64, all: u64) -> bool {
        match self {
            MaxFailed::Count(most) => failed > most,
            MaxFailed::Percent(most) => failed as f64 * 100.0 > most * all as f64,
        }
    }
}

impl std::str::FromStr for MaxFailed {
    type Err = String;

    fn from_str(text: &str) -> Result<MaxFailed, String> {
        const WHAT: &str = "write a number of records such as 10, or a percentage from 0% to 100%";
        match text.strip_suffix('%') {
            None => whole(text, WHAT).map(MaxFailed::Count),
            Some(percent) => match number::decimal(percent).map_err(|error| why(error, WHAT))? {
                percent @ 0.0..=100.0 => Ok(MaxFailed::Percent(percent)),
                _ => Err(WHAT.to_owned()),
            },
        }
    }
}

impl std::fmt::Display for MaxFailed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            MaxFailed::Count(count) => write!(f, "{count}"),
            MaxFailed::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

/// The colours of help and of errors in usage.
const STYLES: Styles = Styles::styled()
    .header(Style::new().bold())
    .usage(Style::new().bold())
    .literal(AnsiColor::Cyan.on_default())
    .placeholder(Style::new().dimmed())
    .error(AnsiColor::Red.on_default().bold())
    .valid(AnsiColor::Cyan.on_default())
    .invalid(AnsiColor::Yellow.on_default());

const EXAMPLES: &str = "\
Examples:
  clearpipe                                     the reference run: 50 records, 3 workers
  clearpipe run -n 1000000                      a million records, as fast as possible
  clearpipe run -i sensors.jsonl.gz             a file
  clearpipe run --help                          all settings of a run
  clearpipe bench                               how fast it is on this machine

Exit status: 0 success, 1 the run failed, 2 wrong usage or settings, 130 interrupted.";

const RUN_EXAMPLES: &str = "\
Examples:
  A gzipped file, with the results in a folder of their own:
    clearpipe run -i sensors.jsonl.gz -o results

  A CSV file whose columns have other names:
    clearpipe run -i seattle-weather.csv -m timestamp=date -m value=temp_max \\
      -m \"unit='C'\" -m \"sensor_id='seattle'\" -m \"location='Seattle'\"

  In a pipeline, with the failed records in a file:
    zcat *.jsonl.gz | clearpipe run -i - --processed - --failed failed.jsonl | head

  The same bytes on every machine and every runtime:
    clearpipe run -n 1000000 --clock fixed:2026-01-01T00:00:00Z

  A slow Transformer on one core, in simulated time, with the event log:
    clearpipe run -n 1000 --runtime virtual --cores 1 --compute transformer=1ms --trace run.events

  In CI: fail if more than 1 % of the records fail, with a JSON summary:
    clearpipe run -q -i export.csv --max-failed 1% --summary json

Exit status:
  0    success, also if the reader of the results stopped reading
  1    the run failed: an input can't be read to its end, an output can't be written, more records failed than
       --max-failed allows, or one did with --fail-fast
  2    wrong usage or settings, or an input that is missing or doesn't fit them; nothing was written
  130  interrupted by Ctrl-C; 143 by SIGTERM, 129 by SIGHUP
Failed records don't affect the exit status, except with --max-failed or --fail-fast.";

const BENCH_EXAMPLES: &str = "\
Examples:
  The pipeline against a loop without channels, in a few seconds:
    clearpipe bench

  Files on a particular disk:
    clearpipe bench jsonl csv files --dir /mnt/disk

  Everything, with many rounds, saved for later:
    clearpipe bench all -n 5000000 -r 11 --json before.json

  What a change gained, measured now or earlier:
    clearpipe bench --compare before.json --json after.json
    clearpipe bench compare before.json after.json

  Which workers, buffers and batches are best:
    clearpipe bench sweep --chart sweep.html

Each round measures everything in a scenario once. Ratios are relative to the first line of a table.";

const SWEEP_EXAMPLES: &str = "\
Examples:
  clearpipe bench sweep --chart sweep.svg --json sweep.json
  clearpipe bench sweep --workers 1,10,100 --buffer 100 --batch 1 --wait validator=1ms -n 2000
  clearpipe bench sweep --threads 1,2,4 --buffer auto --batch auto";

const EVENTS_EXAMPLES: &str = "\
Examples:
  clearpipe run -n 1000 --trace run.events
  clearpipe events run.events | less
  clearpipe events run.events --record 7
  clearpipe events run.events --chrome trace.json    then open it at ui.perfetto.dev";

const CONFIG_EXAMPLES: &str = "\
Examples:
  clearpipe config --example > clearpipe.yaml
  clearpipe run --config clearpipe.yaml
  clearpipe config --schema > clearpipe.schema.json";

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  clearpipe completions bash > ~/.local/share/bash-completion/completions/clearpipe
  clearpipe completions zsh > \"${fpath[1]}/_clearpipe\"
  clearpipe completions fish > ~/.config/fish/completions/clearpipe.fish";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    #[test]
    fn how_many_may_fail() {
        let most = |text: &str| text.parse::<MaxFailed>();
        assert_eq!(most("10"), Ok(MaxFailed::Count(10)));
        assert_eq!(most("1,000"), Ok(MaxFailed::Count(1000)));
        assert_eq!(most("0.5%"), Ok(MaxFailed::Percent(0.5)));
        assert!(most("1,5%").unwrap_err().ends_with("write 1.5"));
        assert!(most("1,00").unwrap_err().ends_with("write 1.00"));
        assert!(most("101%").is_err() && most("-1").is_err() && most("few").is_err() && most("").is_err());
        assert!(!most("9").unwrap().is_exceeded(9, 50) && most("8").unwrap().is_exceeded(9, 50));
        assert!(!most("18%").unwrap().is_exceeded(9, 50) && most("17.9%").unwrap().is_exceeded(9, 50));
        assert!(!most("0%").unwrap().is_exceeded(0, 0));
    }
}
