//! `clearpipe lesson run`: takes a lesson in the terminal.

use super::challenge::shown as written;
use super::lesson::{Choice, Goal, Lesson, Question, pointer};
use super::measured::Place;
use super::paper::Paper;
use super::problems::instead;
use super::runs::Runs;
use super::search::{Outcome, attempt};
use super::text::{Inline, Style};
use super::values::Span;
use super::{setups, shown};
use crate::args::LessonRunArgs;
use crate::console::print;
use crate::failure::Failure;
use crate::settings::tree::{Node, Origin};
use crate::settings::{Settings, SettingsError, set};
use anyhow::Context;
use clearpipe_io::text;
use serde_json::Value;
use std::io::{BufRead, IsTerminal, Write};

/// Takes a lesson. Returns the exit status.
pub fn run(args: &LessonRunArgs, lesson: &Lesson) -> Result<u8, Failure> {
    if !args.set.is_empty() {
        return try_goal(lesson, &args.set);
    }
    let bets = bets(lesson, &args.bet)?;
    let asks = bets.is_empty() && std::io::stdin().is_terminal();
    let mut paper = Paper::new();
    let number = lesson.number.map(|number| format!("Lesson {number} · ")).unwrap_or_default();
    paper.line(&format!("{number}{} · {}", lesson.part, text::plural(lesson.minutes.into(), "minute")));
    paper.heading(&lesson.title);
    paper.blocks(&lesson.sections.before);
    let mut chosen = Vec::new();
    for (index, question) in lesson.ask.iter().enumerate() {
        put(&mut paper, question, lesson.ask.len(), index);
        let bet = match asks {
            true => {
                print(&paper.take(), false)?;
                ask(question)?
            }
            false => bets.get(index).copied(),
        };
        chosen.push(bet);
    }
    print(&paper.take(), false)?;
    let mut runs = Runs::at(Place::Virtual);
    paper.heading("What happened");
    for (question, bet) in lesson.ask.iter().zip(chosen) {
        let measured = runs.measure(lesson, &question.measure, None).context("the lesson can't be measured")?;
        answer(&mut paper, question, bet, measured);
    }
    paper.heading("What there is to see");
    paper.blocks(&lesson.sections.after);
    paper.heading("Why");
    paper.blocks(&lesson.sections.why);
    if let Some(goal) = &lesson.goal {
        challenge(&mut paper, lesson, goal, &args.lesson);
    }
    print(&paper.take(), false)?;
    Ok(0)
}

/// Returns the bets of the command line, as indices.
fn bets(lesson: &Lesson, bets: &[usize]) -> Result<Vec<usize>, SettingsError> {
    if bets.len() > lesson.ask.len() {
        let questions = text::plural(lesson.ask.len() as u64, "question");
        return Err(SettingsError::of(vec![format!("--bet: there are {} bets on {questions}", bets.len())]));
    }
    let index =
        |(bet, question): (&usize, &Question)| match bet.checked_sub(1).filter(|bet| *bet < question.choices.len()) {
            Some(index) => Ok(index),
            None => Err(SettingsError::of(vec![format!(
                "--bet: {bet} is no choice; there are 1 to {}",
                question.choices.len()
            )])),
        };
    bets.iter().zip(&lesson.ask).map(index).collect()
}

/// Puts a question.
fn put(paper: &mut Paper, question: &Question, all: usize, index: usize) {
    match all {
        1 => paper.heading("Your bet"),
        all => paper.heading(&format!("Your bet, question {} of {all}", index + 1)),
    }
    paper.gap();
    paper.paragraph("", &question.text);
    for (choice, number) in question.choices.iter().zip(1..) {
        paper.paragraph(&format!("  {number}  "), &[plain(&choice.label)]);
    }
}

