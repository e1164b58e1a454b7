//! The command line.
//!
//! A flag of a setting is taken as a text: what it means is decided where files are read too, in [`crate::settings`],
//! so that all problems are named at once.

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
that run at once, joined by bounded channels. Every record ends in exactly one of two files.

Without a command it does the reference run: 50 generated records, 3 workers.")]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// What all commands have in common.
    #[command(flatten)]
    pub global: Global,
}

impl Cli {
    /// Reads the command line; where that is not possible, says why and ends the program.
    pub fn from_command_line() -> Cli {
        Cli::try_parse().unwrap_or_else(|mut error| {
            let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
            // A flag of `run` in the place of the command.
            let of_run = ["clearpipe".into(), "run".into()].into_iter().chain(arguments.iter().cloned());
            if error.kind() == ErrorKind::UnknownArgument
                && let Ok(Cli { command: Some(Command::Run(_)), .. }) = Cli::try_parse_from(of_run)
            {
                let tip = "what a run is to do comes after `run`: clearpipe run …".into();
                error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip]));
            }
            exit(&error, &arguments)
        })
    }
}

/// Prints help, or what is wrong with the arguments, and ends the program.
fn exit(error: &clap::Error, arguments: &[OsString]) -> ! {
    let mut text = error.render().ansi().to_string();
    // Arguments are quoted whole or in part. What they have in them must not look like a part of the message.
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
    /// Print nothing but errors, and what --summary asks for.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Print more: the settings in use, and the figures of each worker.
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// When to use colours; `auto` respects NO_COLOR and does without when the output is no terminal.
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
    /// Measure how fast it is here, beside what can be had at best.
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
    /// The number of records to generate [default: 50].
    ///
    /// Without it, and without an input, the run is refused if the standard input is a file or has data, so that piped data
    /// is never ignored. A pipe that stays empty for 0.3 seconds is refused only if results would be replaced. A terminal
    /// and /dev/null don't matter.
    #[arg(short = 'n', long, value_name = "N", conflicts_with = "input", help_heading = "Records")]
    pub records: Option<String>,
    /// File to read records from, `-` for standard input; repeat it for several.
    ///
    /// JSON Lines, other JSON (arrays, objects of several lines), CSV or TSV; compressed data (gzip, zstd, bzip2, xz) is
    /// recognised by its content. Several inputs are read one after the other, each with its own format and header. FILE
    /// can also be a quoted pattern such as 'logs/*.csv', or a folder: its files with a known extension are read in the
    /// order of their names.
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Records")]
    pub input: Vec<PathBuf>,
    /// Add a field with the name of the input to each record, in both files.
    #[arg(long, value_name = "NAME", help_heading = "Records")]
    pub source_field: Option<String>,
    /// Read only the first records of the input, up to this number.
    ///
    /// Of several inputs, it is the number for all together. Both files are complete for what was read; nothing behind it
    /// is waited for. Generated records are counted by -n.
    #[arg(long, value_name = "N", help_heading = "Records")]
    pub head: Option<String>,
    /// The format of the input: auto, jsonl, csv or tsv [default: auto].
    ///
    /// `auto` goes by the extension, and where that doesn't tell, by the first line.
    #[arg(long, value_name = "FORMAT", value_parser = ["auto", "jsonl", "csv", "tsv"], hide_possible_values = true)]
    #[arg(help_heading = "Records")]
    pub format: Option<String>,
    /// The character encoding of the input, such as utf-16le or windows-1252 [default: auto].
    ///
    /// `auto` is UTF-8, and UTF-16 where the input begins like it. A byte order mark always decides.
    #[arg(long, value_name = "NAME", help_heading = "Records")]
    pub encoding: Option<String>,
    /// Take a field from a column, or from a constant in quotes; repeat it for each field.
    ///
    /// The fields are id, timestamp, sensor_id, value, unit, location. One that isn't mapped comes from the column of its
    /// own name; without an id, the number of the row makes one. Examples: `--map value=temp_max`,
    /// `--map "value=Water flow [l/s]"`, `--map "unit='l/s'"`.
    #[arg(short, long, value_name = "FIELD=COLUMN", help_heading = "Records")]
    pub map: Vec<String>,
    /// What separates the cells of a CSV file [default: a comma].
    #[arg(long, value_name = "CHAR", help_heading = "Records")]
    pub delimiter: Option<String>,
    /// The longest line that is read as a record, in bytes; a longer one fails [default: 1048576].
    #[arg(long, value_name = "BYTES", help_heading = "Records")]
    pub max_line: Option<String>,
    /// Prefix for input fields named like those that the pipeline writes itself [default: input_].
    ///
    /// These are status, error, processed_at, anomaly_score and is_anomaly: a status of the input is kept as input_status.
    /// Where the input is a file that the pipeline wrote, they are replaced.
    #[arg(long, value_name = "PREFIX", help_heading = "Records")]
    pub rename_prefix: Option<String>,
    /// The most records a second; 0 is no limit [default: 0].
    #[arg(long, value_name = "N", help_heading = "Records")]
    pub rate_limit: Option<String>,

    /// The folder of the two files; made if it is missing [default: the current one].
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath, help_heading = "Results")]
    pub out_dir: Option<PathBuf>,
    /// The file of the processed records; `-` is the standard output [default: processed_data.jsonl].
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Results")]
    pub processed: Option<PathBuf>,
    /// The file of the failed records; `-` is the standard output [default: failed_data.jsonl].
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Results")]
    pub failed: Option<PathBuf>,
    /// Write the metrics as JSON; `-` is the standard output.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Results")]
    pub metrics: Option<PathBuf>,
    /// Write the event log: what happened to which record, when and where. `clearpipe events` prints it.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Results")]
    pub trace: Option<PathBuf>,
    /// Trace one record in N [default: 1].
    #[arg(long, value_name = "N", requires = "trace", help_heading = "Results")]
    pub trace_sample: Option<String>,
    /// Exit with 1 if more records fail than this: a number, or a share of all such as `2%`.
    ///
    /// The files are written all the same. Without it, failed records don't make the run fail.
    #[arg(long, value_name = "N|P%", help_heading = "Results")]
    pub max_failed: Option<MaxFailed>,
    /// Stop at the first record that fails, and exit with 1.
    ///
    /// Records in flight are finished, and both files hold everything up to then. The message says which record failed and
    /// why; if the output is ordered, it is the first one in the failed file.
    #[arg(long, help_heading = "Results")]
    pub fail_fast: bool,
    /// The summary of the run: text, json or none [default: text; with --quiet, none].
    ///
    /// It goes to the standard output, or to the standard error if records go to the first. json is an object on a line:
    /// exit_status, stopped, produced, processed, failed, failed_by_status, anomalies, total_value, elapsed_seconds,
    /// records_per_second, input_bytes, reasons (code, status, fields, error, example, count, first_input, first_line and
    /// first_column of each), reasons_of, files (processed, failed, metrics, trace). With --quiet it is all that is
    /// printed, apart from errors.
    #[arg(long, value_name = "FORM", hide_possible_values = true, help_heading = "Results")]
    pub summary: Option<SummaryForm>,
    /// Wait until the files are on the disk, so that they survive a loss of power.
    ///
    /// Without it they survive the end of the program, however it ends, but not that of the system. It takes as long as
    /// the disk needs for what is still in memory: on a fast disk 5 ms for a small run, and 4 % of the time for a million
    /// records (250 MB); on a slow one much more.
    #[arg(long, help_heading = "Results")]
    pub fsync: bool,
    /// If the run is stopped, replace earlier results by those so far.
    ///
    /// Without it, Ctrl-C leaves earlier results as they are, and puts those so far beside them, as NAME.partial
    /// (or NAME.partial-2 and so on, if that exists).
    #[arg(long, help_heading = "Results")]
    pub keep_partial: bool,

    /// The number of Validators and of Transformers, each [default: 3].
    #[arg(short, long, value_name = "N", help_heading = "Pipeline")]
    pub workers: Option<String>,
    /// The number of Validators [default: --workers].
    #[arg(long, value_name = "N", help_heading = "Pipeline")]
    pub validators: Option<String>,
    /// The number of Transformers [default: --workers].
    #[arg(long, value_name = "N", help_heading = "Pipeline")]
    pub transformers: Option<String>,
    /// The capacity of the channels, in records, or of one of them: `--buffer errorCh=5` [default: 100].
    ///
    /// It is never exceeded, and it limits the batch. Where only the batch is larger than 100, the default is four
    /// batches. The channels are dataCh, validCh, processedCh, errorCh, loaderCh, errorHandlerCh, metricsCh.
    #[arg(short, long, value_name = "[CHANNEL=]N", help_heading = "Pipeline")]
    pub buffer: Vec<String>,
    /// How many records travel together at most: a number, or `auto` [default: auto].
    ///
    /// `auto` starts with 1 and doubles with each batch up to 1,024. It stays 1 where a stage takes time (--wait,
    /// --compute), and where no more than 1,024 records are generated. With --rate and no bursts, those that are due
    /// within 10 ms travel together. The results are the same.
    #[arg(long, value_name = "N|auto", help_heading = "Pipeline")]
    pub batch: Option<String>,
    /// Write records as they come, not in the order of production.
    #[arg(long, help_heading = "Pipeline")]
    pub unordered: bool,
    /// How many records are in flight at most when the output is ordered [default: what channels and workers hold].
    ///
    /// Bytes of input are bounded as well, ordered or not: --set window_bytes=N [default: 33554432].
    #[arg(long, value_name = "N", conflicts_with = "unordered", help_heading = "Pipeline")]
    pub window: Option<String>,

    /// Where the stages run: pool, local or virtual [default: pool].
    ///
    /// pool: on threads. local: all on one thread. virtual: all on one thread, in simulated time on simulated cores; the
    /// same seed is the same run, event for event.
    #[arg(long, value_name = "RUNTIME", value_parser = ["pool", "local", "virtual"], hide_possible_values = true)]
    #[arg(help_heading = "Runtime")]
    pub runtime: Option<String>,
    /// The number of threads of the pool [default: one for each core].
    #[arg(short, long, value_name = "N", help_heading = "Runtime")]
    pub threads: Option<String>,
    /// The number of simulated cores of the virtual runtime [default: 4].
    #[arg(long, value_name = "N", help_heading = "Runtime")]
    pub cores: Option<String>,

    /// Let a stage wait for each record, as for I/O: `validator=5ms`, or at random: `validator=0-20ms`.
    ///
    /// Waiting takes no thread, so it scales with workers. The stages are producer, validator, transformer, loader,
    /// error_handler, metrics_collector. Units: ns, us, ms, s.
    #[arg(long, value_name = "STAGE=TIME", help_heading = "Load and faults")]
    pub wait: Vec<String>,
    /// Let a stage compute for each record: `transformer=1ms`.
    ///
    /// Computing keeps a thread busy, so it scales with cores. Stages and units as for --wait.
    #[arg(long, value_name = "STAGE=TIME", help_heading = "Load and faults")]
    pub compute: Vec<String>,
    /// Which generated records get the value −1: `every N`, `5%` or `off` [default: every 10].
    #[arg(long, value_name = "WHICH", help_heading = "Load and faults")]
    pub invalid_value: Option<String>,
    /// Which generated records get the unit INVALID_UNIT: `every N`, `5%` or `off` [default: every 11].
    #[arg(long, value_name = "WHICH", help_heading = "Load and faults")]
    pub invalid_unit: Option<String>,
    /// Let a stage panic on some records: `validator=1%`, `transformer="every 100"`.
    #[arg(long, value_name = "STAGE=WHICH", help_heading = "Load and faults")]
    pub panic: Vec<String>,

    /// Read the settings from a YAML, JSON or TOML file; flags override it.
    ///
    /// `clearpipe config --example` prints one with all settings and their defaults.
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Settings")]
    pub config: Option<PathBuf>,
    /// Set any setting by its name in the configuration file, as in `--set transformer.threshold=9`.
    ///
    /// The value is as in YAML or JSON; a list needs no brackets: `--set generator.locations=North,South`. Thousands may be
    /// separated as in 1,000 or 1_000, here and in all other flags and files; a decimal comma is refused.
    #[arg(long, value_name = "NAME=VALUE", help_heading = "Settings")]
    pub set: Vec<String>,
    /// The seed of all random numbers: the same seed gives the same records [default: 1].
    #[arg(long, value_name = "N", help_heading = "Settings")]
    pub seed: Option<String>,
    /// The clock: `system`, or `fixed:` and an RFC 3339 time [default: system].
    ///
    /// It gives `timestamp` of generated records and `processed_at`. A fixed one makes two runs the same byte for byte.
    #[arg(long, value_name = "CLOCK", help_heading = "Settings")]
    pub clock: Option<String>,
}

