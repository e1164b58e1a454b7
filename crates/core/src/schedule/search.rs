//! Finds the shortest path to a goal, or that there is none.
//!
//! Breadth first over the states of a run, as explicit-state model checkers do it. The futures of a run can't be copied,
//! so each state is reached by executing its path once more. Two states are one if the run can go on from both in the
//! same ways: see `State::key`. Workers of a stage are interchangeable, which divides the number of states by up to the
//! factorial of their number.

use super::execution::Execution;
use super::setup::Setup;
use super::state::State;
use super::{Path, Step};
use crate::config::{Config, ConfigError};
use crate::runtime::YieldPoints;
use std::collections::HashSet;

/// What a search has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Search {
    /// A goal, by a path than which none is shorter.
    Found {
        /// The path.
        path: Path,
        /// How many different states were seen.
        states: usize,
    },
    /// That no schedule reaches a goal: all states were seen.
    Impossible {
        /// How many different states there are.
        states: usize,
    },
    /// Nothing, up to the limit.
    GivenUp {
        /// How many different states were seen.
        states: usize,
    },
}

/// A state that was seen, by the step that led to it.
struct Seen {
    from: usize,
    step: Step,
}

/// Searches all schedules of a configuration for the shortest path to a state for which `is_goal` holds, such as
/// [`Goal::is_reached`](super::Goal::is_reached) says. Gives up when more than `limit` different states have been seen.
///
/// The number of states grows quickly: take few records and few workers. A goal must neither tell the workers of a stage
/// apart nor ask in which order tasks were woken, since states that differ in nothing else count as one.
///
/// ```
/// use clearpipe_core::config::Config;
/// use clearpipe_core::runtime::YieldPoints;
/// use clearpipe_core::schedule::{Goal, Search, search};
///
/// let mut config = Config { records: 2, workers: 1, ordered: false, ..Config::default() };
/// config.validator.workers = Some(2);
/// config.channels.capacity = Some(1);
/// config.generator.invalid_value = "off".parse()?;
/// config.generator.invalid_unit = "off".parse()?;
/// let overtakes = Goal::Before(1, 0);
/// let found = search(&config, YieldPoints::TAKEN, |state| overtakes.is_reached(state), 100_000)?;
/// let Search::Found { path, .. } = found else { panic!("{found:?}") };
/// assert_eq!(path.to_string(), "P V1 V2 V2 T1 T1 F L");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If the configuration is invalid.
pub fn search(
    config: &Config,
    yields: YieldPoints,
    is_goal: impl Fn(&State) -> bool,
    limit: usize,
) -> Result<Search, ConfigError> {
    search_from(config, yields, &Path::default(), is_goal, limit)
}

/// Does the same from the state to which a path leads. The path that is found begins there.
///
/// # Errors
/// If the configuration is invalid. A step of the path that isn't possible is left out.
pub fn search_from(
    config: &Config,
    yields: YieldPoints,
    start: &Path,
    is_goal: impl Fn(&State) -> bool,
    limit: usize,
) -> Result<Search, ConfigError> {
    let setup = Setup::new(config, yields)?;
    let (mut keys, mut seen) = (HashSet::new(), vec![Seen { from: 0, step: Step::MoveOn }]);
    let mut at = 0;
    let mut path = Vec::new();
    while at < seen.len() {
        path.clear();
        let mut back = at;
        while back > 0 {
            path.push(seen[back].step);
            back = seen[back].from;
        }
        path.reverse();
        let here = execute(&setup, &start.0, &path)?;
        if at == 0 {
            keys.insert(here.state.key());
            if is_goal(&here.state) {
                return Ok(Search::Found { path: Path(path), states: 1 });
            }
        }
        let choices = distinct_choices(&here);
        let mut here = Some(here);
        for step in choices {
            // The first choice continues from here. Each other one begins anew.
            let mut next = match here.take() {
                Some(here) => here,
                None => execute(&setup, &start.0, &path)?,
            };
            next.step(step);
            if !keys.insert(next.state.key()) {
                continue;
            }
            if is_goal(&next.state) {
                path.push(step);
                return Ok(Search::Found { path: Path(path), states: keys.len() });
            }
            if keys.len() > limit {
                return Ok(Search::GivenUp { states: keys.len() });
            }
            seen.push(Seen { from: at, step });
        }
        at += 1;
    }
    Ok(Search::Impossible { states: keys.len() })
}