/// Asks for a bet. `None` if there is none.
fn ask(question: &Question) -> Result<Option<usize>, Failure> {
    let choices = question.choices.len();
    loop {
        print(&format!("\nYour bet (1–{choices}, or Enter to skip): "), false)?;
        std::io::stdout().flush().context("the question can't be printed")?;
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line).context("the bet can't be read")?;
        match line.trim() {
            "" => {
                // The end of the input doesn't end the line.
                if read == 0 {
                    print("\n", false)?;
                }
                return Ok(None);
            }
            bet => {
                if let Some(index) =
                    bet.parse().ok().and_then(|bet: usize| bet.checked_sub(1)).filter(|it| *it < choices)
                {
                    return Ok(Some(index));
                }
            }
        }
    }
}

/// Says what was measured, and what follows for a bet.
fn answer(paper: &mut Paper, question: &Question, bet: Option<usize>, measured: f64) {
    let said = shown::value(measured, question.measure.unit());
    let right = question.fitting(measured).into_iter().next();
    let chosen = bet.and_then(|bet| question.choices.get(bet));
    let is_right = |choice: &Choice| question.span_of(choice).contains(measured);
    paper.gap();
    paper.paragraph("", &question.text);
    let which = right.map(|choice| format!(", which is “{}”", choice.label)).unwrap_or_default();
    match chosen {
        Some(choice) if is_right(choice) => {
            paper.say(&format!("You said “{}”, and that is right. Measured: {said}.", choice.label));
            paper.paragraph("", &choice.feedback);
        }
        Some(choice) => {
            paper.say(&format!("You said “{}”. Measured: {said}{which}.", choice.label));
            paper.paragraph("", &choice.feedback);
            if let Some(right) = right {
                paper.paragraph("", &right.feedback);
            }
        }
        None => {
            paper.say(&format!("Measured: {said}{which}."));
            if let Some(right) = right {
                paper.paragraph("", &right.feedback);
            }
        }
    }
}

/// Says what the challenge is.
fn challenge(paper: &mut Paper, lesson: &Lesson, goal: &Goal, name: &str) {
    paper.heading("The challenge");
    paper.gap();
    paper.paragraph("", &goal.text);
    paper.gap();
    paper.say("You may change:");
    let width = goal.may_change.iter().map(|change| change.path.len()).max().unwrap_or(0);
    for change in &goal.may_change {
        let allowed = format!("{} (at the start {})", change.allowed(), written(&change.start));
        paper.paragraph(&format!("  {:<width$}  ", change.path), &[plain(&allowed)]);
    }
    let start = |change: &super::lesson::Change| {
        let value = if change.options().contains(&&change.start) { Some(&change.start) } else { change.values.first() };
        value
            .map(|value| format!(" --set {}={}", change.path, crate::shell::quoted(&written(value))))
            .unwrap_or_default()
    };
    let name = if lesson.id == name { name.to_owned() } else { crate::shell::quoted(name) };
    paper.gap();
    paper.say("Try it with other values:");
    paper.line(&format!("  clearpipe lesson run {name}{}", goal.may_change.iter().map(start).collect::<String>()));
}

/// Tries to reach the goal with these settings.
fn try_goal(lesson: &Lesson, settings: &[String]) -> Result<u8, Failure> {
    let Some(goal) = &lesson.goal else {
        return Err(SettingsError::of(vec![format!("the lesson `{}` has no challenge", lesson.id)]).into());
    };
    let values = changed(goal, settings)?;
    let mut runs = Runs::at(Place::Virtual);
    let outcomes = attempt(lesson, goal, &values, &mut runs).context("the challenge can't be measured")?;
    let mut paper = Paper::new();
    paper.paragraph("", &goal.text);
    paper.gap();
    let rows: Vec<[String; 3]> = outcomes.iter().map(row).collect();
    let widths = [0, 1].map(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0));
    for ([measure, measured, wanted], outcome) in rows.iter().zip(&outcomes) {
        let verdict = if outcome.holds() { "reached" } else { "not reached" };
        let [first, second] = widths;
        paper.line(&format!("  {measure:<first$}  {measured:>second$}   {verdict}: {wanted}"));
    }
    paper.gap();
    let is_reached = outcomes.iter().all(Outcome::holds);
    paper.say(match is_reached {
        true => "The goal is reached.",
        false => "The goal isn't reached yet.",
    });
    if let (true, Some(said)) = (is_reached, compared(goal, &values)) {
        paper.say(&said);
    }
    print(&paper.take(), false)?;
    Ok(0)
}