/// The flags of `clearpipe bench`.
#[derive(Clone, Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct BenchArgs {
    /// Something else than scenarios.
    #[command(subcommand)]
    pub command: Option<BenchCommand>,
    /// What to measure; --list explains each [default: generated, or with --compare, what the old report has].
    #[arg(value_name = "SCENARIO", value_parser = PossibleValuesParser::new(clearpipe_bench::scenarios::names()))]
    pub scenarios: Vec<String>,
    /// List the scenarios.
    #[arg(short, long)]
    pub list: bool,
    /// How it is measured.
    #[command(flatten)]
    pub measuring: Measuring,
    /// The numbers of threads, separated by commas.
    #[arg(short, long, value_name = "N,…", value_delimiter = ',', default_value = "1,2", value_parser = threads)]
    pub threads: Vec<usize>,
    /// The folder for files that are read and written; they are removed at the end [default: that of the system].
    ///
    /// A scenario with files takes about 600 bytes for each record.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub dir: Option<PathBuf>,
}

/// How something is measured.
#[derive(Clone, Debug, Args)]
pub struct Measuring {
    /// The records of each measurement [default: 1000000; 500000 for each point of a sweep].
    ///
    /// Where records travel one by one or in small batches, a tenth of them is enough, and is taken.
    #[arg(short = 'n', long, value_name = "N", value_parser = at_least_one)]
    pub records: Option<u64>,
    /// The number of rounds, in which all are measured in turn; the median is shown.
    #[arg(short, long, value_name = "N", default_value = "5", value_parser = rounds)]
    pub repeats: u32,
    /// Write all measurements as JSON; `-` is the standard output.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub json: Option<PathBuf>,
    /// Show an old report, which --json has written, beside the new one, and what has changed.
    ///
    /// Changes that are smaller than the spread of the rounds are marked as noise. Where scenarios or the number of
    /// records are not named, they are those of the old report.
    #[arg(long, value_name = "OLD.json", value_hint = ValueHint::FilePath)]
    pub compare: Option<PathBuf>,
}

