//! Generated records into two real files, compared with a thread that only writes the same number of bytes.

use super::pipeline;
use crate::blocks::{self, Block};
use crate::pipeline::{FILES, Pipeline, generated};
use crate::scenario::{Candidate, Group, Sample, Scenario, Setting};
use clearpipe_io::text;
use std::time::Instant;

/// Into two files.
pub const INTO_FILES: Scenario =
    Scenario { name: "files", about: "generated records into two files, against writing the same bytes", prepare };

fn prepare(setting: &Setting<'_>) -> anyhow::Result<Vec<Group>> {
    let folder = setting.scratch.folder()?.to_owned();
    let records = setting.records;
    let into_files = |threads| Pipeline { folder: Some(folder.clone()), ..Pipeline::new(generated(0), threads) };
    // Once before all rounds, to determine what is written.
    into_files(setting.most_threads()).run(records)?;
    let parts = FILES.map(|name| Block::of_file(&folder.join(name)));
    let parts: Vec<Block> = parts.into_iter().collect::<anyhow::Result<_>>()?;
    let bytes: u64 = parts.iter().map(|part| part.bytes).sum();
    let written = folder.clone();
    let only_write = move |_| {
        let places = FILES.map(|name| written.join(name));
        places.iter().for_each(|place| drop(std::fs::remove_file(place)));
        let start = Instant::now();
        for (part, place) in parts.iter().zip(&places) {
            part.write(place)?;
        }
        Ok(Sample::rate(records, start.elapsed().as_secs_f64(), None))
    };
    let mut candidates = vec![
        Candidate::new("only writing", records, Box::new(only_write))
            .with("bytes", bytes)
            .with("block", blocks::SIZE)
            .warmed_up(Some(records)),
    ];
    candidates.extend(setting.threads.iter().map(|&threads| {
        let name = format!("pipeline on {}", text::plural(threads as u64, "thread"));
        pipeline(name, records, into_files(threads)).warmed_up(Some(records))
    }));
    let note = format!("Into two files, {}", text::bytes(bytes));
    Ok(vec![Group::new("Into two files", candidates).noted(note)])
}
