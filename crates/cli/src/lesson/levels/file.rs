//! A level's file: from its text to a [`Level`]. All problems are found at once.

use super::super::fields::{self, Table};
use super::super::front::{self, Front, TASKS, paragraph, parsed};
use super::super::lesson::Setup;
use super::super::problems::Problems;
use super::super::setups;
use super::level::{Level, Task};
use crate::settings::tree::{Entry, Node, Origin};
use clearpipe_core::config::Plan;
use clearpipe_core::schedule::{Goal, Path};
use clearpipe_model::topology::Stage;
use std::ops::RangeInclusive;

/// The keys of a level.
const KEYS: [&str; 6] = ["id", "title", "config", "play", "predict", "break"];

/// The headings of its sections.
const HEADINGS: [&str; 2] = ["Before", "After"];

/// The most records where all schedules are searched, and where seeds are tried.
const MOST_SEARCHED: u64 = 4;
const MOST_TRIED: u64 = 12;

/// The most workers of a stage.
const MOST_WORKERS: usize = 3;

/// How many seeds may be tried.
const SEEDS: RangeInclusive<u64> = 100..=5_000;

/// Reads the text of a level. `name` is that of its file for messages, `short` the one without its folder.
///
/// # Errors
/// All problems, one line each.
pub fn parse(name: &str, short: &str, text: &str) -> Result<Level, Vec<String>> {
    let mut problems = Problems::of(name);
    let level = Front::of(name, short, text, &mut problems).and_then(|front| read(&front, &mut problems));
    match level.filter(|_| problems.is_empty()) {
        Some(level) => Ok(level),
        None => Err(problems.into_lines()),
    }
}

fn read(front: &Front<'_>, problems: &mut Problems) -> Option<Level> {
    let start = Front::START;
    let sections = front.sections(HEADINGS, problems);
    let table = Table::read(&front.tree, &start, "the level", &KEYS, problems)?;
    let id = front::id(&table, problems);
    let title = table.text("title", problems);
    let nothing = Node::empty_table(start.clone());
    let config = table.required("config", problems).map_or(&nothing, |entry| &entry.node);
    let setup = setups::resolve(config, problems);
    let entries: Vec<&Entry> = TASKS.iter().filter_map(|task| table.get(task)).collect();
    let task = match entries[..] {
        [entry] => task(entry, problems),
        [] => {
            problems.add(&start, "the level has nothing to do; write `play`, `predict` or `break`");
            None
        }
        [_, second, ..] => {
            problems.add(&second.origin, "a level has one of `play`, `predict` and `break`");
            None
        }
    };
    let (setup, task) = (setup?, task?);
    limits(&setup, &task, config, problems);
    let ((id, id_origin), [before, after]) = (id?, sections?);
    Some(Level {
        file: front.file.to_owned(),
        number: front.number,
        id,
        id_origin: id_origin.clone(),
        title: title?.0,
        setup,
        task,
        before,
        after,
    })
}

/// All schedules of a large run can't be searched, and nobody can survey its tasks.
fn limits(setup: &Setup, task: &Task, config: &Node, problems: &mut Problems) {
    let origin = |path: &str| config.find(path).map_or(&config.origin, |(node, _)| &node.origin).clone();
    let most = if matches!(task, Task::Break { .. }) { MOST_TRIED } else { MOST_SEARCHED };
    let records = setup.config.records;
    if !(1..=most).contains(&records) {
        problems.add(&origin("records"), format!("`records` is {records}; this kind of level has 1 to {most}"));
    }
    let plan = Plan::of_generator(&setup.config);
    for stage in [Stage::Validator, Stage::Transformer] {
        let workers = plan.workers(stage);
        if workers > MOST_WORKERS {
            let problem = format!("{workers} {stage}s are too many; a level has at most {MOST_WORKERS}");
            let own = format!("{}.workers", stage.id());
            problems.add(&origin(if config.find(&own).is_some() { &own } else { "workers" }), problem);
        }
    }
}

