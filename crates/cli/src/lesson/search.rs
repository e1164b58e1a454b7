//! Whether a goal is reached, and the search for a solution that is better than the optimum.

use super::challenge::shown;
use super::lesson::{Goal, Lesson};
use super::measures::Condition;
use super::runs::Runs;
use anyhow::{Result, anyhow};
use serde_json::Value;

/// What one of the comparisons of a goal came to.
pub struct Outcome<'a> {
    /// The comparison.
    pub condition: &'a Condition,
    /// What was measured.
    pub measured: f64,
}

impl Outcome<'_> {
    /// Returns whether it holds.
    pub fn holds(&self) -> bool {
        self.condition.comparison.holds(self.measured, self.condition.value)
    }
}

/// Makes the run of a challenge with these settings, and measures what the goal takes.
///
/// # Errors
/// If the engine refuses the settings, or the run fails.
pub fn attempt<'a>(
    lesson: &Lesson,
    goal: &'a Goal,
    values: &[(String, Value)],
    runs: &mut Runs,
) -> Result<Vec<Outcome<'a>>> {
    let config = goal.with(values).map_err(|problem| anyhow!(problem))?;
    let outcome = |condition: &'a Condition| {
        let measured = runs.measure_challenge(lesson, &config, &condition.measure)?;
        Ok(Outcome { condition, measured })
    };
    goal.reach.iter().map(outcome).collect()
}

/// Searches for settings that are better than the optimum and reach the goal as well. Returns the first of them.
///
/// # Errors
/// If a run fails.
pub fn better(lesson: &Lesson, goal: &Goal, runs: &mut Runs) -> Result<Option<Vec<(String, Value)>>> {
    let (Some(best), Some(optimum)) = (&goal.best, goal.cost(&goal.optimum)) else { return Ok(None) };
    for values in combinations(goal) {
        let Some(cost) = goal.cost(&values) else { continue };
        let is_better = if best.is_most { cost > optimum } else { cost < optimum };
        // What the engine refuses reaches nothing.
        let Some(config) = goal.with(&values).ok().filter(|_| is_better) else { continue };
        let is_reached = attempt(lesson, goal, &values, runs)?.iter().all(Outcome::holds);
        runs.forget(&config);
        if is_reached {
            return Ok(Some(values));
        }
    }
    Ok(None)
}

/// Returns all combinations of the values that may be tried.
fn combinations(goal: &Goal) -> Vec<Vec<(String, Value)>> {
    let mut combinations = vec![Vec::new()];
    for change in &goal.may_change {
        let with = |before: &Vec<(String, Value)>| {
            let before = before.clone();
            change.options().into_iter().map(move |value| {
                let mut values = before.clone();
                values.push((change.path.clone(), value.clone()));
                values
            })
        };
        combinations = combinations.iter().flat_map(with).collect();
    }
    combinations
}

/// Returns settings as they are written on the command line.
pub fn written(values: &[(String, Value)]) -> String {
    let each: Vec<String> = values.iter().map(|(path, value)| format!("{path}={}", shown(value))).collect();
    each.join(", ")
}
