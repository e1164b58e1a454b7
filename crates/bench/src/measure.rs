//! The rounds: everything is warmed up, then each candidate does its work once per round, in turn. If the machine
//! becomes slower meanwhile, it is slower for all of them.

use super::figure::Figure;
use super::report::Row;
use super::scenario::{Candidate, Group, Sample, Work};
use anyhow::{Context, ensure};
use std::collections::HashMap;

/// A step of a measurement that is about to begin.
pub struct Step {
    /// How many steps are done.
    pub done: u64,
    /// How many there are.
    pub total: u64,
    /// What this step does.
    pub description: String,
}

/// Measures the groups of a scenario, and returns their rows in the same order. Calls `on_step` before each step.
///
/// # Errors
/// If a candidate fails, or does other work than the others.
pub fn measure(
    scenario: &str,
    groups: &[Group],
    repeats: u32,
    mut on_step: impl FnMut(Step),
) -> anyhow::Result<Vec<Row>> {
    let all: Vec<(&Group, &Candidate)> =
        groups.iter().flat_map(|group| group.candidates.iter().map(move |candidate| (group, candidate))).collect();
    let warm_ups = all.iter().filter(|(_, candidate)| candidate.warm_up.is_some()).count() as u64;
    let (mut done, total) = (0, warm_ups + u64::from(repeats) * all.len() as u64);
    let mut works: HashMap<u64, Work> = HashMap::new();
    let mut run = |(group, candidate): (&Group, &Candidate), records, round: &str| {
        let description = format!("{scenario}: {round}, {}, {}", group.title, candidate.name.trim_start());
        on_step(Step { done, total, description });
        let sample = (candidate.job)(records);
        done += 1;
        let sample = sample.with_context(|| format!("{scenario}, {}, {}", group.title, candidate.name.trim_start()))?;
        if let Some(work) = sample.work {
            let expected = *works.entry(records).or_insert(work);
            ensure!(
                work == expected,
                "{scenario}: {} did other work than the others: {work:?} instead of {expected:?}",
                candidate.name.trim_start()
            );
        }
        anyhow::Ok(sample)
    };
    for &of in &all {
        if let Some(records) = of.1.warm_up {
            run(of, records, "warming up")?;
        }
    }
    let mut samples: Vec<Vec<Sample>> = all.iter().map(|_| Vec::new()).collect();
    for round in 1..=repeats {
        for (&of, samples) in all.iter().zip(&mut samples) {
            samples.push(run(of, of.1.records, &format!("round {round} of {repeats}"))?);
        }
    }
    let mut rows: Vec<Row> = all.iter().zip(samples).map(|(of, samples)| row(scenario, *of, samples)).collect();
    compare_with_baselines(&mut rows, groups);
    Ok(rows)
}

fn row(scenario: &str, (group, candidate): (&Group, &Candidate), mut samples: Vec<Sample>) -> Row {
    let figure = Figure::of(samples.iter().map(|sample| sample.value).collect());
    let middle = figure.middle_round();
    Row {
        scenario: scenario.to_owned(),
        group: group.title.clone(),
        name: candidate.name.clone(),
        parameters: candidate.parameters.clone(),
        records: candidate.records,
        bottleneck: middle.and_then(|round| samples.swap_remove(round).bottleneck),
        measured: candidate.unit.of(figure),
        ratio: None,
        baseline: None,
        ideal_ratio: candidate.ideal_ratio,
    }
}

fn compare_with_baselines(rows: &mut [Row], groups: &[Group]) {
    let mut rest = rows;
    for group in groups {
        let (own, others) = rest.split_at_mut(group.candidates.len());
        rest = others;
        if let (true, Some((baseline, own))) = (group.has_baseline, own.split_first_mut()) {
            for row in own {
                row.ratio = Some(row.measured.figure().over(baseline.measured.figure()));
                row.baseline = Some(baseline.name.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(name: &str, rate: f64, processed: u64) -> Candidate {
        let work = Work { processed, failed: 0, anomalies: 0, processed_bytes: 0, failed_bytes: 0 };
        Candidate::new(name, 10, Box::new(move |_| Ok(Sample { value: rate, work: Some(work), bottleneck: None })))
    }

    #[test]
    fn a_row_stands_beside_the_baseline_of_its_group() {
        let groups = [
            Group::new("a", vec![candidate("loop", 10.0, 1), candidate("pipeline", 5.0, 1)]),
            Group::without_baseline("b", vec![candidate("alone", 2.0, 1)]),
        ];
        let rows = measure("s", &groups, 3, drop).unwrap();
        let ratios: Vec<Option<f64>> = rows.iter().map(|row| row.ratio.as_ref().map(|ratio| ratio.median)).collect();
        assert_eq!(ratios, [None, Some(0.5), None]);
        assert_eq!(rows[1].baseline.as_deref(), Some("loop"));
        assert_eq!(rows[1].measured.figure().rounds.len(), 3);
    }

    #[test]
    fn other_work_is_no_comparison() {
        let groups = [Group::new("a", vec![candidate("loop", 10.0, 1), candidate("pipeline", 5.0, 2)])];
        let error = measure("s", &groups, 1, drop).unwrap_err().to_string();
        assert!(error.starts_with("s: pipeline did other work than the others"), "{error}");
    }
}
