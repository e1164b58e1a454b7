//! Whether what levels say is what a search of all schedules finds.

use super::level::{Level, Task};
use clearpipe_core::config::{Config, ConfigError};
use clearpipe_core::runtime::YieldPoints;
use clearpipe_core::schedule::{Goal, Path, Schedule, Search, search, search_from};
use clearpipe_io::text;
use serde::Serialize;

/// Where workers let others run in a level.
pub const YIELDS: YieldPoints = YieldPoints::TAKEN;

/// A search gives up when it has seen more states than this.
const LIMIT: usize = 50_000;

/// How many tasks are ready where a learner predicts.
const READY: std::ops::RangeInclusive<usize> = 2..=4;

/// Of how many seeds one reaches the goal: of at least as many as in the first number, and of at most as many as in the
/// second. Otherwise it is found at once, or never.
const ONE_IN: [u64; 2] = [5, 200];

/// What came of a level; with `--json` it is printed like this.
#[derive(Debug, Serialize)]
pub struct Report {
    pub file: String,
    pub number: Option<u32>,
    pub id: String,
    pub ok: bool,
    /// `play`, `predict` or `break`.
    pub level: &'static str,
    /// What was found, in words.
    pub found: String,
    /// How many states were seen in all searches.
    pub states: usize,
    /// What is wrong, a sentence each.
    pub problems: Vec<String>,
}

/// Checks a level.
pub fn check(level: &Level) -> Report {
    let mut report = Report {
        file: level.file.clone(),
        number: level.number,
        id: level.id.clone(),
        ok: false,
        level: level.task.kind(),
        found: String::new(),
        states: 0,
        problems: Vec::new(),
    };
    let config = &level.setup.config;
    let done = match &level.task {
        Task::Play { goal, best, .. } => report.play(config, goal, best.as_ref()),
        Task::Predict { at, first, .. } => report.predict(config, at, first),
        Task::Break { goal, seeds, found, .. } => report.seeds(config, goal, *seeds, *found),
    };
    if let Err(error) = done {
        report.problems.push(error.to_string());
    }
    report.ok = report.problems.is_empty();
    report
}

impl Report {
    fn play(&mut self, config: &Config, goal: &Goal, best: Option<&Path>) -> Result<(), ConfigError> {
        if let Some(best) = best {
            self.replay(config, goal, best)?;
        }
        match (search(config, YIELDS, |state| goal.is_reached(state), LIMIT)?, best) {
            (Search::Found { path, states }, Some(best)) => {
                self.states = states;
                if path.0.len() != best.0.len() {
                    self.problems.push(format!(
                        "`best` has {}, and the shortest path {}: {path}",
                        steps(best),
                        path.0.len()
                    ));
                }
                self.found = format!("{}: {best}", steps(best));
            }
            (Search::Found { path, states }, None) => {
                self.states = states;
                self.problems.push(format!("the goal is not impossible: {path} reaches it"));
            }
            (Search::Impossible { states }, best) => {
                self.states = states;
                self.found = "impossible".to_owned();
                if best.is_some() {
                    self.problems.push("no schedule reaches the goal".to_owned());
                }
            }
            (Search::GivenUp { states }, _) => self.gives_up(states),
        }
        Ok(())
    }

    /// Tries whether a path reaches its goal with its last step, and not before.
    fn replay(&mut self, config: &Config, goal: &Goal, path: &Path) -> Result<(), ConfigError> {
        let mut schedule = Schedule::new(config, YIELDS)?;
        if goal.is_reached(schedule.state()) {
            self.problems.push("the goal is reached at the start already".to_owned());
        }
        for (taken, &step) in path.0.iter().enumerate() {
            if let Err(error) = schedule.step(step) {
                self.problems.push(format!("`best`, after {taken}: {error}"));
                return Ok(());
            }
            let is_last = taken + 1 == path.0.len();
            match (goal.is_reached(schedule.state()), is_last) {
                (true, false) => {
                    self.problems.push(format!("`best` reaches the goal after {} already", schedule.path()));
                    return Ok(());
                }
                (false, true) => self.problems.push("`best` doesn't reach the goal".to_owned()),
                _ => {}
            }
        }
        Ok(())
    }

    fn predict(&mut self, config: &Config, at: &Path, first: &[u64]) -> Result<(), ConfigError> {
        let mut schedule = Schedule::new(config, YIELDS)?;
        for (taken, &step) in at.0.iter().enumerate() {
            if let Err(error) = schedule.step(step) {
                self.problems.push(format!("`at`, after {taken}: {error}"));
                return Ok(());
            }
        }
        let ready = schedule.ready().len();
        if !READY.contains(&ready) {
            let (least, most) = (READY.start(), READY.end());
            self.problems
                .push(format!("after `at`, {ready} tasks are ready; one can survey {least} to {most} of them"));
        }
        if !schedule.state().processed().is_empty() {
            self.problems.push("after `at`, a record has been written already".to_owned());
        }
        let mut possible = Vec::new();
        for record in 0..config.records {
            let goal = Goal::Order(vec![record]);
            match search_from(config, YIELDS, at, |state| goal.is_reached(state), LIMIT)? {
                Search::Found { states, .. } => {
                    self.states += states;
                    possible.push(record);
                }
                Search::Impossible { states } => self.states += states,
                Search::GivenUp { states } => {
                    self.gives_up(states);
                    return Ok(());
                }
            }
        }
        let listed = |records: &[u64]| records.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
        self.found = format!("first: {}", listed(&possible));
        if possible != first {
            self.problems.push(format!("the first one can be {}; `first` says {}", listed(&possible), listed(first)));
        }
        Ok(())
    }

