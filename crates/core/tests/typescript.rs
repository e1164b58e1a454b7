//! Writes the TypeScript types of what the page exchanges with the engine. `npm run types` calls this, and says where to
//! in `TS_RS_EXPORT_DIR`.
#![cfg(feature = "typescript")]

use clearpipe_core::config::{Config, Plan};
use clearpipe_core::metrics::Metrics;
use clearpipe_core::trace::EventKind;
use clearpipe_model::problem::Problem;
use clearpipe_model::topology::{ChannelId, FIRST_CHANNEL, Stage, Topology};
use serde::Serialize;
use serde_json::json;
use std::fmt::Display;
use std::io::Write;
use std::path::Path;
use ts_rs::TS;

#[test]
fn export_types() {
    // Without a folder to write to this only checks that there are such types.
    let Ok(folder) = std::env::var("TS_RS_EXPORT_DIR") else { return };
    let options = ts_rs::Config::new().with_out_dir(&folder).with_large_int("number");
    Config::export_all(&options).unwrap();
    Metrics::export_all(&options).unwrap();
    EventKind::export_all(&options).unwrap();
    Problem::export_all(&options).unwrap();
    Topology::export_all(&options).unwrap();
    let mut file = std::fs::File::options().append(true).open(Path::new(&folder).join("topology.ts")).unwrap();
    file.write_all(constants().as_bytes()).unwrap();
}

/// What the page would otherwise have to repeat.
fn constants() -> String {
    let kinds = EventKind::ALL.map(|kind| (in_camel_case(&id(kind)), kind as u8));
    let stages = Stage::ALL.map(|stage| (id(stage), stage.node_id()));
    let channels = ChannelId::ALL.map(|channel| (id(channel), channel.node_id()));
    let service = serde_json::to_value(Config::default().service).unwrap();
    let served: Vec<Stage> = Stage::ALL.into_iter().filter(|stage| service.get(id(stage)).is_some()).collect();
    [
        ("EVENT_KINDS", "The kinds of events; each at the index that is its number.", json(EventKind::ALL)),
        ("KIND", "The numbers of the kinds of events.", object(kinds)),
        ("PLACE", "The numbers of stages and channels in events.", object(stages.into_iter().chain(channels))),
        ("FIRST_CHANNEL", "The place of the first channel: what is below it is a stage.", json(FIRST_CHANNEL)),
        ("SERVED_STAGES", "The stages that can have a service time.", json(served)),
        ("CHANNEL_SETTINGS", "The setting of the capacity of each channel.", object(settings())),
        ("STANDARD", "The pipeline of the specification.", json(Topology::standard())),
    ]
    .map(|(name, about, value)| format!("\n/** {about} */\nexport const {name} = {value} as const;\n"))
    .concat()
}

/// Each channel with the setting that gives it its capacity, found by setting it.
fn settings() -> Vec<(String, String)> {
    let channels = serde_json::to_value(Config::default().channels).unwrap();
    let names = || channels.as_object().unwrap().keys().filter(|name| *name != "capacity");
    let setting = |channel: ChannelId| {
        let gives_it = |name: &&String| {
            let config = json!({ "batch": 1, "channels": { name.as_str(): 7 } });
            Plan::new(&serde_json::from_value(config).unwrap()).capacity(channel) == 7
        };
        (id(channel), json(names().find(gives_it).unwrap()))
    };
    ChannelId::ALL.map(setting).into()
}

/// An object with its members in this order.
fn object<T: Display>(members: impl IntoIterator<Item = (String, T)>) -> String {
    let members: Vec<String> = members.into_iter().map(|(name, value)| format!("{name}: {value}")).collect();
    format!("{{ {} }}", members.join(", "))
}

fn json(value: impl Serialize) -> String {
    serde_json::to_string(&value).unwrap()
}

/// The name for programs.
fn id(of: impl Serialize) -> String {
    serde_json::to_value(of).unwrap().as_str().unwrap().to_owned()
}

/// `work_start` as `workStart`.
fn in_camel_case(id: &str) -> String {
    let mut words = id.split('_').map(str::to_owned);
    let first = words.next().unwrap_or_default();
    let others = words.map(|word| word[..1].to_uppercase() + &word[1..]);
    others.fold(first, |name, word| name + &word)
}
