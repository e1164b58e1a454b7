//! `clearpipe lesson check`: whether what lessons say is what the engine measures.

use super::lesson::{Goal, Lesson, Question};
use super::levels::{self, Level};
use super::measured::Place;
use super::runs::Runs;
use super::search::{Outcome, attempt, better, written};
use super::shown;
use super::values::Span;
use crate::args::{Global, LessonCheckArgs};
use crate::console::print;
use crate::failure::{Failure, RUN_FAILED};
use anstyle::{AnsiColor, Style};
use anyhow::Context;
use clearpipe_io::text;
use serde::Serialize;

/// The seeds for which an answer must hold.
const SEEDS: [u64; 3] = [1, 2, 3];

/// How often a run on real threads is tried, since the machine has other things to do.
const ATTEMPTS: usize = 3;

/// What holds.
const GOOD: Style = AnsiColor::Green.on_default();
/// What doesn't.
const BAD: Style = AnsiColor::Red.on_default().bold();
/// How wide the verdict on a lesson is.
const MARK: usize = 6;

/// Details.
const DIM: Style = Style::new().dimmed();
/// What may be the machine's fault.
const DOUBTFUL: Style = AnsiColor::Yellow.on_default();

/// What came of a lesson; with `--json` it is printed like this.
#[derive(Debug, Serialize)]
struct Report {
    file: String,
    number: Option<u32>,
    id: String,
    ok: bool,
    questions: Vec<Answer>,
    goal: Option<Solution>,
    /// What is wrong, a sentence each.
    problems: Vec<String>,
    /// What real threads measured otherwise, a sentence each.
    pool_problems: Vec<String>,
}

/// What was measured for a question.
#[derive(Debug, Serialize)]
struct Answer {
    measure: String,
    /// For the seeds 1, 2 and 3, on the virtual clock.
    measured: Vec<f64>,
    /// What the lesson says.
    from: Option<f64>,
    to: Option<f64>,
    /// On real threads.
    pool: Vec<f64>,
    #[serde(skip)]
    said: String,
    #[serde(skip)]
    said_of_pool: Option<String>,
}

/// What was measured for a challenge with its optimum.
#[derive(Debug, Serialize)]
struct Solution {
    optimum: String,
    measured: Vec<f64>,
    #[serde(skip)]
    said: String,
}

/// Checks lessons and levels. Returns the exit status.
pub fn run(lessons: &[Lesson], levels: &[Level], args: &LessonCheckArgs, global: &Global) -> Result<u8, Failure> {
    let ids = lessons.iter().map(|lesson| &lesson.id).chain(levels.iter().map(|level| &level.id));
    let width = ids.map(String::len).max().unwrap_or(0);
    let mut reports = Vec::new();
    for lesson in lessons {
        let report = check(lesson, args.pool);
        if !args.json {
            let is_quiet = global.quiet && report.ok && report.pool_problems.is_empty();
            print(&if is_quiet { String::new() } else { report.text(width) }, false)?;
        }
        reports.push(report);
    }
    let mut of_levels = Vec::new();
    for level in levels {
        let report = levels::check::check(level);
        let is_quiet = args.json || global.quiet && report.ok;
        if !is_quiet {
            print(&text_of_level(&report, width), false)?;
        }
        of_levels.push(report);
    }
    let failed = reports.iter().filter(|report| !report.ok).count() + of_levels.iter().filter(|it| !it.ok).count();
    if args.json {
        let all: Vec<Either<'_>> =
            reports.iter().map(Either::Lesson).chain(of_levels.iter().map(Either::Level)).collect();
        let json = serde_json::to_string_pretty(&all).context("the result can't be written")?;
        print(&(json + "\n"), false)?;
    } else if !global.quiet || failed > 0 {
        print(&verdict(&reports, of_levels.len(), failed), false)?;
    }
    Ok(if failed > 0 { RUN_FAILED } else { 0 })
}