/// What was measured, and what it should be.
fn row(outcome: &Outcome<'_>) -> [String; 3] {
    let condition = outcome.condition;
    let unit = condition.measure.unit();
    let wanted = format!("{} {}", condition.comparison.sign(), shown::value(condition.value, unit));
    let measured = shown::exact(outcome.measured, unit, &Span::around(condition.value, 0.0));
    [condition.measure.to_string(), measured, wanted]
}

/// How a solution compares with the best one.
fn compared(goal: &Goal, values: &[(String, Value)]) -> Option<String> {
    let best = goal.best.as_ref()?;
    let [cost, optimum] = [goal.cost(values)?, goal.cost(&goal.optimum)?];
    let (what, superlative) = (best.paths.join(" + "), if best.is_most { "most" } else { "least" });
    let as_written = |cost: f64| {
        let is_time = goal.optimum.iter().any(|(path, value)| best.paths.contains(path) && value.is_string());
        if is_time {
            text::time(std::time::Duration::try_from_secs_f64(cost).unwrap_or_default())
        } else {
            text::decimal(cost)
        }
    };
    let said = format!("{what} is {}", as_written(cost));
    Some(match cost == optimum {
        true => format!("{said}, and that is the {superlative} with which it can be reached."),
        false => format!("{said}; the {superlative} is {}.", as_written(optimum)),
    })
}

/// Reads the settings of a challenge.
///
/// # Errors
/// Those that may not be changed, or not like this.
fn changed(goal: &Goal, settings: &[String]) -> Result<Vec<(String, Value)>, SettingsError> {
    let mut values: Vec<(String, Value)> = Vec::new();
    let mut problems = Vec::new();
    for setting in settings {
        let Some((path, value)) = setting.split_once('=') else {
            problems.push(format!("--set {setting}: write NAME=VALUE"));
            continue;
        };
        let path = path.trim();
        match change(goal, path, value) {
            Ok(value) => {
                values.retain(|(before, _)| before != path);
                values.push((path.to_owned(), value));
            }
            Err(problem) => problems.push(format!("--set {path}: {problem}")),
        }
    }
    if problems.is_empty() { Ok(values) } else { Err(SettingsError::of(problems)) }
}

/// Reads the value of a setting that may be changed.
fn change(goal: &Goal, path: &str, text: &str) -> Result<Value, String> {
    let paths: Vec<&str> = goal.may_change.iter().map(|change| change.path.as_str()).collect();
    let Some(change) = goal.may_change.iter().find(|change| change.path == path) else {
        return Err(format!("this can't be changed here; {}", instead(path, &paths, "settings that can")));
    };
    let value = set::value_of(path, text)?;
    let node = Node { value, origin: Origin::Flag(String::new()) };
    let mut tree = setups::with(&goal.tree, path, &node);
    let kind = crate::settings::tree::Value::Text("virtual".to_owned());
    tree.set("runtime.kind", Node { value: kind, origin: Origin::START });
    let resolved = Settings::of_tree(tree).resolve().map_err(|error| {
        let said: Vec<String> = error.into_problems().map(|(_, message)| message).collect();
        said.join("; ")
    })?;
    let full = serde_json::to_value(&resolved.settings.config).map_err(|error| error.to_string())?;
    let value = full.pointer(&pointer(path)).cloned().unwrap_or_default();
    match change.options().contains(&&value) {
        true => Ok(value),
        false => Err(format!("it can't be {} here; it may be {}", text.trim(), change.allowed())),
    }
}

fn plain(text: &str) -> Inline {
    Inline { style: Style::Text, text: text.to_owned() }
}