    fn seeds(&mut self, config: &Config, goal: &Goal, seeds: u64, said: u64) -> Result<(), ConfigError> {
        let mut found = 0;
        for seed in 1..=seeds {
            let mut schedule = Schedule::new(config, YIELDS)?;
            schedule.follow_seed(seed);
            found += u64::from(goal.is_reached(schedule.state()));
        }
        self.found = format!("{} of {} seeds", text::count(found), text::count(seeds));
        if found != said {
            self.problems.push(format!("the goal is reached with {}; `found` says {said}", self.found));
        }
        let [often, seldom] = ONE_IN;
        if found * often > seeds || found * seldom < seeds {
            self.problems.push(format!("{} are not one in {often} to one in {seldom}", self.found));
        }
        Ok(())
    }

    fn gives_up(&mut self, states: usize) {
        let states = text::count(states as u64);
        self.problems.push(format!("the search was given up after {states} states: take fewer records or workers"));
    }
}

fn steps(path: &Path) -> String {
    text::plural(path.0.len() as u64, "step")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lesson::levels::file::parse;

    /// Returns what is wrong with a level that has two records, two Validators, room for one in each channel, and this task.
    fn problems(task: &str) -> Vec<String> {
        let text = format!(
            "---\nid: x\ntitle: X\nconfig:\n  records: 2\n  validator: {{ workers: 2 }}\n  transformer: {{ workers: 1 }}\n  \
             channels: {{ capacity: 1 }}\n  generator: {{ invalid_value: off, invalid_unit: off }}\n  ordered: false\n\
             {task}\n---\n\n## Before\n\nX.\n\n## After\n\nX.\n"
        );
        check(&parse("x", "x.md", &text).unwrap()).problems
    }

    #[test]
    fn what_a_level_says_is_held_against_a_search_of_all_schedules() {
        let play = |rest: &str| problems(&format!("play:\n  aim: X.\n  goal: {rest}"));
        assert_eq!(play("{ before: [1, 0] }\n  best: P V1 V2 V2 T1 T1 F L"), [""; 0]);
        // Workers of a stage are interchangeable.
        assert_eq!(play("{ before: [1, 0] }\n  best: P V2 V1 V1 T1 T1 F L"), [""; 0]);
        assert_eq!(
            play("{ before: [1, 0] }\n  best: P M V1 V2 V2 T1 T1 F L"),
            ["`best` has 9 steps, and the shortest path 8: P V1 V2 V2 T1 T1 F L"]
        );
        assert_eq!(
            play("{ before: [1, 0] }\n  best: P V1 V2 V2 T1 T1 F L L"),
            [
                "`best` reaches the goal after P V1 V2 V2 T1 T1 F L already",
                "`best` has 9 steps, and the shortest path 8: P V1 V2 V2 T1 T1 F L"
            ]
        );
        assert_eq!(play("{ before: [1, 0] }\n  best: P V1 V2 V1 T1 T1 F L"), ["`best` doesn't reach the goal"]);
        assert_eq!(
            play("{ before: [1, 0] }\n  best: P P V2 V2 T1 T1 F L"),
            ["`best`, after 1: P can't be the next step"]
        );
        assert_eq!(
            play("{ before: [1, 0] }\n  impossible: true"),
            ["the goal is not impossible: P V1 V2 V2 T1 T1 F L reaches it"]
        );
        assert_eq!(play("deadlock\n  impossible: true"), [""; 0]);
        assert_eq!(play("deadlock\n  best: P"), ["`best` doesn't reach the goal", "no schedule reaches the goal"]);

        let predict = |at: &str, first: &str| problems(&format!("predict:\n  ask: X?\n  at: {at}\n  first: {first}"));
        assert_eq!(predict("P V1 V2 T1 F L E M", "[0, 1]"), [""; 0]);
        assert_eq!(predict("P V1 V2 T1 F L E M", "[0]"), ["the first one can be 0, 1; `first` says 0"]);
        assert_eq!(predict("P V1 V1 T1 F L E M", "[0, 1]"), ["the first one can be 0; `first` says 0, 1"]);
        assert_eq!(predict("P", "[0, 1]"), ["after `at`, 7 tasks are ready; one can survey 2 to 4 of them"]);

        let seeds = |goal: &str| problems(&format!("break:\n  aim: X.\n  goal: {goal}\n  seeds: 100\n  found: 2"));
        let [found, ..] = &seeds("{ before: [1, 0] }")[..] else { panic!() };
        assert!(found.ends_with("of 100 seeds; `found` says 2"), "{found}");
        assert_eq!(seeds("over")[1], "100 of 100 seeds are not one in 5 to one in 200");
    }
}