/// What came of a file.
#[derive(Serialize)]
#[serde(untagged)]
enum Either<'a> {
    Lesson(&'a Report),
    Level(&'a levels::check::Report),
}

/// A line about a level, and one for each problem.
fn text_of_level(report: &levels::check::Report, width: usize) -> String {
    let mark = match report.ok {
        true => format!("{GOOD}{:<MARK$}{GOOD:#}", "ok"),
        false => format!("{BAD}{:<MARK$}{BAD:#}", "FAILED"),
    };
    let number = report.number.map(|number| number.to_string()).unwrap_or_default();
    let states = match report.states {
        0 => String::new(),
        states => format!("  {DIM}{}{DIM:#}", text::plural(states as u64, "state")),
    };
    let mut printed = format!("{mark}  {number:>2}  {:<width$}  {}{states}\n", report.id, report.found);
    for problem in &report.problems {
        printed += &format!("        {BAD}{}{BAD:#}\n", text::visible(problem));
    }
    printed
}

/// The last sentence.
fn verdict(reports: &[Report], levels: usize, failed: usize) -> String {
    let count = |count: usize, word: &str| (count > 0).then(|| text::plural(count as u64, word));
    let counts = [count(reports.len(), "lesson"), count(levels, "level")];
    let all = counts.into_iter().flatten().collect::<Vec<_>>().join(" and ");
    let mut said = match (failed, reports.len() + levels) {
        (0, 1) => format!("\nThe {} holds.", if levels == 0 { "lesson" } else { "level" }),
        (0, _) => format!("\nAll {all} hold."),
        (failed, _) => format!("\n{failed} of {all} failed."),
    };
    let doubtful: usize = reports.iter().map(|report| report.pool_problems.len()).sum();
    if doubtful > 0 {
        let times = text::plural(doubtful as u64, "time");
        said += &format!(" Real threads measured something else {times}. If the machine is busy, try again.");
    }
    said + "\n"
}

fn check(lesson: &Lesson, on_pool: bool) -> Report {
    let mut report = Report {
        file: lesson.file.clone(),
        number: lesson.number,
        id: lesson.id.clone(),
        ok: false,
        questions: Vec::new(),
        goal: None,
        problems: Vec::new(),
        pool_problems: Vec::new(),
    };
    let mut runs = Runs::at(Place::Virtual);
    for (question, number) in lesson.ask.iter().zip(1..) {
        let what = if lesson.ask.len() > 1 { format!("question {number}") } else { "the question".to_owned() };
        let mut answer = report.ask(lesson, question, &what, &mut runs);
        if on_pool {
            report.ask_pool(lesson, question, &what, &mut answer);
        }
        report.questions.push(answer);
    }
    if let Some(goal) = &lesson.goal {
        report.try_goal(lesson, goal, &mut runs);
    }
    report.ok = report.problems.is_empty();
    report
}

impl Report {
    /// Measures what a question asks for.
    fn ask(&mut self, lesson: &Lesson, question: &Question, what: &str, runs: &mut Runs) -> Answer {
        let unit = question.measure.unit();
        let expected = shown::span(&question.on_virtual, unit);
        let before = self.problems.len();
        let (mut measured, mut answers) = (Vec::new(), Vec::new());
        for seed in SEEDS {
            let value = match runs.measure(lesson, &question.measure, Some(seed)) {
                Ok(value) => value,
                Err(error) => {
                    self.problems.push(format!("{what}, seed {seed}: {error:#}"));
                    continue;
                }
            };
            measured.push(value);
            let said = shown::exact(value, unit, &question.on_virtual);
            if !question.on_virtual.contains(value) {
                self.problems.push(format!("{what}, seed {seed}: measured {said}; `virtual` says {expected}"));
            }
            match &question.fitting(value)[..] {
                [choice] => {
                    if question.on_virtual.contains(value) && !question.is_answer(choice) {
                        self.problems.push(format!(
                            "{what}, seed {seed}: {said} fits “{}”, and `virtual` another choice",
                            choice.label
                        ));
                    }
                    answers.push((seed, &choice.label));
                }
                [] => self.problems.push(format!("{what}, seed {seed}: {said} fits no choice")),
                several => {
                    let labels: Vec<String> = several.iter().map(|choice| format!("“{}”", choice.label)).collect();
                    self.problems.push(format!("{what}, seed {seed}: {said} fits {}", labels.join(" and ")));
                }
            }
        }
        if let [(first, label), others @ ..] = &answers[..]
            && let Some((seed, other)) = others.iter().find(|(_, other)| other != label)
        {
            self.problems.push(format!(
                "{what}: the answer depends on the seed: with {first} it is “{label}”, and with {seed} “{other}”"
            ));
        }
        let right = question.choices.iter().filter(|choice| question.is_answer(choice)).count();
        if right != 1 && self.problems.len() == before {
            let count = if right == 0 { "no choice".to_owned() } else { format!("{right} choices") };
            self.problems.push(format!("{what}: `virtual`, {expected}, fits {count}"));
        }
        Answer {
            measure: question.measure.to_string(),
            said: format!("{} ({expected})", shown::values(&measured, unit)),
            measured,
            from: question.on_virtual.from,
            to: question.on_virtual.to,
            pool: Vec::new(),
            said_of_pool: None,
        }
    }

    /// Measures the same on real threads, up to three times.
    fn ask_pool(&mut self, lesson: &Lesson, question: &Question, what: &str, answer: &mut Answer) {
        let Some(expected) = question.on_pool else { return };
        let unit = question.measure.unit();
        for _ in 0..ATTEMPTS {
            match Runs::at(Place::Pool).measure(lesson, &question.measure, None) {
                Ok(value) => answer.pool.push(value),
                Err(error) => {
                    self.pool_problems.push(format!("{what}, on real threads: {error:#}"));
                    return;
                }
            }
            if answer.pool.iter().any(|value| expected.contains(*value)) {
                break;
            }
        }
        let (said, expected_is) = (shown::values(&answer.pool, unit), shown::span(&expected, unit));
        if !answer.pool.iter().any(|value| expected.contains(*value)) {
            self.pool_problems.push(format!("{what}, on real threads: measured {said}; `pool` says {expected_is}"));
        }
        answer.said_of_pool = Some(format!("{said} ({expected_is})"));
    }

    /// Tries whether a goal is a challenge, and its optimum the best solution.
    fn try_goal(&mut self, lesson: &Lesson, goal: &Goal, runs: &mut Runs) {
        match attempt(lesson, goal, &[], runs) {
            Ok(outcomes) if outcomes.iter().all(Outcome::holds) => {
                self.problems.push(format!("the goal is reached at the start already: {}", told(&outcomes)));
            }
            Ok(_) => {}
            Err(error) => self.problems.push(format!("the goal, at the start: {error:#}")),
        }
        let optimum = written(&goal.optimum);
        match attempt(lesson, goal, &goal.optimum, runs) {
            Ok(outcomes) => {
                if let Some(outcome) = outcomes.iter().find(|outcome| !outcome.holds()) {
                    self.problems.push(format!(
                        "the goal isn't reached with the optimum, {optimum}: {}",
                        told(std::slice::from_ref(outcome))
                    ));
                }
                self.goal = Some(Solution {
                    measured: outcomes.iter().map(|outcome| outcome.measured).collect(),
                    said: format!("{} with {optimum}", told(&outcomes)),
                    optimum,
                });
            }
            Err(error) => self.problems.push(format!("the goal, with the optimum, {optimum}: {error:#}")),
        }
        for values in &goal.not_enough {
            let settings = written(values);
            match attempt(lesson, goal, values, runs) {
                Ok(outcomes) if outcomes.iter().all(Outcome::holds) => self
                    .problems
                    .push(format!("the goal is reached with {settings}, which `not_enough` has: {}", told(&outcomes))),
                Ok(_) => {}
                Err(error) => self.problems.push(format!("the goal, with {settings}: {error:#}")),
            }
        }
        if !self.problems.is_empty() {
            return;
        }
        match better(lesson, goal, runs) {
            Ok(None) => {}
            Ok(Some(values)) => {
                let costs = [&values, &goal.optimum].map(|values| text::decimal(goal.cost(values).unwrap_or_default()));
                self.problems.push(format!(
                    "the goal is also reached with {}, which is better than the optimum: {} instead of {}",
                    written(&values),
                    costs[0],
                    costs[1]
                ));
            }
            Err(error) => self.problems.push(format!("the goal, with better settings: {error:#}")),
        }
    }

    /// A line, and one for each problem.
    fn text(&self, width: usize) -> String {
        let mark = match (self.ok, self.pool_problems.is_empty()) {
            (false, _) => format!("{BAD}{:<MARK$}{BAD:#}", "FAILED"),
            (true, false) => format!("{DOUBTFUL}{:<MARK$}{DOUBTFUL:#}", "ok?"),
            (true, true) => format!("{GOOD}{:<MARK$}{GOOD:#}", "ok"),
        };
        let mut said: Vec<&str> = self.questions.iter().map(|question| question.said.as_str()).collect();
        let goal = self.goal.as_ref().map(|goal| format!("goal: {}", goal.said));
        said.extend(goal.as_deref());
        let number = self.number.map(|number| number.to_string()).unwrap_or_default();
        let mut printed = format!("{mark}  {number:>2}  {:<width$}  {}\n", self.id, text::visible(&said.join("; ")));
        let on_pool: Vec<&str> =
            self.questions.iter().filter_map(|question| question.said_of_pool.as_deref()).collect();
        if !on_pool.is_empty() {
            let indent = MARK + 6 + width;
            printed += &format!("{:indent$}  {DIM}on real threads: {}{DIM:#}\n", "", on_pool.join("; "));
        }
        for problem in &self.problems {
            printed += &format!("        {BAD}{}{BAD:#}\n", text::visible(problem));
        }
        for problem in &self.pool_problems {
            printed += &format!("        {DOUBTFUL}{}{DOUBTFUL:#}\n", text::visible(problem));
        }
        printed
    }
}

/// What was measured, next to what it takes.
fn told(outcomes: &[Outcome<'_>]) -> String {
    let each = outcomes.iter().map(|Outcome { condition, measured }| {
        let unit = condition.measure.unit();
        format!("{} is {}", condition.measure, shown::exact(*measured, unit, &Span::around(condition.value, 0.0)))
    });
    each.collect::<Vec<_>>().join(", ")
}