fn task(entry: &Entry, problems: &mut Problems) -> Option<Task> {
    let Entry { key, origin, node } = entry;
    let what = format!("`{key}`");
    let read = |keys: &[&str], problems: &mut Problems| Table::read(node, origin, what.clone(), keys, problems);
    match key.as_str() {
        "play" => play(&read(&["aim", "goal", "best", "impossible"], problems)?, origin, problems),
        "predict" => {
            let table = read(&["ask", "at", "first"], problems)?;
            let ask = paragraph(&table, "ask", problems);
            let at = path(&table, "at", problems);
            let first = records(&table, problems);
            Some(Task::Predict { ask: ask?, at: at?, first: first? })
        }
        _ => {
            let table = read(&["aim", "goal", "seeds", "found"], problems)?;
            let aim = paragraph(&table, "aim", problems);
            let goal = goal(&table, problems);
            let seeds = number(&table, "seeds", &SEEDS, problems);
            let found = number(&table, "found", &(1..=*SEEDS.end()), problems);
            Some(Task::Break { aim: aim?, goal: goal?, seeds: seeds?, found: found? })
        }
    }
}

fn play(table: &Table<'_>, origin: &Origin, problems: &mut Problems) -> Option<Task> {
    let aim = paragraph(table, "aim", problems);
    let goal = goal(table, problems);
    let best = match (table.get("best"), table.get("impossible")) {
        (Some(_), None) => path(table, "best", problems).map(Some),
        (None, Some(entry)) => {
            let says = fields::text(&entry.node, "impossible", problems);
            if says.as_deref().is_some_and(|says| says != "true") {
                problems.add(&entry.node.origin, "`impossible` can only be true; otherwise write the `best` path");
            }
            Some(None)
        }
        _ => {
            problems.add(origin, "`play` has either the `best` path or `impossible: true`");
            None
        }
    };
    Some(Task::Play { aim: aim?, goal: goal?, best: best? })
}

fn goal(table: &Table<'_>, problems: &mut Problems) -> Option<Goal> {
    let node = &table.required("goal", problems)?.node;
    let known = "a goal is such as `{ full: validCh }`, `{ blocked: [producer, validator] }`, `{ before: [1, 0] }`, \
                 `{ order: [2, 1, 0] }`, `over` or `deadlock`";
    serde_json::from_value(node.to_json())
        .map_err(|error| problems.add(&node.origin, format!("`goal`: {error}; {known}")))
        .ok()
}

fn path(table: &Table<'_>, key: &str, problems: &mut Problems) -> Option<Path> {
    parsed(table, key, problems, |text| text.parse::<Path>().map_err(|error| error.to_string()))
}

fn records(table: &Table<'_>, problems: &mut Problems) -> Option<Vec<u64>> {
    let node = &table.required("first", problems)?.node;
    let nodes = fields::list(node, "first", problems)?;
    let one = |node: &Node| fields::text(node, "first", &mut Problems::of("")).and_then(|text| text.parse().ok());
    let records: Option<Vec<u64>> = nodes.iter().map(one).collect();
    if !records.as_ref().is_some_and(|records| !records.is_empty() && records.is_sorted_by(|one, next| one < next)) {
        problems.add(&node.origin, "`first` must be numbers of records in ascending order");
        return None;
    }
    records
}

