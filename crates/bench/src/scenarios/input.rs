//! A file into two files, compared with the unavoidable work: reading it and finding its lines, or decompressing it.

use super::pipeline;
use crate::blocks::{self, Lines};
use crate::inputs::{Coding, Form, Made};
use crate::pipeline::{Pipeline, generated};
use crate::scenario::{Candidate, Group, Sample, Scenario, Setting};
use anyhow::ensure;
use clearpipe_codec::Format;
use clearpipe_core::config::Config;
use clearpipe_io::text;
use std::time::Instant;

/// JSON Lines as the pipeline writes them.
pub const JSONL: Scenario = Scenario {
    name: "jsonl",
    about: "JSON Lines into two files, against reading and finding lines",
    prepare: |setting| prepare(setting, Form::JsonLines, Coding::Plain),
};

/// JSON Lines in which no two lines have the same shape.
pub const JSONL_ODD: Scenario = Scenario {
    name: "jsonl-odd",
    about: "the same with unknown fields, escapes, and fields in another order",
    prepare: |setting| prepare(setting, Form::OddJsonLines, Coding::Plain),
};

/// A table.
pub const CSV: Scenario = Scenario {
    name: "csv",
    about: "CSV into two files, against reading and finding lines",
    prepare: |setting| prepare(setting, Form::Csv, Coding::Plain),
};

/// Compressed.
pub const GZIP: Scenario = Scenario {
    name: "gzip",
    about: "JSON Lines in gzip into two files, against only decompressing",
    prepare: |setting| prepare(setting, Form::JsonLines, Coding::Gzip),
};

/// Compressed.
pub const ZSTD: Scenario = Scenario {
    name: "zstd",
    about: "JSON Lines in zstd into two files, against only decompressing",
    prepare: |setting| prepare(setting, Form::JsonLines, Coding::Zstd),
};

fn prepare(setting: &Setting<'_>, form: Form, coding: Coding) -> anyhow::Result<Vec<Group>> {
    let folder = setting.scratch.folder()?;
    let records = setting.records;
    let made = Made::new(folder, form, coding, records)?;
    let file = made.path;
    let mut config = Config { records: 0, ..generated(0) };
    config.input.file = vec![file.clone()];
    config.input.format = if form == Form::Csv { Format::Csv } else { Format::Jsonl };
    let only = match coding {
        Coding::Plain => only_cut(file, made.lines, records),
        Coding::Gzip | Coding::Zstd => only_decode(file, made.bytes, records),
    };
    let mut candidates = vec![only.with("bytes", made.bytes).with("file_bytes", made.file_bytes)];
    candidates.extend(setting.threads.iter().map(|&threads| {
        let into_files = Pipeline { folder: Some(folder.to_owned()), ..Pipeline::new(config.clone(), threads) };
        pipeline(format!("pipeline on {}", text::plural(threads as u64, "thread")), records, into_files)
    }));
    let candidates = candidates.into_iter().map(|candidate| candidate.warmed_up(Some(records))).collect();
    let note = match coding {
        Coding::Plain => format!("{form}, {}", text::bytes(made.bytes)),
        Coding::Gzip | Coding::Zstd => {
            format!("{} in {} of {coding}", text::bytes(made.bytes), text::bytes(made.file_bytes))
        }
    };
    Ok(vec![Group::new(form.to_string(), candidates).noted(note)])
}

fn only_cut(file: String, lines: u64, records: u64) -> Candidate {
    let job = move |_| {
        let start = Instant::now();
        let mut found = Lines::default();
        blocks::read(&file, |block| found.cut(block))?;
        let seconds = start.elapsed().as_secs_f64();
        ensure!(found.count == lines, "there are {} lines instead of {lines}", found.count);
        Ok(Sample::rate(records, seconds, None))
    };
    Candidate::new("only reading and finding lines", records, Box::new(job))
}

fn only_decode(file: String, bytes: u64, records: u64) -> Candidate {
    let job = move |_| {
        let start = Instant::now();
        let mut read = 0;
        blocks::read(&file, |block| read += block.len() as u64)?;
        let seconds = start.elapsed().as_secs_f64();
        ensure!(read == bytes, "there are {read} bytes instead of {bytes}");
        Ok(Sample::rate(records, seconds, None))
    };
    Candidate::new("only decompressing", records, Box::new(job))
}
