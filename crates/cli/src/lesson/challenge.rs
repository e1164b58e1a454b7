//! The challenge of a lesson file.

use super::fields::{self, Table};
use super::front::paragraph;
use super::lesson::{Best, Change, Goal, Setup, amount};
use super::measures::{Condition, RunNames};
use super::problems::{Problems, instead};
use super::setups::{self, merged, value_in, with};
use crate::settings::run_settings;
use crate::settings::tree::{Entry, Node, Origin, Value};
use serde_json::Value as Json;

/// The keys of a goal.
const KEYS: [&str; 8] = ["text", "start", "may_change", "reach", "least", "most", "optimum", "not_enough"];

/// The most values of a setting that may be tried.
const MAX_VALUES: u64 = 1000;

/// The most combinations of values that are tried.
pub const MAX_COMBINATIONS: usize = 5000;

/// Reads a goal. `config` has the settings that all runs have in common.
pub fn read(entry: &Entry, config: &Node, runs: RunNames<'_>, problems: &mut Problems) -> Option<Goal> {
    let table = Table::read(&entry.node, &entry.node.origin, "`goal`", &KEYS, problems)?;
    let text = paragraph(&table, "text", problems);
    let reach = table.text("reach", problems).and_then(|(text, origin)| {
        Condition::read_all(&text, runs).map_err(|problem| problems.add(origin, format!("`reach`: {problem}"))).ok()
    });
    let tree = match table.get("start") {
        None => config.clone(),
        Some(start) => {
            fields::entries(&start.node, &start.node.origin, "`start`", problems)?;
            merged(config, &start.node)
        }
    };
    let setup = setups::resolve(&tree, problems)?;
    let changes = table.required("may_change", problems);
    let optimum = table.required("optimum", problems);
    let may_change = may_change(changes?, &tree, &setup, problems)?;
    let best = best(&table, &may_change, problems)?;
    let optimum = self::optimum(optimum?, &tree, &may_change, problems)?;
    let not_enough = not_enough(&table, &tree, &may_change, problems)?;
    let goal = Goal { text: text?, setup, tree, may_change, reach: reach?, best, optimum, not_enough };
    if goal.best.is_some() && goal.combinations() > MAX_COMBINATIONS {
        let found = clearpipe_io::text::count(goal.combinations() as u64);
        let most = clearpipe_io::text::count(MAX_COMBINATIONS as u64);
        let message = format!("`may_change` has {found} combinations; at most {most} can be tried for the best one");
        problems.add(&changes?.origin, message);
    }
    Some(goal)
}

impl Goal {
    /// Returns how many combinations of values there are, those of the start included.
    pub fn combinations(&self) -> usize {
        let each = self.may_change.iter().map(|change| change.options().len());
        each.fold(1, usize::saturating_mul)
    }
}

impl Change {
    /// Returns the values that it may have, and the one that it has at the start.
    pub fn options(&self) -> Vec<&Json> {
        let start = Some(&self.start).filter(|start| !self.values.contains(start));
        start.into_iter().chain(&self.values).collect()
    }
}

/// Reads which settings may be changed, and to what.
fn may_change(entry: &Entry, tree: &Node, setup: &Setup, problems: &mut Problems) -> Option<Vec<Change>> {
    let entries = fields::entries(&entry.node, &entry.node.origin, "`may_change`", problems)?;
    if entries.is_empty() {
        problems.add(&entry.origin, "`may_change` is empty; name the settings that may be changed");
        return None;
    }
    let full = serde_json::to_value(&setup.config).unwrap_or_default();
    let change = |entry: &Entry| {
        let (values, is_range) = allowed(entry, tree, problems)?;
        Some(Change { path: entry.key.clone(), values, is_range, start: value_in(&full, &entry.key) })
    };
    // All of them, so that all problems are found.
    let changes: Vec<Option<Change>> = entries.iter().map(change).collect();
    changes.into_iter().collect()
}

/// Reads the values that a setting may have, and whether they are a range.
fn allowed(entry: &Entry, tree: &Node, problems: &mut Problems) -> Option<(Vec<Json>, bool)> {
    let Entry { key: path, origin, node } = entry;
    if run_settings::at(path).is_none() {
        let anything = Node { value: Value::Number(1.into()), origin: origin.clone() };
        // Says which setting may be meant.
        if value(tree, path, &anything, problems).is_some() {
            problems.add(origin, format!("`{path}` is not a setting"));
        }
        return None;
    }
    match &node.value {
        Value::List(nodes) if !nodes.is_empty() => {
            let values: Vec<Option<Json>> = nodes.iter().map(|node| value(tree, path, node, problems)).collect();
            Some((values.into_iter().collect::<Option<_>>()?, false))
        }
        Value::Plain(text) | Value::Text(text) => {
            let [first, last] =
                range(text).map_err(|problem| problems.add(&node.origin, format!("`{path}`: {problem}"))).ok()?;
            // If its ends are right, so is what is between them.
            let mut end = |end: u64| {
                value(tree, path, &Node { value: Value::Number(end.into()), origin: origin.clone() }, problems)
            };
            let (Some(first), Some(last)) = (end(first)?.as_u64(), end(last)?.as_u64()) else {
                problems.add(&node.origin, format!("`{path}` is no whole number; list its values in brackets"));
                return None;
            };
            Some(((first..=last).map(Json::from).collect(), true))
        }
        other => {
            let what = "it must be a range such as `1..4`, or a list of values";
            problems.add(&node.origin, format!("`{path}` is {other}; {what}"));
            None
        }
    }
}

