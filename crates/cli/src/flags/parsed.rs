//! Flags whose values have their own syntax, such as `--wait validator=5ms`.

use crate::settings::Settings;
use crate::settings::tree::{Node, Origin, Value};
use clearpipe_codec::{Mapping, MappingEntry};
use clearpipe_core::config::SETTINGS;
use clearpipe_model::topology::ChannelId;

/// `--input`: one or more inputs.
pub fn input(names: &[String], flag: &str, settings: &mut Settings) {
    let node = |name: &String| Node { value: Value::Text(name.clone()), origin: Origin::Flag(flag.to_owned()) };
    settings.set("input.file", flag, Value::List(names.iter().map(node).collect()));
}

/// `--delimiter`: a character, or a way to type a tab in a shell.
pub fn delimiter(texts: &[String], flag: &str, settings: &mut Settings) {
    if let Some(text) = texts.last() {
        let delimiter = if text == "\\t" { "\t" } else { text };
        settings.set("input.delimiter", flag, Value::Text(delimiter.to_owned()));
    }
}

/// `--map`: a field and where it comes from.
pub fn map(entries: &[String], flag: &str, settings: &mut Settings) {
    let mut mapping = Mapping::default();
    for text in entries {
        let added = text.parse::<MappingEntry>().and_then(|entry| mapping.add(entry));
        if let Err(problem) = added {
            settings.add_problem(flag, problem);
        }
    }
    for (field, origin) in mapping.iter() {
        settings.set(&format!("input.map.{field}"), flag, Value::Text(origin.to_string()));
    }
}

/// `--buffer`: the capacity of all channels, or a channel and its own capacity. A channel has two names: that of its
/// setting, and that of the specification.
pub fn buffer(texts: &[String], flag: &str, settings: &mut Settings) {
    for text in texts {
        let Some((name, capacity)) = text.split_once('=') else {
            settings.set("channels.capacity", flag, Value::of_plain(text.trim()));
            continue;
        };
        match channels().find(|(path, channel)| path.strip_prefix("channels.") == Some(name) || channel.name() == name)
        {
            Some((path, _)) => settings.set(path, flag, Value::of_plain(capacity.trim())),
            None => {
                let names: Vec<&str> = ChannelId::ALL.iter().map(|channel| channel.name()).collect();
                settings.add_problem(flag, format!("unknown channel `{name}`; the channels are {}", names.join(", ")));
            }
        }
    }
}

/// Returns the settings of the capacities, each with its channel.
fn channels() -> impl Iterator<Item = (&'static str, ChannelId)> {
    let own = SETTINGS.iter().map(|setting| setting.path);
    let own = own.filter(|path| path.starts_with("channels.") && *path != "channels.capacity");
    own.zip(ChannelId::ALL)
}

/// `--wait`: a stage and the time that it waits.
pub fn wait(texts: &[String], flag: &str, settings: &mut Settings) {
    texts.iter().for_each(|text| of_stage(text, flag, "TIME", ("service.", ".wait"), settings));
}

/// `--compute`: a stage and the time that it computes.
pub fn compute(texts: &[String], flag: &str, settings: &mut Settings) {
    texts.iter().for_each(|text| of_stage(text, flag, "TIME", ("service.", ".compute"), settings));
}

/// `--panic`: a stage and the records on which it panics.
pub fn panic(texts: &[String], flag: &str, settings: &mut Settings) {
    texts.iter().for_each(|text| of_stage(text, flag, "WHICH", ("faults.", "_panic"), settings));
}

/// Sets a setting of a stage. Its path consists of the two parts of `around` with the name of the stage between them.
fn of_stage(text: &str, flag: &str, value_name: &str, around: (&str, &str), settings: &mut Settings) {
    let stage_of = |path: &'static str| path.strip_prefix(around.0)?.strip_suffix(around.1);
    let stages: Vec<&str> = SETTINGS.iter().filter_map(|setting| stage_of(setting.path)).collect();
    let Some((stage, value)) = text.split_once('=') else {
        let example = stages.get(1).unwrap_or(&"STAGE");
        let message = format!("invalid `{text}`: expected STAGE={value_name}, as in {example}={text}");
        return settings.add_problem(flag, message);
    };
    let stage = stage.trim().to_lowercase().replace(['-', ' '], "_");
    if stages.contains(&stage.as_str()) {
        settings.set(&format!("{}{stage}{}", around.0, around.1), flag, Value::of_plain(value.trim()));
    } else {
        settings.add_problem(flag, format!("unknown stage `{stage}`; expected one of {}", stages.join(", ")));
    }
}
