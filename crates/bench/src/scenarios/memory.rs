//! The memory of a run does not depend on the amount of data.

use crate::child;
use crate::scenario::{Candidate, Group, Sample, Scenario, Setting, Unit};
use clearpipe_io::text;

/// At two sizes.
pub const MEMORY: Scenario =
    Scenario { name: "memory", about: "peak memory of a run with few records, and with 20 times as many", prepare };

/// The ratio of the two sizes.
const MANY: u64 = 20;

fn prepare(setting: &Setting<'_>) -> anyhow::Result<Vec<Group>> {
    let threads = setting.most_threads();
    let candidate = |times: u64| {
        let records = setting.records.saturating_mul(times);
        let (program, files) = (setting.program.to_owned(), setting.files.clone());
        let job = move |_| {
            let arguments = [format!("--records={records}"), format!("--threads={threads}")];
            Ok(Sample { value: child::peak_of_run(&program, &files, &arguments)? as f64, work: None, bottleneck: None })
        };
        let name = match times {
            1 => "few records".to_owned(),
            _ => format!("{} times as many", text::count(times)),
        };
        Candidate { unit: Unit::Bytes, ..Candidate::new(name, records, Box::new(job)) }
            .warmed_up(None)
            .with("threads", threads)
    };
    Ok(vec![Group::new("Peak resident memory", vec![candidate(1), candidate(MANY)])])
}
