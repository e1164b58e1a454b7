//! A flag that sets settings: its argument for clap, and the effect of its values on the settings.

use crate::settings::tree::Value;
use crate::settings::{Settings, run_settings};
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ValueHint, value_parser};
use clearpipe_core::config::Kind;
use std::path::PathBuf;

/// A flag that sets settings.
pub struct Flag {
    /// Its name after `--`.
    pub long: &'static str,
    /// Its name after `-`.
    pub short: Option<char>,
    /// The name of its value in the help. A switch has none.
    pub value_name: &'static str,
    /// What it sets.
    pub sets: Sets,
    /// Whether all of its values count when it is repeated. Otherwise, the last one does.
    pub is_list: bool,
    /// Which files a shell completes. The value may then be a name that isn't UTF-8.
    pub completes: Option<ValueHint>,
    /// The flags that it can't be used with, by their long names.
    pub conflicts_with: &'static [&'static str],
    /// The flags that it requires.
    pub requires: &'static [&'static str],
    /// What it does, without a full stop. [`Flag::arg`] adds the default.
    pub help: &'static str,
    /// What happens without it. By default, the default of its setting.
    pub default: Option<&'static str>,
    /// What `--help` says in addition.
    pub details: &'static str,
}

/// What a flag sets.
#[derive(Clone, Copy)]
pub enum Sets {
    /// The setting at this path, to the value of the flag.
    Setting(&'static str),
    /// The setting at this path, to this value.
    Switch(&'static str, bool),
    /// Whatever this function does with its values. It also gets the flag, for problems: `--wait`.
    Parsed(fn(&[String], &str, &mut Settings)),
}

impl Flag {
    /// A row to complete.
    pub const ROW: Flag = Flag {
        long: "",
        short: None,
        value_name: "",
        sets: Sets::Parsed(|_, _, _| {}),
        is_list: false,
        completes: None,
        conflicts_with: &[],
        requires: &[],
        help: "",
        default: None,
        details: "",
    };

    /// Returns the argument for clap. `defaults` is the default configuration.
    pub fn arg(&self, defaults: &serde_json::Value) -> Arg {
        let default = match (self.default, self.sets) {
            (Some(default), _) => Some(default.to_owned()),
            (None, Sets::Setting(path)) => shown_default(path, defaults),
            (None, _) => None,
        };
        let default = default.map_or_else(String::new, |default| format!(" [default: {default}]"));
        let help = format!("{}{default}", self.help);
        let arg = Arg::new(self.long).long(self.long).short(self.short);
        let arg = self.requires.iter().fold(arg, |arg, flag| arg.requires(*flag));
        let arg = arg.conflicts_with_all(self.conflicts_with.iter().copied());
        let arg = match self.details {
            "" => arg.help(help),
            details => arg.long_help(format!("{help}.\n\n{}", with_defaults(details, defaults))).help(help),
        };
        if self.value_name.is_empty() {
            return arg.action(ArgAction::SetTrue);
        }
        let arg = arg.value_name(self.value_name);
        let arg = arg.action(if self.is_list { ArgAction::Append } else { ArgAction::Set });
        match (self.completes, self.kind()) {
            (Some(hint), _) => arg.value_hint(hint).value_parser(value_parser!(PathBuf)),
            (None, Some(Kind::Choice(words))) => {
                arg.value_parser(PossibleValuesParser::new(words.iter().copied())).hide_possible_values(true)
            }
            // They are refused later, with the range.
            _ => arg.allow_negative_numbers(true),
        }
    }

    /// Applies its values to the settings.
    pub fn apply(&self, values: &[String], settings: &mut Settings) {
        let flag = format!("--{}", self.long);
        match (self.sets, values.last()) {
            (Sets::Parsed(apply), _) => apply(values, &flag, settings),
            (Sets::Switch(path, is_on), _) => settings.set(path, &flag, Value::Bool(is_on)),
            (Sets::Setting(path), Some(value)) => {
                let value = match self.kind() {
                    Some(Kind::Text | Kind::Choice(_) | Kind::Clock) => Value::Text(value.clone()),
                    _ => Value::of_plain(value.trim()),
                };
                settings.set(path, &flag, value);
            }
            (Sets::Setting(_), None) => {}
        }
    }

    fn kind(&self) -> Option<Kind> {
        match self.sets {
            Sets::Setting(path) | Sets::Switch(path, _) => run_settings::at(path).map(|setting| setting.kind),
            Sets::Parsed(_) => None,
        }
    }
}

/// Returns the default of a setting as a user would type it, if there is one.
fn shown_default(path: &str, defaults: &serde_json::Value) -> Option<String> {
    match run_settings::at(path)?.value_in(defaults) {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Number(number) => Some(number.to_string().trim_end_matches(".0").to_owned()),
        other => Some(other.to_string()),
    }
}

/// Returns a text in which placeholders such as `{default window_bytes}` are replaced by the defaults of these
/// settings.
fn with_defaults(text: &str, defaults: &serde_json::Value) -> String {
    let mut parts = text.split("{default ");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (path, rest) = part.split_once('}').unwrap_or((part, ""));
        filled += &shown_default(path, defaults).unwrap_or_default();
        filled += rest;
    }
    filled
}