/// What `clearpipe bench` does beside scenarios.
#[derive(Clone, Debug, Subcommand)]
pub enum BenchCommand {
    /// Measure workers × buffers × batches, and say at each point what limits it.
    #[command(after_help = SWEEP_EXAMPLES)]
    Sweep(Box<SweepArgs>),
    /// Show two reports side by side, and measure nothing.
    Compare {
        /// The old report, which --json has written.
        #[arg(value_name = "OLD.json", value_hint = ValueHint::FilePath)]
        old: PathBuf,
        /// The new one.
        #[arg(value_name = "NEW.json", value_hint = ValueHint::FilePath)]
        new: PathBuf,
    },
}

/// The flags of `clearpipe bench sweep`.
#[derive(Clone, Debug, Args)]
pub struct SweepArgs {
    /// The numbers of Validators and of Transformers, separated by commas.
    #[arg(short, long, value_name = "N,…", value_delimiter = ',', default_value = "1,2,4,8")]
    pub workers: Vec<String>,
    /// The capacities of the channels, in records; `auto` is four batches. A small one limits the batch.
    #[arg(short, long, value_name = "N|auto,…", value_delimiter = ',', default_value = "1,10,100,1000")]
    pub buffer: Vec<String>,
    /// How many records travel together at most.
    #[arg(long, value_name = "N|auto,…", value_delimiter = ',', default_value = "1,16,256,auto")]
    pub batch: Vec<String>,
    /// The numbers of threads, separated by commas.
    #[arg(short, long, value_name = "N,…", value_delimiter = ',', default_value = "2")]
    pub threads: Vec<String>,
    /// Let a stage wait for each record, as `clearpipe run` does: `validator=1ms`. Choose few records then.
    #[arg(long, value_name = "STAGE=TIME")]
    pub wait: Vec<String>,
    /// Let a stage compute for each record: `transformer=20us`.
    #[arg(long, value_name = "STAGE=TIME")]
    pub compute: Vec<String>,
    /// Set any setting of `clearpipe run` at all points, as in `--set ordered=false`.
    #[arg(long, value_name = "NAME=VALUE")]
    pub set: Vec<String>,
    /// Draw the measurements: an .svg, or an .html page that has all numbers too.
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
    /// Whether it is a page, and not only a picture.
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

/// As many threads as a pool may have.
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
    at_least_one(text)?.try_into().map_err(|_| "this is too many".to_owned())
}

