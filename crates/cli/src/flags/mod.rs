//! The flags of `clearpipe run`, and the configuration that results from them and a file.
//!
//! The values of settings remain text here. [`crate::settings`] interprets them together with the configuration file, so
//! that all problems are reported together.

mod configuration;
mod flag;
mod max_failed;
mod parsed;
mod table;

pub use configuration::configuration;
pub use max_failed::MaxFailed;

use crate::settings::{RunSettings, Settings};
use clap::{ArgMatches, Args, Command, FromArgMatches, ValueEnum, ValueHint};
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use table::{Entry, GROUPS};

/// The flags of `clearpipe run`.
#[derive(Clone, Debug, Default)]
pub struct RunArgs {
    /// Those that set settings.
    pub settings: SettingFlags,
    /// The others.
    pub other: OtherRunArgs,
}

/// The flags of `clearpipe run` that don't set a particular setting.
#[derive(Clone, Debug, Default, Args)]
pub struct OtherRunArgs {
    /// Exit with status 1 if more records fail than this: a number, or a percentage such as `2%`.
    ///
    /// The files are written either way. By default, failed records don't affect the exit status.
    #[arg(long, value_name = "N|P%", allow_negative_numbers = true)]
    pub max_failed: Option<MaxFailed>,
    /// The summary of the run: text, json or none [default: text; with --quiet, none].
    ///
    /// It goes to the standard output, or to the standard error if records go to the standard output. json is an object
    /// on one line: exit_status, stopped, produced, processed, failed, dropped, sent_back, failed_by_status, anomalies,
    /// total_value, elapsed_seconds, records_per_second, input_bytes, reasons (code, status, fields, error, example,
    /// count, first_input, first_line and first_column of each), reasons_of, notices (kind and text of each, and input
    /// and further_inputs if there are several), files (processed, failed, metrics, trace). With --quiet it is all that
    /// is printed, apart from errors.
    #[arg(long, value_name = "FORM", hide_possible_values = true)]
    pub summary: Option<SummaryForm>,
    /// If the run is interrupted, replace earlier results with the incomplete new ones.
    ///
    /// Without it, Ctrl-C leaves earlier results as they are, and saves the new ones beside them as NAME.partial (or
    /// NAME.partial-2 and so on, if that exists).
    #[arg(long)]
    pub keep_partial: bool,
    /// Read settings from a YAML, JSON or TOML file; flags override it.
    ///
    /// `clearpipe config --example` prints one with all settings and their defaults.
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Set any setting by its name in the configuration file, as in `--set transformer.threshold=9`.
    ///
    /// Values are written as in YAML or JSON; lists need no brackets: `--set generator.locations=North,South`. Here and
    /// in all other flags and files, 1,000 and 1_000 mean 1000; decimal commas are rejected.
    #[arg(long, value_name = "NAME=VALUE")]
    pub set: Vec<String>,
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

/// The flags that set settings, with their values.
#[derive(Clone, Debug, Default)]
pub struct SettingFlags(Vec<(&'static str, Vec<OsString>)>);

impl SettingFlags {
    fn of(matches: &ArgMatches) -> SettingFlags {
        let given = table::flags().filter_map(|flag| {
            let values: Vec<OsString> = match (flag.value_name, flag.completes) {
                ("", _) if matches.get_flag(flag.long) => Vec::new(),
                ("", _) => return None,
                (_, Some(_)) => matches.get_many::<PathBuf>(flag.long)?.map(|path| path.clone().into()).collect(),
                _ => matches.get_many::<String>(flag.long)?.map(OsString::from).collect(),
            };
            Some((flag.long, values))
        });
        SettingFlags(given.collect())
    }

    /// Returns the same flags and one more, by its long name.
    pub fn with(mut self, long: &'static str, values: impl IntoIterator<Item = impl Into<OsString>>) -> SettingFlags {
        debug_assert!(table::flags().any(|flag| flag.long == long), "there is no flag --{long}");
        self.0.push((long, values.into_iter().map(Into::into).collect()));
        self
    }

    /// Returns the values of a flag, given by its long name.
    pub fn values(&self, long: &str) -> &[OsString] {
        self.0.iter().find(|(given, _)| *given == long).map_or(&[], |(_, values)| values)
    }

    /// Returns the last value of a flag, given by its long name.
    pub fn value(&self, long: &str) -> Option<&OsStr> {
        self.values(long).last().map(OsString::as_os_str)
    }

    /// Applies the values of the flags.
    fn apply(&self, settings: &mut Settings) {
        for flag in table::flags() {
            if let Some((_, values)) = self.0.iter().find(|(long, _)| *long == flag.long) {
                // File names that aren't UTF-8 are only displayed; [`crate::files`] has the exact ones.
                let values: Vec<String> = values.iter().map(|value| value.to_string_lossy().into_owned()).collect();
                flag.apply(&values, settings);
            }
        }
    }
}

impl Args for RunArgs {
    fn augment_args(command: Command) -> Command {
        let defaults = serde_json::to_value(RunSettings::default()).unwrap_or_default();
        let others = OtherRunArgs::augment_args(Command::new("run"));
        let args = GROUPS.iter().flat_map(|group| group.entries.iter().map(move |entry| (group.heading, entry)));
        let args = args.filter_map(|(heading, entry)| {
            let arg = match entry {
                Entry::Flag(flag) => flag.arg(&defaults),
                Entry::Other(name) => others.get_arguments().find(|arg| arg.get_id() == name)?.clone(),
            };
            Some(arg.help_heading(heading))
        });
        // The others keep their relative order.
        command.args(args.enumerate().map(|(position, arg)| arg.display_order(position)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        RunArgs::augment_args(command)
    }
}

impl FromArgMatches for RunArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<RunArgs, clap::Error> {
        Ok(RunArgs { settings: SettingFlags::of(matches), other: OtherRunArgs::from_arg_matches(matches)? })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = RunArgs::from_arg_matches(matches)?;
        Ok(())
    }
}
