//! The command line: the commands with their flags, and the examples in their help. Those of a run are in
//! [`crate::flags`].

use crate::flags::RunArgs;
use crate::numbers::whole;
use crate::serve_args::{SERVE_EXAMPLES, ServeArgs};
use anstyle::{AnsiColor, Style};
use clap::builder::styling::Styles;
use clap::builder::{PathBufValueParser, PossibleValuesParser, TypedValueParser};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Args, Parser, Subcommand, ValueEnum, ValueHint};
use clearpipe_core::config::{Range, Setting};
use clearpipe_io::text;
use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

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

/// Returns `--verbose` for a command that has nothing more to print: it is accepted, but the help doesn't offer it.
fn idle_verbose() -> Arg {
    Arg::new("verbose").short('v').long("verbose").global(true).hide(true).action(ArgAction::SetTrue)
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

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the pipeline on generated records or on a file.
    #[command(after_help = RUN_EXAMPLES, args_override_self = true)]
    Run(Box<RunArgs>),
    /// Measure the speed on this machine against the best achievable baseline.
    #[command(after_help = BENCH_EXAMPLES, arg = idle_verbose())]
    Bench(Box<BenchArgs>),
    /// Print an event log: what happened to which record, when and where.
    #[command(after_help = EVENTS_EXAMPLES, arg = idle_verbose())]
    Events(EventsArgs),
    /// Print a configuration file to start from, or its JSON Schema.
    #[command(after_help = CONFIG_EXAMPLES, arg = idle_verbose())]
    Config(ConfigArgs),
    /// Learn how pipelines behave: bet on what a run will do, run it, and see why.
    #[command(after_help = LESSON_EXAMPLES, arg = idle_verbose())]
    Lesson {
        /// What to do.
        #[command(subcommand)]
        command: LessonCommand,
    },
    /// Serve the page that shows runs in the browser.
    ///
    /// The page is part of the command. Its files are served from memory, and nothing else is. Unless you ask for more, only
    /// this machine can reach it. Ctrl-C stops the server.
    #[command(after_help = SERVE_EXAMPLES, arg = idle_verbose())]
    Serve(ServeArgs),
    /// Print a script that completes commands and flags in a shell.
    #[command(after_help = COMPLETIONS_EXAMPLES, arg = idle_verbose())]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
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
    #[arg(
        short,
        long,
        value_name = "N,…",
        value_delimiter = ',',
        default_value = "1,2",
        value_parser = threads,
        allow_negative_numbers = true
    )]
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
    #[arg(short = 'n', long, value_name = "N", value_parser = at_least_one, allow_negative_numbers = true)]
    pub records: Option<u64>,
    /// The number of rounds, each of which measures everything once; the median is shown.
    #[arg(short, long, value_name = "N", default_value = "5", value_parser = rounds, allow_negative_numbers = true)]
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
    #[arg(
        short,
        long,
        value_name = "N,…",
        value_delimiter = ',',
        default_value = "1,2,4,8",
        allow_negative_numbers = true
    )]
    pub workers: Vec<String>,
    /// Capacities of the channels, in records; `auto` is four batches. A small capacity limits the batch.
    #[arg(
        short,
        long,
        value_name = "N|auto,…",
        value_delimiter = ',',
        default_value = "1,10,100,1000",
        allow_negative_numbers = true
    )]
    pub buffer: Vec<String>,
    /// Maximum numbers of records in a batch.
    #[arg(
        long,
        value_name = "N|auto,…",
        value_delimiter = ',',
        default_value = "1,16,256,auto",
        allow_negative_numbers = true
    )]
    pub batch: Vec<String>,
    /// Numbers of threads, separated by commas.
    #[arg(short, long, value_name = "N,…", value_delimiter = ',', default_value = "2", allow_negative_numbers = true)]
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
    let setting = Setting::at("runtime.threads").map(|setting| setting.range);
    let Some(Range::Whole(least, most)) = setting else { unreachable!("it is a whole number with a range") };
    let what = format!("write a number from {least} to {most}");
    match whole(text, &what)? {
        threads if (least..=most).contains(&threads) => Ok(threads as usize),
        _ => Err(what),
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

/// What `clearpipe events` does besides printing events.
#[derive(Clone, Debug, Subcommand)]
pub enum EventsCommand {
    /// Print the state of the pipeline at a time: what is in which channel, and what each worker does.
    ///
    /// As JSON: `totals` of the traced records up to then; for each channel, its depth, how many records have arrived, and
    /// the records in it, the oldest first; for each worker that has done something, its state, as far as events show it,
    /// and its record. Workers are counted from 0.
    #[command(arg = idle_verbose())]
    State {
        /// The event log.
        #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
        file: PathBuf,
        /// The time since the start of the run, such as `1.5s` or `20ms`.
        #[arg(long, value_name = "TIME", value_parser = crate::numbers::time, allow_negative_numbers = true)]
        at: Duration,
    },
    /// Print what is in a log: how many events of which kind, from when to when, and how full each channel was.
    ///
    /// As JSON: the version of the format; the number of events, and the times of the first and the last one; how many
    /// there are of each kind; for each channel, how many records have arrived, its highest depth, and when it first had it.
    /// In a log that was cut out of another one, all this is about that `part` of the run.
    #[command(arg = idle_verbose())]
    Summary {
        /// The event log.
        #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
        file: PathBuf,
    },
    /// Cut a part out of an event log, as a log of its own.
    ///
    /// At each time of the part, the new log tells the same state as the whole one, with all that had been counted until
    /// then. It also has the events before the part of what is in flight when it begins. It is in format 2, whatever the
    /// format of the whole log.
    #[command(arg = idle_verbose(), group = clap::ArgGroup::new("times").required(true).multiple(true))]
    Cut(CutArgs),
    /// Compare two event logs: their settings, their events and their figures.
    ///
    /// Prints which settings differ (the names of output files don't count), the first event that differs, and the figures
    /// that do: records, duration, throughput, latency from production to the file, shares of time in which the workers of
    /// each stage were busy and blocked, and the longest depth of each channel. Figures are those of the traced records.
    ///
    /// The exit status is 0 if settings and events are the same, 1 if any of them differ, and 2 if the logs can't be
    /// compared.
    #[command(arg = idle_verbose())]
    Diff(DiffArgs),
}

/// The flags of `clearpipe events cut`.
#[derive(Clone, Debug, Args)]
pub struct CutArgs {
    /// The event log.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// When the part begins, such as `1.2s` or `20ms` since the start of the run; default: with the log.
    #[arg(
        long, value_name = "TIME", value_parser = crate::numbers::time, allow_negative_numbers = true, group = "times"
    )]
    pub from: Option<Duration>,
    /// When the part ends; an event at this time belongs to it; default: with the log.
    #[arg(
        long, value_name = "TIME", value_parser = crate::numbers::time, allow_negative_numbers = true, group = "times"
    )]
    pub to: Option<Duration>,
    /// The new log; `-` is the standard output.
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: PathBuf,
}