fn record(text: &str) -> Result<u64, String> {
    whole(text, "write the number of a record, from 0")
}

/// A number, or what is wrong with it: `what` to write if there is no number at all.
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
    /// A line for each event, in the order of time: seconds since the run began, the stage or channel, the worker (from
    /// 1, with --json from 0; at a channel, of the stage that sends or receives), the thread, what happened, and to which
    /// record.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// Print JSON Lines: time_ns, place, worker, thread, kind, record.
    #[arg(long, conflicts_with = "chrome")]
    pub json: bool,
    /// Follow one record, by its place in the order of production, from 0.
    #[arg(long, value_name = "N", value_parser = record)]
    pub record: Option<u64>,
    /// Write a trace for Perfetto (ui.perfetto.dev) or Chrome; `-` is the standard output.
    ///
    /// A track for each worker and for each thread, and a counter for each channel.
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
    /// Whether `failed` records of `all` are more than allowed.
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
        const WHAT: &str = "write a number of records such as 10, or a share from 0% to 100%";
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
  clearpipe run -n 1000000                      a million records, as fast as it goes
  clearpipe run -i sensors.jsonl.gz             a file
  clearpipe run --help                          all settings of a run
  clearpipe bench                               how fast it is here

Exit status: 0 done, 1 the run failed, 2 wrong usage or settings, 130 interrupted.";