fn number(table: &Table<'_>, key: &str, range: &RangeInclusive<u64>, problems: &mut Problems) -> Option<u64> {
    let within = |text: &str| {
        let number = text.replace(',', "").parse().ok().filter(|number| range.contains(number));
        let (least, most) = (range.start(), range.end());
        number.ok_or_else(|| format!("`{text}` is not a whole number from {least} to {most}"))
    };
    parsed(table, key, problems, within)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lesson::front;

    const SMALL: &str = "\
---
id: small
title: A small level
config:
  records: 2
  validator: { workers: 2 }
  transformer: { workers: 1 }
play:
  aim: validCh is full.
  goal: { full: validCh }
  best: P V1 V1
---

## Before

One.

## After

Two.
";

    /// Returns the problems of the small level, in which these texts have been replaced, without the name of the file.
    fn problems(replaced: &[(&str, &str)]) -> Vec<String> {
        crate::lesson::problems::testing::problems_with(SMALL, replaced, |text| parse("x", "01-x.md", text))
    }

    #[test]
    fn a_file_becomes_a_level() {
        let level = parse("x", "01-x.md", SMALL).unwrap();
        assert_eq!((level.number, level.id.as_str(), level.task.kind()), (Some(1), "small", "play"));
        let Task::Play { goal, best, .. } = level.task else { panic!() };
        assert_eq!(goal, Goal::Full(clearpipe_model::topology::ChannelId::ValidCh));
        assert_eq!(best.unwrap().to_string(), "P V1 V1");
        assert!(front::is_level(SMALL) && !front::is_level(include_str!("../../../tests/fixtures/01-small.md")));
    }

    #[test]
    fn all_problems_are_named_at_once_with_their_places() {
        assert_eq!(
            problems(&[
                ("id: small", "id: Small"),
                ("title:", "titel:"),
                ("records: 2", "records: 20"),
                ("validator: { workers: 2 }", "validator: { workers: 4 }"),
                ("  best: P V1 V1", "  best: P V1 V1\n  impossible: true"),
                ("## After", "## Why"),
            ]),
            [
                "2:1: the level has no `title`",
                "2:5: `id` is \"Small\"; it must have lowercase letters, digits and hyphens, and begin with a letter",
                "3:1: the level has no key `titel`; did you mean `title`?",
                "8:1: `play` has either the `best` path or `impossible: true`",
                "19:1: there is no section `Why`; the sections are Before, After",
                "21:5: the section `## After` is missing",
            ]
        );
        assert_eq!(
            problems(&[
                ("records: 2", "records: 20"),
                ("validator: { workers: 2 }", "validator: { workers: 4 }"),
                ("transformer: { workers: 1 }", "workers: 5"),
            ]),
            [
                "5:12: `records` is 20; this kind of level has 1 to 4",
                "6:25: 4 Validators are too many; a level has at most 3",
                "7:12: 5 Transformers are too many; a level has at most 3",
            ]
        );
    }

    #[test]
    fn what_is_to_be_done_is_complete() {
        for (replaced, expected) in [
            (
                ("P V1 V1", "P X1"),
                "11:9: `best`: \"X1\" is no step: the steps are P, V1, V2, …, T1, T2, …, F, L, E, M, and C for \
                                  the clock",
            ),
            (
                ("  best: P V1 V1", "  impossible: false"),
                "11:15: `impossible` can only be true; otherwise write the `best` path",
            ),
            (("play:", "plai:"), "2:1: the level has nothing to do; write `play`, `predict` or `break`"),
            (
                ("---\n\n## Before", "break: {}\n---\n\n## Before"),
                "12:1: a level has one of `play`, `predict` and `break`",
            ),
        ] {
            let found = problems(&[replaced]);
            assert!(found.iter().any(|problem| problem == expected), "{replaced:?}: {found:?}");
        }
        let [goal] = &problems(&[("full: validCh", "ful: validCh")])[..] else { panic!() };
        assert!(goal.starts_with("10:9: `goal`: unknown variant `ful`"), "{goal}");
        let predict = "predict:\n  ask: Which?\n  at: P\n  first: [1, 0]\n---";
        let task = "play:\n  aim: validCh is full.\n  goal: { full: validCh }\n  best: P V1 V1\n---";
        assert_eq!(problems(&[(task, predict)]), ["11:10: `first` must be numbers of records in ascending order"]);
        let seeds = "break:\n  aim: It breaks.\n  goal: over\n  seeds: 5\n  found: 0\n---";
        assert_eq!(
            problems(&[(task, seeds)]),
            [
                "11:10: `seeds`: `5` is not a whole number from 100 to 5000",
                "12:10: `found`: `0` is not a whole number from 1 to 5000",
            ]
        );
    }
}