/// The flags of `clearpipe events diff`.
#[derive(Clone, Debug, Args)]
pub struct DiffArgs {
    /// An event log.
    #[arg(value_name = "A", value_hint = ValueHint::FilePath)]
    pub one: PathBuf,
    /// Another one.
    #[arg(value_name = "B", value_hint = ValueHint::FilePath)]
    pub other: PathBuf,
    /// Also compare on which threads the events happened.
    #[arg(long)]
    pub threads: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// The flags of `clearpipe events`.
#[derive(Clone, Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct EventsArgs {
    /// Anything other than printing events.
    #[command(subcommand)]
    pub command: Option<EventsCommand>,
    /// The event log, as `clearpipe run --trace FILE` writes it.
    ///
    /// Prints one line per event, in order of time: seconds since the start of the run, the stage or channel, the
    /// worker (counted from 1, with --json from 0; for a channel, the one that sends or receives), the thread, what
    /// happened, and to which record. `sampling` says which records are traced from there on: all, or 1 in N.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath, required = true)]
    pub file: Option<PathBuf>,
    /// Print JSON Lines: time_ns, place, worker, thread, kind, record.
    ///
    /// An event of the kind `sampling` is about which records are traced: one in N × 2^worker from the given record on,
    /// where N is --trace-sample.
    #[arg(long, conflicts_with = "chrome")]
    pub json: bool,
    /// Follow one record, given by its position in the order of production, from 0.
    #[arg(long, value_name = "N", value_parser = record, allow_negative_numbers = true)]
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

/// What `clearpipe lesson` does.
#[derive(Clone, Debug, Subcommand)]
pub enum LessonCommand {
    /// List all lessons.
    #[command(arg = idle_verbose())]
    List {
        /// List the levels of the scheduler game instead.
        #[arg(long)]
        levels: bool,
        /// Print everything that is in the lessons, as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Take a lesson: read, bet, and see what happens.
    ///
    /// Its runs are on the virtual clock, so they are the same on every machine and take hardly any time.
    #[command(after_help = LESSON_RUN_EXAMPLES, arg = idle_verbose())]
    Run(LessonRunArgs),
    /// Check that lessons are right: that what they say is what the engine measures.
    ///
    /// On the virtual clock and for the seeds 1, 2 and 3, each answer must be in the range that the lesson gives, and fit
    /// exactly one choice. The goal must be reached with the optimum, but not at the start, and not with anything better.
    ///
    /// The best path of a level must be the shortest one that a search of all schedules finds, and what it calls impossible
    /// must not be found at all.
    ///
    /// The exit status is 0 if all lessons hold, 1 if one of them doesn't, and 2 if a file is wrong.
    #[command(arg = idle_verbose())]
    Check(LessonCheckArgs),
}

/// The flags of `clearpipe lesson run`.
#[derive(Clone, Debug, Args)]
pub struct LessonRunArgs {
    /// The lesson: its name or number, as `clearpipe lesson list` has it, or a file.
    #[arg(value_name = "LESSON|FILE.md", value_hint = ValueHint::FilePath)]
    pub lesson: String,
    /// Your bet on each question, by the number of the choice. Without it, you are asked.
    #[arg(long, value_name = "N,…", value_delimiter = ',', conflicts_with = "set")]
    pub bet: Vec<usize>,
    /// Try to reach the goal of the lesson with this setting, as in `--set channels.capacity=5`.
    #[arg(long, value_name = "NAME=VALUE")]
    pub set: Vec<String>,
}

/// The flags of `clearpipe lesson check`.
#[derive(Clone, Debug, Args)]
pub struct LessonCheckArgs {
    /// The files [default: all lessons that are part of the command].
    #[arg(value_name = "FILE.md", value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,
    /// Also measure on real threads, where a lesson says what these measure.
    ///
    /// If none of three attempts is in the range, this is reported, but it doesn't affect the exit status: it may be the
    /// machine's fault.
    #[arg(long)]
    pub pool: bool,
    /// Print JSON: what was measured in each lesson, and all problems.
    #[arg(long)]
    pub json: bool,
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
  1    the run failed: an input can't be read to its end, an output can't be
       written, more records failed than --max-failed allows, or one did with
       --fail-fast
  2    wrong usage or settings, or an input that is missing or doesn't fit
       them; nothing was written
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
  clearpipe events run.events --chrome trace.json    then open it at ui.perfetto.dev
  clearpipe events state run.events --at 20ms
  clearpipe events summary run.events
  clearpipe events cut run.events --from 1.2s --to 1.5s -o part.events
  clearpipe events diff before.events after.events";

const CONFIG_EXAMPLES: &str = "\
Examples:
  clearpipe config --example > clearpipe.yaml
  clearpipe run --config clearpipe.yaml
  clearpipe config --schema > clearpipe.schema.json";

const LESSON_EXAMPLES: &str = "\
Examples:
  clearpipe lesson list
  clearpipe lesson run bottleneck
  clearpipe lesson check lessons/03-bottleneck.md --pool";

const LESSON_RUN_EXAMPLES: &str = "\
Examples:
  clearpipe lesson run bottleneck
  clearpipe lesson run bottleneck --bet 3,1
  clearpipe lesson run bottleneck --set transformer.workers=6";

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
}