const RUN_EXAMPLES: &str = "\
Examples:
  A file, gzipped, its results in a folder of their own:
    clearpipe run -i sensors.jsonl.gz -o results

  A CSV file whose columns have other names:
    clearpipe run -i seattle-weather.csv -m timestamp=date -m value=temp_max \\
      -m \"unit='C'\" -m \"sensor_id='seattle'\" -m \"location='Seattle'\"

  In a pipe, with the failed records in a file:
    zcat *.jsonl.gz | clearpipe run -i - --processed - --failed failed.jsonl | head

  The same bytes on every machine and every runtime:
    clearpipe run -n 1000000 --clock fixed:2026-01-01T00:00:00Z

  A slow Transformer on one core, in simulated time, with the event log:
    clearpipe run -n 1000 --runtime virtual --cores 1 --compute transformer=1ms --trace run.events

  In CI: fail if more than 1 % of the records fail, and say so in JSON:
    clearpipe run -q -i export.csv --max-failed 1% --summary json

Exit status:
  0    done; also if a reader of the results stopped reading
  1    the run failed: an input can't be read to its end, an output can't be written, more records failed than
       --max-failed allows, or one did with --fail-fast
  2    wrong usage or settings, or an input that is missing or doesn't fit them: nothing was written
  130  interrupted (Ctrl-C); 143 by SIGTERM, 129 by SIGHUP
Failed records don't make the run fail, unless --max-failed or --fail-fast says so.";

const BENCH_EXAMPLES: &str = "\
Examples:
  The pipeline beside a loop without channels, some seconds:
    clearpipe bench

  A file, and files on a certain disk:
    clearpipe bench jsonl csv files --dir /mnt/disk

  Everything, many rounds, for later:
    clearpipe bench all -n 5000000 -r 11 --json before.json

  What a change has brought, measured now or before:
    clearpipe bench --compare before.json --json after.json
    clearpipe bench compare before.json after.json

  Which workers, buffers and batches are best:
    clearpipe bench sweep --chart sweep.html

Everything in a scenario is measured in turn, round by round. A ratio is that to the first line of a table.";

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