/// Returns the steps that are possible, but only one of those that lead to the same state.
fn distinct_choices(here: &Execution) -> Vec<Step> {
    let choices = here.choices();
    if choices == [Step::MoveOn] {
        return choices;
    }
    here.state.distinct_ready().into_iter().map(Step::Run).collect()
}

fn execute(setup: &Setup, start: &[Step], path: &[Step]) -> Result<Execution, ConfigError> {
    let mut run = Execution::start(setup)?;
    start.iter().for_each(|&step| {
        run.step(step);
    });
    for &step in path {
        let is_taken = run.step(step);
        debug_assert!(is_taken, "the same steps lead to the same state");
    }
    Ok(run)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Injection, ServiceTime};
    use clearpipe_model::random::Random;
    use std::collections::{BTreeSet, HashMap};
    use std::time::Duration;

    type Key = Box<[u32]>;

    fn configs() -> Vec<Config> {
        let config = |records, validators, transformers, capacity| {
            let mut config = Config { records, workers: transformers, ..Config::default() };
            config.validator.workers = Some(validators);
            config.channels.capacity = Some(capacity);
            config.generator.invalid_value = Injection::Off;
            config.generator.invalid_unit = Injection::Off;
            config
        };
        let millis = |millis| ServiceTime::Fixed(Duration::from_millis(millis));
        let mut failing = config(3, 2, 1, 1);
        failing.generator.invalid_value = Injection::Every(2);
        failing.generator.invalid_unit = Injection::Every(3);
        let mut waiting = Config { ordered: false, ..config(2, 2, 1, 1) };
        waiting.service.validator.wait = millis(1);
        waiting.service.loader.wait = millis(30);
        let mut computing = config(2, 2, 1, 2);
        computing.runtime.cores = 1;
        computing.service.validator.compute = millis(5);
        computing.service.transformer.wait = millis(2);
        computing.service.transformer.compute = millis(3);
        let mut limited = config(3, 1, 1, 2);
        limited.generator.rate_limit = 100.0;
        limited.window = Some(2);
        vec![config(2, 1, 1, 1), Config { ordered: false, ..config(2, 2, 1, 1) }, failing, waiting, computing, limited]
    }

    /// Returns the states that the steps lead to, as far as they differ.
    fn after(setup: &Setup, path: &[Step], steps: &[Step]) -> BTreeSet<Key> {
        let after = |step: &Step| {
            let mut run = execute(setup, &[], path).unwrap();
            assert!(run.step(*step));
            run.state.key()
        };
        steps.iter().map(after).collect()
    }

    /// Without this, a search that calls something impossible would prove nothing.
    #[test]
    fn states_that_count_as_one_go_on_in_the_same_ways() {
        // All states would take hours without optimisation.
        let most = if std::env::var_os("CLEARPIPE_LONG").is_some() { 3_000 } else { 150 };
        let mut random = Random::new(1);
        for (number, config) in configs().iter().enumerate() {
            for yields in [YieldPoints::NONE, YieldPoints::ALL] {
                let setup = Setup::new(config, yields).unwrap();
                let mut known: HashMap<Key, BTreeSet<Key>> = HashMap::new();
                let mut paths = vec![Vec::new()];
                let mut again = 0;
                while !paths.is_empty() && known.len() < most {
                    // Half of them far from the start, half of them anywhere.
                    let last = paths.len() - 1;
                    let path = paths.swap_remove(if random.below(2) == 0 {
                        last
                    } else {
                        random.below(last as u64 + 1) as usize
                    });
                    let here = execute(&setup, &[], &path).unwrap();
                    let (key, choices) = (here.state.key(), here.choices());
                    let all = after(&setup, &path, &choices);
                    assert_eq!(all, after(&setup, &path, &distinct_choices(&here)), "{number}: {}", Path(path.clone()));
                    match known.get(&key) {
                        Some(before) => {
                            assert_eq!(&all, before, "{number}: {}", Path(path));
                            again += 1;
                        }
                        None => {
                            known.insert(key, all);
                            paths.extend(choices.iter().map(|&step| [&path[..], &[step]].concat()));
                        }
                    }
                }
                println!("{number}, {yields:?}: {} states, {again} times one of them again", known.len());
                assert!(again > 20, "{number}: {again}");
            }
        }
    }
}