/// Reads a range of whole numbers.
fn range(text: &str) -> Result<[u64; 2], String> {
    let wrong = || format!("`{text}` is neither a range such as `1..4` nor a list of values in brackets");
    let (first, last) = text.split_once("..").ok_or_else(wrong)?;
    let end = |text: &str| clearpipe_core::config::number::whole(text).map_err(|_| wrong());
    match [end(first)?, end(last)?] {
        [first, last] if first > last => Err(format!("`{text}` ends before it begins")),
        [first, last] if last - first >= MAX_VALUES => Err(format!("`{text}` has more than 1,000 values")),
        ends => Ok(ends),
    }
}

/// Returns a value of a setting as the engine writes it, and reports what is wrong with it.
fn value(tree: &Node, path: &str, node: &Node, problems: &mut Problems) -> Option<Json> {
    let setup = setups::resolve(&with(tree, path, node), problems)?;
    let full = serde_json::to_value(&setup.config).unwrap_or_default();
    Some(value_in(&full, path))
}

/// Reads what the best solution has the least or the most of. The outer `None` means a problem.
fn best(table: &Table<'_>, may_change: &[Change], problems: &mut Problems) -> Option<Option<Best>> {
    let (is_most, key) = match (table.get("least"), table.get("most")) {
        (None, None) => return Some(None),
        (Some(_), None) => (false, "least"),
        (None, Some(_)) => (true, "most"),
        (Some(_), Some(most)) => {
            problems.add(&most.origin, "a goal has `least` or `most`, but not both");
            return None;
        }
    };
    let (text, origin) = table.text(key, problems)?;
    let known: Vec<&str> = may_change.iter().map(|change| change.path.as_str()).collect();
    let paths: Vec<String> = text.split('+').map(|path| path.trim().to_owned()).collect();
    let mut is_right = true;
    for path in &paths {
        let problem = match may_change.iter().find(|change| change.path == *path) {
            None => Some(format!("`{key}`: `{path}` can't be changed; {}", instead(path, &known, "settings that can"))),
            Some(change) if change.values.iter().any(|value| amount(value).is_none()) => {
                Some(format!("`{key}`: not every value of `{path}` is a number or a time"))
            }
            Some(_) => None,
        };
        if let Some(problem) = problem {
            problems.add(origin, problem);
            is_right = false;
        }
    }
    is_right.then_some(Some(Best { is_most, paths }))
}

/// Reads the best solution, which is one that may be tried.
fn optimum(entry: &Entry, tree: &Node, may_change: &[Change], problems: &mut Problems) -> Option<Vec<(String, Json)>> {
    let Entry { origin, node, .. } = entry;
    let optimum = values(node, origin, "`optimum`", tree, may_change, problems)?;
    let mut may_be_tried = true;
    for (path, value) in &optimum {
        if let Some(change) = may_change.iter().find(|change| change.path == *path)
            && !change.options().contains(&value)
        {
            let key = fields::key(node, path).unwrap_or(origin);
            problems.add(key, format!("`{path}` can't be {}; `may_change` has {}", shown(value), change.allowed()));
            may_be_tried = false;
        }
    }
    may_be_tried.then_some(optimum)
}

/// Reads what must not reach the goal.
fn not_enough(
    table: &Table<'_>,
    tree: &Node,
    may_change: &[Change],
    problems: &mut Problems,
) -> Option<Vec<Vec<(String, Json)>>> {
    let Some(entry) = table.get("not_enough") else { return Some(Vec::new()) };
    let nodes = fields::list(&entry.node, "not_enough", problems)?;
    let read = |node: &Node| values(node, &node.origin, "an item of `not_enough`", tree, may_change, problems);
    let all: Vec<Option<_>> = nodes.iter().map(read).collect();
    all.into_iter().collect()
}

/// Reads values of settings that may be changed.
fn values(
    node: &Node,
    origin: &Origin,
    what: &str,
    tree: &Node,
    may_change: &[Change],
    problems: &mut Problems,
) -> Option<Vec<(String, Json)>> {
    let entries = fields::entries(node, origin, what, problems)?;
    if entries.is_empty() {
        problems.add(origin, format!("{what} is empty; write the settings that are changed, and their values"));
        return None;
    }
    let known: Vec<&str> = may_change.iter().map(|change| change.path.as_str()).collect();
    let read = |Entry { key: path, origin, node }: &Entry| {
        if !known.contains(&path.as_str()) {
            let instead = instead(path, &known, "settings that can");
            problems.add(origin, format!("`{path}` can't be changed; {instead}"));
            return None;
        }
        let placed = Node { origin: origin.clone(), ..node.clone() };
        Some((path.clone(), value(tree, path, &placed, problems)?))
    };
    let values: Vec<Option<_>> = entries.iter().map(read).collect();
    values.into_iter().collect()
}

impl Change {
    /// Returns the values that it may have, for people.
    pub fn allowed(&self) -> String {
        let shown: Vec<String> = self.values.iter().map(shown).collect();
        match (&shown[..], self.is_range) {
            ([first, .., last], true) => format!("{first} to {last}"),
            (shown, _) => shown.join(", "),
        }
    }
}

/// Returns a value as it is written on the command line.
pub fn shown(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Number(number) => number.as_f64().map_or_else(|| number.to_string(), |number| number.to_string()),
        other => other.to_string(),
    }
}
